//! Bills as text: every line of a customer, scenarios side by side, issued bills beside recomputed
//! ones; of many customers the totals.

use super::Billed;
use comfy_table::{CellAlignment, Table, presets};
use peakwise::analysis::Status;
use peakwise::report::Numbers;
use peakwise::tariff::{Bill, BillState, CycleBill, Line, Reconciliation, ReconciliationState};
use peakwise::text::Language;
use peakwise::time::Month;
use peakwise::units::Money;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Customers whose lines are printed without being asked.
const IN_FULL: usize = 3;
const NUMBERS: Numbers = Numbers(Language::En);

pub(super) fn text(customers: &[Billed], lines: bool) -> String {
    let mut out = String::new();
    let in_full = lines || customers.len() <= IN_FULL;
    for c in customers.iter().filter(|_| in_full) {
        let _ = writeln!(out, "{}", name(c));
        if c.status != Status::Ok {
            let _ = writeln!(out, "  {}: {}", c.status.name(), c.reason.as_deref().unwrap_or_default());
        }
        if c.status == Status::Ok && c.bills.is_empty() {
            let _ = writeln!(out, "  not billed: no tariff; give one with --tariff, or in the customers file");
        }
        for (scenario, bill) in &c.bills {
            let _ = write!(out, "\n{}", one_bill(scenario, bill));
        }
        if c.bills.len() > 1 {
            let _ = write!(out, "\n{}", compared(&c.bills));
        }
        if let Some(r) = c.reconciliation.as_ref().filter(|r| !r.months.is_empty()) {
            let _ = write!(out, "\n{}", reconciled(r));
        }
        out.push('\n');
    }
    if !in_full || customers.len() > 1 {
        let _ = writeln!(out, "{}", totals(customers));
    }
    out
}

fn name(c: &Billed) -> String {
    c.customer.name.as_ref().map_or_else(|| c.customer.id.to_string(), |n| format!("{}  {n}", c.customer.id))
}

fn money(amount: Money) -> String {
    NUMBERS.fixed(amount.to_f64(), 2)
}

/// A table without lines, all columns but the first ones aligned right.
fn table(header: &[&str], left: usize) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header);
    for column in left..header.len() {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// A bill line by line, month by month.
fn one_bill(scenario: &str, bill: &Bill) -> String {
    let mut out = format!("Bill \"{scenario}\" under {}, {}\n", bill.tariff, bill.currency);
    let own = |c: &CycleBill| c.lines.iter().any(|l| !l.own_note(c.common_note()).is_empty());
    let noted = bill.cycles.iter().any(own);
    let mut rows = table(&["month", "line", "quantity", "unit", "price", "amount", if noted { "note" } else { "" }], 2);
    if let Some(column) = rows.column_mut(6) {
        column.set_cell_alignment(CellAlignment::Left);
    }
    let (mut reasons, mut common) = (Vec::new(), Vec::new());
    for cycle in &bill.cycles {
        match &cycle.state {
            BillState::Billed => {
                let mut month = cycle.month.to_string();
                let shared = cycle.common_note();
                for line in &cycle.lines {
                    rows.add_row(row(std::mem::take(&mut month), line, shared));
                }
                if !shared.is_empty() && !common.contains(&shared) {
                    common.push(shared);
                }
                rows.add_row(["", "total", "", "", "", &money(cycle.total())]);
            }
            BillState::Partial => {
                rows.add_row([&cycle.month.to_string(), "not billed", "", "", "", ""]);
                reasons.push(format!("{} not billed: the readings cover only a part of it", cycle.month));
            }
            BillState::Unbillable(why) => {
                rows.add_row([&cycle.month.to_string(), "not billed", "", "", "", ""]);
                reasons.push(format!("{} not billed: {why}", cycle.month));
            }
        }
    }
    let n = bill.cycles.iter().filter(|c| c.is_billed()).count();
    rows.add_row(["sum", &format!("{n} months billed"), "", "", "", &money(bill.observed())]);
    let _ = writeln!(out, "{}", rows.trim_fmt());
    for reason in reasons {
        let _ = writeln!(out, "  {reason}");
    }
    for note in common.into_iter().chain(bill.notes.iter().map(String::as_str)) {
        let _ = writeln!(out, "  note: {note}");
    }
    out
}

fn row(month: String, line: &Line, common: &str) -> [String; 7] {
    let at = line.supply_point.as_ref().map(|s| format!(" [{s}]")).unwrap_or_default();
    let period = line.period.map(|p| format!(" ({})", p.name())).unwrap_or_default();
    [
        month,
        format!("{}{period}{at}", line.name),
        NUMBERS.fixed(line.quantity, 3),
        line.unit.to_owned(),
        format!("{:.6}", line.price).trim_end_matches('0').trim_end_matches('.').to_owned(),
        money(line.amount),
        line.own_note(common).to_owned(),
    ]
}

/// Totals of a bill by month, of billed months alone.
fn by_month(bill: &Bill) -> BTreeMap<Month, Money> {
    bill.cycles.iter().filter(|c| c.is_billed()).map(|c| (c.month, c.total())).collect()
}

/// Scenarios side by side: month by month, then line by line over the months that all have billed.
fn compared(bills: &[(std::sync::Arc<str>, Bill)]) -> String {
    let months: Vec<BTreeMap<Month, Money>> = bills.iter().map(|b| by_month(&b.1)).collect();
    let (Some(own), Some((own_name, _))) = (months.first(), bills.first()) else { return String::new() };
    let shared: Vec<Month> = own.keys().copied().filter(|m| months.iter().all(|b| b.contains_key(m))).collect();
    let mut header = vec!["month".to_owned(), own_name.to_string()];
    for (name, _) in bills.iter().skip(1) {
        header.extend([name.to_string(), "difference".to_owned()]);
    }
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let mut out = format!("Compared over {} months that all have billed\n", shared.len());
    let mut rows = table(&header, 1);
    let cells = |first: String, of: &dyn Fn(usize) -> Money| {
        let own = of(0);
        let mut row = vec![first, money(own)];
        for i in 1..bills.len() {
            row.extend([money(of(i)), money(of(i) - own)]);
        }
        row
    };
    let amount = |i: usize, m: &Month| months.get(i).and_then(|b| b.get(m)).copied().unwrap_or_default();
    for month in &shared {
        rows.add_row(cells(month.to_string(), &|i| amount(i, month)));
    }
    rows.add_row(cells("sum".into(), &|i| shared.iter().map(|m| amount(i, m)).sum()));
    let _ = writeln!(out, "{}", rows.trim_fmt());
    let mut header = header;
    header[0] = "line";
    let mut rows = table(&header, 1);
    for name in names(bills) {
        rows.add_row(cells(name.clone(), &|i| bills.get(i).map_or(Money::ZERO, |b| sum_of(&b.1, &shared, &name))));
    }
    let _ = writeln!(out, "\n{}", rows.trim_fmt());
    out
}

/// Names of lines in all bills, in their order.
fn names(bills: &[(std::sync::Arc<str>, Bill)]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for line in bills.iter().flat_map(|b| &b.1.cycles).flat_map(|c| &c.lines) {
        if !out.iter().any(|n| **n == *line.name) {
            out.push(line.name.to_string());
        }
    }
    out
}

fn sum_of(bill: &Bill, months: &[Month], name: &str) -> Money {
    let cycles = bill.cycles.iter().filter(|c: &&CycleBill| months.contains(&c.month));
    cycles.flat_map(|c| &c.lines).filter(|l| *l.name == *name).map(|l| l.amount).sum()
}

/// Issued beside recomputed.
fn reconciled(r: &Reconciliation) -> String {
    let mut out = match r.state {
        ReconciliationState::NoIssuedBill => {
            "Issued bills: none of the latest months, which is what counts\n".to_owned()
        }
        state => format!("Issued bills: {}\n", state.name()),
    };
    let header = ["month", "line", "issued", "recomputed", "difference", "%", "issued qty", "recomputed qty", "why"];
    let mut rows = table(&header, 2);
    if let Some(column) = rows.column_mut(8) {
        column.set_cell_alignment(CellAlignment::Left);
    }
    let quantity = |q: Option<f64>| q.map(|q| NUMBERS.fixed(q, 3)).unwrap_or_default();
    for m in &r.months {
        let mut month = m.month.to_string();
        for l in &m.lines {
            rows.add_row([
                std::mem::take(&mut month),
                l.line.to_string(),
                l.issued.map(|s| money(s.amount)).unwrap_or_default(),
                l.recomputed.map(|s| money(s.amount)).unwrap_or_default(),
                money(l.difference),
                String::new(),
                quantity(l.issued.and_then(|s| s.quantity)),
                quantity(l.recomputed.and_then(|s| s.quantity)),
                l.cause.map(|c| c.to_string()).unwrap_or_default(),
            ]);
        }
        rows.add_row([
            month,
            "total".into(),
            money(m.issued),
            m.recomputed.map(money).unwrap_or_default(),
            m.difference.map(money).unwrap_or_default(),
            m.share.map(|s| format!("{:.2}", s * 100.0)).unwrap_or_default(),
            String::new(),
            String::new(),
            m.reason.clone().unwrap_or_default(),
        ]);
    }
    let _ = writeln!(out, "{}", rows.trim_fmt());
    out
}

/// One row a customer.
fn totals(customers: &[Billed]) -> String {
    let others: Vec<&str> = customers
        .iter()
        .max_by_key(|c| c.bills.len())
        .map_or_else(Vec::new, |c| c.bills.iter().skip(1).map(|b| b.0.as_ref()).collect());
    let mut header = vec!["customer", "months", "sum"];
    for name in &others {
        header.extend([*name, "difference"]);
    }
    header.extend(["", "issued bills"]);
    let mut rows = table(&header, 1);
    for c in customers {
        let mut row = vec![name(c)];
        match c.bills.first() {
            None => row.extend([String::new(), c.reason.clone().unwrap_or_else(|| "no tariff".into())]),
            Some((_, own)) => {
                let months = by_month(own);
                row.extend([months.len().to_string(), money(own.observed())]);
                for (_, other) in c.bills.iter().skip(1) {
                    let theirs = by_month(other);
                    let shared = months.iter().filter_map(|(m, a)| Some((*theirs.get(m)?, *a)));
                    let (there, here) = shared.fold((Money::ZERO, Money::ZERO), |s, x| (s.0 + x.0, s.1 + x.1));
                    row.extend([money(there), money(there - here)]);
                }
                row.push(own.currency.to_string());
            }
        }
        row.resize(header.len() - 1, String::new());
        row.push(c.reconciliation.as_ref().map(|r| r.state.name().to_owned()).unwrap_or_default());
        rows.add_row(row);
    }
    rows.trim_fmt()
}

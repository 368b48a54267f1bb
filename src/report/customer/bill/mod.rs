//! The customer's bill: by month and by kind of line.

mod charts;
mod issued;

pub(in crate::report) use issued::explanation;

use super::figure::Figure;
use super::{Section, View, render};
use crate::error::Result;
use crate::report::number::ABSENT;
use crate::tariff::{Bill, BillState, CycleBill, Line, LineKind};
use askama::Template;

/// See the module.
#[derive(Debug)]
pub struct BillSection;

/// Billed months whose lines are shown at most, the latest.
const DETAILED: usize = 12;
/// Lines shown at most: the page must stay small, and table `bills` has them all.
const LINES: usize = 72;

/// The latest months whose lines fit, in time order.
fn detailed<'b>(billed: &[&'b CycleBill]) -> Vec<&'b CycleBill> {
    let mut room = LINES;
    let fits = |c: &&&CycleBill| {
        let left = room.checked_sub(c.lines.len());
        room = left.unwrap_or(0);
        left.is_some()
    };
    let mut out: Vec<&CycleBill> = billed.iter().rev().take(DETAILED).take_while(fits).copied().collect();
    out.reverse();
    out
}

/// Columns of the table by month.
const GROUPS: [(&str, &[LineKind]); 5] = [
    ("energy", &[LineKind::Energy, LineKind::Export]),
    ("demand", &[LineKind::Demand, LineKind::Capacity, LineKind::Coincident]),
    ("power_factor", &[LineKind::PowerFactor, LineKind::Reactive]),
    ("fund", &[LineKind::Fund, LineKind::Tax]),
    ("fixed", &[LineKind::Fixed, LineKind::Minimum]),
];

struct MonthRow {
    month: String,
    cells: Vec<String>,
    total: String,
    price: String,
    state: String,
}

struct LineRow {
    name: String,
    quantity: String,
    price: String,
    amount: String,
    note: String,
}

struct MonthLines {
    month: String,
    total: String,
    /// What all lines have as their note.
    note: String,
    lines: Vec<LineRow>,
}

#[derive(Template)]
#[template(path = "customer/bill.html")]
struct Page<'a> {
    v: View<'a>,
    lead: String,
    issued: issued::Issued<'a>,
    waterfall: Option<Figure>,
    chart: Option<Figure>,
    prices: Option<Figure>,
    more: Vec<Figure>,
    legend: Vec<(&'static str, &'static str)>,
    columns: Vec<&'static str>,
    rows: Vec<MonthRow>,
    details: Vec<MonthLines>,
    unit: String,
    notes: Vec<String>,
}

impl Section for BillSection {
    fn id(&self) -> &'static str {
        "bill"
    }

    fn render(&self, v: &View) -> Result<Option<String>> {
        let Some(bill) = &v.a.bill else { return Ok(None) };
        let used: Vec<(&str, &[LineKind])> = GROUPS
            .into_iter()
            .filter(|(_, kinds)| bill.cycles.iter().flat_map(|c| &c.lines).any(|l| kinds.contains(&l.kind)))
            .collect();
        let billed: Vec<&CycleBill> = bill.cycles.iter().filter(|c| c.state == BillState::Billed).collect();
        let n = billed.len().to_string();
        let lead = match v.a.plan.bill_now {
            Some(year) => v.text.fill("bill.lead", &[("n", &n), ("year", &v.money(year))]),
            None => v.text.fill("bill.lead_short", &[("n", &n)]),
        };
        let page = Page {
            v: *v,
            lead,
            issued: issued::Issued::of(v),
            waterfall: (!billed.is_empty()).then(|| charts::waterfall(v, &billed)),
            chart: (!billed.is_empty()).then(|| charts::by_month(v, bill)),
            prices: (!billed.is_empty()).then(|| charts::prices(v, &charts::Prices::of(&billed))),
            more: [charts::power_factor(v), charts::loading(v)].into_iter().flatten().collect(),
            legend: legend(v, bill),
            columns: used.iter().map(|(name, _)| v.text.get(&format!("line.{name}")).unwrap_or_default()).collect(),
            rows: bill.cycles.iter().map(|c| month_row(v, c, &used)).collect(),
            details: detailed(&billed).into_iter().filter(|_| !v.slim).map(|c| month_lines(v, c)).collect(),
            unit: v.text.fill("bill.unit", &[("currency", v.numbers.currency(v.currency()))]),
            notes: bill.notes.iter().map(|n| v.phrase(n)).collect(),
        };
        render(&page, v).map(Some)
    }
}

/// Class of a line's bar: energy by period, the rest by kind.
fn class(line: &Line) -> &'static str {
    match (line.kind, line.period) {
        (LineKind::Energy | LineKind::Export, Some(p)) => p.name(),
        (LineKind::Energy | LineKind::Export, None) => "load",
        (LineKind::Demand | LineKind::Capacity | LineKind::Coincident, _) => "demand",
        (LineKind::PowerFactor | LineKind::Reactive, _) => "pf",
        (LineKind::Fund | LineKind::Tax, _) => "fund",
        (LineKind::Fixed | LineKind::Minimum, _) => "fixed",
    }
}

/// Classes in the order in which they are stacked, with the keys of their names.
const STACK: [(&str, &str); 10] = [
    ("deep", "period.deep"),
    ("valley", "period.valley"),
    ("flat", "period.flat"),
    ("peak", "period.peak"),
    ("sharp", "period.sharp"),
    ("load", "line.energy"),
    ("demand", "line.demand"),
    ("fund", "line.fund"),
    ("fixed", "line.fixed"),
    ("pf", "line.power_factor"),
];

/// Amounts are drawn in thousands; in Chinese in 万元.
fn scale(v: &View) -> (String, f64) {
    match (v.language(), v.currency()) {
        (crate::report::Language::Zh, "CNY") => ("万元".to_owned(), 10_000.0),
        (_, currency) => (format!("k{currency}"), 1_000.0),
    }
}

fn legend(v: &View, bill: &Bill) -> Vec<(&'static str, &'static str)> {
    let lines = || bill.cycles.iter().flat_map(|c| &c.lines);
    STACK
        .into_iter()
        .filter(|(name, _)| lines().any(|l| class(l) == *name))
        .map(|(n, key)| (n, v.text.t(key)))
        .collect()
}

fn month_row(v: &View, c: &CycleBill, used: &[(&str, &[LineKind])]) -> MonthRow {
    let month = v.numbers.month(c.month);
    let state = match &c.state {
        BillState::Billed => String::new(),
        BillState::Partial => v.t("bill.partial").to_owned(),
        BillState::Unbillable(why) => v.text.fill("bill.unbillable", &[("why", &v.phrase(why))]),
    };
    if !state.is_empty() {
        return MonthRow { month, cells: Vec::new(), total: String::new(), price: String::new(), state };
    }
    let cells = used
        .iter()
        .map(|(_, kinds)| {
            let sum: crate::units::Money = c.lines.iter().filter(|l| kinds.contains(&l.kind)).map(|l| l.amount).sum();
            v.numbers.fixed(sum.to_f64(), 2)
        })
        .collect();
    let kwh: f64 = c.lines.iter().filter(|l| l.kind == LineKind::Energy).map(|l| l.quantity).sum();
    let price = if kwh > 0.0 { v.numbers.fixed(c.total().to_f64() / kwh, 4) } else { ABSENT.to_owned() };
    MonthRow { month, cells, total: v.numbers.fixed(c.total().to_f64(), 2), price, state }
}

fn month_lines(v: &View, c: &CycleBill) -> MonthLines {
    let note = c.common_note();
    let lines = c
        .lines
        .iter()
        .map(|l| LineRow {
            name: l.supply_point.as_ref().map_or_else(|| l.name.to_string(), |point| format!("{} · {point}", l.name)),
            quantity: format!("{} {}", v.numbers.fixed(l.quantity, 2), v.unit(l.unit)),
            price: v.numbers.fixed(l.price, 6),
            amount: v.numbers.fixed(l.amount.to_f64(), 2),
            note: v.phrase(l.own_note(note)),
        })
        .collect();
    MonthLines {
        month: v.numbers.month(c.month),
        total: v.numbers.fixed(c.total().to_f64(), 2),
        note: v.phrase(note),
        lines,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tariff::Period;

    #[test]
    fn every_kind_of_line_has_a_column_and_a_colour() {
        for kind in LineKind::ALL {
            assert_eq!(GROUPS.iter().filter(|(_, kinds)| kinds.contains(&kind)).count(), 1);
        }
        assert!(Period::ALL.iter().all(|p| STACK.iter().any(|(name, _)| *name == p.name())));
    }
}

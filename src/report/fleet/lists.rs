//! The fleet in tiles and lists: totals, whom to visit first, savings by kind of advice, troubles.

use super::FleetRow;
use crate::analysis::Status;
use crate::report::number::ABSENT;
use crate::report::{Numbers, Text, advice_title, tell};
use crate::units::{Kw, Kwh, Money};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Customers in the list of whom to visit first (judgement: a week's visits).
const FIRST: usize = 10;

/// Amounts by currency: a fleet may be billed in several.
type Sums = BTreeMap<Arc<str>, Money>;

pub(super) struct Tile {
    pub class: &'static str,
    pub label: &'static str,
    pub value: String,
    pub note: String,
}

pub(super) struct First {
    pub name: String,
    pub href: String,
    pub grade: &'static str,
    pub codes: String,
    pub saving: String,
}

pub(super) struct Kind {
    pub code: &'static str,
    pub title: String,
    pub mark: &'static str,
    pub customers: String,
    pub saving: String,
}

pub(super) struct Trouble {
    pub name: String,
    pub status: &'static str,
    pub reason: String,
}

fn sums(rows: &[FleetRow], amount: impl Fn(&FleetRow) -> Option<Money>) -> Sums {
    let mut out = Sums::new();
    for r in rows {
        if let (Some(m), Some(currency)) = (amount(r), &r.currency) {
            *out.entry(Arc::clone(currency)).or_default() += m;
        }
    }
    out
}

fn sums_text(sums: &Sums, numbers: Numbers) -> String {
    let each: Vec<String> = sums.iter().map(|(c, m)| numbers.money_sum(m.to_f64(), c)).collect();
    if each.is_empty() { ABSENT.to_owned() } else { each.join(" + ") }
}

pub(super) fn tiles(rows: &[FleetRow], text: &'static Text, numbers: Numbers) -> Vec<Tile> {
    let count = |s: Status| numbers.fixed(rows.iter().filter(|r| r.status == s).count() as f64, 0);
    let states = [Status::Ok, Status::Failed, Status::Skipped]
        .into_iter()
        .zip([text.t("fleet.analysed"), text.t("fleet.failed"), text.t("fleet.skipped")])
        .map(|(s, label)| format!("{} {label}", count(s)))
        .collect::<Vec<_>>()
        .join(" · ");
    let (bills, savings) = (sums(rows, |r| r.bill_total), sums(rows, |r| r.saving_headline));
    let share = match (bills.values().next(), savings.values().next()) {
        (Some(b), Some(s)) if bills.len() == 1 && savings.len() == 1 && b.to_f64() > 0.0 => {
            text.fill("fleet.of_bill", &[("percent", &numbers.percent(s.to_f64() / b.to_f64(), 1))])
        }
        _ => String::new(),
    };
    let unpriced = rows.iter().filter(|r| r.status == Status::Ok && r.bill_total.is_none()).count();
    let unpriced = text.fill("fleet.unpriced", &[("n", &numbers.fixed(unpriced as f64, 0))]);
    let kwh: Kwh = rows.iter().filter_map(|r| r.kwh).sum();
    let kw: Kw = rows.iter().filter_map(|r| r.max_kw).sum();
    let peak = format!("{} {} ({})", text.t("fleet.peak_sum"), numbers.kw(kw.get()), text.t("fleet.not_coincident"));
    let customers = numbers.fixed(rows.len() as f64, 0);
    vec![
        Tile { class: "", label: text.t("fleet.customers"), value: customers, note: states },
        Tile { class: "save", label: text.t("fleet.saving"), value: sums_text(&savings, numbers), note: share },
        Tile { class: "", label: text.t("fleet.bill"), value: sums_text(&bills, numbers), note: unpriced },
        Tile { class: "", label: text.t("fleet.energy"), value: numbers.kwh(kwh.get()), note: peak },
    ]
}

pub(super) fn first(rows: &[FleetRow], numbers: Numbers) -> Vec<First> {
    // Of a fleet that was judged, only whom a visit is worth while.
    let judged = rows.iter().any(|r| r.standing.is_some());
    let visited = |r: &&FleetRow| !judged || r.standing.is_some_and(|s| s.visit.is_some());
    let promised = |r| -> Option<(&FleetRow, Money)> {
        let r: &FleetRow = r;
        r.saving_headline.filter(|m| *m > Money::ZERO).map(|m| (r, m))
    };
    let mut order: Vec<(&FleetRow, Money)> = rows.iter().filter(visited).filter_map(promised).collect();
    let place = |r: &FleetRow| r.standing.and_then(|s| s.visit).unwrap_or(usize::MAX);
    order.sort_by(|(a, x), (b, y)| place(a).cmp(&place(b)).then(y.cmp(x)).then_with(|| a.id.cmp(&b.id)));
    order
        .into_iter()
        .take(FIRST)
        .map(|(r, m)| First {
            name: r.name.clone().unwrap_or_else(|| r.id.to_string()),
            href: r.href.clone(),
            grade: r.standing.map_or("", |s| s.grade),
            codes: r.codes(),
            saving: numbers.saving(None, m.to_f64(), r.currency.as_deref().unwrap_or_default()),
        })
        .collect()
}

/// Customers and plan savings by code, most saving first; what is no promise stands in rows of its own,
/// marked, and last.
pub(super) fn kinds(rows: &[FleetRow], numbers: Numbers) -> Vec<Kind> {
    type Key = (&'static str, Option<&'static str>);
    let mut by_code: BTreeMap<Key, (usize, Sums)> = BTreeMap::new();
    for r in rows {
        for a in &r.advice {
            let (n, sums) = by_code.entry((a.code, a.mark())).or_default();
            *n += 1;
            if let (Some(m), Some(currency)) = (a.saving_joint, &r.currency) {
                *sums.entry(Arc::clone(currency)).or_default() += m;
            }
        }
    }
    let mut order: Vec<_> = by_code.into_iter().collect();
    let most = |sums: &Sums| sums.values().copied().max().unwrap_or_default();
    order.sort_by(|(a, (_, x)), (b, (_, y))| {
        a.1.is_some().cmp(&b.1.is_some()).then(most(y).cmp(&most(x))).then_with(|| a.cmp(b))
    });
    let text = Text::of(numbers.0);
    order
        .into_iter()
        .map(|((code, mark), (n, sums))| Kind {
            code,
            title: advice_title(code, numbers.0),
            mark: mark.map_or("", |key| text.get(key).unwrap_or_default()),
            customers: numbers.fixed(n as f64, 0),
            saving: sums_text(&sums, numbers),
        })
        .collect()
}

pub(super) fn trouble(r: &FleetRow, text: &'static Text) -> Trouble {
    let status = match r.status {
        Status::Ok => text.t("fleet.status_ok"),
        Status::Failed => text.t("fleet.status_failed"),
        Status::Skipped => text.t("fleet.status_skipped"),
    };
    Trouble { name: r.label(), status, reason: r.reason.as_ref().map(|why| tell(why, text)).unwrap_or_default() }
}

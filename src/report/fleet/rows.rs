//! The table of all customers as data: a script shows a slice of it.

use super::FleetRow;
use crate::error::Result;
use crate::report::script::{Number, json, rounded};
use crate::report::{Numbers, Text, tell};
use serde::Serialize;

/// The one currency of all rows; `None` when there are several or none.
pub(super) fn single_currency(rows: &[FleetRow]) -> Option<&str> {
    let mut all = rows.iter().filter_map(|r| r.currency.as_deref());
    let first = all.next()?;
    all.all(|c| c == first).then_some(first)
}

/// Place of each value in a row of the data. The script reads them by these numbers.
const COLUMNS: [(usize, &str, &str); 18] = [
    (1, "", "fleet.name"),
    (14, "", "fleet.grade"),
    (8, "n", "fleet.saving_short"),
    (21, "n", "fleet.share"),
    (15, "", "fleet.certainty"),
    (10, "", "fleet.advice"),
    (20, "n", "fleet.plan"),
    (7, "n", "fleet.annual"),
    (3, "n", "fleet.kwh"),
    (4, "n", "fleet.max_kw"),
    (18, "n", "fleet.peak_share"),
    (5, "n", "fleet.load_factor"),
    (6, "n", "fleet.power_factor"),
    (11, "n", "fleet.valid"),
    (17, "", "fleet.withheld"),
    (16, "", "fleet.reconciled"),
    (19, "n", "fleet.visit"),
    (2, "", "fleet.status"),
];

/// Columns of the table: place in the data, class, label; amounts name the currency when all rows
/// have the same. What no customer has is left out.
pub(super) fn columns(numbers: Numbers, rows: &[FleetRow]) -> Vec<(usize, &'static str, String)> {
    let text = Text::of(numbers.0);
    let currency = single_currency(rows).map(|c| numbers.currency(c));
    let empty = |place: usize| match place {
        14 | 18 | 19 => rows.iter().all(|r| r.standing.is_none()),
        16 => rows.iter().all(|r| r.reconciled.is_none()),
        _ => false,
    };
    let label = |place: usize, key: &'static str| match currency {
        Some(c) if matches!(place, 7 | 8 | 20) => format!("{}{}{c}", text.t(key), text.t("word.of")),
        _ => text.t(key).to_owned(),
    };
    let shown = COLUMNS.into_iter().filter(|(place, ..)| !empty(*place));
    shown.map(|(place, class, key)| (place, class, label(place, key))).collect()
}

/// A row of the data.
#[derive(Serialize)]
struct Row<'a>(
    &'a str,
    Option<&'a str>,
    u8,
    Option<Number>,
    Option<Number>,
    Option<Number>,
    Option<Number>,
    Option<Number>,
    Option<Number>,
    &'a str,
    String,
    Option<Number>,
    &'a str,
    Option<String>,
    &'a str,
    u8,
    Option<u8>,
    u8,
    Option<Number>,
    Option<usize>,
    Option<Number>,
);

/// The rows as one array of arrays, safe inside a script element.
pub(super) fn rows_json(rows: &[FleetRow], text: &Text) -> Result<String> {
    let certainty = |r: &FleetRow| match r.certainty() {
        Some("high") => 3,
        Some("medium") => 2,
        Some(_) => 1,
        None => 0,
    };
    let row = |r| -> Row<'_> {
        let r: &FleetRow = r;
        let usable = (r.n_expected > 0).then(|| (r.n_valid as f64 / r.n_expected as f64 * 1e4).floor() / 1e4);
        Row(
            &r.id,
            r.name.as_deref(),
            r.status as u8,
            r.kwh.and_then(|v| rounded(v.get(), 1.0)),
            r.max_kw.and_then(|v| rounded(v.get(), 10.0)),
            r.load_factor.and_then(|v| rounded(v.get(), 1e4)),
            r.power_factor.and_then(|v| rounded(v.get(), 1e4)),
            r.bill_total.and_then(|m| rounded(m.to_f64(), 1.0)),
            r.saving_headline.and_then(|m| rounded(m.to_f64(), 1.0)),
            r.currency.as_deref().unwrap_or_default(),
            r.codes(),
            usable.and_then(|v| rounded(v, 1e4)),
            &r.href,
            r.reason.as_ref().map(|why| tell(why, text)),
            r.standing.map_or("", |s| s.grade),
            certainty(r),
            r.reconciled.map(u8::from),
            u8::from(r.withheld),
            r.standing.and_then(|s| s.peak_share).and_then(|v| rounded(v, 1e6)),
            r.standing.and_then(|s| s.visit),
            r.saving_total.and_then(|m| rounded(m.to_f64(), 1.0)),
        )
    };
    json(&rows.iter().map(row).collect::<Vec<_>>())
}

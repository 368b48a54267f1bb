//! What has drifted is told, and what has moved in the calendar is not.

use super::tests::{More, row, run_with};
use crate::customer::Sector;
use crate::rule::Outcome;
use crate::time::{Calendar, Date, DayKind};
use crate::whatif::fixture::year;

/// The share by which a machine shop of 400 kW is told to have drifted, from the beginning of 2024 up to a day. It is
/// closed for some days before and after Spring Festival in either year, and takes some more from a day on.
fn drift(up_to: &str, (before, after): (i32, i32), more: Option<(&str, f64)>) -> Option<f64> {
    let date = |text: &str| text.parse::<Date>().unwrap();
    let festivals = [("2024-02-10", "2024-02-18"), ("2025-01-28", "2025-02-05")];
    let closed = festivals.map(|(from, to)| date(from).plus(-before)..date(to).plus(after));
    let mut f = year(|_, _| 0.0);
    (f.from, f.n_days) = (date("2024-01-01"), (date(up_to).0 - date("2024-01-01").0) as usize);
    f.customer.sector = Some(Sector::DiscreteManufacturing);
    let (days, calendar) = (f.days(), Calendar::china().unwrap());
    let kw = |day: usize, slot: usize| {
        let day = days.date(day);
        let open = calendar.kind(day) == DayKind::Workday && !closed.iter().any(|c| c.contains(&day));
        let level = if open && (32..80).contains(&slot) { 400.0 } else { 60.0 };
        level * more.filter(|(from, _)| day >= date(from)).map_or(1.0, |m| 1.0 + m.1)
    };
    f.kw = (0..f.n_days).flat_map(|d| (0..96).map(move |s| (d, s))).map(|(d, s)| kw(d, s)).collect();
    let rows = run_with(&f, &More::default(), &[crate::rule::find("R09").unwrap()]).0;
    let told = row(&rows, "R09").filter(|r| r.verdict == Outcome::Advise)?;
    Some(told.evidence.figures["drift_share"].value)
}

#[test]
fn a_festival_that_moves_is_no_drift() {
    // The naive comparison is with the days on which the plant was closed a year before: 60 per cent more.
    for up_to in ["2025-01-25", "2025-02-24", "2025-03-01", "2025-03-08", "2025-03-15", "2025-04-01"] {
        assert_eq!([drift(up_to, (10, 7), None), drift(up_to, (3, 3), None)], [None; 2], "{up_to}");
    }
}

#[test]
fn what_takes_more_after_a_festival_is_told_once_it_can_be_compared() {
    let found = |up_to| drift(up_to, (10, 7), Some(("2025-02-10", 0.08)));
    assert!(found("2025-05-01").is_some_and(|share| (share - 0.08).abs() < 1e-6), "{:?}", found("2025-05-01"));
    let december = drift("2026-01-01", (10, 7), Some(("2025-10-09", 0.08)));
    assert!(december.is_some_and(|share| (share - 0.08).abs() < 0.01), "{december:?}");
}

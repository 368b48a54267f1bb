//! Loads for tests.

use super::{Channels, Days, Load, Placement, PowerKind, VALID};
use crate::time::{DstLabels, Interval, Zone};
use std::sync::Arc;

/// A load in Shanghai from Monday 2024-01-01 whose values are the parts one after another; NaN is
/// a missing interval.
pub fn load(minutes: i64, parts: &[&[f64]]) -> Load {
    load_in("Asia/Shanghai", "2024-01-01", minutes, &parts.concat())
}

/// A load of whole days in a zone from a date on; NaN is a missing interval. Values that do not
/// fill the last day leave its rest masked and outside the span.
pub fn load_in(zone: &str, first: &str, minutes: i64, values: &[f64]) -> Load {
    let zone = Arc::new(Zone::new(zone, DstLabels::Repeat).unwrap());
    let interval = Interval::from_minutes(minutes).unwrap();
    let first = first.parse().unwrap();
    let mut last = first;
    while Days::new(Arc::clone(&zone), interval, first, last).len_intervals() < values.len() {
        last = last.plus(1);
    }
    let days = Days::new(zone, interval, first, last);
    let flags = values.iter().map(|v| if v.is_nan() { 0 } else { VALID }).collect();
    let channels = Channels { kw: values.to_vec(), flags, ..Channels::default() };
    Load::new(days, 0..values.len(), channels, Placement::default(), PowerKind::Mean)
}

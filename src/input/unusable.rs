//! Why none of a meter's readings can be used, and the cure.

use super::Readings;
use super::block::Segment;
use super::columns::Channel;
use super::decode::RowGroup;
use super::kinds::kind_of_row;
use super::step::stamp_range;
use crate::curve::Load;
use crate::text::{said, say};
use std::collections::BTreeSet;

/// Names of data kinds that a reason lists.
const NAMED: usize = 3;

/// Why a meter has no usable interval; `load` is what placing made of its segments, if anything.
#[must_use]
pub fn why(readings: &Readings, segments: &[Segment], load: Option<&Load>) -> String {
    if let Some(load) = load {
        return of_values(load);
    }
    if segments.iter().all(|s| s.rows.is_empty()) {
        return said("customer.no_row").into();
    }
    let held = channels(segments);
    if !held.iter().any(|c| c.is_active()) {
        return without_active(readings, segments, &held);
    }
    of_stamps(readings, segments)
}

/// What its segments hold.
pub(super) fn channels(segments: &[Segment]) -> BTreeSet<Channel> {
    let mut out = BTreeSet::new();
    for segment in segments {
        let block = &segment.block;
        let kinds = block.row_channel.as_ref().and_then(|kinds| kinds.get(segment.rows.clone()));
        out.extend(kinds.into_iter().flatten().flatten());
        let overridden = |c: Channel| block.row_channel.is_some() && (c.is_active() || block.columns.len() == 1);
        out.extend(block.columns.iter().map(|c| c.0).filter(|c| !overridden(*c)));
    }
    out
}

fn without_active(readings: &Readings, segments: &[Segment], held: &BTreeSet<Channel>) -> String {
    let unread = unread_kinds(readings, segments);
    if held.is_empty() && !unread.is_empty() {
        let names: Vec<String> = unread.iter().take(NAMED).map(|k| format!("{k:?}")).collect();
        let more = if unread.len() > NAMED { ", …" } else { "" };
        return say("customer.other_kinds", &[("names", &format_args!("{}{more}", names.join(", ")))]);
    }
    let has = match (held.iter().any(|c| c.is_reactive()), held.iter().any(|c| !c.is_reactive())) {
        (true, true) => said("part.has_both"),
        (true, false) => said("part.has_reactive"),
        (false, true) => said("part.has_export"),
        (false, false) => said("part.has_rows"),
    };
    say("customer.no_import", &[("has", &has)])
}

/// Kinds that are not read, of the row groups that a meter's segments begin in.
fn unread_kinds(readings: &Readings, segments: &[Segment]) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for (file, group) in segments.iter().map(|s| (s.order.0, s.order.1)).collect::<BTreeSet<_>>() {
        let Some((file, leaf)) = readings.files.get(file).and_then(|f| Some((f, f.kind?))) else { continue };
        let Ok((runs, names)) = RowGroup::open(file, group).and_then(|reader| reader.texts(leaf)) else { continue };
        let used: BTreeSet<i32> = runs.iter().map(|r| r.0).collect();
        let unread = names.iter().zip(0..).filter(|(n, key)| used.contains(key) && kind_of_row(n, false).is_none());
        out.extend(unread.map(|(n, _)| n.to_string()));
    }
    out
}

fn of_stamps(readings: &Readings, segments: &[Segment]) -> String {
    let options = &readings.options;
    let mut usable: BTreeSet<i64> = BTreeSet::new();
    for segment in segments {
        let table = stamp_range(segment.per_second());
        let ticks = segment.ticks();
        usable.extend(ticks.iter().filter(|t| table.contains(t)).map(|t| t.div_euclid(segment.per_second())));
    }
    if usable.is_empty() {
        return said("customer.no_stamp").into();
    }
    if usable.len() == 1 && options.interval.is_none() && segments.iter().all(|s| s.block.points == 1) {
        return said("customer.one_reading").into();
    }
    if options.from.is_some() || options.to.is_some() {
        return said("customer.outside_dates").into();
    }
    said("customer.off_grid").into()
}

fn of_values(load: &Load) -> String {
    let seen = load.placement();
    let counts = [
        (seen.null, say("part.count_null", &[("n", &seen.null)])),
        (seen.nan, say("part.count_nan", &[("n", &seen.nan)])),
        (seen.infinite, say("part.count_infinite", &[("n", &seen.infinite)])),
        (seen.conflicts, say("part.count_conflict", &[("n", &seen.conflicts)])),
        (seen.export_unknown, say("part.count_export", &[("n", &seen.export_unknown)])),
        (seen.off_grid, say("part.count_grid", &[("n", &seen.off_grid)])),
    ];
    let told: Vec<String> = counts.into_iter().filter(|c| c.0 > 0).map(|(_, told)| told).collect();
    say("customer.no_value", &[("n", &seen.rows_in_all()), ("counts", &told.join(", "))])
}

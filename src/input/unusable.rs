//! Why none of a meter's readings can be used, and the cure.

use super::Readings;
use super::block::Segment;
use super::columns::Channel;
use super::decode::RowGroup;
use super::kinds::kind_of_row;
use super::step::stamp_range;
use crate::curve::Load;
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
        return "it has no row".into();
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
        return format!(
            "its data kinds are {}{more}, of which none is read; write kW, kWh, kvar or kvarh (有功功率, 无功功率), or name the \
             column that holds such with --column kind=NAME",
            names.join(", ")
        );
    }
    let has = match (held.iter().any(|c| c.is_reactive()), held.iter().any(|c| !c.is_reactive())) {
        (true, true) => "export and reactive readings",
        (true, false) => "reactive readings",
        (false, true) => "export readings",
        (false, false) => "rows",
    };
    format!(
        "it has {has} but no imported power or energy; give the files that hold it as well, or name its column with --column \
         kw=NAME or --column kwh=NAME"
    )
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
        return "none of its rows has a stamp from 1990 to 2069; export the instants again, as 2026-01-31 23:45 or as a \
                timestamp"
            .into();
    }
    if usable.len() == 1 && options.interval.is_none() && segments.iter().all(|s| s.block.points == 1) {
        return "one reading alone does not tell the length of its interval; state it with --interval".into();
    }
    if options.from.is_some() || options.to.is_some() {
        return "its rows lie outside --from and --to, or off the grid of their interval".into();
    }
    "none of its stamps is on the grid of its interval; round them to whole intervals from midnight".into()
}

fn of_values(load: &Load) -> String {
    let seen = load.placement();
    let counts = [
        (seen.null, "null"),
        (seen.nan, "NaN"),
        (seen.infinite, "infinite"),
        (seen.conflicts, "copies that disagree"),
        (seen.export_unknown, "of unknown export"),
        (seen.off_grid, "off the grid of their interval"),
    ];
    let told: Vec<String> = counts.iter().filter(|c| c.0 > 0).map(|(n, what)| format!("{n} {what}")).collect();
    format!(
        "none of its {} readings has a value that can be used: {}; export the values again",
        seen.rows_in_all(),
        told.join(", ")
    )
}

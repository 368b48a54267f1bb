//! Which options the evidence speaks against, and what it cannot tell.

use super::evidence::Evidence;
use super::form::{ColumnForm, Form, bytes_held, groups_by_meter};
use super::twins;
use super::zones::{Jump, that_explain};
use crate::input::{FirstPoint, InputOptions, Midnight, Readings, Scale, Stamp};
use crate::time::DstLabels;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a hint is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum HintKind {
    /// The readings contradict an option.
    Contradicted,
    /// The readings cannot tell; a default or a word of the user stands.
    Unknown,
    /// The result is right, but costs more time or memory than it need.
    Cost,
}

/// A hint.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Hint {
    /// What it is about.
    pub kind: HintKind,
    /// What was seen.
    pub what: String,
    /// What to do about it.
    pub cure: String,
}

/// Share of nights, of meters or of clock changes that makes a pattern (judgement: accidents stay far
/// below).
const MOST: f64 = 0.5;
/// Median of greatest power over transformer capacity above which kW cannot be meant: no transformer
/// carries five times its rating (judgement).
const OVERLOADED: f64 = 5.0;
/// The same above which it is a thousandfold unit rather than a wrong capacity (judgement: customers load
/// their transformers to more than 5 % at the greatest peak).
const THOUSANDFOLD: f64 = 50.0;
/// The same below which kW cannot be meant: 1 % of the capacity at the greatest peak (judgement).
const EMPTY: f64 = 0.01;
/// Rows from which the form of files matters to the time of a run (judgement: below, it is a second).
const MANY_ROWS: u64 = 1_000_000;
/// Bytes a row of dictionary-coded instants that are worth a word; regular instants take far less
/// than one when delta-coded (judgement).
const STAMP_BYTES: f64 = 1.0;

/// All hints, in the order of kind.
pub fn hints(
    options: &InputOptions,
    readings: &Readings,
    forms: &[Form],
    evidence: &Evidence,
    intervals: &BTreeMap<u32, usize>,
) -> Vec<Hint> {
    let mut out = Hints(Vec::new());
    out.midnight(options, evidence);
    out.clock_changes(options, evidence);
    out.zone(options, evidence);
    out.unit(options, evidence);
    out.0.extend(twins::contradictions(readings, intervals));
    if intervals.len() > 1 {
        out.push(
            HintKind::Unknown,
            format!("meters have {} different interval lengths", intervals.len()),
            "a customer's curve takes the longest of its meters; if one length is wrong, state it with --interval",
        );
    }
    out.unknown(options, forms, evidence);
    out.cost(readings, forms);
    out.0.sort_by_key(|h| h.kind);
    out.0
}

struct Hints(Vec<Hint>);

impl Hints {
    fn push(&mut self, kind: HintKind, what: String, cure: impl Into<String>) {
        self.0.push(Hint { kind, what, cure: cure.into() });
    }

    fn midnight(&mut self, options: &InputOptions, e: &Evidence) {
        let share = |n: usize, of: usize| n > 0 && n as f64 > MOST * of as f64;
        if options.midnight == Midnight::Same {
            return;
        }
        let cure = "use --stamp end --midnight same";
        if share(e.same_date_midnights, e.day_ends) {
            let what = format!(
                "after the last label of {} of {} days comes 00:00 of the same date: it closes the day and means 24:00",
                e.same_date_midnights, e.day_ends
            );
            self.push(HintKind::Contradicted, what, cure);
        } else if share(e.late_midnights, e.meters) {
            let what = format!(
                "of {} of {} meters the value at 00:00 continues the evening of its own date, not the night before it: \
                 it seems to close the day and to mean 24:00",
                e.late_midnights, e.meters
            );
            self.push(HintKind::Contradicted, what, cure);
        } else if options.stamp == Stamp::Start && share(e.end_spans, e.meters) {
            let what = format!(
                "{} of {} meters begin one interval after midnight and end at 00:00: stamps look like interval ends",
                e.end_spans, e.meters
            );
            self.push(HintKind::Contradicted, what, "use --stamp end");
        }
    }

    fn clock_changes(&mut self, options: &InputOptions, e: &Evidence) {
        match options.dst_labels {
            DstLabels::Repeat if e.in_absent_hour > 0 => {
                let what = format!(
                    "{} of {} meters have labels in the hour that clocks skip in spring, and {} have the repeated \
                     autumn hour once: these labels keep one clock all year",
                    e.in_absent_hour, e.meters, e.autumn.0
                );
                self.push(HintKind::Contradicted, what, "use --dst-labels none, or another zone (--tz, customers.tz)");
            }
            DstLabels::None if e.without_absent_hour + e.autumn.1 > 0 => {
                let what = format!(
                    "{} of {} meters leave out the hour that clocks skip in spring, and {} have the autumn hour twice: \
                     these labels follow the wall clock",
                    e.without_absent_hour, e.meters, e.autumn.1
                );
                self.push(HintKind::Contradicted, what, "leave --dst-labels none out");
            }
            _ => {}
        }
    }

    /// Clock changes that most meters have and their zone has not.
    fn zone(&mut self, options: &InputOptions, e: &Evidence) {
        let of_most = |n: usize| n as f64 > MOST * e.naive as f64;
        let jumps: Vec<Jump> = e.jumps.iter().filter(|(_, n)| of_most(**n)).map(|(j, _)| *j).collect();
        let zones = that_explain(&jumps);
        let Some((first, alike)) = zones.first() else { return };
        let told: Vec<String> = jumps
            .iter()
            .map(|j| format!("{} an hour at {}", if j.ahead { "leave out" } else { "repeat" }, j.local()))
            .collect();
        let what = format!(
            "labels of most of {} meters {}: clocks change there in {}, not in {}",
            e.naive,
            told.join(" and "),
            zones.iter().map(|z| z.0).collect::<Vec<_>>().join(" and "),
            options.tz
        );
        let alike = if alike.is_empty() { String::new() } else { format!(" ({alike} change alike)") };
        self.push(HintKind::Contradicted, what, format!("use --tz {first}{alike}, or give a column tz in --customers"));
    }

    fn unit(&mut self, options: &InputOptions, e: &Evidence) {
        let Some(loading) = median(&e.loading) else { return };
        let n = e.loading.len();
        let seen = |side: &str| format!("the greatest power of {n} customers is {side} of their capacity_kva (median)");
        if loading > OVERLOADED {
            let cure = match options.scale {
                Scale::Mega => "values look like kW: leave --unit mw out",
                Scale::Kilo | Scale::Unit if loading > THOUSANDFOLD => "values look like W: use --unit w",
                _ => "check --unit, the capacities, and whether values are multiplied twice (values_multiplied)",
            };
            self.push(HintKind::Contradicted, seen(&format!("{loading:.0} times")), cure);
        } else if loading < EMPTY {
            let multiplied = median(&e.loading_multiplied).is_some_and(|m| (EMPTY..=OVERLOADED).contains(&m));
            let cure = match options.scale {
                _ if multiplied => "values look like a meter's own, before CT and PT: use --values raw",
                Scale::Unit => "values look like kW: leave --unit w out",
                Scale::Kilo | Scale::Mega => {
                    "values look like MW: use --unit mw; or they are not multiplied yet: use --values raw"
                }
            };
            self.push(HintKind::Contradicted, seen(&format!("{:.2} %", 100.0 * loading)), cure);
        }
    }

    fn unknown(&mut self, options: &InputOptions, forms: &[Form], e: &Evidence) {
        if e.unzoned > 0 && options.tz == InputOptions::default().tz {
            let what = format!(
                "stamps of {} of {} meters have no zone, nor has their customer: {} is taken",
                e.unzoned, e.meters, options.tz
            );
            self.push(HintKind::Unknown, what, "if that is wrong, give --tz or a column tz in --customers");
        }
        if forms.iter().any(|f| f.shape == "wide") {
            let taken = if options.first_point == FirstPoint::Midnight { "00:00" } else { "after one interval" };
            let what = format!("the files do not say which interval P1 is; its label is taken as {taken}");
            self.push(HintKind::Unknown, what, "ask the source; --point1 00:00 or --point1 00:15");
        }
        let told = self.0.iter().any(|h| h.cure.contains("--stamp end"));
        if forms.iter().any(|f| f.shape == "long") && options.stamp == Stamp::Start && !told {
            let what = "labels alone do not say whether they begin or end their interval; start is taken".to_owned();
            self.push(HintKind::Unknown, what, "ask the source; --stamp end if they end it");
        }
    }

    fn cost(&mut self, readings: &Readings, forms: &[Form]) {
        for f in forms {
            let rows = f.rows.max(1) as f64;
            let parsed = |c: &&ColumnForm| c.kind == "text" && !c.role.contains("id") && c.role != "data kind";
            for c in f.columns.iter().filter(parsed).filter(|_| f.rows >= MANY_ROWS) {
                let what = format!("{} of {} is text: every row of it is parsed", c.name, f.first_file);
                self.push(HintKind::Cost, what, convert("store instants as timestamps and numbers as doubles"));
            }
            let stamp = f.columns.iter().find(|c| c.role == "instant" && c.dictionary());
            if let Some(c) = stamp.filter(|c| f.rows >= MANY_ROWS && c.bytes_plain as f64 / rows > STAMP_BYTES) {
                let what = format!(
                    "{} of {} is coded through a dictionary: {:.2} bytes a row are read and {:.2} decoded",
                    c.name,
                    f.first_file,
                    c.bytes as f64 / rows,
                    c.bytes_plain as f64 / rows
                );
                self.push(HintKind::Cost, what, convert("write it with DELTA_BINARY_PACKED and without dictionary"));
            }
            if let Some(c) = f
                .columns
                .iter()
                .find(|c| c.role.contains("id") && !c.dictionary() && f.rows >= MANY_ROWS && c.bytes > 0)
            {
                let what = format!(
                    "{} of {} is not dictionary-coded: {:.2} bytes a row are decoded",
                    c.name,
                    f.first_file,
                    c.bytes_plain as f64 / rows
                );
                self.push(HintKind::Cost, what, convert("write ids with a dictionary"));
            }
            if f.row_groups == 1 && f.files == 1 && f.rows >= MANY_ROWS {
                let what = format!("{} is one row group of {} rows: one thread alone decodes it", f.first_file, f.rows);
                self.push(HintKind::Cost, what, convert("write row groups of about 250,000 rows"));
            }
            if f.groups_cut * 2 > f.row_groups && f.rows >= MANY_ROWS {
                let what = format!(
                    "{} of {} row groups of {} begin within a customer: it waits in memory for the next",
                    f.groups_cut, f.row_groups, f.first_file
                );
                self.push(HintKind::Cost, what, convert("end row groups where customers end"));
            }
        }
        let scattered: usize = groups_by_meter(readings).iter().filter(|(n, _)| **n > 2).map(|(_, m)| *m).sum();
        let meters = readings.meters().len();
        if scattered * 2 > meters && readings.rows() >= MANY_ROWS {
            let mib = bytes_held(readings) as f64 / f64::from(1 << 20);
            let what = format!(
                "rows of {scattered} of {meters} meters are spread over many row groups: all readings, about {mib:.0} MiB, wait \
                 until the last is read, in memory up to --memory and then in a temporary file"
            );
            self.push(HintKind::Cost, what, convert("sort the files by customer, then by time"));
        }
    }
}

/// A cure that `peakwise convert` brings as well.
fn convert(cure: &str) -> String {
    format!("{cure}, or rewrite the files once with `peakwise convert IN OUT`")
}

/// Median of some values; `None` for none.
fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

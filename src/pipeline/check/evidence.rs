//! What a customer's labels and values tell of the options that they should be read with.

use super::super::Member;
use super::zones::Jump;
use crate::curve::Load;
use crate::input::block::Segment;
use crate::input::{InputOptions, Midnight, Stamp};
use crate::time::{DAY_SECONDS, Date, DstLabels, Interval, Zone};
use std::collections::BTreeMap;

/// Counts over one customer or many; adding them up is all that is done with them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evidence {
    /// Meters with a usable row.
    pub meters: usize,
    /// Meters whose stamps have no zone of their own.
    pub naive: usize,
    /// Those of them whose customer has no zone in the register.
    pub unzoned: usize,
    /// Steps ahead and back between consecutive rows of a meter, by form.
    pub steps: Vec<(u64, u64)>,
    /// Days whose row labelled 00:00 comes right after the day's last label.
    pub same_date_midnights: usize,
    /// Days that end with their last label, whatever comes after.
    pub day_ends: usize,
    /// Meters that begin one interval after midnight and end at midnight.
    pub end_spans: usize,
    /// Meters whose value at 00:00 continues the evening of its own date rather than the night before it.
    pub late_midnights: usize,
    /// Meters with labels in the hour that clocks skip in spring.
    pub in_absent_hour: usize,
    /// Meters that leave that hour out.
    pub without_absent_hour: usize,
    /// Meters that have the repeated hour of an autumn day once, and twice.
    pub autumn: (usize, usize),
    /// Meters by the jumps of an hour in their labels that their zone does not explain.
    pub jumps: BTreeMap<Jump, usize>,
    /// Greatest power over the contract's transformer capacity, a customer each.
    pub loading: Vec<f64>,
    /// The same if the meters' multipliers were applied, where they are not.
    pub loading_multiplied: Vec<f64>,
}

impl Evidence {
    /// Adds another customer's.
    pub fn add(&mut self, o: &Self) {
        self.meters += o.meters;
        self.naive += o.naive;
        self.unzoned += o.unzoned;
        if self.steps.len() < o.steps.len() {
            self.steps.resize(o.steps.len(), (0, 0));
        }
        for (a, b) in self.steps.iter_mut().zip(&o.steps) {
            *a = (a.0 + b.0, a.1 + b.1);
        }
        self.same_date_midnights += o.same_date_midnights;
        self.day_ends += o.day_ends;
        self.end_spans += o.end_spans;
        self.late_midnights += o.late_midnights;
        self.in_absent_hour += o.in_absent_hour;
        self.without_absent_hour += o.without_absent_hour;
        self.autumn = (self.autumn.0 + o.autumn.0, self.autumn.1 + o.autumn.1);
        for (jump, n) in &o.jumps {
            *self.jumps.entry(*jump).or_default() += n;
        }
        self.loading.extend(&o.loading);
        self.loading_multiplied.extend(&o.loading_multiplied);
    }
}

/// What the evidence is looked for in.
pub struct Scene<'a> {
    /// The run's options.
    pub options: &'a InputOptions,
    /// The form of each file.
    pub of_file: &'a [usize],
    /// Forms in all.
    pub forms: usize,
}

/// What one meter's labels tell.
pub fn of_labels(scene: &Scene<'_>, segments: &[Segment], interval: Interval, member: &Member) -> Evidence {
    let mut found = Evidence { steps: vec![(0, 0); scene.forms], ..Evidence::default() };
    let points = segments.iter().map(|s| s.block.points).max().unwrap_or(1);
    let utc = segments.iter().any(|s| s.block.stamps.utc);
    let (step, mut last, mut bounds) = (interval.seconds(), None::<i64>, None::<(i64, i64)>);
    // Oldest or newest first, as the first two labels have it.
    let mut forward = None::<bool>;
    for segment in segments {
        let mut steps = (0, 0);
        for label in segment.labels() {
            if let Some(before) = last {
                steps.0 += u64::from(label > before);
                steps.1 += u64::from(label < before);
                let day_end = before.rem_euclid(DAY_SECONDS) == DAY_SECONDS - step;
                found.day_ends += usize::from(day_end);
                found.same_date_midnights += usize::from(day_end && label == before + step - DAY_SECONDS);
                if label != before {
                    forward.get_or_insert(label > before);
                }
                let (earlier, later) = if forward == Some(false) { (label, before) } else { (before, label) };
                if later - earlier != step {
                    found.jumps.extend(Jump::between(earlier, later, step).map(|j| (j, 1)));
                }
            }
            last = Some(label);
            bounds = Some(bounds.map_or((label, label), |(a, b)| (a.min(label), b.max(label))));
        }
        let form = scene.of_file.get(segment.order.0).and_then(|f| found.steps.get_mut(*f));
        if let Some(sum) = form {
            *sum = (sum.0 + steps.0, sum.1 + steps.1);
        }
    }
    let Some((first, last)) = bounds else { return found };
    found.meters = 1;
    found.naive = usize::from(!utc);
    found.unzoned = usize::from(!utc && member.customer().tz.is_none());
    if utc || points > 1 {
        // Instants cannot contradict the zone, and every wide row has all labels of its day.
        found.day_ends = 0;
        found.same_date_midnights = 0;
        found.jumps.clear();
        return found;
    }
    if let Ok(zone) = &member.zone {
        found.jumps.retain(|jump, _| !jump.is_change_of(zone));
    }
    found.end_spans = usize::from(first.rem_euclid(DAY_SECONDS) == step && last.rem_euclid(DAY_SECONDS) == 0);
    let labels = Labels { segments, first, last, step };
    clock_changes(&mut found, scene, &labels, member);
    found
}

/// The labels of one meter, in seconds.
struct Labels<'a> {
    segments: &'a [Segment],
    first: i64,
    last: i64,
    step: i64,
}

/// Labels in the hours that a clock change skips or repeats, by the wall clock of the customer's zone.
fn clock_changes(found: &mut Evidence, scene: &Scene<'_>, labels: &Labels<'_>, member: &Member) {
    let Labels { segments, first, last, step } = *labels;
    let Ok(used) = &member.zone else { return };
    let zone = match scene.options.dst_labels {
        DstLabels::Repeat => Ok(std::sync::Arc::clone(used)),
        DstLabels::None => Zone::new(used.name(), DstLabels::Repeat).map(std::sync::Arc::new),
    };
    let Ok(zone) = zone else { return };
    let late = if scene.options.stamp == Stamp::End { step } else { 0 };
    let labels_in = |from: i64, to: i64| -> i64 {
        let count = |s: &Segment| s.labels().filter(|l| (from + late..to + late).contains(l)).count();
        segments.iter().map(count).sum::<usize>() as i64
    };
    let (mut absent, mut left_out, mut once, mut twice) = (false, false, false, false);
    for day in first.div_euclid(DAY_SECONDS)..=last.div_euclid(DAY_SECONDS) {
        let date = Date(i32::try_from(day).unwrap_or(i32::MAX));
        let Some(shift) = zone.shift(date).filter(|_| zone.covers(date)) else { continue };
        let (from, to) = (
            day * DAY_SECONDS + shift.at.min(shift.at + shift.by),
            day * DAY_SECONDS + shift.at.max(shift.at + shift.by),
        );
        // Only a change with readings on both sides tells anything.
        if labels_in(from - 2 * step, from) == 0 || labels_in(to, to + 2 * step) == 0 {
            continue;
        }
        let (n, whole) = (labels_in(from, to), (to - from) / step);
        if shift.by > 0 {
            absent |= n > 0;
            left_out |= n == 0;
        } else {
            twice |= n > whole;
            once |= n == whole;
        }
    }
    found.in_absent_hour = usize::from(absent);
    found.without_absent_hour = usize::from(left_out && !absent);
    found.autumn = (usize::from(once && !twice), usize::from(twice));
}

/// Fewest nights that a comparison of midnights needs (judgement: a fortnight).
const LEAST_NIGHTS: usize = 14;

/// How much smaller the step from 00:00 to its nearer neighbour must be, summed over nights, under the other
/// reading (judgement).
const SMOOTHER: f64 = 0.5;

/// Whether the value labelled 00:00 fits between the last of its own date and the first of the next
/// far better than where start stamps put it.
pub fn late_midnight(load: &Load, options: &InputOptions) -> bool {
    if options.stamp == Stamp::End || options.midnight == Midnight::Same {
        return false;
    }
    let days = load.days();
    let (mut as_read, mut moved, mut nights) = (0.0, 0.0, 0);
    for day in 1..days.len().saturating_sub(1) {
        if !(day - 1..=day + 1).all(|d| load.day_complete(d)) {
            continue;
        }
        let (before, here, after) = (load.day_kw(day - 1), load.day_kw(day), load.day_kw(day + 1));
        let (Some(at), Some(last), Some(second)) = (here.first(), before.last(), here.get(1)) else { continue };
        let (Some(evening), Some(night)) = (here.last(), after.get(1)) else { continue };
        as_read += (at - last).abs().min((at - second).abs());
        moved += (at - evening).abs().min((at - night).abs());
        nights += 1;
    }
    nights >= LEAST_NIGHTS && moved < SMOOTHER * as_read
}

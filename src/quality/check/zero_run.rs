//! V08: zeros while the customer works.

use super::{Check, Inspection, Issue};
use crate::quality::Severity::Advisory;
use crate::quality::runs::{Run, extend_runs};
use crate::time::DayKind;
use serde_json::json;
use std::ops::Range;

/// Shortest stretch of zeros in working hours that is told, in minutes (product decision).
const LEAST_MINUTES: u32 = 120;

/// Share of days on which a slot must carry load to be a working hour (judgement).
const WORKING_SHARE: f64 = 0.8;

/// Fewest days to say so (judgement).
const LEAST_DAYS: u32 = 5;

/// Zeros of two hours and more in working hours.
#[derive(Debug)]
pub(super) struct ZeroRun;

impl Check for ZeroRun {
    fn code(&self) -> &'static str {
        "V08"
    }

    fn name(&self) -> &'static str {
        "zero run"
    }

    fn card(&self) -> &'static str {
        "What: zeros in a row, two hours of them at times when the customer usually has load.
Threshold: 2 h within slots that carry load on 80 % of the days of their kind.
Action: valid and told, with the event when one is known; without one it is a suspected outage or a dead channel, \
         internal until metering staff confirm it. A zero is never turned into a gap.
Source: utility practice; CalTRACK takes zeros as missing, which is wrong for factories."
    }

    fn run(&self, inspection: &Inspection<'_>) -> Vec<Issue> {
        let load = inspection.load;
        let least = inspection.intervals_in(LEAST_MINUTES);
        let mut zeros: Vec<Range<usize>> = Vec::new();
        for day in (0..load.days().len()).filter(|d| load.day_min(*d) <= 0.0) {
            let kw = load.kw();
            extend_runs(&mut zeros, load.days().range(day), |i| kw.get(i) == Some(&0.0) && load.is_valid(i));
        }
        zeros.retain(|r| r.len() >= least);
        if zeros.is_empty() {
            return Vec::new();
        }
        let working = working_slots(inspection);
        let mut runs = Vec::new();
        for range in zeros {
            let n = range.clone().filter(|i| is_working(inspection, &working, *i)).count();
            if n >= least {
                let evidence = json!({
                    "finding": "zeros in working hours",
                    "working_intervals": n,
                    "event": inspection.event_during(&range).map(|e| e.kind),
                });
                runs.push(Run::of(range, evidence));
            }
        }
        inspection.listed(self.code(), Advisory, runs)
    }
}

/// For each kind of day and slot, whether it usually carries load.
fn working_slots(inspection: &Inspection<'_>) -> Vec<[bool; 3]> {
    let load = inspection.load;
    let mut counts = vec![[(0u32, 0u32); 3]; load.interval().slots()];
    for day in (0..load.days().len()).filter(|d| inspection.plain(*d)) {
        let kind = place(inspection.kind(day));
        for ((slot, kw), i) in counts.iter_mut().zip(load.day_kw(day)).zip(load.days().range(day)) {
            if let Some((valid, loaded)) = slot.get_mut(kind) {
                let is = u32::from(load.is_valid(i));
                *valid += is;
                *loaded += is & u32::from(*kw != 0.0);
            }
        }
    }
    let usual =
        |(valid, loaded): (u32, u32)| valid >= LEAST_DAYS && f64::from(loaded) >= WORKING_SHARE * f64::from(valid);
    counts.into_iter().map(|slot| slot.map(usual)).collect()
}

fn is_working(inspection: &Inspection<'_>, working: &[[bool; 3]], index: usize) -> bool {
    let days = inspection.load.days();
    let day = days.day_at(index);
    let slot = days.slot(day, index - days.range(day).start);
    working.get(slot).is_some_and(|kinds| kinds[place(inspection.kind(day))])
}

const fn place(kind: DayKind) -> usize {
    match kind {
        DayKind::Workday => 0,
        DayKind::Restday => 1,
        DayKind::Holiday => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Case;
    use crate::customer::{Event, EventKind};

    #[test]
    fn zeros_at_work_are_told_with_their_event() {
        let mut case = Case::one_shift(60);
        let day = case.workdays()[10];
        let at = day * 96 + 40;
        case.kw[at..at + 12].fill(0.0);
        let start = i64::from(case.first.0 + day as i32) * 86_400;
        case.customer.events.push(Event {
            clock: Some(start + 10 * 3600..start + 13 * 3600),
            ..Event::on_dates(case.first.plus(day as i32)..case.first.plus(day as i32 + 1), EventKind::Outage)
        });
        let issues = case.issues("V08");
        assert_eq!(issues.iter().map(|i| (i.first, i.n_intervals)).collect::<Vec<_>>(), [(Some(at), 12)]);
        assert_eq!(issues[0].evidence["event"], "outage");
    }

    #[test]
    fn zeros_every_night_are_how_the_customer_works() {
        let mut case = Case::one_shift(60);
        for day in 0..60 {
            case.kw[day * 96..day * 96 + 24].fill(0.0);
        }
        assert_eq!(case.issues("V08"), []);
        case.kw.fill(0.0);
        assert_eq!(case.issues("V08"), [], "a customer without load");
    }
}

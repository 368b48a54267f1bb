//! V04: a lone interval far above its day.

use super::{Check, Inspection, Issue};
use crate::quality::Severity::Advisory;
use crate::quality::runs::Run;
use serde_json::json;

/// (p₁ − p₃) / p₃ above which the day's highest interval is a spike (CA DASMMD, NY VEE).
const EXCESS: f64 = 1.8;

/// Share of the load's maximum below which a spike does not matter (judgement).
const MATERIAL_SHARE: f64 = 0.1;

/// Share of the spike that the demand register must show to confirm it (product decision: within 3 %).
const CONFIRMED_SHARE: f64 = 0.97;

/// Intervals of a day that are needed to speak of a third-highest (judgement).
const LEAST_VALID: usize = 12;

/// A day's highest interval far above its third-highest.
#[derive(Debug)]
pub(super) struct Spike;

impl Check for Spike {
    fn code(&self) -> &'static str {
        "V04"
    }

    fn name(&self) -> &'static str {
        "spike"
    }

    fn card(&self) -> &'static str {
        "What: the day's highest interval stands far above its third-highest.
Threshold: (p1 - p3) / p3 above 180 %, at least 3 register quanta and a tenth of the load's maximum; silent where the \
         demand register shows the same maximum.
Action: valid and told; needle findings ask for confirmation.
Source: California DASMMD and New York VEE (180 %, highest against third-highest); the share is judgement."
    }

    fn run(&self, inspection: &Inspection<'_>) -> Vec<Issue> {
        let least = MATERIAL_SHARE * inspection.max_kw();
        let mut runs = Vec::new();
        for (day, facts) in inspection.days().iter().enumerate() {
            let n = inspection.load.day_valid(day);
            // The mean of all but the two highest is at most the third-highest.
            let rest = (facts.sum_kw - 2.0 * facts.max_kw) / (n as f64 - 2.0);
            let plain = facts.max_kw <= (1.0 + EXCESS) * rest;
            if n < LEAST_VALID || facts.max_kw < least || plain {
                continue;
            }
            runs.extend(spike(inspection, day));
        }
        inspection.listed(self.code(), Advisory, runs)
    }
}

/// The spike of a day; the earliest of equal intervals.
fn spike(inspection: &Inspection<'_>, day: usize) -> Option<Run> {
    let load = inspection.load;
    let mut top: [Option<(f64, usize)>; 3] = [None; 3];
    for i in load.days().range(day).filter(|i| load.is_valid(*i)) {
        let mut carried = Some((load.kw().get(i).copied().unwrap_or(0.0), i));
        for place in &mut top {
            if carried.is_some_and(|c| place.is_none_or(|p| c.0 > p.0)) {
                std::mem::swap(place, &mut carried);
            }
        }
    }
    let [Some((p1, at)), _, Some((p3, _))] = top else { return None };
    let high = p1 > 0.0 && p1 - p3 > EXCESS * p3.max(0.0);
    if !high || p1 - p3 < inspection.noise_kw() || confirmed(inspection, at, p1) {
        return None;
    }
    let ratio = (p3 > 0.0).then(|| (p1 - p3) / p3);
    let evidence = json!({ "finding": "spike", "p1_kw": p1, "p3_kw": p3, "excess": ratio, "threshold": EXCESS });
    Some(Run::of(at..at + 1, evidence))
}

/// Whether the demand register of the cycle that holds an interval shows as much.
fn confirmed(inspection: &Inspection<'_>, at: usize, kw: f64) -> bool {
    let local = inspection.load.instant(at).local;
    inspection.meters.iter().any(|meter| {
        let readings = inspection.registers.get(&meter.id).map_or(&[][..], Vec::as_slice);
        let demand = readings.iter().find(|r| r.read_at > local).and_then(|r| r.max_demand_kw);
        meter.valid.contains(local) && demand.is_some_and(|d| d * meter.multiplier >= CONFIRMED_SHARE * kw)
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Case;
    use crate::customer::{Meter, RegisterReading};

    fn spiked() -> Case {
        let mut case = Case::one_shift(30);
        case.kw[96 * 8 + 40] = 2000.0;
        case
    }

    #[test]
    fn a_lone_interval_is_a_spike_and_a_shift_is_not() {
        let found: Vec<_> = spiked().issues("V04").iter().map(|i| (i.first, i.n_intervals)).collect();
        assert_eq!(found, [(Some(96 * 8 + 40), 1)]);
        let mut three = spiked();
        three.kw[96 * 8 + 41] = 2000.0;
        three.kw[96 * 8 + 42] = 1900.0;
        assert_eq!(three.issues("V04"), []);
    }

    #[test]
    fn below_three_quanta_is_noise() {
        let mut case = spiked();
        let mut meter = Meter::alone(&"m".into());
        meter.quantum_kwh = Some(200.0);
        case.meters.push(meter);
        assert_eq!(case.issues("V04"), [], "a quantum of 800 kW");
    }

    #[test]
    fn the_demand_register_confirms() {
        let mut case = spiked();
        case.meters.push(Meter::alone(&"m".into()));
        let read_at = i64::from(case.first.0 + 30) * 86_400;
        let reading = RegisterReading { read_at, max_demand_kw: Some(1990.0), ..RegisterReading::default() };
        case.registers.insert("m".into(), vec![reading]);
        assert_eq!(case.issues("V04"), []);
    }
}

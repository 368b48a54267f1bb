//! V05: more power than the meter or the transformers can carry.

use super::{Check, Inspection, Issue};
use crate::curve::Load;
use crate::customer::{Meter, MeterRole, MeteringSide};
use crate::quality::Severity::{Advisory, Blocking};
use crate::quality::runs::{Run, extend_runs};
use serde_json::json;

/// Times the contract capacity above which a reading is suspect (product decision).
const CAPACITY_FACTOR: f64 = 1.2;

/// Share of intervals over capacity that makes it persistent (judgement).
const PERSISTENT_SHARE: f64 = 0.01;

/// Rated secondary current in A: 5 A; a 1 A transformer gives a lower limit, so this one is safe.
const SECONDARY_A: f64 = 5.0;

/// Extended rating of measuring current transformers (IEC 61869-2, GB/T 20840.2: 120 %).
const CT_EXTENDED: f64 = 1.2;

/// Highest voltage in service over the rated one (GB/T 12325: +7 % at 10 kV; rounded up).
const VOLTAGE_MARGIN: f64 = 1.1;

/// Rated secondary voltage of a voltage transformer in V.
const PT_SECONDARY_V: f64 = 100.0;

/// Low voltage between phases in V.
const LOW_VOLTAGE_V: f64 = 400.0;

/// Readings over the transformers' or the meter's limit.
#[derive(Debug)]
pub(super) struct HighLimit;

impl Check for HighLimit {
    fn code(&self) -> &'static str {
        "V05"
    }

    fn name(&self) -> &'static str {
        "high limit"
    }

    fn card(&self) -> &'static str {
        "What: power above 1.2 times the contract capacity, or above what the meter's transformers can measure.
Threshold: 1.2 × capacity_kva; full scale = √3 × 1.1 × U × 1.2 × 5 A × ct_ratio, U = 100 V × pt_ratio or 400 V.
Action: over capacity is suspect (persistent: check the equipment register or the multiplier, internal); over full \
         scale is invalid and leaves every sum.
Source: utility practice for 1.2; CT extended rating 120 % of IEC 61869-2."
    }

    fn run(&self, inspection: &Inspection<'_>) -> Vec<Issue> {
        let mut issues = Vec::new();
        let full_scale = full_scale_kw(inspection.meters);
        if let Some(limit) = full_scale {
            let runs =
                described(over(inspection.load, limit), &json!({ "finding": "over full scale", "limit_kw": limit }));
            issues.extend(inspection.listed(self.code(), Blocking, runs));
        }
        if let Some(capacity) = inspection.customer.contract.capacity {
            let limit = CAPACITY_FACTOR * capacity.get();
            if inspection.max_kw() > limit {
                let runs = over(inspection.load, limit);
                let n: usize = runs.iter().map(ExactSizeIterator::len).sum();
                let evidence = json!({
                    "finding": "over capacity",
                    "limit_kw": limit,
                    "capacity_kva": capacity.get(),
                    "max_kw": inspection.max_kw(),
                    "persistent": n as f64 > PERSISTENT_SHARE * inspection.load.n_valid() as f64,
                });
                issues.extend(inspection.listed(self.code(), Advisory, described(runs, &evidence)));
            }
        }
        issues
    }
}

/// Intervals that the customer's meters cannot have measured, for [`Load::invalidated`]; none when a
/// main meter's ratios are unknown.
#[must_use]
pub fn over_full_scale(load: &Load, meters: &[Meter]) -> Vec<usize> {
    full_scale_kw(meters).map_or_else(Vec::new, |limit| over(load, limit).into_iter().flatten().collect())
}

fn described(runs: Vec<std::ops::Range<usize>>, evidence: &serde_json::Value) -> Vec<Run> {
    runs.into_iter().map(|r| Run::of(r, evidence.clone())).collect()
}

/// Runs of valid intervals whose magnitude is over a limit.
fn over(load: &Load, limit_kw: f64) -> Vec<std::ops::Range<usize>> {
    let mut runs = Vec::new();
    let kw = load.kw();
    extend_runs(&mut runs, load.span().clone(), |i| kw.get(i).is_some_and(|v| v.abs() > limit_kw) && load.is_valid(i));
    runs
}

/// The most that all main meters together can measure, in kW.
fn full_scale_kw(meters: &[Meter]) -> Option<f64> {
    let mut sum = None;
    for meter in meters.iter().filter(|m| m.role == MeterRole::Main) {
        let volts = match (meter.pt_ratio, meter.metering_side) {
            (Some(pt), _) if pt > 1.0 => PT_SECONDARY_V * pt,
            (Some(_), _) | (None, Some(MeteringSide::Low)) => LOW_VOLTAGE_V,
            (None, _) => return None,
        };
        let kw = 3f64.sqrt() * VOLTAGE_MARGIN * volts * CT_EXTENDED * SECONDARY_A * meter.ct_ratio? / 1000.0;
        sum = Some(sum.unwrap_or(0.0) + kw);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Case;
    use super::*;
    use crate::units::Kva;

    #[test]
    fn over_capacity_is_suspect_and_over_full_scale_invalid() {
        let mut case = Case::one_shift(30);
        case.customer.contract.capacity = Some(Kva::new(1000.0));
        assert_eq!(case.issues("V05"), []);
        case.kw[500] = 1300.0;
        case.kw[501] = 90_000.0;
        let mut meter = Meter::alone(&"m".into());
        (meter.ct_ratio, meter.pt_ratio) = (Some(60.0), Some(100.0));
        case.meters.push(meter);
        let found: Vec<_> = case.issues("V05").iter().map(|i| (i.first, i.n_intervals, i.severity)).collect();
        assert_eq!(found, [(Some(500), 2, Advisory), (Some(501), 1, Blocking)]);
        assert_eq!(over_full_scale(&case.load(), &case.meters), [501]);
    }

    #[test]
    fn unknown_ratios_judge_nothing() {
        assert_eq!(full_scale_kw(&[Meter::alone(&"m".into())]), None);
        let low = Meter { ct_ratio: Some(100.0), metering_side: Some(MeteringSide::Low), ..Meter::alone(&"m".into()) };
        assert!(full_scale_kw(&[low]).is_some_and(|kw| (kw - 457.3).abs() < 0.1));
    }
}

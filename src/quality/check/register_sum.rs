//! V03: the sum of intervals against the registers.

use super::{Check, Inspection, Issue};
use crate::curve::Load;
use crate::customer::{Meter, MeterRole};
use crate::quality::Severity::Advisory;
use crate::quality::runs::Run;
use crate::time::{DAY_SECONDS, Date};
use serde_json::json;
use std::collections::BTreeSet;

/// Relative difference that passes (product decision).
const RELATIVE: f64 = 0.01;

/// Register steps, times the multiplier, that pass (product decision).
const STEPS: f64 = 2.0;

/// Register step when the meters file does not give it, in kWh (judgement: whole kWh on the display).
const STEP_KWH: f64 = 1.0;

/// Interval energy that does not add up to the difference of the registers.
#[derive(Debug)]
pub(super) struct RegisterSum;

impl Check for RegisterSum {
    fn code(&self) -> &'static str {
        "V03"
    }

    fn name(&self) -> &'static str {
        "register sum"
    }

    fn card(&self) -> &'static str {
        "What: between two readings of the registers, the intervals do not add up to the difference of the registers \
         times the multiplier.
Threshold: more than 1 % and more than 2 register steps times the multiplier apart; only where every interval is valid \
         and every main and deducted meter was read at both ends.
Action: told with both energies and their ratio, which names a wrong multiplier; nothing is scaled.
Source: sum check of the CA VEE standards; the limits are product decisions."
    }

    fn run(&self, inspection: &Inspection<'_>) -> Vec<Issue> {
        if inspection.registers.is_empty() {
            return Vec::new();
        }
        let mut spans = BTreeSet::new();
        for meter in inspection.meters {
            let readings = inspection.registers.get(&meter.id).map_or(&[][..], Vec::as_slice);
            spans.extend(readings.windows(2).filter_map(|w| Some((w.first()?.read_at, w.last()?.read_at))));
        }
        let runs = spans.into_iter().filter_map(|(from, to)| compare(inspection, from, to)).collect();
        inspection.listed(self.code(), Advisory, runs)
    }
}

/// Compares one span between readings; `None` when it agrees or cannot be compared.
fn compare(inspection: &Inspection<'_>, from: i64, to: i64) -> Option<Run> {
    let load = inspection.load;
    let range = index_at(load, from)?..index_at(load, to)?;
    let within = !range.is_empty() && range.start >= load.span().start && range.end <= load.span().end;
    if !within || !range.clone().all(|i| load.is_valid(i)) {
        return None;
    }
    let (mut register_kwh, mut step_kwh) = (0.0, 0.0);
    for meter in inspection.meters {
        let sign = match meter.role {
            MeterRole::Main => 1.0,
            MeterRole::Deduct => -1.0,
            MeterRole::Check | MeterRole::Generation => continue,
        };
        match share(meter, from, to) {
            Share::None => {}
            Share::Part => return None,
            Share::Whole => {
                let readings = inspection.registers.get(&meter.id)?;
                let at = |t: i64| readings.iter().find(|r| r.read_at == t).and_then(|r| r.total_kwh);
                let difference = at(to)? - at(from)?;
                if difference < 0.0 {
                    return None; // a register that turned over, or another meter
                }
                register_kwh += sign * difference * meter.multiplier;
                step_kwh += meter.quantum_kwh.unwrap_or(STEP_KWH) * meter.multiplier;
            }
        }
    }
    let interval_kwh = load.import_kwh(range.clone());
    let apart = (interval_kwh - register_kwh).abs();
    if step_kwh == 0.0 || apart <= (RELATIVE * register_kwh.abs()).max(STEPS * step_kwh) {
        return None;
    }
    let ratio = (register_kwh != 0.0).then(|| interval_kwh / register_kwh);
    let evidence = json!({
        "finding": "intervals and registers disagree",
        "interval_kwh": interval_kwh,
        "register_kwh": register_kwh,
        "ratio": ratio,
    });
    Some(Run::of(range, evidence))
}

/// How much of a span a meter counts in.
enum Share {
    None,
    Part,
    Whole,
}

fn share(meter: &Meter, from: i64, to: i64) -> Share {
    let (start, end) = (meter.valid.from.unwrap_or(i64::MIN), meter.valid.to.unwrap_or(i64::MAX));
    if start >= to || end <= from {
        Share::None
    } else if start <= from && end >= to {
        Share::Whole
    } else {
        Share::Part
    }
}

/// The interval that starts at a wall-clock second, or the end of the load when it ends there.
fn index_at(load: &Load, local: i64) -> Option<usize> {
    let days = load.days();
    let date = Date(i32::try_from(local.div_euclid(DAY_SECONDS)).ok()?);
    let wall = local.rem_euclid(DAY_SECONDS);
    let Some(day) = days.day_of(date) else {
        let behind = wall == 0 && date == days.first().plus(days.len() as i32);
        return behind.then(|| days.len_intervals());
    };
    let elapsed = days.shift(day).map_or(Some(wall), |s| s.elapsed(wall).0)?;
    let step = load.interval().seconds();
    (elapsed % step == 0).then(|| days.range(day).start + (elapsed / step) as usize)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Case;
    use super::*;
    use crate::customer::RegisterReading;

    fn case(scale: f64) -> Case {
        let mut case = Case::one_shift(60);
        let mut meter = Meter::alone(&"m".into());
        meter.multiplier = 100.0;
        meter.quantum_kwh = Some(0.01);
        let kwh = |days: usize| case.kw[..days * 96].iter().sum::<f64>() / 4.0;
        let first = i64::from(case.first.0) * DAY_SECONDS;
        let reading = |day: usize| RegisterReading {
            read_at: first + day as i64 * DAY_SECONDS,
            total_kwh: Some(5000.0 + kwh(day) * scale / 100.0),
            ..RegisterReading::default()
        };
        case.registers.insert("m".into(), vec![reading(0), reading(31), reading(60)]);
        case.meters.push(meter);
        case
    }

    #[test]
    fn agreeing_registers_are_silent_and_a_wrong_multiplier_is_not() {
        assert_eq!(case(1.0).issues("V03"), []);
        let issues = case(0.5).issues("V03");
        assert_eq!(issues.iter().map(|i| i.n_intervals).collect::<Vec<_>>(), [31 * 96, 29 * 96]);
        assert!((issues[0].evidence["ratio"].as_f64().unwrap() - 2.0).abs() < 1e-9);
        assert_eq!(issues[0].meter.as_deref(), Some("m"));
    }

    #[test]
    fn a_span_with_a_gap_is_not_compared() {
        let mut gap = case(0.5);
        gap.flags[5] = 0;
        assert_eq!(gap.issues("V03").len(), 1);
    }
}

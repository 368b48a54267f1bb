//! What the registers of a supply point's meter say of each cycle.

use super::RegisterUse;
use crate::customer::{Meter, MeterRole, RegisterReading, RegisterReadings};
use crate::time::{Cycle, DAY_SECONDS, Date};
use crate::units::Kw;
use std::sync::Arc;

/// Registers count for a cycle when they were read within this of its ends, in seconds (judgement:
/// meters are read around midnight of the reading day).
const LATEST_READING: i64 = 6 * 3_600;

/// For each cycle what the registers of a supply point show; `None` where they were not read. A
/// supply point with several main meters has no register of its own.
#[must_use]
pub fn register_use(
    supply_point: &Arc<str>,
    meters: &[Meter],
    registers: &RegisterReadings,
    cycles: &[Cycle],
) -> Vec<Option<RegisterUse>> {
    let mut own = meters
        .iter()
        .filter(|m| m.supply_point == *supply_point && matches!(m.role, MeterRole::Main | MeterRole::Deduct));
    let (Some(meter), None) = (own.next(), own.next()) else { return vec![None; cycles.len()] };
    let Some(readings) = registers.get(&meter.id).filter(|_| meter.role == MeterRole::Main) else {
        return vec![None; cycles.len()];
    };
    let near = |date: Date| {
        let midnight = i64::from(date.0) * DAY_SECONDS;
        let off = |r: &&RegisterReading| (r.read_at - midnight).abs();
        readings.iter().filter(|r| off(r) <= LATEST_READING).min_by_key(off)
    };
    cycles.iter().map(|c| near(c.dates.end).map(|end| of(meter, near(c.dates.start), end))).collect()
}

fn of(meter: &Meter, start: Option<&RegisterReading>, end: &RegisterReading) -> RegisterUse {
    let k = meter.multiplier;
    let used = |of: &dyn Fn(&RegisterReading) -> Option<f64>| {
        let (from, to) = (of(start?)?, of(end)?);
        // A register that ran backwards was changed or rolled over.
        if to >= from { Some((to - from) * k) } else { None }
    };
    RegisterUse {
        step_kwh: meter.quantum_kwh.map(|q| q * k),
        total_kwh: used(&|r| r.total_kwh),
        period_kwh: std::array::from_fn(|p| used(&|r| r.period_kwh.get(p).copied().flatten())),
        kvarh_lag_lead: [used(&|r| r.kvarh_lag), used(&|r| r.kvarh_lead)],
        max_demand: end.max_demand_kw.map(|kw| Kw::new(kw * k)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::cycles;

    #[test]
    fn a_cycle_has_what_its_two_readings_differ_by() {
        let reading = |day: &str, total: f64, kw| RegisterReading {
            read_at: i64::from(day.parse::<Date>().unwrap().0) * DAY_SECONDS,
            total_kwh: Some(total),
            period_kwh: [None, Some(total / 4.0), None, None, None],
            max_demand_kw: kw,
            ..RegisterReading::default()
        };
        let id: Arc<str> = "m".into();
        let meter = Meter { multiplier: 100.0, quantum_kwh: Some(0.01), ..Meter::alone(&id) };
        let readings = vec![reading("2026-01-01", 10.0, None), reading("2026-02-01", 50.0, Some(0.8))];
        let registers = RegisterReadings::from([(Arc::clone(&id), readings)]);
        let cycles = cycles("2026-01-01".parse().unwrap(), 59, 1, true, true);
        let found = register_use(&id, std::slice::from_ref(&meter), &registers, &cycles);
        let january = found[0].unwrap();
        assert_eq!(
            (january.step_kwh, january.total_kwh, january.max_demand),
            (Some(1.0), Some(4000.0), Some(Kw::new(80.0)))
        );
        assert_eq!(january.period_kwh, [None, Some(1000.0), None, None, None]);
        assert_eq!(found[1], None, "not read at its end");
        let two = [meter.clone(), Meter { id: "n".into(), ..meter }];
        assert_eq!(register_use(&id, &two, &registers, &cycles), [None, None]);
    }
}

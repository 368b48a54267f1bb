//! How a customer's supply points are metered, and what registers say of another load.

use crate::curve::Load;
use crate::tariff::{Compiled, CycleUsage, Period, RegisterUse, Usage, usage};
use crate::time::Cycle;
use crate::units::{Kvarh, Kw};
use std::sync::Arc;

/// Usages of all supply points, in their order.
pub(super) type Usages = Vec<(Arc<str>, Usage)>;

/// How the supply points are metered.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metering {
    /// Supply points metered on the low side of their transformer.
    pub(super) low_side: Vec<Arc<str>>,
    /// What the registers of each supply point say of each cycle; empty without register readings.
    pub(super) registers: Vec<Vec<Option<RegisterUse>>>,
    /// Energy is billed as the registers show it.
    pub(super) register_bill: bool,
    /// Measured maxima of the load as it is, of each supply point and cycle: what the registers'
    /// maxima are compared with.
    pub(super) maxima: Vec<Vec<Option<Kw>>>,
    /// The loads as they are, and in register bills what was measured of them: what the registers'
    /// energies are compared with. Without losses, as the meters see them.
    pub(super) origin: Vec<(Arc<str>, Arc<Load>)>,
    pub(super) was: Usages,
    /// The tariff is not the customer's own: the meter's periods are those of its own.
    pub(super) foreign: bool,
}

impl Metering {
    /// Supply points on the low side, and the registers of each supply point by cycle (empty without
    /// register readings).
    #[must_use]
    pub fn new(low_side: Vec<Arc<str>>, registers: Vec<Vec<Option<RegisterUse>>>) -> Self {
        Self { low_side, registers, ..Self::default() }
    }

    /// The same, energy being billed as the registers show it.
    #[must_use]
    pub fn register_bill(self, yes: bool) -> Self {
        Self { register_bill: yes, ..self }
    }

    /// Measures the loads as they are under a tariff.
    pub(super) fn measured(&self, cycles: &[Cycle], tariff: &Compiled) -> Usages {
        self.origin.iter().map(|(id, load)| (Arc::clone(id), usage(load, cycles, tariff))).collect()
    }
}

/// A register's energies moved by what another load uses more in the intervals, so that both bills
/// rest on the same reading.
pub(super) fn moved(
    register: RegisterUse,
    now: &CycleUsage,
    was: &CycleUsage,
    tariff: &Compiled,
    foreign: bool,
) -> RegisterUse {
    let more = |value: Option<f64>, now: f64, was: f64| value.map(|v| v + (now - was));
    let sum = |u: &CycleUsage, p: Option<Period>| -> f64 {
        let counted = tariff.bands().iter().enumerate().filter(|(_, b)| p.is_none_or(|p| b.period == p));
        counted.map(|(i, _)| u.interval_kwh(i).get()).sum()
    };
    let kvarh = |u: &CycleUsage| u.kvarh.map_or(0.0, Kvarh::get);
    let [lag, lead] = register.kvarh_lag_lead;
    let period = |(value, p): (Option<f64>, Period)| more(value, sum(now, Some(p)), sum(was, Some(p)));
    let mut periods = register.period_kwh.into_iter().zip(Period::ALL).map(period);
    RegisterUse {
        total_kwh: more(register.total_kwh, sum(now, None), sum(was, None)),
        period_kwh: if foreign { [None; 5] } else { std::array::from_fn(|_| periods.next().flatten()) },
        kvarh_lag_lead: [more(lag, kvarh(now), kvarh(was)), lead],
        ..register
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::super::fixture::{TARIFF, flat_year};
    use super::*;
    use crate::tariff::{LineKind, Tariff};
    use crate::time::Interval;
    use std::path::Path;

    /// A register that shows a little more than the intervals in each cycle: 100 kW give 2400 kWh a day.
    fn registers(state: &State) -> Vec<Vec<Option<RegisterUse>>> {
        let of = |c: &Cycle| {
            let days = c.days.len() as f64;
            Some(RegisterUse {
                total_kwh: Some(2400.0 * days + 7.4),
                period_kwh: [None, Some(1200.0 * days + 3.6), None, Some(800.0 * days), None],
                ..RegisterUse::default()
            })
        };
        vec![state.cycles().iter().map(of).collect()]
    }

    fn january(state: &State) -> Vec<(String, f64)> {
        let lines = state.bill().map_or(&[][..], |b| &b.cycles[0].lines);
        let energy = lines.iter().filter(|l| l.kind == LineKind::Energy);
        energy.map(|l| (l.name.to_string(), l.quantity)).collect()
    }

    #[test]
    fn a_register_bill_of_another_load_moves_the_same_reading() {
        let plain = flat_year(100.0).state();
        let metering = Metering::new(Vec::new(), registers(&plain));
        let own = |name: &str, kwh: f64| (name.to_owned(), kwh);
        // By intervals: the registers do not count.
        let state = plain.clone().with_metering(metering.clone());
        assert_eq!(january(&state), [own("peak", 37_200.0), own("flat", 12_400.0), own("valley", 24_800.0)]);
        // By registers: peak 37 203.6, valley 24 800, flat the rest of 74 407.4.
        let state = plain.with_metering(metering.register_bill(true));
        assert_eq!(january(&state), [own("peak", 37_204.0), own("flat", 12_403.0), own("valley", 24_800.0)]);
        // Ten kW less at all hours: 12 × 31 × 10 less at peak.
        let less = state.with_kw(vec![90.0; state.load().kw().len()]);
        assert_eq!(january(&less), [own("peak", 33_484.0), own("flat", 11_163.0), own("valley", 22_320.0)]);
        // Another tariff has other windows, so that the total alone holds.
        let text = TARIFF.replace("test-two-part", "other").replace("08:00-20:00", "09:00-20:00");
        let text = text.replace("00:00-08:00", "00:00-09:00");
        let tariff = Tariff::parse(Path::new("other.toml"), &text).unwrap();
        let other = state.with_tariff(Arc::new(Compiled::new(Arc::new(tariff), Interval::M15, None).unwrap()));
        assert_eq!(january(&other), [own("peak", 34_100.0), own("flat", 12_407.0), own("valley", 27_900.0)]);
    }
}

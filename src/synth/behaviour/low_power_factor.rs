//! Reactive power that is not compensated: every month's power factor is well below the standard.

use super::{Behaviour, Figures, Remedy, figures};
use crate::rule::Figure;
use crate::synth::random::Random;
use crate::synth::site::{Draft, Site, tan_phi};

/// Range of the planted power factor.
const POWER_FACTOR: (f64, f64) = (0.78, 0.86);

/// cos φ just above the cap of the reward for every standard (0.95, 0.94, 0.92; 〔83〕水电财字215号).
const COMPENSATED: f64 = 0.96;

/// See the module.
pub struct LowPowerFactor;

impl Behaviour for LowPowerFactor {
    fn name(&self) -> &'static str {
        "low_power_factor"
    }

    fn rule(&self) -> Option<&'static str> {
        Some("R05")
    }

    /// Every month has the cos φ at which the reward is full.
    fn mend(&self, site: &mut Site, _draft: &Draft, _random: &mut Random) -> Remedy {
        compensate(site);
        Remedy::Load
    }

    fn plant(&self, site: &mut Site, random: &mut Random) -> Figures {
        let target = random.between(POWER_FACTOR.0, POWER_FACTOR.1);
        let all = 0..site.kvar.len();
        let (kwh, kvarh) = (site.import_kwh(all.clone()), site.kvarh(all));
        if kvarh > 0.0 {
            let gain = kwh * tan_phi(target) / kvarh;
            site.kvar.iter_mut().for_each(|q| *q *= gain);
        }
        let mut out = figures([("power_factor", target, ""), ("kvarh", kwh * tan_phi(target), "kvarh")]);
        for (month, range) in site.axis.months.clone() {
            let (p, q) = (site.import_kwh(range.clone()), site.kvarh(range));
            if p > 0.0 {
                let value = p / (p * p + q * q).sqrt();
                out.insert(format!("power_factor {month}"), Figure { value, unit: "" });
            }
        }
        out
    }
}

/// Takes reactive power away until every month has the cos φ at which the reward is full.
pub fn compensate(site: &mut Site) {
    for (_, range) in site.axis.months.clone() {
        let (kwh, kvarh) = (site.import_kwh(range.clone()), site.kvarh(range.clone()));
        let gain = if kvarh > 0.0 { (kwh * tan_phi(COMPENSATED) / kvarh).min(1.0) } else { 1.0 };
        site.kvar[range].iter_mut().for_each(|q| *q *= gain);
    }
}

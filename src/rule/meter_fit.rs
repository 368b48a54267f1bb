//! R18: current transformers that do not fit the load, and multipliers that seem to have changed.

use super::{Audience, Facts, Finding, Model, Need, Rule, Tier, Verdict};
use crate::customer::{Meter, MeterRole};
use crate::text::said;

/// Rated secondary voltage of voltage transformers in kV.
const SECONDARY_KV: f64 = 0.1;
/// Voltage of a meter without voltage transformers in kV.
const LOW_KV: f64 = 0.4;
/// The check that finds a change of the multiplier.
const MULTIPLIER_CHECK: &str = "V13";

/// Fit of the metering.
#[derive(Debug)]
pub struct MeterFit;

impl Rule for MeterFit {
    fn code(&self) -> &'static str {
        "R18"
    }

    fn card(&self) -> &'static str {
        include_str!("meter_fit.md")
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::CtRatio]
    }

    fn tier(&self) -> Tier {
        Tier::Inform
    }

    fn audience(&self) -> Audience {
        Audience::Internal
    }

    fn judge(&self, facts: &Facts<'_>) -> Verdict {
        let t = facts.thresholds;
        let jumps = facts.issues.iter().filter(|i| i.code == MULTIPLIER_CHECK).count();
        let worst = fits(facts).into_iter().filter(|f| f.1 < t.ct_least_share || f.1 > t.ct_most_share);
        let worst = worst.max_by(|a, b| a.1.ln().abs().total_cmp(&b.1.ln().abs()));
        if jumps == 0 && worst.is_none() {
            return Verdict::Nothing(said("rule.ct").into());
        }
        let mut evidence = facts.evidence();
        evidence.figure("multiplier_jumps", jumps as f64, "");
        // A jump is inferred from the shape of days; a current is read.
        let mut model = match jumps {
            0 => Model::read_off(),
            _ => Model::untested(said("model.jump")),
        };
        if let Some((meter, share)) = &worst {
            if meter.ct_secondary_a.is_none() {
                model = model.or_less(Model::untested(said("model.secondary")));
            }
            evidence.constant("ct_secondary", meter.ct_secondary_a.unwrap_or(t.ct_secondary_a), "A");
            evidence.figure("current_to_rating", *share, "");
            evidence.note("meter", meter.id.to_string());
        }
        evidence.constant("least_share", t.ct_least_share, "");
        evidence.constant("most_share", t.ct_most_share, "");
        evidence.note("status", said("rule.meter_staff"));
        Verdict::Inform(Box::new(Finding { tier: Tier::Inform, priority: 1, kw: None, model, evidence }))
    }
}

/// Of each supply point with one main meter whose ratio is known: the greatest current over the
/// rated one.
fn fits<'a>(facts: &Facts<'a>) -> Vec<(&'a Meter, f64)> {
    let mut out = Vec::new();
    for (id, load) in facts.state.points() {
        let here = |m: &&Meter| m.role == MeterRole::Main && m.supply_point == *id;
        let mut mains = facts.side.meters.iter().filter(here);
        let (Some(meter), None) = (mains.next(), mains.next()) else { continue };
        let Some(rated_kva) = rated_kva(meter, facts.thresholds.ct_secondary_a) else { continue };
        let kvar = load.channels().kvar.as_deref().unwrap_or(&[]);
        let square = |(i, p): (usize, &f64)| p * p + kvar.get(i).map_or(0.0, |q| q * q);
        let kva = load.kw().iter().enumerate().map(square).fold(0.0, f64::max).sqrt();
        if kva > 0.0 {
            out.push((meter, kva / rated_kva));
        }
    }
    out
}

/// √3 · U · I at the rated primary current; `usual_a` is the secondary one where the meter does not tell it.
fn rated_kva(meter: &Meter, usual_a: f64) -> Option<f64> {
    let secondary = meter.ct_secondary_a.unwrap_or(usual_a);
    let kv = meter.pt_ratio.filter(|r| *r > 1.0).map_or(LOW_KV, |r| SECONDARY_KV * r);
    meter.ct_ratio.map(|ct| 3.0_f64.sqrt() * kv * secondary * ct).filter(|kva| *kva > 0.0)
}

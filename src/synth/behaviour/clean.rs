//! A well-run plant: nothing to advise.

use super::{Behaviour, Figures, figures};
use crate::synth::random::Random;
use crate::synth::site::{Draft, Site};

/// cos φ just above the cap of the reward for the standard 0.90 (0.96; 〔83〕水电财字215号).
const POWER_FACTOR: f64 = 0.962;
/// Transformers used well (judgement), kW/kVA, and never heavily: with that cos φ below 80 % of their rating.
const LOADING: f64 = 0.74;
const MOST_LOADED: f64 = 0.76;

/// See the module.
pub struct Clean;

impl Behaviour for Clean {
    fn name(&self) -> &'static str {
        "clean"
    }

    fn prepare(&self, draft: &mut Draft, _random: &mut Random) {
        draft.power_factor = POWER_FACTOR;
        draft.loading = LOADING;
        draft.most_loaded = MOST_LOADED;
        draft.noise = 0.005;
        draft.level_spread = 0.002;
    }

    fn plant(&self, site: &mut Site, _random: &mut Random) -> Figures {
        let all = 0..site.gross_kw.len();
        let hours = all.len() as f64 * site.axis.days.interval().hours();
        let (kwh, kvarh, max_kw) = (site.import_kwh(all.clone()), site.kvarh(all.clone()), site.max_kw(all));
        figures([
            ("power_factor", kwh / (kwh * kwh + kvarh * kvarh).sqrt(), ""),
            ("load_factor", kwh / hours / max_kw, ""),
        ])
    }
}

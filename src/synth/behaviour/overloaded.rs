//! Transformers that carry more than their rating allows for long, hour after hour: an even load just below the
//! rating, so that it lies above four fifths of it on most days.

use super::{Behaviour, Figures, figures};
use crate::synth::random::Random;
use crate::synth::register;
use crate::synth::site::{Draft, Site};

/// Maximum demand over the capacity of the transformers, kW/kVA.
const LOADING: f64 = 0.94;
/// The greatest such loading that sizes may lead to.
const MOST_LOADED: f64 = 0.97;
/// Units of the bank.
const UNITS: usize = 2;

/// See the module.
pub struct Overloaded;

impl Behaviour for Overloaded {
    fn name(&self) -> &'static str {
        "overloaded"
    }

    fn rule(&self) -> Option<&'static str> {
        Some("R12")
    }

    fn prepare(&self, draft: &mut Draft, _random: &mut Random) {
        draft.loading = LOADING;
        draft.most_loaded = MOST_LOADED;
        draft.units = UNITS;
    }

    /// Sizes are far apart: the load is scaled to what the bank that comes nearest can be loaded to, and a little
    /// less, lest the last bit of a product asks for one unit more.
    fn plant(&self, site: &mut Site, _random: &mut Random) -> Figures {
        let max_kw = site.max_kw(0..site.gross_kw.len());
        let bank = register::bank("", max_kw, (LOADING, MOST_LOADED), UNITS);
        let kva: f64 = bank.iter().map(|unit| unit.kva).sum();
        let gain = 0.999 * LOADING * kva / max_kw.max(f64::MIN_POSITIVE);
        site.gross_kw.iter_mut().chain(&mut site.kvar).for_each(|v| *v *= gain);
        figures([("capacity_kva", kva, "kVA"), ("kw_per_kva", LOADING, "kW/kVA")])
    }
}

//! A customer whose clock changes: a spring day of 92 quarter hours, an autumn day of 100.

use super::{Behaviour, Figures};
use crate::rule::Figure;
use crate::synth::axis::Home;
use crate::synth::random::Random;
use crate::synth::site::{Draft, Site};

/// See the module.
pub struct Dst;

impl Behaviour for Dst {
    fn name(&self) -> &'static str {
        "dst"
    }

    fn prepare(&self, draft: &mut Draft, _random: &mut Random) {
        draft.home = Home::Germany;
    }

    fn plant(&self, site: &mut Site, _random: &mut Random) -> Figures {
        let days = &site.axis.days;
        (0..days.len())
            .filter(|d| days.shift(*d).is_some())
            .map(|d| (format!("rows {}", days.date(d)), Figure { value: days.range(d).len() as f64, unit: "" }))
            .collect()
    }

    fn repeats_labels(&self) -> bool {
        true
    }
}

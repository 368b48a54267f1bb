//! Putting estimates beside the readings.

use super::{ESTIMATED, Estimates, Load};

impl Load {
    /// Puts estimates beside the readings and marks their intervals [`ESTIMATED`]. Readings, masks
    /// and maxima stay as they are; estimates where a valid reading stands, outside the span or out
    /// of order are left out. Reactive estimates are kept when there is one for each active one.
    pub fn set_estimates(&mut self, estimates: &Estimates) {
        for i in &self.estimates.index {
            if let Some(f) = self.channels.flags.get_mut(*i as usize) {
                *f &= !ESTIMATED;
            }
        }
        self.estimates = Estimates::default();
        let reactive = self.has_reactive() && estimates.kvar.len() == estimates.index.len();
        for (k, (&i, &kw)) in estimates.index.iter().zip(&estimates.kw).enumerate() {
            let at = i as usize;
            let ordered = self.estimates.index.last().is_none_or(|last| *last < i);
            if !self.span.contains(&at) || self.is_valid(at) || !ordered {
                continue;
            }
            self.channels.flags[at] |= ESTIMATED;
            self.estimates.index.push(i);
            self.estimates.kw.push(kw);
            if let Some(kvar) = estimates.kvar.get(k).filter(|_| reactive) {
                self.estimates.kvar.push(*kvar);
            }
        }
    }
}

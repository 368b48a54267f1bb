//! Constants of the rules as a file sets them, and which of them nothing can be reckoned with.

use super::Thresholds;
use crate::error::{Error, Result};
use crate::text::said;
use std::path::Path;

impl Thresholds {
    /// Reads the constants that a TOML file sets; the others keep their defaults.
    ///
    /// # Errors
    /// When the file cannot be read, names a constant that there is not, or sets one to what nothing can be
    /// reckoned with.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(Error::io(path))?;
        let found: Self = toml::from_str(&text).map_err(|e| {
            let what = format!("--thresholds {}: {}", path.display(), e.to_string().trim_end());
            Error::option(what, said("side.thresholds_cure"))
        })?;
        match found.unusable() {
            Some((name, cure)) => Err(Error::option(format!("--thresholds {}: {name}", path.display()), cure)),
            None => Ok(found),
        }
    }

    /// The first constant that would never let a search end, and what it may be.
    fn unusable(&self) -> Option<(&'static str, &'static str)> {
        let steps = [
            ("contract_multiple_step", self.contract_multiple_step, LEAST_STEP_OF_MULTIPLES),
            ("cooling_balance_step", self.cooling_balance_step, LEAST_STEP_OF_TEMPERATURES),
            ("drift_balance_step", self.drift_balance_step, LEAST_STEP_OF_PAIRS),
        ];
        if let Some((name, ..)) = steps.iter().find(|(_, step, least)| step.is_nan() || step < least) {
            return Some((name, said("side.greater_step")));
        }
        (self.suspend_most_units > MOST_UNITS_COMBINED).then_some(("suspend_most_units", said("side.most_units")))
    }
}

/// Steps below these make searches of hours that find nothing new.
const LEAST_STEP_OF_MULTIPLES: f64 = 1e-4;
const LEAST_STEP_OF_TEMPERATURES: f64 = 0.01;
const LEAST_STEP_OF_PAIRS: f64 = 0.25;
/// All sets of so many units are 65,536.
const MOST_UNITS_COMBINED: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_sets_single_constants() {
        let t: Thresholds = toml::from_str("noise_money = 1000.0").unwrap();
        assert_eq!(t, Thresholds { noise_money: 1000.0, ..Thresholds::default() });
        assert!(toml::from_str::<Thresholds>("noise_mony = 1.0").is_err(), "a misspelt name is refused");
        let refused = |text: &str| toml::from_str::<Thresholds>(text).unwrap().unusable().map(|u| u.0);
        assert_eq!(refused("contract_multiple_step = 0.0"), Some("contract_multiple_step"));
        assert_eq!(refused("cooling_balance_step = nan"), Some("cooling_balance_step"));
        assert_eq!(refused("drift_balance_step = 0.01"), Some("drift_balance_step"));
        assert_eq!(refused("suspend_most_units = 64"), Some("suspend_most_units"));
        assert_eq!(refused("battery_powers = [0.2]"), None);
    }
}

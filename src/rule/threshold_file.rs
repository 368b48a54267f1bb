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
        let refuse = |name: &str, cure| Err(Error::option(format!("--thresholds {}: {name}", path.display()), cure));
        if let Some(name) = no_quantity(&text) {
            return refuse(&name, said("side.finite"));
        }
        match found.unusable() {
            Some((name, cure)) => refuse(name, cure),
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
        let shares = [("battery_powers", &self.battery_powers), ("battery_shaved", &self.battery_shaved)];
        if let Some((name, _)) = shares.iter().find(|(_, s)| s.is_empty() || s.iter().any(|share| *share > 1.0)) {
            return Some((name, said("side.shares")));
        }
        if self.range_resamples == 0 {
            return Some(("range_resamples", said("side.finite")));
        }
        (self.suspend_most_units > MOST_UNITS_COMBINED).then_some(("suspend_most_units", said("side.most_units")))
    }
}

/// The first constant of a file that is negative or no finite number, or a list that holds one.
fn no_quantity(text: &str) -> Option<String> {
    fn sound(value: &toml::Value) -> bool {
        match value {
            toml::Value::Float(v) => v.is_finite() && *v >= 0.0,
            toml::Value::Integer(v) => *v >= 0,
            toml::Value::Array(values) => values.iter().all(sound),
            _ => true,
        }
    }
    let table: toml::Table = toml::from_str(text).ok()?;
    table.into_iter().find(|(_, value)| !sound(value)).map(|(name, _)| name)
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
        assert_eq!(refused("battery_shaved = []"), Some("battery_shaved"));
        assert_eq!(refused("battery_shaved = [5.0]"), Some("battery_shaved"));
        assert_eq!(refused("range_resamples = 0"), Some("range_resamples"));
        assert_eq!(no_quantity("noise_money = nan\nnoise_share = 0.1").as_deref(), Some("noise_money"));
        assert_eq!(no_quantity("battery_powers = [0.2, -0.2]").as_deref(), Some("battery_powers"));
        assert_eq!(no_quantity("noise_money = 0\nshift_crews = 1"), None);
    }
}

//! Constants of the rules as a file sets them, and which of them nothing can be reckoned with.

use super::Thresholds;
use crate::error::{Error, Result};
use crate::text::{said, say};
use rust_decimal::prelude::ToPrimitive;
use std::ops::RangeInclusive;
use std::path::Path;

impl Thresholds {
    /// Reads the constants that a TOML file sets; the others keep their defaults.
    ///
    /// # Errors
    /// When the file cannot be read, names a constant that there is not, or sets one to what it may not be.
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

    /// The first constant that is not what it may be, and what that is.
    fn unusable(&self) -> Option<(&'static str, String)> {
        let (name, _, range) = self.stated().into_iter().find(|(_, numbers, range)| {
            numbers.as_ref().is_some_and(|n| n.is_empty() || n.iter().any(|v| !range.contains(v)))
        })?;
        let (least, most) = (*range.start(), *range.end());
        let cure = match most {
            f64::MAX => say("side.number_from", &[("least", &least)]),
            _ => say("side.number_between", &[("least", &least), ("most", &most)]),
        };
        Some((name, cure))
    }
}

/// A constant's name, its numbers (`None` where it is not set or has none) and what these may be.
pub(super) type Stated = (&'static str, Option<Vec<f64>>, RangeInclusive<f64>);

/// The numbers of a constant.
pub(super) trait Numbers {
    fn numbers(&self) -> Option<Vec<f64>>;
}

macro_rules! single {
    ($($kind:ty),*) => {$(
        impl Numbers for $kind {
            fn numbers(&self) -> Option<Vec<f64>> {
                self.to_f64().map(|v| vec![v])
            }
        }
    )*};
}

single!(f64, usize, u32, i32, i64, u64);

impl Numbers for bool {
    fn numbers(&self) -> Option<Vec<f64>> {
        None
    }
}

impl Numbers for Option<f64> {
    fn numbers(&self) -> Option<Vec<f64>> {
        self.map(|v| vec![v])
    }
}

impl Numbers for Vec<f64> {
    fn numbers(&self) -> Option<Vec<f64>> {
        Some(self.clone())
    }
}

impl Numbers for Vec<[f64; 3]> {
    fn numbers(&self) -> Option<Vec<f64>> {
        Some(self.concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_sets_single_constants() {
        let t: Thresholds = toml::from_str("noise_money = 1000.0").unwrap();
        assert_eq!(t, Thresholds { noise_money: 1000.0, ..Thresholds::default() });
        assert!(toml::from_str::<Thresholds>("noise_mony = 1.0").is_err(), "a misspelt name is refused");
        assert_eq!(Thresholds::default().unusable(), None);
    }

    #[test]
    fn what_nothing_can_be_reckoned_with_is_refused_by_its_name() {
        let refused = |text: &str| toml::from_str::<Thresholds>(text).unwrap().unusable();
        let wrong = [
            ("contract_multiple_step", "0.0"),
            ("cooling_balance_step", "nan"),
            ("drift_balance_step", "0.01"),
            ("suspend_most_units", "64"),
            ("battery_shaved", "[]"),
            ("battery_shaved", "[5.0]"),
            ("battery_powers", "[0.2, -0.2]"),
            ("range_resamples", "0"),
            ("range_prices", "5.0"),
            ("range_tail", "0.7"),
            ("bill_model", "7.0"),
            ("noise_money", "nan"),
            ("noise_money", "-1"),
            ("shift_ramp_kw", "inf"),
            ("suspend_power_factor", "0.0"),
            ("contract_over_share", "0.9"),
            ("pf_targets", "[[0.9, 0.95, 1.2]]"),
            ("basis_quarters", "5"),
        ];
        for (name, value) in wrong {
            assert_eq!(refused(&format!("{name} = {value}")).map(|u| u.0), Some(name), "{value}");
        }
        for fine in ["battery_powers = [0.2]", "noise_money = 0\nleast_bills = 1", "shift_weekly = true"] {
            assert_eq!(refused(fine), None, "{fine}");
        }
    }

    /// Whatever is a share by its name is held to one.
    #[test]
    fn shares_are_bounded_by_one() {
        let whole = ["contract_over_share", "contract_least_year_before"];
        for (name, _, range) in Thresholds::default().stated() {
            let named = ["_share", "_model", "_loading", "certainty_", "grade_"].iter().any(|s| name.contains(s));
            let of_rating = ["heavy_loading", "heavy_over_loading", "ct_most_share"].contains(&name);
            if named && !of_rating && !whole.contains(&name) {
                assert_eq!(*range.end(), 1.0, "{name}");
            }
        }
    }

    #[test]
    fn the_file_and_the_range_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mine.toml");
        std::fs::write(&path, "bill_model = 7").unwrap();
        let told = Thresholds::load(&path).unwrap_err().to_string();
        assert!(told.contains("mine.toml") && told.contains("bill_model") && told.contains("from 0 to 1"), "{told}");
    }
}

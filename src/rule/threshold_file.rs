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
        match found.unusable().map(|(name, cure)| (name.to_owned(), cure)).or_else(|| found.contradiction()) {
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

    /// The first two constants that contradict each other, and how they must lie.
    fn contradiction(&self) -> Option<(String, String)> {
        let pf = self.pf_targets.iter().find(|[standard, cap, target]| standard > cap || cap > target);
        if let Some([standard, cap, target]) = pf {
            let cure = say("side.number_row", &[("standard", standard), ("cap", cap), ("target", target)]);
            return Some(("pf_targets".to_owned(), cure));
        }
        let stated = self.stated();
        let of = |name: &str| stated.iter().find(|s| s.0 == name).and_then(|s| s.1.as_ref()?.first().copied());
        let (low, high) =
            ORDERED.iter().find(|(low, high)| of(low).zip(of(high)).is_some_and(|(low, high)| low > high))?;
        let (least, most) = of(low).zip(of(high))?;
        let cure = say("side.number_pair", &[("low", low), ("least", &least), ("high", high), ("most", &most)]);
        Some((format!("{low}, {high}"), cure))
    }
}

/// Constants of which the former may not exceed the latter.
const ORDERED: [(&str, &str); 18] = [
    ("priority_medium_share", "priority_high_share"),
    ("certainty_medium", "certainty_high"),
    ("shift_backtest_least", "shift_backtest_promised"),
    ("schedule_least_match", "schedule_sure_match"),
    ("schedule_day_share", "schedule_off_share"),
    ("needle_top_share", "needle_tail_share"),
    ("base_day_low", "base_day_high"),
    ("base_reference", "base_quiet_level"),
    ("contract_least_multiple", "contract_most_multiple"),
    ("near_base", "near_peak"),
    ("rest_least_share", "rest_most_share"),
    ("rest_spread_low", "rest_spread_high"),
    ("cooling_balance_from", "cooling_balance_to"),
    ("drift_balance_from", "drift_balance_to"),
    ("heavy_loading", "heavy_over_loading"),
    ("voltage_payback_years", "voltage_most_payback_years"),
    ("ct_least_share", "ct_most_share"),
    ("pf_steps", "pf_most_steps"),
];

/// The struct of the constants, its defaults and what each may be, from one list.
macro_rules! thresholds {
    ($($(#[$doc:meta])* $name:ident: $kind:ty = $default:expr => $range:expr,)*) => {
        /// Constants of the rules; a TOML table may set any of them.
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Thresholds {
            $($(#[$doc])* pub $name: $kind,)*
        }

        impl Default for Thresholds {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        impl Thresholds {
            /// Each constant's name, its numbers and what these may be.
            pub(super) fn stated(&self) -> Vec<Stated> {
                vec![$((stringify!($name), self.$name.numbers(), $range),)*]
            }
        }
    };
}
pub(super) use thresholds;

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
            ("range_resamples", "100000000000"),
            ("range_rebilled", "100000000000"),
            ("range_prices", "5.0"),
            ("range_tail", "0.7"),
            ("certainty_high", "7.0"),
            ("noise_money", "nan"),
            ("noise_money", "-1"),
            ("shift_ramp_kw", "inf"),
            ("suspend_power_factor", "0.0"),
            ("contract_over_share", "0.9"),
            ("pf_targets", "[[0.9, 0.95, 1.2]]"),
            ("basis_quarters", "5"),
            ("drift_balance_from", "-31"),
            ("cooling_balance_to", "40.5"),
        ];
        for (name, value) in wrong {
            assert_eq!(refused(&format!("{name} = {value}")).map(|u| u.0), Some(name), "{value}");
        }
        for fine in [
            "battery_powers = [0.2]",
            "noise_money = 0\nleast_bills = 1",
            "shift_weekly = true",
            "drift_balance_from = -30\ncooling_heated_below = -8.5",
        ] {
            assert_eq!(refused(fine), None, "{fine}");
        }
    }

    #[test]
    fn what_contradicts_itself_is_refused_by_both_names() {
        let refused = |text: &str| toml::from_str::<Thresholds>(text).unwrap().contradiction();
        assert_eq!(Thresholds::default().contradiction(), None);
        let stated = Thresholds::default().stated();
        let known = |name: &str| stated.iter().any(|s| s.0 == name && s.1.as_ref().is_some_and(|n| n.len() == 1));
        for (low, high) in ORDERED {
            assert!(known(low) && known(high), "{low}, {high}");
        }
        let wrong = [
            ("certainty_medium", "certainty_high", "certainty_high = 0.3"),
            ("base_day_low", "base_day_high", "base_day_low = 0.95"),
            ("contract_least_multiple", "contract_most_multiple", "contract_most_multiple = 0.9"),
            ("cooling_balance_from", "cooling_balance_to", "cooling_balance_from = 31.0"),
        ];
        for (low, high, text) in wrong {
            let (names, cure) = refused(text).unwrap();
            assert!([low, high].iter().all(|n| names.contains(n) && cure.contains(n)), "{names}: {cure}");
        }
        let (name, cure) = refused("pf_targets = [[0.9, 0.95, 0.96], [0.85, 0.94, 0.93]]").unwrap();
        assert!(name == "pf_targets" && cure.contains("0.94") && cure.contains("0.93"), "{cure}");
        assert_eq!(refused("base_day_low = 0.5\nbase_day_high = 0.5"), None, "equal ones are no contradiction");
    }

    /// Whatever is a share by its name is held to one.
    #[test]
    fn shares_are_bounded_by_one() {
        let whole = ["contract_over_share", "contract_least_year_before"];
        for (name, _, range) in Thresholds::default().stated() {
            let named = ["_share", "_loading", "certainty_"].iter().any(|s| name.contains(s));
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
        std::fs::write(&path, "certainty_high = 7").unwrap();
        let told = || Thresholds::load(&path).unwrap_err().to_string();
        let range = told();
        assert!(
            range.contains("mine.toml") && range.contains("certainty_high") && range.contains("from 0 to 1"),
            "{range}"
        );
        std::fs::write(&path, "certainty_high = 0.3").unwrap();
        let pair = told();
        assert!(pair.contains("mine.toml") && pair.contains("certainty_high") && pair.contains("0.4"), "{pair}");
    }
}

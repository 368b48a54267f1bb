//! The checks, one file each.

mod back_feed;
mod clock_shift;
mod daily_usage;
mod gap;
mod high_limit;
mod multiplier;
mod outlier;
mod reactive;
mod register_sum;
mod spike;
mod structure;
mod stuck;
mod zero_run;

#[cfg(test)]
pub(super) mod fixture;

pub use high_limit::over_full_scale;

use super::{Inspection, Issue};
use std::fmt;

/// One validation of a load.
pub trait Check: fmt::Debug + Sync {
    /// `V01`…, never reused.
    fn code(&self) -> &'static str;
    /// What it finds, in a few words.
    fn name(&self) -> &'static str;
    /// What, threshold, action and source, one a line.
    fn card(&self) -> &'static str;
    /// The findings of a load.
    fn run(&self, inspection: &Inspection<'_>) -> Vec<Issue>;
}

/// All checks in the order of their codes.
pub static CHECKS: &[&dyn Check] = &[
    &structure::Structure,
    &gap::Gap,
    &register_sum::RegisterSum,
    &spike::Spike,
    &high_limit::HighLimit,
    &daily_usage::DailyUsage,
    &reactive::Reactive,
    &zero_run::ZeroRun,
    &stuck::Stuck,
    &outlier::Outlier,
    &back_feed::BackFeed,
    &clock_shift::ClockShift,
    &multiplier::Multiplier,
];

#[cfg(test)]
mod tests {
    use super::fixture::Case;
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_check_has_its_own_code_and_a_complete_card() {
        let codes: BTreeSet<&str> = CHECKS.iter().map(|c| c.code()).collect();
        assert_eq!(codes.len(), CHECKS.len());
        assert!(CHECKS.is_sorted_by_key(|c| c.code()));
        for check in CHECKS {
            for heading in ["What: ", "Threshold: ", "Action: ", "Source: "] {
                let n = check.card().lines().filter(|l| l.starts_with(heading)).count();
                assert_eq!(n, 1, "{} {heading}", check.code());
            }
        }
    }

    #[test]
    fn a_clean_year_has_no_issue() {
        for case in [Case::one_shift(365), Case::continuous(365)] {
            assert_eq!(case.inspect(), []);
        }
    }

    #[test]
    fn a_load_without_a_usable_interval_is_no_accident() {
        for case in [Case::one_shift(0), Case::one_shift(1), Case::one_shift(30).all_missing()] {
            case.inspect();
        }
    }
}

//! The model's part of a confidence: how much of a claim is borne out, and what that was measured by.

use super::Facts;
use crate::text::said;
use crate::units::Ratio;

/// A share from 0 to 1 and its measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Model {
    share: Ratio,
    /// In words.
    by: &'static str,
}

impl Model {
    /// Nothing but readings is told: there is nothing to fit.
    #[must_use]
    pub fn read_off() -> Self {
        Self { share: Ratio::new(1.0), by: said("model.read_off") }
    }

    /// A lower bound was read: what is told holds all the more.
    #[must_use]
    pub fn at_least() -> Self {
        Self { share: Ratio::new(1.0), by: said("model.at_least") }
    }

    /// The less sure of two.
    #[must_use]
    pub fn or_less(self, other: Self) -> Self {
        if other.share < self.share { other } else { self }
    }

    /// How likely the next case bears it out, when `fit` of `all` have: Laplace's rule of succession (*Essai
    /// philosophique sur les probabilités*, 1814), so that few cases tell little.
    #[must_use]
    pub fn succession(fit: usize, all: usize, by: &'static str) -> Self {
        Self::of_cases(fit + 1, all + 2, by)
    }

    /// A share that was measured, and what by.
    #[must_use]
    pub fn measured(share: f64, by: &'static str) -> Self {
        Self { share: Ratio::new(if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }), by }
    }

    /// Of `all` cases those that bear it out.
    #[must_use]
    pub fn of_cases(fit: usize, all: usize, by: &'static str) -> Self {
        Self::measured(fit as f64 / all.max(1) as f64, by)
    }

    /// Nothing that was given tests it: the same rule with no case seen, 1/2. `by` says which input would.
    #[must_use]
    pub fn untested(by: &'static str) -> Self {
        Self::succession(0, 0, by)
    }

    /// How near the recomputed bills come to those that were really sent: a check of the readings, the register and
    /// the tariff of today, on which a change of the terms of billing rests. Of what else is changed it tells
    /// nothing. Untested where too few were given: registers that agree with the readings tell nothing of the terms.
    #[must_use]
    pub fn of_bills(facts: &Facts<'_>) -> Self {
        let months = facts.side.issued.map_or(&[][..], |r| &r.months);
        let squares: Vec<f64> = months.iter().filter_map(|m| m.share).map(|share| share * share).collect();
        if squares.len() < facts.thresholds.least_bills {
            return Self::untested(said("model.no_bills"));
        }
        Self::measured(1.0 - (squares.iter().sum::<f64>() / squares.len() as f64).sqrt(), said("model.bills"))
    }

    /// The share.
    #[must_use]
    pub const fn share(self) -> Ratio {
        self.share
    }

    /// What it was measured by, in words.
    #[must_use]
    pub const fn by(self) -> &'static str {
        self.by
    }
}

/// The standard normal distribution (Abramowitz & Stegun 26.2.17: within 7.5e-8).
pub(super) fn normal(z: f64) -> f64 {
    let k = 1.0 / (1.0 + 0.231_641_9 * z.abs());
    let series = [1.330_274_429, -1.821_255_978, 1.781_477_937, -0.356_563_782, 0.319_381_530];
    let tail = series.iter().fold(0.0, |sum, c| (sum + c) * k) * (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt();
    if z >= 0.0 { 1.0 - tail } else { tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_normal_distribution_is_that_of_the_tables() {
        for (z, p) in [(0.0, 0.5), (1.0, 0.841_344_7), (-1.96, 0.024_997_9), (3.0, 0.998_650_1)] {
            assert!((normal(z) - p).abs() < 1e-7, "{z}: {}", normal(z));
        }
    }
}

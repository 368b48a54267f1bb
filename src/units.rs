//! Physical and money quantities. A number is private to its type; only products that mean
//! something physically exist. Arrays inside numeric kernels stay plain `f64`; everything that
//! crosses a module border as a single value is one of these.
//!
//! | type | unit | meaning |
//! |---|---|---|
//! | [`Kw`] | kW | active power, mean over an interval |
//! | [`Kwh`] | kWh | active energy |
//! | [`Kvar`] | kvar | reactive power |
//! | [`Kvarh`] | kvarh | reactive energy, Σ\|lag\| + Σ\|lead\| |
//! | [`Kva`] | kVA | apparent power, transformer rating |
//! | [`Hours`] | h | duration |
//! | [`Ratio`] | 1 | dimensionless, 0.85 = 85 % |
//! | [`Money`] | currency | decimal amount, never `f64` |

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, RoundingStrategy, ToPrimitive};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

macro_rules! quantity {
    ($(#[$doc:meta] $name:ident, $unit:literal;)*) => {$(
        #[$doc]
        #[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(f64);

        impl $name {
            /// The unit's symbol.
            pub const UNIT: &'static str = $unit;
            /// A quantity of nothing.
            pub const ZERO: Self = Self(0.0);
            /// Wraps a number that is in this unit.
            #[must_use]
            pub const fn new(value: f64) -> Self { Self(value) }
            /// The number in this unit.
            #[must_use]
            pub const fn get(self) -> f64 { self.0 }
            /// The greater of two.
            #[must_use]
            pub fn max(self, other: Self) -> Self { Self(self.0.max(other.0)) }
            /// The lesser of two.
            #[must_use]
            pub fn min(self, other: Self) -> Self { Self(self.0.min(other.0)) }
            /// How many times `other` fits in; `None` when `other` is zero.
            #[must_use]
            pub fn over(self, other: Self) -> Option<Ratio> {
                (other.0 != 0.0).then(|| Ratio(self.0 / other.0))
            }
        }
        impl Add for $name { type Output = Self; fn add(self, o: Self) -> Self { Self(self.0 + o.0) } }
        impl Sub for $name { type Output = Self; fn sub(self, o: Self) -> Self { Self(self.0 - o.0) } }
        impl Neg for $name { type Output = Self; fn neg(self) -> Self { Self(-self.0) } }
        impl AddAssign for $name { fn add_assign(&mut self, o: Self) { self.0 += o.0; } }
        impl Mul<f64> for $name { type Output = Self; fn mul(self, k: f64) -> Self { Self(self.0 * k) } }
        impl Sum for $name { fn sum<I: Iterator<Item = Self>>(i: I) -> Self { i.fold(Self::ZERO, Add::add) } }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)?;
                if $unit.is_empty() { Ok(()) } else { write!(f, " {}", $unit) }
            }
        }
    )*};
}

quantity! {
    /// Active power in kW, the mean over an interval.
    Kw, "kW";
    /// Active energy in kWh.
    Kwh, "kWh";
    /// Reactive power in kvar; lagging positive.
    Kvar, "kvar";
    /// Reactive energy in kvarh.
    Kvarh, "kvarh";
    /// Apparent power in kVA.
    Kva, "kVA";
    /// Duration in hours.
    Hours, "h";
    /// A dimensionless ratio; 0.85 means 85 %.
    Ratio, "";
}

impl Mul<Hours> for Kw {
    type Output = Kwh;
    fn mul(self, h: Hours) -> Kwh {
        Kwh(self.0 * h.0)
    }
}

impl Mul<Hours> for Kvar {
    type Output = Kvarh;
    fn mul(self, h: Hours) -> Kvarh {
        Kvarh(self.0 * h.0)
    }
}

impl Div<Hours> for Kwh {
    type Output = Kw;
    fn div(self, h: Hours) -> Kw {
        Kw(self.0 / h.0)
    }
}

impl Kwh {
    /// cos φ of monthly totals, `Wp / √(Wp² + Wq²)`; `None` without active energy
    /// (〔83〕水电财字215号 works on monthly energies, not on interval powers).
    #[must_use]
    pub fn power_factor(self, reactive: Kvarh) -> Option<Ratio> {
        (self.0 > 0.0).then(|| Ratio(self.0 / self.0.hypot(reactive.0)))
    }
}

/// An exact decimal amount in the currency that the tariff names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Money(Decimal);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// Wraps a decimal amount.
    #[must_use]
    pub const fn new(amount: Decimal) -> Self {
        Self(amount)
    }

    /// An amount from a float, rounded half away from zero to the hundredth; `None` when it is
    /// not finite or exceeds what a decimal holds.
    #[must_use]
    pub fn from_f64_rounded(amount: f64) -> Option<Self> {
        Decimal::from_f64(amount).map(|d| Self(d).rounded())
    }

    /// Rounded half away from zero to the hundredth (分, cent), as bill lines are.
    #[must_use]
    pub fn rounded(self) -> Self {
        Self(self.0.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero))
    }

    /// The decimal inside.
    #[must_use]
    pub const fn decimal(self) -> Decimal {
        self.0
    }

    /// As a float, for display and statistics.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        self.0.to_f64().unwrap_or(0.0)
    }

    /// In hundredths, for `DECIMAL(18,2)` columns; `None` beyond its range.
    #[must_use]
    pub fn hundredths(self) -> Option<i128> {
        let mut d = self.rounded().0;
        d.rescale(2);
        Some(d.mantissa())
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        Self(self.0 + o.0)
    }
}
impl Sub for Money {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        Self(self.0 - o.0)
    }
}
impl Neg for Money {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}
impl AddAssign for Money {
    fn add_assign(&mut self, o: Self) {
        self.0 += o.0;
    }
}
impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(i: I) -> Self {
        i.fold(Self::ZERO, Add::add)
    }
}
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2}", self.rounded().0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_rounds_half_away_from_zero() {
        let m = |s: &str| s.parse::<Decimal>().map(Money::new).map(|m| m.rounded().to_string());
        assert_eq!(m("1.005"), Ok("1.01".into()));
        assert_eq!(m("-1.005"), Ok("-1.01".into()));
        assert_eq!(m("2.00499"), Ok("2.00".into()));
        assert_eq!(Money::from_f64_rounded(12.5).and_then(Money::hundredths), Some(1250));
    }

    #[test]
    fn power_times_time_is_energy() {
        assert_eq!(Kw::new(100.0) * Hours::new(0.25), Kwh::new(25.0));
        assert_eq!(Kwh::new(3.0).power_factor(Kvarh::new(4.0)), Some(Ratio::new(0.6)));
        assert_eq!(Kwh::ZERO.power_factor(Kvarh::new(4.0)), None);
    }
}

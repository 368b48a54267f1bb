//! A price as the tariff file writes it, exactly; and the one place where money is rounded.

use crate::units::Money;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Quantities are billed to this many decimals (1e-6 kWh is below any register's step).
const QUANTITY_DECIMALS: u32 = 6;
/// Ten to the power of [`QUANTITY_DECIMALS`].
const QUANTITY_SCALE: f64 = 1e6;
/// Quantities at or above this are data errors, not bills; keeps every product within a decimal.
const QUANTITY_LIMIT: f64 = 1e15;
/// Prices at or above this are refused, for the same reason.
const PRICE_LIMIT: i64 = 1_000_000_000;

/// A price per unit, an exact decimal in the tariff's currency.
///
/// A TOML float such as `0.651886` goes through its shortest round-trip text, which is what was
/// written for up to 15 significant digits; more digits can be given as a string.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Price(Decimal);

impl Price {
    /// Nothing.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// Wraps a decimal.
    #[must_use]
    pub const fn new(value: Decimal) -> Self {
        Self(value)
    }

    /// The exact decimal.
    #[must_use]
    pub const fn decimal(self) -> Decimal {
        self.0
    }

    /// As a float, for exact amounts and display.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0.to_f64().unwrap_or(0.0)
    }

    /// As money, for one unit.
    #[must_use]
    pub const fn money(self) -> Money {
        Money::new(self.0)
    }

    /// The sum of two prices of the same unit.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }

    /// The price times a factor, exactly.
    #[must_use]
    pub fn times(self, factor: Self) -> Self {
        Self(self.0.saturating_mul(factor.0).normalize())
    }

    /// `quantity × price`: the amount rounded half away from zero to 0.01 of the decimal product of
    /// the quantity (to 1e-6) and the price. `None` when the quantity is not finite or absurdly large.
    #[must_use]
    pub fn amount(self, quantity: f64) -> Option<Money> {
        Some(Money::new(decimal(quantity)?.checked_mul(self.0)?).rounded())
    }

    fn parse(text: &str) -> Result<Self, String> {
        let value: Decimal = text.trim().parse().map_err(|_| format!("{text:?} is not a decimal number"))?;
        if value.abs() >= Decimal::from(PRICE_LIMIT) {
            return Err(format!("{text} is too large for a price"));
        }
        Ok(Self(value))
    }
}

/// A quantity as a decimal with six places; `None` when it is not finite or absurdly large.
fn decimal(quantity: f64) -> Option<Decimal> {
    (quantity.is_finite() && quantity.abs() < QUANTITY_LIMIT)
        .then(|| Decimal::from_i128_with_scale((quantity * QUANTITY_SCALE).round() as i128, QUANTITY_DECIMALS))
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.normalize(), f)
    }
}

impl Serialize for Price {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Price;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, or a number in quotes")
            }
            fn visit_f64<E: serde::de::Error>(self, v: f64) -> Result<Price, E> {
                Price::parse(&v.to_string()).map_err(E::custom)
            }
            fn visit_i64<E: serde::de::Error>(self, v: i64) -> Result<Price, E> {
                Price::parse(&v.to_string()).map_err(E::custom)
            }
            fn visit_u64<E: serde::de::Error>(self, v: u64) -> Result<Price, E> {
                Price::parse(&v.to_string()).map_err(E::custom)
            }
            fn visit_str<E: serde::de::Error>(self, v: &str) -> Result<Price, E> {
                Price::parse(v).map_err(E::custom)
            }
        }
        d.deserialize_any(Text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct One {
        p: Price,
    }

    fn read(text: &str) -> Result<String, String> {
        toml::from_str::<One>(&format!("p = {text}")).map(|o| o.p.decimal().to_string()).map_err(|e| e.to_string())
    }

    #[test]
    fn prices_are_the_decimals_that_were_written() {
        for text in ["0.651886", "1.049999", "-0.0002", "26.3", "0.1", "0.3", "123456.789012"] {
            assert_eq!(read(text), Ok(text.to_owned()));
        }
        assert_eq!(read("42"), Ok("42".into()));
        assert_eq!(read("\"0.123456789012345678901\""), Ok("0.123456789012345678901".into()));
        assert!(read("nan").is_err() && read("inf").is_err() && read("1e12").is_err() && read("true").is_err());
    }

    #[test]
    fn a_product_is_rounded_half_away_from_zero_once() {
        let price = Price::parse("0.05").unwrap();
        assert_eq!(price.amount(0.1).map(|a| a.to_string()), Some("0.01".into()), "0.005");
        assert_eq!(price.amount(-0.1).map(|a| a.to_string()), Some("-0.01".into()));
        assert_eq!(price.amount(f64::NAN), None);
        assert_eq!(price.amount(1e300), None);
    }

    #[test]
    fn the_sample_demand_charge_keeps_its_decimals() {
        // Hubei bill: 30842.066223 kW × 39 = 1 202 840.58 (domain reference §2.3).
        let amount = Price::parse("39").unwrap().amount(30_842.066_223).map(|a| a.to_string());
        assert_eq!(amount, Some("1202840.58".into()));
    }
}

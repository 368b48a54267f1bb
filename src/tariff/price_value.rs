//! A price as the tariff file writes it, exactly; and the one place where money is rounded.

use super::schema::UNKNOWN;
use crate::text::say;
use crate::units::Money;
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, RoundingStrategy, ToPrimitive};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// Quantities are billed to this many decimals (1e-6 kWh is below any register's step).
const QUANTITY_DECIMALS: u32 = 6;
/// Mean prices are shown to this many decimals.
const MEAN_DECIMALS: u32 = 9;
/// Amounts are billed to hundredths.
const AMOUNT_DECIMALS: u32 = 2;
/// Ten to the power of [`QUANTITY_DECIMALS`].
const QUANTITY_SCALE: f64 = 1e6;
/// Floats below this are 64-bit whole numbers.
const I64_LIMIT: f64 = 9e18;
/// Powers of ten that a 64-bit number holds.
const POWERS: [i64; 19] = {
    let mut out = [1; 19];
    let mut i = 1;
    while i < out.len() {
        out[i] = out[i - 1] * 10;
        i += 1;
    }
    out
};
/// Quantities at or above this are data errors, not bills; keeps every product within a decimal.
const QUANTITY_LIMIT: f64 = 1e15;
/// Prices at or above this are refused, for the same reason.
const PRICE_LIMIT: i64 = 1_000_000_000;

/// A price per unit, an exact decimal in the tariff's currency.
///
/// A TOML float such as `0.651886` goes through its shortest round-trip text, which is what was
/// written for up to 15 significant digits; more digits can be given as a string.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Price {
    exact: Decimal,
    float: f64,
    unknown: bool,
}

impl Price {
    /// Nothing.
    pub const ZERO: Self = Self { exact: Decimal::ZERO, float: 0.0, unknown: false };

    /// Wraps a decimal.
    #[must_use]
    pub fn new(value: Decimal) -> Self {
        Self { exact: value, float: value.to_f64().unwrap_or(0.0), unknown: false }
    }

    /// From a float that was computed, such as a mean price: to 9 decimals.
    #[must_use]
    pub fn from_f64(value: f64) -> Self {
        Self::new(Decimal::from_f64(value).unwrap_or_default()).rounded(MEAN_DECIMALS)
    }

    /// So many hundredths of a per cent.
    #[must_use]
    pub fn from_basis_points(points: i64) -> Self {
        Self { exact: Decimal::new(points, 4), float: points as f64 / 1e4, unknown: false }
    }

    /// The exact decimal.
    #[must_use]
    pub const fn decimal(self) -> Decimal {
        self.exact
    }

    /// As a float, for exact amounts and display.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.float
    }

    /// As money, for one unit.
    #[must_use]
    pub const fn money(self) -> Money {
        Money::new(self.exact)
    }

    /// The sum of two prices of the same unit.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self::new(self.exact + other.exact)
    }

    /// The price times a factor, exactly.
    #[must_use]
    pub fn times(self, factor: Self) -> Self {
        Self::new(self.exact.saturating_mul(factor.exact))
    }

    /// `quantity × price`: the amount rounded half away from zero to 0.01 of the decimal product of
    /// the quantity (to 1e-6) and the price. `None` when the quantity is not finite or absurdly large.
    #[must_use]
    pub fn amount(self, quantity: f64) -> Option<Money> {
        let micros = micros(quantity)?;
        let product = self.exact.mantissa().checked_mul(micros);
        if let Some(cents) = product.and_then(|p| to_cents(p, self.exact.scale())) {
            return Some(Money::new(cents));
        }
        let quantity = Decimal::try_from_i128_with_scale(micros, QUANTITY_DECIMALS).ok()?;
        Some(Money::new(quantity.checked_mul(self.exact)?).rounded())
    }

    /// The price rounded half away from zero to so many decimals, as price tables are.
    #[must_use]
    pub fn rounded(self, digits: u32) -> Self {
        Self::new(self.exact.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero))
    }

    /// Whether the file gives it; a template writes `"?"` for a price that is not known.
    #[must_use]
    pub const fn is_known(self) -> bool {
        !self.unknown
    }

    fn parse(text: &str) -> Result<Self, String> {
        if text.trim() == UNKNOWN {
            return Ok(Self { unknown: true, ..Self::ZERO });
        }
        let value: Decimal =
            text.trim().parse().map_err(|_| say("tariff.not_decimal", &[("text", &format_args!("{text:?}"))]))?;
        if value.abs() >= Decimal::from(PRICE_LIMIT) {
            return Err(say("tariff.too_large", &[("text", &text)]));
        }
        Ok(Self::new(value))
    }
}

/// A quantity in millionths; `None` when it is not finite or absurdly large.
fn micros(quantity: f64) -> Option<i128> {
    let whole = (quantity * QUANTITY_SCALE).round();
    if whole.abs() < I64_LIMIT {
        return Some(i128::from(whole as i64));
    }
    (quantity.is_finite() && quantity.abs() < QUANTITY_LIMIT).then_some(whole as i128)
}

/// A product of millionths and a price's mantissa, rounded half away from zero to hundredths;
/// `None` when it does not fit.
fn to_cents(product: i128, price_scale: u32) -> Option<Decimal> {
    let places = price_scale + QUANTITY_DECIMALS - AMOUNT_DECIMALS;
    // 64-bit division is several times as fast and nearly always enough.
    if let (Ok(product), Some(divisor)) = (i64::try_from(product), POWERS.get(places as usize)) {
        let half = if product < 0 { -(divisor / 2) } else { divisor / 2 };
        if let Some(cents) = product.checked_add(half) {
            return Some(Decimal::new(cents / divisor, AMOUNT_DECIMALS));
        }
    }
    let divisor = 10_i128.checked_pow(places)?;
    let half = if product < 0 { -(divisor / 2) } else { divisor / 2 };
    Decimal::try_from_i128_with_scale(product.checked_add(half)? / divisor, AMOUNT_DECIMALS).ok()
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.unknown {
            return f.write_str(UNKNOWN);
        }
        fmt::Display::fmt(&self.exact.normalize(), f)
    }
}

impl JsonSchema for Price {
    fn schema_name() -> Cow<'static, str> {
        "Price".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An exact decimal: a number, a number in quotes, or \"?\" in a template",
            "type": ["number", "string"],
            "pattern": "^([-+]?[0-9]+([.][0-9]*)?|[?])$"
        })
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

    proptest::proptest! {
        #[test]
        fn whole_number_arithmetic_equals_decimal_arithmetic(micros in -1e15..1e15f64, price in -1e6..1e6f64) {
            let (quantity, price) = (micros.round() / 1e6, Price::parse(&format!("{price:.9}")).unwrap());
            let exact = Decimal::from_i128_with_scale((quantity * 1e6).round() as i128, 6) * price.decimal();
            proptest::prop_assert_eq!(price.amount(quantity), Some(Money::new(exact).rounded()));
        }
    }

    #[test]
    fn the_sample_demand_charge_keeps_its_decimals() {
        // Hubei bill: 30842.066223 kW × 39 = 1 202 840.58 (domain reference §2.3).
        let amount = Price::parse("39").unwrap().amount(30_842.066_223).map(|a| a.to_string());
        assert_eq!(amount, Some("1202840.58".into()));
    }
}

//! Numbers, money and dates as the language writes them.

use super::{Language, Text};
use crate::time::Month;

/// Amounts from here on are written in 万 in Chinese.
const WAN: f64 = 10_000.0;

/// Energies from here on are written in MWh in English and in 万kWh in Chinese.
const MWH_FROM_KWH: f64 = 100_000.0;

/// Energies from here on are written in GWh or 亿kWh.
const GWH_FROM_KWH: f64 = 100_000_000.0;

/// A lower end below this share of the upper one is nothing beside it. Judgement.
const NOTHING_BESIDE: f64 = 0.02;

/// What stands for an absent number.
pub const ABSENT: &str = "–";

/// A yearly saving: what it is, and the ends of its range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Worth {
    /// Lower end; `None` where there is no range.
    pub low: Option<f64>,
    /// The saving itself.
    pub told: f64,
    /// Upper end.
    pub high: f64,
}

impl Worth {
    /// Whether its lower end is not worth mentioning, or nothing beside the upper.
    #[must_use]
    pub fn may_fail(self, least: f64) -> bool {
        self.low.is_some_and(|low| low < self.high && (low < least || low < NOTHING_BESIDE * self.high))
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let low = [self, other].map(|w| w.low.unwrap_or(w.told)).iter().sum();
        Self { low: Some(low), told: self.told + other.told, high: self.high + other.high }
    }
}

/// Rounds towards zero to two significant figures, as savings are promised: 18,734 → 18,000.
#[must_use]
pub fn floor_two_figures(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return 0.0;
    }
    let exponent = value.abs().log10().floor() as i32 - 1;
    // Powers of ten below 1 are not exact: divide by the whole one instead.
    if exponent >= 0 {
        let unit = 10f64.powi(exponent);
        (value / unit).trunc() * unit
    } else {
        let unit = 10f64.powi(-exponent);
        (value * unit + value.signum() * 1e-9).trunc() / unit
    }
}

/// Writes numbers for a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers(pub Language);

impl Numbers {
    /// `12,345.6` with a fixed number of decimals; a dash for what is not finite.
    #[must_use]
    pub fn fixed(self, value: f64, decimals: usize) -> String {
        if !value.is_finite() {
            return ABSENT.into();
        }
        let digits = format!("{:.decimals$}", value.abs());
        let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
        let mut out = String::with_capacity(digits.len() + 6);
        if value < 0.0 && digits.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
            out.push('−');
        }
        for (i, c) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                out.push(',');
            }
            out.push(c);
        }
        if !fraction.is_empty() {
            out.push('.');
            out.push_str(fraction);
        }
        out
    }

    /// Three significant figures or all whole digits: 1,234 · 56.7 · 8.90 · 0.123.
    #[must_use]
    pub fn auto(self, value: f64) -> String {
        let decimals = match value.abs() {
            v if v >= 99.95 => 0,
            v if v >= 9.995 => 1,
            v if v >= 0.9995 || v == 0.0 => 2,
            _ => 3,
        };
        if value == 0.0 { "0".into() } else { self.fixed(value, decimals) }
    }

    /// As few decimals as a round tick needs: 0 · 250 · 0.5.
    #[must_use]
    pub fn tick(self, value: f64, step: f64) -> String {
        let decimals = (0..4).find(|d| (step * 10f64.powi(*d)).fract().abs() < 1e-6).unwrap_or(4);
        self.fixed(value, decimals as usize)
    }

    /// Power with its unit.
    #[must_use]
    pub fn kw(self, value: f64) -> String {
        format!("{} kW", self.auto(value))
    }

    /// Energy in kWh, from 100,000 on in MWh or 万kWh, from 100 million on in GWh or 亿kWh.
    #[must_use]
    pub fn kwh(self, value: f64) -> String {
        match self.0 {
            _ if value.abs() < MWH_FROM_KWH => format!("{} kWh", self.auto(value)),
            Language::En if value.abs() >= GWH_FROM_KWH => format!("{} GWh", self.auto(value / 1e6)),
            Language::En => format!("{} MWh", self.auto(value / 1000.0)),
            Language::Zh if value.abs() >= GWH_FROM_KWH => format!("{} 亿kWh", self.fixed(value / 1e8, 2)),
            Language::Zh => format!("{} 万kWh", self.fixed(value / WAN, 2)),
        }
    }

    /// A share: 0.853 → `85.3%`.
    #[must_use]
    pub fn percent(self, ratio: f64, decimals: usize) -> String {
        format!("{}%", self.fixed(ratio * 100.0, decimals))
    }

    /// A difference as a share, with its sign: 0.013 → `+1.3%`.
    #[must_use]
    pub fn signed_percent(self, ratio: f64, decimals: usize) -> String {
        let text = self.percent(ratio, decimals);
        if text.starts_with('−') || !text.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
            text
        } else {
            format!("+{text}")
        }
    }

    /// A currency as units and captions name it: `CNY`, `元`.
    #[must_use]
    pub fn currency(self, code: &str) -> &str {
        if self.0 == Language::Zh && code == "CNY" { "元" } else { code }
    }

    /// A price of energy: `CNY 0.8448/kWh`, `0.8448 元/kWh`.
    #[must_use]
    pub fn price(self, value: f64, currency: &str) -> String {
        let amount = self.fixed(value, 4);
        match self.currency(currency) {
            "" => format!("{amount}/kWh"),
            "元" => format!("{amount} 元/kWh"),
            code => format!("{code} {amount}/kWh"),
        }
    }

    /// A whole amount with its currency: `CNY 1,234,567`, `123.46 万元`.
    #[must_use]
    pub fn money(self, value: f64, currency: &str) -> String {
        match self.0 {
            Language::Zh if currency == "CNY" && value.abs() >= WAN => {
                format!("{} 万元", self.fixed(value / WAN, 2))
            }
            Language::Zh if currency == "CNY" => format!("{} 元", self.fixed(value, 0)),
            _ => format!("{currency} {}", self.fixed(value, 0)),
        }
    }

    /// A sum over many customers: from 100 million on in millions or 亿元.
    #[must_use]
    pub fn money_sum(self, value: f64, currency: &str) -> String {
        match self.0 {
            _ if value.abs() < 1e8 => self.money(value, currency),
            Language::Zh if currency == "CNY" => format!("{} 亿元", self.fixed(value / 1e8, 2)),
            Language::Zh => format!("{currency} {} 亿", self.fixed(value / 1e8, 2)),
            Language::En => format!("{currency} {} million", self.fixed(value / 1e6, 1)),
        }
    }

    /// A yearly saving, two figures rounded down, lower end first: `CNY 18,000–25,000`,
    /// `1.8–2.5 万元`. One figure when both ends are the same or the lower is absent.
    #[must_use]
    pub fn saving(self, low: Option<f64>, high: f64, currency: &str) -> String {
        let (low, high) = (low.map(floor_two_figures), floor_two_figures(high));
        let low = low.filter(|l| *l < high);
        let wan = self.0 == Language::Zh && currency == "CNY" && high.abs() >= WAN;
        let one = |v: f64| if wan { self.short(v / WAN) } else { self.fixed(v, 0) };
        let span = low.map_or_else(|| one(high), |l| format!("{}–{}", one(l), one(high)));
        match self.0 {
            Language::Zh if wan => format!("{span} 万元"),
            Language::Zh if currency == "CNY" => format!("{span} 元"),
            _ => format!("{currency} {span}"),
        }
    }

    /// A yearly saving as its ends. Where the lower is below what is worth mentioning the saving itself leads, as `up to
    /// CNY 25,000`: no drawn year that saves more is promised.
    #[must_use]
    pub fn saving_from(self, least: f64, worth: Worth, currency: &str) -> String {
        if worth.may_fail(least) {
            return Text::of(self.0).fill("word.up_to", &[("saving", &self.saving(None, worth.told, currency))]);
        }
        self.saving(worth.low, worth.high, currency)
    }

    /// The range of a yearly saving: `CNY 18,000–25,000`, or `next to nothing to CNY 25,000` where the lower end is
    /// below what is worth mentioning.
    #[must_use]
    pub fn saving_range(self, least: f64, worth: Worth, currency: &str) -> String {
        if worth.may_fail(least) {
            return Text::of(self.0).fill("word.from_nothing", &[("saving", &self.saving(None, worth.high, currency))]);
        }
        self.saving(worth.low, worth.high, currency)
    }

    /// Without trailing zeros, at most two decimals.
    pub(super) fn short(self, value: f64) -> String {
        let s = self.fixed(value, 2);
        s.trim_end_matches('0').trim_end_matches('.').to_owned()
    }

    /// A share with no more decimals than it needs, at most three figures from a tenth on: `5.25%`, `30%`, `101.1%`.
    pub(super) fn share(self, ratio: f64) -> String {
        let percent = 100.0 * ratio;
        let places = if percent.abs() < 10.0 { 100.0 } else { 10.0 };
        format!("{}%", self.short((percent * places).round() / places))
    }

    /// A month: `Mar 2025`, `2025年3月`.
    #[must_use]
    pub fn month(self, month: Month) -> String {
        match self.0 {
            Language::En => format!("{} {}", self.month_name(month.month()), month.year()),
            Language::Zh => format!("{}年{}月", month.year(), month.month()),
        }
    }

    /// A month's short name: `Mar`, `3月`.
    #[must_use]
    pub fn month_name(self, month: u8) -> String {
        Text::of(self.0).t(&format!("month.m{month}")).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EN: Numbers = Numbers(Language::En);
    const ZH: Numbers = Numbers(Language::Zh);

    #[test]
    fn thousands_are_grouped_and_zero_has_no_sign() {
        assert_eq!(EN.fixed(12_345.64, 1), "12,345.6");
        assert_eq!(EN.fixed(-1_234_567.0, 0), "−1,234,567");
        assert_eq!(EN.fixed(-0.04, 1), "0.0");
        assert_eq!(EN.fixed(999.0, 0), "999");
        assert_eq!(EN.fixed(f64::NAN, 0), ABSENT);
        assert_eq!((EN.auto(1234.4), EN.auto(56.78), EN.auto(0.1234)), ("1,234".into(), "56.8".into(), "0.123".into()));
    }

    #[test]
    fn shares_have_no_more_decimals_than_they_need() {
        assert_eq!([1.0111, 0.3, 0.0525, 0.8534].map(|v| EN.share(v)), ["101.1%", "30%", "5.25%", "85.3%"]);
    }

    #[test]
    fn ticks_show_only_the_decimals_of_their_step() {
        assert_eq!(
            (EN.tick(250.0, 50.0), EN.tick(0.5, 0.25), EN.tick(2.5, 0.5)),
            ("250".into(), "0.50".into(), "2.5".into())
        );
    }

    #[test]
    fn a_price_names_its_currency_as_the_language_does() {
        assert_eq!(Numbers(Language::En).price(0.84481, "CNY"), "CNY 0.8448/kWh");
        assert_eq!(Numbers(Language::Zh).price(0.84481, "CNY"), "0.8448 元/kWh");
        assert_eq!(Numbers(Language::Zh).price(0.1, "EUR"), "EUR 0.1000/kWh");
        assert_eq!(Numbers(Language::En).price(0.1, ""), "0.1000/kWh");
    }

    #[test]
    fn chinese_money_is_in_wan_from_ten_thousand_on() {
        assert_eq!(ZH.money(1_234_567.0, "CNY"), "123.46 万元");
        assert_eq!(ZH.money(9_999.4, "CNY"), "9,999 元");
        assert_eq!(ZH.money(12_345.0, "EUR"), "EUR 12,345");
        assert_eq!(EN.money(1_234_567.0, "CNY"), "CNY 1,234,567");
    }

    #[test]
    fn a_saving_is_two_figures_rounded_down_with_the_lower_end_first() {
        assert_eq!(
            [18_734.0, 999.0, 0.0567, -18_734.0, 0.0].map(floor_two_figures),
            [18_000.0, 990.0, 0.056, -18_000.0, 0.0]
        );
        assert_eq!(EN.saving(Some(18_734.0), 25_999.0, "CNY"), "CNY 18,000–25,000");
        assert_eq!(ZH.saving(Some(18_734.0), 25_999.0, "CNY"), "1.8–2.5 万元");
        assert_eq!(ZH.saving(Some(5_100.0), 125_999.0, "CNY"), "0.51–12 万元");
        assert_eq!(ZH.saving(None, 7_999.0, "CNY"), "7,900 元");
        assert_eq!(EN.saving(Some(5_010.0), 5_020.0, "EUR"), "EUR 5,000");
    }

    /// The naive lead is the upper end of the range, which no year need reach.
    #[test]
    fn where_the_lower_end_is_nothing_the_saving_itself_leads() {
        let worth = |low: Option<f64>, told: f64, high: f64| Worth { low, told, high };
        for low in [-1_234.0, 0.0, 63.0] {
            let told = worth(Some(low), 8_700.0, 10_400.0);
            assert_eq!(EN.saving_from(0.0, told, "CNY"), "up to CNY 8,700", "{low}");
        }
        let small = worth(Some(1_400.0), 8_700.0, 10_400.0);
        assert_eq!(EN.saving_from(5_000.0, small, "CNY"), "up to CNY 8,700");
        assert_eq!(ZH.saving_from(5_000.0, worth(Some(1_700.0), 12_000.0, 24_000.0), "CNY"), "至多 1.2 万元");
        assert_eq!(EN.saving_range(5_000.0, small, "CNY"), "next to nothing to CNY 10,000");
        let sure = worth(Some(5_000.0), 8_700.0, 10_400.0);
        assert_eq!(EN.saving_from(5_000.0, sure, "CNY"), "CNY 5,000–10,000");
        assert_eq!(EN.saving_range(5_000.0, sure, "CNY"), "CNY 5,000–10,000");
        assert_eq!(EN.saving_from(5_000.0, worth(None, 4_000.0, 4_000.0), "CNY"), "CNY 4,000");
    }

    #[test]
    fn large_energies_change_their_unit() {
        assert_eq!((EN.kwh(99_999.0), EN.kwh(1_234_567.0)), ("99,999 kWh".into(), "1,235 MWh".into()));
        assert_eq!(ZH.kwh(1_234_567.0), "123.46 万kWh");
        assert_eq!((EN.kwh(1.2345e9), ZH.kwh(1.2345e9)), ("1,234 GWh".into(), "12.35 亿kWh".into()));
        assert_eq!(EN.money_sum(4_999_500_000.0, "CNY"), "CNY 4,999.5 million");
        assert_eq!(
            (ZH.money_sum(2.5e8, "CNY"), ZH.money_sum(2.5e7, "CNY")),
            ("2.50 亿元".into(), "2,500.00 万元".into())
        );
        assert_eq!(
            (EN.month(Month(2025 * 12 + 2)), ZH.month(Month(2025 * 12 + 2))),
            ("Mar 2025".into(), "2025年3月".into())
        );
    }
}

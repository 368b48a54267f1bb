//! Weights and limits of the portfolio in one place; a TOML file may set any of them.

mod behaviour;

use super::facts::HOURS;
use crate::error::{Error, Result};
use crate::text::{said, say};
pub use behaviour::{ClusterLimits, CollapseLimits, Hours, PatternLimits};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// Everything that a judgement of the portfolio rests on. The defaults are those of the utility
/// practice that the classification follows where they are weights, and judgement elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Weights of the value score.
    pub value: ValueWeights,
    /// Weights of the risk score.
    pub risk: RiskWeights,
    /// From where to where a risk grows.
    pub risk_scale: RiskScales,
    /// Where grades are cut.
    pub grade: GradeCut,
    /// What the sensitivity changes.
    pub sensitivity: Changes,
    /// How facts are made of a load.
    pub facts: FactLimits,
    /// When a way of working has its word.
    pub pattern: PatternLimits,
    /// Who is a large customer.
    pub large: Large,
    /// What advising costs.
    pub work: Work,
    /// How long before the effect the counter wants an application.
    pub apply: Apply,
    /// When a fall of the load is asked about.
    pub collapse: CollapseLimits,
    /// How behaviour clusters are formed.
    pub cluster: ClusterLimits,
}

/// Weights of the value score (classification of customers: 40, 25, 15, 10, 10).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ValueWeights {
    /// Yearly bill, rank among customers of its currency.
    pub revenue: f64,
    /// Yearly energy, rank.
    pub kwh: f64,
    /// Growth of energy from year to year, rank.
    pub growth: f64,
    /// Mean price paid per kWh, rank among customers of its currency.
    pub price: f64,
    /// Power that could move, rank.
    pub flexible: f64,
}

impl Default for ValueWeights {
    fn default() -> Self {
        Self { revenue: 40.0, kwh: 25.0, growth: 15.0, price: 10.0, flexible: 10.0 }
    }
}

/// Weights of the risk score (classification of customers: 25, 20, 15, 25, 15).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RiskWeights {
    /// Maximum over capacity or contracted demand.
    pub overload: f64,
    /// Power factor below its standard.
    pub power_factor: f64,
    /// Spread of the working days' energy.
    pub volatility: f64,
    /// Fall of the recent load.
    pub decline: f64,
    /// Days in arrears.
    pub arrears: f64,
}

impl Default for RiskWeights {
    fn default() -> Self {
        Self { overload: 25.0, power_factor: 20.0, volatility: 15.0, decline: 25.0, arrears: 15.0 }
    }
}

/// For each risk the value at which it is nothing and the value at which it is full; linear between.
/// Judgement.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RiskScales {
    /// Loading: maximum apparent power over capacity, or demand over 105 % of the contract.
    pub overload: [f64; 2],
    /// Standard less power factor.
    pub power_factor: [f64; 2],
    /// Coefficient of variation of the working days' energy.
    pub volatility: [f64; 2],
    /// 1 − recent load over usual load.
    pub decline: [f64; 2],
    /// Days in arrears.
    pub arrears: [f64; 2],
}

impl Default for RiskScales {
    fn default() -> Self {
        Self {
            overload: [0.8, 1.1],
            power_factor: [0.0, 0.10],
            volatility: [0.10, 0.60],
            decline: [0.15, 0.70],
            arrears: [0.0, 90.0],
        }
    }
}

/// Where grades are cut: at this quantile of both scores (classification of customers: p60).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GradeCut {
    /// Quantile, 0 to 1.
    pub quantile: f64,
}

impl Default for GradeCut {
    fn default() -> Self {
        Self { quantile: 0.60 }
    }
}

/// Who is a large customer: any limit that is reached, or all that are set. 315 kVA is the two-part
/// threshold (发改价格〔2023〕526号); energy is judgement; voltage sets no limit by default.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Large {
    /// Contract transformer capacity.
    pub capacity_kva: Option<f64>,
    /// Voltage of supply.
    pub voltage_kv: Option<f64>,
    /// Yearly energy.
    pub kwh_year: Option<f64>,
    /// All limits must be reached, not one of them.
    pub all: bool,
}

impl Default for Large {
    fn default() -> Self {
        Self { capacity_kva: Some(315.0), voltage_kv: None, kwh_year: Some(1_000_000.0), all: false }
    }
}

/// Hours of work that advice takes the utility, and what an hour costs by currency. Judgement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Work {
    /// The way there and back, once a customer.
    pub travel_hours: f64,
    /// Advice that is applied for at the counter.
    pub counter_hours: f64,
    /// Advice on how to run the plant.
    pub operate_hours: f64,
    /// Advice that asks for spending.
    pub invest_hours: f64,
    /// Advice without money, and questions.
    pub inform_hours: f64,
    /// Cost of an hour by ISO code; no cost and no delivered value in other currencies.
    pub hour_cost: BTreeMap<String, f64>,
}

impl Default for Work {
    fn default() -> Self {
        let costs = [("CNY", 200.0), ("EUR", 80.0), ("USD", 90.0)];
        Self {
            travel_hours: 2.0,
            counter_hours: 1.0,
            operate_hours: 4.0,
            invest_hours: 8.0,
            inform_hours: 0.5,
            hour_cost: costs.into_iter().map(|(c, v)| (c.to_owned(), v)).collect(),
        }
    }
}

/// Working days before the effect by which the counter wants an application (发改价格〔2016〕1583号 as
/// public calculators quote it: mode by quarter, 15 ahead; contract value by month, 5 ahead).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Apply {
    /// Billing mode or product, from the first day of a quarter.
    pub mode_working_days: u32,
    /// Contracted demand or suspended transformers, from the first day of a month.
    pub contract_working_days: u32,
}

impl Default for Apply {
    fn default() -> Self {
        Self { mode_working_days: 15, contract_working_days: 5 }
    }
}

/// How facts of a customer are made of its load.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FactLimits {
    /// Greatest share of an hour's load that counts as flexible (scheduling model: 30 %).
    pub flexible_cap: f64,
    /// Pairs of the same month in two years below which no growth is told. Judgement.
    pub least_pairs: usize,
    /// A billed demand above this multiple of the contracted one is dearer (发改办价格〔2016〕1583号).
    pub over_contract: f64,
}

impl Default for FactLimits {
    fn default() -> Self {
        Self { flexible_cap: 0.30, least_pairs: 3, over_contract: 1.05 }
    }
}

/// By how much weights and the cut are changed to see how many grades change with them. Judgement.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Changes {
    /// Share of a weight, either way.
    pub weight: f64,
    /// Quantiles of the cut, either way.
    pub cut: f64,
}

impl Default for Changes {
    fn default() -> Self {
        Self { weight: 0.20, cut: 0.10 }
    }
}

impl Settings {
    /// Reads a TOML file; what it does not set keeps its default.
    ///
    /// # Errors
    /// Names the file, line and key that is wrong, or the weight that is negative.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(Error::io(path))?;
        let wrong = |what: String| {
            Error::option(format!("--portfolio {}: {what}", path.display()), said("side.portfolio_cure"))
        };
        let settings: Self = toml::from_str(&text).map_err(|e| wrong(e.to_string().trim_end().to_owned()))?;
        settings.wrong().map_or(Ok(settings), |what| Err(wrong(what)))
    }

    /// What no judgement can rest on, if anything.
    fn wrong(&self) -> Option<String> {
        let (v, r) = (self.value, self.risk);
        let weights = [v.revenue, v.kwh, v.growth, v.price, v.flexible];
        let risks = [r.overload, r.power_factor, r.volatility, r.decline, r.arrears];
        let useless = |w: &[f64]| w.iter().any(|w| *w < 0.0 || !w.is_finite()) || w.iter().sum::<f64>() <= 0.0;
        let (p, f, s) = (self.pattern, self.facts, self.sensitivity);
        let shares = [
            ("[grade] quantile", self.grade.quantile),
            ("[sensitivity] weight", s.weight),
            ("[sensitivity] cut", s.cut),
            ("[facts] flexible_cap", f.flexible_cap),
            ("[pattern] idle_share", p.idle_share),
            ("[pattern] idle_days", p.idle_days),
            ("[pattern] flat", p.flat),
            ("[pattern] never_off", p.never_off),
            ("[pattern] worked", p.worked),
            ("[collapse] share", self.collapse.share),
            ("[collapse] weekly_fall", self.collapse.weekly_fall),
            ("[cluster] stable", self.cluster.stable),
            ("[cluster] named_share", self.cluster.named_share),
        ];
        let (c, l) = (self.cluster, self.collapse);
        let counts = [
            ("[facts] least_pairs", f.least_pairs),
            ("[pattern] season_months", p.season_months),
            ("[collapse] recent_days", l.recent_days),
            ("[collapse] usual_days", l.usual_days),
            ("[collapse] least_days", l.least_days),
            ("[cluster] least_size", c.least_size),
            ("[cluster] most_fitted", c.most_fitted),
            ("[cluster] starts", c.starts),
        ];
        let groups = [("value", weights), ("risk", risks)];
        let weights = groups.iter().filter(|(_, w)| useless(w)).map(|(name, _)| say("side.weights", &[("name", name)]));
        let share = shares.iter().filter(|(_, v)| !(0.0..=1.0).contains(v));
        let share = share.map(|(key, _)| say("side.share", &[("key", key)]));
        let count = counts.iter().filter(|(_, n)| *n == 0).map(|(key, _)| say("side.at_least_one", &[("key", key)]));
        let empty = |[from, to]: [usize; 2]| from == to || from >= HOURS || to > HOURS;
        let hours = p.spans().into_iter().filter(|(_, span)| empty(*span));
        let hours = hours.map(|(key, _)| say("side.hours", &[("key", &format_args!("[pattern] {key}"))]));
        let weeks = super::collapse::WEEKS;
        let more = (l.weeks > weeks).then(|| say("side.weeks", &[("n", &weeks)]));
        weights.chain(share).chain(count).chain(hours).chain(more).next().or_else(|| self.no_quantity())
    }

    /// The first key whose value is no quantity: not finite, or below 0 where only a scale may be.
    fn no_quantity(&self) -> Option<String> {
        let file = toml::Table::try_from(self).ok()?;
        let bad = |value: &toml::Value, least: f64| numbers(value).iter().any(|v| !v.is_finite() || *v < least);
        let groups = file.iter().filter_map(|(group, keys)| Some((group, keys.as_table()?)));
        groups
            .flat_map(|(group, keys)| keys.iter().map(move |(key, value)| (group, key, value)))
            .find(|(group, _, value)| bad(value, if *group == "risk_scale" { f64::NEG_INFINITY } else { 0.0 }))
            .map(|(group, key, _)| say("side.no_quantity", &[("key", &format_args!("[{group}] {key}"))]))
    }
}

/// The decimal numbers within a value.
fn numbers(value: &toml::Value) -> Vec<f64> {
    match value {
        toml::Value::Float(v) => vec![*v],
        toml::Value::Array(all) => all.iter().flat_map(numbers).collect(),
        toml::Value::Table(all) => all.values().flat_map(numbers).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every key with its default, but for those that are not set.
    #[test]
    fn the_documented_file_states_the_defaults() {
        let docs = include_str!("../../../docs/portfolio.md");
        let file = docs.split("```toml").nth(1).and_then(|t| t.split("```").next()).unwrap();
        let stated: toml::Value = toml::from_str(file).unwrap();
        assert_eq!(stated, toml::Value::try_from(Settings::default()).unwrap());
    }

    #[test]
    fn a_file_sets_single_weights_and_wrong_ones_are_refused() -> Result<()> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("portfolio.toml");
        let load = |text: &str| {
            std::fs::write(&path, text).unwrap();
            Settings::load(&path)
        };
        let s = load("[value]\ngrowth = 0\n[large]\nvoltage_kv = 35")?;
        assert_eq!((s.value.growth, s.value.revenue, s.large.voltage_kv), (0.0, 40.0, Some(35.0)));
        assert_eq!(load("[risk_scale]\npower_factor = [-0.02, 0.1]")?.risk_scale.power_factor, [-0.02, 0.1]);
        for (wrong, key) in [
            ("[value]\nluck = 1", "luck"),
            ("[risk]\narrears = -1", "[risk]"),
            ("[grade]\nquantile = 2", "[grade] quantile"),
            ("[pattern]\nflat = 1.5", "[pattern] flat"),
            ("[pattern]\nnight_hours = [22, 25]", "[pattern] night_hours"),
            ("[pattern]\naround_noon_hours = [[7, 9], [16, 16]]", "[pattern] around_noon_hours"),
            ("[cluster]\nstarts = 0", "[cluster] starts"),
            ("[collapse]\nweeks = 5", "[collapse] weeks"),
            ("[collapse]\nweekly_fall = 1.5", "[collapse] weekly_fall"),
            ("[cluster]\nstable = 80.0", "[cluster] stable"),
            ("[cluster]\nseason_weight = -1.0", "[cluster] season_weight"),
            ("[pattern]\nseason_ratio = nan", "[pattern] season_ratio"),
            ("[risk_scale]\noverload = [0.8, inf]", "[risk_scale] overload"),
            ("[work]\nhour_cost = { CNY = -200.0 }", "[work] hour_cost"),
            ("[large]\nkwh_year = -1.0", "[large] kwh_year"),
        ] {
            let message = load(wrong).unwrap_err().to_string();
            assert!(message.contains("portfolio.toml") && message.contains(key), "{message}");
        }
        Ok(())
    }
}

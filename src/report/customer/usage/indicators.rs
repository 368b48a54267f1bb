//! Indicators with definition and resolution: the few that everybody asks for, then the rest.

use crate::indicator::Reading;
use crate::report::customer::View;

/// Indicators that stand open on the page (judgement: one line of a service report each).
const SHOWN: [&str; 12] = [
    "load_factor",
    "max_load_hours",
    "daily_load_factor",
    "peak_valley_ratio",
    "monthly_imbalance",
    "capacity_use",
    "transformer_loading",
    "power_factor",
    "price_to_flat",
    "peak_valley_energy",
    "night_share",
    "restday_ratio",
];

/// Indicators that are taken of each day and averaged over the days.
const BY_DAY: [&str; 17] = [
    "base_to_peak",
    "daily_load_factor",
    "daily_max_kw",
    "daily_mean_kw",
    "daily_min_kw",
    "daily_min_load_factor",
    "fall_time",
    "high_load_hours",
    "high_load_longest",
    "near_base_kw",
    "near_peak_kw",
    "peak_valley_kw",
    "peak_valley_ratio",
    "rise_time",
    "daily_energy_cv",
    "restday_ratio",
    "summer_winter_ratio",
];

/// Indicators that are taken of each billing cycle.
const BY_MONTH: [&str; 4] =
    ["monthly_day_load_factor", "monthly_imbalance", "monthly_load_factor", "seasonal_imbalance"];

/// One indicator.
pub(super) struct Row {
    pub name: String,
    pub value: String,
    pub definition: String,
    /// The quarter among similar customers, in words; empty without them.
    pub peers: &'static str,
    pub resolution: String,
}

/// All indicators that have a value.
pub(super) struct Table {
    pub shown: Vec<Row>,
    pub rest: Vec<Row>,
}

pub(super) fn table(v: &View) -> Table {
    let find = |code: &str| v.a.indicators.iter().find(|r| r.code == code);
    let shown = SHOWN.into_iter().filter_map(find).filter_map(|r| row(v, r)).collect();
    let rest = v.a.indicators.iter().filter(|r| !SHOWN.contains(&r.code)).filter_map(|r| row(v, r)).collect();
    Table { shown, rest }
}

fn row(v: &View, r: &Reading) -> Option<Row> {
    let value = r.value?;
    let peers = v.peer_quarter(r.code, r.value).map(|(_, words)| words).unwrap_or_default();
    let key = |part: &str| format!("indicator.{}.{part}", r.code);
    let value = match r.unit {
        "" => v.numbers.fixed(value, 3),
        "%" => format!("{}%", v.numbers.auto(value)),
        unit => format!("{} {unit}", v.numbers.auto(value)),
    };
    let by = match r.code {
        code if BY_DAY.contains(&code) => "resolution.day",
        code if BY_MONTH.contains(&code) => "resolution.month",
        _ => "resolution.span",
    };
    let minutes = v.a.load.interval().minutes().to_string();
    Some(Row {
        name: v.text.get(&key("name")).map_or_else(|| r.code.replace('_', " "), str::to_owned),
        value,
        peers,
        definition: v.text.get(&key("definition")).unwrap_or_default().to_owned(),
        resolution: v.text.fill(by, &[("minutes", &minutes)]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::INDICATORS;

    #[test]
    fn every_code_that_is_named_here_is_an_indicator() {
        for code in SHOWN.iter().chain(&BY_DAY).chain(&BY_MONTH) {
            assert!(INDICATORS.iter().any(|i| i.code() == *code), "{code}");
        }
    }
}

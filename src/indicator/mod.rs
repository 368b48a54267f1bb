//! Indicators: each one file with its card. What several of them need is computed once, in
//! [`View::new`]; the whole set costs some twenty plain passes over a load.

pub mod card;
mod coincidence;
mod shape;
mod step;
mod view;
mod week;

mod annual_load_factor;
mod base_to_peak;
mod capacity_use;
mod daily_energy_cv;
mod daily_load_factor;
mod daily_max_kw;
mod daily_mean_kw;
mod daily_min_kw;
mod daily_min_load_factor;
mod deep_share;
mod fall_time;
mod flat_share;
mod high_load_hours;
mod high_load_longest;
mod hours_above_50;
mod hours_above_70;
mod hours_above_80;
mod hours_above_90;
mod hours_above_95;
mod load_factor;
mod load_variability;
mod max_load_hours;
mod monthly_day_load_factor;
mod monthly_imbalance;
mod monthly_load_factor;
mod near_base_kw;
mod near_peak_kw;
mod night_share;
mod peak_share;
mod peak_valley_energy;
mod peak_valley_kw;
mod peak_valley_ratio;
mod power_factor;
mod price_to_flat;
mod ramp_down_max;
mod ramp_max_share;
mod ramp_p99;
mod ramp_up_max;
mod restday_ratio;
mod rise_time;
mod robust_max_kw;
mod robust_min_kw;
mod seasonal_imbalance;
mod sharp_share;
mod summer_winter_ratio;
mod top1_energy_share;
mod transformer_loading;
mod valley_share;

pub use coincidence::coincidence;
pub use shape::{DayShape, FLAT_DAY, HighLoad, NEAR_BASE, NEAR_PEAK, day_shapes};
pub use step::{Steps, steps};
pub use transformer_loading::{in_service, in_service_kva, peak_loading};
pub use view::{BandUse, Inputs, MAX_COVERAGE, MIN_COVERAGE, NO_LOAD_KW, NO_LOAD_SHARE, View};
pub use week::load_variability;

use serde::Serialize;

/// The value of one indicator over a customer's whole span.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reading {
    /// Its code, such as `load_factor`.
    pub code: &'static str,
    /// The value; `None` when coverage or inputs do not allow one.
    pub value: Option<f64>,
    /// Its unit, empty for a ratio.
    pub unit: &'static str,
}

/// A number that describes a load.
pub trait Indicator: Sync {
    /// Stable code, never reused.
    fn code(&self) -> &'static str;
    /// Its unit; empty for a ratio.
    fn unit(&self) -> &'static str;
    /// Its card: definition, formula, how to read it, an example that is executed by a test.
    fn card(&self) -> &'static str;
    /// Its value; `None` when coverage or inputs do not allow one.
    fn value(&self, view: &View<'_>) -> Option<f64>;
}

/// All indicators, in the order of reports.
pub static INDICATORS: &[&dyn Indicator] = &[
    &daily_max_kw::DailyMaxKw,
    &daily_min_kw::DailyMinKw,
    &daily_mean_kw::DailyMeanKw,
    &daily_load_factor::DailyLoadFactor,
    &daily_min_load_factor::DailyMinLoadFactor,
    &peak_valley_kw::PeakValleyKw,
    &peak_valley_ratio::PeakValleyRatio,
    &monthly_day_load_factor::MonthlyDayLoadFactor,
    &monthly_load_factor::MonthlyLoadFactor,
    &monthly_imbalance::MonthlyImbalance,
    &seasonal_imbalance::SeasonalImbalance,
    &annual_load_factor::AnnualLoadFactor,
    &max_load_hours::MaxLoadHours,
    &load_factor::LoadFactor,
    &hours_above_50::HoursAbove50,
    &hours_above_70::HoursAbove70,
    &hours_above_80::HoursAbove80,
    &hours_above_90::HoursAbove90,
    &hours_above_95::HoursAbove95,
    &top1_energy_share::Top1EnergyShare,
    &robust_max_kw::RobustMaxKw,
    &robust_min_kw::RobustMinKw,
    &sharp_share::SharpShare,
    &peak_share::PeakShare,
    &flat_share::FlatShare,
    &valley_share::ValleyShare,
    &deep_share::DeepShare,
    &peak_valley_energy::PeakValleyEnergy,
    &price_to_flat::PriceToFlat,
    &ramp_up_max::RampUpMax,
    &ramp_down_max::RampDownMax,
    &ramp_p99::RampP99,
    &ramp_max_share::RampMaxShare,
    &capacity_use::CapacityUse,
    &near_base_kw::NearBaseKw,
    &near_peak_kw::NearPeakKw,
    &base_to_peak::BaseToPeak,
    &high_load_hours::HighLoadHours,
    &high_load_longest::HighLoadLongest,
    &rise_time::RiseTime,
    &fall_time::FallTime,
    &load_variability::LoadVariability,
    &transformer_loading::TransformerLoading,
    &power_factor::PowerFactor,
    &night_share::NightShare,
    &restday_ratio::RestdayRatio,
    &summer_winter_ratio::SummerWinterRatio,
    &daily_energy_cv::DailyEnergyCv,
];

/// Every indicator of a load, in the order of [`INDICATORS`].
#[must_use]
pub fn readings(view: &View<'_>) -> Vec<Reading> {
    INDICATORS
        .iter()
        .map(|i| Reading { code: i.code(), value: i.value(view).filter(|v| v.is_finite()), unit: i.unit() })
        .collect()
}

/// The indicator of a code.
#[must_use]
pub fn find(code: &str) -> Option<&'static dyn Indicator> {
    INDICATORS.iter().copied().find(|i| i.code() == code)
}

#[cfg(test)]
mod example;
#[cfg(test)]
mod tests;

//! Every judgement of the rules in one place, each with its source.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Constants of the rules; a TOML table may set any of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// No advice saves less than this a year, in the bill's currency. Practitioners' review of
    /// advice: smaller sums are not worth an engineer's visit.
    pub noise_money: f64,
    /// Nor less than this share of the yearly bill. Same source.
    pub noise_share: f64,
    /// No finding is smaller than so many steps of the meter. Data contract: below three register
    /// quanta a difference of power is noise.
    pub noise_quanta: f64,

    /// R01: least share of the typical days' energy that is flexible. Catalogue of recommendations: 3 %.
    pub shift_least_flexible: f64,
    /// R01: a slot that varies by less than this share of its median is steady; noise is not
    /// flexibility. Judgement.
    pub shift_slot_least: f64,
    /// R01: greatest share of a slot's load that may move. Scheduling model: 30 %.
    pub shift_flexible_cap: f64,
    /// R01: days of a kind and season below which nothing is learnt from them. Judgement.
    pub shift_least_days: usize,
    /// R01: shortest block in minutes. Practitioners' review: no block under an hour.
    pub shift_block_minutes: u32,
    /// R01: power of a block is a multiple of this, kW. Practitioners' review: 10 kW.
    pub shift_step_kw: f64,
    /// R01: energy moves only when prices differ by more than twice this share of the mean price. Judgement.
    pub shift_trouble_share: f64,
    /// R01: share of the transformers' rating × cos φ that a filled slot may load. Scheduling model: 0.9.
    pub shift_transformer_share: f64,
    /// R01: cos φ assumed for the transformer limit when it is not measured. Judgement.
    pub shift_power_factor: f64,
    /// R01: no step between two intervals becomes greater than this, or than it is, kW; unlimited when
    /// absent. With it the schedule is a linear program. Scheduling model.
    pub shift_ramp_kw: Option<f64>,
    /// R01: energy is conserved over the week from Monday, not over each day. Scheduling model.
    pub shift_weekly: bool,
    /// R01: the model's part of the confidence: what a technical potential usually keeps of itself. Judgement.
    pub shift_model: f64,
    /// R01: billed months below which the schedule is not tested on months that it has not seen. Judgement.
    pub shift_backtest_months: usize,
    /// R01 with a list of equipment: the model's part of the confidence: the machines are known, their
    /// present run is read off the load. Judgement.
    pub schedule_model: f64,

    /// R03: least lead of the maximum over the month's 99.9th percentile, share of the maximum. Catalogue: 5 %.
    pub needle_least_share: f64,
    /// R03: least lead in multiples of the distance from the 99th to the 99.9th percentile: a needle
    /// stands out from the tail that noise alone makes. Judgement.
    pub needle_tail_factor: f64,
    /// R03: least number of months with a needle. Practitioners' review: 3.
    pub needle_least_months: usize,
    /// R03: the model's part of the confidence: the cause must still be found on site. Judgement.
    pub needle_model: f64,

    /// R04: adverse change of the maximum under which the other mode must still win. Practitioners' review: 10 %.
    pub basis_margin: f64,
    /// R04: quarters of a year in which it must win. Practitioners' review: 3 of 4.
    pub basis_quarters: usize,
    /// R04: the model's part of the confidence: past maxima stand for the next ones. Judgement.
    pub basis_model: f64,

    /// R05: greatest number of capacitor steps that is simulated. Judgement.
    pub pf_most_steps: u32,
    /// R05: steps that the monthly need is first divided into. Judgement; common automatic banks have 6 to 12.
    pub pf_steps: u32,
    /// R05: a step is a multiple of this, kvar. Judgement; common capacitor units.
    pub pf_step_kvar: f64,
    /// R05: the model's part of the confidence: the simulation is exact for the readings. Judgement.
    pub pf_model: f64,

    /// R06: least ratio of the non-working base to the working mean. Catalogue: 30 %.
    pub base_least_ratio: f64,
    /// R06: hours and days whose mean lies in this lowest share of the workday's range are non-working. Judgement.
    pub base_idle_share: f64,
    /// R06: a plant whose near-base exceeds this share of its near-peak has no non-working hours to see. Judgement.
    pub base_flat_ratio: f64,
    /// R06: a rest day whose 10th percentile lies below this share of its 90th has a day's shape: somebody
    /// is there. Judgement.
    pub base_quiet_flat: f64,
    /// R06: least number of quiet days to learn the reference from. Judgement.
    pub base_least_quiet_days: usize,
    /// R06: least power to take out, share of the working mean; less is what seasons change. Judgement.
    pub base_least_cut: f64,
    /// R06: the model's part of the confidence: what is left on may have a purpose. Judgement.
    pub base_model: f64,

    /// R10: least contract as a share of the capacity where the tariff states none. 发改办价格〔2016〕1583号.
    pub contract_floor_share: f64,
    /// R10: smallest multiple of a month's forecast that is looked at. Practitioners' review: a contract below
    /// what is expected (down to 1/1.05 of it) invites the doubled charge.
    pub contract_least_multiple: f64,
    /// R10: greatest multiple. Judgement: more than any forecast error that leaves contract billing worth while.
    pub contract_most_multiple: f64,
    /// R10: a maximum below this share of the contract is paid for unused. Catalogue: 0.8.
    pub contract_low_share: f64,
    /// R10, R11: working days ahead of which to apply. Capacity services of the domain reference: 5.
    pub contract_lead_workdays: usize,
    /// R10: the model's part of the confidence: the errors of past forecasts stand for the next. Judgement.
    pub contract_model: f64,
    /// R11: greatest loading of the transformers that stay. Catalogue: 80 %.
    pub suspend_loading: f64,
    /// R11: least days of a suspension. Capacity services of the domain reference: 15.
    pub suspend_least_days: i32,
    /// R11: most months of suspension counted a year. The same: 6.
    pub suspend_most_months: usize,
    /// R11: least capacity of a two-part customer, kVA. 发改价格〔2023〕526号: 315.
    pub two_part_least_kva: f64,
    /// R11: the model's part of the confidence: past loads stand for the next. Judgement.
    pub suspend_model: f64,
    /// R22: the model's part of the confidence: prices of packages change. Judgement.
    pub product_model: f64,

    /// R02, R03: how far a maximum may be from the demand register's. Practitioners' review: 3 %.
    pub register_tolerance: f64,
    /// R02, R19: rise within an hour, as a share of the mean workday's range, that is a start of a shift. Judgement.
    pub shift_edge_share: f64,
    /// R02: least lead of a start over all else in the month, share of the maximum. Judgement: the register's tolerance.
    pub stagger_least_share: f64,
    /// R02: least share of peak days that peak at a start. Catalogue: 40 %.
    pub stagger_least_days: f64,
    /// R02: least days a month that peak at a start; what is rarer is a needle. Judgement: once a week.
    pub stagger_least_a_month: f64,
    /// R02: the model's part of the confidence: the sequence of starts must be found on site. Judgement.
    pub stagger_model: f64,
    /// R07: least mean of a still rest day, share of the working mean. Catalogue: 40 %.
    pub rest_least_share: f64,
    /// R07: above this share of the working mean work goes on. Judgement.
    pub rest_most_share: f64,
    /// R07: a day whose 5th and 95th percentile differ by less than this share of the workday's range lies still. Judgement.
    pub rest_still_share: f64,
    /// R07: least range of the mean workday, share of its near-peak. Judgement.
    pub rest_least_range: f64,
    /// R07: least number of such days. Judgement.
    pub rest_least_days: usize,
    /// R07: least number of rest days that show a shutdown. Judgement.
    pub rest_least_shown: usize,
    /// R07: the model's part of the confidence: what runs may have a purpose. Judgement.
    pub rest_model: f64,
    /// R08: least number of days to fit. Judgement.
    pub cooling_least_days: usize,
    /// R08: least R². Catalogue: 0.6.
    pub cooling_least_r2: f64,
    /// R08: least slope over its standard error. Judgement.
    pub cooling_least_t: f64,
    /// R08: by how much the set point rises, °C. Catalogue: 1.
    pub cooling_degrees: f64,
    /// R08: the model's part of the confidence: comfort must allow it. Judgement.
    pub cooling_model: f64,
    /// R09: least mean excess over the year before. Catalogue: 5 %.
    pub drift_least_share: f64,
    /// R09: least days of a drift. Catalogue: 14.
    pub drift_least_days: usize,
    /// R09: least excess over its standard error. Judgement.
    pub drift_least_t: f64,
    /// R09: the model's part of the confidence: output is not known. Judgement.
    pub drift_model: f64,
    /// R12: loading of a heavy load. Catalogue: 80 %.
    pub heavy_loading: f64,
    /// R12: hours on end. Catalogue: 2.
    pub heavy_hours: f64,
    /// R12: least days with such a load; a single one may be a test or the feed of a neighbour. Judgement; a
    /// load above the rating is said at once.
    pub heavy_least_days: usize,
    /// R12: the model's part of the confidence: the register of equipment may be out of date. Judgement.
    pub heavy_model: f64,
    /// R13: the model's part of the confidence: the day's load is known beforehand. Judgement.
    pub battery_model: f64,
    /// R14: the model's part of the confidence: an average course of the sun. Judgement.
    pub solar_model: f64,
    /// R15: least power of programmes, kW. Catalogue: 100.
    pub response_least_kw: f64,
    /// R15: least workdays of a season. Judgement.
    pub response_least_days: usize,
    /// R15: the model's part of the confidence: a low day is no floor at will. Judgement.
    pub response_model: f64,
    /// R17: capacity from which a higher voltage is usual, kVA. Catalogue: 8 MVA.
    pub voltage_least_kva: f64,
    /// R17: longest payback below that capacity. Catalogue: 5 years.
    pub voltage_payback_years: f64,
    /// R17: the model's part of the confidence: the cost of the change is an estimate. Judgement.
    pub voltage_model: f64,
    /// R18: least share of the current transformers' rating at the maximum. DL/T 448, class S (to be verified).
    pub ct_least_share: f64,
    /// R18: greatest share. The same.
    pub ct_most_share: f64,
    /// R18: the model's part of the confidence: ratios must be read on site. Judgement.
    pub ct_model: f64,
    /// R19: least jump in a quarter of an hour, share of the maximum. Catalogue: 50 %.
    pub swing_least_share: f64,
    /// R19: least jumps a week. Catalogue: 5.
    pub swing_least_a_week: f64,
    /// R19: the model's part of the confidence. Judgement.
    pub swing_model: f64,
    /// R20: least customers of a group. Practitioners' review: 8.
    pub peer_least: usize,
    /// R20: greatest share of a group's energy that one customer may have. Practitioners' review: 25 %.
    pub peer_most_share: f64,
    /// R20: the model's part of the confidence: sectors are not alike. Judgement.
    pub peer_model: f64,
    /// R21: least ratio of a maintenance's load × price to that of the best window. Judgement.
    pub window_least_ratio: f64,
    /// R21: the model's part of the confidence: what can wait is not known. Judgement.
    pub window_model: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            noise_money: 5_000.0,
            noise_share: 0.005,
            noise_quanta: 3.0,
            shift_least_flexible: 0.03,
            shift_slot_least: 0.10,
            shift_flexible_cap: 0.30,
            shift_least_days: 5,
            shift_block_minutes: 60,
            shift_step_kw: 10.0,
            shift_trouble_share: 0.02,
            shift_transformer_share: 0.9,
            shift_power_factor: 0.9,
            shift_ramp_kw: None,
            shift_weekly: false,
            shift_model: 0.5,
            shift_backtest_months: 6,
            schedule_model: 0.8,
            needle_least_share: 0.05,
            needle_tail_factor: 2.0,
            needle_least_months: 3,
            needle_model: 0.8,
            basis_margin: 0.10,
            basis_quarters: 3,
            basis_model: 0.9,
            pf_most_steps: 60,
            pf_steps: 8,
            pf_step_kvar: 10.0,
            pf_model: 0.9,
            base_least_ratio: 0.30,
            base_idle_share: 0.25,
            base_flat_ratio: 0.7,
            base_quiet_flat: 0.65,
            base_least_quiet_days: 8,
            base_least_cut: 0.10,
            base_model: 0.7,
            contract_floor_share: 0.40,
            contract_least_multiple: 1.0,
            contract_most_multiple: 1.30,
            contract_low_share: 0.80,
            contract_lead_workdays: 5,
            contract_model: 0.8,
            suspend_loading: 0.8,
            suspend_least_days: 15,
            suspend_most_months: 6,
            two_part_least_kva: 315.0,
            suspend_model: 0.9,
            product_model: 0.8,
            register_tolerance: 0.03,
            shift_edge_share: 0.25,
            stagger_least_share: 0.03,
            stagger_least_days: 0.40,
            stagger_least_a_month: 4.0,
            stagger_model: 0.8,
            rest_least_share: 0.40,
            rest_most_share: 0.80,
            rest_still_share: 0.25,
            rest_least_range: 0.30,
            rest_least_days: 4,
            rest_least_shown: 3,
            rest_model: 0.6,
            cooling_least_days: 60,
            cooling_least_r2: 0.6,
            cooling_least_t: 3.0,
            cooling_degrees: 1.0,
            cooling_model: 0.7,
            drift_least_share: 0.05,
            drift_least_days: 14,
            drift_least_t: 3.0,
            drift_model: 0.6,
            heavy_loading: 0.8,
            heavy_hours: 2.0,
            heavy_least_days: 3,
            heavy_model: 0.8,
            battery_model: 0.7,
            solar_model: 0.7,
            response_least_kw: 100.0,
            response_least_days: 20,
            response_model: 0.5,
            voltage_least_kva: 8000.0,
            voltage_payback_years: 5.0,
            voltage_model: 0.7,
            ct_least_share: 0.20,
            ct_most_share: 1.20,
            ct_model: 0.7,
            swing_least_share: 0.5,
            swing_least_a_week: 5.0,
            swing_model: 0.8,
            peer_least: 8,
            peer_most_share: 0.25,
            peer_model: 0.6,
            window_least_ratio: 1.5,
            window_model: 0.6,
        }
    }
}

impl Thresholds {
    /// Reads the constants that a TOML file sets; the others keep their defaults.
    ///
    /// # Errors
    /// When the file cannot be read, or names a constant that there is not.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(Error::io(path))?;
        toml::from_str(&text).map_err(|e| {
            let what = format!("--thresholds {}: {}", path.display(), e.to_string().trim_end());
            Error::option(what, "run.json of any run lists the constants with their values")
        })
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
    }
}

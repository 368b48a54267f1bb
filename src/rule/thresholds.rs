//! Every judgement of the rules in one place, each with its source.

use serde::{Deserialize, Serialize};

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
        }
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

//! Every judgement of the rules in one place, each with its source.

use super::demand_response::MOST_NEAR;
use super::threshold_file::{Numbers, Stated, thresholds};
use crate::units::Ratio;
use std::ops::RangeInclusive;

/// A share, or a percentile.
const SHARE: RangeInclusive<f64> = 0.0..=1.0;
/// A daily mean of outdoor temperature from which heating or cooling may begin, °C. Judgement: colder and warmer
/// days there are, but no building without both begins to be heated or cooled on them.
const CELSIUS: RangeInclusive<f64> = -30.0..=40.0;
/// A power factor that is divided by.
const COS_PHI: RangeInclusive<f64> = 0.1..=1.0;
/// Any finite quantity that is not negative.
const AMOUNT: RangeInclusive<f64> = 0.0..=MOST;
const MOST: f64 = f64::MAX;
/// A year has no more working days.
const MOST_WORKDAYS: f64 = 366.0;
/// More resamples move the ends of a range by nothing that is printed, and take hours. Judgement.
const MOST_RESAMPLES: f64 = 100_000.0;

thresholds! {
    /// No advice saves less a year, in the bill's currency. Practitioners' review: less is not worth an engineer's visit.
    noise_money: f64 = 5_000.0 => AMOUNT,
    /// Nor less than this share of the yearly bill. Same source.
    noise_share: f64 = 0.005 => SHARE,
    /// No finding is smaller than so many steps of the meter. Data contract: below three a difference of power is noise.
    noise_quanta: f64 = 3.0 => AMOUNT,
    /// Saving × confidence from this share of the yearly bill is of high priority. Judgement.
    priority_high_share: f64 = 0.02 => SHARE,
    /// From this share it is of medium priority. Judgement.
    priority_medium_share: f64 = 0.005 => SHARE,
    /// R04, R11, R17, R22: issued bills from which they show how near the recomputed ones come; with fewer the
    /// model's part of the confidence is untested, 1/2. Judgement: one or two may agree by chance.
    least_bills: usize = 3 => AMOUNT,
    /// Latest billed months in which a saving that has ended has not come again, at least. Judgement: a quarter.
    gone_months: usize = 3 => 1.0..=MOST,
    /// Months that save less than this share of the mean of those that save show that it has ended or become small.
    /// Judgement: a year's saving promised for the next would be twice what it is.
    gone_share: f64 = 0.5 => SHARE,
    /// A saving of which less than this share is left on the contract and transformers of today is not to be had again.
    /// Judgement: within 5 % a saving is right.
    gone_terms_share: f64 = 0.95 => SHARE,
    /// A contract or a product that leaves less than this share of what stands before it in the plan, and too little to be
    /// worth while, takes its place. Judgement.
    undone_share: f64 = 0.5 => SHARE,
    /// Confidence from which a recommendation is called certain. Judgement.
    certainty_high: f64 = 0.75 => SHARE,
    /// From which it is called fairly certain. Judgement: what nothing tests (1/2, no case seen) is so as long as gaps
    /// and uneven months take no more than a fifth away.
    certainty_medium: f64 = 0.4 => SHARE,
    /// Ranges: resamples of the priced months. Judgement: the ends move by less than 1 %.
    range_resamples: usize = 1000 => 1.0..=MOST_RESAMPLES,
    /// Ranges: resamples where each must be billed anew. Judgement: the ends move by a few per cent.
    range_rebilled: usize = 200 => 0.0..=MOST_RESAMPLES,
    /// Ranges: months of a block; neighbouring months belong to one season. Judgement.
    range_block_months: usize = 3 => AMOUNT,
    /// Ranges: share of the resamples that is cut off at each end. Judgement.
    range_tail: f64 = 0.05 => 0.0..=0.5,
    /// Ranges: least distance of the drawn years' ends of one month, as a share of the saving; of n months 1/√n of it, of
    /// twelve none. Made wider by √12 it is 69 %: of the advice of the demonstration's customers one month × 12 lies within
    /// 68 % of the year in nine of ten cases.
    range_least_spread: f64 = 0.2 => SHARE,
    /// Ranges: change of prices at both ends. Catalogue of recommendations: ±10 %.
    range_prices: f64 = 0.10 => SHARE,

    /// R01: least share of the typical days' energy that is flexible. Catalogue of recommendations: 3 %.
    shift_least_flexible: f64 = 0.03 => SHARE,
    /// R01: a slot that varies by less than this share of its median is steady; noise is not flexibility. Judgement.
    shift_slot_least: f64 = 0.10 => SHARE,
    /// R01: greatest share of a slot's load that may move. Scheduling model: 30 %.
    shift_flexible_cap: f64 = 0.30 => SHARE,
    /// R01: days of a kind and season below which nothing is learnt from them. Judgement.
    shift_least_days: usize = 5 => AMOUNT,
    /// R01: a slot that never runs at this share of the way from the least to the greatest of the day's medians
    /// lies outside the working hours and is not filled above its median, unless something has run in it on some
    /// days: by `shift_slot_least` of that way above its median. Judgement.
    shift_working_share: f64 = 0.25 => SHARE,
    /// R01: a day whose medians differ by less than this share is flat: no hours outside work. Judgement.
    shift_flat_share: f64 = 0.05 => SHARE,
    /// R01: shortest block in minutes. Practitioners' review: no block under an hour.
    shift_block_minutes: u32 = 60 => AMOUNT,
    /// R01: power of a block is a multiple of this, kW. Practitioners' review: 10 kW.
    shift_step_kw: f64 = 10.0 => AMOUNT,
    /// R01: energy moves only when prices differ by more than twice this share of the mean price. Judgement.
    shift_trouble_share: f64 = 0.02 => SHARE,
    /// R01: share of the transformers' rating × cos φ that a filled slot may load. Scheduling model: 0.9.
    shift_transformer_share: f64 = 0.9 => SHARE,
    /// R01: cos φ assumed for the transformer limit when it is not measured. Judgement.
    shift_power_factor: f64 = 0.9 => COS_PHI,
    /// R01: no step between two intervals becomes greater than this, or than it is, kW; unlimited when
    /// absent. With it the schedule is a linear program. Scheduling model.
    shift_ramp_kw: Option<f64> = None => AMOUNT,
    /// R01: energy is conserved over the week from Monday, not over each day. Scheduling model.
    shift_weekly: bool = false => AMOUNT,
    /// R01: billed months below which the schedule is not tested on months that it has not seen. Judgement.
    shift_backtest_months: usize = 6 => AMOUNT,
    /// R01: least share of the claim that the test keeps; a potential that keeps less is not offered. Judgement.
    shift_backtest_least: f64 = 0.10 => SHARE,
    /// R01: least share that the test keeps of what is promised; a work schedule that keeps less stands outside the
    /// headline, as a potential does. Judgement.
    shift_backtest_promised: f64 = 0.80 => SHARE,
    /// The same: how near the steps of the load must come to a machine's power, the rise as the fall, 1 being the power
    /// itself, 0 nothing or twice as much. Judgement: below half they may be another machine's.
    schedule_least_match: f64 = 0.5 => SHARE,
    /// The same: how near both steps of a stated run must come for its start to be believed where the load comes back to
    /// its level after a break. Judgement.
    schedule_sure_match: f64 = 0.9 => SHARE,
    /// The same: a step of more than this many times a machine's power is not its own. Judgement: what is rated runs below its rating, not above.
    schedule_most_power: f64 = 1.25 => 1.0..=MOST,
    /// The same: a machine whose power as read comes to this share of the listed one has it; what reads less moves as
    /// read. Steps are alike that differ by twice the rest of it. Judgement: within 5 % a saving is right.
    schedule_listed_share: f64 = 0.95 => SHARE,
    /// The same: hours within which the load of a shift comes back after a break. Judgement: breaks of work are not longer.
    schedule_break_hours: f64 = 4.0 => 0.0..=24.0,
    /// The same: how near to a machine's power it then comes back. Judgement: an afternoon may be half as busy as a morning.
    schedule_break_match: f64 = 0.5 => SHARE,
    /// The same: share of a machine's run in which the usual day stands above the load beside it by half its power or more,
    /// where a step within it could be one of its own. Judgement: more than half, so that what rises at its start and ends
    /// within it does not pass, and less than all, for the breaks of others.
    schedule_lasting_share: f64 = 0.6 => SHARE,
    /// The same: a machine that only single days show must show on this many times as many days as its opposite.
    /// Judgement: noise shows both alike.
    schedule_chance_factor: f64 = 3.0 => AMOUNT,
    /// The same: machines run as in earlier months where that costs at most this share of the months' saving.
    /// Judgement: one table is easier followed than many; the gap to the bound tells what it costs.
    schedule_same_share: f64 = 0.01 => SHARE,
    /// The same: a machine is off on a day whose load in its hours, or what stands above the load beside them, is lower
    /// than usual by this share of its power, and whose steps do not show it either. Judgement.
    schedule_off_share: f64 = 0.5 => SHARE,
    /// The same: a day on which what stands above the load beside a machine's hours is lower by this share of its power than
    /// on its other days, before them as behind them, shows something smaller. Judgement: what moves is right within it.
    schedule_day_share: f64 = 0.15 => SHARE,
    /// The same: days of a kind without a machine whose median tells what of a step is not its own. Judgement.
    schedule_power_days: usize = 3 => 1.0..=MOST,
    /// The same: share of a machine's own days that other days of the kind must come to for its power to be read beyond
    /// these. Judgement: fewer are odd days, on which more than the machine may rest.
    schedule_others_share: f64 = 0.1 => SHARE,
    /// The same: observed days of a kind without a run at its hours after which a machine that ran all the time counts as
    /// gone or moved. Judgement: a month of working days.
    schedule_lapse_days: usize = 20 => AMOUNT,
    /// The same: how many times as long as ever before it must have rested for that. Judgement.
    schedule_lapse_factor: f64 = 2.0 => AMOUNT,
    /// The same: days of a kind up to which a rest is a pause of what runs all the time; what has rested longer runs in a
    /// season. Judgement: three weeks of working days.
    schedule_pause_days: usize = 15 => AMOUNT,
    /// The same: relaxations after which the best schedule so far is taken, where the plans are too many to be tried one
    /// by one. Judgement: with a maximum in each of twelve months one takes some 20 ms, all of them a minute; the gap is told.
    schedule_most_nodes: u64 = 2_500 => AMOUNT,

    /// R03: least lead of the maximum over the month's 99.9th percentile, share of the maximum. Catalogue: 5 %.
    needle_least_share: f64 = 0.05 => SHARE,
    /// R03: least lead in multiples of the distance from the 99th to the 99.9th percentile: a needle
    /// stands out from the tail that noise alone makes. Judgement.
    needle_tail_factor: f64 = 2.0 => AMOUNT,
    /// R03: the level of a month is what it exceeds in this share of its intervals. Catalogue: p99.9.
    needle_top_share: f64 = 0.001 => SHARE,
    /// R03: and its tail begins at what it exceeds in this share. Judgement: p99.
    needle_tail_share: f64 = 0.01 => SHARE,
    /// R03: least number of months with a needle. Practitioners' review: 3.
    needle_least_months: usize = 3 => AMOUNT,

    /// R04: adverse change of the maximum under which the other mode must still win. Practitioners' review: 10 %.
    basis_margin: f64 = 0.10 => SHARE,
    /// R04: quarters of a year in which it must win. Practitioners' review: 3 of 4.
    basis_quarters: usize = 3 => 0.0..=4.0,

    /// R04, R11: working days ahead of which another way of billing is applied for, from a quarter's first day.
    /// Two-part tariff of the domain reference: 15.
    basis_lead_workdays: usize = 15 => 0.0..=MOST_WORKDAYS,

    /// R05: standard, cos φ at which the reward ends, and the target. 〔83〕水电财字215号, tables of the three
    /// standards; the target is a hundredth above the end of the reward: judgement.
    pf_targets: Vec<[f64; 3]> = vec![[0.90, 0.95, 0.96], [0.85, 0.94, 0.95], [0.80, 0.92, 0.93]] => COS_PHI,
    /// R05: greatest number of capacitor steps that is simulated. Judgement.
    pf_most_steps: u32 = 60 => AMOUNT,
    /// R05: steps that the monthly need is first divided into. Judgement; common automatic banks have 6 to 12.
    pf_steps: u32 = 8 => AMOUNT,
    /// R05: a step is a multiple of this, kvar. Judgement; common capacitor units.
    pf_step_kvar: f64 = 10.0 => AMOUNT,
    /// R05: where no bank reaches the target, one that takes away this share of what the greatest does is enough. Judgement.
    pf_enough_share: f64 = 0.99 => SHARE,
    /// R05: leading share of the reactive energy that shows capacitors. Judgement: less is what cables at no load make.
    pf_least_leading: f64 = 0.02 => SHARE,
    /// R05: a change of reactive power from this share of its mean may be a capacitor's step. Judgement.
    pf_switched_least: f64 = 0.15 => SHARE,
    /// R05: while the load changes by no more than this share of that. Judgement.
    pf_switched_still: f64 = 0.25 => SHARE,
    /// R05: steps that differ by no more than this share from the usual one are of one size. Judgement.
    pf_switched_alike: f64 = 0.25 => SHARE,
    /// R05: share of such changes that are of one size. Judgement: noise has none.
    pf_switched_share: f64 = 0.8 => SHARE,
    /// R05: least steps a week, on and off together. Judgement: off over most weekends, but for holidays.
    pf_switched_a_week: f64 = 1.0 => AMOUNT,
    /// R05: steps with which the load rises and falls by more than this share of them, in kW a kvar, are of a machine.
    /// Judgement: capacitors lose a tenth of that, idling motors and transformers draw several times as much.
    pf_load_share: f64 = 0.005 => SHARE,
    /// R05: least mean of those changes of the load over its standard error. Judgement.
    pf_load_least_t: f64 = 2.0 => AMOUNT,
    /// R05: least share of the steps that the next one undoes, for the bank's state to be known between them. Judgement:
    /// of those not seen one in twenty then follows another, so that a false stretch is one of some hundred.
    pf_followed_least: f64 = 0.95 => SHARE,
    /// R05: a load that rises, then falls by this share of the step, in kW, may hide one each way. Judgement: less calls none.
    pf_hidden_share: f64 = 0.5 => SHARE,

    /// R06: least ratio of the non-working base to the working mean. Catalogue: 30 %.
    base_least_ratio: f64 = 0.30 => SHARE,
    /// R06: hours and days whose mean lies in this lowest share of the workday's range are non-working. Judgement:
    /// above it a shift comes or goes.
    base_idle_share: f64 = 0.15 => SHARE,
    /// R06: a plant whose near-base exceeds this share of its near-peak has no non-working hours to see. Judgement.
    base_flat_ratio: f64 = 0.7 => SHARE,
    /// R06: shorter pauses of the workday are no hours without work, h: start-up, hand-over, lunch. Judgement.
    base_least_hours: f64 = 1.0 => AMOUNT,
    /// R06: percentile of working nights that is their base: what is on in nine of ten intervals. Judgement.
    base_night_share: f64 = 0.10 => SHARE,
    /// R06: a rest day whose 10th percentile lies below this share of its 90th has a day's shape: somebody
    /// is there. Judgement.
    base_quiet_flat: f64 = 0.65 => SHARE,
    /// R06: the lower of the percentiles that are compared. Judgement.
    base_day_low: f64 = 0.10 => SHARE,
    /// R06: the upper one. Judgement.
    base_day_high: f64 = 0.90 => SHARE,
    /// R06: percentile of quiet days that is their usual level. Judgement: the median.
    base_quiet_level: f64 = 0.50 => SHARE,
    /// R06: percentile of quiet days that is the reference: the customer's own low. Catalogue: p5.
    base_reference: f64 = 0.05 => SHARE,
    /// R06: least number of quiet days to learn the reference from. Judgement.
    base_least_quiet_days: usize = 8 => AMOUNT,
    /// R06: least power to take out, share of the working mean; less is what seasons change. Judgement.
    base_least_cut: f64 = 0.10 => SHARE,

    /// R06, R07: days before and after a low day within which the plant ran for it to be a stop and no season. Judgement:
    /// four weeks, so that the longest holidays are stops.
    stop_around_days: usize = 28 => AMOUNT,

    /// R10: least contract as a share of the capacity where the tariff states none. 发改办价格〔2016〕1583号.
    contract_floor_share: f64 = 0.40 => SHARE,
    /// R10: smallest multiple of a month's forecast that is looked at. Practitioners' review: a contract below
    /// what is expected (down to 1/1.05 of it) invites the doubled charge.
    contract_least_multiple: f64 = 1.0 => AMOUNT,
    /// R10: greatest multiple. Judgement: more than any forecast error that leaves contract billing worth while.
    contract_most_multiple: f64 = 1.30 => AMOUNT,
    /// R10: step between the multiples. Judgement: a hundredth is finer than the errors.
    contract_multiple_step: f64 = 0.01 => 1e-4..=1.0,
    /// R10: months with a year before them that are needed to forecast by it. Judgement: half a year.
    contract_least_year_before: usize = 6 => AMOUNT,
    /// R10: demand above this multiple of the contract is billed double where the tariff does not state it. 发改办价格〔2016〕1583号.
    contract_over_share: f64 = 1.05 => 1.0..=MOST,
    /// R10: a maximum below this share of the contract is paid for unused. Catalogue: 0.8.
    contract_low_share: f64 = 0.80 => SHARE,
    /// R10, R11: working days ahead of which to apply. Capacity services of the domain reference: 5.
    contract_lead_workdays: usize = 5 => 0.0..=MOST_WORKDAYS,
    /// R10: months after the readings for which what is sized from them still holds; of older ones it is told. Judgement:
    /// a run soon after the readings has missed the day for the month that follows them.
    contract_fresh_months: i32 = 2 => AMOUNT,
    /// R11: cos φ assumed where no reactive power was read. Judgement: the standard of most two-part customers.
    suspend_power_factor: f64 = 0.9 => COS_PHI,
    /// R11: greatest loading of the transformers that stay. Catalogue: 80 %.
    suspend_loading: f64 = 0.8 => SHARE,
    /// R11: least days of a suspension. Capacity services of the domain reference: 15.
    suspend_least_days: i32 = 15 => AMOUNT,
    /// R11: most months of suspension counted a year. The same: 6.
    suspend_most_months: usize = 6 => AMOUNT,
    /// R11: fewest billed months that tell in which of a year the load is low. A year's, less the one that a reading day
    /// amid the first and the last month of a year's readings cuts.
    suspend_least_months: usize = 11 => AMOUNT,
    /// R11: share of the saving that is given up for fewer periods, each of which is an application, a switching and a
    /// return, and for an earlier one. Judgement.
    suspend_scatter_share: f64 = 0.02 => SHARE,
    /// R11: more units than this are not combined exhaustively; the smallest are. Judgement.
    suspend_most_units: usize = 10 => 0.0..=16.0,
    /// R11: sets of unlike units that are priced, those of most kVA-months first. Judgement: six unlike units have 63.
    suspend_most_sets: usize = 64 => AMOUNT,
    /// R11: least capacity of a two-part customer, kVA. 发改价格〔2023〕526号: 315.
    two_part_least_kva: f64 = 315.0 => AMOUNT,

    /// R02, R03: how far a maximum may be from the demand register's. Practitioners' review: 3 %.
    register_tolerance: f64 = 0.03 => SHARE,
    /// R02, R03: days between the end of a cycle and the reading that closes it. Judgement: read on the day itself.
    register_near_days: i64 = 1 => AMOUNT,
    /// R02, R06, R07, R19: percentile of the mean workday that is its near-base. LBNL-3713E: p2.5.
    near_base: f64 = 0.025 => SHARE,
    /// The same: its near-peak. LBNL-3713E: p97.5.
    near_peak: f64 = 0.975 => SHARE,
    /// R02, R19: rise within an hour, as a share of the mean workday's range, that is a start of a shift. Judgement.
    shift_edge_share: f64 = 0.25 => SHARE,
    /// R02, R19: hours within which a shift's load comes on. Judgement.
    shift_edge_hours: f64 = 1.0 => AMOUNT,
    /// R02, R19: a mean workday with less range than this share of its near-peak has no shifts. Judgement.
    shift_edge_least_range: f64 = 0.15 => SHARE,
    /// R02: a day belongs to the peaks of its cycle from this share of the maximum. Domain reference §4: 0.9.
    stagger_peak_day: f64 = 0.9 => SHARE,
    /// R02: least lead of a start over all else in the month, share of the maximum. Judgement: the register's tolerance.
    stagger_least_share: f64 = 0.03 => SHARE,
    /// R02: least share of peak days that peak at a start. Catalogue: 40 %.
    stagger_least_days: f64 = 0.40 => SHARE,
    /// R02: least days a month that peak at a start; what is rarer is a needle. Judgement: once a week.
    stagger_least_a_month: f64 = 4.0 => AMOUNT,
    /// R07: least mean of a still rest day, share of the working mean. Catalogue: 40 %.
    rest_least_share: f64 = 0.40 => SHARE,
    /// R07: above this share of the working mean work goes on. Judgement.
    rest_most_share: f64 = 0.80 => SHARE,
    /// R07: a day whose 5th and 95th percentile differ by less than this share of the workday's range lies still. Judgement.
    rest_still_share: f64 = 0.25 => SHARE,
    /// R07: the lower of these percentiles. Judgement.
    rest_spread_low: f64 = 0.05 => SHARE,
    /// R07: the upper one. Judgement.
    rest_spread_high: f64 = 0.95 => SHARE,
    /// R07: percentile of the still days' means that a shutdown reaches: the customer's own low. Catalogue: p5, as R06.
    rest_reference: f64 = 0.05 => SHARE,
    /// R07: least range of the mean workday, share of its near-peak. Judgement.
    rest_least_range: f64 = 0.30 => SHARE,
    /// R07: least number of such days. Judgement.
    rest_least_days: usize = 4 => AMOUNT,
    /// R07: least number of rest days that show a shutdown. Judgement.
    rest_least_shown: usize = 3 => AMOUNT,
    /// R08: least number of days to fit. Judgement.
    cooling_least_days: usize = 60 => AMOUNT,
    /// R08: least R². Catalogue: 0.6.
    cooling_least_r2: f64 = 0.6 => SHARE,
    /// R08: least slope over its standard error. Judgement.
    cooling_least_t: f64 = 3.0 => AMOUNT,
    /// R08: by how much the set point rises, °C. Catalogue: 1.
    cooling_degrees: f64 = 1.0 => AMOUNT,
    /// R08: colder days may be heated and tell nothing of cooling, °C. Judgement.
    cooling_heated_below: f64 = 12.0 => CELSIUS,
    /// R08: lowest balance point that is tried, °C. CalTRACK 2.0; the part in which buildings cool.
    cooling_balance_from: f64 = 10.0 => CELSIUS,
    /// R08: highest. The same.
    cooling_balance_to: f64 = 30.0 => CELSIUS,
    /// R08: step. The same: at most 3 °F.
    cooling_balance_step: f64 = 0.5 => 0.01..=MOST,
    /// R09: least mean excess over the year before. Catalogue: 5 %.
    drift_least_share: f64 = 0.05 => SHARE,
    /// R09: least days of a drift. Catalogue: 14.
    drift_least_days: usize = 14 => AMOUNT,
    /// R09: least excess over its standard error. Judgement.
    drift_least_t: f64 = 3.0 => AMOUNT,
    /// R09: excess that adds nothing up, as a share of `drift_least_share`. Judgement: half, as of any shift
    /// that a cumulative sum is to see soonest.
    drift_slack_share: f64 = 0.5 => SHARE,
    /// R09: days before and after the same day of the year before that make its baseline. Judgement: a fortnight.
    drift_around_days: usize = 14 => AMOUNT,
    /// R09: days of that span that must be there. Judgement.
    drift_least_around: usize = 5 => AMOUNT,
    /// R09: days before and after a long holiday that moves in the year in which a working day is compared with none.
    /// Judgement: three weeks, as plants close earlier and open later than the calendar.
    drift_holiday_days: usize = 21 => AMOUNT,
    /// R09: days without work on end that make a holiday long. Judgement: more than a long weekend.
    drift_long_holiday: usize = 5 => AMOUNT,
    /// R09: days by which a holiday may begin earlier or later than in the other year and stay in its place. Judgement:
    /// a week, by which weekends move the ends of one.
    drift_holiday_moves: usize = 7 => AMOUNT,
    /// R09: days of readings that let two months be compared with those of the year before. Judgement.
    drift_least_history_days: usize = 365 + 60 => AMOUNT,
    /// R09: lowest balance point that is tried where temperatures are known, °C. CalTRACK 2.0: 30 °F.
    drift_balance_from: f64 = 0.0 => CELSIUS,
    /// R09: highest. The same: 90 °F.
    drift_balance_to: f64 = 30.0 => CELSIUS,
    /// R09: step. The same: at most 3 °F.
    drift_balance_step: f64 = 1.5 => 0.25..=MOST,
    /// R09: less than this share of the variance explained is no weather. Judgement.
    drift_least_r2: f64 = 0.1 => SHARE,
    /// R12: loading of a heavy load. Catalogue: 80 %.
    heavy_loading: f64 = 0.8 => AMOUNT,
    /// R12: hours on end. Catalogue: 2.
    heavy_hours: f64 = 2.0 => AMOUNT,
    /// R12: loading of an overload. Catalogue: 100 %.
    heavy_over_loading: f64 = 1.0 => AMOUNT,
    /// R12: least days with such a load; a single one may be a test or the feed of a neighbour. Judgement; a
    /// load above the rating is said at once.
    heavy_least_days: usize = 3 => AMOUNT,
    /// R13: powers that are tried, as shares of the maximum. Judgement.
    battery_powers: Vec<f64> = vec![0.1, 0.2, 0.35, 0.5] => SHARE,
    /// R13: how far below the maximum of the week before each month is to be held where maxima are billed, as parts
    /// of the power; the best is taken for the whole year. Judgement: steps finer than a third gain next to nothing.
    battery_shaved: Vec<f64> = vec![0.0, 0.3, 0.6, 1.0] => SHARE,
    /// R14: days whose sun comes on one of them, to see what clouds may cost. Judgement: two.
    pv_patchy_days: usize = 2 => 1.0..=365.0,
    /// R15: least power of programmes, kW. Catalogue: 100.
    response_least_kw: f64 = 100.0 => AMOUNT,
    /// R15: least workdays of a season. Judgement.
    response_least_days: usize = 20 => AMOUNT,
    /// R15: share of the working days that lie as far below their baseline as is told. Catalogue of recommendations: p10.
    response_low_share: f64 = 0.10 => SHARE,
    /// R15: days on either side that a baseline is made of. Judgement: baselines of demand response take five to ten.
    response_near_days: usize = 5 => 1.0..=MOST_NEAR as f64,
    /// R15: rest days and nights that stay below this share of a usual working day in the hours of the highest price
    /// show the load of a plant that stands still. Judgement.
    response_rest_most: f64 = 0.5 => SHARE,
    /// R15: a working day that stays below this share of the way from such a level, or from nothing, to a usual one was
    /// no day of work. Judgement.
    response_rest_share: f64 = 0.2 => SHARE,
    /// R17: capacity from which a higher voltage is usual, kVA. Catalogue: 8 MVA.
    voltage_least_kva: f64 = 8000.0 => AMOUNT,
    /// R17: longest payback below that capacity. Catalogue: 5 years.
    voltage_payback_years: f64 = 5.0 => AMOUNT,
    /// R17: longest payback from that capacity on. Judgement: about as long as a substation is depreciated.
    voltage_most_payback_years: f64 = 20.0 => AMOUNT,
    /// R18: least share of the current transformers' rating at the maximum. DL/T 448, class S (to be verified).
    ct_least_share: f64 = 0.20 => SHARE,
    /// R18: greatest share. The same.
    ct_most_share: f64 = 1.20 => AMOUNT,
    /// R18: rated secondary current where the ratio does not tell it (`600/5` does), A. GB/T 20840.2: 5, or 1.
    ct_secondary_a: f64 = 5.0 => AMOUNT,
    /// R19: least jump in a quarter of an hour, share of the maximum. Catalogue: 50 %.
    swing_least_share: f64 = 0.5 => SHARE,
    /// R19: least jumps a week. Catalogue: 5.
    swing_least_a_week: f64 = 5.0 => AMOUNT,
    /// R20: least customers of a group. Practitioners' review: 8.
    peer_least: usize = 8 => AMOUNT,
    /// R20: greatest share of a group's energy that one customer may have. Practitioners' review: 25 %.
    peer_most_share: f64 = 0.25 => SHARE,
    /// R20: least distance below the quartile, as a share of it. Judgement: nearer, one test or a warm week decides
    /// on which side a load factor lies.
    peer_margin: f64 = 0.05 => SHARE,
    /// R21: least ratio of a maintenance's load × price to that of the best window. Judgement.
    window_least_ratio: f64 = 1.5 => AMOUNT,
}

impl Thresholds {
    /// Below this nothing is worth mentioning, a year, of a customer with this yearly bill: the greater of a sum and
    /// a share of the bill.
    #[must_use]
    pub fn least_saving(&self, yearly_bill: f64) -> f64 {
        self.noise_money.max(self.noise_share * yearly_bill)
    }

    /// A confidence in words: `high`, `medium` or `low`.
    #[must_use]
    pub fn certainty(&self, confidence: Ratio) -> &'static str {
        match confidence.get() {
            c if c >= self.certainty_high => "high",
            c if c >= self.certainty_medium => "medium",
            _ => "low",
        }
    }
}

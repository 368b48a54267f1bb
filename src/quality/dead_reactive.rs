//! Reactive channels that died: what they read is no measurement.

use crate::curve::{DayReactive, Load, sum};
use std::ops::Range;

/// Days in a row without reactive energy from which the channel counts as dead; one or two of them are told, and stay
/// (judgement, as for a change of sign).
const DEAD_DAYS: usize = 3;

/// Share of the load's maximum that the mean of one of these days reaches: no plant at work takes no reactive energy
/// at all, while a meter may not see that of an idle one (judgement).
const LOADED_SHARE: f64 = 0.1;

/// Leading over active power below which a plant at work does not lead: what a dead lagging channel leaves (judgement).
const LEAD_SHARE: f64 = 0.005;

/// Takes the reactive readings of days on which the channel was dead for not read. The naive power factor of such a
/// month is 1, with a reward on the bill. A what-if keeps what was read, so that it may take all reactive power away.
#[must_use]
pub fn without_dead_reactive(load: Load) -> Load {
    let dead: Vec<Range<usize>> = dead_runs(&load).into_iter().map(|days| load.days().range_of(days)).collect();
    if dead.is_empty() { load } else { load.with_reactive_unread(&dead) }
}

/// Whether the day has no lagging energy at all, and none that leads in those hours in which its load is not below its
/// mean. What leads at idle hours is no sign of life; an overcompensated plant leads at work, too.
pub(super) fn dead(load: &Load, day: usize) -> bool {
    let Some(DayReactive { lagging, magnitude, .. }) = load.day_reactive(day) else { return false };
    if *lagging > 0.0 || *magnitude == 0.0 {
        return *magnitude == 0.0;
    }
    let (range, channels, kw) = (load.days().range(day), load.channels(), load.day_kw(day));
    let mean = sum(kw) / kw.len().max(1) as f64;
    let of = |channel: &Option<Vec<f64>>| -> f64 {
        let kvar = channel.as_deref().and_then(|c| c.get(range.clone())).unwrap_or_default();
        kvar.iter().zip(kw).filter(|(_, kw)| **kw >= mean).map(|(kvar, _)| kvar.abs()).sum()
    };
    let at_work: f64 = kw.iter().filter(|kw| **kw >= mean).map(|kw| kw.max(0.0)).sum();
    of(&channels.kvar) + of(&channels.kvar_lead) <= LEAD_SHARE * at_work
}

/// Runs of days without reactive energy on which the plant was at work.
fn dead_runs(load: &Load) -> Vec<Range<usize>> {
    let zero = |day: &usize| dead(load, *day);
    let n = load.days().len();
    let mut runs = Vec::new();
    let mut day = 0;
    while day < n {
        let length = (day..n).take_while(zero).count();
        if length >= DEAD_DAYS {
            runs.push(day..day + length);
        }
        day += length.max(1);
    }
    if runs.is_empty() {
        return runs;
    }
    let least = LOADED_SHARE * (0..n).map(|d| load.day_max(d)).fold(0.0, f64::max);
    let at_work = |day: usize| load.day_valid(day) > 0 && sum(load.day_kw(day)) > least * load.day_valid(day) as f64;
    runs.retain(|run| run.clone().any(at_work));
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::REACTIVE;
    use crate::whatif::fixture::{flat_year, year};

    /// 400 kW but for some days; 300 kvar but for some days.
    fn dead(idle: Range<usize>, zero: &[Range<usize>]) -> Vec<usize> {
        let mut f = flat_year(400.0);
        f.kw.iter_mut().enumerate().filter(|(i, _)| idle.contains(&(i / 96))).for_each(|(_, kw)| *kw = 10.0);
        let kvar = |i: usize| if zero.iter().any(|z| z.contains(&(i / 96))) { 0.0 } else { 300.0 };
        f.kvar = Some((0..f.kw.len()).map(kvar).collect());
        let load = f.state().load().clone();
        (0..load.days().len()).filter(|d| load.day_flags(*d).iter().all(|f| f & REACTIVE == 0)).collect()
    }

    #[test]
    fn three_days_of_zero_at_work_are_not_read() {
        assert_eq!(dead(0..0, &[10..13, 20..22]), [10, 11, 12]);
        // A single hour with a reading in a month of zeros does not bring the others back.
        assert_eq!(dead(0..0, &[30..45, 46..60]).len(), 29);
    }

    #[test]
    fn an_idle_plant_may_take_none() {
        assert_eq!(dead(100..110, &[100..110]), [0usize; 0]);
        assert_eq!(dead(100..110, &[100..111]).len(), 11, "a day at work among them");
    }

    /// 500 kW at work, 300 at night; lagging and leading by whether it is at work, lagging dead on ten days.
    fn dead_beside(lead_kvar: impl Fn(usize, bool) -> f64) -> usize {
        let at_work = |slot: usize| (32..80).contains(&slot);
        let mut f = year(|_, slot| if at_work(slot) { 500.0 } else { 300.0 });
        let each = || (0..365 * 96).map(|i| (i / 96, i % 96));
        f.kvar = Some(each().map(|(day, _)| if (60..70).contains(&day) { 0.0 } else { 300.0 }).collect());
        let lead = |(day, slot)| if (60..70).contains(&day) { lead_kvar(slot, at_work(slot)) } else { 0.0 };
        f.kvar_lead = Some(each().map(lead).collect());
        let load = f.state().load().clone();
        (0..365).filter(|d| load.day_flags(*d).iter().all(|f| f & REACTIVE == 0)).count()
    }

    #[test]
    fn what_leads_at_idle_hours_brings_no_dead_channel_back() {
        assert_eq!(dead_beside(|slot, _| if slot == 12 { 0.4 } else { 0.0 }), 10, "a quarter of an hour a day");
        assert_eq!(dead_beside(|_, at_work| if at_work { 0.0 } else { 40.0 }), 10, "all night");
        assert_eq!(dead_beside(|slot, _| if slot == 40 { 2.0 } else { 0.0 }), 10, "a quarter of an hour at work");
    }

    #[test]
    fn an_overcompensated_plant_leads_at_work_too() {
        assert_eq!(dead_beside(|_, at_work| if at_work { 60.0 } else { 120.0 }), 0);
    }

    #[test]
    fn a_channel_that_never_reads_is_none() {
        assert_eq!(dead(0..0, &[0..365]).len(), 365);
        let mut f = flat_year(400.0);
        f.kvar = Some(vec![0.0; f.kw.len()]);
        assert!(!f.state().load().has_reactive());
    }
}

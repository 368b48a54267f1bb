//! R09: the same work takes more energy than it did.

use super::fit::{DegreeDays, degree_days};
use super::workday::{day_mean, usable_days};
use super::{Facts, Finding, Model, Need, Rule, Tier, Verdict};
use crate::customer::EventKind;
use crate::text::{said, say};
use crate::time::{Date, DayKind};
use std::ops::Range;

/// Days of a year: a whole number of weeks, so that a day is compared with the same weekday.
const YEAR_DAYS: usize = 364;

/// Energy drift.
#[derive(Debug)]
pub struct Drift;

impl Rule for Drift {
    fn code(&self) -> &'static str {
        "R09"
    }

    fn card(&self) -> &'static str {
        include_str!("drift.md")
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::YearBefore, Need::Weather]
    }

    fn tier(&self) -> Tier {
        Tier::Inform
    }

    fn judge(&self, facts: &Facts<'_>) -> Verdict {
        let t = facts.thresholds;
        let excess = excess(facts);
        let Some(run) = last_run(&excess, t.drift_slack_share * t.drift_least_share) else {
            return Verdict::Nothing(said("rule.year").into());
        };
        let days = run.len();
        let n = days.max(1) as f64;
        let mean = run.iter().map(|d| d.1).sum::<f64>() / n;
        let variance = run.iter().map(|d| (d.1 - mean) * (d.1 - mean)).sum::<f64>() / n;
        let certain = variance <= 0.0 || mean / (variance / n).sqrt() >= t.drift_least_t;
        if days < t.drift_least_days || mean < t.drift_least_share || !certain {
            return Verdict::Nothing(say(
                "rule.more",
                &[("share", &format_args!("{:.1}", 100.0 * mean)), ("days", &days)],
            ));
        }
        let load = facts.load();
        let date = |k: usize| run.get(k).map(|d| load.date(d.0));
        let (Some(from), Some(to)) = (date(0), date(days - 1)) else {
            return Verdict::Nothing(said("rule.year").into());
        };
        let changed = |e: &&crate::customer::Event| {
            e.kind == EventKind::ProductionChange && e.dates.end > from.plus(-(YEAR_DAYS as i32)) && e.dates.start <= to
        };
        if facts.customer.events.iter().find(changed).is_some() {
            return Verdict::Nothing(said("rule.production").into());
        }
        let kw = run.iter().map(|d| d.2).sum::<f64>() / n;
        let mut evidence = facts.evidence();
        evidence.figure("drift_share", mean, "");
        evidence.figure("drift_days", n, "d");
        evidence.figure("drift_kw", kw, "kW");
        evidence.constant("least_share", t.drift_least_share, "");
        evidence.constant("least_days", t.drift_least_days as f64, "d");
        evidence.note("since", from.to_string());
        let baseline =
            if facts.side.temperature.is_some() { said("rule.drift_weather") } else { said("rule.drift_plain") };
        evidence.note("baseline", baseline);
        evidence.note("ask", said("rule.ask_since"));
        Verdict::Inform(Box::new(Finding {
            tier: Tier::Inform,
            priority: 2,
            kw: None,
            model: Model::measured(mean / (mean + variance.sqrt()), said("model.even_excess")),
            evidence,
        }))
    }
}

/// Of each day with a baseline: what it has above that of the year before, as a share and in kW.
fn excess(facts: &Facts<'_>) -> Vec<(usize, f64, f64)> {
    let (load, t) = (facts.load(), facts.thresholds);
    let mut means: Vec<Option<f64>> = vec![None; load.days().len()];
    let breaks = moved_holidays(facts);
    for d in usable_days(facts, |_| true) {
        let date = load.date(d);
        if works(facts, d) && breaks.iter().any(|b| b.contains(&date)) {
            continue;
        }
        if let Some(m) = means.get_mut(d) {
            *m = Some(day_mean(load, d));
        }
    }
    let kind = |d: usize| facts.labels.kinds.get(d);
    let weather = Weather::of(facts, &means);
    let baseline = |d: usize| {
        let centre = d.checked_sub(YEAR_DAYS)?;
        let span = centre.saturating_sub(t.drift_around_days)..(centre + t.drift_around_days + 1).min(means.len());
        let now = weather.as_ref().and_then(|w| w.kw(d));
        // What the weather makes of the day beside those of the year before; where it is known of both.
        let as_today = |o: usize| {
            let (mean, then) = ((*means.get(o)?)?, weather.as_ref().and_then(|w| w.kw(o)));
            Some(mean + now.zip(then).map_or(0.0, |(now, then)| now - then))
        };
        let same: Vec<f64> = span.filter(|o| kind(*o) == kind(d)).filter_map(as_today).collect();
        (same.len() >= t.drift_least_around).then(|| same.iter().sum::<f64>() / same.len() as f64)
    };
    let of = |(d, mean): (usize, &Option<f64>)| {
        let (mean, base) = ((*mean)?, baseline(d).filter(|b| *b > 0.0)?);
        Some((d, mean / base - 1.0, mean - base))
    };
    means.iter().enumerate().filter_map(of).collect()
}

/// The long holidays, with the days around them, that lie elsewhere in the year before or after: around Spring Festival
/// a plant is closed for longer than the calendar, and so on days that are worked in the other year.
fn moved_holidays(facts: &Facts<'_>) -> Vec<Range<Date>> {
    let (Some(calendar), t, days) = (facts.side.calendar, facts.thresholds, facts.load().days()) else {
        return Vec::new();
    };
    let around = t.drift_holiday_days as i32;
    let (first, last) = (days.first().plus(-2 * around), days.first().plus(days.len() as i32 + 2 * around));
    let mut long: Vec<Range<Date>> = Vec::new();
    let mut date = first;
    while date < last {
        let from = date;
        while date < last && calendar.kind(date) != DayKind::Workday {
            date = date.plus(1);
        }
        if (date.0 - from.0) as usize >= t.drift_long_holiday {
            long.push(from..date);
        }
        date = date.plus(1);
    }
    let stays = |start: Date, by: i32| {
        let there = start.plus(by);
        let same = |b: &Range<Date>| (b.start.0 - there.0).unsigned_abs() as usize <= t.drift_holiday_moves;
        there < first || there >= last || long.iter().any(same)
    };
    let year = YEAR_DAYS as i32;
    let moved = long.iter().filter(|b| !stays(b.start, -year) || !stays(b.start, year));
    moved.map(|b| b.start.plus(-around)..b.end.plus(around)).collect()
}

/// What the weather makes of the load of a day, learnt from the first year of the readings: lines above
/// and below balance points of the daily mean temperature, working days and others apart (CalTRACK 2.0).
struct Weather<'a> {
    facts: &'a Facts<'a>,
    work: Option<DegreeDays>,
    rest: Option<DegreeDays>,
}

impl<'a> Weather<'a> {
    /// `None` without temperatures, or where these do not move the load.
    fn of(facts: &'a Facts<'a>, means: &[Option<f64>]) -> Option<Self> {
        facts.side.temperature?;
        let t = facts.thresholds;
        let balance = (t.drift_balance_from, t.drift_balance_to, t.drift_balance_step);
        let fit = |work: bool| {
            let year = means.iter().enumerate().take(YEAR_DAYS);
            let of_kind = year.filter(|(d, _)| works(facts, *d) == work);
            let points: Vec<(f64, f64)> =
                of_kind.filter_map(|(d, mean)| Some((temperature(facts, d)?, (*mean)?))).collect();
            degree_days(&points, balance, (t.cooling_least_days, t.drift_least_r2))
        };
        let found = Self { facts, work: fit(true), rest: fit(false) };
        (found.work.is_some() || found.rest.is_some()).then_some(found)
    }

    /// kW of a day that the weather makes, up to a constant of its kind; `None` where it is not known.
    fn kw(&self, day: usize) -> Option<f64> {
        let fit = if works(self.facts, day) { &self.work } else { &self.rest };
        fit.as_ref().zip(temperature(self.facts, day)).map(|(fit, t)| fit.kw(t))
    }
}

fn works(facts: &Facts<'_>, day: usize) -> bool {
    facts.labels.kinds.get(day) == Some(&DayKind::Workday)
}

fn temperature(facts: &Facts<'_>, day: usize) -> Option<f64> {
    facts.side.temperature?.day(facts.load().date(day))
}

/// The days since the one-sided cumulative sum of `share − slack` last rose from zero, if it still
/// stands above it at the end.
fn last_run(excess: &[(usize, f64, f64)], slack: f64) -> Option<&[(usize, f64, f64)]> {
    let (mut sum, mut from) = (0.0_f64, None);
    for (i, day) in excess.iter().enumerate() {
        sum = (sum + day.1 - slack).max(0.0);
        from = if sum > 0.0 { from.or(Some(i)) } else { None };
    }
    excess.get(from?..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_run_begins_where_the_sum_left_zero_for_good() {
        let days = |shares: &[f64]| shares.iter().enumerate().map(|(d, s)| (d, *s, 0.0)).collect::<Vec<_>>();
        let run = |shares: &[f64]| last_run(&days(shares), 0.025).map(|r| r.first().map(|d| d.0));
        assert_eq!(run(&[0.0, 0.1, -0.2, 0.1, 0.1]), Some(Some(3)));
        assert_eq!(run(&[0.1, 0.1, -0.5]), None, "it has come back");
        assert_eq!(run(&[0.02; 50]), None, "below the slack nothing adds up");
    }
}

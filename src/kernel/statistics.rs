//! Counts, energies and extremes by day, by billing cycle and over the whole span.
//!
//! Energy is added in one order everywhere: intervals to days, days to cycles, cycles to the whole,
//! so that the sums of the tables agree to the last bit.

use crate::analysis::{DayRow, MonthRow, Totals};
use crate::curve::kernel::marked;
use crate::curve::{DayLabels, ESTIMATED, INVALID, Load, REACTIVE, sum};
use crate::time::Cycle;
use crate::units::{Kvarh, Kw, Kwh};
use std::ops::Range;

/// One row per day of the load's span.
#[must_use]
pub fn day_rows(load: &Load, labels: &DayLabels) -> Vec<DayRow> {
    let days = 0..load.days().len();
    days.map(|d| DayRow { date: load.date(d), day_kind: labels.kinds[d], totals: day(load, d) }).collect()
}

/// One row per billing cycle that the load touches.
#[must_use]
pub fn month_rows(cycles: &[Cycle], daily: &[DayRow]) -> Vec<MonthRow> {
    let row = |c: &Cycle| MonthRow {
        month: c.month,
        kwh_by_period: None,
        totals: add(daily[c.days.clone()].iter().map(|d| &d.totals)),
        cycle: c.clone(),
    };
    cycles.iter().map(row).collect()
}

/// The whole span, from its cycles. Those whose reactive readings are all zero have no part in its power factor.
#[must_use]
pub fn totals(load: &Load, monthly: &[MonthRow]) -> Totals {
    let measured = |t: &Totals| t.kwh_with_kvarh.filter(|_| t.kvarh != Some(Kvarh::ZERO));
    let months: Vec<Totals> =
        monthly.iter().map(|m| Totals { kwh_with_kvarh: measured(&m.totals), ..m.totals }).collect();
    Totals { n_duplicate: load.placement().duplicates as usize, ..add(months.iter()) }
}

fn day(load: &Load, d: usize) -> Totals {
    let range = load.days().range(d);
    let n_expected = load.day_expected(d);
    let n_valid = load.day_valid(d);
    let flags = load.day_flags(d);
    let complete = n_valid == range.len();
    let count = |bit| if complete { 0 } else { marked(flags, bit) };
    let n_invalid = count(INVALID);
    let n_estimated = if load.estimates.index.is_empty() { 0 } else { count(ESTIMATED) };
    if n_valid == 0 {
        return Totals {
            n_expected,
            n_missing: n_expected.saturating_sub(n_invalid),
            n_invalid,
            n_estimated,
            ..Totals::default()
        };
    }
    let hours = load.interval().hours();
    let max = load.max_kw(range.clone());
    let net = sum(load.day_kw(d));
    let kwh = if load.has_export() { load.import_kwh(range.clone()) } else { net * hours };
    // Reactive energy counts where both readings are there, so that the power factor compares like
    // with like.
    let paired = if load.has_reactive() { marked(flags, REACTIVE) } else { 0 };
    let kwh_with_kvarh =
        if paired == n_valid { Some(kwh) } else { paired_kwh(load, range.clone()).filter(|_| paired > 0) };
    let totals = Totals {
        n_expected,
        n_valid,
        n_missing: n_expected.saturating_sub(n_valid + n_invalid),
        n_invalid,
        n_estimated,
        kwh: Some(Kwh::new(kwh)),
        kwh_export: load.export_kwh(range.clone()).map(Kwh::new),
        kwh_with_kvarh: kwh_with_kvarh.map(Kwh::new),
        kvarh: if paired > 0 { load.kvarh(range).map(Kvarh::new) } else { None },
        max: max.map(|(kw, i)| (Kw::new(kw), i)),
        min_kw: Some(Kw::new(load.day_min(d))),
        mean_kw: Some(Kw::new(net / n_valid as f64)),
        ..Totals::default()
    };
    with_ratios(totals)
}

/// Import of the intervals of a range that have a reactive reading.
fn paired_kwh(load: &Load, range: Range<usize>) -> Option<f64> {
    let paired = range.filter(|i| load.flags()[*i] & REACTIVE != 0);
    let kw: f64 = load.has_reactive().then(|| paired.map(|i| load.import_kw(i)).sum())?;
    Some(kw * load.interval().hours())
}

fn with_ratios(t: Totals) -> Totals {
    let load_factor = match (t.mean_kw, t.max) {
        (Some(mean), Some((max, _))) if max.get() > 0.0 => mean.over(max),
        _ => None,
    };
    // Nothing but zero is no measurement of reactive power (check V07), and no power factor of 1.
    let measured = t.kwh_with_kvarh.zip(t.kvarh).filter(|(_, kvarh)| *kvarh != Kvarh::ZERO);
    let power_factor = measured.and_then(|(p, q)| p.power_factor(q));
    Totals { load_factor, power_factor, ..t }
}

fn add<'a>(parts: impl Iterator<Item = &'a Totals>) -> Totals {
    let mut all = Totals::default();
    let mut net = 0.0;
    for t in parts {
        all.n_expected += t.n_expected;
        all.n_valid += t.n_valid;
        all.n_missing += t.n_missing;
        all.n_invalid += t.n_invalid;
        all.n_estimated += t.n_estimated;
        all.kwh = plus(all.kwh, t.kwh);
        all.kwh_export = plus(all.kwh_export, t.kwh_export);
        all.kwh_with_kvarh = plus(all.kwh_with_kvarh, t.kwh_with_kvarh);
        all.kvarh = plus(all.kvarh, t.kvarh);
        // The earliest of equal maxima stands.
        if t.max.is_some_and(|(kw, _)| all.max.is_none_or(|(best, _)| kw > best)) {
            all.max = t.max;
        }
        all.min_kw = match (all.min_kw, t.min_kw) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        net += t.mean_kw.map_or(0.0, Kw::get) * t.n_valid as f64;
    }
    if all.n_valid > 0 {
        all.mean_kw = Some(Kw::new(net / all.n_valid as f64));
    }
    with_ratios(all)
}

fn plus<T: std::ops::Add<Output = T>>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a + b),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Ratio;
    use crate::whatif::fixture::flat_year;

    #[test]
    fn a_month_whose_reactive_readings_are_all_zero_has_no_power_factor() {
        let mut f = flat_year(400.0);
        let days = f.days();
        let june = |i: usize| days.date(i / 96).ymd().1 == 6;
        f.kvar = Some((0..f.kw.len()).map(|i| if june(i) { 0.0 } else { 300.0 }).collect());
        let state = f.state();
        let daily = day_rows(state.load(), &f.labels());
        let monthly = month_rows(state.cycles(), &daily);
        let found: Vec<Option<Ratio>> = monthly.iter().map(|m| m.totals.power_factor).collect();
        assert_eq!(found.iter().filter(|p| p.is_none()).count(), 1);
        assert_eq!((found[4], found[5]), (Some(Ratio::new(0.8)), None), "the naive ratio is 1");
        let span = totals(state.load(), &monthly).power_factor.unwrap().get();
        assert!((span - 0.8).abs() < 1e-9, "{span}");
    }
}

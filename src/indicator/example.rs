//! Runs the examples of cards. Lines of an example:
//!
//! | line | meaning |
//! |---|---|
//! | `interval: 15` | minutes; first line |
//! | `zone:`, `start:` | Asia/Shanghai and 2024-01-01, a Monday, unless said |
//! | `day: 32x100, 64x400` | a day's kW; `_` is a missing reading; may be repeated |
//! | `days: 5` | the last day stands that many times |
//! | `weeks: 4` | everything so far stands that many times |
//! | `kvar: 75` | the same reactive power everywhere |
//! | `capacity_kva: 1000` | the contract's |
//! | `transformer_kva: 630` | a running transformer; may be repeated |
//! | `kwh: s p f v d`, `price: s p f v d` | energy and price by period; `_` where there is none |
//! | `expect: 0.5` | the value, `none`, or `0.333 ± 0.001` |

use super::card::run_lengths;
use super::{BandUse, Indicator, Inputs, View};
use crate::curve::{Channels, DayLabels, Load, LoadDuration, REACTIVE, VALID, testing};
use crate::customer::{Contract, Transformer};
use crate::statistics::{DayRow, MonthRow, Totals};
use crate::time::{Calendar, Seasons};
use crate::units::{Kva, Kw, Kwh, Ratio};
use std::ops::Range;

/// A customer made of an example's lines.
#[derive(Debug)]
pub struct Case {
    pub load: Load,
    pub contract: Contract,
    pub transformers: Vec<Transformer>,
    pub bands: Option<BandUse>,
}

impl Case {
    pub fn of(load: Load) -> Self {
        Self { load, contract: Contract::default(), transformers: Vec::new(), bands: None }
    }

    /// Hands the view of the case to `with`.
    pub fn view<T>(&self, with: impl FnOnce(&View<'_>) -> T) -> T {
        let load = &self.load;
        let labels = DayLabels::new(load.days(), &Calendar::weekends(), &Seasons::default(), &[]);
        let cycles = load.cycles(1);
        let daily: Vec<DayRow> = (0..load.days().len())
            .map(|d| {
                let totals = totals(load, load.days().range(d), load.day_expected(d));
                DayRow { date: load.date(d), day_kind: labels.kinds[d], totals }
            })
            .collect();
        let monthly: Vec<MonthRow> = cycles
            .iter()
            .map(|c| {
                let expected = c.days.clone().map(|d| load.day_expected(d)).sum();
                let totals = totals(load, load.range_of_days(c.days.clone()), expected);
                MonthRow { month: c.month, cycle: c.clone(), kwh_by_period: None, totals }
            })
            .collect();
        let duration = LoadDuration::new(load);
        with(&View::new(Inputs {
            load,
            labels: &labels,
            cycles: &cycles,
            daily: &daily,
            monthly: &monthly,
            duration: &duration,
            contract: &self.contract,
            transformers: &self.transformers,
            bands: self.bands.as_ref(),
        }))
    }

    pub fn value(&self, indicator: &dyn Indicator) -> Option<f64> {
        self.view(|v| indicator.value(v))
    }
}

/// Counts and extremes of a range, as the tables have them.
fn totals(load: &Load, range: Range<usize>, n_expected: usize) -> Totals {
    let valid: Vec<f64> = range.clone().filter(|i| load.is_valid(*i)).map(|i| load.kw()[i]).collect();
    let some = !valid.is_empty();
    let mean = valid.iter().sum::<f64>() / valid.len() as f64;
    let max = load.max_kw(range.clone()).map(|(kw, at)| (Kw::new(kw), at));
    Totals {
        n_expected,
        n_valid: valid.len(),
        n_missing: n_expected - valid.len(),
        kwh: some.then(|| Kwh::new(load.import_kwh(range))),
        max,
        min_kw: valid.iter().copied().reduce(f64::min).map(Kw::new),
        mean_kw: some.then(|| Kw::new(mean)),
        load_factor: max.and_then(|m| Kw::new(mean).over(m.0)).filter(|_| some),
        power_factor: None::<Ratio>,
        ..Totals::default()
    }
}

/// What an example says: its case, the expected value and the tolerance.
pub fn parse(lines: &[(&str, &str)]) -> Option<(Case, Option<f64>, f64)> {
    let value = |key: &str| lines.iter().find(|l| l.0 == key).map(|l| l.1);
    let number = |key: &str| value(key).map(|v| v.parse::<f64>().unwrap());
    let (mut kw, mut last): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    for (key, text) in lines {
        let repeat = || text.parse::<usize>().unwrap() - 1;
        match *key {
            "day" => {
                last = run_lengths(text)?.into_iter().map(|v| v.unwrap_or(f64::NAN)).collect();
                kw.extend(&last);
            }
            "days" => kw.extend(last.repeat(repeat())),
            "weeks" => kw.extend(kw.clone().repeat(repeat())),
            "interval" | "zone" | "start" | "kvar" | "capacity_kva" | "transformer_kva" | "kwh" | "price"
            | "expect" => {}
            other => panic!("an example has no line {other:?}"),
        }
    }
    let minutes = value("interval")?.parse().ok()?;
    let (zone, start) = (value("zone").unwrap_or("Asia/Shanghai"), value("start").unwrap_or("2024-01-01"));
    let mut load = testing::load_in(zone, start, minutes, &kw);
    if let Some(kvar) = number("kvar") {
        let flags = load.flags().iter().map(|f| if f & VALID != 0 { f | REACTIVE } else { *f }).collect();
        let channels = Channels { kvar: Some(vec![kvar; load.kw().len()]), flags, ..load.channels().clone() };
        load = Load::new(load.days().clone(), load.span().clone(), channels, *load.placement(), load.power_kind());
    }
    let five = |key: &str| value(key).and_then(run_lengths).and_then(|v| <[Option<f64>; 5]>::try_from(v).ok());
    let mut case = Case::of(load);
    case.contract.capacity = number("capacity_kva").map(Kva::new);
    case.bands = five("kwh")
        .map(|kwh| BandUse { kwh: kwh.map(Option::unwrap_or_default), price: five("price").unwrap_or_default() });
    case.transformers =
        lines.iter().filter(|l| l.0 == "transformer_kva").map(|l| running(l.1.parse().unwrap())).collect();
    let expect = value("expect")?;
    let (number, tolerance) = expect.split_once('±').unwrap_or((expect, "1e-9"));
    let expected = if number.trim() == "none" { None } else { Some(number.trim().parse().ok()?) };
    Some((case, expected, tolerance.trim().parse().ok()?))
}

/// A transformer in service.
pub fn running(kva: f64) -> Transformer {
    Transformer::running(&format!("T{kva}"), kva)
}

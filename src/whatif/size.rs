//! A contracted demand for each month, sized by what is known when it is applied for.

use super::{Change, State};
use crate::customer::BillingMode;
use crate::tariff::OverLayer;
use crate::tariff::charge::{OverRule, billed_under_contract};
use crate::text::said;
use crate::time::{Cycle, Date, Month};
use crate::units::{Kva, Kw};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Contracts a demand month by month, each from what was read when it was applied for: a forecast of the
/// month, times the multiple at which the errors of the other months' forecasts would have cost
/// least. So no month is contracted with the knowledge of its own maximum, or of that of the days after the application.
#[derive(Debug, Clone, PartialEq)]
pub struct Size {
    /// What is billed above the contract, lowest first.
    pub layers: Arc<[OverLayer]>,
    /// Above the first layer's begin the contract counts as that begin.
    pub from_limit: bool,
    /// Least contract demand as a share of the capacity in service: a month in which units are suspended
    /// has a lower one.
    pub floor_share: f64,
    /// Smallest and greatest multiple of the forecast that is looked at.
    pub multiples: (f64, f64),
    /// Step between them.
    pub step: f64,
    /// Months with a year before them that are needed to forecast by it.
    pub least_year_before: usize,
    /// Of each of the state's cycles, the day before which readings are known when its contract is applied for; of one
    /// without, its first day.
    pub known: Arc<[Date]>,
    /// The next cycle that can be applied for; by default the one after the readings, with all of them known.
    pub next: Option<Ahead>,
}

/// A cycle after the readings.
#[derive(Debug, Clone, PartialEq)]
pub struct Ahead {
    /// Its month.
    pub month: Month,
    /// Its first day.
    pub start: Date,
    /// The day before which readings are known.
    pub known: Date,
    /// Of each of the state's cycles, the day before which as much would have been known: what forecasts so far ahead
    /// err by.
    pub likewise: Arc<[Date]>,
}

/// How a month's maximum is foretold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forecast {
    /// By the last month known.
    Previous,
    /// By the mean of the last three months known.
    MeanOfThree,
    /// By the same month of the year before.
    YearBefore,
}

/// Least part of a month whose maximum counts as that of the month (judgement: half).
const LEAST_PART: f64 = 0.5;
/// What float products may err by, in kW.
const ROUNDING: f64 = 1e-6;
/// Months in a year.
const YEAR: i32 = 12;

/// What was sized.
#[derive(Debug, Clone, PartialEq)]
pub struct Sized {
    /// Root mean square of the relative forecast errors.
    pub error: f64,
    /// Contract of each month that has a maximum.
    pub months: Vec<SizedMonth>,
    /// Contract for the next month.
    pub next: Kw,
    /// Least contract of the next month.
    pub floor: Kw,
    /// The multiple of its forecast that it is.
    pub multiple: f64,
    /// The way of forecasting that erred least so far ahead.
    pub forecast: Forecast,
    /// Root mean square of the relative errors of forecasts so far ahead.
    pub next_error: f64,
}

/// A whole cycle's maximum.
#[derive(Debug, Clone, Copy)]
struct Maximum {
    place: usize,
    month: Month,
    start: Date,
    end: Date,
    kw: f64,
}

/// One month of a [`Sized`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SizedMonth {
    /// The month.
    pub month: Month,
    /// Its maximum.
    pub measured: Kw,
    /// The contract that would have been applied for.
    pub contract: Kw,
}

impl Size {
    /// The rule of what is billed above the contract.
    #[must_use]
    pub fn rule(&self) -> OverRule<'_> {
        OverRule { layers: &self.layers, from_limit: self.from_limit }
    }

    /// Sizes the contract of every month of a customer; `None` with fewer than three maxima.
    #[must_use]
    pub fn of(&self, state: &State) -> Option<Sized> {
        let maxima = maxima(state);
        let known = |of: &[Date], m: &Maximum| of.get(m.place).map_or(m.start, |known| m.start.min(*known));
        let dates: Vec<Date> = maxima.iter().map(|m| known(&self.known, m)).collect();
        let back = Forecasts::best(state, &maxima, &dates, self.least_year_before)?;
        let months = maxima.iter().zip(&back.kw).enumerate().map(|(i, (m, forecast))| {
            let floor = self.floor(state, &(m.start..m.end));
            let contract = contract(*forecast, self.multiple(&back.ratios, Some(i)), floor);
            SizedMonth { month: m.month, measured: Kw::new(m.kw), contract }
        });
        let (months, last) = (months.collect(), *maxima.last()?);
        let after = || Ahead { month: Month(last.month.0 + 1), start: last.end, known: last.end, likewise: [].into() };
        let next = self.next.clone().unwrap_or_else(after);
        let likewise: Vec<Date> = maxima.iter().map(|m| known(&next.likewise, m)).collect();
        let ahead = Forecasts::best(state, &maxima, &likewise, self.least_year_before)?;
        let multiple = self.multiple(&ahead.ratios, None);
        let floor = self.floor(state, &(next.start..next.start.plus(1)));
        let seen = seen(state, &maxima, &[next.known]);
        let foretold = predict(&maxima, (next.month, seen.first()?), None, ahead.way)?;
        let next = contract(foretold, multiple, floor);
        let (error, forecast, next_error) = (back.error, ahead.way, ahead.error);
        Some(Sized { error, months, next, floor, multiple, forecast, next_error })
    }

    fn floor(&self, state: &State, dates: &Range<Date>) -> Kw {
        Kw::new(self.floor_share * state.capacity_in_service(dates).map_or(0.0, Kva::get))
    }

    /// The multiple at which the errors would have cost least; the month `without` does not count.
    fn multiple(&self, ratios: &[f64], without: Option<usize>) -> f64 {
        let cost = |k: f64| -> f64 {
            let counted = ratios.iter().enumerate().filter(|(j, _)| Some(*j) != without);
            counted.map(|(_, r)| billed_under_contract(Kw::new(*r), Kw::new(k), &self.rule()).get()).sum()
        };
        let steps = ((self.multiples.1 - self.multiples.0) / self.step).round().max(0.0) as usize;
        let each = (0..=steps).map(|i| self.multiples.0 + self.step * i as f64).map(|k| (k, cost(k)));
        each.reduce(|a, b| if b.1 < a.1 { b } else { a }).map_or(self.multiples.1, |(k, _)| k)
    }
}

/// In whole kW, and not below the floor.
fn contract(forecast: f64, multiple: f64, floor: Kw) -> Kw {
    // A product of exact figures may lie a hair above a whole number.
    Kw::new((forecast * multiple - ROUNDING).ceil()).max(Kw::new((floor.get() - ROUNDING).ceil()))
}

/// The maximum that each whole cycle is billed by: each supply point's own, added.
fn maxima(state: &State) -> Vec<Maximum> {
    let usages = state.usages().unwrap_or(&[]);
    let of = |i: usize| usages.iter().filter_map(|(_, u)| u.cycles.get(i)?.demand).map(|d| d.kw.get()).sum::<f64>();
    let whole = state.cycles().iter().enumerate().filter(|(_, c)| !c.partial);
    let maximum = |(place, c): (usize, &Cycle)| {
        let Range { start, end } = c.dates;
        Maximum { place, month: c.month, start, end, kw: of(place) }
    };
    whole.map(maximum).filter(|m| m.kw > 0.0).collect()
}

/// The maxima that were known on each of some dates, in order: of the cycles that had ended, and of what was read of the
/// one that had not.
fn seen(state: &State, maxima: &[Maximum], dates: &[Date]) -> Vec<Vec<f64>> {
    let running = |date: &Date| {
        let of = |c: &&Cycle| {
            let (read, all) = (date.0 - c.dates.start.0, c.dates.end.0 - c.dates.start.0);
            let from_its_start = !c.partial || c.days.start > 0;
            from_its_start && c.dates.end > *date && f64::from(read) >= LEAST_PART * f64::from(all)
        };
        Some((state.cycles().iter().find(of)?, *date))
    };
    let parts: Vec<Option<(&Cycle, Date)>> = dates.iter().map(running).collect();
    let known = state.maxima_before(&parts.iter().flatten().copied().collect::<Vec<_>>());
    let mut known = known.into_iter();
    let each = dates.iter().zip(&parts).map(|(date, part)| {
        let ended = maxima.iter().filter(|m| m.end <= *date).map(|m| m.kw);
        ended.chain(part.and_then(|_| known.next()).filter(|kw| *kw > 0.0)).collect()
    });
    each.collect()
}

/// Foretells a month from the maxima known; of one before which none is, by the one after it.
fn predict(
    maxima: &[Maximum],
    (month, seen): (Month, &Vec<f64>),
    after: Option<&Maximum>,
    forecast: Forecast,
) -> Option<f64> {
    let previous = seen.last().copied().or(after.map(|m| m.kw))?;
    match forecast {
        Forecast::Previous => Some(previous),
        Forecast::MeanOfThree => {
            let last = seen.get(seen.len().saturating_sub(3)..).filter(|l| !l.is_empty());
            Some(last.map_or(previous, |l| l.iter().sum::<f64>() / l.len() as f64))
        }
        Forecast::YearBefore => {
            let year_before = maxima.iter().find(|m| m.month.0 + YEAR == month.0);
            Some(year_before.map_or(previous, |m| m.kw))
        }
    }
}

/// What a way of forecasting would have foretold.
struct Forecasts {
    way: Forecast,
    /// Of each month, in kW.
    kw: Vec<f64>,
    /// What each month was of it.
    ratios: Vec<f64>,
    /// Root mean square error.
    error: f64,
}

impl Forecasts {
    /// The forecast that erred least, of each month by what was known on a date.
    fn best(state: &State, maxima: &[Maximum], known: &[Date], least_year_before: usize) -> Option<Self> {
        if maxima.len() < 3 {
            return None;
        }
        let mut ways = vec![Forecast::Previous, Forecast::MeanOfThree];
        if maxima.len() >= YEAR as usize + least_year_before {
            ways.push(Forecast::YearBefore);
        }
        let seen = seen(state, maxima, known);
        let judge = |way: Forecast| {
            let each = maxima.iter().zip(&seen).enumerate();
            let of = |(i, (m, seen)): (usize, (&Maximum, &Vec<f64>))| {
                predict(maxima, (m.month, seen), maxima.get(i + 1), way).filter(|f| *f > 0.0)
            };
            let kw = each.map(of).collect::<Option<Vec<f64>>>()?;
            let ratios: Vec<f64> = maxima.iter().zip(&kw).map(|(m, f)| m.kw / f).collect();
            let square = ratios.iter().map(|r| (r - 1.0) * (r - 1.0)).sum::<f64>() / ratios.len() as f64;
            Some(Self { way, kw, ratios, error: square.sqrt() })
        };
        ways.into_iter().filter_map(judge).reduce(|a, b| if b.error < a.error { b } else { a })
    }
}

impl Change for Size {
    fn apply(&self, state: &State) -> State {
        let Some(sized) = self.of(state) else { return state.clone() };
        let mut contract = state.contract().clone();
        contract.billing_mode = Some(BillingMode::Contract);
        contract.contract_demand = Some(sized.next);
        let schedule: BTreeMap<Month, Kw> = sized.months.iter().map(|m| (m.month, m.contract)).collect();
        contract.contract_schedule = schedule;
        state.with_contract(contract)
    }

    fn describe(&self) -> String {
        said("change.size").into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::whatif::fixture::year;

    fn size() -> Size {
        Size {
            layers: [OverLayer { above: 1.05, factor: 2.0 }].into(),
            from_limit: false,
            floor_share: 0.0,
            multiples: (0.8, 1.3),
            step: 0.01,
            least_year_before: 6,
            known: [].into(),
            next: None,
        }
    }

    /// A year whose month `m` peaks at `kw(m)`.
    fn peaks(kw: impl Fn(usize) -> f64) -> State {
        let f = year(|_, _| 100.0);
        let days = f.days();
        let mut f = f;
        for d in 0..365 {
            f.kw[d * 96 + 40] = kw(usize::from(days.date(d).ymd().1) - 1);
        }
        f.state()
    }

    #[test]
    fn steady_maxima_are_contracted_just_below() {
        let sized = size().of(&peaks(|_| 1000.0)).unwrap();
        assert_eq!(sized.error, 0.0);
        // The optimum is 1000/1.05 = 952.4; of the multiples, 950 + 2 · (1000 − 997.5) is less than 960.
        assert!(sized.months.iter().all(|m| m.contract == Kw::new(950.0)), "{sized:?}");
    }

    #[test]
    fn no_month_is_contracted_by_its_own_maximum() {
        let with = |march: f64| size().of(&peaks(move |m| if m == 2 { march } else { 1000.0 })).unwrap().months;
        let (a, b) = (with(1000.0), with(2000.0));
        assert_eq!(a[2].contract, b[2].contract, "March is foretold by others");
        assert_eq!(a[2].measured, Kw::new(1000.0));
        assert_ne!(a[3].contract, b[3].contract, "April knows March");
    }

    /// 1000 kW in January, 100 more each month, reached on a day of the month; applied for on the 20th of the month before.
    fn growing(peak_day: u8, next: Option<Ahead>) -> Sized {
        let days = year(|_, _| 0.0).days();
        let f = year(move |d, s| {
            let (_, month, day) = days.date(d).ymd();
            if (day, s) == (peak_day, 40) { 900.0 + 100.0 * f64::from(month) } else { 100.0 }
        });
        let state = f.state();
        let known = state.cycles().iter().map(|c| Month(c.month.0 - 1).first().plus(19)).collect();
        Size { known, next, multiples: (1.0, 1.0), ..size() }.of(&state).unwrap()
    }

    #[test]
    fn what_is_read_after_the_application_is_not_known() {
        let contract = |peak_day, m: usize| growing(peak_day, None).months[m].contract.get();
        assert_eq!(contract(19, 5), 1400.0, "June by May, of which the peak had been");
        // The naive forecast takes May's maximum from the last eleven days of May. What was read of May was 100 kW.
        assert!(contract(20, 5) < 1000.0, "{}", contract(20, 5));
    }

    #[test]
    fn the_next_month_is_sized_by_forecasts_from_as_far() {
        let month = |m: i32| Month(2025 * 12 + m - 1);
        // February by readings up to the end of December: by errors of two months, not of one.
        let likewise = (1..=12).map(|m| month(m - 1).first()).collect();
        let ahead = Ahead { month: month(14), start: month(14).first(), known: month(13).first(), likewise };
        let (far, near) = (growing(5, Some(ahead)), growing(5, None));
        assert_eq!((far.forecast, far.next, near.next), (Forecast::Previous, Kw::new(2100.0), Kw::new(2100.0)));
        assert_eq!(far.error, near.error, "the months are applied for as they were");
        assert!(far.next_error > 1.5 * near.next_error, "{far:?}");
    }

    #[test]
    fn errors_of_forecasts_cost_what_they_cost() {
        // Textbook: at a coefficient of variation of 8 % contract mode costs more than actual mode.
        let state = peaks(|m| 1000.0 + 150.0 * f64::from(u8::from(m % 2 == 0)));
        let sized = size().of(&state).unwrap();
        let billed: f64 =
            sized.months.iter().map(|m| billed_under_contract(m.measured, m.contract, &size().rule()).get()).sum();
        let actual: f64 = sized.months.iter().map(|m| m.measured.get()).sum();
        assert!(billed > actual, "{billed} against {actual}");
        let after = size().apply(&state);
        let line = |s: &State| {
            s.bill()
                .unwrap()
                .cycles
                .iter()
                .flat_map(|c| c.lines.clone())
                .filter(|l| l.kind == crate::tariff::LineKind::Demand)
                .map(|l| l.quantity)
                .sum::<f64>()
        };
        assert!((line(&after) - billed).abs() < 1e-6, "the bill takes the same schedule");
    }
}

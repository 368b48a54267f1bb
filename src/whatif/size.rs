//! A contracted demand for each month, sized for what is not known yet.

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

/// Contracts a demand month by month, each from the maxima of other months alone: a forecast of the
/// month, times the multiple at which the errors of the other months' forecasts would have cost
/// least. So no month is contracted with the knowledge of its own maximum.
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
}

/// How a month's maximum is foretold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forecast {
    /// By the month before.
    Previous,
    /// By the mean of the three months before.
    MeanOfThree,
    /// By the same month of the year before.
    YearBefore,
}

/// What float products may err by, in kW.
const ROUNDING: f64 = 1e-6;
/// Months in a year.
const YEAR: usize = 12;

/// What was sized.
#[derive(Debug, Clone, PartialEq)]
pub struct Sized {
    /// The way of forecasting that erred least.
    pub forecast: Forecast,
    /// Root mean square of the relative forecast errors.
    pub error: f64,
    /// Contract of each month that has a maximum.
    pub months: Vec<SizedMonth>,
    /// Contract for the month after the last.
    pub next: Kw,
    /// Least contract of the month after the last.
    pub floor: Kw,
    /// The multiple of its forecast that it is.
    pub multiple: f64,
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
        let (cycles, maxima): (Vec<&Cycle>, Vec<(Month, f64)>) = maxima(state).into_iter().unzip();
        let (forecast, ratios, error) = best_forecast(&maxima, self.least_year_before)?;
        let months = cycles.iter().zip(&maxima).enumerate().map(|(m, (cycle, (month, measured)))| {
            let floor = self.floor(state, &cycle.dates);
            let contract = contract(predict(&maxima, m, forecast)?, self.multiple(&ratios, Some(m)), floor);
            Some(SizedMonth { month: *month, measured: Kw::new(*measured), contract })
        });
        let months = months.collect::<Option<Vec<_>>>()?;
        let multiple = self.multiple(&ratios, None);
        let end = cycles.last()?.dates.end;
        let floor = self.floor(state, &(end..end.plus(1)));
        let next = contract(predict(&maxima, maxima.len(), forecast)?, multiple, floor);
        Some(Sized { forecast, error, months, next, floor, multiple })
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

/// Each cycle with its month and the maximum that it is billed by: each supply point's own, added.
fn maxima(state: &State) -> Vec<(&Cycle, (Month, f64))> {
    let usages = state.usages().unwrap_or(&[]);
    let of = |i: usize| usages.iter().filter_map(|(_, u)| u.cycles.get(i)?.demand).map(|d| d.kw.get()).sum::<f64>();
    let cycles = state.cycles().iter().enumerate().filter(|(_, c)| !c.partial);
    cycles.map(|(i, c)| (c, (c.month, of(i)))).filter(|m| m.1.1 > 0.0).collect()
}

/// Foretells month `m` (the one after the last, too) without its own maximum. The first month has
/// none before it and takes the one after.
fn predict(maxima: &[(Month, f64)], m: usize, forecast: Forecast) -> Option<f64> {
    let before = maxima.get(..m)?;
    let previous = before.last().or_else(|| maxima.get(m + 1)).map(|p| p.1)?;
    match forecast {
        Forecast::Previous => Some(previous),
        Forecast::MeanOfThree => {
            let last = before.get(before.len().saturating_sub(3)..).filter(|l| !l.is_empty());
            Some(last.map_or(previous, |l| l.iter().map(|p| p.1).sum::<f64>() / l.len() as f64))
        }
        Forecast::YearBefore => {
            let year_before = m.checked_sub(YEAR).and_then(|y| maxima.get(y));
            Some(year_before.map_or(previous, |p| p.1))
        }
    }
}

/// The forecast that erred least, what each month was of it, and its root mean square error.
fn best_forecast(maxima: &[(Month, f64)], least_year_before: usize) -> Option<(Forecast, Vec<f64>, f64)> {
    if maxima.len() < 3 {
        return None;
    }
    let mut ways = vec![Forecast::Previous, Forecast::MeanOfThree];
    if maxima.len() >= YEAR + least_year_before {
        ways.push(Forecast::YearBefore);
    }
    let judge = |way: Forecast| {
        let ratio = |(m, (_, d)): (usize, &(Month, f64))| predict(maxima, m, way).filter(|f| *f > 0.0).map(|f| d / f);
        let ratios = maxima.iter().enumerate().map(ratio).collect::<Option<Vec<f64>>>()?;
        let square = ratios.iter().map(|r| (r - 1.0) * (r - 1.0)).sum::<f64>() / ratios.len() as f64;
        Some((way, ratios, square.sqrt()))
    };
    ways.into_iter().filter_map(judge).reduce(|a, b| if b.2 < a.2 { b } else { a })
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
        let layers = [OverLayer { above: 1.05, factor: 2.0 }].into();
        Size { layers, from_limit: false, floor_share: 0.0, multiples: (0.8, 1.3), step: 0.01, least_year_before: 6 }
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

//! Pictures of the bill: by month, as a waterfall, the price of a kWh, power factor, loading.

use super::{STACK, class, scale};
use crate::indicator::peak_loading;
use crate::report::chart::{Bar, Bars, MonthLine, MonthLines, Part, Step, Waterfall};
use crate::report::customer::View;
use crate::report::customer::figure::Figure;
use crate::tariff::{Bill, CycleBill, Line, LineKind, Period};
use crate::time::Month;
use crate::units::{Money, Ratio};
use std::fmt::Write;

/// Cycles of a year.
const YEAR: usize = 12;

/// Amounts by month and kind of line.
pub(super) fn by_month(v: &View, bill: &Bill) -> Figure {
    let (unit, scale) = scale(v);
    // The table below has every amount; of many months the picture tells the totals alone.
    let detailed = bill.cycles.len() <= 2 * YEAR;
    let bar = |c: &CycleBill| {
        let mut tip = format!("{} · {}", v.numbers.month(c.month), v.money(c.total()));
        let part = |(name, key): (&'static str, &'static str)| {
            let amount: Money = c.lines.iter().filter(|l| class(l) == name).map(|l| l.amount).sum();
            let value = amount.to_f64() / scale;
            if value != 0.0 && detailed {
                let _ = write!(tip, " · {} {}", v.t(key), v.money(amount));
            }
            (value != 0.0).then_some(Part { class: name, value })
        };
        let parts = STACK.into_iter().filter_map(part).collect();
        Bar { month: c.month, tip, parts, partial: false, marked: false }
    };
    let bars: Vec<Bar> = bill.cycles.iter().map(bar).collect();
    let title = v.text.fill("bill.chart", &[("unit", &unit)]);
    Figure::new(Bars { title: &title, unit: &unit, height: 240.0, bars: &bars }.draw(v.numbers), title).wide()
}

/// How the lines of the latest billed year (or what there is of it) make its total.
pub(super) fn waterfall(v: &View, billed: &[&CycleBill]) -> Figure {
    let latest = billed.get(billed.len().saturating_sub(YEAR)..).unwrap_or(billed);
    let (unit, scale) = scale(v);
    let lines = || latest.iter().flat_map(|c| &c.lines);
    let short = |m: Money| v.numbers.auto(m.to_f64() / scale);
    let steps: Vec<Step> = STACK
        .into_iter()
        .filter(|(name, _)| lines().any(|l| class(l) == *name))
        .map(|(name, key)| {
            let amount: Money = lines().filter(|l| class(l) == name).map(|l| l.amount).sum();
            let name_text = v.text.get(&format!("waterfall.{name}")).unwrap_or_else(|| v.t(key)).to_owned();
            Step { class: name, name: name_text, value: amount.to_f64() / scale, label: short(amount) }
        })
        .collect();
    let total: Money = latest.iter().map(|c| c.total()).sum();
    let months = match (latest.first(), latest.last()) {
        (Some(a), Some(b)) => format!("{} – {}", v.numbers.month(a.month), v.numbers.month(b.month)),
        _ => String::new(),
    };
    let title = v.text.fill("bill.waterfall", &[("unit", &unit), ("months", &months)]);
    let chart = Waterfall { title: &title, unit: &unit, steps: &steps, total: (v.t("bill.total"), short(total)) };
    Figure::new(chart.draw(v.numbers), title).wide()
}

/// What a kWh costs by month: energy alone, the flat price, everything.
pub(super) struct Prices {
    pub months: Vec<Month>,
    /// Energy lines over their energy.
    pub energy: Vec<Option<f64>>,
    /// Price of the flat period, weighted by energy.
    pub flat: Vec<Option<f64>>,
    /// The whole bill over the energy.
    pub all: Vec<Option<f64>>,
}

impl Prices {
    /// Of the billed cycles.
    pub fn of(billed: &[&CycleBill]) -> Self {
        let over = |amount: f64, kwh: f64| (kwh > 0.0).then(|| amount / kwh);
        let sum = |c: &CycleBill, keep: &dyn Fn(&Line) -> bool| {
            let kept = || c.lines.iter().filter(|l| l.kind == LineKind::Energy && keep(l));
            let amount: Money = kept().map(|l| l.amount).sum();
            (amount.to_f64(), kept().map(|l| l.quantity).sum::<f64>())
        };
        let energy = |c: &&CycleBill| sum(c, &|_| true);
        Self {
            months: billed.iter().map(|c| c.month).collect(),
            energy: billed.iter().map(energy).map(|(a, k)| over(a, k)).collect(),
            flat: billed.iter().map(|c| sum(c, &|l| l.period == Some(Period::Flat))).map(|(a, k)| over(a, k)).collect(),
            all: billed.iter().map(|c| over(c.total().to_f64(), energy(c).1)).collect(),
        }
    }
}

pub(super) fn prices(v: &View, prices: &Prices) -> Figure {
    let unit = format!("{}/kWh", v.numbers.currency(v.currency()));
    let line = |key: &'static str, class, values: &[Option<f64>], level| MonthLine {
        class,
        name: v.text.get(key).unwrap_or_default().to_owned(),
        values: values.to_vec(),
        level,
    };
    let lines = [
        line("bill.price_flat", "level", &prices.flat, true),
        line("bill.price_all", "rest", &prices.all, false),
        line("bill.price_energy", "now", &prices.energy, false),
    ];
    let title = v.t("bill.prices");
    let chart = MonthLines { title, unit: &unit, months: &prices.months, lines: &lines, decimals: 4, from_zero: true };
    Figure::new(chart.draw(v.numbers), title)
}

/// Power factor by month beside its standard; `None` without reactive readings.
pub(super) fn power_factor(v: &View) -> Option<Figure> {
    let values: Vec<_> = v.a.monthly.iter().map(|m| m.totals.power_factor.map(Ratio::get)).collect();
    values.iter().flatten().next()?;
    let months: Vec<Month> = v.a.monthly.iter().map(|m| m.month).collect();
    let mut lines = Vec::new();
    let standard = v.a.customer.contract.pf_standard.map(Ratio::get);
    if let Some(s) = standard {
        let values = vec![Some(s); months.len()];
        lines.push(MonthLine { class: "level", name: v.t("need.pf_standard").to_owned(), values, level: true });
    }
    lines.push(MonthLine { class: "now", name: v.t("fleet.power_factor").to_owned(), values, level: false });
    let title = match standard {
        Some(s) => v.text.fill("bill.pf", &[("standard", &v.numbers.fixed(s, 2))]),
        None => v.t("bill.pf_unknown").to_owned(),
    };
    let chart =
        MonthLines { title: &title, unit: "cos φ", months: &months, lines: &lines, decimals: 3, from_zero: false };
    Some(Figure::new(chart.draw(v.numbers), title))
}

/// Highest transformer loading by month; `None` without rating or reactive readings.
pub(super) fn loading(v: &View) -> Option<Figure> {
    let c = &v.a.customer;
    let of = |m: &crate::analysis::MonthRow| {
        peak_loading(&v.a.load, &c.transformers, c.contract.capacity, m.cycle.days.clone()).map(|x| x * 100.0)
    };
    let values: Vec<_> = v.a.monthly.iter().map(of).collect();
    values.iter().flatten().next()?;
    let months: Vec<Month> = v.a.monthly.iter().map(|m| m.month).collect();
    let full = MonthLine { class: "level", name: String::new(), values: vec![Some(100.0); months.len()], level: true };
    let name = v.t("bill.loading_short").to_owned();
    let lines = [full, MonthLine { class: "now", name, values, level: false }];
    let title = v.t("bill.loading");
    let chart = MonthLines { title, unit: "%", months: &months, lines: &lines, decimals: 0, from_zero: true };
    Some(Figure::new(chart.draw(v.numbers), title))
}

//! Months beside each other: energy by period, maxima, and the figures of both in a table.

use super::Figure;
use crate::report::chart::{Bar, Bars, Part};
use crate::report::customer::View;
use crate::report::number::ABSENT;
use crate::tariff::Period;
use crate::units::{Kwh, Ratio};
use std::fmt::Write;

/// One month in figures.
pub(super) struct Row {
    pub month: String,
    pub partial: bool,
    pub kwh: String,
    pub max_kw: String,
    pub at: String,
    pub load_factor: String,
    pub power_factor: String,
    pub usable: String,
}

pub(super) fn rows(v: &View) -> Vec<Row> {
    let ratio =
        |r: Option<Ratio>, decimals| r.map_or_else(|| ABSENT.to_owned(), |r| v.numbers.fixed(r.get(), decimals));
    let one = |m: &crate::analysis::MonthRow| {
        let t = &m.totals;
        let usable = t.n_valid as f64 / t.n_expected.max(1) as f64;
        Row {
            month: v.numbers.month(m.month),
            partial: m.cycle.partial,
            kwh: t.kwh.map_or_else(|| ABSENT.to_owned(), |k| v.numbers.fixed(k.get(), 0)),
            max_kw: t.max.map_or_else(|| ABSENT.to_owned(), |(kw, _)| v.numbers.auto(kw.get())),
            at: t.max.map(|(_, i)| v.at(i)).unwrap_or_default(),
            load_factor: ratio(t.load_factor, 3),
            power_factor: ratio(t.power_factor, 3),
            // Rounded down: a month with one gap is not called complete.
            usable: v.numbers.percent((usable * 1000.0).floor() / 1000.0, 1),
        }
    };
    v.a.monthly.iter().map(one).collect()
}

pub(super) fn energy(v: &View) -> Figure {
    let bars: Vec<Bar> =
        v.a.monthly
            .iter()
            .map(|m| {
                let mut tip = v.numbers.month(m.month);
                let mut part = |class: &'static str, name: &str, kwh: f64| {
                    if kwh != 0.0 {
                        let _ = write!(tip, " · {name} {}", v.numbers.kwh(kwh));
                    }
                    Part { class, value: kwh / 1000.0 }
                };
                let parts = match m.kwh_by_period {
                    // From the cheapest up, so that dear energy crowns the bar.
                    Some(by) => Period::ALL
                        .into_iter()
                        .zip(by)
                        .rev()
                        .map(|(p, k)| part(p.name(), v.text.t(&format!("period.{}", p.name())), k.get()))
                        .collect(),
                    None => vec![part("load", v.t("usage.energy_unit"), m.totals.kwh.map_or(0.0, Kwh::get))],
                };
                Bar { month: m.month, tip, parts, partial: m.cycle.partial, marked: false }
            })
            .collect();
    let title = v.t("usage.energy");
    Figure::new(Bars { title, unit: "MWh", height: 230.0, bars: &bars }.draw(v.numbers), title).wide()
}

pub(super) fn maxima(v: &View) -> Figure {
    let most = v.a.totals.max.map(|(kw, _)| kw.get());
    let bars: Vec<Bar> =
        v.a.monthly
            .iter()
            .map(|m| {
                let kw = m.totals.max.map_or(0.0, |(kw, _)| kw.get());
                let at = m.totals.max.map(|(_, i)| v.at(i)).unwrap_or_default();
                let tip = format!("{} · {} · {at}", v.numbers.month(m.month), v.numbers.kw(kw));
                let parts = vec![Part { class: "max", value: kw }];
                Bar { month: m.month, tip, parts, partial: m.cycle.partial, marked: most == Some(kw) }
            })
            .collect();
    let title = v.t("usage.maxima");
    Figure::new(Bars { title, unit: "kW", height: 190.0, bars: &bars }.draw(v.numbers), title).wide()
}

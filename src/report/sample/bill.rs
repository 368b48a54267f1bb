//! The tariff and the bill of the sample.

use super::money;
use crate::analysis::MonthRow;
use crate::curve::Load;
use crate::report::BandSpan;
use crate::tariff::{Bill, BillState, CycleBill, Line, LineKind, Period};
use crate::time::Date;
use crate::units::Kwh;
use std::ops::Range;

/// The bands of a made-up tariff with all five periods in summer.
pub fn spans(date: Date) -> Vec<BandSpan> {
    use Period::{Deep, Flat, Peak, Sharp, Valley};
    let summer = (7..=8).contains(&date.ymd().1);
    let top = if summer { (Sharp, "尖峰") } else { (Peak, "高峰") };
    [
        (0, 360, Valley, "低谷"),
        (360, 480, Flat, "平段"),
        (480, 660, Peak, "高峰"),
        (660, 780, Deep, "深谷"),
        (780, 1080, Flat, "平段"),
        (1080, 1260, top.0, top.1),
        (1260, 1380, Peak, "高峰"),
        (1380, 1440, Valley, "低谷"),
    ]
    .into_iter()
    .map(|(from_minute, to_minute, period, name)| BandSpan { from_minute, to_minute, period, name: name.into() })
    .collect()
}

pub(super) fn by_period(load: &Load, days: Range<usize>) -> [Kwh; 5] {
    let mut out = [0.0; 5];
    for d in days {
        let spans = spans(load.date(d));
        for (k, i) in load.days().range(d).enumerate() {
            let minute = load.days().slot(d, k) as u32 * load.interval().minutes();
            let span = spans.iter().find(|s| (s.from_minute..s.to_minute).contains(&minute)).unwrap();
            out[span.period as usize] += load.import_kw(i) * load.interval().hours();
        }
    }
    out.map(Kwh::new)
}

pub(super) fn bill(months: &[MonthRow]) -> Bill {
    let line = |kind, name: &str, period, quantity: f64, unit, price: f64| Line {
        supply_point: None,
        kind,
        name: name.into(),
        period,
        quantity,
        unit,
        price,
        amount: money(quantity * price),
        amount_exact: quantity * price,
        note: String::new(),
        origin: "sample.toml:1".into(),
    };
    let cycles = months
        .iter()
        .map(|m| {
            let dates = || m.cycle.dates.clone();
            if m.cycle.partial {
                return CycleBill {
                    month: m.month,
                    dates: dates(),
                    state: BillState::Partial,
                    lines: Vec::new(),
                    notes: Vec::new(),
                };
            }
            if m.totals.n_valid < m.totals.n_expected * 9 / 10 {
                let why = format!("{} intervals without reading or estimate", m.totals.n_missing);
                return CycleBill {
                    month: m.month,
                    dates: dates(),
                    state: BillState::Unbillable(why),
                    lines: Vec::new(),
                    notes: Vec::new(),
                };
            }
            let kwh = m.kwh_by_period.unwrap();
            let names = ["尖峰", "高峰", "平段", "低谷", "深谷"];
            let prices = [1.21, 1.02, 0.68, 0.34, 0.22];
            let mut lines: Vec<Line> = (0..5)
                .filter(|p| kwh[*p].get() > 0.0)
                .map(|p| line(LineKind::Energy, names[p], Some(Period::ALL[p]), kwh[p].get(), "kWh", prices[p]))
                .collect();
            let max = m.totals.max.map_or(0.0, |(kw, _)| kw.get());
            lines.push(line(LineKind::Demand, "需量", None, max, "kW", 42.0));
            if m.totals.power_factor.is_some() {
                let base: f64 = lines.iter().map(|l| l.amount.to_f64()).sum();
                lines.push(line(LineKind::PowerFactor, "力调", None, base, "CNY", 0.025));
            }
            lines.push(line(LineKind::Fund, "基金", None, m.totals.kwh.unwrap().get(), "kWh", 0.0452));
            CycleBill { month: m.month, dates: dates(), state: BillState::Billed, lines, notes: Vec::new() }
        })
        .collect();
    Bill {
        currency: "CNY".into(),
        tariff: "demo".into(),
        cycles,
        notes: vec!["it is not known whose energy price applies: advice on energy prices is withheld".into()],
    }
}

//! Transformer losses of a supply point that is metered on the low side (高供低计), added interval by
//! interval: `P0 + β² Pk` and `(I0 + β² uk) S` for each unit in service, β = apparent power over the
//! rating in service (the load is shared by rating). Hot standby has its no-load losses alone.

use super::schema::LossTerms;
use crate::curve::{Channels, Load};
use crate::customer::{Transformer, UnitState};
use crate::text::{said, say};
use crate::time::Date;
use std::ops::Range;
use std::sync::Arc;

/// Losses of the units in service on some days, in kW and kvar: at no load, and at rated load.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Losses {
    no_load_kw: f64,
    load_kw: f64,
    no_load_kvar: f64,
    load_kvar: f64,
    /// Rating of the running units in kVA.
    rating: f64,
}

impl Losses {
    /// Loading squared at an active and reactive power.
    fn loading(&self, kw: f64, kvar: f64) -> f64 {
        if self.rating > 0.0 { (kw * kw + kvar * kvar) / (self.rating * self.rating) } else { 0.0 }
    }
}

/// The units of a supply point that is metered on the low side. Units of which the file does not say
/// whom they feed belong to it where it is the only one.
///
/// # Errors
/// When several are on the low side and a unit does not say which it feeds; when the point has none.
pub(super) fn units_of(
    id: &Arc<str>,
    low_side: &[Arc<str>],
    units: &[Transformer],
) -> Result<Vec<Transformer>, String> {
    let several = low_side.len() > 1;
    if let Some(unit) = units.iter().find(|u| several && u.supply_point.is_none()) {
        let n = low_side.len();
        return Err(say("bill.losses_whose", &[("unit", &unit.unit), ("n", &n)]));
    }
    let own = |u: &&Transformer| u.supply_point.as_ref().map_or(!several, |p| p == id);
    let units: Vec<Transformer> = units.iter().filter(own).cloned().collect();
    if units.is_empty() { Err(say("bill.losses_point", &[("id", &id)])) } else { Ok(units) }
}

/// The load as it would be metered on the high side.
///
/// # Errors
/// When no unit is in service on a day, or a unit lacks a figure: `missing: p0_kw of transformer …`.
pub fn with_losses(load: &Load, units: &[Transformer], terms: &LossTerms) -> Result<Load, String> {
    if units.is_empty() {
        return Err(said("bill.losses_units").into());
    }
    let mut channels = load.channels().clone();
    let mut estimates = load.estimates.clone();
    for (days, losses) in stretches(load, units, terms)? {
        let range = load.range_of_days(days);
        add(&mut channels, range.clone(), &losses, terms);
        let estimated = estimates.index.iter().enumerate().filter(|(_, i)| range.contains(&(**i as usize)));
        for e in estimated.map(|(e, _)| e).collect::<Vec<_>>() {
            let kvar = estimates.kvar.get(e).copied().unwrap_or(0.0);
            let Some(kw) = estimates.kw.get_mut(e) else { continue };
            let loading = losses.loading(*kw, kvar);
            if terms.active {
                *kw += losses.no_load_kw + loading * losses.load_kw;
            }
            if let Some(kvar) = estimates.kvar.get_mut(e).filter(|_| terms.reactive) {
                *kvar += losses.no_load_kvar + loading * losses.load_kvar;
            }
        }
    }
    let mut out = Load::new(load.days().clone(), load.span().clone(), channels, *load.placement(), load.power_kind());
    out.estimates = estimates;
    Ok(out)
}

/// Days with the same units in service, and their losses.
fn stretches(load: &Load, units: &[Transformer], terms: &LossTerms) -> Result<Vec<(Range<usize>, Losses)>, String> {
    let mut out: Vec<(Range<usize>, Losses)> = Vec::new();
    for day in 0..load.days().len() {
        let losses = on(units, load.date(day), terms)?;
        match out.last_mut().filter(|(_, l)| *l == losses) {
            Some((days, _)) => days.end = day + 1,
            None => out.push((day..day + 1, losses)),
        }
    }
    Ok(out)
}

fn on(units: &[Transformer], date: Date, terms: &LossTerms) -> Result<Losses, String> {
    let mut out = Losses::default();
    for unit in units {
        let holds = unit.valid_from.is_none_or(|d| d <= date) && unit.valid_to.is_none_or(|d| date < d);
        if !holds || !matches!(unit.state, UnitState::Running | UnitState::HotStandby) {
            continue;
        }
        let need = |value: Option<f64>, column: &str| {
            value.ok_or_else(|| say("bill.losses_value", &[("column", &column), ("unit", &unit.unit)]))
        };
        let rating = unit.rating.get();
        let running = unit.state == UnitState::Running;
        if terms.active {
            out.no_load_kw += need(unit.p0_kw, "p0_kw")?;
            out.load_kw += if running { need(unit.pk_kw, "pk_kw")? } else { 0.0 };
        }
        if terms.reactive {
            out.no_load_kvar += need(unit.i0_pct, "i0_pct")? / 100.0 * rating;
            out.load_kvar += if running { need(unit.uk_pct, "uk_pct")? / 100.0 * rating } else { 0.0 };
        }
        out.rating += if running { rating } else { 0.0 };
    }
    Ok(out)
}

/// Adds losses to the intervals of a range that have a reading; [`Load::new`] clears the others.
fn add(channels: &mut Channels, range: Range<usize>, losses: &Losses, terms: &LossTerms) {
    for i in range {
        let lead = channels.kvar_lead.as_ref().and_then(|l| l.get(i)).copied().unwrap_or(0.0);
        let lag = channels.kvar.as_ref().and_then(|l| l.get(i)).copied().unwrap_or(0.0);
        let Some(kw) = channels.kw.get_mut(i) else { return };
        let loading = losses.loading(*kw, lag - lead);
        if terms.active {
            *kw += losses.no_load_kw + loading * losses.load_kw;
        }
        if let Some(kvar) = channels.kvar.as_mut().and_then(|k| k.get_mut(i)).filter(|_| terms.reactive) {
            *kvar += losses.no_load_kvar + loading * losses.load_kvar;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer::Contract;
    use crate::tariff::testkit::{FLAT, JANUARY, compiled, date, supply, without};
    use crate::tariff::{BillState, LineKind, Terms, bill, measure};
    use crate::time::Interval;
    use crate::units::Ratio;

    fn unit(state: UnitState) -> Transformer {
        Transformer {
            p0_kw: Some(1.5),
            pk_kw: Some(10.0),
            i0_pct: Some(1.0),
            uk_pct: Some(6.0),
            state,
            ..Transformer::running("#1", 1000.0)
        }
    }

    const BOTH: LossTerms = LossTerms { active: true, reactive: true, clause: None };

    #[test]
    fn a_unit_loses_at_no_load_and_by_the_square_of_its_loading() {
        let load = without(&JANUARY.load(|_| 300.0, Some(400.0)), &[7]);
        let high = with_losses(&load, &[unit(UnitState::Running)], &BOTH).unwrap();
        // S = 500 kVA, β = 0.5, β² = 0.25.
        assert_eq!((high.kw()[0], high.kw()[7]), (300.0 + 1.5 + 2.5, 0.0));
        assert_eq!(high.channels().kvar.as_ref().map(|k| k[0]), Some(400.0 + 10.0 + 15.0));
        let two = [unit(UnitState::Running), unit(UnitState::HotStandby)];
        let high = with_losses(&load, &two, &BOTH).unwrap();
        assert_eq!(high.kw()[0], 300.0 + 3.0 + 2.5);
    }

    #[test]
    fn several_low_side_points_have_each_their_own_units() {
        let tariff = compiled(
            &format!(
                "{FLAT}[transformer_losses]\nactive = true\nreactive = true\n[demand]\nprice = 10\nwindow_minutes = 15\nalways = true\n[power_factor]\ntable = \"CN-1983\"\n"
            ),
            Interval::M15,
        );
        let supplies = [
            supply("east", JANUARY.load(|_| 300.0, Some(400.0))),
            supply("west", JANUARY.load(|_| 600.0, Some(0.0))),
            supply("high", JANUARY.load(|_| 50.0, Some(0.0))),
        ];
        let cycles = supplies[0].load.cycles(1);
        let contract = Contract { pf_standard: Some(Ratio::new(0.9)), ..Contract::default() };
        let (east, west): (Arc<str>, Arc<str>) = ("east".into(), "west".into());
        let low_side = [Arc::clone(&east), Arc::clone(&west)];
        let mut units = [unit(UnitState::Running), unit(UnitState::Running), unit(UnitState::HotStandby)];
        (units[1].unit, units[2].unit) = ("#2".into(), "#3".into());
        let billed = |units: &[Transformer]| {
            let terms = Terms { low_side: &low_side, ..Terms::new(&contract, units) };
            bill(&supplies, &cycles, &terms, &tariff).cycles.remove(0)
        };
        let missing = "missing: supply_point of transformer #1, for the losses of 2 low-side points";
        assert_eq!(billed(&units).state, BillState::Unbillable(missing.into()));
        units[0].supply_point = Some(Arc::clone(&east));
        (units[1].supply_point, units[2].supply_point) = (Some(Arc::clone(&west)), Some(west));
        let month = billed(&units);
        let quantity = |kind: LineKind, point: &str| -> f64 {
            let own = month.lines.iter().filter(|l| l.kind == kind && l.supply_point.as_deref() == Some(point));
            own.map(|l| l.quantity).sum()
        };
        // East: S = 500 kVA, β² = 0.25: 1.5 + 2.5 kW. West: β² = 0.36, and a second unit at no load:
        // 2 × 1.5 + 3.6 kW. The third point is metered on the high side.
        for (point, kw) in [("east", 304.0), ("west", 606.6), ("high", 50.0)] {
            assert!((quantity(LineKind::Energy, point) - kw * 744.0).abs() < 1e-6, "{point}");
            assert!((quantity(LineKind::Demand, point) - kw).abs() < 1e-9, "{point}");
        }
        // East 400 + 10 + 15 kvar; west 2 × 10 + 0.36 × 60. cos φ = 960.6 / √(960.6² + 466.6²) = 0.8995.
        let pf = month.lines.iter().find(|l| l.kind == LineKind::PowerFactor);
        assert!(pf.is_some_and(|l| l.note.starts_with("cos φ 0.90, ")), "{pf:?}");
        let evidence: f64 = supplies
            .iter()
            .map(|s| {
                let terms = Terms { low_side: &low_side, ..Terms::new(&contract, &units) };
                measure(&s.id, &s.load, &cycles, &terms, &tariff).cycles[0].kvarh.map_or(0.0, crate::units::Kvarh::get)
            })
            .sum();
        assert!((evidence - (425.0 + 41.6) * 744.0).abs() < 1e-6, "{evidence}");
        units[0].supply_point = None;
        let one = [east];
        let terms = Terms { low_side: &one, ..Terms::new(&contract, &units) };
        let month = bill(&supplies, &cycles, &terms, &tariff).cycles.remove(0);
        let kwh: f64 = month.lines.iter().filter(|l| l.kind == LineKind::Energy).map(|l| l.quantity).sum();
        assert!((kwh - (304.0 + 600.0 + 50.0) * 744.0).abs() < 1e-6, "the unit that says nothing is the only point's");
    }

    #[test]
    fn units_count_in_their_dates_and_lack_no_figure() {
        let load = JANUARY.load(|_| 0.0, None);
        let late = Transformer { valid_from: Some(date("2026-01-11")), ..unit(UnitState::Running) };
        let high = with_losses(&load, std::slice::from_ref(&late), &BOTH).unwrap();
        assert_eq!((high.kw()[959], high.kw()[960]), (0.0, 1.5));
        let bare = Transformer { pk_kw: None, ..late };
        assert_eq!(
            with_losses(&load, &[bare], &BOTH).map(|_| ()).unwrap_err(),
            "missing: pk_kw of transformer #1, for its losses"
        );
        assert!(with_losses(&load, &[], &BOTH).is_err());
    }
}

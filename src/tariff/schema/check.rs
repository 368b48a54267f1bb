//! What a tariff file must satisfy beyond its types. Every message names key, line and cure.

use super::{BTreeSet, BandSpec, BaseLine, DemandCharge, OverContractRule, Ratchet, Result, Tariff};
use crate::error::Error;
use crate::text::{said, say};
use std::fmt::Display;

/// Lines that stand before the power-factor adjustment.
const BEFORE_POWER_FACTOR: [BaseLine; 5] =
    [BaseLine::Energy, BaseLine::Demand, BaseLine::Capacity, BaseLine::Coincident, BaseLine::Reactive];
/// Numbers of prices that a day's series can have.
const POINTS: [usize; 3] = [24, 48, 96];
/// Most decimals of a price.
const MOST_DIGITS: u32 = 12;

impl Tariff {
    pub(super) fn check(&self) -> Result<()> {
        self.contradictions().into_iter().next().map_or(Ok(()), Err)
    }

    /// Everything in the file that contradicts itself, section by section; schedules apart.
    pub(in crate::tariff) fn contradictions(&self) -> Vec<Error> {
        let mut check = Check { tariff: self, found: Vec::new() };
        check.identity();
        check.bands();
        check.series();
        check.demand();
        for (i, charge) in self.demand_charges.iter().enumerate() {
            check.demand_charge(&format!("demand_charge[{i}]"), charge);
        }
        check.rest();
        check.months();
        check.found
    }
}

/// Faults found so far.
struct Check<'a> {
    tariff: &'a Tariff,
    found: Vec<Error>,
}

impl Check<'_> {
    fn add(&mut self, key: &str, what: impl Display) {
        self.found.push(self.tariff.error_at(key, what));
    }

    fn identity(&mut self) {
        let t = self.tariff;
        for (key, id) in [("id", Some(&t.id)), ("series", t.series.as_ref())] {
            let Some(id) = id else { continue };
            if id.is_empty() || !id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) {
                self.add(key, say("tariff.id_letters", &[("id", &format_args!("{id:?}"))]));
            }
        }
        if t.currency.len() != 3 || !t.currency.bytes().all(|b| b.is_ascii_uppercase()) {
            self.add("currency", say("tariff.currency", &[("code", &format_args!("{:?}", t.currency))]));
        }
        if t.source.trim().is_empty() {
            self.add("source", said("tariff.no_source"));
        }
        if let Some(to) = t.effective_to.filter(|to| *to < t.effective_from) {
            let from = t.effective_from;
            self.add("effective_to", say("tariff.ends_before", &[("to", &to), ("from", &from)]));
        }
        if let Some(digits) = t.price_digits.filter(|d| *d > MOST_DIGITS) {
            self.add("price_digits", say("tariff.digits", &[("digits", &digits), ("most", &MOST_DIGITS)]));
        }
    }

    fn bands(&mut self) {
        let t = self.tariff;
        if t.bands.is_empty() || t.bands.len() > usize::from(u8::MAX) {
            self.add("band", say("tariff.n_bands", &[("n", &t.bands.len())]));
        }
        let mut names = BTreeSet::new();
        for (i, band) in t.bands.iter().enumerate() {
            let key = |k: &str| format!("band[{i}].{k}");
            if !names.insert(&band.name) {
                self.add(&key("name"), say("tariff.band_twice", &[("name", &format_args!("{:?}", band.name))]));
            }
            let priced = !(band.components.is_empty() && t.components.is_empty() && band.tiers.is_empty());
            if !priced && t.price_series.is_empty() {
                let what = say("tariff.band_unpriced", &[("name", &format_args!("{:?}", band.name))]);
                self.add(&key("components"), what);
            }
            if band.ratio.get() < 0.0 {
                self.add(&key("ratio"), say("tariff.ratio", &[("ratio", &band.ratio)]));
            }
            self.tiers(i, band);
        }
        if let Some(days) = t.tiers.per_days.filter(|d| !(d.is_finite() && *d > 0.0)) {
            self.add("tiers.per_days", say("tariff.tier_days", &[("days", &days)]));
        }
    }

    fn tiers(&mut self, band: usize, spec: &BandSpec) {
        let mut below = 0.0;
        for (t, tier) in spec.tiers.iter().enumerate() {
            let last = t + 1 == spec.tiers.len();
            let key = format!("band[{band}].tier[{t}].up_to");
            match tier.up_to {
                None if last => {}
                None => self.add(&key, said("tariff.tier_open")),
                Some(_) if last => self.add(&key, said("tariff.tier_last")),
                Some(up_to) if !(up_to.is_finite() && up_to > below) => {
                    self.add(&key, say("tariff.tier_order", &[("up_to", &up_to), ("below", &below)]));
                }
                Some(up_to) => below = up_to,
            }
            if spec.tiers.first().is_some_and(|first| first.unit != tier.unit) {
                let key = format!("band[{band}].tier[{t}].unit");
                self.add(&key, said("tariff.tier_units"));
            }
        }
    }

    fn series(&mut self) {
        for (i, series) in self.tariff.price_series.iter().enumerate() {
            let key = |k: &str| format!("price_series[{i}].{k}");
            if !POINTS.contains(&series.prices.len()) {
                let n = series.prices.len();
                self.add(&key("prices"), say("tariff.n_prices", &[("n", &n)]));
            }
            if let Some((from, to)) = series.from.zip(series.to).filter(|(from, to)| to < from) {
                self.add(&key("to"), say("tariff.series_before", &[("to", &to), ("from", &from)]));
            }
        }
    }

    fn demand(&mut self) {
        let Some(demand) = &self.tariff.demand else { return };
        self.window("demand.window_minutes", demand.window_minutes);
        if demand.over_contract_rule.is_some() && demand.over_contract_source.is_none() {
            let what = said("tariff.rule_source");
            self.add("demand.over_contract_rule", what);
        }
        for (key, share) in [("floor_share", demand.floor_share), ("actual_floor_share", demand.actual_floor_share)] {
            if let Some(share) = share.filter(|s| !(0.0..=1.0).contains(s)) {
                self.add(&format!("demand.{key}"), say("tariff.share", &[("share", &share)]));
            }
        }
        let layers = &demand.over_contract_layers;
        let key = "demand.over_contract_layers";
        if (demand.over_contract_rule == Some(OverContractRule::Layers)) == layers.is_empty() {
            self.add(key, said("tariff.layers"));
        }
        let mut below = 0.0;
        for (l, layer) in layers.iter().enumerate() {
            if !(layer.above > below && layer.above >= 1.0 && layer.above.is_finite() && layer.factor >= 0.0) {
                let what = said("tariff.layer");
                self.add(&format!("{key}[{l}]"), what);
            }
            below = layer.above;
        }
        if let Some(ratchet) = &demand.ratchet {
            self.ratchet("demand.ratchet", ratchet);
        }
    }

    fn window(&mut self, key: &str, minutes: u32) {
        if !matches!(minutes, 5 | 15 | 30 | 60) {
            self.add(key, say("tariff.window_minutes", &[("minutes", &minutes)]));
        }
    }

    fn ratchet(&mut self, key: &str, ratchet: &Ratchet) {
        let share = |s: &f64| (0.0..=1.0).contains(s);
        if ratchet.share.is_some() == (ratchet.shares.len() == 12) || !matches!(ratchet.shares.len(), 0 | 12) {
            self.add(key, said("tariff.ratchet_share"));
        }
        if !ratchet.share.iter().chain(&ratchet.shares).all(share) {
            self.add(key, said("tariff.ratchet_range"));
        }
        if !(1..=60).contains(&ratchet.months_back) {
            self.add(&format!("{key}.months_back"), said("tariff.ratchet_months"));
        }
    }

    fn demand_charge(&mut self, key: &str, charge: &DemandCharge) {
        self.window(&format!("{key}.window_minutes"), charge.window_minutes);
        if charge.price.is_some() != charge.tiers.is_empty() {
            self.add(key, said("tariff.charge_price"));
        }
        let mut below = 0.0;
        for (t, tier) in charge.tiers.iter().enumerate() {
            let last = t + 1 == charge.tiers.len();
            let wrong = tier.up_to.is_none_or(|u| !(u.is_finite() && u > below)) != last;
            if wrong || (last && tier.up_to.is_some()) {
                let what = said("tariff.charge_tiers");
                self.add(&format!("{key}.tier[{t}].up_to"), what);
            }
            below = tier.up_to.unwrap_or(below);
        }
        let bands = &self.tariff.bands;
        for (n, name) in charge.bands.iter().enumerate().filter(|(_, n)| bands.iter().all(|b| b.name != **n)) {
            let what = say("tariff.band_unknown", &[("name", &format_args!("{name:?}"))]);
            self.add(&format!("{key}.bands[{n}]"), what);
        }
        if let Some(least) = charge.minimum.filter(|m| !(m.is_finite() && *m >= 0.0)) {
            self.add(&format!("{key}.minimum"), say("tariff.least", &[("least", &least)]));
        }
        if let Some(ratchet) = &charge.ratchet {
            self.ratchet(&format!("{key}.ratchet"), ratchet);
        }
    }

    fn rest(&mut self) {
        let t = self.tariff;
        if let Some(rebate) = t.rebate.as_ref().filter(|r| !(r.kwh_per_kva.is_finite() && r.kwh_per_kva > 0.0)) {
            self.add("rebate.kwh_per_kva", say("tariff.positive", &[("value", &rebate.kwh_per_kva)]));
        }
        if t.rebate.is_some() && t.demand.is_none() {
            self.add("rebate", said("tariff.rebate"));
        }
        if let Some(pf) = &t.power_factor {
            if pf.digits != 2 {
                self.add("power_factor.digits", say("tariff.pf_digits", &[("digits", &pf.digits)]));
            }
            for (n, _) in pf.base.iter().enumerate().filter(|(_, b)| !BEFORE_POWER_FACTOR.contains(b)) {
                let what = said("tariff.pf_base");
                self.add(&format!("power_factor.base[{n}]"), what);
            }
        }
        for (i, charge) in t.reactive.iter().enumerate() {
            if !(charge.free_share.is_finite() && charge.free_share >= 0.0) {
                let what = say("tariff.free_share", &[("share", &charge.free_share)]);
                self.add(&format!("reactive[{i}].free_share"), what);
            }
        }
    }

    fn months(&mut self) {
        let t = self.tariff;
        let mut lists: Vec<(String, &[u8])> = Vec::new();
        let mut add = |key: String, months| lists.push((key, months));
        for (i, c) in t.demand_charges.iter().enumerate() {
            add(format!("demand_charge[{i}].months"), &c.months);
            if let Some(r) = &c.ratchet {
                add(format!("demand_charge[{i}].ratchet.months"), &r.months);
            }
        }
        for (i, s) in t.demand.iter().flat_map(|d| &d.seasons).enumerate() {
            add(format!("demand.season[{i}].months"), &s.months);
        }
        if let Some(r) = t.demand.as_ref().and_then(|d| d.ratchet.as_ref()) {
            add("demand.ratchet.months".into(), &r.months);
        }
        t.coincident.iter().enumerate().for_each(|(i, c)| add(format!("coincident[{i}].months"), &c.months));
        t.fixed.iter().enumerate().for_each(|(i, c)| add(format!("fixed[{i}].months"), &c.months));
        t.price_series.iter().enumerate().for_each(|(i, c)| add(format!("price_series[{i}].months"), &c.months));
        for (key, months) in lists {
            for (n, month) in months.iter().enumerate().filter(|(_, m)| !(1..=12).contains(*m)) {
                self.add(&format!("{key}[{n}]"), say("tariff.month", &[("month", &month)]));
            }
        }
        for (i, m) in t.minimums.iter().enumerate().filter(|(_, m)| !(1..=12).contains(&m.settled_in)) {
            let what = say("tariff.month", &[("month", &m.settled_in)]);
            self.add(&format!("minimum[{i}].settled_in"), what);
        }
    }
}

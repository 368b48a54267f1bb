//! What a tariff file must satisfy beyond its types. Every message names key, line and cure.

use super::{BTreeSet, BandSpec, BaseLine, DemandCharge, OverContractRule, Ratchet, Result, Tariff};
use crate::error::Error;
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
                self.add(key, format!("{id:?}: use letters, digits, '-', '_' and '.'"));
            }
        }
        if t.currency.len() != 3 || !t.currency.bytes().all(|b| b.is_ascii_uppercase()) {
            self.add("currency", format!("{:?}: give an ISO code such as CNY", t.currency));
        }
        if t.source.trim().is_empty() {
            self.add("source", "it is empty: say where the figures come from");
        }
        if let Some(to) = t.effective_to.filter(|to| *to < t.effective_from) {
            let from = t.effective_from;
            self.add("effective_to", format!("{to} is before effective_from {from}: exchange them"));
        }
        if let Some(digits) = t.price_digits.filter(|d| *d > MOST_DIGITS) {
            self.add("price_digits", format!("{digits}: give 0 to {MOST_DIGITS}"));
        }
    }

    fn bands(&mut self) {
        let t = self.tariff;
        if t.bands.is_empty() || t.bands.len() > usize::from(u8::MAX) {
            self.add("band", format!("{} bands: give 1 to 255 [[band]] tables", t.bands.len()));
        }
        let mut names = BTreeSet::new();
        for (i, band) in t.bands.iter().enumerate() {
            let key = |k: &str| format!("band[{i}].{k}");
            if !names.insert(&band.name) {
                self.add(&key("name"), format!("band {:?} is there twice: rename one", band.name));
            }
            let priced = !(band.components.is_empty() && t.components.is_empty() && band.tiers.is_empty());
            if !priced && t.price_series.is_empty() {
                let what = format!("band {:?} has no components: give at least one price", band.name);
                self.add(&key("components"), what);
            }
            if band.ratio.get() < 0.0 {
                self.add(&key("ratio"), format!("{}: give the multiple of the flat price", band.ratio));
            }
            self.tiers(i, band);
        }
        if let Some(days) = t.tiers.per_days.filter(|d| !(d.is_finite() && *d > 0.0)) {
            self.add("tiers.per_days", format!("{days}: give the days that the ceilings hold for"));
        }
    }

    fn tiers(&mut self, band: usize, spec: &BandSpec) {
        let mut below = 0.0;
        for (t, tier) in spec.tiers.iter().enumerate() {
            let last = t + 1 == spec.tiers.len();
            let key = format!("band[{band}].tier[{t}].up_to");
            match tier.up_to {
                None if last => {}
                None => self.add(&key, "only the last tier has no ceiling: give its up_to"),
                Some(_) if last => self.add(&key, "the last tier takes the rest: leave its up_to out"),
                Some(up_to) if !(up_to.is_finite() && up_to > below) => {
                    self.add(&key, format!("{up_to} is not above {below}: ceilings are cumulative"));
                }
                Some(up_to) => below = up_to,
            }
            if spec.tiers.first().is_some_and(|first| first.unit != tier.unit) {
                let key = format!("band[{band}].tier[{t}].unit");
                self.add(&key, "tiers of one band have one unit: give all the same");
            }
        }
    }

    fn series(&mut self) {
        for (i, series) in self.tariff.price_series.iter().enumerate() {
            let key = |k: &str| format!("price_series[{i}].{k}");
            if !POINTS.contains(&series.prices.len()) {
                let n = series.prices.len();
                self.add(&key("prices"), format!("{n} prices: give 24, 48 or 96, from midnight on"));
            }
            if let Some((from, to)) = series.from.zip(series.to).filter(|(from, to)| to < from) {
                self.add(&key("to"), format!("{to} is before from {from}: exchange them"));
            }
        }
    }

    fn demand(&mut self) {
        let Some(demand) = &self.tariff.demand else { return };
        self.window("demand.window_minutes", demand.window_minutes);
        if demand.over_contract_rule.is_some() && demand.over_contract_source.is_none() {
            let what = "over_contract_rule without over_contract_source: say where it comes from";
            self.add("demand.over_contract_rule", what);
        }
        for (key, share) in [("floor_share", demand.floor_share), ("actual_floor_share", demand.actual_floor_share)] {
            if let Some(share) = share.filter(|s| !(0.0..=1.0).contains(s)) {
                self.add(&format!("demand.{key}"), format!("{share}: give a share between 0 and 1"));
            }
        }
        let layers = &demand.over_contract_layers;
        let key = "demand.over_contract_layers";
        if (demand.over_contract_rule == Some(OverContractRule::Layers)) == layers.is_empty() {
            self.add(key, "layers belong to over_contract_rule = \"layers\": give both or neither");
        }
        let mut below = 0.0;
        for (l, layer) in layers.iter().enumerate() {
            if !(layer.above > below && layer.above >= 1.0 && layer.above.is_finite() && layer.factor >= 0.0) {
                let what = "give layers from above = 1 or more, each higher than the one before";
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
            self.add(key, format!("{minutes} min: use 5, 15, 30 or 60"));
        }
    }

    fn ratchet(&mut self, key: &str, ratchet: &Ratchet) {
        let share = |s: &f64| (0.0..=1.0).contains(s);
        if ratchet.share.is_some() == (ratchet.shares.len() == 12) || !matches!(ratchet.shares.len(), 0 | 12) {
            self.add(key, "give either share, or shares of the 12 months");
        }
        if !ratchet.share.iter().chain(&ratchet.shares).all(share) {
            self.add(key, "give shares between 0 and 1");
        }
        if !(1..=60).contains(&ratchet.months_back) {
            self.add(&format!("{key}.months_back"), "give 1 to 60 months");
        }
    }

    fn demand_charge(&mut self, key: &str, charge: &DemandCharge) {
        self.window(&format!("{key}.window_minutes"), charge.window_minutes);
        if charge.price.is_some() != charge.tiers.is_empty() {
            self.add(key, "give either price or [[demand_charge.tier]] tables");
        }
        let mut below = 0.0;
        for (t, tier) in charge.tiers.iter().enumerate() {
            let last = t + 1 == charge.tiers.len();
            let wrong = tier.up_to.is_none_or(|u| !(u.is_finite() && u > below)) != last;
            if wrong || (last && tier.up_to.is_some()) {
                let what = "ceilings are cumulative and rise; the last tier has none";
                self.add(&format!("{key}.tier[{t}].up_to"), what);
            }
            below = tier.up_to.unwrap_or(below);
        }
        let bands = &self.tariff.bands;
        for (n, name) in charge.bands.iter().enumerate().filter(|(_, n)| bands.iter().all(|b| b.name != **n)) {
            let what = format!("band {name:?} is not defined; add a [[band]] of that name");
            self.add(&format!("{key}.bands[{n}]"), what);
        }
        if let Some(least) = charge.minimum.filter(|m| !(m.is_finite() && *m >= 0.0)) {
            self.add(&format!("{key}.minimum"), format!("{least}: give 0 or more"));
        }
        if let Some(ratchet) = &charge.ratchet {
            self.ratchet(&format!("{key}.ratchet"), ratchet);
        }
    }

    fn rest(&mut self) {
        let t = self.tariff;
        if let Some(rebate) = t.rebate.as_ref().filter(|r| !(r.kwh_per_kva.is_finite() && r.kwh_per_kva > 0.0)) {
            self.add("rebate.kwh_per_kva", format!("{}: give a positive number", rebate.kwh_per_kva));
        }
        if t.rebate.is_some() && t.demand.is_none() {
            self.add("rebate", "[rebate] lowers the demand price: state [demand] too");
        }
        if let Some(pf) = &t.power_factor {
            if pf.digits != 2 {
                self.add("power_factor.digits", format!("{}: table CN-1983 has 2", pf.digits));
            }
            for (n, _) in pf.base.iter().enumerate().filter(|(_, b)| !BEFORE_POWER_FACTOR.contains(b)) {
                let what = "choose from energy, demand, capacity, coincident, reactive: the lines before it";
                self.add(&format!("power_factor.base[{n}]"), what);
            }
        }
        for (i, charge) in t.reactive.iter().enumerate() {
            if !(charge.free_share.is_finite() && charge.free_share >= 0.0) {
                let what = format!("{}: give free kvarh for each kWh, 0 or more", charge.free_share);
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
                self.add(&format!("{key}[{n}]"), format!("month {month} does not exist; use 1 to 12"));
            }
        }
        for (i, m) in t.minimums.iter().enumerate().filter(|(_, m)| !(1..=12).contains(&m.settled_in)) {
            let what = format!("month {} does not exist; use 1 to 12", m.settled_in);
            self.add(&format!("minimum[{i}].settled_in"), what);
        }
    }
}

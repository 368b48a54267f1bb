//! What a tariff file must satisfy beyond its types. Every message names key, line and cure.

use super::{BTreeSet, BandSpec, BaseLine, DemandCharge, OverContractRule, Ratchet, Result, Tariff};
use crate::error::Error;

/// Lines that stand before the power-factor adjustment.
const BEFORE_POWER_FACTOR: [BaseLine; 5] =
    [BaseLine::Energy, BaseLine::Demand, BaseLine::Capacity, BaseLine::Coincident, BaseLine::Reactive];
/// Numbers of prices that a day's series can have.
const POINTS: [usize; 3] = [24, 48, 96];
/// Most decimals of a price.
const MOST_DIGITS: u32 = 12;

impl Tariff {
    pub(super) fn check(&self) -> Result<()> {
        self.check_identity()?;
        self.check_bands()?;
        self.check_series()?;
        self.check_demand()?;
        for (i, charge) in self.demand_charges.iter().enumerate() {
            self.check_demand_charge(&format!("demand_charge[{i}]"), charge)?;
        }
        self.check_rest()?;
        self.check_months()
    }

    /// What [`Self::check`] refuses, the first fault of every part of the file.
    pub(in crate::tariff) fn check_parts(&self) -> Vec<Error> {
        let mut results = vec![self.check_identity(), self.check_bands(), self.check_series(), self.check_demand()];
        for (i, charge) in self.demand_charges.iter().enumerate() {
            results.push(self.check_demand_charge(&format!("demand_charge[{i}]"), charge));
        }
        results.extend([self.check_rest(), self.check_months()]);
        results.into_iter().filter_map(Result::err).collect()
    }

    fn check_identity(&self) -> Result<()> {
        for (key, id) in [("id", Some(&self.id)), ("series", self.series.as_ref())] {
            let Some(id) = id else { continue };
            if id.is_empty() || !id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) {
                return Err(self.error_at(key, format!("{id:?}: use letters, digits, '-', '_' and '.'")));
            }
        }
        if self.currency.len() != 3 || !self.currency.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(self.error_at("currency", format!("{:?}: give an ISO code such as CNY", self.currency)));
        }
        if self.source.trim().is_empty() {
            return Err(self.error_at("source", "it is empty: say where the figures come from"));
        }
        if let Some(to) = self.effective_to.filter(|to| *to < self.effective_from) {
            let from = self.effective_from;
            return Err(self.error_at("effective_to", format!("{to} is before effective_from {from}: exchange them")));
        }
        if let Some(digits) = self.price_digits.filter(|d| *d > MOST_DIGITS) {
            return Err(self.error_at("price_digits", format!("{digits}: give 0 to {MOST_DIGITS}")));
        }
        Ok(())
    }

    fn check_bands(&self) -> Result<()> {
        if self.bands.is_empty() || self.bands.len() > usize::from(u8::MAX) {
            return Err(self.error_at("band", format!("{} bands: give 1 to 255 [[band]] tables", self.bands.len())));
        }
        let mut names = BTreeSet::new();
        for (i, band) in self.bands.iter().enumerate() {
            let key = |k: &str| format!("band[{i}].{k}");
            if !names.insert(&band.name) {
                return Err(self.error_at(&key("name"), format!("band {:?} is there twice: rename one", band.name)));
            }
            let priced = !(band.components.is_empty() && self.components.is_empty() && band.tiers.is_empty());
            if !priced && self.price_series.is_empty() {
                let what = format!("band {:?} has no components: give at least one price", band.name);
                return Err(self.error_at(&key("components"), what));
            }
            if band.ratio.get() < 0.0 {
                return Err(
                    self.error_at(&key("ratio"), format!("{}: give the multiple of the flat price", band.ratio))
                );
            }
            self.check_tiers(i, band)?;
        }
        if let Some(days) = self.tiers.per_days.filter(|d| !(d.is_finite() && *d > 0.0)) {
            return Err(self.error_at("tiers.per_days", format!("{days}: give the days that the ceilings hold for")));
        }
        Ok(())
    }

    fn check_tiers(&self, band: usize, spec: &BandSpec) -> Result<()> {
        let mut below = 0.0;
        for (t, tier) in spec.tiers.iter().enumerate() {
            let last = t + 1 == spec.tiers.len();
            let key = format!("band[{band}].tier[{t}].up_to");
            match tier.up_to {
                None if last => {}
                None => return Err(self.error_at(&key, "only the last tier has no ceiling: give its up_to")),
                Some(_) if last => return Err(self.error_at(&key, "the last tier takes the rest: leave its up_to out")),
                Some(up_to) if !(up_to.is_finite() && up_to > below) => {
                    return Err(self.error_at(&key, format!("{up_to} is not above {below}: ceilings are cumulative")));
                }
                Some(up_to) => below = up_to,
            }
            if spec.tiers.first().is_some_and(|first| first.unit != tier.unit) {
                let key = format!("band[{band}].tier[{t}].unit");
                return Err(self.error_at(&key, "tiers of one band have one unit: give all the same"));
            }
        }
        Ok(())
    }

    fn check_series(&self) -> Result<()> {
        for (i, series) in self.price_series.iter().enumerate() {
            let key = |k: &str| format!("price_series[{i}].{k}");
            if !POINTS.contains(&series.prices.len()) {
                let n = series.prices.len();
                return Err(self.error_at(&key("prices"), format!("{n} prices: give 24, 48 or 96, from midnight on")));
            }
            if let Some((from, to)) = series.from.zip(series.to).filter(|(from, to)| to < from) {
                return Err(self.error_at(&key("to"), format!("{to} is before from {from}: exchange them")));
            }
        }
        Ok(())
    }

    fn check_demand(&self) -> Result<()> {
        let Some(demand) = &self.demand else { return Ok(()) };
        self.check_window("demand.window_minutes", demand.window_minutes)?;
        if demand.over_contract_rule.is_some() && demand.over_contract_source.is_none() {
            let what = "over_contract_rule without over_contract_source: say where it comes from";
            return Err(self.error_at("demand.over_contract_rule", what));
        }
        for (key, share) in [("floor_share", demand.floor_share), ("actual_floor_share", demand.actual_floor_share)] {
            if let Some(share) = share.filter(|s| !(0.0..=1.0).contains(s)) {
                return Err(self.error_at(&format!("demand.{key}"), format!("{share}: give a share between 0 and 1")));
            }
        }
        let layers = &demand.over_contract_layers;
        let key = "demand.over_contract_layers";
        if (demand.over_contract_rule == Some(OverContractRule::Layers)) == layers.is_empty() {
            return Err(self.error_at(key, "layers belong to over_contract_rule = \"layers\": give both or neither"));
        }
        let mut below = 0.0;
        for layer in layers {
            if !(layer.above > below && layer.above >= 1.0 && layer.above.is_finite() && layer.factor >= 0.0) {
                return Err(self.error_at(key, "give layers from above = 1 or more, each higher than the one before"));
            }
            below = layer.above;
        }
        demand.ratchet.as_ref().map_or(Ok(()), |r| self.check_ratchet("demand.ratchet", r))
    }

    fn check_window(&self, key: &str, minutes: u32) -> Result<()> {
        if matches!(minutes, 5 | 15 | 30 | 60) {
            return Ok(());
        }
        Err(self.error_at(key, format!("{minutes} min: use 5, 15, 30 or 60")))
    }

    fn check_ratchet(&self, key: &str, ratchet: &Ratchet) -> Result<()> {
        let share = |s: &f64| (0.0..=1.0).contains(s);
        if ratchet.share.is_some() == (ratchet.shares.len() == 12) || !matches!(ratchet.shares.len(), 0 | 12) {
            return Err(self.error_at(key, "give either share, or shares of the 12 months"));
        }
        if !ratchet.share.iter().chain(&ratchet.shares).all(share) {
            return Err(self.error_at(key, "give shares between 0 and 1"));
        }
        if !(1..=60).contains(&ratchet.months_back) {
            return Err(self.error_at(&format!("{key}.months_back"), "give 1 to 60 months"));
        }
        Ok(())
    }

    fn check_demand_charge(&self, key: &str, charge: &DemandCharge) -> Result<()> {
        self.check_window(&format!("{key}.window_minutes"), charge.window_minutes)?;
        if charge.price.is_some() != charge.tiers.is_empty() {
            return Err(self.error_at(key, "give either price or [[demand_charge.tier]] tables"));
        }
        let mut below = 0.0;
        for (t, tier) in charge.tiers.iter().enumerate() {
            let last = t + 1 == charge.tiers.len();
            let wrong = tier.up_to.is_none_or(|u| !(u.is_finite() && u > below)) != last;
            if wrong || (last && tier.up_to.is_some()) {
                let what = "ceilings are cumulative and rise; the last tier has none";
                return Err(self.error_at(&format!("{key}.tier[{t}].up_to"), what));
            }
            below = tier.up_to.unwrap_or(below);
        }
        if let Some(name) = charge.bands.iter().find(|n| self.bands.iter().all(|b| b.name != **n)) {
            let what = format!("band {name:?} is not defined; add a [[band]] of that name");
            return Err(self.error_at(&format!("{key}.bands"), what));
        }
        if let Some(least) = charge.minimum.filter(|m| !(m.is_finite() && *m >= 0.0)) {
            return Err(self.error_at(&format!("{key}.minimum"), format!("{least}: give 0 or more")));
        }
        charge.ratchet.as_ref().map_or(Ok(()), |r| self.check_ratchet(&format!("{key}.ratchet"), r))
    }

    fn check_rest(&self) -> Result<()> {
        if let Some(rebate) = self.rebate.as_ref().filter(|r| !(r.kwh_per_kva.is_finite() && r.kwh_per_kva > 0.0)) {
            return Err(self.error_at("rebate.kwh_per_kva", format!("{}: give a positive number", rebate.kwh_per_kva)));
        }
        if self.rebate.is_some() && self.demand.is_none() {
            return Err(self.error_at("rebate", "[rebate] lowers the demand price: state [demand] too"));
        }
        if let Some(pf) = &self.power_factor {
            if pf.digits != 2 {
                return Err(self.error_at("power_factor.digits", format!("{}: table CN-1983 has 2", pf.digits)));
            }
            if pf.base.iter().any(|b| !BEFORE_POWER_FACTOR.contains(b)) {
                let what = "choose from energy, demand, capacity, coincident, reactive: the lines before it";
                return Err(self.error_at("power_factor.base", what));
            }
        }
        for (i, charge) in self.reactive.iter().enumerate() {
            if !(charge.free_share.is_finite() && charge.free_share >= 0.0) {
                let what = format!("{}: give free kvarh for each kWh, 0 or more", charge.free_share);
                return Err(self.error_at(&format!("reactive[{i}].free_share"), what));
            }
        }
        Ok(())
    }

    fn check_months(&self) -> Result<()> {
        let mut lists: Vec<(String, &[u8])> = Vec::new();
        let mut add = |key: String, months| lists.push((key, months));
        for (i, c) in self.demand_charges.iter().enumerate() {
            add(format!("demand_charge[{i}].months"), &c.months);
            if let Some(r) = &c.ratchet {
                add(format!("demand_charge[{i}].ratchet.months"), &r.months);
            }
        }
        for (i, s) in self.demand.iter().flat_map(|d| &d.seasons).enumerate() {
            add(format!("demand.season[{i}].months"), &s.months);
        }
        if let Some(r) = self.demand.as_ref().and_then(|d| d.ratchet.as_ref()) {
            add("demand.ratchet.months".into(), &r.months);
        }
        self.coincident.iter().enumerate().for_each(|(i, c)| add(format!("coincident[{i}].months"), &c.months));
        self.fixed.iter().enumerate().for_each(|(i, c)| add(format!("fixed[{i}].months"), &c.months));
        self.price_series.iter().enumerate().for_each(|(i, c)| add(format!("price_series[{i}].months"), &c.months));
        self.minimums.iter().enumerate().for_each(|(i, m)| {
            add(format!("minimum[{i}].settled_in"), std::slice::from_ref(&m.settled_in));
        });
        for (key, months) in lists {
            if let Some(month) = months.iter().find(|m| !(1..=12).contains(*m)) {
                return Err(self.error_at(&key, format!("month {month} does not exist; use 1 to 12")));
            }
        }
        Ok(())
    }
}

//! Bands and funds of all versions of a tariff, equal ones merged.

use crate::tariff::schema::{BandSpec, Component, Tariff, TierUnit};
use crate::tariff::{Period, Price};
use std::sync::Arc;

/// A tier of a band.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tier {
    /// Cumulative ceiling; `None` takes the rest.
    pub up_to: Option<f64>,
    /// What it is counted in.
    pub unit: TierUnit,
    /// Of a kWh in it, funds apart.
    pub energy: Price,
}

/// A price band ready for billing.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// The tariff's own name.
    pub name: Arc<str>,
    /// Which of the five periods it is.
    pub period: Period,
    /// What a kWh costs in all, per kWh: components and funds, as float for ranking and display; in
    /// the last tier where there are tiers. Series by the clock come on top.
    pub price: f64,
    /// Sum of the components that are no funds, per kWh: the price of the energy line.
    pub energy: Price,
    /// Tiers, lowest first; empty when one price holds.
    pub tiers: Vec<Tier>,
    /// What export is credited with.
    pub sell: Option<Price>,
    /// Clause or file line.
    pub origin: Arc<str>,
    /// Funds on it: name and price.
    funds: Vec<(Arc<str>, Price)>,
    /// Versions of the tariff that have it, as indices.
    pub(in crate::tariff) versions: Vec<usize>,
}

/// A fund at one price, over all bands that carry it.
#[derive(Debug, Clone, PartialEq)]
pub struct Fund {
    /// Its name.
    pub name: Arc<str>,
    /// Per kWh.
    pub price: Price,
    /// Clause or file line.
    pub origin: Arc<str>,
    /// Indices into [`super::Compiled::bands`].
    pub bands: Vec<usize>,
}

/// Bands and funds while versions are added.
#[derive(Debug, Default)]
pub(super) struct Merged {
    pub bands: Vec<Band>,
    pub funds: Vec<Fund>,
}

impl Merged {
    /// Adds a version's bands and returns where each of them stands.
    pub fn add(&mut self, tariff: &Tariff, version: usize) -> Vec<u16> {
        tariff.bands.iter().enumerate().map(|(i, spec)| self.band(spec, tariff, (version, i))).collect()
    }

    fn band(&mut self, spec: &BandSpec, tariff: &Tariff, (version, index): (usize, usize)) -> u16 {
        let fresh = compose(spec, tariff, (version, index));
        let same = |b: &Band| {
            b.name == fresh.name
                && (b.period, b.energy, b.sell) == (fresh.period, fresh.energy, fresh.sell)
                && b.tiers == fresh.tiers
                && b.funds == fresh.funds
        };
        if let Some(at) = self.bands.iter().position(same) {
            self.bands[at].versions.push(version);
            return at as u16;
        }
        let at = self.bands.len();
        let of_band = tariff.components.len() + spec.components.len();
        for (k, (name, price)) in fresh.funds.iter().enumerate() {
            let listed = k.checked_sub(fresh.funds.len() - tariff.funds.len());
            let origin = listed.map_or_else(|| Arc::clone(&fresh.origin), |f| tariff.origin("fund", f));
            debug_assert!(k < of_band + tariff.funds.len());
            match self.funds.iter_mut().find(|f| f.name == *name && f.price == *price) {
                Some(fund) => fund.bands.push(at),
                None => self.funds.push(Fund { name: Arc::clone(name), price: *price, origin, bands: vec![at] }),
            }
        }
        self.bands.push(fresh);
        at as u16
    }
}

/// The price of a band: its own components and the tariff's, the floating ones times its ratio.
fn compose(spec: &BandSpec, tariff: &Tariff, (version, index): (usize, usize)) -> Band {
    let parts = || tariff.components.iter().chain(&spec.components);
    let price = |c: &Component| if c.floats { c.price.times(spec.ratio) } else { c.price };
    let round = |p: Price| tariff.price_digits.map_or(p, |digits| p.rounded(digits));
    let energy = parts().filter(|c| !c.fund).fold(Price::ZERO, |sum, c| sum.plus(price(c)));
    let mut funds: Vec<(Arc<str>, Price)> =
        parts().filter(|c| c.fund).map(|c| (Arc::clone(&c.name), price(c))).collect();
    funds.extend(tariff.funds.iter().map(|f| (Arc::clone(&f.name), f.price)));
    let tier = |t: &crate::tariff::TierSpec| Tier { up_to: t.up_to, unit: t.unit, energy: round(energy.plus(t.price)) };
    let tiers: Vec<Tier> = spec.tiers.iter().map(tier).collect();
    let energy = tiers.first().map_or_else(|| round(energy), |t| t.energy);
    let last = tiers.last().map_or(energy, |t| t.energy);
    Band {
        name: Arc::clone(&spec.name),
        period: spec.period,
        price: funds.iter().fold(last, |sum, f| sum.plus(f.1)).get(),
        energy,
        tiers,
        sell: spec.sell,
        origin: tariff.origin("band", index),
        funds,
        versions: vec![version],
    }
}

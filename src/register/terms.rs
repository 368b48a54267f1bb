//! The file of terms: what investments would cost and which other products could be had. None of it
//! has a default; a rule whose terms are not given asks for them.

use crate::customer::BillingMode;
use crate::error::{Error, Result};
use crate::text::{said, say};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Terms of one customer, or of all.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Terms {
    /// `[battery]`.
    pub battery: Option<Battery>,
    /// `[pv]`.
    pub pv: Option<Pv>,
    /// `[[voltage]]`: other levels of supply.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub voltage: Vec<VoltageLevel>,
    /// `[[product]]`: other products.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub product: Vec<Product>,
}

/// A battery that could be bought.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Battery {
    /// Price per kWh of usable capacity, installed.
    pub capex_per_kwh: f64,
    /// Price per kW of power, installed; 0 when the price per kWh has it.
    #[serde(default)]
    pub capex_per_kw: f64,
    /// Hours of discharge at full power.
    pub hours: f64,
    /// Energy out over energy in.
    pub round_trip: f64,
    /// Full cycles until it is worn out.
    pub cycle_life: f64,
    /// Years until it is worn out, whatever its use.
    pub life_years: f64,
    /// Greatest power in kW that there is room for; absent: no limit.
    pub most_kw: Option<f64>,
}

/// A PV plant that could be built.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Pv {
    /// Price per kWp, installed.
    pub capex_per_kwp: f64,
    /// Peak power that the roof has room for.
    pub kwp: f64,
    /// Energy a kWp yields in a year.
    pub kwh_per_kwp: f64,
    /// Latitude in degrees, for the course of the sun.
    pub latitude: f64,
    /// Years of use.
    pub life_years: f64,
    /// Price paid for what is fed in, per kWh; absent: nothing is counted for it.
    pub feed_in_price: Option<f64>,
}

/// Supply at another voltage.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct VoltageLevel {
    /// Its level.
    pub kv: f64,
    /// Its price table: a tariff file beside this file, or the id of a tariff.
    pub tariff: String,
    /// What the change costs.
    pub capex: f64,
}

/// Another product that the customer may choose.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Its price table: a tariff file beside this file, or the id of a tariff.
    pub tariff: String,
    /// How it bills the basic charge; absent: as now.
    pub billing_mode: Option<BillingMode>,
    /// Contract capacity in kVA of those who may choose it, both ends included.
    pub capacity_kva: Option<[f64; 2]>,
    /// Months for which one is bound.
    pub lock_in_months: u32,
}

/// The file: terms for all, and those of single customers, which go before them kind by kind.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Raw {
    battery: Option<Battery>,
    pv: Option<Pv>,
    voltage: Vec<VoltageLevel>,
    product: Vec<Product>,
    customer: BTreeMap<String, Terms>,
}

/// Terms by customer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TermsFile {
    all: Terms,
    customers: BTreeMap<String, Terms>,
}

impl TermsFile {
    /// Reads the file; names of tariffs that are files beside it become their paths.
    ///
    /// # Errors
    /// When the file cannot be read, has an unknown key, or a figure that cannot be.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(Error::io(path))?;
        let wrong =
            |what: String| Error::option(format!("--terms {}: {what}", path.display()), said("side.terms_cure"));
        let raw: Raw = toml::from_str(&text).map_err(|e| wrong(e.to_string().trim_end().to_owned()))?;
        let all = Terms { battery: raw.battery, pv: raw.pv, voltage: raw.voltage, product: raw.product };
        let customers = raw.customer.into_iter().map(|(id, own)| (id, own.over(&all))).collect();
        let mut file = Self { all, customers };
        for terms in std::iter::once(&mut file.all).chain(file.customers.values_mut()) {
            terms.check().map_err(wrong)?;
            terms.resolve(path.parent().unwrap_or(Path::new("")));
        }
        Ok(file)
    }

    /// The terms of a customer.
    #[must_use]
    pub fn of(&self, id: &str) -> &Terms {
        self.customers.get(id).unwrap_or(&self.all)
    }

    /// The tariffs that are named, each once.
    #[must_use]
    pub fn tariffs(&self) -> Vec<String> {
        let each = std::iter::once(&self.all).chain(self.customers.values());
        let mut names: Vec<String> = each.flat_map(Terms::tariffs).map(str::to_owned).collect();
        names.sort();
        names.dedup();
        names
    }
}

impl Terms {
    /// The tariffs that are named.
    pub fn tariffs(&self) -> impl Iterator<Item = &str> {
        let levels = self.voltage.iter().map(|v| v.tariff.as_str());
        levels.chain(self.product.iter().map(|p| p.tariff.as_str()))
    }

    /// Own terms before those for all.
    fn over(self, all: &Self) -> Self {
        let or = |own: Vec<Product>, all: &[Product]| if own.is_empty() { all.to_vec() } else { own };
        Self {
            battery: self.battery.or(all.battery),
            pv: self.pv.or(all.pv),
            voltage: if self.voltage.is_empty() { all.voltage.clone() } else { self.voltage },
            product: or(self.product, &all.product),
        }
    }

    fn resolve(&mut self, dir: &Path) {
        let file = |name: &mut String| {
            let path: PathBuf = dir.join(name.as_str());
            if path.is_file() {
                *name = path.to_string_lossy().into_owned();
            }
        };
        self.voltage.iter_mut().for_each(|v| file(&mut v.tariff));
        self.product.iter_mut().for_each(|p| file(&mut p.tariff));
    }

    fn check(&self) -> std::result::Result<(), String> {
        let positive = |name: &str, v: f64| {
            if v.is_finite() && v > 0.0 { Ok(()) } else { Err(say("side.positive", &[("name", &name), ("value", &v)])) }
        };
        if let Some(b) = &self.battery {
            let figures = [
                ("capex_per_kwh", b.capex_per_kwh),
                ("hours", b.hours),
                ("round_trip", b.round_trip),
                ("cycle_life", b.cycle_life),
                ("life_years", b.life_years),
                ("most_kw", b.most_kw.unwrap_or(1.0)),
            ];
            figures.into_iter().try_for_each(|(n, v)| positive(&format!("[battery] {n}"), v))?;
            if b.round_trip > 1.0 || !b.capex_per_kw.is_finite() || b.capex_per_kw < 0.0 {
                return Err(said("side.battery").into());
            }
        }
        if let Some(p) = &self.pv {
            let figures = [
                ("capex_per_kwp", p.capex_per_kwp),
                ("kwp", p.kwp),
                ("kwh_per_kwp", p.kwh_per_kwp),
                ("life_years", p.life_years),
            ];
            figures.into_iter().try_for_each(|(n, v)| positive(&format!("[pv] {n}"), v))?;
            if !(-90.0..=90.0).contains(&p.latitude) {
                return Err(say("side.latitude", &[("value", &p.latitude)]));
            }
        }
        self.voltage
            .iter()
            .try_for_each(|v| positive("[[voltage]] kv", v.kv).and(positive("[[voltage]] capex", v.capex)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<TermsFile> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("terms.toml");
        std::fs::write(&path, text).unwrap();
        TermsFile::load(&path)
    }

    const PV: &str = "[pv]\ncapex_per_kwp = 3000\nkwp = 500\nkwh_per_kwp = 1000\nlatitude = 31\nlife_years = 20\n";

    #[test]
    fn a_customers_own_terms_go_before_those_for_all() {
        let own =
            "[customer.C1.pv]\ncapex_per_kwp = 2500\nkwp = 80\nkwh_per_kwp = 900\nlatitude = 31\nlife_years = 20\n";
        let terms = read(&format!("{PV}{own}")).unwrap();
        assert_eq!(terms.of("C1").pv.map(|p| p.kwp), Some(80.0));
        assert_eq!(terms.of("C2").pv.map(|p| p.kwp), Some(500.0));
        assert!(terms.of("C2").battery.is_none(), "nothing is assumed");
    }

    #[test]
    fn wrong_terms_name_the_key() {
        let error = |text: &str| read(text).unwrap_err().to_string();
        assert!(error(&PV.replace("500", "0")).contains("kwp = 0"));
        assert!(error(&PV.replace("kwp = 500", "kwp = 500\nroof = 3")).contains("roof"));
        assert!(error("[[product]]\ntariff = \"x\"\n").contains("lock_in_months"));
    }
}

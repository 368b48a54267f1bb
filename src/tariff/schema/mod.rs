//! The tariff file: one published tariff in TOML, read and checked.

mod charges;
mod check;
mod demand;
mod energy;
mod json;
mod place;

pub use charges::{
    BackFeed, BaseLine, CapacityTerms, Eligibility, Every, FixedSpec, FundSpec, LossTerms, MinimumPer, MinimumSpec,
    Per, PowerFactorTable, PowerFactorTerms, Quadrants, ReactiveCharge, Rebate, TaxSpec,
};
pub use demand::{
    CoincidentCharge, DemandCharge, DemandTerms, DemandTier, DemandUnit, MaximumOf, OverContractRule, OverLayer,
    PeakBasis, Ratchet, SeasonPrice, Windowing,
};
pub use energy::{BandSpec, Component, PriceSeries, TierScope, TierSpec, TierTerms, TierUnit};
pub use json::json_schema;
pub use place::Places;
pub(super) use place::UNKNOWN;

use super::schedule::{DayTable, ScheduleSpec, SpecialDay};
use crate::customer::MarketStatus;
use crate::error::{Error, Result};
use crate::text::say;
use crate::time::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How well the figures of a tariff file are backed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verified {
    /// Read at the publisher.
    Official,
    /// Read in a copy.
    SecondHand,
    /// Invented, for demonstration and tests.
    Illustrative,
}

/// Voltage range of supply, in kV: `above_kv < U ≤ to_kv`; an absent end is open.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Voltage {
    /// Exclusive lower end.
    pub above_kv: Option<f64>,
    /// Inclusive upper end.
    pub to_kv: Option<f64>,
}

/// Whose holidays the tariff's schedules mean.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TariffCalendar {
    /// Saturday and Sunday are rest days; holidays only as `[[special_day]]`.
    #[default]
    Weekends,
    /// China's published holidays and make-up working days.
    Cn,
}

/// One published tariff, as its file states it, checked.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tariff {
    /// Unique name, as `customers.tariff` and `--tariff` give it.
    #[schemars(with = "String")]
    pub id: Arc<str>,
    /// Name of the tariff of which this file is one version: versions of a series chain by date.
    #[schemars(with = "Option<String>")]
    pub series: Option<Arc<str>>,
    /// For people.
    pub name: String,
    /// The same on Chinese reports, where `name` is in another language.
    pub name_zh: Option<String>,
    /// Where it applies.
    pub region: Option<String>,
    /// To whom.
    pub user_class: Option<String>,
    /// At which voltage.
    pub voltage: Option<Voltage>,
    /// Sizes of customers that it is for.
    pub eligibility: Option<Eligibility>,
    /// Market statuses it serves; empty serves all.
    #[serde(default)]
    pub market_status: Vec<MarketStatus>,
    /// ISO code.
    #[schemars(with = "String")]
    pub currency: Arc<str>,
    /// Where the figures come from.
    pub source: String,
    /// The same on Chinese reports, where `source` is in another language.
    pub source_zh: Option<String>,
    /// How well they are backed.
    pub verified: Verified,
    /// First date of validity.
    #[schemars(with = "String")]
    pub effective_from: Date,
    /// Last date of validity; open when absent.
    #[schemars(with = "Option<String>")]
    pub effective_to: Option<Date>,
    /// Whose holidays the schedules mean.
    #[serde(default)]
    pub calendar: TariffCalendar,
    /// Dates that differ from the calendar.
    #[serde(default, rename = "special_day")]
    pub special_days: Vec<SpecialDay>,
    /// Parts of the price per kWh that every band has.
    #[serde(default, rename = "component")]
    pub components: Vec<Component>,
    /// Prices per kWh are rounded half away from zero to so many decimals, as the price table is.
    pub price_digits: Option<u32>,
    /// Price bands.
    #[serde(rename = "band")]
    pub bands: Vec<BandSpec>,
    /// How the bands' tiers are filled.
    #[serde(default)]
    pub tiers: TierTerms,
    /// Prices by the clock that are added to the bands' own.
    #[serde(default, rename = "price_series")]
    pub price_series: Vec<PriceSeries>,
    /// When each band applies.
    #[serde(rename = "schedule")]
    pub schedules: Vec<ScheduleSpec>,
    /// Demand charge of the billing modes demand and contract.
    pub demand: Option<DemandTerms>,
    /// Demand charges of every billing mode.
    #[serde(default, rename = "demand_charge")]
    pub demand_charges: Vec<DemandCharge>,
    /// Charges on the load at the system's peaks.
    #[serde(default, rename = "coincident")]
    pub coincident: Vec<CoincidentCharge>,
    /// Capacity charge.
    pub capacity: Option<CapacityTerms>,
    /// Utilisation rebate on the demand price.
    pub rebate: Option<Rebate>,
    /// Power-factor adjustment.
    pub power_factor: Option<PowerFactorTerms>,
    /// Charges on reactive energy.
    #[serde(default, rename = "reactive")]
    pub reactive: Vec<ReactiveCharge>,
    /// Transformer losses behind a meter on the low side.
    pub transformer_losses: Option<LossTerms>,
    /// Funds on every kWh, beside those among the components.
    #[serde(default, rename = "fund")]
    pub funds: Vec<FundSpec>,
    /// Fixed charges.
    #[serde(default, rename = "fixed")]
    pub fixed: Vec<FixedSpec>,
    /// Least bills.
    #[serde(default, rename = "minimum")]
    pub minimums: Vec<MinimumSpec>,
    /// Taxes.
    #[serde(default, rename = "tax")]
    pub taxes: Vec<TaxSpec>,
    /// The file it was read from.
    #[serde(skip)]
    pub path: PathBuf,
    /// Where its keys stand.
    #[serde(skip)]
    pub places: Places,
    /// Clause or file line of each table, by name and index.
    #[serde(skip)]
    origins: Vec<(&'static str, usize, Arc<str>)>,
}

impl Tariff {
    /// Its name in a language: `zh`, `en`.
    #[must_use]
    pub fn name_in(&self, language: &str) -> &str {
        self.name_zh.as_deref().filter(|_| language == "zh").unwrap_or(&self.name)
    }

    /// Its source in a language.
    #[must_use]
    pub fn source_in(&self, language: &str) -> &str {
        self.source_zh.as_deref().filter(|_| language == "zh").unwrap_or(&self.source)
    }

    /// Reads and checks a tariff file.
    ///
    /// # Errors
    /// [`Error::Tariff`] naming key, line or schedule, date and clock time, and the cure.
    pub fn parse(path: &Path, text: &str) -> Result<Self> {
        let mut tariff: Self = toml::from_str(text).map_err(|e| Error::Tariff {
            path: path.to_owned(),
            what: say("tariff.unreadable", &[("detail", &e.to_string().trim_end())]),
        })?;
        path.clone_into(&mut tariff.path);
        tariff.places = Places::of(text);
        tariff.check()?;
        tariff.origins = tariff.find_origins();
        DayTable::new(&tariff, None)?.check_validity(&tariff)?;
        Ok(tariff)
    }

    /// The tariff as a file's types give it, not checked; `None` when they do not.
    pub(in crate::tariff) fn unchecked(path: &Path, text: &str) -> Option<Self> {
        let mut tariff: Self = toml::from_str(text).ok()?;
        path.clone_into(&mut tariff.path);
        tariff.places = Places::of(text);
        Some(tariff)
    }

    /// Whether a date lies in its validity.
    #[must_use]
    pub fn is_effective(&self, date: Date) -> bool {
        date >= self.effective_from && self.effective_to.is_none_or(|to| date <= to)
    }

    /// Its validity in words: `2026-01-01 to 2026-01-31`.
    #[must_use]
    pub fn validity(&self) -> String {
        match self.effective_to {
            Some(to) => say("part.validity", &[("from", &self.effective_from), ("to", &to)]),
            None => say("part.validity_open", &[("from", &self.effective_from)]),
        }
    }

    /// Paths of prices that are written as `"?"`: a file with any is a template and bills nothing.
    #[must_use]
    pub fn unpriced(&self) -> &[String] {
        &self.places.unpriced
    }

    /// Why a template cannot bill, and where its prices go, in the order of the file; `None` when every
    /// price is known.
    #[must_use]
    pub fn template_gap(&self) -> Option<String> {
        let mut gaps: Vec<(Option<(usize, usize)>, &String)> =
            self.unpriced().iter().map(|key| (self.places.find(key), key)).collect();
        gaps.sort();
        let place = |(at, key): &(Option<(usize, usize)>, &String)| {
            at.map_or_else(|| (*key).clone(), |(line, _)| format!("{key} (line {line})"))
        };
        let list: Vec<String> = gaps.iter().map(place).collect();
        let places = list.join(", ");
        (!list.is_empty()).then(|| say("bill.template", &[("id", &self.id), ("same", &self.id), ("places", &places)]))
    }

    /// Clause and file line of a table: `demand`, `fixed` 1. Empty for a table that is not there.
    #[must_use]
    pub fn origin(&self, table: &'static str, index: usize) -> Arc<str> {
        // Few entries, whose names mostly differ in length: quicker than a search tree.
        let found = self.origins.iter().find(|(t, i, _)| *i == index && *t == table);
        found.map(|o| Arc::clone(&o.2)).unwrap_or_default()
    }

    fn find_origins(&self) -> Vec<(&'static str, usize, Arc<str>)> {
        let file = self.path.file_name().unwrap_or_default().to_string_lossy();
        let mut out = Vec::new();
        let mut add = |table: &'static str, index: Option<usize>, clause: Option<&String>| {
            let path = index.map_or_else(|| table.to_owned(), |i| format!("{table}[{i}]"));
            let line = self.places.find(&path).map_or(0, |at| at.0);
            let place = format!("{file}:{line}");
            let text = clause.map_or_else(|| place.clone(), |c| format!("{c} ({place})"));
            out.push((table, index.unwrap_or(0), text.into()));
        };
        macro_rules! list {
            ($($table:literal: $field:ident),*) => {$(
                for (i, spec) in self.$field.iter().enumerate() {
                    add($table, Some(i), spec.clause.as_ref());
                }
            )*};
        }
        list!("band": bands, "demand_charge": demand_charges, "coincident": coincident, "reactive": reactive,
            "fund": funds, "fixed": fixed, "minimum": minimums, "tax": taxes, "price_series": price_series);
        add("demand", None, self.demand.as_ref().and_then(|t| t.clause.as_ref()));
        add("capacity", None, self.capacity.as_ref().and_then(|t| t.clause.as_ref()));
        add("power_factor", None, self.power_factor.as_ref().and_then(|t| t.clause.as_ref()));
        add("transformer_losses", None, self.transformer_losses.as_ref().and_then(|t| t.clause.as_ref()));
        out
    }

    /// An [`Error::Tariff`] about a key of this file, `demand.price`; what is wrong and the cure.
    pub(super) fn error_at(&self, key: &str, what: impl std::fmt::Display) -> Error {
        let what = match self.places.find(key) {
            Some((line, column)) => {
                say("tariff.at_line", &[("line", &line), ("column", &column), ("key", &key), ("why", &what)])
            }
            None => format!("{key}: {what}"),
        };
        Error::Tariff { path: self.path.clone(), what }
    }
}

#[cfg(test)]
mod tests {
    use crate::tariff::testkit::{FLAT, parse};

    #[test]
    fn wrong_files_name_the_key_and_the_cure() {
        let wrong = |from: &str, to: &str| parse(&FLAT.replace(from, to)).map_err(|e| e.to_string()).unwrap_err();
        assert!(wrong("verified", "verifyed").contains("unknown field `verifyed`"));
        assert!(wrong("verified", "verifyed").contains("line "), "the line is given");
        assert!(wrong("\"CNY\"", "\"yuan\"").contains("give an ISO code"));
        assert!(wrong("2030-12-31", "2010-12-31").contains("exchange them"));
        assert!(wrong("id = \"flat\"", "id = \"a b\"").contains("use letters"));
        assert!(wrong("price = 0.5", "price = nan").contains("not a decimal"));
        let demand = "[demand]\nprice = 40\nwindow_minutes = 20\n";
        assert!(wrong("[[band]]", &format!("{demand}[[band]]")).contains("use 5, 15, 30 or 60"));
        let rule = "[demand]\nprice = 40\nwindow_minutes = 15\nover_contract_rule = \"A\"\n";
        assert!(wrong("[[band]]", &format!("{rule}[[band]]")).contains("over_contract_source"));
    }

    const EVERYTHING: &str = include_str!("../../../fixtures/tariff/everything.toml");

    #[test]
    fn a_file_with_every_key_parses_and_compiles() {
        let tariff = parse(EVERYTHING).unwrap();
        let line = |header: &str| EVERYTHING.lines().position(|l| l == header).map_or(0, |i| i + 1);
        assert_eq!(*tariff.origin("band", 0), format!("notice 77, article 2 (test.toml:{})", line("[[band]]")));
        assert_eq!(*tariff.origin("fixed", 0), format!("test.toml:{}", line("[[fixed]]")));
        assert!(tariff.unpriced().is_empty());
        crate::tariff::testkit::compiled(EVERYTHING, crate::time::Interval::M15);
        // Every key of the schema is in the file.
        let schema = super::json_schema();
        let keys = schema.lines().filter_map(|l| l.trim().strip_suffix(": {")).map(|k| k.trim_matches('"'));
        let own = [
            "$defs",
            "default",
            "properties",
            "items",
            "patternProperties",
            "additionalProperties",
            "price_series",
            "prices",
        ];
        let pascal = |k: &str| k.starts_with(char::is_uppercase);
        for key in keys.filter(|k| !own.contains(k) && !pascal(k)) {
            let there = EVERYTHING.lines().any(|l| l.contains(&format!("{key} =")) || l.contains(&format!("{key}]")));
            assert!(there || ["shares", "min_kw", "max_kva", "from"].contains(&key), "{key} is not in everything.toml");
        }
    }

    #[test]
    fn a_template_says_where_its_prices_go() {
        let tariff = parse(&EVERYTHING.replace("price = 0.38447", "price = \"?\"")).unwrap();
        assert_eq!(tariff.unpriced(), ["component[0].price"]);
        let gap = tariff.template_gap().unwrap();
        let place = "put prices in place of \"?\" at component[0].price (line ";
        assert!(gap.contains("is a template; copy it") && gap.contains(place), "{gap}");
    }

    proptest::proptest! {
        #[test]
        fn a_spoilt_file_is_refused_with_file_line_and_reason(line in 0usize..180, junk in "[a-z0-9\"\\[\\]{}=., -]{0,12}", how in 0..3) {
            let spoil = |l: &str| match how {
                0 => String::new(),
                1 => junk.clone(),
                _ => l.split_once('=').map_or_else(|| l.to_owned(), |(key, _)| format!("{key}= {junk}")),
            };
            let text: Vec<String> =
                EVERYTHING.lines().enumerate().map(|(i, l)| if i == line { spoil(l) } else { l.to_owned() }).collect();
            if let Err(e) = parse(&text.join("\n")) {
                let e = e.to_string();
                proptest::prop_assert!(e.starts_with("test.toml: ") && e.contains("line ") && e.len() > 40, "{e}");
            }
        }
    }
}

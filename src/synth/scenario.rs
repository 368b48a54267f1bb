//! Which customers a fleet is made of.

use super::archetype::{self, Archetype};
use super::behaviour::{self, BEHAVIOURS, Behaviour};
use super::random::Random;
use super::site::Draft;
use crate::error::{Error, Result};

/// A kind of customer and what is planted in it.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Who it is.
    pub archetype: &'static dyn Archetype,
    /// In the order of [`BEHAVIOURS`].
    pub behaviours: Vec<&'static dyn Behaviour>,
}

/// Scenarios that a fleet cycles through: customer `i` is scenario `i mod len`.
#[derive(Debug, Clone)]
pub struct Mix {
    name: String,
    scenarios: Vec<Scenario>,
}

/// Archetype and behaviours of the shipped mixes.
type Row = (&'static str, &'static [&'static str]);

/// Every archetype plain and every behaviour that any layout can hold.
const STANDARD: &[Row] = &[
    ("one_shift", &[]),
    ("mall", &[]),
    ("two_shift", &["needle_peaks"]),
    ("hospital", &[]),
    ("three_shift", &["low_power_factor"]),
    ("data_centre", &[]),
    ("one_shift", &["base_load_waste"]),
    ("continuous", &["clean"]),
    ("office", &[]),
    ("two_shift", &["shiftable_block"]),
    ("cold_store", &[]),
    ("three_shift", &["capacity_misfit"]),
    ("seasonal", &[]),
    ("night_heavy", &[]),
    ("one_shift", &["gaps"]),
    ("pv_backfeed", &[]),
    ("two_feeds", &[]),
    ("school", &[]),
    ("two_shift", &[]),
    ("one_shift", &["needle_peaks", "low_power_factor"]),
    ("three_shift", &[]),
    ("office", &["base_load_waste"]),
    ("continuous", &[]),
    ("mall", &["capacity_misfit"]),
    ("two_shift", &["base_load_waste", "shiftable_block"]),
    ("hospital", &["low_power_factor"]),
];

/// What `full` has besides: labels that are delivered twice.
const LABELS_TWICE: &[Row] = &[("two_shift", &["dst"]), ("night_heavy", &["duplicates"]), ("office", &["dst", "gaps"])];

/// What `planted` has besides: habits that the standard fleet does not have.
const HABITS: &[Row] = &[
    ("two_shift", &["contract_misfit"]),
    ("three_shift", &["contract_misfit"]),
    ("two_shift", &["start_surge"]),
    ("two_shift", &["rest_days_on"]),
    ("one_shift", &["swings"]),
    ("office", &["oversized_ct"]),
    ("office", &["cold_rooms"]),
    ("mall", &["cold_rooms"]),
    ("office", &["weatherproof"]),
    ("two_shift", &["dear_maintenance"]),
    ("one_shift", &["quiet_maintenance"]),
    ("two_shift", &["shiftable_block", "listed_machines"]),
    ("two_shift", &["droppable_block"]),
    ("one_shift", &["spare_transformer"]),
    ("continuous", &["overloaded"]),
];

/// A fleet over more than a year, some of which takes more energy for the same work than it did.
const AGING: &[Row] = &[
    ("two_shift", &["energy_drift"]),
    ("two_shift", &[]),
    ("three_shift", &["energy_drift"]),
    ("three_shift", &[]),
    ("office", &["weather_known", "energy_drift"]),
    ("office", &["weather_known"]),
    ("mall", &["weather_known", "energy_drift"]),
    ("mall", &["weather_known"]),
    ("one_shift", &[]),
    ("night_heavy", &["energy_drift"]),
];

/// A fleet of whom some were offered something, on terms from good to bad, and some use their connection
/// far less evenly than their peers.
const OFFERED: &[Row] = &[
    ("two_shift", &["battery_offered"]),
    ("two_shift", &["pv_offered", "voltage_offered"]),
    ("two_shift", &["product_offered"]),
    ("two_shift", &["uneven"]),
    ("two_shift", &[]),
    ("three_shift", &["battery_offered", "product_offered"]),
    ("three_shift", &["pv_offered", "voltage_offered"]),
    ("three_shift", &["product_offered"]),
    ("one_shift", &["battery_offered", "voltage_offered"]),
    ("one_shift", &["pv_offered", "product_offered"]),
    ("mall", &["battery_offered", "pv_offered", "voltage_offered", "product_offered"]),
    ("mall", &["uneven"]),
    ("mall", &[]),
    ("office", &["battery_offered", "product_offered"]),
    ("office", &["pv_offered", "voltage_offered"]),
    ("office", &[]),
    ("night_heavy", &["battery_offered", "pv_offered"]),
    ("night_heavy", &["product_offered", "voltage_offered"]),
    ("continuous", &["battery_offered", "voltage_offered", "product_offered"]),
    ("cold_store", &["battery_offered", "pv_offered", "product_offered"]),
    ("data_centre", &["pv_offered", "voltage_offered"]),
    ("hospital", &["battery_offered", "pv_offered"]),
    ("school", &["pv_offered", "product_offered"]),
    ("seasonal", &["battery_offered", "product_offered"]),
];

/// The fleet that ships with the program: every archetype and every behaviour.
const DEMO: &[Row] = &[
    ("one_shift", &["needle_peaks"]),
    ("two_shift", &["shiftable_block", "listed_machines"]),
    ("three_shift", &["low_power_factor"]),
    ("continuous", &["clean"]),
    ("mall", &[]),
    ("hospital", &["gaps"]),
    ("data_centre", &["capacity_misfit"]),
    ("office", &["base_load_waste"]),
    ("cold_store", &[]),
    ("seasonal", &["duplicates"]),
    ("night_heavy", &[]),
    ("pv_backfeed", &[]),
    ("two_feeds", &["needle_peaks"]),
    ("school", &["dst"]),
    ("one_shift", &["base_load_waste", "low_power_factor"]),
    ("three_shift", &["capacity_misfit"]),
];

impl Mix {
    /// Names of the shipped mixes.
    pub const NAMES: [&str; 6] = ["standard", "full", "planted", "aging", "offered", "demo"];

    /// A shipped mix: `standard` fits every layout, `full` adds clock changes and rows delivered
    /// twice, `planted` adds to `standard` every other habit that advice is for, `aging` is
    /// for more than a year and drifts, `offered` has terms of what could be bought or chosen and peers to compare
    /// with, `demo` is the fleet of the demonstration.
    ///
    /// # Errors
    /// When there is no mix of that name.
    pub fn named(name: &str) -> Result<Self> {
        let rows: Vec<Row> = match name {
            "standard" => STANDARD.to_vec(),
            "full" => [STANDARD, LABELS_TWICE].concat(),
            "planted" => [STANDARD, HABITS].concat(),
            "aging" => AGING.to_vec(),
            "offered" => OFFERED.to_vec(),
            "demo" => DEMO.to_vec(),
            _ => {
                let cure = format!("use {}", Self::NAMES.join(", "));
                return Err(Error::option(format!("there is no mix {name:?}"), cure));
            }
        };
        Self::from_names(name, &rows)
    }

    /// A mix of scenarios by the names of [`archetype::ARCHETYPES`] and [`BEHAVIOURS`].
    ///
    /// # Errors
    /// When a name is unknown or there is no scenario.
    pub fn from_names(name: &str, rows: &[(&str, &[&str])]) -> Result<Self> {
        let unknown = |what: &str, which: &str| {
            Error::option(format!("there is no {what} {which:?}"), format!("use a name of the table of {what}s"))
        };
        let mut scenarios = Vec::with_capacity(rows.len());
        for (kind, planted) in rows {
            let archetype = archetype::find(kind).ok_or_else(|| unknown("archetype", kind))?;
            for b in *planted {
                behaviour::find(b).ok_or_else(|| unknown("behaviour", b))?;
            }
            let behaviours = BEHAVIOURS.iter().copied().filter(|b| planted.contains(&b.name())).collect();
            scenarios.push(Scenario { archetype, behaviours });
        }
        if scenarios.is_empty() {
            return Err(Error::option(format!("mix {name:?} is empty"), "give at least one scenario"));
        }
        Ok(Self { name: name.to_owned(), scenarios })
    }

    /// The mix's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Number of scenarios until they repeat.
    #[must_use]
    pub fn len(&self) -> usize {
        self.scenarios.len()
    }

    /// Never true; a mix has at least one scenario.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.scenarios.is_empty()
    }

    /// What customer `i` is.
    #[must_use]
    pub fn scenario(&self, i: u64) -> &Scenario {
        &self.scenarios[(i % self.scenarios.len() as u64) as usize]
    }

    /// The region whose weather station has measured the weather of some of them.
    #[must_use]
    pub fn stations(&self) -> Option<&'static str> {
        let settled = |s: &Scenario| {
            let mut random = Random::new(0, 0, 0);
            let mut draft = Draft::new(s.archetype.kind(), &mut random);
            s.behaviours.iter().for_each(|b| b.prepare(&mut draft, &mut random));
            draft.station
        };
        self.scenarios.iter().find_map(settled)
    }

    /// Whether some customer has been offered something.
    #[must_use]
    pub fn offers(&self) -> bool {
        self.has(|b| b.name().ends_with("_offered"))
    }

    /// Whether customers are compared with each other.
    #[must_use]
    pub fn compares(&self) -> bool {
        self.has(|b| b.name() == "uneven")
    }

    fn has(&self, is: impl Fn(&dyn Behaviour) -> bool) -> bool {
        self.scenarios.iter().any(|s| s.behaviours.iter().any(|b| is(*b)))
    }

    /// Whether some customer delivers a label twice, which one column per slot cannot hold.
    #[must_use]
    pub fn repeats_labels(&self) -> bool {
        self.has(|b| b.repeats_labels())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::archetype::ARCHETYPES;

    #[test]
    fn mixes_hold_every_archetype_and_behaviour() -> Result<()> {
        for name in Mix::NAMES.into_iter().filter(|n| !["aging", "offered"].contains(n)) {
            let mix = Mix::named(name)?;
            for a in ARCHETYPES {
                assert!(mix.scenarios.iter().any(|s| s.archetype.name() == a.name()), "{name} lacks {}", a.name());
            }
        }
        let mixes = ["full", "planted", "aging", "offered"].map(Mix::named).into_iter().collect::<Result<Vec<_>>>()?;
        let all = || mixes.iter().flat_map(|m| &m.scenarios);
        for b in BEHAVIOURS {
            let has = |s: &Scenario| s.behaviours.iter().any(|x| x.name() == b.name());
            assert!(all().any(has), "no fleet has {}", b.name());
        }
        assert!(!Mix::named("standard")?.repeats_labels() && Mix::named("full")?.repeats_labels());
        Ok(())
    }

    #[test]
    fn wrong_names_are_refused() {
        assert!(Mix::named("other").is_err());
        assert!(Mix::from_names("x", &[("one_shift", &["nothing"])]).is_err());
        assert!(Mix::from_names("x", &[]).is_err());
    }
}

//! How evenly customers of each sector use their connection, as a larger fleet than this would have told: the
//! file of peers. Its figures are given, not found: every archetype's year lies above the lowest quarter of its
//! sector by construction (tested over seeds), and what `uneven` plants is built to lie far below.

use crate::customer::Sector;
use crate::error::{Error, Result};
use crate::register::{Group, PEERS_VERSION, Peers};
use crate::time::Date;
use std::fs;
use std::ops::Range;
use std::path::Path;

/// Customers behind each group, and the largest one's share of its energy (judgement: groups that may be shown).
const GROUP: (usize, f64) = (40, 0.12);

/// Quartiles of the load factor of a sector (judgement: the lowest is nine tenths or less of what the least even
/// archetype of the sector has in a year).
const QUARTILES: [(Sector, [f64; 3]); 6] = [
    (Sector::Hospital, [0.47, 0.54, 0.60]),
    (Sector::DataCentre, [0.79, 0.89, 0.93]),
    (Sector::ContinuousProcess, [0.79, 0.89, 0.93]),
    (Sector::ColdStore, [0.54, 0.62, 0.68]),
    (Sector::Commercial, [0.245, 0.34, 0.45]),
    (Sector::DiscreteManufacturing, [0.22, 0.42, 0.60]),
];

/// What an archetype is among its peers.
pub fn sector(archetype: &str) -> Sector {
    match archetype {
        "mall" | "office" | "school" => Sector::Commercial,
        "hospital" => Sector::Hospital,
        "data_centre" => Sector::DataCentre,
        "cold_store" => Sector::ColdStore,
        "continuous" => Sector::ContinuousProcess,
        _ => Sector::DiscreteManufacturing,
    }
}

/// The load factor below which the lowest quarter of an archetype's sector lies.
pub fn lowest_quarter(archetype: &str) -> f64 {
    let sector = sector(archetype);
    QUARTILES.iter().find(|q| q.0 == sector).map_or(0.0, |q| q.1[0])
}

/// Writes the file of peers over a span of dates.
///
/// # Errors
/// When it cannot be written.
pub fn write(path: &Path, dates: Range<Date>) -> Result<()> {
    let group =
        |(sector, load_factor)| Group { sector, n: GROUP.0, largest_share: GROUP.1, load_factor, base_to_peak: None };
    let (from, to) = (dates.start.to_string(), dates.end.plus(-1).to_string());
    let groups = QUARTILES.into_iter().map(group).collect();
    let text = serde_json::to_string_pretty(&Peers { version: PEERS_VERSION, from, to, groups });
    fs::write(path, text.map_err(|e| Error::io(path)(e.into()))?).map_err(Error::io(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::{FleetSpec, Mix, fleet};
    use crate::time::Interval;

    /// Plain arithmetic on the delivered readings: who was planted lies at most at four fifths of the quarter, and
    /// who was not above it.
    #[test]
    fn planted_plants_lie_far_below_the_quarter_and_no_other_does() -> Result<()> {
        let (mut planted, mut others) = (0, 0);
        for seed in [1, 2, 3] {
            let mix = Mix::named("offered")?;
            let first = "2025-01-01".parse()?;
            let spec = FleetSpec { seed, customers: 48, interval: Interval::M60, first, days: 365, mix };
            for customer in fleet(spec)? {
                let factor = customer.import_kwh / (24.0 * 365.0) / customer.max_kw;
                let share = factor / lowest_quarter(customer.archetype);
                let who = format!("seed {seed}, {}: {factor:.3}, {share:.2} of the quarter", customer.archetype);
                if customer.planted.iter().any(|p| p.behaviour == "uneven") {
                    assert!(share <= 0.8, "{who}");
                    planted += 1;
                } else {
                    assert!(share >= 1.08, "{who}");
                    others += 1;
                }
            }
        }
        assert!(planted >= 12 && others >= 120, "{planted} {others}");
        Ok(())
    }
}

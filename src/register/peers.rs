//! The file of similar customers' figures: what one run learnt of its fleet, for the next ones. It
//! holds quartiles of groups, never a customer.

use crate::curve::percentile::percentile;
use crate::customer::Sector;
use crate::error::{Error, Result};
use crate::text::{said, say};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Format of the file.
pub const PEERS_VERSION: u32 = 1;

/// The file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peers {
    /// Format of the file.
    pub version: u32,
    /// First and last date of the readings behind it.
    pub from: String,
    /// Last date, included.
    pub to: String,
    /// One per sector.
    pub groups: Vec<Group>,
}

/// Figures of a sector's customers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The sector.
    pub sector: Sector,
    /// Customers behind the figures.
    pub n: usize,
    /// The largest customer's share of the group's energy.
    pub largest_share: f64,
    /// Quartiles of the load factor: lower, median, upper.
    pub load_factor: [f64; 3],
    /// Quartiles of the base-to-peak ratio.
    pub base_to_peak: Option<[f64; 3]>,
}

/// What the file is made of: one customer's figures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PeerFigures {
    /// The sector.
    pub sector: Sector,
    /// Energy in kWh.
    pub kwh: f64,
    /// Load factor.
    pub load_factor: f64,
    /// Base-to-peak ratio.
    pub base_to_peak: Option<f64>,
}

/// Lower quartile, median, upper quartile.
const QUARTILES: [f64; 3] = [0.25, 0.5, 0.75];

impl Peers {
    /// Sums up a fleet; a sector without a customer has no group. `least` customers make a group and
    /// none may have more than `most_share` of its energy: other sectors are left out, so that the
    /// file gives no customer away.
    #[must_use]
    pub fn of(fleet: &[PeerFigures], dates: (String, String), least: usize, most_share: f64) -> Self {
        let mut sectors: Vec<Sector> = fleet.iter().map(|f| f.sector).collect();
        sectors.sort_unstable();
        sectors.dedup();
        let groups = sectors.into_iter().filter_map(|sector| {
            let members: Vec<&PeerFigures> = fleet.iter().filter(|f| f.sector == sector).collect();
            let group = Group::of(sector, &members)?;
            (group.n >= least && group.largest_share <= most_share).then_some(group)
        });
        Self { version: PEERS_VERSION, from: dates.0, to: dates.1, groups: groups.collect() }
    }

    /// Reads the file.
    ///
    /// # Errors
    /// When it cannot be read, is no such file, or has another version.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(Error::io(path))?;
        let wrong =
            |what: String| Error::option(format!("--peers {}: {what}", path.display()), said("side.peers_cure"));
        let peers: Self = serde_json::from_str(&text).map_err(|e| wrong(e.to_string()))?;
        if peers.version != PEERS_VERSION {
            return Err(wrong(say("side.peers_version", &[("a", &peers.version), ("b", &PEERS_VERSION)])));
        }
        Ok(peers)
    }

    /// The group of a sector.
    #[must_use]
    pub fn group(&self, sector: Sector) -> Option<&Group> {
        self.groups.iter().find(|g| g.sector == sector)
    }
}

impl Group {
    fn of(sector: Sector, members: &[&PeerFigures]) -> Option<Self> {
        let energy: f64 = members.iter().map(|m| m.kwh).sum();
        let largest = members.iter().map(|m| m.kwh).fold(0.0, f64::max);
        Some(Self {
            sector,
            n: members.len(),
            largest_share: if energy > 0.0 { largest / energy } else { return None },
            load_factor: quartiles(members.iter().map(|m| m.load_factor).collect())?,
            base_to_peak: quartiles(members.iter().filter_map(|m| m.base_to_peak).collect()),
        })
    }
}

fn quartiles(mut values: Vec<f64>) -> Option<[f64; 3]> {
    values.sort_by(f64::total_cmp);
    let mut out = [0.0; 3];
    for (q, share) in out.iter_mut().zip(QUARTILES) {
        *q = percentile(&mut values, share)?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fleet(n: usize, first_kwh: f64) -> Vec<PeerFigures> {
        let one = |i: usize| PeerFigures {
            sector: Sector::Commercial,
            kwh: if i == 0 { first_kwh } else { 100.0 },
            load_factor: 0.5 + i as f64 / 64.0,
            base_to_peak: None,
        };
        (0..n).map(one).collect()
    }

    fn groups(n: usize, first_kwh: f64) -> Vec<Group> {
        Peers::of(&fleet(n, first_kwh), ("a".into(), "b".into()), 8, 0.25).groups
    }

    #[test]
    fn groups_that_would_give_a_customer_away_are_left_out() {
        assert!(groups(7, 100.0).is_empty(), "seven customers");
        assert!(groups(8, 300.0).is_empty(), "one has 30 %");
        let found = groups(9, 100.0);
        assert_eq!(found.len(), 1);
        for (q, expected) in found[0].load_factor.iter().zip([0.53125, 0.5625, 0.59375]) {
            assert!((q - expected).abs() < 1e-12, "{q}");
        }
    }

    #[test]
    fn another_version_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("peers.json");
        let mut peers = Peers::of(&fleet(9, 100.0), ("a".into(), "b".into()), 8, 0.25);
        std::fs::write(&path, serde_json::to_string(&peers).unwrap()).unwrap();
        assert_eq!(Peers::load(&path).unwrap(), peers);
        peers.version = 2;
        std::fs::write(&path, serde_json::to_string(&peers).unwrap()).unwrap();
        assert!(Peers::load(&path).unwrap_err().to_string().contains("version 2"));
    }
}

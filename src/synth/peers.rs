//! How evenly customers use their connection beside others of their sector, in plain arithmetic: the file of
//! peers, and who lies in the lowest quarter of it.

use super::fleet::SynthCustomer;
use super::natural::quantile;
use crate::customer::Sector;
use crate::error::{Error, Result};
use crate::register::{Group, PEERS_VERSION, Peers};
use crate::time::Date;
use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::Path;

/// Least customers of a group, and the greatest share of its energy that one may have (practitioners' review).
const GROUP: (usize, f64) = (8, 0.25);

/// What a customer is compared by.
#[derive(Debug, Clone, Copy)]
pub struct Peer {
    pub archetype: &'static str,
    pub import_kwh: f64,
    pub max_kw: f64,
}

impl Peer {
    pub fn of(customer: &SynthCustomer) -> Self {
        let SynthCustomer { archetype, import_kwh, max_kw, .. } = customer;
        Self { archetype, import_kwh: *import_kwh, max_kw: *max_kw }
    }

    /// Hours of use of the maximum: among customers over one span in the order of their load factors.
    fn hours(self) -> f64 {
        self.import_kwh / self.max_kw.max(f64::MIN_POSITIVE)
    }

    fn sector(self) -> Sector {
        match self.archetype {
            "mall" | "office" | "school" => Sector::Commercial,
            "hospital" => Sector::Hospital,
            "data_centre" => Sector::DataCentre,
            "cold_store" => Sector::ColdStore,
            "continuous" => Sector::ContinuousProcess,
            _ => Sector::DiscreteManufacturing,
        }
    }
}

/// Quartiles of the hours of use of each sector that gives no customer away.
fn groups(peers: &[Peer]) -> BTreeMap<Sector, (usize, f64, [f64; 3])> {
    let mut members: BTreeMap<Sector, Vec<Peer>> = BTreeMap::new();
    for peer in peers {
        members.entry(peer.sector()).or_default().push(*peer);
    }
    let group = |m: Vec<Peer>| {
        let energy = m.iter().map(|p| p.import_kwh);
        let share = energy.clone().fold(0.0, f64::max) / energy.sum::<f64>();
        let mut hours: Vec<f64> = m.iter().map(|p| p.hours()).collect();
        hours.sort_by(f64::total_cmp);
        (m.len() >= GROUP.0 && share <= GROUP.1)
            .then(|| (m.len(), share, [0.25, 0.5, 0.75].map(|q| quantile(&hours, q))))
    };
    members.into_iter().filter_map(|(sector, m)| Some((sector, group(m)?))).collect()
}

/// Who lies in the lowest quarter of its sector.
pub fn lowest(peers: &[Peer]) -> Vec<bool> {
    let groups = groups(peers);
    peers.iter().map(|p| groups.get(&p.sector()).is_some_and(|(_, _, hours)| p.hours() < hours[0])).collect()
}

/// Writes the file of peers over a span of dates.
///
/// # Errors
/// When it cannot be written.
pub fn write(path: &Path, peers: &[Peer], dates: Range<Date>) -> Result<()> {
    let span = 24.0 * f64::from(dates.end.0 - dates.start.0);
    let group = |(sector, (n, largest_share, hours)): (Sector, (usize, f64, [f64; 3]))| Group {
        sector,
        n,
        largest_share,
        load_factor: hours.map(|h| h / span),
        base_to_peak: None,
    };
    let groups = groups(peers).into_iter().map(group).collect();
    let (from, to) = (dates.start.to_string(), dates.end.plus(-1).to_string());
    let text = serde_json::to_string_pretty(&Peers { version: PEERS_VERSION, from, to, groups });
    fs::write(path, text.map_err(|e| Error::io(path)(e.into()))?).map_err(Error::io(path))
}

//! From the free text of an industry to a sector, by keywords.

use crate::customer::Sector;
use crate::error::{Error, Result};
use crate::text::said;
use serde::Deserialize;
use std::path::Path;

/// The shipped keywords.
const SHIPPED: &str = include_str!("sectors.toml");

/// Keywords of sectors, own ones before shipped ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectorMap {
    layers: Vec<Vec<Keywords>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keywords {
    id: Sector,
    keywords: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    sector: Vec<Keywords>,
}

impl SectorMap {
    /// The shipped keywords, behind those of `own` when given.
    ///
    /// # Errors
    /// When the file cannot be read or is not of the form of the shipped one.
    pub fn load(own: Option<&Path>) -> Result<Self> {
        let mut layers = Vec::new();
        if let Some(path) = own {
            layers.push(parse(path, &super::read::text(path)?)?);
        }
        layers.push(parse(Path::new("sectors.toml"), SHIPPED)?);
        Ok(Self { layers })
    }

    /// The sector whose longest keyword occurs in an industry's text; among equals the sector that
    /// stands first. `None` when no keyword occurs.
    #[must_use]
    pub fn sector(&self, industry: &str) -> Option<Sector> {
        let text = industry.to_lowercase();
        self.layers.iter().find_map(|layer| {
            let mut best: Option<(usize, Sector)> = None;
            for sector in layer {
                let longest = sector.keywords.iter().filter(|k| occurs(&text, k)).map(|k| k.chars().count()).max();
                if let Some(n) = longest.filter(|n| best.is_none_or(|(m, _)| *n > m)) {
                    best = Some((n, sector.id));
                }
            }
            best.map(|b| b.1)
        })
    }
}

fn parse(path: &Path, text: &str) -> Result<Vec<Keywords>> {
    let file: File = toml::from_str(text).map_err(|e| Error::Columns {
        path: path.to_owned(),
        what: e.to_string(),
        cure: said("side.sectors_cure").into(),
    })?;
    let mut sectors = file.sector;
    for sector in &mut sectors {
        for keyword in &mut sector.keywords {
            *keyword = keyword.trim().to_lowercase();
        }
        sector.keywords.retain(|k| !k.is_empty());
    }
    Ok(sectors)
}

/// Whether a keyword occurs: Latin words begin where a word begins and end where it ends, a plural s
/// aside; other scripts have no borders of words.
fn occurs(text: &str, keyword: &str) -> bool {
    let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.match_indices(keyword).any(|(at, found)| {
        let end = text.get(at + found.len()..).unwrap_or_default();
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let starts = !latin(keyword.chars().next()) || !latin(before);
        let rest = end.strip_prefix('s').filter(|r| !latin(r.chars().next())).unwrap_or(end);
        starts && (!latin(keyword.chars().next_back()) || !latin(rest.chars().next()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn industries_map_by_their_longest_keyword() -> Result<()> {
        let map = SectorMap::load(None)?;
        for (industry, sector) in [
            ("综合医院", Some(Sector::Hospital)),
            ("互联网数据中心（IDC）", Some(Sector::DataCentre)),
            ("水泥制造", Some(Sector::ContinuousProcess)),
            ("水泥制品", Some(Sector::DiscreteManufacturing)),
            ("平板玻璃", Some(Sector::ContinuousProcess)),
            ("化工机械制造", Some(Sector::DiscreteManufacturing)),
            ("水果冷库", Some(Sector::ColdStore)),
            ("Education", Some(Sector::Commercial)),
            ("school (anonymised, sample)", Some(Sector::Commercial)),
            ("steel (coils, plates)", Some(Sector::DiscreteManufacturing)),
            ("integrated steel works, blast furnace", Some(Sector::ContinuousProcess)),
            ("small parts, plastics injection moulding", Some(Sector::DiscreteManufacturing)),
            ("自来水生产和供应", Some(Sector::PublicService)),
            ("", None),
            ("whatever", None),
        ] {
            assert_eq!(map.sector(industry), sector, "{industry}");
        }
        Ok(())
    }

    #[test]
    fn latin_keywords_are_words() {
        assert!(occurs("shopping malls", "mall") && !occurs("small parts", "mall") && !occurs("malleable", "mall"));
        assert!(occurs("深圳idc机房", "idc"));
    }

    #[test]
    fn own_keywords_go_first() -> Result<()> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("own.toml");
        std::fs::write(&path, "[[sector]]\nid = \"cold_store\"\nkeywords = [\"医院\"]\n").unwrap();
        let map = SectorMap::load(Some(&path))?;
        assert_eq!(map.sector("综合医院"), Some(Sector::ColdStore));
        assert_eq!(map.sector("商场"), Some(Sector::Commercial));
        std::fs::write(&path, "[[sector]]\nid = \"hospitals\"\nkeywords = []\n").unwrap();
        assert!(SectorMap::load(Some(&path)).unwrap_err().to_string().contains("own.toml"));
        Ok(())
    }
}

//! Meteorological seasons, independent of any tariff's.

use crate::error::{Error, Result};
use crate::text::{said, say};
use serde::Serialize;

/// A season of the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Season {
    /// March to May by default.
    Spring,
    /// June to August by default.
    Summer,
    /// September to November by default.
    Autumn,
    /// December to February by default.
    Winter,
}

impl Season {
    /// All four, in the order of tables.
    pub const ALL: [Self; 4] = [Self::Spring, Self::Summer, Self::Autumn, Self::Winter];

    /// The name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spring => "spring",
            Self::Summer => "summer",
            Self::Autumn => "autumn",
            Self::Winter => "winter",
        }
    }
}

/// Which season each month belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Seasons([Season; 12]);

impl Default for Seasons {
    fn default() -> Self {
        use Season::{Autumn, Spring, Summer, Winter};
        Self([Winter, Winter, Spring, Spring, Spring, Summer, Summer, Summer, Autumn, Autumn, Autumn, Winter])
    }
}

impl Seasons {
    /// The season of a month 1–12.
    #[must_use]
    pub const fn of_month(&self, month: u8) -> Season {
        self.0[(month as usize + 11) % 12]
    }

    /// Parses `spring=9-11,summer=12-2,autumn=3-5,winter=6-8`; every month exactly once.
    ///
    /// # Errors
    /// When a name or month is wrong, or a month is missing or double.
    pub fn parse(text: &str) -> Result<Self> {
        let cure = said("side.seasons_cure");
        let wrong = |what: String| Error::option(format!("--seasons {text:?}: {what}"), cure);
        let mut months = [None; 12];
        for part in text.split(',') {
            let (name, span) = part
                .split_once('=')
                .ok_or_else(|| wrong(say("side.no_season_equals", &[("text", &format_args!("{part:?}"))])))?;
            let season = Season::ALL
                .into_iter()
                .find(|s| s.name() == name.trim())
                .ok_or_else(|| wrong(say("side.no_season", &[("text", &format_args!("{name:?}"))])))?;
            let (from, to) = span.split_once('-').unwrap_or((span, span));
            let month = |t: &str| t.trim().parse::<usize>().ok().filter(|m| (1..=12).contains(m));
            let (Some(mut m), Some(to)) = (month(from), month(to)) else {
                return Err(wrong(say("side.no_span", &[("text", &format_args!("{span:?}"))])));
            };
            loop {
                if months[m - 1].replace(season).is_some() {
                    return Err(wrong(say("side.month_again", &[("month", &m)])));
                }
                if m == to {
                    break;
                }
                m = m % 12 + 1;
            }
        }
        let mut out = Self::default();
        for (i, season) in months.into_iter().enumerate() {
            out.0[i] = season.ok_or_else(|| wrong(say("side.month_missing", &[("month", &(i + 1))])))?;
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn southern_seasons_cross_the_year_end() {
        let s = Seasons::parse("spring=9-11,summer=12-2,autumn=3-5,winter=6-8");
        assert_eq!(s.map(|s| (s.of_month(1), s.of_month(7))).ok(), Some((Season::Summer, Season::Winter)));
        assert!(Seasons::parse("spring=1-12").is_ok());
        assert!(Seasons::parse("spring=1-11").is_err());
        assert!(Seasons::parse("spring=1-12,summer=3").is_err());
    }
}

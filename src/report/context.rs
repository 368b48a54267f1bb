//! What a page needs to know besides the analysis: language, tariff, run.

use super::{Brand, Language};
use crate::curve::{DayLabels, Days};
use crate::rule::{Audience, Thresholds};
use crate::tariff::Period;
use crate::time::{Date, DayKind, Month, Season};
use crate::units::Kw;
use std::sync::Arc;

/// A stretch of the wall clock in which one band of the tariff holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BandSpan {
    /// First minute of the day, 0–1440.
    pub from_minute: u32,
    /// The minute after the last.
    pub to_minute: u32,
    /// What the band maps to.
    pub period: Period,
    /// The tariff's own name.
    pub name: Arc<str>,
}

/// The bands of a typical day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayBands {
    /// Kind of day.
    pub day_kind: DayKind,
    /// Season of the year.
    pub season: Season,
    /// In time order.
    pub spans: Vec<BandSpan>,
    /// Whether other days of the same kind and season have other bands.
    pub varies: bool,
}

/// The bands that most days of each kind and season have; `spans` tells those of one date.
/// Ties go to the pattern that comes first.
pub fn typical_bands(days: &Days, labels: &DayLabels, mut spans: impl FnMut(Date) -> Vec<BandSpan>) -> Vec<DayBands> {
    let mut out = Vec::new();
    let patterns: Vec<Vec<BandSpan>> = (0..days.len()).map(|d| spans(days.date(d))).collect();
    for day_kind in DayKind::ALL {
        for season in Season::ALL {
            let mut seen: Vec<(&Vec<BandSpan>, usize)> = Vec::new();
            for ((kind, s), pattern) in labels.kinds.iter().zip(&labels.seasons).zip(&patterns) {
                if (*kind, *s) != (day_kind, season) {
                    continue;
                }
                match seen.iter_mut().find(|(p, _)| *p == pattern) {
                    Some((_, n)) => *n += 1,
                    None => seen.push((pattern, 1)),
                }
            }
            let most = seen.iter().map(|(_, n)| *n).max();
            if let Some((pattern, _)) = seen.iter().find(|(_, n)| Some(*n) == most) {
                out.push(DayBands { day_kind, season, spans: (*pattern).clone(), varies: seen.len() > 1 });
            }
        }
    }
    out
}

/// What a page says of the tariff.
#[derive(Debug, Clone, PartialEq)]
pub struct TariffFacts {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it was published.
    pub source: String,
    /// Version or date of issue.
    pub version: String,
    /// First day of validity.
    pub effective_from: Option<Date>,
    /// Last day of validity.
    pub effective_to: Option<Date>,
    /// Checked against the official publication.
    pub verified: bool,
    /// Bands of typical days.
    pub bands: Vec<DayBands>,
    /// Bands of the days of each part of the work schedule, in its order.
    pub schedule_bands: Vec<Vec<BandSpan>>,
}

impl TariffFacts {
    /// Whether the dates `from..=to` lie within its validity; open ends hold for ever.
    #[must_use]
    pub fn covers(&self, from: Date, to: Date) -> bool {
        self.effective_from.is_none_or(|f| f <= from) && self.effective_to.is_none_or(|t| to <= t)
    }

    /// The bands of a kind of day in a season; empty when that has none.
    #[must_use]
    pub fn bands_of(&self, day_kind: DayKind, season: Season) -> &[BandSpan] {
        self.bands.iter().find(|b| b.day_kind == day_kind && b.season == season).map_or(&[], |b| b.spans.as_slice())
    }
}

/// What the demand register showed of a billing cycle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RegisterDemand {
    /// The cycle.
    pub month: Month,
    /// Maximum demand, multiplied.
    pub demand: Kw,
}

/// Quartiles of a group of similar customers that is large enough to give none of them away.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PeerQuartiles {
    /// Of the load factor: lower, median, upper.
    pub load_factor: [f64; 3],
    /// Of the base-to-peak ratio.
    pub base_to_peak: Option<[f64; 3]>,
}

impl PeerQuartiles {
    /// The quarter in which the value of an indicator lies, 1 the lowest to 4 the highest; `None` for an
    /// indicator that is not compared.
    #[must_use]
    pub fn quarter(&self, code: &str, value: f64) -> Option<u32> {
        let quartiles = match code {
            "load_factor" => self.load_factor,
            "base_to_peak" => self.base_to_peak?,
            _ => return None,
        };
        Some(1 + quartiles.iter().filter(|q| value >= **q).count() as u32)
    }
}

/// What a customer's page needs besides the analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct PageContext {
    /// Language of every sentence and number.
    pub language: Language,
    /// The day of the run.
    pub run_date: Date,
    /// The tariff that priced the bill; `None` when there is none.
    pub tariff: Option<TariffFacts>,
    /// Program and version.
    pub generated_by: String,
    /// How the files were read (unit, zone, stamps), one sentence each.
    pub data_notes: Vec<String>,
    /// Maximum demands that the meter itself has recorded; empty unless a single meter makes the
    /// customer, because maxima of several do not add.
    pub registers: Vec<RegisterDemand>,
    /// Constants of the rules, which the method names.
    pub thresholds: Arc<Thresholds>,
    /// Similar customers of an earlier run, where there are enough of them.
    pub peers: Option<PeerQuartiles>,
    /// Who sends the report.
    pub brand: Arc<Brand>,
    /// Who may read it.
    pub audience: Audience,
}

impl PageContext {
    /// Whether what is for an audience may stand in this report.
    #[must_use]
    pub fn may_show(&self, audience: Audience) -> bool {
        audience == Audience::Customer || self.audience == Audience::Internal
    }

    /// A context for the customer, without tariff, notes or brand.
    #[must_use]
    pub fn new(language: Language, run_date: Date) -> Self {
        let generated_by = concat!("peakwise ", env!("CARGO_PKG_VERSION")).to_owned();
        Self {
            language,
            run_date,
            tariff: None,
            generated_by,
            data_notes: Vec::new(),
            registers: Vec::new(),
            thresholds: Arc::default(),
            peers: None,
            brand: Arc::default(),
            audience: Audience::Customer,
        }
    }
}

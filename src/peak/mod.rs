//! Peaks: billing peaks with their margin, episodes, top intervals.

use crate::time::{DayKind, Month};
use crate::units::{Kw, Kwh, Ratio};
use serde::Serialize;
use std::ops::Range;

/// Which list a peak stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PeakKind {
    /// The maximum of a billing cycle.
    Billing,
    /// A run of intervals at or above 0.9 × its cycle's maximum.
    Episode,
    /// One of the ten highest intervals.
    Top,
}

/// Shape of a peak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// Short and prominent.
    Needle,
    /// Long and frequent.
    Plateau,
    /// Neither.
    Other,
}

/// One peak of a load.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Peak {
    /// Which list it stands in.
    pub kind: PeakKind,
    /// Its billing cycle.
    pub month: Option<Month>,
    /// 1 = first of its list (and cycle).
    pub rank: u32,
    /// Interval indices, end exclusive.
    pub span: Range<usize>,
    /// The highest interval mean.
    pub max_kw: Kw,
    /// Lead of a billing peak over the highest interval at least 2 h away.
    pub margin_kw: Option<Kw>,
    /// Energy above 0.9 × its cycle's maximum.
    pub kwh_above: Option<Kwh>,
    /// Needle, plateau or other.
    pub shape: Option<Shape>,
    /// Kind of day it starts on.
    pub day_kind: DayKind,
    /// Share of same-weekday days with an episode in that slot.
    pub recurrence: Option<Ratio>,
}

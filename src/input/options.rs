//! What cannot be known from a readings file, with the default that is used and printed.

use crate::curve::PowerKind;
use crate::error::{Error, Result};
use crate::text::{said, say};
use crate::time::{Date, DstLabels, Interval};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Whether a stamp labels the start or the end of its interval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stamp {
    /// The label is the interval's first instant.
    #[default]
    Start,
    /// The label is the instant after its last.
    End,
}

/// Which date carries the last interval of a day when stamps are ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Midnight {
    /// 00:00 of the next date, as clocks have it.
    #[default]
    Next,
    /// 00:00 of the same date, meaning 24:00.
    Same,
}

/// The label of the first point of a wide row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub enum FirstPoint {
    /// P1 is labelled 00:00.
    #[default]
    #[serde(rename = "00:00")]
    Midnight,
    /// P1 is labelled one interval after midnight, 00:15 for 96 points.
    #[serde(rename = "00:15")]
    AfterOne,
}

/// Prefix of the unit of power and energy columns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// W, Wh, var, varh.
    Unit,
    /// kW, kWh, kvar, kvarh.
    #[default]
    Kilo,
    /// MW, MWh, Mvar, Mvarh.
    Mega,
}

impl Scale {
    /// Factor to kilo.
    #[must_use]
    pub const fn to_kilo(self) -> f64 {
        match self {
            Self::Unit => 1e-3,
            Self::Kilo => 1.0,
            Self::Mega => 1e3,
        }
    }
}

/// Memory that a run stays within unless another bound is given: 1 GiB.
pub const DEFAULT_MEMORY: usize = 1 << 30;
/// What a run needs beside the rows that wait: row groups being decoded, customers being analysed, row
/// groups being written (judgement, measured on row groups of a million rows).
const BESIDE: usize = 256 << 20;

/// Every option of reading. [`Default`] is what a run uses when nothing is said.
#[derive(Debug, Clone, Serialize)]
pub struct InputOptions {
    /// Zone of naive stamps where the register has none.
    pub tz: String,
    /// Meaning of a long row's stamp and of a wide row's point labels.
    pub stamp: Stamp,
    /// Date of the last interval under [`Stamp::End`].
    pub midnight: Midnight,
    /// Label of P1; `00:15` implies [`Stamp::End`] unless a stamp is named.
    pub first_point: FirstPoint,
    /// How clock changes are labelled.
    pub dst_labels: DstLabels,
    /// Unit prefix.
    pub scale: Scale,
    /// Mean or sample.
    pub power_kind: PowerKind,
    /// Whether values include the meter's CT × PT multiplier.
    pub values_multiplied: bool,
    /// Interval length; `None` finds it per meter.
    pub interval: Option<Interval>,
    /// Columns named outright: role → column name.
    pub columns: BTreeMap<String, String>,
    /// First date to read.
    pub from: Option<Date>,
    /// Date after the last to read.
    pub to: Option<Date>,
    /// Whether a meters file is given: then `meter_id` is preferred as id.
    pub meters_given: bool,
    /// Whether reactive columns are needed.
    pub reactive: bool,
    /// Bytes of memory that a run should stay within. Results do not depend on it.
    #[serde(skip)]
    pub memory: usize,
    /// Where rows are kept that memory has no room for; the system's temporary directory when not
    /// given.
    #[serde(skip)]
    pub scratch: Option<PathBuf>,
}

impl Default for InputOptions {
    fn default() -> Self {
        Self {
            tz: "Asia/Shanghai".into(),
            stamp: Stamp::default(),
            midnight: Midnight::default(),
            first_point: FirstPoint::default(),
            dst_labels: DstLabels::default(),
            scale: Scale::default(),
            power_kind: PowerKind::default(),
            values_multiplied: true,
            interval: None,
            columns: BTreeMap::new(),
            from: None,
            to: None,
            meters_given: false,
            reactive: true,
            memory: DEFAULT_MEMORY,
            scratch: None,
        }
    }
}

impl InputOptions {
    /// Bytes of rows that may wait in memory for the rest of their customers.
    #[must_use]
    pub const fn waiting_bytes(&self) -> usize {
        let quarter = self.memory / 4;
        let rest = self.memory.saturating_sub(BESIDE);
        if rest > quarter { rest } else { quarter }
    }

    /// How readings are understood, a sentence each, for pages and the end of a run.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let stamp = match self.stamp {
            Stamp::Start => said("part.start"),
            Stamp::End => said("part.end"),
        };
        let mut notes = vec![say(
            "run.stamps",
            &[
                ("tz", &self.tz),
                ("stamp", &stamp),
                (
                    "point",
                    &match self.first_point {
                        FirstPoint::Midnight => "00:00",
                        FirstPoint::AfterOne => said("part.after_one"),
                    },
                ),
                (
                    "unit",
                    &match self.scale {
                        Scale::Unit => "W, Wh, var",
                        Scale::Kilo => "kW, kWh, kvar",
                        Scale::Mega => "MW, MWh, Mvar",
                    },
                ),
                (
                    "power",
                    &match self.power_kind {
                        PowerKind::Mean => said("part.mean"),
                        PowerKind::Instant => said("part.sample"),
                    },
                ),
                ("values", &if self.values_multiplied { said("part.multiplied") } else { said("part.raw") }),
            ],
        )];
        if self.midnight == Midnight::Same {
            notes.push(said("run.midnight_same").into());
        }
        if self.dst_labels == DstLabels::None {
            notes.push(said("run.no_changes").into());
        }
        notes
    }

    /// Checks what can be checked before a file is opened.
    ///
    /// # Errors
    /// When two options contradict each other.
    pub fn validate(&self) -> Result<()> {
        if self.midnight == Midnight::Same && self.stamp != Stamp::End {
            return Err(Error::option(said("run.midnight_starts"), said("run.midnight_cure")));
        }
        if jiff::tz::TimeZone::get(&self.tz).is_err() {
            return Err(Error::option(say("run.no_zone", &[("name", &self.tz)]), said("customer.zone_cure")));
        }
        if let (Some(from), Some(to)) = (self.from, self.to)
            && from >= to
        {
            return Err(Error::option(say("run.from_to", &[("from", &from), ("to", &to)]), said("run.from_to_cure")));
        }
        Ok(())
    }
}

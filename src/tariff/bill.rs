//! The bill and its lines.

use super::Period;
use crate::time::{Date, Month};
use crate::units::Money;
use serde::Serialize;
use std::ops::Range;
use std::sync::Arc;

/// What a line charges for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Energy of one band.
    Energy,
    /// Maximum demand in kW.
    Demand,
    /// Transformer capacity in kVA.
    Capacity,
    /// Power-factor adjustment (力调电费).
    PowerFactor,
    /// Funds and surcharges per kWh.
    Fund,
    /// A fixed charge.
    Fixed,
    /// The load at the system's peaks.
    Coincident,
    /// Reactive energy beyond what is free.
    Reactive,
    /// Credit for export.
    Export,
    /// What raises a bill to its minimum.
    Minimum,
    /// A tax on other lines.
    Tax,
}

impl LineKind {
    /// All kinds.
    pub const ALL: [Self; 11] = [
        Self::Energy,
        Self::Demand,
        Self::Capacity,
        Self::PowerFactor,
        Self::Fund,
        Self::Fixed,
        Self::Coincident,
        Self::Reactive,
        Self::Export,
        Self::Minimum,
        Self::Tax,
    ];

    /// The name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Energy => "energy",
            Self::Demand => "demand",
            Self::Capacity => "capacity",
            Self::PowerFactor => "power_factor",
            Self::Fund => "fund",
            Self::Fixed => "fixed",
            Self::Coincident => "coincident",
            Self::Reactive => "reactive",
            Self::Export => "export",
            Self::Minimum => "minimum",
            Self::Tax => "tax",
        }
    }
}

/// One line of a bill.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// The supply point billed; `None` for the customer as a whole.
    pub supply_point: Option<Arc<str>>,
    /// What it charges for.
    pub kind: LineKind,
    /// The tariff's own name for the band or charge.
    pub name: Arc<str>,
    /// The period of an energy line.
    pub period: Option<Period>,
    /// How much.
    pub quantity: f64,
    /// Of what: kWh, kW, kVA, 1 for a count, `base` for an amount that a rate is applied to.
    pub unit: &'static str,
    /// Per unit, in the bill's currency.
    pub price: f64,
    /// Rounded half away from zero.
    pub amount: Money,
    /// Unrounded.
    pub amount_exact: f64,
    /// Estimated energy, the share of a month, what was compared.
    pub note: String,
    /// Clause, file and line that it comes from.
    pub origin: Arc<str>,
}

/// Whether a cycle could be billed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BillState {
    /// It has lines.
    Billed,
    /// Cut by the ends of the data; no lines.
    Partial,
    /// Incomplete after estimation, or the tariff lacks something; no lines, and why.
    Unbillable(String),
}

/// The bill of one billing cycle.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CycleBill {
    /// The cycle's label.
    pub month: Month,
    /// First date and the date after the last.
    pub dates: Range<Date>,
    /// Billed or why not.
    pub state: BillState,
    /// In the tariff's order; empty unless billed.
    pub lines: Vec<Line>,
    /// What [`Bill::notes`] says of this cycle.
    #[serde(skip)]
    pub notes: Vec<String>,
}

impl CycleBill {
    /// Sum of the rounded lines.
    #[must_use]
    pub fn total(&self) -> Money {
        self.lines.iter().map(|l| l.amount).sum()
    }

    /// What the notes of all lines say, such as the date of the prices; empty where they differ.
    #[must_use]
    pub fn common_note(&self) -> &str {
        let Some((first, rest)) = self.lines.split_first() else { return "" };
        let tail = first.note.rsplit_once("; ").map_or(first.note.as_str(), |(_, tail)| tail);
        let has = |l: &Line| l.note == tail || l.note.strip_suffix(tail).is_some_and(|own| own.ends_with("; "));
        if rest.iter().all(has) { tail } else { "" }
    }
}

impl Line {
    /// Its note without what the notes of all lines of its cycle say.
    #[must_use]
    pub fn own_note(&self, common: &str) -> &str {
        self.note.strip_suffix(common).map_or(&self.note, |own| own.strip_suffix("; ").unwrap_or(own))
    }
}

/// A customer's bill over all cycles of its load.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bill {
    /// ISO code of the tariff's currency.
    pub currency: Arc<str>,
    /// Tariff id.
    pub tariff: Arc<str>,
    /// One per cycle, in time order.
    pub cycles: Vec<CycleBill>,
    /// What a reader must know of the whole bill: lines left out and why, and assumptions that were
    /// not made. Each once, in order of appearance.
    pub notes: Vec<String>,
}

impl CycleBill {
    /// Whether it has been billed.
    #[must_use]
    pub fn is_billed(&self) -> bool {
        self.state == BillState::Billed
    }

    /// Sum of the unrounded lines, for comparison with references.
    #[must_use]
    pub fn total_exact(&self) -> f64 {
        self.lines.iter().map(|l| l.amount_exact).sum()
    }
}

impl Bill {
    /// Sum of all billed cycles.
    #[must_use]
    pub fn observed(&self) -> Money {
        self.cycles.iter().map(CycleBill::total).sum()
    }
}

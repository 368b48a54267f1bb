//! The raw arrays of a load and what is known of each interval.

use std::ops::Range;

/// What is known of one interval. A set of bits; see the constants.
pub type Flags = u8;

/// A usable reading stands here.
pub const VALID: Flags = 1;
/// A row was there but its value cannot be used: NaN, ±∞, unresolved conflict, over a physical limit.
pub const INVALID: Flags = 2;
/// Reactive power was read here.
pub const REACTIVE: Flags = 4;
/// Copies of the row disagree (then also [`INVALID`]).
pub const CONFLICT: Flags = 8;
/// An estimate stands in [`Load::estimates`].
pub const ESTIMATED: Flags = 16;

/// Whether 96-point power is a mean over the interval or a sample at its label.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PowerKind {
    /// An interval mean: kWh follows from kW.
    #[default]
    Mean,
    /// An instantaneous sample: kWh is an estimate and demand indicative.
    Instant,
}

/// Filled intervals, beside the readings and never in them: index into the load, kW and kvar.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Estimates {
    /// Interval index, ascending.
    pub index: Vec<u32>,
    /// Estimated mean kW.
    pub kw: Vec<f64>,
    /// Estimated reactive magnitude in kvar (lag and lead added); empty without reactive data.
    pub kvar: Vec<f64>,
}

/// The raw arrays of a load, one value per interval of `Days`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Channels {
    /// Net active power in kW; negative is back-feed; 0 where not valid.
    pub kw: Vec<f64>,
    /// Separately metered export in kW (≥ 0), when the source has that channel; `kw` is then
    /// import less export.
    pub export_kw: Option<Vec<f64>>,
    /// Lagging reactive power in kvar, or the signed reactive power when the source has one column.
    pub kvar: Option<Vec<f64>>,
    /// Leading reactive power in kvar (≥ 0), when the source keeps it apart.
    pub kvar_lead: Option<Vec<f64>>,
    /// [`Flags`] of each interval.
    pub flags: Vec<Flags>,
}

impl Channels {
    /// What comes with an active reading counts only where that is valid: export and reactive
    /// power become 0 elsewhere, so that sums need no mask and energies compare like with like.
    pub(super) fn clear_where_invalid(&mut self, ranges: &[Range<usize>]) {
        for i in ranges.iter().cloned().flatten() {
            if self.flags[i] & VALID != 0 {
                continue;
            }
            self.flags[i] &= !REACTIVE;
            for extra in [&mut self.export_kw, &mut self.kvar, &mut self.kvar_lead].into_iter().flatten() {
                extra[i] = 0.0;
            }
        }
    }

    /// A reactive column without a reading that counts is none: files of many customers have such a
    /// column for those whose meters read active power alone.
    pub(super) fn drop_unread_reactive(&mut self) {
        if self.flags.iter().all(|f| f & REACTIVE == 0) {
            (self.kvar, self.kvar_lead) = (None, None);
        }
    }
}

//! Moves energy within the day from dear to cheap slots, inside the envelope of the customer's own
//! history: daily energy conserved, all days of a billing cycle solved together because the demand
//! charge couples them.
//!
//! Bounds per interval t: what leaves is at most `φ_t · L_t` and never goes below the slot's usual
//! floor; what is added lifts the slot at most to the level that it has run at. Where demand is
//! billed nothing rises above each supply point's present maximum, and the common cap is searched.

mod cells;
mod fill;

use super::{Change, Envelope, State};
use crate::curve::DayLabels;
use crate::tariff::BillState;
use std::sync::Arc;

/// In what portions energy moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Granularity {
    /// Length of a block in minutes; shorter runs of a price are left alone. 0 moves intervals singly.
    pub block_minutes: u32,
    /// Power of a block is a multiple of this; 0 for any.
    pub step_kw: f64,
}

/// The scheduler without an equipment list: a technical potential.
#[derive(Debug, Clone)]
pub struct Shift {
    /// What the customer has shown.
    pub envelope: Arc<Envelope>,
    /// Kind of day and season of each day of the load.
    pub labels: Arc<DayLabels>,
    /// In what portions energy moves.
    pub granularity: Granularity,
    /// No slot is filled above this, in kW: what the transformers carry.
    pub limit_kw: Option<f64>,
    /// Energy moves only when the prices differ by more than twice this share of the mean price.
    pub trouble_share: f64,
}

impl Change for Shift {
    fn apply(&self, state: &State) -> State {
        let (Some(tariff), Some(bill), Some(usages)) = (state.tariff(), state.bill(), state.usages()) else {
            return state.clone();
        };
        let mut kw = state.load().kw().to_vec();
        let mut moved = false;
        for (c, cycle) in state.cycles().iter().enumerate() {
            let Some(billed) = bill.cycles.get(c).filter(|b| b.state == BillState::Billed) else { continue };
            let demands: Vec<f64> = usages
                .iter()
                .map(|(_, u)| u.cycles.get(c).and_then(|u| u.demand).map_or(0.0, |d| d.kw.get()))
                .collect();
            let month = cells::month(self, state, tariff, &cells::Scope { cycle, billed, demands: &demands });
            for (cell, delta) in month.cells.iter().zip(month.solve()) {
                if delta != 0.0 {
                    moved = true;
                    let run = kw.get_mut(cell.start..cell.start + cell.len).unwrap_or_default();
                    run.iter_mut().for_each(|v| *v += delta);
                }
            }
        }
        if moved { state.with_kw(kw) } else { state.clone() }
    }

    fn describe(&self) -> String {
        let g = self.granularity;
        format!(
            "move energy within the day to cheaper hours in blocks of {} min and multiples of {:.0} kW, inside what the load has shown",
            g.block_minutes, g.step_kw
        )
    }
}

#[cfg(test)]
mod tests;

//! What-ifs: ways to change a customer. A change makes another [`State`]; the saving is always
//! `bill(before) − bill(after)` through the one billing code. Nothing here multiplies a price with
//! a quantity to claim a saving.
//!
//! | change | what it alters |
//! |---|---|
//! | [`Reduce`] | takes constant base load out of given intervals, down to a reference |
//! | [`Shift`] | moves energy within the day, inside the envelope of the customer's own history |
//! | [`Operate`] | runs machines of a list at other hours |
//! | [`Shave`] | caps the maxima of given cycles; the energy follows as soon as there is room |
//! | [`Compensate`] | reactive compensation in steps, interval by interval, never leading |
//! | [`Recontract`] | billing mode and contract demand |
//! | [`Trim`] | takes energy out of days, hour by hour as a course says |
//! | [`Store`] | a battery behind the meter |
//! | [`Solar`] | a PV plant behind the meter |
//! | [`Size`] | a contracted demand for each month, sized by the errors of forecasts |
//! | [`Suspend`] | transformers out of service by units and days |
//! | [`ChangeTariff`] | another tariff |
//! | [`Stretch`] | raises or cuts every maximum by a share: the stress under which a choice must hold |

mod compensate;
mod envelope;
mod metering;
mod operate;
mod outlay;
mod product;
mod recontract;
mod reduce;
mod shave;
mod shift;
mod size;
mod solar;
mod spread;
mod state;
mod store;
mod stretch;
mod suspend;
mod trim;

pub use compensate::{Compensate, Ladder};
pub use envelope::{Bounds, Envelope, EnvelopeLimits};
pub use metering::Metering;
pub use operate::{
    DayPlan, Lapsed, Move, Operate, OperateTerms, Signs, WorkSchedule, clock, clocks, joined, months, work_backtest,
    work_schedule,
};
pub use product::ChangeTariff;
pub use recontract::Recontract;
pub use reduce::Reduce;
pub use shave::{Cap, Shave};
pub use shift::{Backtest, Granularity, Proof, Shift, ShiftTerms, Shifted, backtest};
pub use size::{Ahead, Forecast, Size, Sized, SizedMonth};
pub use solar::Solar;
pub use state::State;
pub use store::Store;
pub use stretch::Stretch;
pub use suspend::Suspend;
pub use trim::{Trim, Trimmed};

use crate::time::Date;
use std::fmt::Debug;
use std::ops::Range;

/// One way to change a customer.
pub trait Change: Debug + Send + Sync {
    /// The customer after the change. What cannot be applied leaves the state as it is.
    fn apply(&self, state: &State) -> State;
    /// What is changed, in one line with units.
    fn describe(&self) -> String;
    /// The work schedule that the change follows, where it is one.
    fn schedule(&self) -> Option<&std::sync::Arc<WorkSchedule>> {
        None
    }
    /// The dates on which it is in force, where it is so on some alone.
    fn periods(&self) -> &[Range<Date>] {
        &[]
    }
}

#[cfg(test)]
pub(crate) mod fixture;

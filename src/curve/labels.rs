//! What kind of day and which season each day of a load is.

use super::Days;
use crate::time::{Calendar, Date, DayKind, Season, Seasons};
use std::ops::Range;

/// Day kind and season of each day of a load, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DayLabels {
    /// One per day.
    pub kinds: Vec<DayKind>,
    /// One per day.
    pub seasons: Vec<Season>,
}

impl DayLabels {
    /// Labels the days of an axis; dates in `own_rest` (the customer's own rest days) are rest days
    /// whatever the calendar says.
    #[must_use]
    pub fn new(days: &Days, calendar: &Calendar, seasons: &Seasons, own_rest: &[Range<Date>]) -> Self {
        let mut out = Self::default();
        for d in 0..days.len() {
            let date = days.date(d);
            let own = own_rest.iter().any(|r| r.contains(&date));
            out.kinds.push(if own { DayKind::Restday } else { calendar.kind(date) });
            out.seasons.push(seasons.of_month(date.ymd().1));
        }
        out
    }
}

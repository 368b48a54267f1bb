//! Takes energy out of days, hour by hour as a course says.

use super::{Change, State};
use crate::text::say;
use crate::units::Kw;
use std::sync::Arc;

/// Lowers the mean of single days. Each interval gives as the course of its day says, never more than runs, and
/// keeps its power factor.
#[derive(Debug, Clone, PartialEq)]
pub struct Trim {
    /// Days of the load, ascending.
    pub days: Arc<[Trimmed]>,
    /// By wall-clock slot what an interval gives over the mean of its day: 1 where all give alike.
    pub courses: Arc<[Vec<f64>]>,
    /// What is done, in words.
    pub what: &'static str,
}

/// What is taken out of a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trimmed {
    /// Day of the load.
    pub day: usize,
    /// What its mean falls by.
    pub mean: Kw,
    /// Which of the courses it follows.
    pub course: usize,
}

impl Change for Trim {
    fn apply(&self, state: &State) -> State {
        let load = state.load();
        let mut kw = load.kw().to_vec();
        for Trimmed { day, mean, course } in self.days.iter() {
            let Some(course) = self.courses.get(*course) else { continue };
            let run = kw.get_mut(load.days().range(*day)).unwrap_or_default();
            for (k, v) in run.iter_mut().enumerate() {
                let share = course.get(load.days().slot(*day, k)).copied().unwrap_or(0.0);
                *v -= (share * mean.get()).clamp(0.0, v.max(0.0));
            }
        }
        state.with_less(kw)
    }

    fn describe(&self) -> String {
        let most = self.days.iter().map(|d| d.mean).fold(Kw::ZERO, Kw::max);
        say("change.trim", &[("what", &self.what), ("kw", &format_args!("{:.0}", most.get())), ("n", &self.days.len())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::whatif::fixture::year;

    #[test]
    fn the_days_mean_falls_in_the_hours_of_its_course() {
        let before = year(|_, s| if s < 48 { 100.0 } else { 300.0 }).state();
        let course: Vec<f64> = (0..96).map(|s| if s < 48 { 0.0 } else { 2.0 }).collect();
        let trimmed = |mean| Trim {
            days: [Trimmed { day: 3, mean: Kw::new(mean), course: 0 }].into(),
            courses: [course.clone()].into(),
            what: "cooling",
        };
        let after = trimmed(20.0).apply(&before);
        let day = |s: &State| s.load().day_kw(3).to_vec();
        assert_eq!((day(&after)[0], day(&after)[60]), (100.0, 260.0), "40 kW in half of the day are 20 kW of its mean");
        assert_eq!(before.load().day_kw(4), after.load().day_kw(4));
        let all = trimmed(500.0).apply(&before);
        assert_eq!((day(&all)[0], day(&all)[60]), (100.0, 0.0), "never more than runs");
    }
}

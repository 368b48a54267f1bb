//! What a plant's own stops show that it can do without, each season by itself.

use super::{Facts, Model};
use crate::text::said;
use crate::time::Season;

/// Days on which a plant stood, though it ran before and after. What lies low for months on end between months that
/// lie high is a season: heating shows nothing that could be switched off in the cold.
pub(super) struct Stops {
    /// Means in kW of each season's stops, lowest first, in the order of [`Season::ALL`].
    lows: [Vec<f64>; 4],
    /// Seasons of which there are readings.
    seasons: usize,
}

impl Stops {
    /// Of days with their means in kW those between two of the `high` ones.
    pub fn among(facts: &Facts<'_>, low: &[(usize, f64)], high: &[usize]) -> Self {
        let apart = facts.thresholds.stop_around_days;
        let near = |day: usize, of: std::ops::RangeInclusive<usize>| high.iter().any(|h| of.contains(h) && *h != day);
        let stop = |d: &&(usize, f64)| {
            near(d.0, d.0.saturating_sub(apart)..=d.0) && near(d.0, d.0..=d.0.saturating_add(apart))
        };
        let season = |day: usize| facts.labels.seasons.get(day);
        let lows = Season::ALL.map(|s| {
            let mut kw: Vec<f64> = low.iter().filter(stop).filter(|d| season(d.0) == Some(&s)).map(|d| d.1).collect();
            kw.sort_by(f64::total_cmp);
            kw
        });
        let read = |s: &Season| low.iter().map(|d| d.0).chain(high.iter().copied()).any(|d| season(d) == Some(s));
        Self { lows, seasons: Season::ALL.iter().filter(|s| read(s)).count() }
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.lows.iter().map(Vec::len).sum()
    }

    /// What of a level in kW the `nth` lowest stop of the day's season shows that can go, down to the reference.
    fn shown(&self, facts: &Facts<'_>, (day, level): (usize, f64), reference: f64, nth: usize) -> f64 {
        let season = facts.labels.seasons.get(day).and_then(|s| Season::ALL.iter().position(|of| of == s));
        let low = season.and_then(|s| self.lows.get(s)?.get(nth));
        low.map_or(0.0, |low| (level - low.max(reference)).max(0.0))
    }

    /// What of a day's level in kW its season shows that can go: 0 where the season has no stop.
    pub fn cut(&self, facts: &Facts<'_>, day: (usize, f64), reference: f64) -> f64 {
        self.shown(facts, day, reference, 0)
    }

    /// How much of the cuts of days, of which each counts some hours, a second stop of the same season shows, too.
    pub fn model(&self, facts: &Facts<'_>, days: &[((usize, f64), f64)], reference: f64) -> Model {
        if self.seasons < 2 {
            return Model::untested(said("model.untested"));
        }
        let kwh = |nth| days.iter().map(|(day, hours)| hours * self.shown(facts, *day, reference, nth)).sum::<f64>();
        Model::measured(kwh(1) / kwh(0), said("model.seasons"))
    }
}

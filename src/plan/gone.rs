//! Whether what a change mends has gone meanwhile: a bank was repaired, a start put off, needles no longer come. The
//! past year shows a saving of it, the year to come has none.

use crate::rule::{Facts, Rule};
use crate::time::{Cycle, Month, Season};
use crate::whatif::State;

/// Billed months below which no season can be told from a fault that has ended.
const YEAR: usize = 12;

/// A billed month.
struct Billed {
    month: Month,
    season: Season,
    pays: bool,
}

/// The month since which a change saves next to nothing, where that is no season and no chance: of each season that the
/// months since then lie in most of the months before saved, and they are more than ever came before one that did. Of
/// what works in a season by its nature there is none.
pub(super) fn since(rule: &dyn Rule, facts: &Facts<'_>, after: &State) -> Option<Month> {
    let months = months(facts, after)?;
    let last = months.iter().rposition(|m| m.pays)?;
    let (before, silent) = months.split_at_checked(last + 1)?;
    let pauses = before.split(|m| m.pays).map(<[Billed]>::len);
    let longest = pauses.max().unwrap_or(0).max(facts.thresholds.gone_months.saturating_sub(1));
    let season_paid = |of: &Billed| {
        let same = || before.iter().filter(|m| m.season == of.season);
        2 * same().filter(|m| m.pays).count() > same().count()
    };
    let gone = !rule.seasonal() && months.len() >= YEAR && silent.len() > longest && silent.iter().all(season_paid);
    silent.first().filter(|_| gone).map(|m| m.month)
}

/// The billed months: whether each saves more than a small share of the mean of those that save.
fn months(facts: &Facts<'_>, after: &State) -> Option<Vec<Billed>> {
    let (old, new) = (facts.bill()?, after.bill()?);
    let saved = |cycle: &usize| Some((old.cycles.get(*cycle)?.total() - new.cycles.get(*cycle)?.total()).to_f64());
    let billed = facts.billed();
    let savings = billed.iter().map(|(cycle, _)| saved(cycle)).collect::<Option<Vec<f64>>>()?;
    let gains = || savings.iter().filter(|s| **s > 0.0);
    let mean = gains().sum::<f64>() / gains().count().max(1) as f64;
    let one = |(cycle, saved): (&Cycle, &f64)| {
        let season = season(facts, cycle)?;
        Some(Billed { month: cycle.month, season, pays: *saved > facts.thresholds.gone_share * mean })
    };
    billed.iter().map(|(_, cycle)| *cycle).zip(&savings).map(one).collect()
}

/// The season in which the middle of a cycle lies; spring and autumn are one, neither heated nor cooled.
fn season(facts: &Facts<'_>, cycle: &Cycle) -> Option<Season> {
    let middle = cycle.days.start.midpoint(cycle.days.end);
    let season = facts.labels.seasons.get(middle).copied()?;
    Some(if season == Season::Autumn { Season::Spring } else { season })
}

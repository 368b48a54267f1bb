//! Whether what a change saved in the past year is to be had again: a bank was repaired, a start put off, needles no
//! longer come, or the contract and the transformers are others meanwhile.

use super::{Priced, Year};
use crate::rule::{Evidence, Facts, Rule};
use crate::time::{Cycle, Month, Season};
use crate::units::Money;
use crate::whatif::{Change, State};

/// Billed months below which no season can be told from a fault that has ended.
const YEAR: usize = 12;

/// What is left of a saving that is not to be had again.
#[derive(Clone)]
pub(super) struct Gone {
    /// The first month in which it is so.
    since: Month,
    /// What is left of it, a year; `None` where that is not worth mentioning.
    left: Option<Money>,
    /// Name of the note that tells the month: [`Evidence::ENDED_SINCE`] or [`Evidence::TERMS_SINCE`].
    note: &'static str,
}

impl Gone {
    /// What is left counts where it is above the least that is worth mentioning.
    fn new(since: Month, left: f64, (note, least): (&'static str, f64)) -> Self {
        Self { since, left: Money::from_f64_rounded(left).filter(|l| *l > Money::ZERO && l.to_f64() >= least), note }
    }

    /// States it in the evidence of an advice, which names nothing to begin with where nothing is left.
    pub(super) fn state(&self, evidence: &mut Evidence) {
        evidence.note(self.note, self.since.to_string());
        match self.left {
            Some(left) => evidence.figure(Evidence::SAVING_LEFT, left.to_f64(), "currency"),
            None => {
                evidence.notes.remove("first_action");
            }
        }
    }
}

/// What is left of a saving that is not to be had again, on the terms of today or since its cause has gone.
pub(super) fn gone(
    rule: &dyn Rule,
    facts: &Facts<'_>,
    change: &dyn Change,
    (after, alone, year): (&State, &Priced, &Year),
) -> Option<Gone> {
    on_terms_of_today(facts, change, (alone, year)).or_else(|| ended(rule, facts, (after, year)))
}

/// Where the contract or the transformers are others than in the first of the counted months and a good part of the
/// saving rests on those: what is left of it on the terms of the last month throughout. Terms that come and go stay.
fn on_terms_of_today(facts: &Facts<'_>, change: &dyn Change, (alone, year): (&Priced, &Year)) -> Option<Gone> {
    let state = facts.state;
    let cycles: Vec<&Cycle> = year.cycles.iter().filter_map(|c| state.cycles().get(*c)).collect();
    let last = *cycles.last()?;
    let terms =
        |cycle: &Cycle| (state.contract().contract_demand_in(cycle.month), state.capacity_in_service(&cycle.dates));
    let today = terms(last);
    let others = cycles.iter().rposition(|c| terms(c) != today)?;
    let returns = cycles.iter().take(others).any(|c| terms(c) == today);
    let since = cycles.get(others + 1).filter(|_| !returns)?.month;
    let now = with_terms_of(state, last);
    let left = Priced::new(&now, (change, &change.apply(&now)), year)?.yearly();
    (left < facts.thresholds.gone_terms_share * alone.yearly())
        .then(|| Gone::new(since, left, (Evidence::TERMS_SINCE, year.least_saving(facts))))
}

/// The customer with the contract and the transformers of a cycle's end throughout.
fn with_terms_of(state: &State, cycle: &Cycle) -> State {
    let mut contract = state.contract().clone();
    contract.contract_demand = contract.contract_demand_in(cycle.month);
    contract.contract_schedule.clear();
    let end = cycle.dates.end;
    let holds = |from: Option<_>, to: Option<_>| from.is_none_or(|d| d < end) && to.is_none_or(|d| d >= end);
    let mut units = state.transformers().to_vec();
    units.retain(|t| holds(t.valid_from, t.valid_to));
    for unit in &mut units {
        (unit.valid_from, unit.valid_to) = (None, None);
    }
    state.with_contract(contract).with_transformers(units)
}

/// A billed month.
struct Billed {
    month: Month,
    season: Season,
    saved: f64,
    pays: bool,
}

/// Where a change saves little or nothing since a month, and that is no season and no chance: of each season that the
/// months since then lie in most of the months before saved, and they are more than ever came before one that did. Of
/// what works in a season by its nature there is none.
fn ended(rule: &dyn Rule, facts: &Facts<'_>, (after, year): (&State, &Year)) -> Option<Gone> {
    let months = months(facts, after)?;
    let last = months.iter().rposition(|m| m.pays)?;
    let (before, silent) = months.split_at_checked(last + 1)?;
    let pauses = before.split(|m| m.pays).map(<[Billed]>::len);
    let longest = pauses.max().unwrap_or(0).max(facts.thresholds.gone_months.saturating_sub(1));
    let season_paid = |of: &Billed| {
        let same = || before.iter().filter(|m| m.season == of.season);
        2 * same().filter(|m| m.pays).count() > same().count()
    };
    let ended = !rule.seasonal() && months.len() >= YEAR && silent.len() > longest && silent.iter().all(season_paid);
    let mean = silent.iter().map(|m| m.saved).sum::<f64>() / silent.len().max(1) as f64;
    let since = silent.first().filter(|_| ended)?.month;
    Some(Gone::new(since, mean * YEAR as f64, (Evidence::ENDED_SINCE, year.least_saving(facts))))
}

/// The billed months: what each saves, and whether that is more than a share of the mean of those that save.
fn months(facts: &Facts<'_>, after: &State) -> Option<Vec<Billed>> {
    let (old, new) = (facts.bill()?, after.bill()?);
    let saved = |cycle: &usize| Some((old.cycles.get(*cycle)?.total() - new.cycles.get(*cycle)?.total()).to_f64());
    let billed = facts.billed();
    let savings = billed.iter().map(|(cycle, _)| saved(cycle)).collect::<Option<Vec<f64>>>()?;
    let gains = || savings.iter().filter(|s| **s > 0.0);
    let mean = gains().sum::<f64>() / gains().count().max(1) as f64;
    let one = |(cycle, saved): (&Cycle, &f64)| {
        let season = season(facts, cycle)?;
        Some(Billed { month: cycle.month, season, saved: *saved, pays: *saved > facts.thresholds.gone_share * mean })
    };
    billed.iter().map(|(_, cycle)| *cycle).zip(&savings).map(one).collect()
}

/// The season in which the middle of a cycle lies; spring and autumn are one, neither heated nor cooled.
fn season(facts: &Facts<'_>, cycle: &Cycle) -> Option<Season> {
    let middle = cycle.days.start.midpoint(cycle.days.end);
    let season = facts.labels.seasons.get(middle).copied()?;
    Some(if season == Season::Autumn { Season::Spring } else { season })
}

//! The plan: what all advice comes to together. Every proposal is priced alone on the customer as
//! it is, then the proposals are applied one after the other in the waterfall order (less energy →
//! energy at other times → reactive power → contract → product), each on the customer as changed so
//! far, and the bill is made after each. So the joint savings of the counted months add up exactly to
//! `bill(now) − bill(all of the plan)`, and none counts what another has saved already. What could be
//! saved without buying anything is a waterfall of its own, of its members alone.

mod arithmetic;
mod band;
mod explain;
mod gone;
mod grade;
mod physical;
mod priced;
mod row;
mod waterfall;

pub use band::{Band, Pools};
pub use explain::explain_advice;

use crate::analysis::{Plan, Rejected};
use crate::rule::{Advice, Facts, Proposal, RULES, Rule, Thresholds, Verdict, ask};
use crate::units::Money;
use crate::whatif::State;
use priced::{Priced, Year};

/// How savings are surrounded by a range; sources and defaults stand in [`Thresholds`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Resamples of the priced months.
    pub resamples: usize,
    /// Resamples where each must be billed anew.
    pub rebilled: usize,
    /// Months of a block; neighbouring months belong to one season.
    pub block_months: usize,
    /// Share of the resamples that is cut off at each end.
    pub tail: f64,
    /// Least distance of the ends drawn from one month, as a share of the saving.
    pub least_spread: f64,
    /// Change of prices at both ends.
    pub price_band: f64,
}

impl Options {
    /// As the thresholds say.
    #[must_use]
    pub const fn of(t: &Thresholds) -> Self {
        Self {
            resamples: t.range_resamples,
            rebilled: t.range_rebilled,
            block_months: t.range_block_months,
            tail: t.range_tail,
            least_spread: t.range_least_spread,
            price_band: t.range_prices,
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::of(&Thresholds::default())
    }
}

/// A proposal priced alone.
#[derive(Clone)]
struct Candidate<'a> {
    rule: &'a dyn Rule,
    proposal: Proposal,
    state: State,
    alone: Priced,
    /// What is left of it where it is not to be had again: then it is no part of any plan.
    gone: Option<gone::Gone>,
}

/// A candidate's place in the plan.
struct Placed<'a> {
    candidate: Candidate<'a>,
    /// Its part in what could be saved without buying anything; `None` outside it.
    headline: Option<Joint>,
    /// Its part in the plan; `None` outside it.
    joint: Option<Joint>,
}

impl Placed<'_> {
    /// What a reader is told of it: its part in the headline, else in the plan; `None` where it has neither.
    fn shown(&self) -> Option<&Joint> {
        self.headline.as_ref().or(self.joint.as_ref())
    }
}

/// A candidate as part of the plan.
#[derive(Clone)]
struct Joint {
    priced: Priced,
    /// The customer as changed so far.
    before: State,
    /// And with this change.
    after: State,
}

/// Asks every rule, prices what they propose alone and together, and ranks it. Rows: advice by
/// rank, then rules that lack inputs, by code. Rules that find nothing leave no row.
#[must_use]
pub fn advise(facts: &Facts<'_>, options: &Options) -> (Vec<Advice>, Plan) {
    advise_with(RULES, facts, options)
}

/// [`advise`] with a choice of rules.
#[must_use]
pub fn advise_with(rules: &[&dyn Rule], facts: &Facts<'_>, options: &Options) -> (Vec<Advice>, Plan) {
    let mut candidates = Vec::new();
    let (mut missing, mut findings, mut rejected) = (Vec::new(), Vec::new(), Vec::new());
    let year = Year::of(facts.state);
    for rule in rules {
        match ask(*rule, facts) {
            Verdict::Nothing(why) => rejected.push(reject(*rule, Some(why))),
            Verdict::Missing(needs) => missing.push(row::missing(*rule, facts, needs)),
            Verdict::Inform(finding) => findings.push(row::finding(*rule, facts, *finding)),
            Verdict::Advise(proposal) => match year.as_ref().and_then(|y| candidate(*rule, *proposal, facts, y)) {
                Some(found) => candidates.push(found),
                None => rejected.push(reject(*rule, None)),
            },
        }
    }
    missing.sort_by_key(|row| row.code);
    let (mut rows, plan) = match year {
        Some(year) => {
            let fall = waterfall::place(candidates, facts, &year);
            let scope = row::Scope { facts, options, year: &year };
            let rows: Vec<Advice> =
                fall.placed.iter().enumerate().map(|(i, p)| scope.advice(p, &fall.placed[..i])).collect();
            let schedule = fall.placed.iter().find_map(|p| p.candidate.proposal.change.schedule()).cloned();
            let plan = Plan { rejected, schedule, ..total(facts, &fall, &year) };
            (rows, plan)
        }
        None => (Vec::new(), Plan { rejected, ..Plan::default() }),
    };
    rows.append(&mut findings);
    rank(&mut rows);
    rows.append(&mut missing);
    (rows, plan)
}

fn reject(rule: &dyn Rule, reason: Option<String>) -> Rejected {
    Rejected { code: rule.code(), audience: rule.audience(), reason }
}

/// Prices a proposal alone; what is not worth mentioning is dropped.
fn candidate<'a>(rule: &'a dyn Rule, proposal: Proposal, facts: &Facts<'_>, year: &Year) -> Option<Candidate<'a>> {
    let state = proposal.change.apply(facts.state);
    let alone = Priced::new(facts.state, (&*proposal.change, &state), year)?;
    alone.worthwhile(proposal.kept, facts, year).then(|| {
        let gone = gone::gone(rule, facts, proposal.change.as_ref(), (&state, &alone, year));
        Candidate { rule, proposal, state, alone, gone }
    })
}

/// Orders by saving × confidence: first what is in the headline, then what else is in the plan, last and
/// by priority what carries no money; and numbers the rows.
fn rank(rows: &mut [Advice]) {
    let value = |a: &Advice| {
        let saving = a.saving_headline.or(a.saving_joint).or(a.saving_alone).map_or(0.0, Money::to_f64);
        (saving * a.confidence.map_or(0.0, crate::units::Ratio::get), saving)
    };
    let in_plan = |a: &Advice| a.saving_joint_observed.is_some();
    rows.sort_by(|a, b| {
        let ((x, xs), (y, ys)) = (value(a), value(b));
        let by_value = y.total_cmp(&x).then(ys.total_cmp(&xs));
        let by_money = a.holds.is_none().cmp(&b.holds.is_none());
        let standing = |a: &Advice| (a.headline, in_plan(a));
        standing(b)
            .cmp(&standing(a))
            .then(by_money)
            .then(by_value)
            .then(a.priority.cmp(&b.priority))
            .then(a.code.cmp(b.code))
    });
    for (row, rank) in rows.iter_mut().zip(1..) {
        row.rank = Some(rank);
    }
}

/// The plan's sums.
fn total(facts: &Facts<'_>, fall: &waterfall::Fall<'_>, year: &Year) -> Plan {
    let last = &fall.plan;
    let yearly = |part: for<'p> fn(&'p Placed<'_>) -> Option<&'p Joint>| {
        year.bill.map(|_| fall.placed.iter().filter_map(|p| part(p)?.priced.annual).sum::<Money>())
    };
    let saving = yearly(|p| p.joint.as_ref());
    let same = std::ptr::eq(last.load(), facts.load()) || last.load().kw() == facts.load().kw();
    Plan {
        bill_now: year.bill,
        bill_after: year.bill.zip(saving).map(|(now, saved)| now - saved),
        saving,
        saving_headline: yearly(|p| p.headline.as_ref()),
        saving_observed: facts.bill().zip(last.bill()).map(|(now, after)| now.observed() - after.observed()),
        short: year.bill.is_some() && year.short,
        load_after: (!same).then(|| last.load().clone()),
        rejected: Vec::new(),
        schedule: None,
    }
}

#[cfg(test)]
mod cards;
#[cfg(test)]
mod certainty;
#[cfg(test)]
mod contracts;
#[cfg(test)]
mod drifted;
#[cfg(test)]
mod ended;
#[cfg(test)]
mod guards;
#[cfg(test)]
mod heavy;
#[cfg(test)]
mod idle_bank;
#[cfg(test)]
mod leave_out;
#[cfg(test)]
mod offered;
#[cfg(test)]
mod powers;
#[cfg(test)]
mod promised;
#[cfg(test)]
mod reactive;
#[cfg(test)]
mod resting;
#[cfg(test)]
mod sectors;
#[cfg(test)]
mod suspended;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod well_run;

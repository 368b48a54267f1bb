//! One row of the advice table.

use super::band::couples_months;
use super::{Band, Joint, Options, Placed, Pools, Year, arithmetic, physical};
use crate::rule::{Advice, Evidence, Facts, Finding, Outcome, Rule, Stage};
use crate::text::say;
use crate::time::{Cycle, Month};
use crate::units::{Kwh, Money, Ratio};

/// Stable over runs: the customer, the rule and, where several rules exclude each other, nothing more.
fn id(facts: &Facts<'_>, rule: &dyn Rule) -> String {
    format!("{}-{}", facts.customer.id, rule.code())
}

/// The row of a rule that lacks inputs.
pub(super) fn missing(rule: &dyn Rule, facts: &Facts<'_>, needs: Vec<String>) -> Advice {
    let mut evidence = facts.evidence();
    evidence.note("missing", needs.join(", "));
    Advice { verdict: Outcome::Missing, needs, evidence, ..unpriced(rule, facts) }
}

/// The row of a finding without money.
pub(super) fn finding(rule: &dyn Rule, facts: &Facts<'_>, finding: Finding) -> Advice {
    let mut evidence = finding.evidence;
    let (coverage, grade, model) = (coverage(facts), super::grade::data(facts), finding.model.share().get());
    state(&mut evidence, &[("coverage", coverage), ("model", model), ("data", grade)]);
    evidence.note("confidence_by", finding.model.by());
    let confidence = Ratio::new(coverage * model * grade);
    Advice {
        tier: finding.tier,
        priority: finding.priority,
        kw_potential: finding.kw,
        confidence: Some(confidence),
        certainty: Some(facts.thresholds.certainty(confidence)),
        evidence,
        ..unpriced(rule, facts)
    }
}

/// A row of a rule without any figure.
fn unpriced(rule: &dyn Rule, facts: &Facts<'_>) -> Advice {
    Advice {
        advice_id: id(facts, rule),
        rank: None,
        code: rule.code(),
        verdict: Outcome::Advise,
        tier: rule.tier(),
        audience: rule.audience(),
        priority: 3,
        headline: false,
        saving_headline: None,
        saving_alone: None,
        saving_joint: None,
        saving_low: None,
        saving_high: None,
        saving_joint_observed: None,
        holds: None,
        kwh_saved: None,
        kwh_shifted: None,
        kw_reduced: None,
        kw_potential: None,
        confidence: None,
        certainty: None,
        exclusive_group: None,
        needs: Vec::new(),
        evidence: Evidence::default(),
    }
}

/// What the rows of one customer share.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub facts: &'a Facts<'a>,
    pub options: &'a Options,
    pub year: &'a Year,
}

impl Scope<'_> {
    /// The row of a priced proposal after those `before` it. Range, months and confidence are those of the
    /// saving in the headline, outside it of that in the plan, outside that of the saving alone; energies
    /// and powers are those of the change alone.
    pub fn advice(&self, placed: &Placed<'_>, before: &[Placed<'_>]) -> Advice {
        let (facts, year) = (self.facts, self.year);
        let c = &placed.candidate;
        let joint = placed.joint.as_ref().map(|j| &j.priced);
        let shown = placed.shown().map_or(&c.alone, |j| &j.priced);
        let advice_id = id(facts, c.rule);
        let kept = c.proposal.kept;
        let band = shown.annual.and_then(|mid| self.band(mid, placed, &advice_id)?.keeping(mid, kept));
        let factor = year.factor(&*c.proposal.change);
        let mut physical = physical::compare(facts.state, &c.state, &year.cycles);
        let mut evidence = c.proposal.evidence.clone();
        // A contract changes no load; a suspension changes the losses that the meter reads with it.
        if c.proposal.stage == Stage::Contract
            && let Some((losses, factor)) = std::mem::take(&mut physical).saved.zip(factor)
        {
            let name = if losses > Kwh::ZERO { "losses_spared" } else { "losses_added" };
            evidence.figure(name, (losses * factor).get().abs(), "kWh");
        }
        let confidence = confidence(placed, facts, &mut evidence);
        evidence.arithmetic = arithmetic::between(facts.state, (&c.state, &c.alone), year, &*c.proposal.change);
        if let Some(a) = &mut evidence.arithmetic {
            let step = |part: for<'p> fn(&'p Placed<'_>) -> Option<&'p Joint>| {
                let on_top_of = before.iter().filter(|p| part(p).is_some()).map(|p| p.candidate.rule.code()).collect();
                part(placed).and_then(|j| arithmetic::step(j, &c.alone, year, on_top_of))
            };
            a.in_plan = step(|p| p.joint.as_ref());
            a.in_headline = step(|p| p.headline.as_ref()).filter(|s| a.in_plan.as_ref() != Some(s));
            a.range = band.map(|b| b.derived);
            a.in_force = self.in_force(placed);
            a.effect = physical.effect;
        }
        if let Some(gone) = &c.gone {
            gone.state(&mut evidence);
        }
        if factor.is_none_or(|f| f > 1.0) && year.short {
            evidence.note("short", say("rule.short", &[("n", &year.cycles.len())]));
        }
        Advice {
            tier: c.proposal.tier,
            audience: c.proposal.audience,
            priority: self.priority(shown.annual, confidence),
            headline: placed.headline.is_some(),
            saving_headline: placed.headline.as_ref().and_then(|j| j.priced.annual),
            saving_alone: c.alone.annual,
            saving_joint: joint.and_then(|p| p.annual),
            saving_low: band.map(|b| b.low),
            saving_high: band.map(|b| b.high),
            saving_joint_observed: joint.map(|p| p.observed),
            holds: Some(shown.holds()),
            // Of a battery that is its losses: more is used, and its own rule says how much.
            kwh_saved: physical.saved.filter(|e| *e > Kwh::ZERO).zip(factor).map(|(e, f)| e * f),
            kwh_shifted: physical.shifted.zip(factor).map(|(e, f)| e * f),
            kw_reduced: physical.reduced,
            confidence: Some(confidence),
            certainty: Some(facts.thresholds.certainty(confidence)),
            exclusive_group: c.proposal.group,
            evidence,
            ..unpriced(c.rule, facts)
        }
    }

    /// The range of the saving that is shown.
    fn band(&self, mid: Money, placed: &Placed<'_>, advice_id: &str) -> Option<Band> {
        let c = &placed.candidate;
        let factor = self.year.factor(&*c.proposal.change)?;
        let alone = || (self.facts.state, &c.state, &c.alone);
        let (before, after, priced) = placed.shown().map_or_else(alone, |j| (&j.before, &j.after, &j.priced));
        let seeded = (advice_id, self.options);
        let pools = self.pools(placed);
        if self.facts.tariff().is_some_and(couples_months)
            && let Some(band) = Band::rebilled((mid, factor), (before, after), self.year, &pools, seeded)
        {
            return Some(band);
        }
        Band::of((mid, factor), &priced.monthly, &pools, seeded)
    }

    fn counted(&self) -> impl Iterator<Item = &Cycle> {
        self.year.cycles.iter().filter_map(|i| self.facts.cycles().get(*i))
    }

    /// Whether a change is in force in each counted cycle, of what single months need whether it saves there; empty
    /// where it is so in all.
    fn in_force(&self, placed: &Placed<'_>) -> Vec<bool> {
        if placed.candidate.rule.drawn_by_need() {
            let shown = placed.shown().map_or(&placed.candidate.alone, |j| &j.priced);
            let saves: Vec<bool> = shown.monthly.iter().map(|m| *m > Money::ZERO).collect();
            return if saves.contains(&false) { saves } else { Vec::new() };
        }
        let periods = placed.candidate.proposal.change.periods();
        if periods.is_empty() {
            return Vec::new();
        }
        self.counted().map(|c| periods.iter().any(|p| p.contains(&c.dates.start))).collect()
    }

    /// Of which months each month of a drawn year may be one.
    fn pools(&self, placed: &Placed<'_>) -> Pools {
        if !placed.candidate.rule.drawn_by_season() {
            return Pools::default();
        }
        let months: Vec<Month> = self.counted().map(|c| c.month).collect();
        Pools::of_seasons(&months, &self.in_force(placed), self.options.block_months)
    }

    fn priority(&self, saving: Option<Money>, confidence: Ratio) -> u8 {
        let bill = self.year.bill.map_or(0.0, Money::to_f64);
        let value = saving.map_or(0.0, Money::to_f64) * confidence.get();
        let t = self.facts.thresholds;
        match value {
            v if bill <= 0.0 || v < t.priority_medium_share * bill => 3,
            v if v < t.priority_high_share * bill => 2,
            _ => 1,
        }
    }
}

/// Valid intervals as a share of those expected.
fn coverage(facts: &Facts<'_>) -> f64 {
    (facts.load().n_valid() as f64 / facts.load().span().len().max(1) as f64).min(1.0)
}

/// States the factors of a confidence in the evidence.
fn state(evidence: &mut Evidence, factors: &[(&str, f64)]) {
    for (name, value) in factors {
        evidence.figure(&format!("confidence_{name}"), *value, "");
    }
}

/// coverage × stability × model term × data grade, each stated in the evidence.
fn confidence(placed: &Placed<'_>, facts: &Facts<'_>, evidence: &mut Evidence) -> Ratio {
    let shown = placed.shown().map_or(&placed.candidate.alone, |j| &j.priced);
    let (coverage, grade) = (coverage(facts), super::grade::data(facts));
    let model = placed.candidate.proposal.model;
    evidence.note("confidence_by", model.by());
    let (stability, model) = (shown.stability(placed.candidate.rule.seasonal()), model.share().get());
    state(evidence, &[("coverage", coverage), ("stability", stability), ("model", model), ("data", grade)]);
    Ratio::new(coverage * stability * model * grade)
}

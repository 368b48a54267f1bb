//! Phase 2: the fleet, from at most a kilobyte of facts a customer.

use super::Job;
use crate::analysis::{Outcome, Status};
use crate::error::Result;
use crate::rule::{Audience, Outcome as Verdict, Tier};
use crate::units::{Kw, Kwh, Money, Ratio};
use std::path::Path;
use std::sync::Arc;

/// A recommendation as the fleet sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct AdviceFact {
    /// `R01`…
    pub code: &'static str,
    /// What it asks.
    pub tier: Tier,
    /// Who may read it.
    pub audience: Audience,
    /// Saving a year in the plan, or alone when outside it.
    pub saving: Option<Money>,
    /// 0 to 1.
    pub confidence: Option<Ratio>,
}

/// What phase 2 keeps of a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct FleetFact {
    /// Account number.
    pub id: Arc<str>,
    /// Name.
    pub name: Option<String>,
    /// How it ended.
    pub status: Status,
    /// Why, when not ok.
    pub reason: Option<String>,
    /// Import.
    pub kwh: Option<Kwh>,
    /// Maximum.
    pub max_kw: Option<Kw>,
    /// Mean over maximum.
    pub load_factor: Option<Ratio>,
    /// Of the totals.
    pub power_factor: Option<Ratio>,
    /// Usable and expected intervals.
    pub coverage: (usize, usize),
    /// First and last calendar year.
    pub years: Option<(i32, i32)>,
    /// Yearly bill.
    pub bill: Option<Money>,
    /// Yearly saving of the plan.
    pub saving: Option<Money>,
    /// Currency.
    pub currency: Option<Arc<str>>,
    /// Advice, best first.
    pub advice: Vec<AdviceFact>,
    /// Findings of the checks.
    pub n_issues: usize,
}

impl FleetFact {
    /// The facts of an outcome.
    #[must_use]
    pub fn of(outcome: &Outcome) -> Self {
        let a = outcome.analysis.as_ref();
        let t = a.map(|a| a.totals);
        let advice = a.map_or(&[][..], |a| &a.advice).iter().filter(|r| r.verdict == Verdict::Advise);
        let years =
            a.filter(|a| !a.daily.is_empty()).map(|a| (a.load.date(0).ymd().0, a.load.date(a.daily.len() - 1).ymd().0));
        Self {
            id: Arc::clone(&outcome.customer.id),
            name: outcome.customer.name.clone(),
            status: outcome.status,
            reason: outcome.reason.clone(),
            kwh: t.and_then(|t| t.kwh),
            max_kw: t.and_then(|t| t.max).map(|m| m.0),
            load_factor: t.and_then(|t| t.load_factor),
            power_factor: t.and_then(|t| t.power_factor),
            coverage: t.map_or((0, 0), |t| (t.n_valid, t.n_expected)),
            years,
            bill: a.and_then(|a| a.plan.bill_now),
            saving: a.and_then(|a| a.plan.saving),
            currency: a.and_then(|a| a.bill.as_ref()).map(|b| Arc::clone(&b.currency)),
            advice: advice
                .map(|r| AdviceFact {
                    code: r.code,
                    tier: r.tier,
                    audience: r.audience,
                    saving: r.saving_joint.or(r.saving_alone),
                    confidence: r.confidence,
                })
                .collect(),
            n_issues: a.map_or(0, |a| a.issues.len()),
        }
    }
}

/// Writes the fleet's page.
pub fn write_pages(_job: &Job, _dir: &Path, _fleet: &[FleetFact]) -> Result<()> {
    Ok(())
}

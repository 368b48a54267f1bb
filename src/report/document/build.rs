//! The report from one customer's rows of the tables, and its words from the analysis.

use super::checks::{explain, scheduled_days};
use super::head::{Answer, BrandFacts, CustomerFacts, Headline, Internal, Notice, Period, TariffTerms};
use super::parts::{AdviceRow, Evidence, Issue, TypicalRow};
use super::rows::rows;
use super::{Advice, Cycle, DURATION_POINTS, Indicator, Missing, Rejected, Report, SHAPE, TypicalDay};
use crate::analysis::Outcome;
use crate::error::{Error, Result};
use crate::output::TABLES;
use crate::report::customer::{Head, INTERNAL_ISSUES, View, lead, need_names, rejected};
use crate::report::number::ABSENT;
use crate::report::{Language, Text, advice_title};
use crate::rule::{Asks, Audience};
use crate::tariff::BillState;
use crate::text::tell;
use crate::units::Money;
use arrow::array::RecordBatch;
use serde::Serialize;
use std::collections::BTreeMap;

/// The rows of one customer in a table; `None` when the run has no such table.
pub type Rows<'a> = &'a dyn Fn(&str) -> Result<Option<RecordBatch>>;

/// Who may read a report.
const fn audience_name(audience: Audience) -> &'static str {
    match audience {
        Audience::Customer => "customer",
        Audience::Internal => "internal",
    }
}

impl Report {
    /// The report of an outcome, in the language and for the audience of its page.
    ///
    /// # Errors
    /// When a row does not fit the report, which is a fault of peakwise.
    pub fn of(outcome: &Outcome, v: &View) -> Result<Self> {
        let table = |name: &str| TABLES.iter().find(|t| t.name() == name).map(|t| t.batch(outcome)).transpose();
        let mut report = Self::from_rows(&table, v.language(), v.ctx.audience)?;
        report.put_into_words(v);
        Ok(report)
    }

    /// What the tables alone tell: figures and titles.
    ///
    /// # Errors
    /// When there is no row of table `customers`, or a row does not fit the report.
    pub(super) fn from_rows(table: Rows<'_>, language: Language, audience: Audience) -> Result<Self> {
        fn read<T: serde::de::DeserializeOwned>(table: Rows<'_>, name: &str) -> Result<Vec<T>> {
            table(name)?.map_or_else(|| Ok(Vec::new()), |batch| rows(&batch))
        }
        let lacks =
            || Error::option("table customers has no row of this customer", "ids are compared letter by letter");
        let text = Text::of(language);
        let customer: CustomerFacts = read(table, "customers")?.into_iter().next().ok_or_else(lacks)?;
        let totals = read(table, "customers")?.into_iter().next().ok_or_else(lacks)?;
        let all: Vec<AdviceRow> = read(table, "advice")?;
        let (mut advice, mut missing, mut internal) = (Vec::new(), Vec::new(), Internal::default());
        for row in all {
            match (row.audience == "customer", row.verdict == "advise") {
                (true, true) => advice.push(from_row(row, language)),
                (true, false) => missing.push(lacking(&row, text, language)),
                (false, true) => internal.advice.push(from_row(row, language)),
                (false, false) => {}
            }
        }
        let issues: Vec<Issue> = read(table, "quality")?;
        let shown = |i: &Issue| audience == Audience::Internal || !INTERNAL_ISSUES.contains(&i.code.as_str());
        let name = |i: Issue| Issue { name: text.get(&format!("issue.{}", i.code)).unwrap_or(&i.code).to_owned(), ..i };
        Ok(Self {
            shape: SHAPE.into(),
            language: language.code().into(),
            audience: audience_name(audience).into(),
            generated_by: concat!("peakwise ", env!("CARGO_PKG_VERSION")).into(),
            run_date: None,
            title: text.t("page.title").into(),
            reservation: text.t("page.reservation").into(),
            draft: false,
            brand: None,
            customer,
            period: None,
            notices: Vec::new(),
            answer: answer(&totals),
            totals,
            indicators: Vec::new(),
            typical_days: typical_days(read(table, "typical_days")?),
            duration_kw: Vec::new(),
            months: read(table, "monthly")?,
            days: read(table, "daily")?,
            peaks: read(table, "peaks")?,
            tariff: None,
            cycles: Vec::new(),
            bill: read(table, "bills")?,
            bill_notes: Vec::new(),
            issued: read(table, "reconciliation")?,
            advice,
            schedule: read(table, "schedule")?,
            schedule_days: scheduled_days(read(table, "schedule_curves")?),
            missing,
            rejected: Vec::new(),
            issues: issues.into_iter().filter(shown).map(name).collect(),
            data_notes: Vec::new(),
            internal: (audience == Audience::Internal).then_some(internal),
        })
    }

    fn put_into_words(&mut self, v: &View) {
        let ctx = v.ctx;
        self.generated_by.clone_from(&ctx.generated_by);
        self.run_date = Some(ctx.run_date.to_string());
        self.draft = v.draft();
        self.brand = brand(v);
        self.customer = customer(v);
        self.period = v.period().map(|(from, to)| Period { from: from.to_string(), to: to.to_string() });
        let notice = |(weight, text): (&str, String)| Notice { weight: weight.into(), text };
        self.notices = Head::new(v).notices.into_iter().map(notice).collect();
        self.answer = Answer {
            sentence: lead(v),
            could_save: v.could_save().map(|w| Headline {
                low: w.low.unwrap_or(w.told),
                saving: Some(w.told),
                high: w.high,
            }),
            bill_after: v.a.plan.bill_after.map(Money::to_f64),
            short: v.a.plan.short,
            ..self.answer.clone()
        };
        self.indicators = indicators(v);
        let share = |i: usize| i as f64 / (DURATION_POINTS - 1) as f64;
        self.duration_kw =
            (0..DURATION_POINTS).filter_map(|i| v.a.duration.kw_at(share(i))).map(crate::units::Kw::get).collect();
        self.tariff = tariff(v);
        self.cycles = cycles(v);
        self.bill_notes = v.a.bill.iter().flat_map(|b| &b.notes).map(|n| v.phrase(n)).collect();
        explain(&mut self.issued, v);
        let considered = |(title, code, reason): (String, &str, String)| Rejected { code: code.into(), title, reason };
        self.rejected = rejected(v).into_iter().map(considered).collect();
        self.data_notes = ctx.data_notes.iter().map(|n| v.phrase(n)).collect();
        for line in &mut self.bill {
            line.note = line.note.as_ref().map(|n| v.phrase(n));
        }
        let internal = self.internal.iter_mut().flat_map(|i| &mut i.advice);
        for advice in self.advice.iter_mut().chain(internal) {
            if let Some(found) = v.a.advice.iter().find(|a| a.advice_id == advice.advice_id) {
                say(advice, found, v);
            }
        }
        if let Some(internal) = &mut self.internal {
            let c = &v.a.customer;
            internal.value_class.clone_from(&c.value_class);
            internal.risk_class.clone_from(&c.risk_class);
            internal.opinion_class.clone_from(&c.opinion_class);
            internal.arrears_days = c.arrears_days;
            internal.manager.clone_from(&c.manager);
        }
    }
}

fn answer(totals: &super::Totals) -> Answer {
    Answer { bill_now: totals.bill_total, saving_plan: totals.saving_total, ..Answer::default() }
}

/// Note of the evidence that names a price table.
const PRICE_TABLE: &str = "price_table";

fn from_row(row: AdviceRow, language: Language) -> Advice {
    let free = ["counter", "operate"].contains(&row.tier.as_str());
    let unpromised = row.saving_joint.is_some() && free && row.headline == Some(false);
    let mut evidence: Evidence = row.evidence.as_deref().and_then(|e| serde_json::from_str(e).ok()).unwrap_or_default();
    let text = Text::of(language);
    let doubted = Asks::doubted(&row.code, &evidence.notes).is_some_and(Asks::is_priced);
    evidence.notes.values_mut().for_each(|note| *note = tell(note, text));
    // The id of a price table may be a retailer's name: `explain` alone tells it.
    let table = evidence.notes.remove(PRICE_TABLE).unwrap_or_default();
    if let Some(arithmetic) = &mut evidence.arithmetic {
        arithmetic.change = tell(&arithmetic.change, text);
        if !table.is_empty() {
            arithmetic.change = arithmetic.change.replace(&table, ABSENT);
        }
    }
    Advice {
        advice_id: row.advice_id,
        rank: row.rank,
        title: advice_title(&row.code, language),
        code: row.code,
        tier: row.tier,
        finding: String::new(),
        action: String::new(),
        caveat: String::new(),
        effort: String::new(),
        saving: String::new(),
        potential: unpromised && !doubted,
        awaits_sector: unpromised && doubted,
        headline: free && row.headline == Some(true),
        saving_headline: row.saving_headline,
        saving_alone: row.saving_alone,
        saving_joint: row.saving_joint,
        saving_low: row.saving_low,
        saving_high: row.saving_high,
        saving_joint_observed: row.saving_joint_observed,
        currency: row.currency,
        kwh_saved: row.kwh_saved,
        kwh_shifted: row.kwh_shifted,
        kw_reduced: row.kw_reduced,
        kw_potential: row.kw_potential,
        confidence: row.confidence,
        certainty: String::new(),
        months_held: row.months_held,
        months_billed: row.months_billed,
        exclusive_group: row.exclusive_group,
        evidence,
    }
}

fn lacking(row: &AdviceRow, text: &Text, language: Language) -> Missing {
    let needs: Vec<String> = row.needs.iter().flat_map(|n| n.split(',')).map(str::to_owned).collect();
    let needs_words = need_names(text, &needs);
    Missing { title: advice_title(&row.code, language), code: row.code.clone(), needs, needs_words }
}

/// The sentences of a recommendation.
fn say(out: &mut Advice, found: &crate::rule::Advice, v: &View) {
    let words = v.words(found);
    out.title = words.title;
    out.finding = words.finding;
    out.action = words.action;
    out.caveat = v.caveat(found);
    out.effort = v.effort(found);
    out.saving = v.saving_text(found);
    out.certainty = v.certainty_text(found);
}

/// Slots put together: one value each by kind and season, in the table's order.
fn typical_days(rows: Vec<TypicalRow>) -> Vec<TypicalDay> {
    let slots = rows.iter().map(|r| r.slot + 1).max().unwrap_or_default();
    let mut out: Vec<TypicalDay> = Vec::new();
    for row in rows {
        if !out.last().is_some_and(|d| d.day_kind == row.day_kind && d.season == row.season) {
            let empty = vec![None; slots];
            let [mean_kw, p10_kw, p50_kw, p90_kw] = std::array::from_fn(|_| empty.clone());
            let (day_kind, season) = (row.day_kind.clone(), row.season.clone());
            out.push(TypicalDay { day_kind, season, n_days: 0, mean_kw, p10_kw, p50_kw, p90_kw });
        }
        let Some(day) = out.last_mut() else { continue };
        day.n_days = day.n_days.max(row.n_days);
        let cells = [
            (&mut day.mean_kw, row.mean_kw),
            (&mut day.p10_kw, row.p10_kw),
            (&mut day.p50_kw, row.p50_kw),
            (&mut day.p90_kw, row.p90_kw),
        ];
        for (curve, value) in cells {
            if let Some(cell) = curve.get_mut(row.slot) {
                *cell = value;
            }
        }
    }
    out
}

/// The name that an enum has in JSON and in side files.
fn name<T: Serialize>(value: &T) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
}

fn brand(v: &View) -> Option<BrandFacts> {
    let b = &v.ctx.brand;
    let facts = BrandFacts { organisation: b.organisation.clone(), contact: b.contact(), foreword: b.foreword.clone() };
    (facts != BrandFacts::default()).then_some(facts)
}

fn customer(v: &View) -> CustomerFacts {
    let (c, terms) = (&v.a.customer, &v.a.customer.contract);
    CustomerFacts {
        id: c.id.to_string(),
        name: c.name.clone(),
        industry: c.industry.clone(),
        region: c.region.clone(),
        voltage_kv: terms.voltage_kv,
        capacity_kva: terms.capacity.map(crate::units::Kva::get),
        billing_mode: terms.billing_mode.as_ref().and_then(name),
        contract_demand_kw: terms.contract_demand.map(crate::units::Kw::get),
        pf_standard: terms.pf_standard.map(crate::units::Ratio::get),
        market_status: terms.market_status.as_ref().and_then(name),
        reading_day: Some(u32::from(terms.reading_day)),
    }
}

fn indicators(v: &View) -> Vec<Indicator> {
    let words = |code: &str, part: &str| v.text.get(&format!("indicator.{code}.{part}")).map(str::to_owned);
    v.a.indicators
        .iter()
        .map(|r| Indicator {
            code: r.code.into(),
            name: words(r.code, "name").unwrap_or_else(|| r.code.replace('_', " ")),
            value: r.value.filter(|x| x.is_finite()),
            unit: r.unit.into(),
            definition: words(r.code, "definition").unwrap_or_default(),
            peer_quarter: v.peer_quarter(r.code, r.value).map(|(quarter, _)| quarter),
            peers: v.peer_quarter(r.code, r.value).map(|(_, words)| words.to_owned()),
        })
        .collect()
}

fn tariff(v: &View) -> Option<TariffTerms> {
    let t = v.ctx.tariff.as_ref()?;
    Some(TariffTerms {
        id: t.id.clone(),
        name: t.name.clone(),
        source: t.source.clone(),
        version: t.version.clone(),
        effective_from: t.effective_from.map(|d| d.to_string()),
        effective_to: t.effective_to.map(|d| d.to_string()),
        verified: t.verified,
    })
}

fn cycles(v: &View) -> Vec<Cycle> {
    let one = |c: &crate::tariff::CycleBill| {
        let (state, reason, total) = match &c.state {
            BillState::Billed => ("billed", None, Some(c.total().to_f64())),
            BillState::Partial => ("partial", None, None),
            BillState::Unbillable(why) => ("unbillable", Some(v.phrase(why)), None),
        };
        Cycle { month: c.month.to_string(), state: state.into(), reason, total }
    };
    v.a.bill.iter().flat_map(|b| &b.cycles).map(one).collect()
}

/// Sums of the bill's lines by cycle, for a report that knows the tables alone.
pub(super) fn cycles_of_lines(report: &Report) -> Vec<Cycle> {
    let mut cents: BTreeMap<&str, i64> = BTreeMap::new();
    for line in &report.bill {
        *cents.entry(&line.month).or_default() += (line.amount * 100.0).round() as i64;
    }
    let cycle = |(month, c): (&str, i64)| Cycle {
        month: month.to_owned(),
        state: "billed".into(),
        reason: None,
        total: Some(c as f64 / 100.0),
    };
    cents.into_iter().map(cycle).collect()
}

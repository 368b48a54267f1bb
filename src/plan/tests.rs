//! The plan's promises, and each guard with the naive case that it stops.

mod maxima;

use super::*;
use crate::analysis::Plan;
use crate::customer::{BillingMode, Meter, RegisterReadings, Sector};
use crate::indicator::Reading;
use crate::peak::{Peak, PeakKind, Shape};
use crate::quality::Issue;
use crate::register::{Group, Terms};
use crate::rule::{Need, Outcome, Side, Thresholds, Tier};
use crate::tariff::Compiled;
use crate::time::{Calendar, DayKind, Month};
use crate::units::{Kva, Kw, Kwh, Ratio};
use crate::whatif::fixture::{Fixture, flat_year, year};
use std::sync::Arc;

/// What a test may set beside the customer.
#[derive(Default)]
pub(super) struct More {
    pub(super) peaks: Vec<Peak>,
    pub(super) issues: Vec<Issue>,
    pub(super) quantum: Option<Kw>,
    pub(super) no_calendar: bool,
    pub(super) meters: Vec<Meter>,
    pub(super) registers: RegisterReadings,
    pub(super) terms: Terms,
    pub(super) tariffs: Vec<(String, Arc<Compiled>)>,
    pub(super) peers: Option<Group>,
    pub(super) today: Option<crate::time::Date>,
    pub(super) temperature: Option<crate::register::Series>,
    pub(super) issued: Option<crate::tariff::Reconciliation>,
    pub(super) thresholds: Thresholds,
}

pub(super) fn run_with(f: &Fixture, more: &More, rules: &[&dyn Rule]) -> (Vec<Advice>, Plan, State) {
    with_facts(f, more, |facts| {
        let (rows, plan) = advise_with(rules, facts, &Options::default());
        (rows, plan, facts.state.clone())
    })
}

/// Calls `look` with what the rules see of a customer.
pub(super) fn with_facts<T>(f: &Fixture, more: &More, look: impl FnOnce(&Facts<'_>) -> T) -> T {
    let (state, labels) = (f.state(), f.labels());
    let detected = crate::peak::detect(state.load(), &labels, state.cycles(), more.quantum);
    let typical = crate::curve::typical_days(state.load(), &labels);
    let kw = state.load().kw();
    let (mean, max) = (kw.iter().sum::<f64>() / kw.len() as f64, state.load().max_kw(0..kw.len()).unwrap().0);
    let indicators = [Reading { code: "load_factor", value: Some(mean / max), unit: "" }];
    let calendar = Calendar::china().unwrap();
    let facts = Facts {
        customer: &f.customer,
        state: &state,
        labels: &labels,
        typical: &typical,
        peaks: if more.peaks.is_empty() { &detected } else { &more.peaks },
        indicators: &indicators,
        issues: &more.issues,
        calendar_known: !more.no_calendar,
        quantum: more.quantum,
        thresholds: &more.thresholds,
        side: Side {
            meters: &more.meters,
            registers: Some(&more.registers),
            calendar: Some(&calendar),
            today: more.today,
            temperature: more.temperature.as_ref(),
            issued: more.issued.as_ref(),
            peers: more.peers.as_ref(),
            terms: Some(&more.terms),
            tariffs: &more.tariffs,
        },
    };
    look(&facts)
}

pub(super) fn run(f: &Fixture) -> (Vec<Advice>, Plan, State) {
    run_with(f, &More::default(), RULES)
}

pub(super) fn row<'a>(rows: &'a [Advice], code: &str) -> Option<&'a Advice> {
    rows.iter().find(|r| r.code == code)
}

fn advised(f: &Fixture) -> Vec<&'static str> {
    run(f).0.iter().filter(|r| r.verdict == Outcome::Advise).map(|r| r.code).collect()
}

/// A one-shift plant with everything wrong: idle base load, a movable batch, needles, cos φ 0.8,
/// and demand far below a capacity that is billed, or needles that are billed.
pub(super) fn everything(mode: BillingMode, capacity: f64) -> Fixture {
    let mut f = flat_year(0.0);
    let labels = f.labels();
    f.kw = (0..365 * 96)
        .map(|i| {
            let (d, s) = (i / 96, i % 96);
            let noise = ((d * 31 + s * 17) % 7) as f64;
            let work = labels.kinds[d] == DayKind::Workday;
            let batch = if d % 5 == 0 { 4..20 } else { 40..56 };
            let holiday = labels.kinds[d] == DayKind::Holiday;
            let mut kw = if holiday { 60.0 } else { 200.0 };
            kw += if work && (32..80).contains(&s) { 120.0 } else { 0.0 };
            kw += if work && batch.contains(&s) { 150.0 } else { 0.0 };
            kw += if d % 30 == 8 && s == 45 { 250.0 } else { 0.0 };
            kw + noise
        })
        .collect();
    f.kvar = Some(f.kw.iter().map(|kw| kw * 0.75).collect());
    f.customer.contract.billing_mode = Some(mode);
    f.customer.contract.capacity = Some(Kva::new(capacity));
    f
}

pub(super) fn synthetic_customers() -> Vec<Fixture> {
    let mut out = vec![
        everything(BillingMode::Demand, 1000.0),
        everything(BillingMode::Demand, 500.0),
        everything(BillingMode::Capacity, 2500.0),
        everything(BillingMode::Capacity, 900.0),
    ];
    let mut two_feeds = everything(BillingMode::Demand, 500.0);
    two_feeds.shares = vec![|i| if i % 96 < 48 { 0.8 } else { 0.3 }, |i| if i % 96 < 48 { 0.2 } else { 0.7 }];
    out.push(two_feeds);
    let mut longer = everything(BillingMode::Demand, 1000.0);
    longer.n_days = 500;
    longer.kw = longer.kw.iter().copied().cycle().take(500 * 96).collect();
    longer.kvar = Some(longer.kw.iter().map(|kw| kw * 0.75).collect());
    out.push(longer);
    out
}

/// The changes of the advice in the plan, one after the other in waterfall order, without billing any.
fn apply_plan(of: (&Fixture, &More), rows: &[Advice], state: &State) -> State {
    apply(of, state, |rule| row(rows, rule.code()).is_some_and(|r| r.saving_joint.is_some()))
}

/// The changes that some rules propose, one after the other in waterfall order, without billing any.
pub(super) fn apply((f, more): (&Fixture, &More), state: &State, wanted: impl Fn(&dyn Rule) -> bool) -> State {
    let planned = || RULES.iter().filter(|r| wanted(**r));
    let mut changes: Vec<_> = with_facts(f, more, |facts| {
        let change = |rule: &&'static dyn Rule| match ask(*rule, facts) {
            Verdict::Advise(p) => (p.stage, rule.code(), p.change),
            other => panic!("{}: {other:?}", rule.code()),
        };
        planned().map(change).collect()
    });
    changes.sort_by_key(|c| (c.0, c.1));
    changes.iter().fold(state.clone(), |state, c| c.2.apply(&state))
}

/// Customers with and without offers.
pub(super) fn all_customers() -> Vec<(Fixture, More)> {
    let plain = synthetic_customers().into_iter().map(|f| (f, More::default()));
    plain.chain(super::offered::offered_customers()).collect()
}

#[test]
fn joint_savings_add_up_to_the_cent() {
    let mut seen = std::collections::BTreeSet::new();
    for (i, (f, more)) in all_customers().iter().enumerate() {
        let (rows, plan, state) = run_with(f, more, RULES);
        seen.extend(rows.iter().filter(|r| r.saving_joint.is_some()).map(|r| r.code));
        let joint: Money = rows.iter().filter_map(|r| r.saving_joint_observed).sum();
        assert!(rows.iter().filter(|r| r.saving_joint_observed.is_some()).count() >= 2, "customer {i}: {rows:?}");
        assert_eq!(Some(joint), plan.saving_observed, "customer {i}");
        let after = apply_plan((f, more), &rows, &state);
        let independent = state.bill().unwrap().observed() - after.bill().unwrap().observed();
        assert_eq!(joint, independent, "customer {i}: all changes in waterfall order, billed once");
        let yearly: Money = rows.iter().filter_map(|r| r.saving_joint).sum();
        assert_eq!(Some(yearly), plan.saving, "customer {i}");
        assert_eq!(plan.saving, plan.bill_now.zip(plan.bill_after).map(|(n, a)| n - a));
    }
    for code in ["R01", "R03", "R04", "R05", "R06", "R13", "R14", "R17", "R22"] {
        assert!(seen.contains(code), "no plan has {code}: {seen:?}");
    }
}

#[test]
fn a_well_run_flat_customer_gets_no_advice() {
    // Load factor 0.95, cos φ 0.96, demand 80 % of the capacity.
    for mode in [BillingMode::Capacity, BillingMode::Demand] {
        let mut f = year(|d, s| 1000.0 + 50.0 * (((d * 96 + s) as f64) * 0.37).sin() + ((d * 13 + s * 7) % 11) as f64);
        f.kvar = Some(f.kw.iter().map(|kw| kw * (1.0 / (0.96_f64 * 0.96) - 1.0).sqrt()).collect());
        f.customer.contract.capacity = Some(Kva::new(1700.0));
        f.customer.contract.billing_mode = Some(mode);
        let (rows, plan, _) = run(&f);
        // 1,060 kW on 1,700 kVA is at break-even (0.624 against 25/40): neither mode wins clearly.
        assert!(rows.iter().all(|r| r.verdict == Outcome::Missing), "{mode:?}: {rows:?}");
        assert_eq!(plan.saving, Some(Money::ZERO));
        assert!(plan.load_after.is_none());
    }
}

#[test]
fn without_tariff_all_priced_advice_answers_missing_tariff() {
    let mut f = everything(BillingMode::Demand, 1000.0);
    f.tariff = None;
    let (rows, plan, _) = run(&f);
    let priced: Vec<&str> = RULES.iter().filter(|r| r.needs().contains(&Need::Tariff)).map(|r| r.code()).collect();
    for code in priced {
        let found = row(&rows, code).map(|r| (r.verdict, r.needs.contains(&"tariff".to_owned()), r.rank));
        assert_eq!(found, Some((Outcome::Missing, true, None)), "{code}");
    }
    assert!(rows.iter().all(|r| r.saving_alone.is_none()));
    assert_eq!((plan.bill_now, plan.saving), (None, None));
}

#[test]
fn unknown_market_status_stops_energy_money_alone() {
    let mut f = everything(BillingMode::Demand, 1000.0);
    f.customer.contract.market_status = None;
    let (rows, _, _) = run(&f);
    for code in ["R01", "R06"] {
        assert_eq!(row(&rows, code).map(|r| r.needs.clone()), Some(vec!["market_status".to_owned()]), "{code}");
    }
    for code in ["R03", "R05"] {
        assert_eq!(row(&rows, code).map(|r| r.verdict), Some(Outcome::Advise), "{code}");
    }
    assert!(rows.iter().rev().take(2).all(|r| r.rank.is_none()), "missing rows come last");
}

#[test]
fn unknown_standard_is_never_taken_for_090() {
    let mut f = everything(BillingMode::Demand, 1000.0);
    f.customer.contract.pf_standard = None;
    let (rows, _, _) = run(&f);
    assert_eq!(row(&rows, "R05").map(|r| r.needs.clone()), Some(vec!["pf_standard".to_owned()]));
}

#[test]
fn sectors_that_must_run_are_left_alone() {
    use Sector::{ColdStore, ContinuousProcess, DataCentre, Hospital};
    let mut f = everything(BillingMode::Capacity, 900.0);
    let naive = advised(&f);
    assert!(naive.contains(&"R01") && naive.contains(&"R06"), "{naive:?}");
    for sector in [Hospital, DataCentre, ContinuousProcess, ColdStore] {
        f.customer.sector = Some(sector);
        let codes = advised(&f);
        assert!(!codes.contains(&"R06"), "{sector:?}");
        assert_eq!(codes.contains(&"R01"), sector == ColdStore, "{sector:?}");
    }
    f.customer.sector = None;
    f.customer.supply_level = Some(1);
    assert!(!advised(&f).contains(&"R01"), "class-1 supply");
}

#[test]
fn a_technical_potential_is_not_in_the_headline() {
    let (rows, plan, _) = run(&everything(BillingMode::Capacity, 900.0));
    let r01 = row(&rows, "R01").unwrap();
    assert!(!r01.headline && r01.kwh_shifted.is_some_and(|e| e > Kwh::ZERO) && r01.kwh_saved.is_none());
    assert_eq!(plan.saving_headline, Some(rows.iter().filter_map(|r| r.saving_headline).sum()));
    assert!(r01.saving_headline.is_none() && plan.saving_headline < plan.saving);
}

/// One needle of 250 kW above 300 in each of the first `months` months.
pub(super) fn needles(months: usize) -> Fixture {
    let mut f = year(|_, s| if (32..80).contains(&s) { 300.0 } else { 200.0 });
    let days = f.days();
    for d in (0..365).filter(|d| days.date(*d).ymd().2 == 10 && usize::from(days.date(*d).ymd().1) <= months) {
        f.kw[d * 96 + 40] = 550.0;
    }
    f.customer.contract.capacity = Some(Kva::new(500.0));
    f
}

#[test]
fn no_production_needs_a_calendar() {
    let f = everything(BillingMode::Demand, 1000.0);
    let more = More { no_calendar: true, ..More::default() };
    let rows = run_with(&f, &more, RULES).0;
    assert_eq!(row(&rows, "R06").map(|r| r.needs.clone()), Some(vec!["calendar".to_owned()]));
}

#[test]
fn small_sums_are_not_mentioned() {
    let mut f = flat_year(4.0);
    f.customer.contract.capacity = Some(Kva::new(20.0));
    f.customer.contract.billing_mode = Some(BillingMode::Capacity);
    let (rows, _, state) = run(&f);
    let (capacity, demand) = (12.0 * 25.0 * 20.0, 12.0 * 40.0 * 4.0);
    assert!(capacity - demand > 4000.0 && capacity - demand < 5000.0);
    assert!(state.bill().is_some() && rows.iter().all(|r| r.verdict == Outcome::Missing), "4,080 a year: {rows:?}");
}

#[test]
fn a_short_history_is_flagged_and_a_missing_season_has_no_year() {
    let mut f = everything(BillingMode::Demand, 1000.0);
    f.n_days = 120;
    f.kw.truncate(120 * 96);
    f.kvar = Some(f.kw.iter().map(|kw| kw * 0.75).collect());
    let (rows, plan, _) = run(&f);
    let r05 = row(&rows, "R05").unwrap();
    assert!(plan.short && r05.evidence.notes.contains_key("short"));
    let monthly = &r05.evidence.arithmetic.as_ref().unwrap().monthly_saving;
    let sum: Money = monthly.iter().copied().sum();
    assert!((r05.saving_alone.unwrap().to_f64() - sum.to_f64() * 3.0).abs() < 0.05, "4 months × 3");
    let seasonal = crate::whatif::fixture::TARIFF.replace(
        "[[schedule]]\n",
        "[[schedule]]\nmonths = [7, 8]\nwindows = { peak = [\"00:00-24:00\"] }\n[[schedule]]\nmonths = [1, 2, 3, 4, 5, 6, 9, 10, 11, 12]\n",
    );
    f.tariff = Some(seasonal);
    let (rows, plan, _) = run(&f);
    let r05 = row(&rows, "R05").unwrap();
    assert_eq!((r05.saving_alone, r05.saving_joint, r05.saving_low, plan.saving), (None, None, None, None));
    assert!(r05.saving_joint_observed.is_some_and(|s| s > Money::ZERO), "the observed months are priced");
}

#[test]
fn the_evidence_re_derives_the_saving() {
    for f in [everything(BillingMode::Demand, 1000.0), everything(BillingMode::Capacity, 2500.0)] {
        for advice in run(&f).0.into_iter().filter(|a| a.holds.is_some()) {
            let a = advice.evidence.arithmetic.as_ref().unwrap();
            let amount = |lines: &[crate::rule::LineSum]| lines.iter().map(|l| l.amount).sum::<Money>();
            assert_eq!(Some(amount(&a.before) - amount(&a.after)), advice.saving_alone, "{}", advice.code);
            for l in a.before.iter().chain(&a.after) {
                let off = l.quantity * l.price - l.amount.to_f64();
                assert!(off.abs() <= 0.0051 * l.lines as f64, "{} {}: {off}", advice.code, l.name);
            }
            let json = serde_json::to_value(&advice.evidence).unwrap();
            let text = explain_advice(&json, advice.code, &advice.advice_id);
            assert!(
                text.starts_with(advice.code) && text.contains("Whole bill:") && text.contains("Change: "),
                "{text}"
            );
            // Alone, in the plan and the range drawn anew come to what the table says.
            let plain = text.replace(',', "");
            for saving in [advice.saving_alone, advice.saving_joint, advice.saving_low, advice.saving_high] {
                let shown = saving.map(|s| format!("{:.2}", s.to_f64()));
                assert!(shown.as_deref().is_none_or(|s| plain.contains(s)), "{shown:?} in {text}");
            }
            let step = a.in_plan.as_ref();
            assert_eq!(step.is_some(), advice.saving_joint.is_some());
            assert!(step.is_none_or(|s| s.on_top_of.iter().all(|c| text.contains(c))), "{text}");
            // So do the energies and the maximum, from what changes in each month.
            let energies = [advice.kwh_saved, advice.kwh_shifted].map(|e| e.map_or(0.0, Kwh::get));
            let figures = energies.into_iter().chain(advice.kw_reduced.map(Kw::get));
            assert_eq!(a.effect.is_some(), energies != [0.0; 2], "{}", advice.code);
            for figure in figures.filter(|f| *f != 0.0) {
                let shown = ((figure * 1e3).round() / 1e3).to_string();
                assert!(plain.contains(&format!(" {shown} k")), "{shown} in {text}");
            }
            let confidence = format!("= {}", (advice.confidence.unwrap().get() * 1e4).round() / 1e4);
            assert!(text.contains(&confidence), "{confidence} in {text}");
        }
    }
}

#[test]
fn the_same_customer_gets_the_same_advice() {
    let f = everything(BillingMode::Demand, 1000.0);
    assert_eq!(run(&f).0, run(&f).0);
    let ids: Vec<String> = run(&f).0.iter().map(|r| r.advice_id.clone()).collect();
    assert!(ids.contains(&"T1-R05".to_owned()), "{ids:?}");
}

#[test]
fn ranges_hold_the_saving_they_belong_to() {
    for f in synthetic_customers() {
        for r in run(&f).0.into_iter().filter(|r| r.holds.is_some()) {
            let shown = r.saving_headline.or(r.saving_joint).or(r.saving_alone).unwrap();
            assert!(r.saving_low.unwrap() <= shown && shown <= r.saving_high.unwrap(), "{r:?}");
            let c = r.confidence.unwrap().get();
            assert!((0.0..=1.0).contains(&c));
        }
    }
}

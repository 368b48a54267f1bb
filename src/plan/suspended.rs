//! R11: what is promised of transformers at rest, in which months, under which way of billing.

use super::guards::light;
use super::tests::{More, row, run_with};
use super::*;
use crate::customer::{BillingMode, Transformer};
use crate::report::AdviceText;
use crate::rule::{Outcome, find};
use crate::tariff::LineKind;
use crate::text::Language;
use crate::time::Date;
use crate::units::{Kva, Kw};
use crate::whatif::fixture::{Fixture, TARIFF, flat_year};

/// A flat load on some units, and terms that leave its maximum in kVA as it is in kW.
pub(super) fn plant(kw: f64, units: &[(&str, f64)], mode: BillingMode) -> (Fixture, More) {
    let mut f = flat_year(kw);
    f.customer.transformers = units.iter().map(|(name, kva)| Transformer::running(name, *kva)).collect();
    f.customer.contract.capacity = Some(Kva::new(units.iter().map(|u| u.1).sum()));
    f.customer.contract.billing_mode = Some(mode);
    f.customer.supply_level = Some(3);
    let thresholds = Thresholds { suspend_power_factor: 1.0, ..Thresholds::default() };
    (f, More { thresholds, today: "2026-11-27".parse().ok(), ..More::default() })
}

pub(super) fn suspended(f: &Fixture, more: &More) -> std::result::Result<Advice, String> {
    let (rows, plan, _) = run_with(f, more, &[find("R11").unwrap()]);
    match row(&rows, "R11") {
        Some(r) if r.verdict == Outcome::Advise => Ok(r.clone()),
        _ => Err(plan.rejected.into_iter().find_map(|r| r.reason).unwrap_or_default()),
    }
}

/// Billed by demand: capacity billing alone would cost more, with T2 at rest for half a year it costs less. It is as
/// dear as that from July to September, when the load needs both.
pub(super) fn dearer_by_the_mode() -> (Fixture, More) {
    let (mut f, mut more) = plant(890.0, &[("T1", 1000.0), ("T2", 500.0)], BillingMode::Demand);
    let days = f.days();
    let high = |i: usize| (7..=9).contains(&days.date(i / 96).ymd().1);
    f.kw.iter_mut().enumerate().filter(|(i, _)| high(*i)).for_each(|(_, kw)| *kw = 950.0);
    more.thresholds.suspend_loading = 0.9;
    (f, more)
}

/// Under a contract far too high, and one that fits is kept high by the least share of the capacity, as actual
/// demand is even more.
fn contracted_anew() -> (Fixture, More) {
    let (mut f, more) = plant(600.0, &[("T1", 1000.0), ("T2", 1000.0)], BillingMode::Contract);
    f.customer.contract.contract_demand = Some(Kw::new(2000.0));
    let floors = "floor_share = 0.4\nactual_floor_share = 0.6\n";
    f.tariff = Some(TARIFF.replace("over_contract_rule =", &format!("{floors}over_contract_rule =")));
    (f, more)
}

#[test]
fn no_more_months_of_rest_are_promised_than_are_allowed() {
    // The naive range draws years of eight and nine months of rest.
    let f = light(&[("A", 1000.0), ("B", 800.0)]);
    let found = suspended(&f, &More::default()).unwrap();
    let (saving, high) = (found.saving_alone.unwrap().to_f64(), found.saving_high.unwrap().to_f64());
    assert_eq!(saving, 6.0 * 25.0 * 1000.0);
    assert!(high <= 1.1 * saving, "{high} against {saving}");
    let arithmetic = found.evidence.arithmetic.unwrap();
    assert_eq!(arithmetic.in_force.iter().filter(|f| **f).count(), 6);
    let range = arithmetic.range.unwrap();
    assert_eq!((range.drawn_low, range.drawn_high, range.seasonal), (saving, saving, true));
    // What is drawn anew from the evidence is the same.
    for (f, more) in [(f, More::default()), dearer_by_the_mode(), contracted_anew()] {
        let found = suspended(&f, &more).unwrap();
        let told = explain_advice(&serde_json::to_value(&found.evidence).unwrap(), "R11", &found.advice_id);
        let [low, high] = [found.saving_low, found.saving_high].map(|m| format!("{:.2}", m.unwrap().to_f64()));
        assert!(told.replace(',', "").contains(&format!("lower or higher: {low} to {high}")), "{low} {high}: {told}");
    }
}

#[test]
fn what_changes_beside_the_suspension_is_said_and_can_be_derived() {
    let (f, more) = dearer_by_the_mode();
    let found = suspended(&f, &more).unwrap();
    assert!(found.evidence.figures["saving_by_the_mode_alone"].value < 0.0, "who only changes the mode pays more");
    let told = AdviceText::new(&found, Language::En).action;
    assert!(told.contains("by transformer capacity instead of by actual maximum demand"), "{told}");
    assert!(AdviceText::new(&found, Language::Zh).action.contains("改为按变压器容量"));

    let (f, more) = contracted_anew();
    let found = suspended(&f, &more).unwrap();
    let told = AdviceText::new(&found, Language::En).action;
    let figure = |name: &str| found.evidence.figures[name].value;
    assert!(told.contains("have the months since then read and size the contracts anew"), "they end 2025: {told}");
    assert!(told.contains("contract a demand month by month from 20") && !told.contains(" kW"), "{told}");
    assert_eq!([figure("contract_resting_most"), figure("contract_working_most")], [600.0, 800.0]);
    let soon = suspended(&f, &More { today: "2025-12-20".parse().ok(), ..contracted_anew().1 }).unwrap();
    let told = AdviceText::new(&soon, Language::En).action;
    assert!(told.contains("up to 600 kW while units rest and up to 800 kW otherwise"), "{told}");
    assert!(!found.evidence.notes.contains_key("new_mode"), "it is billed by contract already");
    // The bill's contracts are those of the evidence: 800 kW, the least share of 2,000 kVA, and 600 kW at rest.
    let contracts: f64 = (1..=12).map(|m| figure(&format!("contract_2025-{m:02}"))).sum();
    assert_eq!(contracts, 6.0 * 800.0 + 6.0 * 600.0);
    let after = &found.evidence.arithmetic.as_ref().unwrap().after;
    let billed: f64 = after.iter().filter(|l| l.kind == LineKind::Demand).map(|l| l.quantity).sum();
    assert_eq!(billed, contracts);

    let told =
        AdviceText::new(&suspended(&light(&[("A", 1000.0), ("B", 800.0)]), &More::default()).unwrap(), Language::En);
    assert!(!told.action.contains("billed") && !told.action.contains("contract"), "{}", told.action);
}

#[test]
fn another_way_of_billing_is_not_led_to_where_one_without_a_suspension_saves_more() {
    // By capacity with T2 at rest: 12 · (40 · 1,600 − 25 · 1,630) + 6 · 25 · 630 = 373,500; contracts that fit, 388,800.
    let (mut f, more) = plant(790.0, &[("T1", 1000.0), ("T2", 630.0)], BillingMode::Contract);
    f.customer.contract.contract_demand = Some(Kw::new(1600.0));
    let why = suspended(&f, &more).unwrap_err();
    assert!(why.contains("without a suspension"), "{why}");
    // What today's way offers stays beside the other.
    f.customer.contract.billing_mode = Some(BillingMode::Capacity);
    assert_eq!(suspended(&f, &more).unwrap().evidence.notes["to_mode"], "capacity");
}

#[test]
fn no_date_to_apply_for_is_past() {
    let date = |text: &str| text.parse::<Date>().unwrap();
    let first = |found: &Advice| date(found.evidence.notes["suspend_dates"].split(" – ").next().unwrap());
    for today in ["2025-12-31", "2026-05-02", "2026-11-27", "2028-02-29"] {
        let today = date(today);
        for (f, more) in [(light(&[("A", 1000.0), ("B", 800.0)]), More::default()), dearer_by_the_mode()] {
            let found = suspended(&f, &More { today: Some(today), ..more }).unwrap();
            let (by, begins) = (date(&found.evidence.notes["apply_by"]), first(&found));
            assert!(today <= by && by < begins, "{today}: apply by {by} for {begins}");
            let told = AdviceText::new(&found, Language::En).action;
            assert!(told.contains(&by.to_string()) && !told.contains("2025"), "{told}");
            if found.evidence.notes.contains_key("new_mode") {
                let quarter = found.evidence.constants["mode_workdays"].value;
                assert!(quarter == 15.0 && begins.0 - today.0 >= 15, "{today}: {begins}");
            }
        }
    }
}

#[test]
fn months_worth_about_the_same_rest_in_one_period() {
    // Load losses make the months of the lesser load worth a little more; the naive choice takes those, six periods.
    let spell = |apart: f64| {
        let (mut f, more) = plant(500.0, &[("T1", 1000.0), ("T2", 800.0)], BillingMode::Capacity);
        let days = f.days();
        let odd = |i: usize| days.date(i / 96).ymd().1 % 2 == 1;
        for unit in &mut f.customer.transformers {
            (unit.p0_kw, unit.pk_kw) = (Some(1.5), Some(10.0));
        }
        f.kw.iter_mut().enumerate().filter(|(i, _)| odd(*i)).for_each(|(_, kw)| *kw -= apart);
        let high = crate::customer::Meter {
            metering_side: Some(crate::customer::MeteringSide::High),
            ..crate::customer::Meter::alone(&"T1".into())
        };
        (f, More { meters: vec![high], ..more })
    };
    let (f, more) = spell(60.0);
    let periods = |found: &Advice| found.evidence.notes["periods"].split(", ").count();
    let months = |found: &Advice| found.evidence.figures["suspended_months"].value;
    let found = suspended(&f, &more).unwrap();
    let mut naive = spell(60.0);
    naive.1.thresholds.suspend_scatter_share = 0.0;
    let scattered = suspended(&naive.0, &naive.1).unwrap();
    assert_eq!([periods(&found), periods(&scattered)], [1, 6]);
    assert_eq!([months(&found), months(&scattered)], [6.0, 6.0]);
    let (less, most) = (found.saving_alone.unwrap().to_f64(), scattered.saving_alone.unwrap().to_f64());
    assert!(less < most && less >= 0.98 * most, "{less} of {most}");
}

#[test]
fn periods_are_counted_as_they_next_come() {
    // Any six months are worth the same; the naive choices, by the months of the readings or by a year taken as a ring,
    // apply twice.
    let (f, mut more) = plant(300.0, &[("T1", 1000.0), ("T2", 800.0)], BillingMode::Capacity);
    for today in ["2025-12-20", "2026-02-10", "2026-08-01", "2026-11-27"] {
        more.today = today.parse().ok();
        let found = suspended(&f, &more).unwrap();
        assert_eq!(found.evidence.notes["suspend_dates"].split(", ").count(), 1, "{today}: {:?}", found.evidence.notes);
    }
    // Two periods of the year that was, one of that to come; a choice by what was has May beside September to December.
    let (mut f, more) = plant(900.0, &[("T1", 1000.0), ("T2", 500.0)], BillingMode::Capacity);
    let days = f.days();
    let low = |i: usize| matches!(days.date(i / 96).ymd().1, 1 | 2 | 5 | 9..=12);
    f.kw.iter_mut().enumerate().filter(|(i, _)| low(*i)).for_each(|(_, kw)| *kw = 300.0);
    let found = suspended(&f, &More { today: "2026-07-01".parse().ok(), ..more }).unwrap();
    assert_eq!(found.evidence.notes["periods"], "2025-01-01 – 2025-02-28, 2025-09-01 – 2025-12-31");
    assert_eq!(found.evidence.notes["suspend_dates"], "2026-09-01 – 2027-02-28");
}

/// Some years from 2024 on 2 × 1,500 kVA, with kW by year and month.
pub(super) fn years(n_days: usize, kw: fn(i32, u8) -> f64) -> (Fixture, More) {
    let (mut f, more) = plant(0.0, &[("A", 1500.0), ("B", 1500.0)], BillingMode::Capacity);
    (f.from, f.n_days) = ("2024-01-01".parse().unwrap(), n_days);
    let days = f.days();
    let of = |day: usize| {
        let (year, month, _) = days.date(day).ymd();
        kw(year, month)
    };
    f.kw = (0..n_days).flat_map(|day| std::iter::repeat_n(of(day), 96)).collect();
    let last = f.from.plus(n_days as i32 + 4);
    (f, More { today: Some(last), ..more })
}

pub(super) const TWO_YEARS: usize = 731;

#[test]
fn the_noise_guard_does_not_grow_with_the_years_that_were_read() {
    // The naive guard, a share of all bills read, is above the yearly saving from the second year on.
    let summers = |_, month| if (6..=9).contains(&month) { 800.0 } else { 1300.0 };
    let of = |n_days: usize, small: f64| {
        let (mut f, more) = years(n_days, summers);
        f.customer.transformers = [("A", 1500.0), ("B", small)].map(|(n, s)| Transformer::running(n, s)).into();
        f.customer.contract.capacity = Some(Kva::new(1500.0 + small));
        suspended(&f, &more)
    };
    for n_days in [366, TWO_YEARS, TWO_YEARS + 365, TWO_YEARS + 730] {
        assert_eq!(of(n_days, 500.0).unwrap().saving_alone.unwrap().to_f64(), 4.0 * 25.0 * 500.0, "{n_days}");
        let why = of(n_days, 150.0).unwrap_err();
        assert!(why.contains("too little") && !why.contains("way of billing saves"), "{n_days}: {why}");
    }
}

#[test]
fn what_another_year_needed_in_the_same_months_does_not_rest() {
    // Low from January to June of 2025 alone: the naive choice rests a unit in months of the next year of which nothing
    // else is known, and which the load of today would overload.
    let once = |year, month| if year == 2025 && month <= 6 { 800.0 } else { 1900.0 };
    let (f, more) = years(TWO_YEARS, once);
    let why = suspended(&f, &more).unwrap_err();
    assert!(why.contains("in other years the load needed all transformers"), "{why}");
    // Each winter is low: that is promised, in the months of both, whatever the season in which the readings end.
    let winter = |_, month| if (4..=10).contains(&month) { 1900.0 } else { 800.0 };
    for n_days in [TWO_YEARS, TWO_YEARS - 92, TWO_YEARS + 181] {
        let (f, more) = years(n_days, winter);
        let found = suspended(&f, &more).unwrap();
        assert!(found.headline && found.evidence.figures["suspended_months"].value == 5.0, "{n_days}: {found:?}");
    }
}

#[test]
fn months_that_one_year_alone_shows_are_no_promise_while_the_load_is_high() {
    let risen = |_, month| if month <= 6 { 800.0 } else { 1900.0 };
    let (f, more) = years(366, risen);
    let found = suspended(&f, &more).unwrap();
    assert!(!found.headline && found.saving_headline.is_none(), "the naive sum counts {:?}", found.saving_alone);
    let figure = |name: &str| found.evidence.figures[name].value;
    assert_eq!([figure("latest_kva"), figure("latest_loading")], [1900.0, 1900.0 / 1500.0]);
    assert_eq!(found.evidence.figures["confidence_model"].value, 0.5);
    for (language, words) in [(Language::En, "Do not suspend anything"), (Language::Zh, "请勿暂停")] {
        let told = AdviceText::new(&found, language).action;
        assert!(["2024-07-01", "126.7%", words].iter().all(|part| told.contains(part)), "{told}");
    }
    // Readings that end with the low months show a load that falls again.
    let (f, more) = years(366, |_, month| if month <= 6 { 1900.0 } else { 800.0 });
    assert!(suspended(&f, &more).unwrap().headline);
    // A growth at the end of two years of the same months: the year before shows no season.
    let (f, more) = years(TWO_YEARS, |year, month| if year == 2025 && month > 6 { 1900.0 } else { 800.0 });
    let found = suspended(&f, &more).unwrap();
    assert!(!found.headline && found.evidence.notes["high_since"] == "2025-07-01");
}

#[test]
fn a_load_that_has_shrunk_is_promised_after_two_years() {
    let of = |lower_from: i32| {
        let (f, more) = years(3 * 365 + 1, |_, _| 1900.0);
        let days = f.days();
        let kw = |i: usize| if days.date(i / 96).ymd().0 >= lower_from { 800.0 } else { 1900.0 };
        let kw = (0..f.kw.len()).map(kw).collect();
        suspended(&Fixture { kw, ..f }, &more).unwrap()
    };
    let one = of(2026);
    assert!(!one.headline && one.evidence.figures["year_before_kva"].value == 1900.0);
    assert!(AdviceText::new(&one, Language::En).action.starts_with("Only if your load stays as low"));
    assert!(of(2025).headline);
}

#[test]
fn what_is_promised_goes_before_what_saves_more_on_a_condition() {
    // The large unit could rest in the low half of one year, the small one whatever the load.
    let (mut f, more) = years(366, |_, month| if month <= 6 { 500.0 } else { 1700.0 });
    f.customer.transformers =
        [("A", 1500.0), ("B", 1500.0), ("C", 400.0)].map(|(n, s)| Transformer::running(n, s)).into();
    f.customer.contract.capacity = Some(Kva::new(3400.0));
    let found = suspended(&f, &more).unwrap();
    assert!(found.headline && found.evidence.notes["units"] == "C", "{:?}", found.evidence.notes);
}

/// A register of 400 kVA, and 620 kW on it.
#[test]
fn billing_by_a_capacity_that_the_load_contradicts_is_no_promise() {
    let (mut f, more) = plant(620.0, &[("T1", 400.0)], BillingMode::Demand);
    let (rows, plan, _) = run_with(&f, &more, &[find("R04").unwrap(), find("R10").unwrap(), find("R12").unwrap()]);
    let found = row(&rows, "R04").unwrap();
    assert!(found.evidence.notes["to_mode"] == "capacity" && found.saving_alone > Some(Money::ZERO));
    assert!(!found.headline && plan.saving_headline == Some(Money::ZERO), "{rows:?}");
    let told = AdviceText::new(found, Language::En).action;
    assert!(told.starts_with("Check the register of transformers first") && told.contains("155%"), "{told}");
    assert!(row(&rows, "R12").is_some());
    // Within what is registered it is promised, with the day by which to apply.
    f.customer.transformers = vec![Transformer::running("T1", 630.0)];
    f.customer.contract.capacity = Some(Kva::new(630.0));
    let (rows, ..) = run_with(&f, &more, &[find("R04").unwrap()]);
    let found = row(&rows, "R04").unwrap();
    let told = AdviceText::new(found, Language::En).action;
    assert!(found.headline && told.contains(&found.evidence.notes["apply_by"]), "{told}");
    assert!(told.contains("from 2027-01-01 on"), "{told}");
}

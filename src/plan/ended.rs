//! What has gone meanwhile is not promised for the year to come; what comes every summer is.

use super::tests::{More, needles, row, run, run_with};
use super::*;
use crate::customer::{BillingMode, Transformer, UnitState};
use crate::report::AdviceText;
use crate::text::Language;
use crate::time::DayKind;
use crate::whatif::fixture::{Fixture, flat_year, year};

const SLOTS: usize = 96;

/// 800 kW by day and 200 by night, and in the given months a needle of 1,300 on the twelfth.
fn needled(months: &'static [u8]) -> Fixture {
    let mut f = year(|_, s| if (32..80).contains(&s) { 800.0 } else { 200.0 });
    let days = f.days();
    for d in 0..365 {
        let (_, month, day) = days.date(d).ymd();
        if day == 12 && months.contains(&month) {
            f.kw[d * SLOTS + 45] = 1300.0;
        }
    }
    f.customer.contract.capacity = Some(crate::units::Kva::new(2000.0));
    f
}

/// Starts at eight of all machines at once until a month.
fn started(until: u8) -> Fixture {
    let kinds = flat_year(0.0).labels().kinds;
    let days = flat_year(0.0).days();
    let mut f = year(|d, s| {
        let work = kinds[d] == DayKind::Workday && (32..80).contains(&s);
        let start = work && s < 34 && days.date(d).ymd().1 <= until;
        200.0 + if work { 500.0 } else { 0.0 } + if start { 300.0 } else { 0.0 }
    });
    f.customer.contract.capacity = Some(crate::units::Kva::new(2000.0));
    f
}

/// 600 kW with that many kvar in the given months, and enough compensation otherwise.
fn lagging(months: &'static [u8], kvar: f64) -> Fixture {
    let mut f = flat_year(600.0);
    let days = f.days();
    let of = |i: usize| if months.contains(&days.date(i / SLOTS).ymd().1) { kvar } else { 140.0 };
    f.kvar = Some((0..f.kw.len()).map(of).collect());
    f
}

/// A load of which the maximum is high from a month on, so that billing by demand costs more than by capacity.
fn grown(from: u8) -> Fixture {
    let mut f = flat_year(0.0);
    let days = f.days();
    for (i, kw) in f.kw.iter_mut().enumerate() {
        *kw = if days.date(i / SLOTS).ymd().1 >= from { 900.0 } else { 300.0 };
    }
    f.customer.contract.billing_mode = Some(BillingMode::Capacity);
    f
}

/// Since when a rule's advice has not paid; in no plan then, and said.
fn ended(f: &Fixture, code: &str) -> Option<String> {
    let (rows, plan, _) = run_with(f, &More::default(), &[crate::rule::find(code).unwrap()]);
    let found = row(&rows, code).unwrap_or_else(|| panic!("{code}: {:?}", plan.rejected));
    let since = found.evidence.notes.get("ended_since").cloned();
    assert_eq!(found.has_ended(), since.is_some());
    if let Some(month) = &since {
        assert!(!found.evidence.notes.contains_key("first_action"), "there is nothing to do");
        assert!(found.saving_alone > Some(Money::ZERO), "what the past year would have saved");
        assert_eq!((found.headline, found.saving_headline, found.saving_joint), (false, None, None));
        assert_eq!((plan.saving_headline, plan.saving), (Some(Money::ZERO), Some(Money::ZERO)));
        for language in Language::ALL {
            let told = AdviceText::new(found, language).action;
            assert!(told.contains(month), "{told}");
        }
    }
    since
}

#[test]
fn what_was_mended_in_the_year_is_not_promised_for_the_next() {
    // The naive sums: 134,000 for a bank where one was repaired, needles and starts that no longer come.
    let since = |month: &str| Some(format!("2025-{month}"));
    assert_eq!(ended(&lagging(&[1, 2, 3, 4, 5, 6, 7, 8], 450.0), "R05"), since("09"));
    assert_eq!(ended(&needled(&[1, 2, 3, 4, 5, 6]), "R03"), since("07"));
    assert_eq!(ended(&started(6), "R02"), since("07"));
    assert_eq!(ended(&grown(10), "R04"), since("10"), "of late the other way of billing would cost more");
    // Two months are no proof, nor is what goes on.
    assert_eq!(ended(&lagging(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 450.0), "R05"), None);
    assert_eq!(ended(&needled(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), "R03"), None);
}

#[test]
fn what_comes_in_a_season_or_now_and_then_has_not_gone() {
    // The naive look at the latest months alone: none of them saves.
    for summer in [&[6, 7, 8][..], &[5, 6, 7, 8, 9]] {
        assert_eq!(ended(&lagging(summer, 700.0), "R05"), None, "{summer:?}");
        assert_eq!(ended(&needled(summer), "R03"), None, "{summer:?}");
    }
    assert_eq!(ended(&lagging(&[2], 1200.0), "R05"), None, "one bad February");
    // Every fourth month: three months without a needle are as usual.
    assert_eq!(ended(&needled(&[1, 5, 9]), "R03"), None);
    // A winter's, of readings that end in summer.
    let mut winter = lagging(&[11, 12, 1, 2, 3], 700.0);
    winter.from = "2024-09-01".parse().unwrap();
    let days = winter.days();
    let cold = |i: usize| [11, 12, 1, 2, 3].contains(&days.date(i / SLOTS).ymd().1);
    winter.kvar = Some((0..winter.kw.len()).map(|i| if cold(i) { 700.0 } else { 140.0 }).collect());
    assert_eq!(ended(&winter, "R05"), None);
    // Of fewer than twelve months no season can be told.
    let mut short = needled(&[1, 2, 3, 4, 5, 6]);
    short.n_days = 304;
    short.kw.truncate(304 * SLOTS);
    assert_eq!(ended(&short, "R03"), None);
}

#[test]
fn what_has_gone_leaves_its_place_to_others() {
    let all = run(&needles(12)).0;
    assert!(row(&all, "R03").is_some_and(|r| r.headline && !r.has_ended()));
    let gone = needled(&[1, 2, 3, 4, 5, 6]);
    let (rows, plan, _) = run(&gone);
    assert!(row(&rows, "R03").is_some_and(Advice::has_ended));
    let told: Money = rows.iter().filter_map(|r| r.saving_headline).sum();
    assert_eq!(plan.saving_headline, Some(told), "the sum is of what is left");
}

/// A bank of which a part was repaired in September, and needles that are a fifth of what they were.
#[test]
fn what_saves_a_small_part_of_what_it_did_is_not_promised_whole() {
    let mut mended = lagging(&[1, 2, 3, 4, 5, 6, 7, 8], 450.0);
    let days = mended.days();
    for (i, kvar) in mended.kvar.iter_mut().flatten().enumerate() {
        if days.date(i / SLOTS).ymd().1 > 8 {
            *kvar = 330.0;
        }
    }
    let (rows, plan, _) = run_with(&mended, &More::default(), &[crate::rule::find("R05").unwrap()]);
    let found = row(&rows, "R05").unwrap();
    assert!(found.has_ended() && plan.saving == Some(Money::ZERO));
    let left = found.evidence.figures["saving_left"].value;
    let alone = found.saving_alone.unwrap().to_f64();
    assert!(0.0 < left && left < 0.5 * alone, "{left} of {alone}");
    let (n, m) = found.holds.unwrap();
    assert_eq!(n, m, "little is saved in each month");
    let told = AdviceText::new(found, Language::En).action;
    assert!(told.contains("at the rate of") && told.contains("Ask for a quotation"), "{told}");
}

/// The naive saving is of terms that have ended: a contract that was lowered, a transformer that was given up.
#[test]
fn what_rests_on_terms_that_have_ended_is_not_promised() {
    let told = |f: &Fixture, code: &str| {
        let (rows, plan, _) = run_with(f, &More::default(), &[crate::rule::find(code).unwrap()]);
        let found = row(&rows, code).unwrap_or_else(|| panic!("{code}: {:?}", plan.rejected));
        let left = found.evidence.figures.get("saving_left").map_or(0.0, |f| f.value);
        let since = found.evidence.notes.get("terms_since").cloned();
        assert_eq!((found.has_ended(), plan.saving == Some(Money::ZERO)), (since.is_some(), since.is_some()));
        let text = AdviceText::new(found, Language::En).action;
        assert!(since.as_ref().is_none_or(|month| text.contains(month)), "{text}");
        (found.saving_alone.unwrap().to_f64(), since, left)
    };
    // 300 kW, billed by capacity: 2,000 kVA until September, 1,000 since.
    let mut given_up = flat_year(300.0);
    given_up.customer.contract.billing_mode = Some(BillingMode::Capacity);
    let mut units = [Transformer::running("A", 1000.0), Transformer::running("B", 1000.0)];
    given_up.customer.transformers = units[..1].to_vec();
    let (kept, since, _) = told(&given_up, "R04");
    assert_eq!(since, None);
    units[1].valid_to = Some("2025-10-01".parse().unwrap());
    given_up.customer.transformers = units.to_vec();
    let (alone, since, left) = told(&given_up, "R04");
    assert_eq!(since.as_deref(), Some("2025-10"));
    assert!((left - kept).abs() < 0.01 && alone > 2.0 * kept, "{alone}: {left} of the bill with {kept}");
    // One that rests from October to March and so did in the last winter comes back.
    let rest = |from: &str, to: &str, state| Transformer {
        valid_from: Some(from.parse().unwrap()),
        valid_to: Some(to.parse().unwrap()),
        state,
        ..Transformer::running("B", 1000.0)
    };
    given_up.customer.transformers = vec![
        Transformer::running("A", 1000.0),
        rest("2025-01-01", "2025-04-01", UnitState::Suspended),
        rest("2025-04-01", "2025-10-01", UnitState::Running),
        rest("2025-10-01", "2026-01-01", UnitState::Suspended),
    ];
    assert_eq!(told(&given_up, "R04").1, None);
}

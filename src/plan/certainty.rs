//! The model's part of a confidence is found, where there is something to find it from.

use super::guards::advice;
use super::tests::{More, row, run_with};
use crate::customer::{BillingMode, Event, EventKind, IssuedLine, Meter, Sector, Transformer};
use crate::quality::{Issue, Severity};
use crate::register::Series;
use crate::rule::{Outcome, Thresholds};
use crate::tariff::{Recomputed, Reconciliation, reconcile};
use crate::time::{DAY_SECONDS, DayKind};
use crate::units::{Kva, Kw, Money};
use crate::whatif::fixture::{Fixture, flat_year, year};

/// The model's part of a confidence where no input tests it: one case for and one against, Laplace's rule of succession.
const UNTESTED: f64 = 1.0 / 2.0;

/// Figures of the evidence of what a rule says.
fn figure(f: &Fixture, more: &More, code: &str, name: &str) -> f64 {
    let rule = crate::rule::find(code).unwrap();
    let rows = run_with(f, more, &[rule]).0;
    let found = row(&rows, code).filter(|r| r.verdict == Outcome::Advise).unwrap_or_else(|| panic!("{code}: {rows:?}"));
    found.evidence.figures.get(name).unwrap_or_else(|| panic!("{code}: no {name}")).value
}

#[test]
fn cooling_is_as_sure_as_its_line() {
    let celsius = |d: usize| 16.0 - 12.0 * ((d as f64 - 15.0) / 365.0 * std::f64::consts::TAU).cos();
    let hours = |d: usize| (0..24).map(move |h| (d, h));
    let of = |spread: f64| {
        let noise = move |d: usize| ((d as f64 * 12.9898).sin() * 43_758.545).fract() * spread;
        let shop = |s: usize| if (32..80).contains(&s) { 200.0 } else { 0.0 };
        let mut f = year(move |d, s| 100.0 + shop(s) + 10.0 * (celsius(d) - 20.0).max(0.0) + noise(d));
        f.customer.sector = Some(Sector::Commercial);
        let first = i64::from(f.from.0) * DAY_SECONDS;
        let at = |(d, h): (usize, i64)| (first + d as i64 * DAY_SECONDS + h * 3600, celsius(d));
        let temperature = Some(Series::new(&(0..365).flat_map(hours).map(at).collect::<Vec<_>>()));
        let more = More {
            temperature,
            thresholds: Thresholds { noise_money: 1.0, noise_share: 0.0, ..Thresholds::default() },
            ..More::default()
        };
        let name = |n| figure(&f, &more, "R08", n);
        (name("confidence_model"), [name("r2_workdays"), name("r2_rest_days")])
    };
    let ((clear, _), (blurred, lines)) = (of(1.0), of(18.0));
    assert!(clear > 0.98 && blurred < clear - 0.03, "{clear} {blurred}");
    assert!(blurred >= lines[0].min(lines[1]) && blurred <= lines[0].max(lines[1]), "between {lines:?}: {blurred}");
}

/// Issued bills that are a factor times the recomputed ones.
fn sent(f: &Fixture, factor: f64) -> Reconciliation {
    let state = f.state();
    let bill = state.bill().unwrap();
    let line = |c: &crate::tariff::CycleBill| IssuedLine {
        month: c.month,
        line: "total".into(),
        quantity: None,
        amount: Money::from_f64_rounded(c.total().to_f64() * factor).unwrap(),
    };
    let (lines, tariff): (Vec<_>, _) = (bill.cycles.iter().map(line).collect(), state.tariff().unwrap());
    let usages = state.usages().unwrap();
    reconcile(&lines, &Recomputed { bill, usages, tariff, meters: &[] })
}

#[test]
fn a_contract_is_as_sure_as_its_forecasts() {
    let of = |step: f64, billed: bool| {
        let mut f = year(move |d, _| 600.0 + step * ((d / 31) % 3) as f64);
        f.customer.contract.billing_mode = Some(BillingMode::Contract);
        f.customer.contract.contract_demand = Some(Kw::new(950.0));
        let more = More { issued: billed.then(|| sent(&f, 1.0)), ..More::default() };
        let name = |n| figure(&f, &more, "R10", n);
        (name("confidence_model"), name("forecast_error"))
    };
    assert_eq!(
        [of(0.0, true), of(0.0, false)],
        [(1.0, 0.0), (0.5, 0.0)],
        "bills that were sent test the rest, as R04's"
    );
    let (model, error) = of(20.0, true);
    assert!(error > 0.01 && (model - (1.0 - error)).abs() < 1e-12, "{model} with errors of {error}");
}

#[test]
fn what_is_read_off_is_sure_and_what_stands_for_it_is_not() {
    let t = Thresholds::default();
    let mut f = flat_year(900.0);
    f.customer.contract.capacity = Some(Kva::new(1000.0));
    assert_eq!(figure(&f, &More::default(), "R12", "confidence_model"), UNTESTED, "a contract is no register");
    f.customer.transformers = vec![Transformer::running("T1", 1000.0)];
    assert_eq!(figure(&f, &More::default(), "R12", "confidence_model"), 1.0);
    let with = |ct_secondary_a, thresholds| {
        let meter = Meter { ct_ratio: Some(400.0), ct_secondary_a, ..Meter::alone(&"T1".into()) };
        More { meters: vec![meter], thresholds, ..More::default() }
    };
    let r18 = |more: &More, name: &str| figure(&flat_year(100.0), more, "R18", name);
    let (assumed, known) = (with(None, t.clone()), with(Some(2.5), t.clone()));
    assert_eq!((r18(&assumed, "confidence_model"), r18(&known, "confidence_model")), (UNTESTED, 1.0));
    // 400 · 2.5 A carries half of 400 · 5 A; the constant may say so too.
    let share = r18(&assumed, "current_to_rating");
    assert!((r18(&known, "current_to_rating") / share - 2.0).abs() < 1e-9);
    let set = with(None, Thresholds { ct_secondary_a: 2.5, ..t });
    assert!((r18(&set, "current_to_rating") / share - 2.0).abs() < 1e-9);
}

#[test]
fn what_is_only_billed_anew_is_as_sure_as_the_bills_that_were_sent() {
    let mut f = flat_year(400.0);
    f.customer.contract.billing_mode = Some(BillingMode::Capacity);
    let of = |issued| {
        let more = More { issued, ..More::default() };
        let rows = run_with(&f, &more, &[crate::rule::find("R04").unwrap()]).0;
        let notes = &rows[0].evidence.notes;
        (rows[0].evidence.figures["confidence_model"].value, notes["confidence_by"].clone())
    };
    let none = of(None);
    assert_eq!(none.0, UNTESTED);
    assert!(none.1.contains("with issued bills"), "{}", none.1);
    let (near, far) = (of(Some(sent(&f, 1.0))), of(Some(sent(&f, 1.25))));
    assert_eq!(near.0, 1.0);
    assert!((far.0 - 0.8).abs() < 1e-6 && far.1 != none.1, "a fifth of what was sent is missing: {far:?}");
}

#[test]
fn needles_are_as_sure_as_a_limit_that_was_known_before() {
    // 120 kW above a level that stays, or that goes up and down from month to month.
    let of = |higher: f64| {
        let days = flat_year(0.0).days();
        let f = year(move |d, s| {
            let (_, month, day) = days.date(d).ymd();
            let level = 300.0 + if month % 2 == 0 { higher } else { 0.0 };
            match s {
                40 if day == 10 => level + 120.0,
                32..80 => level,
                _ => 200.0,
            }
        });
        figure(&f, &More::default(), "R03", "confidence_model")
    };
    let (steady, changing) = (of(0.0), of(80.0));
    assert!(steady > 0.999, "{steady}");
    // After a month of 380 kW a limit of 380 keeps 40 of 120 kW; January has the next month's. The naive measure, days
    // below the cap, is the same of both.
    assert!((changing - (6.0 * 120.0 + 6.0 * 40.0) / (12.0 * 120.0)).abs() < 0.01, "{changing}");
}

#[test]
fn an_idle_load_falls_by_what_each_season_has_shown() {
    // 60 kW instead of 170 on rest days at the beginning of every month, or of October, or on one day of April, too.
    let of = |months: &'static [u8], single: bool| {
        let (days, kinds) = (flat_year(0.0).days(), flat_year(0.0).labels().kinds);
        let f = year(move |d, s| {
            let (_, month, day) = days.date(d).ymd();
            match kinds[d] {
                DayKind::Workday if (32..80).contains(&s) => 500.0,
                DayKind::Workday => 170.0,
                _ if day <= 12 && months.contains(&month) || single && (month, day) == (4, 20) => 60.0,
                _ => 170.0,
            }
        });
        ["R06", "R07"].map(|code| {
            let row = advice(&f, &More::default(), code);
            (row.holds.map(|h| h.0), row.evidence.figures["confidence_model"].value)
        })
    };
    assert_eq!(of(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], false), [(Some(12), 1.0); 2]);
    // The naive cut promises October's low for every month.
    assert_eq!(of(&[10], false), [(Some(3), 1.0); 2]);
    let single = of(&[10], true);
    assert!(single.iter().all(|(months, model)| *months == Some(6) && (0.4..0.6).contains(model)), "{single:?}");
}

#[test]
fn what_a_plant_needs_in_the_cold_is_not_promised_from_its_summer() {
    // The naive rule finds 60 kW on 60 summer days and takes the rest of the heating away.
    let of = |at_night: bool, from_the_15th: bool| {
        let (days, kinds) = (flat_year(0.0).days(), flat_year(0.0).labels().kinds);
        let f = year(move |d, s| {
            let (_, month, day) = days.date(d).ymd();
            let cold = match month {
                3 => !from_the_15th || day <= 15,
                11 => !from_the_15th || day >= 15,
                _ => matches!(month, 1 | 2 | 12),
            };
            match kinds[d] {
                DayKind::Workday if (32..80).contains(&s) => 500.0,
                DayKind::Workday if !at_night => 60.0,
                _ if cold => 220.0,
                _ => 60.0,
            }
        });
        ["R06", "R07"].map(|code| {
            let rows = run_with(&f, &More::default(), &[crate::rule::find(code).unwrap()]).0;
            row(&rows, code).and_then(|r| r.saving_alone)
        })
    };
    for at_night in [true, false] {
        assert_eq!([of(at_night, false), of(at_night, true)], [[None; 2]; 2], "{at_night}");
    }
}

#[test]
fn a_plant_that_never_stops_is_asked_without_certainty() {
    let of = |low_of_five: usize| {
        let kinds = flat_year(0.0).labels().kinds;
        let rest = kinds.iter().scan(0, |n, k| {
            *n += usize::from(*k != DayKind::Workday);
            Some(*n)
        });
        let rest: Vec<usize> = rest.collect();
        let f = year(move |d, s| match kinds[d] {
            DayKind::Workday if (32..80).contains(&s) => 500.0,
            DayKind::Workday => 100.0,
            _ if rest[d] % 5 < low_of_five => 60.0,
            _ => 170.0,
        });
        let more = More { no_calendar: true, ..More::default() };
        figure(&f, &more, "R07", "confidence_model")
    };
    let (never, often) = (of(0), of(4));
    assert_eq!(never, 0.0, "the naive share, of days on which much runs, is 1");
    assert!(often > 0.6, "{often}");
}

/// Terms of a battery.
const BATTERY: &str =
    "[battery]\ncapex_per_kwh = 500\nhours = 2\nround_trip = 0.9\ncycle_life = 6000\nlife_years = 12\nmost_kw = 60";

#[test]
fn what_could_be_bought_is_as_sure_as_its_simulation() {
    let of = |code, terms: &str, f: &Fixture| {
        let more = More { terms: toml::from_str(terms).unwrap(), ..More::default() };
        figure(f, &more, code, "confidence_model")
    };
    let shift = |d: usize, s: usize| match s {
        s if (32 + 8 * (d % 3)..40 + 8 * (d % 3)).contains(&s) => 600.0,
        32..72 => 500.0,
        _ => 300.0,
    };
    let (alike, uneven) = (year(|_, s| shift(0, s)), year(shift));
    let [steady, moving] = [of("R13", BATTERY, &alike), of("R13", BATTERY, &uneven)];
    assert!(steady > 0.99 && moving < 0.97 && moving > 0.0, "{steady} {moving}");
    // What it loses is no energy saved, and is told as what it is.
    let more = More { terms: toml::from_str(BATTERY).unwrap(), ..More::default() };
    let rows = run_with(&alike, &more, &[crate::rule::find("R13").unwrap()]).0;
    assert_eq!(rows[0].kwh_saved, None);
    let effect = rows[0].evidence.arithmetic.as_ref().and_then(|a| a.effect.clone()).unwrap();
    let lost = rows[0].evidence.figures["losses_a_year"].value;
    assert!(lost > 1000.0 && (effect.more() - effect.less() - lost).abs() < 0.01 * lost, "{lost}");
    let told = crate::plan::explain_advice(&serde_json::to_value(&rows[0].evidence).unwrap(), "R13", "");
    assert!(told.contains("Energy used more: ") && !told.contains("Energy saved"), "{told}");
    let pv = |kwp: f64| {
        format!("[pv]\ncapex_per_kwp = 1000\nkwp = {kwp}\nkwh_per_kwp = 1000\nlatitude = 31\nlife_years = 20")
    };
    let [small, large] = [200.0, 900.0].map(|kwp| of("R14", &pv(kwp), &flat_year(400.0)));
    assert!(small > 0.97 && large < 0.9, "{small} {large}");
}

#[test]
fn load_that_can_be_lowered_is_as_sure_as_curtailments_of_the_same_hours() {
    // 300 kW instead of 500 on each fifth day; 350 kW when it was asked on 10 February and 14 July.
    let mut f = year(|d, s| match s {
        32..80 if [40, 194].contains(&d) => 350.0,
        32..80 => {
            if d % 5 == 0 {
                300.0
            } else {
                500.0
            }
        }
        _ => 200.0,
    });
    let mut of = |asked: Option<(i32, i64, i64)>| {
        let event = |(day, from, to): (i32, i64, i64)| {
            let date = f.from.plus(day);
            let start = i64::from(date.0) * DAY_SECONDS;
            let clock = Some(start + from * 3600..start + to * 3600);
            Event { clock, ..Event::on_dates(date..date.plus(1), EventKind::Curtailment) }
        };
        f.customer.events = asked.map(event).into_iter().collect();
        figure(&f, &More::default(), "R15", "confidence_model")
    };
    assert_eq!(of(None), UNTESTED);
    let found = of(Some((40, 10, 12)));
    assert!((found - 0.75).abs() < 0.05, "150 of 200 kW: {found}");
    assert!((of(Some((40, 17, 24))) - found).abs() < 1e-9, "only the three hours to 20:00 are asked for");
    assert_eq!(of(Some((40, 2, 4))), UNTESTED, "at night it tells nothing");
    // The naive cases: the season of the greatest potential, which noise chooses, told nothing by one of another; and
    // each counts against what its own season has.
    assert!((of(Some((194, 10, 12))) - 0.75).abs() < 0.05, "in summer as in winter");
}

#[test]
fn a_habit_of_maintenance_is_surer_the_more_was_seen() {
    let mut f = year(|_, s| if (32..80).contains(&s) { 500.0 } else { 200.0 });
    let mut of = |n: i32| {
        // Mondays at 10:00.
        let event = |k: i32| {
            let date = f.from.plus(61 + 7 * k);
            let clock = Some(i64::from(date.0) * DAY_SECONDS + 36_000..i64::from(date.0) * DAY_SECONDS + 50_400);
            Event { clock, ..Event::on_dates(date..date.plus(1), EventKind::Maintenance) }
        };
        f.customer.events = (0..n).map(event).collect();
        figure(&f, &More::default(), "R21", "confidence_model")
    };
    assert_eq!([of(1), of(3)], [2.0 / 3.0, 0.8]);
}

#[test]
fn what_was_not_read_is_not_called_read_off() {
    let t = Thresholds::default();
    let by = |f: &Fixture, more: &More, code: &str| {
        let rows = run_with(f, more, &[crate::rule::find(code).unwrap()]).0;
        rows[0].evidence.notes["confidence_by"].clone()
    };
    let reactive = |mut f: Fixture| {
        f.kvar = Some(vec![50.0; f.kw.len()]);
        f
    };
    let mut heavy = flat_year(900.0);
    heavy.customer.transformers = vec![Transformer::running("T1", 1000.0)];
    assert!(by(&heavy, &More::default(), "R12").contains("lower bound"));
    assert!(by(&reactive(heavy), &More::default(), "R12").contains("read off;"));
    // A jump of the level behind current transformers that fit.
    let meter = Meter { ct_ratio: Some(400.0), ct_secondary_a: Some(1.0), ..Meter::alone(&"T1".into()) };
    let issue = Issue {
        code: "V13",
        severity: Severity::Advisory,
        meter: None,
        first: None,
        last: None,
        n_intervals: 96,
        evidence: serde_json::Value::Null,
    };
    let jumped = More { meters: vec![meter], issues: vec![issue], ..More::default() };
    assert!(by(&flat_year(100.0), &jumped, "R18").contains("inferred"));
    assert_eq!(figure(&flat_year(100.0), &jumped, "R18", "confidence_model"), UNTESTED);
    // Suspended units are reckoned in kVA.
    let mut spare = flat_year(400.0);
    spare.customer.contract.billing_mode = Some(BillingMode::Capacity);
    spare.customer.supply_level = Some(3);
    spare.customer.transformers = vec![Transformer::running("A", 1000.0), Transformer::running("B", 800.0)];
    assert!(by(&spare, &More::default(), "R11").contains("power factor is assumed"));
    assert_eq!(figure(&spare, &More::default(), "R11", "confidence_model"), UNTESTED);
    let set = More { thresholds: Thresholds { suspend_power_factor: 0.5, ..t.clone() }, ..More::default() };
    let kva = |f: &Fixture, more: &More| figure(f, more, "R11", "highest_kva");
    assert_eq!((kva(&spare, &More::default()).round(), kva(&spare, &set)), (444.0, 800.0));
    let measured = reactive(spare);
    assert_eq!(figure(&measured, &More::default(), "R11", "confidence_model"), UNTESTED);
    assert!(by(&measured, &More::default(), "R11").contains("with issued bills"));
    assert!((kva(&measured, &More::default()) - 400.0_f64.hypot(50.0)).abs() < 1e-9);
}

#[test]
fn a_bank_is_as_sure_as_it_would_be_without_any_month() {
    let of = |kvar: fn(usize) -> f64| {
        let mut f = flat_year(400.0);
        f.kvar = Some((0..f.kw.len()).map(|i| kvar(i / 96)).collect());
        figure(&f, &More::default(), "R05", "confidence_model")
    };
    assert_eq!(of(|_| 300.0), 1.0, "all months need the same");
    let one = of(|d| if (31..59).contains(&d) { 600.0 } else { 300.0 });
    assert!(one < 0.97 && one > 0.8, "a month alone makes the size: {one}");
}

#[test]
fn a_certainty_is_cut_where_the_thresholds_say() {
    let mut f = flat_year(400.0);
    f.customer.contract.billing_mode = Some(BillingMode::Capacity);
    let told = |thresholds| {
        let more = More { thresholds, ..More::default() };
        let rows = run_with(&f, &more, &[crate::rule::find("R04").unwrap()]).0;
        rows[0].certainty
    };
    assert_eq!(told(Thresholds::default()), Some("medium"), "1/2");
    assert_eq!(told(Thresholds { certainty_high: 0.5, ..Thresholds::default() }), Some("high"));
    let strict = Thresholds { certainty_high: 0.99, certainty_medium: 0.51, ..Thresholds::default() };
    assert_eq!(told(strict), Some("low"));
}

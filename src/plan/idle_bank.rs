//! R05: a bank that is there helps only where it was off.

use super::tests::{More, row, run, run_with};
use super::*;
use crate::rule::Tier;
use crate::text::Language;
use crate::whatif::fixture::{Fixture, flat_year};

/// What lags without the bank, its size and whether it is off, by interval.
struct Plant {
    kw: fn(usize) -> f64,
    raw: fn(usize) -> f64,
    bank: f64,
    off: fn(usize) -> bool,
    /// Share by which readings waver.
    noise: f64,
}

const SLOTS: usize = 96;

fn by_day(i: usize) -> bool {
    (32..80).contains(&(i % SLOTS))
}

/// Uniform in ±1, unlike for each stream and interval.
fn waver(stream: u32, i: usize) -> f64 {
    let x = (i as f64 * 12.9898 + f64::from(stream) * 78.233).sin() * 43_758.545;
    2.0 * (x - x.floor()) - 1.0
}

impl Plant {
    fn fixture(&self) -> Fixture {
        let mut f = flat_year(0.0);
        let n = f.kw.len();
        f.kw = (0..n).map(|i| (self.kw)(i) * (1.0 + self.noise * waver(1, i))).collect();
        let on = |i: usize| if (self.off)(i) { 0.0 } else { self.bank };
        f.kvar = Some((0..n).map(|i| (self.raw)(i) * (1.0 + self.noise * waver(2, i)) - on(i)).collect());
        f
    }

    /// The lowest month's cos φ when the bank always runs where it fits, and what is bought runs in as many steps as fit.
    fn really(&self, f: &Fixture, (step, steps): (f64, f64)) -> f64 {
        let days = f.days();
        let mut months = [[0.0; 2]; 12];
        for (i, kw) in f.kw.iter().enumerate() {
            let read = f.kvar.as_ref().unwrap()[i];
            let idle = if (self.off)(i) && read >= self.bank { self.bank } else { 0.0 };
            let m = usize::from(days.date(i / SLOTS).ymd().1) - 1;
            months[m][0] += kw;
            let left = read - idle;
            months[m][1] += left - if step > 0.0 { step * (left / step).floor().min(steps) } else { 0.0 };
        }
        months.iter().map(|[p, q]| p / p.hypot(*q)).fold(1.0, f64::min)
    }
}

/// Off on two nights of the week for two hours.
fn two_nights(i: usize) -> bool {
    [1, 4].contains(&(i / SLOTS % 7)) && (8..16).contains(&(i % SLOTS))
}

#[test]
fn a_bank_that_is_on_nearly_all_the_time_is_no_reserve_for_the_rest() {
    // The naive cases: the whole bank counted as reserve, on top of what it gives already, so that nothing, or next to
    // nothing, was to be bought, for a saving and a cos φ that nobody sees.
    let plants = [
        Plant { kw: |_| 600.0, raw: |_| 480.0, bank: 160.0, off: two_nights, noise: 0.0 },
        Plant { kw: |_| 600.0, raw: |_| 500.0, bank: 200.0, off: two_nights, noise: 0.0 },
        Plant { kw: |_| 600.0, raw: |_| 480.0, bank: 160.0, off: |i| (i / SLOTS) % 7 >= 5, noise: 0.0 },
        Plant { kw: |_| 600.0, raw: |_| 500.0, bank: 200.0, off: |i| (i / SLOTS) % 2 == 0, noise: 0.0 },
        Plant {
            kw: |i| if by_day(i) { 700.0 } else { 300.0 },
            raw: |i| if by_day(i) { 520.0 } else { 200.0 },
            bank: 150.0,
            off: |i| !(36..76).contains(&(i % SLOTS)),
            noise: 0.0,
        },
    ];
    for (k, plant) in plants.iter().enumerate() {
        let f = plant.fixture();
        let (rows, plan, _) = run(&f);
        let r05 = row(&rows, "R05").unwrap();
        let figure = |n: &str| r05.evidence.figures.get(n).map_or(0.0, |f| f.value);
        let bought = figure("kvar_to_buy");
        assert!(bought > 0.0 && bought % 10.0 == 0.0, "plant {k}: whole steps, {bought}");
        assert_eq!((r05.tier, r05.headline, r05.saving_headline), (Tier::Invest, false, None), "plant {k}");
        assert_eq!(figure("kvar_shown"), plant.bank, "plant {k}");
        let (told, really) = (figure("power_factor_reached"), plant.really(&f, (figure("step"), figure("steps"))));
        assert!(told <= really && told > really - 0.001 && told >= 0.955, "plant {k}: {told} told, {really} real");
        assert!(plan.saving_headline.unwrap() < r05.saving_alone.unwrap());
        for language in Language::ALL {
            let told = crate::report::AdviceText::new(r05, language);
            let both = format!("{:.0} kvar", plant.bank);
            assert!(told.finding.contains(&both) && told.action.contains(&both), "{}", told.action);
        }
    }
}

#[test]
fn a_bank_that_was_off_where_it_suffices_need_only_run() {
    // 420 kvar lag behind 600 kW; with the bank on 195 are left: cos φ 0.951.
    let plant = Plant { kw: |_| 600.0, raw: |_| 420.0, bank: 225.0, off: |i| (i / SLOTS) % 6 < 3, noise: 0.0 };
    let f = plant.fixture();
    let (rows, _, state) = run(&f);
    let r05 = row(&rows, "R05").unwrap();
    let figure = |n: &str| r05.evidence.figures.get(n).map(|f| f.value);
    assert_eq!((r05.tier, r05.headline, figure("kvar_to_buy")), (Tier::Operate, true, None));
    assert_eq!(figure("confidence_model"), Some(1.0), "every switching was seen");
    let (told, really) = (figure("power_factor_reached").unwrap(), plant.really(&f, (0.0, 0.0)));
    assert!(told <= really && told > really - 0.001, "{told} {really}");
    let mut always = flat_year(600.0);
    always.kvar = Some(vec![195.0; always.kw.len()]);
    let billed = |s: &State| -> f64 { s.bill().unwrap().cycles.iter().map(|c| c.total().to_f64()).sum() };
    let possible = billed(&state) - billed(&always.state());
    let saved = r05.saving_alone.unwrap().to_f64();
    assert!(saved <= possible + 0.01 && saved > 0.99 * possible, "{saved} of {possible}");
    let told = crate::report::AdviceText::new(r05, Language::En).action;
    assert!(told.contains("Nothing need be bought"), "{told}");
}

#[test]
fn a_bank_whose_state_cannot_be_followed_counts_as_nothing() {
    // Of half of the switchings the waver hides one; of the other the load hides both of each day, but for one night.
    let hidden = Plant {
        kw: |i| if by_day(i) { 700.0 } else { 300.0 },
        raw: |i| if by_day(i) { 560.0 } else { 300.0 },
        bank: 200.0,
        off: |i| !by_day(i) && !two_nights(i),
        noise: 0.0,
    };
    let wavering =
        Plant { kw: |_| 600.0, raw: |_| 480.0, bank: 160.0, off: |i| (8..16).contains(&(i % SLOTS)), noise: 0.02 };
    for (k, plant) in [hidden, wavering].iter().enumerate() {
        let f = plant.fixture();
        let (rows, _, _) = run(&f);
        let r05 = row(&rows, "R05").unwrap();
        let figure = |n: &str| r05.evidence.figures.get(n).map(|f| f.value);
        assert!(figure("bank_step").is_some() && figure("kvar_shown").is_none(), "plant {k}: {r05:?}");
        assert_eq!((r05.tier, r05.headline), (Tier::Invest, false), "plant {k}");
        assert!(figure("kvar_to_buy") == figure("kvar_needed") && figure("kvar_to_buy") > Some(100.0), "plant {k}");
        assert!(r05.evidence.notes["first_action"].contains("inspect"));
        let told = crate::report::AdviceText::new(r05, Language::En).action;
        assert!(told.contains("no reserve"), "{told}");
    }
}

#[test]
fn a_machine_that_draws_magnetising_current_is_no_bank() {
    // The naive case: 200 kvar less at weekends were a bank's that stood idle on all workdays, and nothing to be bought.
    let plant =
        |kw: fn(usize) -> f64| Plant { kw, raw: |_| 445.0, bank: 200.0, off: |i| (i / SLOTS) % 7 < 5, noise: 0.002 };
    let naive = More { thresholds: Thresholds { pf_load_share: 1.0, ..Thresholds::default() }, ..More::default() };
    let machine = plant(|i| if (i / SLOTS) % 7 < 5 { 812.0 } else { 800.0 }).fixture();
    let found = |f: &Fixture, more: &More| row(&run_with(f, more, RULES).0, "R05").unwrap().clone();
    let believed = found(&machine, &naive);
    assert_eq!((believed.tier, believed.headline), (Tier::Operate, true));
    let r05 = found(&machine, &More::default());
    assert_eq!((r05.tier, r05.headline), (Tier::Invest, false));
    let shown = ["bank_step", "bank_switchings", "kvar_shown", "idle_hours"];
    assert!(shown.iter().all(|name| !r05.evidence.figures.contains_key(*name)), "{r05:?}");
    assert_eq!(r05.evidence.notes["first_action"], crate::text::said("rule.quote"));
    // A bank's losses, and the load that rises with the voltage, go the other way.
    let bank = plant(|i| if (i / SLOTS) % 7 < 5 { 800.0 } else { 804.0 }).fixture();
    assert_eq!(found(&bank, &More::default()).evidence.figures["kvar_shown"].value.round(), 200.0);
}

//! What rules ask of a load hangs on what the customer does: the guards by sector, with the naive case each stops.

use super::tests::{More, row, run_with};
use super::*;
use crate::customer::Sector;
use crate::register::Group;
use crate::report::AdviceText;
use crate::text::{Language, Text};
use crate::time::DayKind;
use crate::whatif::fixture::{Fixture, flat_year, year};

/// A plant that R01, R06, R07 and R15 all find something in.
fn idle_and_movable() -> Fixture {
    let kinds = flat_year(0.0).labels().kinds;
    year(move |d, s| {
        let shift = if (32..80).contains(&s) { 300.0 } else { 0.0 };
        let batch = if d % 5 == 0 { 4..20 } else { 40..56 };
        match kinds[d] {
            DayKind::Workday => 200.0 + shift + if batch.contains(&s) { 350.0 } else { 0.0 },
            DayKind::Restday => 200.0,
            DayKind::Holiday => 60.0,
        }
    })
}

#[test]
fn an_unknown_sector_is_told_and_nothing_of_it_is_promised() {
    let mut f = idle_and_movable();
    let codes = ["R01", "R06", "R07", "R15"];
    let of = |f: &Fixture, code: &str| {
        let rules = [crate::rule::find(code).unwrap()];
        let (rows, plan, _) = run_with(f, &More::default(), &rules);
        (row(&rows, code).cloned(), plan.saving_headline.unwrap())
    };
    for code in codes {
        f.customer.sector = None;
        let (found, promised) = of(&f, code);
        let found = found.unwrap_or_else(|| panic!("{code} is silent"));
        assert!(found.evidence.notes["sector"].contains("hospitals"), "{code}: whom it spares");
        assert_eq!((found.headline, promised), (false, Money::ZERO), "{code}");
        // Its caveat names whom this rule spares; only what would be promised waits for the industry.
        let asks = found.sector_doubt().unwrap();
        for (language, spared) in [(Language::En, ["cold stores", "commerce"]), (Language::Zh, ["冷库", "商业"])] {
            let caveat = Text::of(language).get(&format!("action.caveat_sector_{}", asks.name())).unwrap();
            let named = spared.map(|name| caveat.contains(name));
            assert_eq!(named, [["R06", "R07"].contains(&code), code == "R07"], "{code}: {caveat}");
        }
        assert_eq!(found.awaits_sector(), ["R06", "R07"].contains(&code), "{code}");
        f.customer.sector = Some(Sector::DiscreteManufacturing);
        let (found, promised) = of(&f, code);
        let found = found.unwrap_or_else(|| panic!("{code} is silent of a factory"));
        assert!(!found.evidence.notes.contains_key("sector"), "{code}");
        let counts = ["R06", "R07"].contains(&code);
        assert_eq!((found.headline, promised > Money::ZERO), (counts, counts), "{code}");
        for sector in [Sector::Hospital, Sector::DataCentre, Sector::ContinuousProcess] {
            f.customer.sector = Some(sector);
            assert!(of(&f, code).0.is_none(), "{code} {sector:?}");
        }
    }
}

#[test]
fn an_uneven_hospital_is_not_told_to_move_load() {
    let mut f = year(|_, s| if (32..80).contains(&s) { 600.0 } else { 100.0 });
    let mut with = |sector: Sector, quartile: f64| {
        f.customer.sector = Some(sector);
        let load_factor = [quartile, 0.8, 0.9];
        let group = Group { sector, n: 12, largest_share: 0.2, load_factor, base_to_peak: None };
        let rows =
            run_with(&f, &More { peers: Some(group), ..More::default() }, &[crate::rule::find("R20").unwrap()]).0;
        row(&rows, "R20").cloned()
    };
    let action = |advice: &Advice, language| AdviceText::new(advice, language).action;
    let factory = with(Sector::DiscreteManufacturing, 0.7).unwrap();
    assert!(action(&factory, Language::En).contains("run at another time"));
    for sector in [Sector::Hospital, Sector::DataCentre, Sector::ContinuousProcess] {
        let spared = with(sector, 0.7).unwrap();
        let told = action(&spared, Language::En);
        assert!(!told.contains("run at another time") && told.contains("not moved"), "{told}");
        assert!(!action(&spared, Language::Zh).contains("其他时间运行"));
    }
    // A load factor of 0.583: 2 % below the quartile is no difference, 6 % is.
    assert!(with(Sector::DiscreteManufacturing, 0.595).is_none(), "the naive rule advises below the quartile at all");
    assert!(with(Sector::DiscreteManufacturing, 0.621).is_some());
}

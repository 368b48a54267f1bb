//! Bills of charges that few tariffs have, by hand.

use super::super::testkit::{At, FLAT, JANUARY, TWO_BANDS, compiled, date, parse, supply};
use super::super::{
    Bill, BillState, Compiled, Conditions, DeclaredDays, LineKind, RegisterUse, SystemPeak, Terms, bill, price, usage,
};
use crate::curve::Load;
use crate::customer::{BillingMode, Contract};
use crate::time::{DAY_SECONDS, Interval};
use crate::units::{Kva, Kw};
use std::fmt::Write;
use std::sync::Arc;

/// The whole year 2026 in Berlin: both clock changes.
const BERLIN: At<'_> = At { zone: "Europe/Berlin", interval: Interval::M15, from: "2026-01-01", to: "2026-12-31" };
pub(super) const YEAR: At<'_> = At { zone: "Asia/Shanghai", ..BERLIN };
pub(super) const DAY_NIGHT: &str = "[[schedule]]\nwindows = { high = [\"08:00-20:00\"], low = [\"20:00-08:00\"] }\n";

fn billed(load: Load, text: &str) -> Bill {
    let tariff = compiled(text, Interval::M15);
    let cycles = load.cycles(1);
    bill(&[supply("main", load)], &cycles, &Terms::new(&Contract::default(), &[]), &tariff)
}

/// `name quantity amount` of the lines of some kinds in one cycle.
pub(super) fn lines(bill: &Bill, cycle: usize, kinds: &[LineKind]) -> Vec<String> {
    let c = &bill.cycles[cycle];
    assert_eq!(c.state, BillState::Billed);
    let chosen = c.lines.iter().filter(|l| kinds.contains(&l.kind));
    chosen.map(|l| format!("{} {:.3} {}", l.name, l.quantity, l.amount)).collect()
}

#[test]
fn tiers_are_cumulative_and_follow_the_unit() {
    let tiers = |unit: &str, a: f64, b: f64, more: &str| {
        let tiers = format!(
            "period = \"flat\"\n[[band.tier]]\nup_to = {a:?}\nunit = \"{unit}\"\nprice = 0.1\n\
             [[band.tier]]\nup_to = {b:?}\nunit = \"{unit}\"\nprice = 0.2\n[[band.tier]]\nunit = \"{unit}\"\nprice = 0.3\n"
        );
        let text = FLAT
            .replace("period = \"flat\"\n", "")
            .replace("components = [{ name = \"energy\", price = 0.5 }]\n", &tiers);
        let bill = billed(JANUARY.load(|_| 100.0, None), &format!("{text}{more}"));
        lines(&bill, 0, &[LineKind::Energy])
    };
    // 74 400 kWh in January.
    let by_kwh = ["all 10000.000 1000.00", "all 30000.000 6000.00", "all 34400.000 10320.00"];
    assert_eq!(tiers("kwh", 10_000.0, 40_000.0, ""), by_kwh);
    assert_eq!(tiers("kwh_per_kw", 100.0, 400.0, ""), by_kwh, "hours of use of 100 kW");
    assert_eq!(tiers("kwh_per_day", 10_000.0 / 31.0, 40_000.0 / 31.0, "")[2], by_kwh[2]);
    assert_eq!(tiers("kwh", 10_000.0, 80_000.0, "")[1..], ["all 64400.000 12880.00"]);
    let prorated = tiers("kwh", 10_000.0, 40_000.0, "[tiers]\nper_days = 62\n");
    assert_eq!(prorated[..2], ["all 5000.000 500.00", "all 15000.000 3000.00"]);
}

#[test]
fn tiers_of_the_total_are_shared_by_the_bands() {
    let tier = "components = [{ name = \"energy\", price = 0.0 }]\n[[band.tier]]\nup_to = 1000.0\nprice = 1.0\n[[band.tier]]\nprice = 2.0\n";
    let text = TWO_BANDS
        .replace("components = [{ name = \"energy\", price = 1.0 }]\n", tier)
        .replace("components = [{ name = \"energy\", price = 0.25 }]\n", tier);
    let text = format!("{text}{DAY_NIGHT}[tiers]\nscope = \"total\"\n");
    // 744 h: 30 kW by day, 10 kW at night: 11 160 + 3 720 kWh.
    let bill = billed(JANUARY.load(|i| if (32..80).contains(&(i % 96)) { 30.0 } else { 10.0 }, None), &text);
    assert_eq!(
        lines(&bill, 0, &[LineKind::Energy]),
        ["high 750.000 750.00", "high 10410.000 20820.00", "low 250.000 250.00", "low 3470.000 6940.00"]
    );
}

#[test]
fn a_series_of_96_prices_bills_every_quarter_hour() {
    let prices: Vec<String> = (0..96).map(|q| format!("{}", f64::from(q) / 1000.0)).collect();
    let text = format!("{FLAT}[[price_series]]\nprices = [{}]\n", prices.join(", "));
    let bill = billed(JANUARY.load(|i| (i % 96) as f64, None), &text);
    let line = &bill.cycles[0].lines[0];
    let squares: f64 = (0..96).map(|q| f64::from(q * q)).sum();
    let kwh = 31.0 * 95.0 * 96.0 / 2.0 / 4.0;
    let exact = 31.0 * squares / 4.0 / 1000.0 + 0.5 * kwh;
    assert!((line.amount_exact - exact).abs() < 1e-9 && (line.quantity - kwh).abs() < 1e-9);
    assert!((line.price - exact / kwh).abs() < 1e-9, "the mean price");
    // 24 prices on hourly data are the same as each four times on quarter hours.
    let hours: Vec<String> = (0..24).map(|h| format!("{}", f64::from(h) / 100.0)).collect();
    let text = format!("{FLAT}[[price_series]]\nprices = [{}]\n", hours.join(", "));
    let quarter = billed(JANUARY.load(|i| (i / 4 % 24) as f64, None), &text);
    let hour = billed(At { interval: Interval::M60, ..JANUARY }.load(|i| (i % 24) as f64, None), &text);
    assert!((quarter.cycles[0].total_exact() - hour.cycles[0].total_exact()).abs() < 1e-9);
    let e = parse(&format!("{FLAT}[[price_series]]\nprices = [1, 2]\n")).map(|_| ()).unwrap_err().to_string();
    assert!(e.contains("line 16, column 1, price_series[0].prices: 2 prices: give 24, 48 or 96"), "{e}");
}

#[test]
fn demand_of_bands_is_the_greatest_window_inside_them() {
    let charges = "[[demand_charge]]\nname = \"all\"\nprice = 1\n[[demand_charge]]\nname = \"high\"\nprice = 10\nbands = [\"high\"]\n\
                   [[demand_charge]]\nname = \"half hours\"\nprice = 100\nbands = [\"high\"]\nwindow_minutes = 30\n\
                   [[demand_charge]]\nname = \"summer\"\nprice = 5\nmonths = [6, 7]\n";
    let text = format!("{TWO_BANDS}{DAY_NIGHT}{charges}");
    // 07:45 and 08:00 of the fifth day are the highest; 08:00 lies in `high`.
    let kw = |i: usize| match i {
        415 => 90.0,
        416 => 80.0,
        _ => 50.0,
    };
    let bill = billed(JANUARY.load(kw, None), &text);
    assert_eq!(
        lines(&bill, 0, &[LineKind::Demand]),
        ["all 90.000 90.00", "high 80.000 800.00", "half hours 65.000 6500.00"]
    );
    let days = format!("{TWO_BANDS}{DAY_NIGHT}[[demand_charge]]\nname = \"daily\"\nprice = 1\nper = \"day\"\n");
    assert_eq!(lines(&billed(JANUARY.load(kw, None), &days), 0, &[LineKind::Demand]), ["daily 1590.000 1590.00"]);
    let tiers = format!(
        "{FLAT}[[demand_charge]]\nname = \"sized\"\n[[demand_charge.tier]]\nup_to = 60\nprice = 1\n[[demand_charge.tier]]\nprice = 2\n"
    );
    let sized = lines(&billed(JANUARY.load(kw, None), &tiers), 0, &[LineKind::Demand]);
    assert_eq!(sized, ["sized 60.000 60.00", "sized 30.000 60.00"]);
}

#[test]
fn a_ratchet_looks_back_over_cycles_and_clock_changes() {
    let charge = "[[demand_charge]]\nname = \"ratcheted\"\nprice = 1\nratchet = { share = 0.8, months_back = 3, months = [6, 7, 8] }\n";
    // 100 kW but 500 kW once on 15 July, in 2026 with both clock changes.
    let load = BERLIN.load(|_| 100.0, None);
    let day = load.days().day_of(date("2026-07-15")).unwrap();
    let peak = load.days().range(day).start + 40;
    let bill = billed(BERLIN.load(|i| if i == peak { 500.0 } else { 100.0 }, None), &format!("{FLAT}{charge}"));
    let billed: Vec<f64> =
        bill.cycles.iter().flat_map(|c| &c.lines).filter(|l| l.kind == LineKind::Demand).map(|l| l.quantity).collect();
    assert_eq!(billed, [100.0, 100.0, 100.0, 100.0, 100.0, 100.0, 500.0, 400.0, 400.0, 400.0, 100.0, 100.0]);
    assert!(bill.cycles[8].lines[1].note.contains("ratchet: 0.8 × 500.000 of 2026-07"));
    assert!(bill.cycles[1].lines[1].note.contains("looked back at 1 of 3 months"));
}

#[test]
fn a_sliding_window_lies_between_the_fixed_one_and_its_bound() {
    let text = |window: &str| {
        format!("{FLAT}[demand]\nprice = 1\nwindow_minutes = 30\nalways = true\nwindow = \"{window}\"\n")
    };
    let kw = |i: usize| [10.0, 40.0, 50.0, 20.0].get(i.wrapping_sub(100)).copied().unwrap_or(5.0);
    let demand = |window: &str| {
        let bill = billed(JANUARY.load(kw, None), &text(window));
        let line = bill.cycles[0].lines.iter().find(|l| l.kind == LineKind::Demand).unwrap().clone();
        (line.quantity, line.note)
    };
    assert_eq!(demand("fixed"), (35.0, String::new()));
    // 101 and 102 together; three intervals bound what slips between: (40 + 50 + 20) / 2.
    assert_eq!(demand("sliding"), (45.0, "sliding window: at least 45.000, at most 55.000".into()));
}

#[test]
fn apparent_and_reactive_demand_need_reactive_readings() {
    let text = format!(
        "{FLAT}[[demand_charge]]\nname = \"kva\"\nprice = 1\nunit = \"kva\"\n[[demand_charge]]\nname = \"kvar\"\nprice = 1\nunit = \"kvar\"\n"
    );
    let bill = billed(JANUARY.load(|i| if i == 9 { 30.0 } else { 3.0 }, Some(40.0)), &text);
    assert_eq!(lines(&bill, 0, &[LineKind::Demand]), ["kva 50.000 50.00", "kvar 40.000 40.00"]);
    let bill = billed(JANUARY.load(|_| 30.0, None), &text);
    assert_eq!(bill.cycles[0].state, BillState::Unbillable("missing: reactive readings, for kva".into()));
    let reactive = format!("{FLAT}[[reactive]]\nname = \"excess\"\nprice = 0.1\nfree_share = 0.5\n");
    let bill = billed(JANUARY.load(|_| 30.0, Some(40.0)), &reactive);
    assert_eq!(lines(&bill, 0, &[LineKind::Reactive]), ["excess 18600.000 1860.00"], "744 h × (40 − 15) kvar");
}

#[test]
fn coincident_peaks_come_by_list_and_are_said_when_they_do_not() {
    let text = format!("{FLAT}[[coincident]]\nname = \"system\"\nprice = 2\nsystem = \"X\"\n");
    let load = YEAR.load(|i| if i % 96 == 64 { 70.0 } else { 30.0 }, None);
    let cycles = load.cycles(1);
    let with = |system_peaks: Option<Arc<[SystemPeak]>>| {
        let conditions = Conditions { system_peaks, ..Conditions::default() };
        let tariff = Compiled::chain(vec![Arc::new(parse(&text).unwrap())], Interval::M15, conditions).unwrap();
        bill(&[supply("main", load.clone())], &cycles, &Terms::new(&Contract::default(), &[]), &tariff)
    };
    let bill = with(None);
    assert_eq!(bill.notes, ["system not billed: the system's peaks are not known; give --system-peaks"]);
    let peak = |day: &str, system: &str| SystemPeak {
        start: i64::from(date(day).0) * DAY_SECONDS + 16 * 3600,
        minutes: 60,
        system: Some(system.into()),
        source: "test".into(),
    };
    let bill = with(Some(vec![peak("2026-07-15", "X"), peak("2026-08-02", "Y")].into()));
    assert_eq!(lines(&bill, 6, &[LineKind::Coincident]), ["system 40.000 80.00"], "(70 + 3 × 30) / 4");
    assert!(lines(&bill, 7, &[LineKind::Coincident]).is_empty());
}

#[test]
fn declared_days_bill_sharp_and_their_absence_is_said() {
    let text = format!(
        "{TWO_BANDS}[[schedule]]\nwindows = {{ low = [\"00:00-24:00\"] }}\n[[schedule]]\noverlay = true\ndeclared = true\nwindows = {{ high = [\"11:00-12:00\"] }}\n"
    );
    let load = JANUARY.load(|_| 10.0, None);
    let cycles = load.cycles(1);
    let with = |declared: Option<Arc<DeclaredDays>>| {
        let conditions = Conditions { declared, ..Conditions::default() };
        let tariff = Compiled::chain(vec![Arc::new(parse(&text).unwrap())], Interval::M15, conditions).unwrap();
        bill(&[supply("main", load.clone())], &cycles, &Terms::new(&Contract::default(), &[]), &tariff)
    };
    assert_eq!(
        with(None).notes,
        ["the days that were declared sharp are not known (--declared-sharp-days): billed without them"]
    );
    let days =
        DeclaredDays::new([(date("2026-01-05"), "notice".to_owned()), (date("2026-01-06"), "notice".to_owned())]);
    let bill = with(Some(Arc::new(days)));
    assert!(bill.notes.is_empty());
    assert_eq!(lines(&bill, 0, &[LineKind::Energy])[0], "high 20.000 20.00");
}

#[test]
fn floating_components_follow_the_ratio_and_the_others_do_not() {
    // Shandong 2026, 110 kV: floatable 0.5014, fixed 0.13317 (domain reference §2.1).
    let bands =
        [("尖", "sharp", 2.0), ("峰", "peak", 1.7), ("平", "flat", 1.0), ("谷", "valley", 0.3), ("深", "deep", 0.1)];
    let mut text = FLAT[..FLAT.find("[[band]]").unwrap()].to_owned();
    text += "[[component]]\nname = \"购电\"\nprice = 0.5014\nfloats = true\n[[component]]\nname = \"其他\"\nprice = 0.13317\n";
    for (name, period, ratio) in bands {
        let _ = write!(text, "[[band]]\nname = \"{name}\"\nperiod = \"{period}\"\nratio = {ratio:?}\n");
    }
    text += "[[schedule]]\nwindows = { \"平\" = [\"00:00-24:00\"] }\n";
    let prices: Vec<f64> = compiled(&text, Interval::M15).bands().iter().map(|b| b.energy.get()).collect();
    for (ours, theirs) in prices.iter().zip([1.13597, 0.98555, 0.63457, 0.28359, 0.18331]) {
        assert!((ours - theirs).abs() < 1e-9, "{ours} {theirs}");
    }
    let rounded = compiled(&format!("price_digits = 3\n{}", text.trim_start()), Interval::M15);
    assert_eq!(rounded.bands().iter().map(|b| b.energy.get()).collect::<Vec<_>>(), [1.136, 0.986, 0.635, 0.284, 0.183]);
}

#[test]
fn fixed_minimum_tax_and_export_lines() {
    let more = "[[fixed]]\nname = \"day\"\nprice = 2\nevery = \"day\"\n[[fixed]]\nname = \"winter\"\nprice = 7\nmonths = [12, 1, 2]\n\
                [[minimum]]\nname = \"least\"\namount = 500\n[[tax]]\nname = \"vat\"\nrate = 0.1\n";
    let all = [LineKind::Energy, LineKind::Fixed, LineKind::Export, LineKind::Minimum, LineKind::Tax];
    let bill = billed(JANUARY.load(|_| 1.0, None), &format!("{FLAT}{more}"));
    assert_eq!(
        lines(&bill, 0, &all),
        ["all 744.000 372.00", "day 31.000 62.00", "winter 1.000 7.00", "least 1.000 59.00", "vat 500.000 50.00"]
    );
    let sells = FLAT.replace("period = \"flat\"\n", "period = \"flat\"\nsell = 0.2\n");
    let bill = billed(JANUARY.load(|i| if i % 2 == 0 { 40.0 } else { -10.0 }, None), &sells);
    assert_eq!(lines(&bill, 0, &all), ["all 14880.000 7440.00", "all 3720.000 -744.00"]);
    let yearly = format!("{FLAT}[[minimum]]\nname = \"annual\"\namount = 5000\nper = \"year\"\n");
    let bill = billed(YEAR.load(|_| 1.0, None), &yearly);
    let annual: Vec<_> = (0..12).flat_map(|c| lines(&bill, c, &[LineKind::Minimum])).collect();
    assert_eq!(annual, ["annual 1.000 620.00"], "5000 − 8760 × 0.5, in December");
}

#[test]
fn flat_is_the_total_less_the_others_in_a_register_bill() {
    let text = format!("{TWO_BANDS}{DAY_NIGHT}");
    let tariff = compiled(&text, Interval::M15);
    let load = JANUARY.load(|i| 0.3 + (i % 7) as f64 * 0.1, None);
    let cycles = load.cycles(1);
    let contract = Contract::default();
    let terms = Terms { register_bill: true, ..Terms::new(&contract, &[]) };
    let mut usages = vec![(Arc::from("main"), usage(&load, &cycles, &tariff))];
    let of = |usages: &[(Arc<str>, super::super::Usage)]| {
        let bill = price(usages, &cycles, &terms, &tariff);
        let kwh: Vec<f64> = bill.cycles[0].lines.iter().map(|l| l.quantity).collect();
        kwh
    };
    let exact = [usages[0].1.cycles[0].kwh[0].get(), usages[0].1.cycles[0].kwh[1].get()];
    let whole = of(&usages);
    assert!(whole.iter().all(|k| k.fract() == 0.0), "{whole:?} of {exact:?}");
    assert_eq!(whole[0], exact[0].round());
    assert_eq!(whole[1], (exact[0] + exact[1]).round() - exact[0].round(), "`low` is the flat band");
    usages[0].1.cycles[0].register = Some(RegisterUse {
        total_kwh: Some(500.0),
        period_kwh: [None, Some(230.0), None, None, None],
        ..RegisterUse::default()
    });
    assert_eq!(of(&usages), [230.0, 270.0]);
}

#[test]
fn the_register_of_the_maximum_goes_before_the_intervals() {
    let tariff = compiled(&format!("{FLAT}[demand]\nprice = 10\nwindow_minutes = 15\nalways = true\n"), Interval::M15);
    let load = JANUARY.load(|_| 50.0, None);
    let cycles = load.cycles(1);
    let mut usages = vec![(Arc::from("main"), usage(&load, &cycles, &tariff))];
    usages[0].1.cycles[0].register = Some(RegisterUse { max_demand: Some(Kw::new(53.5)), ..RegisterUse::default() });
    let bill = price(&usages, &cycles, &Terms::new(&Contract::default(), &[]), &tariff);
    assert_eq!(lines(&bill, 0, &[LineKind::Demand]), ["demand 53.500 535.00"]);
    assert!(bill.cycles[0].lines[1].note.contains("demand register 53.500 kW, intervals 50.000 kW"));
}

#[test]
fn contract_demand_follows_its_schedule_and_the_capacity_in_service() {
    let text = format!(
        "{FLAT}[demand]\nprice = 1\nwindow_minutes = 15\nfloor_share = 0.4\nover_contract_rule = \"B\"\nover_contract_source = \"x\"\n"
    );
    let tariff = compiled(&text, Interval::M15);
    let load = At { to: "2026-02-28", ..JANUARY }.load(|_| 500.0, None);
    let cycles = load.cycles(1);
    let mut contract = Contract {
        billing_mode: Some(BillingMode::Contract),
        capacity: Some(Kva::new(1000.0)),
        contract_demand: Some(Kw::new(500.0)),
        ..Contract::default()
    };
    contract.contract_schedule.insert(cycles[1].month, Kw::new(450.0));
    let bill = bill(&[supply("main", load)], &cycles, &Terms::new(&contract, &[]), &tariff);
    assert_eq!(lines(&bill, 0, &[LineKind::Demand]), ["demand 500.000 500.00"]);
    // 450 × 1.05 = 472.5; B: 450 + 2 × 27.5.
    assert_eq!(lines(&bill, 1, &[LineKind::Demand]), ["demand 505.000 505.00"]);
}

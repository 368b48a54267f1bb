//! What is planted is in the data, and nothing depends on anything but the seed.

mod files;

use super::*;
use crate::customer::BillingMode;
use crate::error::Result;
use crate::time::{Date, Interval};
use std::collections::BTreeMap;

fn spec(mix: &[(&str, &[&str])], customers: u64, days: u32) -> Result<FleetSpec> {
    let mix = Mix::from_names("test", mix)?;
    Ok(FleetSpec { seed: 11, customers, interval: Interval::M15, first: "2025-01-01".parse()?, days, mix })
}

fn one(archetype: &str, planted: &[&str]) -> Result<SynthCustomer> {
    Ok(Fleet::new(spec(&[(archetype, planted)], 1, 365)?)?.customer(0))
}

/// Sum of a customer's meters: kW and kvar of each row.
fn sums(c: &SynthCustomer) -> (Vec<f64>, Vec<f64>) {
    let column = |value: fn(&Readings, usize) -> Option<f64>| {
        let row = |i: usize| c.readings.iter().filter_map(|r| value(r, i)).sum();
        (0..c.readings[0].len()).map(row).collect()
    };
    (column(Readings::kw), column(Readings::kvar))
}

fn figure(c: &SynthCustomer, behaviour: &str, name: &str) -> f64 {
    let planted = c.planted.iter().find(|p| p.behaviour == behaviour).unwrap();
    planted.figures.get(name).unwrap_or_else(|| panic!("{behaviour} has no {name}")).value
}

/// Rows of each month label of a customer whose clock does not change.
fn by_month(c: &SynthCustomer, values: &[f64]) -> BTreeMap<String, Vec<f64>> {
    let mut out: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for (stamp, v) in c.readings[0].stamps.iter().zip(values) {
        let date = Date(stamp.div_euclid(86_400) as i32).to_string();
        out.entry(date[..7].to_owned()).or_default().push(*v);
    }
    out
}

#[test]
fn a_customer_depends_on_the_seed_and_its_number_alone() -> Result<()> {
    let mix = Mix::named("full")?;
    let spec = |seed, customers| FleetSpec {
        seed,
        customers,
        interval: Interval::M60,
        first: Date(20_100),
        days: 40,
        mix: mix.clone(),
    };
    let small: Vec<SynthCustomer> = fleet(spec(1, 5))?.collect();
    let large: Vec<SynthCustomer> = fleet(spec(1, 60))?.collect();
    for (a, b) in small.iter().zip(&large) {
        assert_eq!((&a.register, &a.readings, &a.planted), (&b.register, &b.readings, &b.planted));
    }
    let other: Vec<SynthCustomer> = fleet(spec(2, 5))?.collect();
    assert!(small.iter().zip(&other).all(|(a, b)| a.readings != b.readings));
    assert!(large.windows(2).all(|w| w[0].register.customer_id < w[1].register.customer_id), "ids ascend");
    Ok(())
}

#[test]
fn needles_set_the_maximum_of_every_month() -> Result<()> {
    let c = one("one_shift", &["needle_peaks"])?;
    assert_eq!(c.register.billing_mode, BillingMode::Demand);
    let (kw, _) = sums(&c);
    let quantum = c.readings[0].quantum_kw();
    let months = by_month(&c, &kw);
    assert_eq!(figure(&c, "needle_peaks", "months") as usize, months.len());
    for (month, mut values) in months {
        let without = figure(&c, "needle_peaks", &format!("max_without_kw {month}"));
        let with = figure(&c, "needle_peaks", &format!("max_kw {month}"));
        values.sort_by(f64::total_cmp);
        let n = values.len();
        assert!((values[n - 1] - with).abs() <= quantum, "{month}");
        assert!((values[n - 3] - without).abs() <= quantum, "{month}: two needles, then the maximum without them");
        assert!(with > 1.1 * without, "{month}: a needle has 10 % prominence");
        // The 99.9th percentile of the month misses it by at least 5 % of the maximum.
        assert!(with - values[(0.999 * (n - 1) as f64) as usize - 1] > 0.05 * with, "{month}");
    }
    Ok(())
}

#[test]
fn a_low_power_factor_is_low_in_every_month() -> Result<()> {
    let c = one("three_shift", &["low_power_factor"])?;
    let (kw, kvar) = sums(&c);
    let target = figure(&c, "low_power_factor", "power_factor");
    assert!((0.78..=0.86).contains(&target));
    let reactive = by_month(&c, &kvar);
    for (month, active) in by_month(&c, &kw) {
        let (p, q): (f64, f64) = (active.iter().sum(), reactive[&month].iter().sum());
        let measured = p / p.hypot(q);
        assert!((measured - target).abs() < 0.005, "{month}: {measured} against {target}");
        let planted = figure(&c, "low_power_factor", &format!("power_factor {month}"));
        assert!((measured - planted).abs() < 1e-4, "{month}");
    }
    Ok(())
}

#[test]
fn a_clean_plant_gives_nothing_to_advise() -> Result<()> {
    let c = one("continuous", &["clean"])?;
    let (kw, kvar) = sums(&c);
    let (p, q): (f64, f64) = (kw.iter().sum(), kvar.iter().sum());
    assert!((p / p.hypot(q) - 0.962).abs() < 0.002);
    assert!(p / kw.len() as f64 / c.max_kw > 0.93, "load factor {}", p / kw.len() as f64 / c.max_kw);
    let loading = c.max_kw / c.register.capacity_kva;
    let cheaper = if loading < 0.69 { BillingMode::Demand } else { BillingMode::Capacity };
    assert_eq!(c.register.billing_mode, cheaper, "the cheaper basis for {loading}");
    let highest = kw.iter().zip(&kvar).map(|(p, q)| p.hypot(*q)).fold(0.0, f64::max);
    assert!(loading > 0.6 && highest < 0.8 * c.register.capacity_kva, "no heavy load: {highest} kVA");
    Ok(())
}

#[test]
fn wasted_base_load_is_there_but_on_quiet_days() -> Result<()> {
    let (c, plain) = (one("one_shift", &["base_load_waste"])?, one("one_shift", &[])?);
    let ((with, _), (without, _)) = (sums(&c), sums(&plain));
    let added: f64 = with.iter().zip(&without).map(|(a, b)| a - b).sum::<f64>() * 0.25;
    let planted = figure(&c, "base_load_waste", "waste_kwh");
    assert!((added - planted).abs() < 1e-3 * planted, "{added} against {planted}");
    // 02:00 of every day: all but the quiet days have it.
    let waste = figure(&c, "base_load_waste", "waste_kw");
    let on = (0..365).filter(|d| with[d * 96 + 8] - without[d * 96 + 8] > 0.99 * waste).count();
    assert_eq!(365 - on, figure(&c, "base_load_waste", "quiet_days") as usize);
    assert!((12..=16).contains(&(365 - on)), "an eighth of 117 rest days: {}", 365 - on);
    let noon = |d: &usize| with[d * 96 + 44] - without[d * 96 + 44] > 0.1 * waste;
    assert!((0..365).filter(noon).count() < 117, "at eleven on working days it is in use, not left on");
    Ok(())
}

#[test]
fn a_shiftable_block_runs_dear_on_most_days_and_cheap_on_some() -> Result<()> {
    let (c, plain) = (one("two_shift", &["shiftable_block"])?, one("two_shift", &[])?);
    let ((with, _), (without, _)) = (sums(&c), sums(&plain));
    let block = figure(&c, "shiftable_block", "block_kw");
    let kwh = figure(&c, "shiftable_block", "block_kwh");
    let (mut dear, mut cheap) = (0.0, 0.0);
    for day in 0..365 {
        let at = |hour: usize| with[day * 96 + hour * 4] - without[day * 96 + hour * 4] > 0.9 * block;
        let added: f64 = (day * 96..day * 96 + 96).map(|i| with[i] - without[i]).sum::<f64>() * 0.25;
        assert!(added.abs() < 1.0 || (added - kwh).abs() < 1.0, "a day has the whole batch or none");
        dear += f64::from(u8::from(at(19)));
        cheap += f64::from(u8::from(at(2)));
    }
    assert_eq!(dear, figure(&c, "shiftable_block", "dear_days"));
    assert_eq!(cheap, figure(&c, "shiftable_block", "cheap_days"));
    assert!(cheap > 0.1 * (dear + cheap) && dear > 4.0 * cheap);
    assert!((figure(&c, "shiftable_block", "movable_kwh") - dear * kwh).abs() < 1e-6 * dear * kwh);
    Ok(())
}

/// What is true of the only customer of a year: by rule, in currency units.
fn worths(archetype: &str, planted: &[&str]) -> Result<BTreeMap<&'static str, f64>> {
    let fleet = Fleet::new(spec(&[(archetype, planted)], 1, 365)?)?;
    let Value { worths, natural, .. } = fleet.worth(0, &fleet.ledger("demo-two-part")?);
    let all = worths.into_iter().flatten().chain(natural);
    Ok(all.filter_map(|w| Some((w.rule, w.saving?))).collect())
}

#[test]
fn a_listed_batch_is_worth_at_least_what_the_night_saves() -> Result<()> {
    let shown = worths("two_shift", &["shiftable_block"])?["R01"];
    let listed = worths("two_shift", &["shiftable_block", "listed_machines"])?["R01"];
    assert!(listed > 0.999 * shown && listed < 1.3 * shown, "{listed} of any hour, {shown} at night");
    Ok(())
}

#[test]
fn rest_days_are_the_part_of_wasted_base_load_that_a_shutdown_saves() -> Result<()> {
    let factory = worths("one_shift", &["base_load_waste"])?;
    assert!(factory["R07"] > 0.3 * factory["R06"] && factory["R07"] < 0.7 * factory["R06"], "{factory:?}");
    assert!(!worths("office", &["base_load_waste"])?.contains_key("R07"), "an office is not shut down");
    Ok(())
}

#[test]
fn a_misfit_is_on_the_wrong_side_of_the_break_even() -> Result<()> {
    let fleet = Fleet::new(spec(&[("three_shift", &["capacity_misfit"])], 12, 60)?)?;
    let mut modes = [0; 2];
    for c in (0..12).map(|i| fleet.customer(i)) {
        let ratio = figure(&c, "capacity_misfit", "kw_per_kva");
        assert!((ratio - c.max_kw / c.transformers.iter().map(|t| t.kva).sum::<f64>()).abs() < 1e-12);
        match c.register.billing_mode {
            BillingMode::Capacity => assert!(ratio < 0.45, "{ratio}"),
            _ => assert!(ratio > 0.68, "{ratio}"),
        }
        modes[usize::from(c.register.billing_mode == BillingMode::Capacity)] += 1;
    }
    assert!(modes.iter().all(|n| *n > 0), "both ways round: {modes:?}");
    Ok(())
}

#[test]
fn gaps_and_copies_are_counted() -> Result<()> {
    let c = one("one_shift", &["gaps"])?;
    let rows = &c.readings[0];
    assert_eq!(35_040 - rows.len(), figure(&c, "gaps", "rows_missing") as usize);
    let nulls = (0..rows.len()).filter(|i| rows.kw(*i).is_none()).count();
    assert_eq!(nulls, figure(&c, "gaps", "rows_null") as usize);
    let longest = rows.stamps.windows(2).map(|w| w[1] - w[0] - 900).max().unwrap_or(0);
    assert_eq!(longest as f64 / 3600.0, figure(&c, "gaps", "longest_gap_h"));
    assert!(longest > 5 * 3600 && nulls > 50);

    let c = one("night_heavy", &["duplicates"])?;
    let rows = &c.readings[0];
    let mut seen: BTreeMap<i64, Vec<Option<f64>>> = BTreeMap::new();
    (0..rows.len()).for_each(|i| seen.entry(rows.stamps[i]).or_default().push(rows.kw(i)));
    assert_eq!(seen.len(), 35_040);
    assert_eq!(rows.len() - seen.len(), figure(&c, "duplicates", "rows_surplus") as usize);
    let conflicts = seen.values().filter(|v| v.iter().any(|x| *x != v[0])).count();
    assert_eq!(conflicts, figure(&c, "duplicates", "intervals_in_conflict") as usize);
    assert_eq!(conflicts, 8);
    Ok(())
}

#[test]
fn clocks_change_in_berlin() -> Result<()> {
    let c = one("school", &["dst"])?;
    assert_eq!(c.register.tz, "Europe/Berlin");
    let mut rows: BTreeMap<String, usize> = BTreeMap::new();
    for stamp in &c.readings[0].stamps {
        *rows.entry(Date(stamp.div_euclid(86_400) as i32).to_string()).or_default() += 1;
    }
    assert_eq!((rows["2025-03-30"], rows["2025-10-26"], rows["2025-10-27"]), (92, 100, 96));
    assert_eq!((figure(&c, "dst", "rows 2025-03-30"), figure(&c, "dst", "rows 2025-10-26")), (92.0, 100.0));
    Ok(())
}

#[test]
fn the_roof_feeds_back_and_two_feeds_peak_higher_apart() -> Result<()> {
    let (kw, _) = sums(&one("pv_backfeed", &[])?);
    let noon = kw.iter().skip(50).step_by(96).filter(|v| **v < 0.0).count();
    assert!(noon > 60, "{noon} days of back-feed at 12:30");
    assert!(kw.iter().skip(4).step_by(96).all(|v| *v > 0.0), "never at 01:00");
    let c = one("two_feeds", &[])?;
    assert_eq!((c.meters.len(), c.readings.len()), (2, 2));
    let apart: f64 = c.readings.iter().map(|r| (0..r.len()).filter_map(|i| r.kw(i)).fold(0.0, f64::max)).sum();
    assert!(apart > 1.2 * c.max_kw, "a transfer lifts both maxima: {apart} against {}", c.max_kw);
    Ok(())
}

#[test]
fn values_are_whole_register_steps() -> Result<()> {
    for c in fleet(spec(&[("one_shift", &[]), ("mall", &[])], 4, 10)?)? {
        let meter = &c.meters[0];
        let step = meter.quantum * f64::from(meter.multiplier) * 4.0;
        assert!((step - c.readings[0].quantum_kw()).abs() < 1e-12);
        assert_eq!(meter.multiplier, meter.ct_ratio * meter.pt_ratio);
        for v in (0..c.readings[0].len()).filter_map(|i| c.readings[0].kw(i)) {
            assert!((v / step - (v / step).round()).abs() < 1e-6);
        }
    }
    Ok(())
}

#[test]
fn other_interval_lengths_and_spans_are_generated() -> Result<()> {
    for interval in [Interval::M5, Interval::M30, Interval::M60] {
        let base = spec(&[("one_shift", &["needle_peaks", "gaps", "duplicates"])], 2, 31)?;
        for c in fleet(FleetSpec { interval, ..base })? {
            let top = figure(&c, "needle_peaks", "max_kw 2025-01");
            assert!((c.max_kw - top).abs() <= c.readings[0].quantum_kw(), "{}", interval.minutes());
        }
    }
    // Every scenario of a single day: no stage may rely on a whole month.
    let mix = Mix::named("full")?;
    let n = mix.len() as u64;
    let day = FleetSpec { seed: 3, customers: n, interval: Interval::M60, first: "2025-01-01".parse()?, days: 1, mix };
    assert_eq!(fleet(day.clone())?.filter(|c| !c.readings[0].is_empty()).count() as u64, n);
    assert!(Fleet::new(FleetSpec { customers: 0, ..day }).is_err());
    Ok(())
}

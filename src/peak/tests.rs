//! Special cases of peaks.

use super::*;
use crate::curve::testing;
use crate::time::{Calendar, Seasons};
use proptest::prelude::*;

fn labels(load: &Load) -> DayLabels {
    DayLabels::new(load.days(), &Calendar::weekends(), &Seasons::default(), &[])
}

fn found(load: &Load, kind: PeakKind) -> Vec<Peak> {
    let mut peaks = detect(load, &labels(load), &load.cycles(1), None);
    peaks.retain(|p| p.kind == kind);
    peaks
}

/// January and February 2024 by the hour: 100 kW, 200 kW from 8 to 18.
fn two_months() -> Vec<f64> {
    (0..60 * 24).map(|i| if (8..18).contains(&(i % 24)) { 200.0 } else { 100.0 }).collect()
}

#[test]
fn codes_are_the_kinds_of_the_table() {
    let kinds = [PeakKind::Billing, PeakKind::Episode, PeakKind::Top].map(|k| serde_json::to_value(k).unwrap());
    let codes: Vec<_> = DETECTORS.iter().map(|d| serde_json::Value::from(d.code())).collect();
    assert_eq!(codes, kinds);
}

#[test]
fn each_cycle_has_its_maximum_and_margin() {
    let mut kw = two_months();
    kw[10] = 300.0;
    kw[11] = 290.0;
    kw[12] = 250.0;
    kw[31 * 24 + 12] = 210.0;
    let load = testing::load(60, &[&kw]);
    let peaks = found(&load, PeakKind::Billing);
    assert_eq!(peaks.len(), 2);
    assert_eq!(
        (peaks[0].span.clone(), peaks[0].max_kw, peaks[0].margin_kw),
        (10..11, Kw::new(300.0), Some(Kw::new(50.0)))
    );
    assert_eq!(peaks[0].month.map(|m| m.to_string()), Some("2024-01".into()));
    assert_eq!((peaks[1].span.start, peaks[1].margin_kw), (31 * 24 + 12, Some(Kw::new(10.0))));
    assert_eq!(peaks[0].day_kind, DayKind::Workday);
}

#[test]
fn two_hours_are_real_time_across_a_clock_change() {
    // 2016-10-30: 02:00 comes twice, so that 03:00 is 2 h after the first 02:00.
    let mut kw = [100.0; 25];
    kw[2] = 200.0;
    kw[3] = 190.0;
    kw[4] = 180.0;
    let load = testing::load_in("Europe/Berlin", "2016-10-30", 60, &kw);
    let peak = &found(&load, PeakKind::Billing)[0];
    assert_eq!((peak.max_kw, peak.margin_kw), (Kw::new(200.0), Some(Kw::new(20.0))));
}

#[test]
fn missing_readings_never_set_a_maximum() {
    let kw = [-5.0, f64::NAN, -3.0, -9.0];
    let load = testing::load(60, &[&kw]);
    let peaks = detect(&load, &labels(&load), &load.cycles(1), None);
    assert_eq!(peaks[0].max_kw, Kw::new(-3.0), "a gap is not a zero");
    assert!(peaks.iter().all(|p| p.kind != PeakKind::Episode), "back-feed has no episode");
    assert_eq!(peaks.iter().filter(|p| p.kind == PeakKind::Top).count(), 3);
    let empty = testing::load(60, &[&[f64::NAN; 24]]);
    assert!(detect(&empty, &labels(&empty), &empty.cycles(1), None).is_empty());
}

#[test]
fn ten_highest_with_the_earliest_first_where_equal() {
    let mut kw = vec![1.0; 24 * 40];
    for i in [900, 30, 500, 31] {
        kw[i] = 9.0;
    }
    kw[700] = 10.0;
    let load = testing::load(60, &[&kw]);
    let at: Vec<usize> = highest(&load, TOP).into_iter().map(|k| k.1).collect();
    assert_eq!(at, [700, 30, 31, 500, 900, 0, 1, 2, 3, 4]);
    let ranks: Vec<u32> = found(&load, PeakKind::Top).iter().map(|p| p.rank).collect();
    assert_eq!(ranks, [1, 2, 3, 4, 6, 7, 8, 9, 10, 5], "the table's order is month, then rank");
    assert!(highest(&load, 0).is_empty());
}

#[test]
fn episodes_are_ranked_by_height_in_their_own_cycle() {
    let mut kw = vec![100.0; 60 * 24];
    kw[10] = 180.0;
    kw[50] = 200.0;
    kw[90] = 179.0;
    kw[31 * 24 + 5] = 130.0;
    let load = testing::load(60, &[&kw]);
    let peaks = found(&load, PeakKind::Episode);
    let seen: Vec<_> = peaks.iter().map(|p| (p.span.start, p.rank, p.kwh_above.map(Kwh::get))).collect();
    assert_eq!(seen, [(50, 1, Some(20.0)), (10, 2, Some(0.0)), (31 * 24 + 5, 1, Some(13.0))]);
    assert!(peaks.iter().all(|p| p.shape == Some(Shape::Needle) || p.rank == 2));
}

#[test]
fn an_episode_over_a_cycles_end_is_cut() {
    let mut kw = vec![50.0; 60 * 24];
    kw[31 * 24 - 3..31 * 24 + 4].fill(100.0);
    let load = testing::load(60, &[&kw]);
    let spans: Vec<_> = found(&load, PeakKind::Episode).into_iter().map(|p| p.span).collect();
    assert_eq!(spans, [31 * 24 - 3..31 * 24, 31 * 24..31 * 24 + 4]);
}

#[test]
fn long_days_make_plateaus() {
    let load = testing::load(60, &[&two_months()]);
    let episodes = found(&load, PeakKind::Episode);
    assert_eq!(episodes.len(), 60);
    assert!(episodes.iter().all(|p| p.shape == Some(Shape::Plateau)));
    assert!(episodes.iter().all(|p| p.recurrence == Some(Ratio::new(1.0))));
    assert_eq!(episodes[0].kwh_above, Some(Kwh::new(200.0)), "10 h of 20 kW");
}

#[test]
fn recurrence_is_the_share_of_the_same_weekday() {
    // Five Mondays in January 2024, of which two have an episode at 10:00.
    let mut kw = vec![100.0; 31 * 24];
    kw[10] = 200.0;
    kw[7 * 24 + 10] = 195.0;
    let load = testing::load(60, &[&kw]);
    assert_eq!(found(&load, PeakKind::Billing)[0].recurrence, Some(Ratio::new(0.4)));
}

#[test]
fn nothing_below_three_quanta_is_an_episode_or_a_needle() {
    let mut kw = vec![1.0; 24 * 3];
    kw[10] = 2.9;
    let load = testing::load(60, &[&kw]);
    let with = |q: f64| detect(&load, &labels(&load), &load.cycles(1), Some(Kw::new(q)));
    assert!(with(1.0).iter().all(|p| p.kind != PeakKind::Episode && p.shape.is_none()));
    let fine = with(0.1);
    assert_eq!(fine.iter().filter(|p| p.shape == Some(Shape::Needle)).count(), 3, "billing, episode, top");
    assert!(with(0.7).iter().all(|p| p.shape != Some(Shape::Needle)), "1.9 kW are under three steps of 0.7 kW");
}

#[test]
fn a_load_of_zeros_has_a_maximum_but_no_episode() {
    let load = testing::load(60, &[&[0.0; 48]]);
    let peaks = detect(&load, &labels(&load), &load.cycles(1), None);
    assert_eq!(peaks[0].max_kw, Kw::ZERO);
    assert_eq!((peaks[0].shape, peaks[0].kwh_above), (None, None));
    assert!(peaks.iter().all(|p| p.kind != PeakKind::Episode));
}

proptest! {
    #[test]
    fn highest_agrees_with_sorting(kw in prop::collection::vec(prop_oneof![(-3..9i32).prop_map(f64::from), Just(f64::NAN)], 1..200)) {
        let load = testing::load(60, &[&kw]);
        let mut all: Vec<(f64, usize)> = kw.iter().copied().zip(0..).filter(|v| !v.0.is_nan()).collect();
        all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        all.truncate(TOP);
        prop_assert_eq!(highest(&load, TOP), all);
    }

    #[test]
    fn every_interval_at_the_threshold_is_in_one_episode(kw in prop::collection::vec(0.0..100.0f64, 24 * 40)) {
        let load = testing::load(60, &[&kw]);
        let (labels, cycles) = (labels(&load), load.cycles(1));
        let view = View::new(&load, &labels, &cycles, None);
        for (cycle, (max, runs)) in cycles.iter().zip(view.maxima.iter().zip(&view.episodes)) {
            let level = THRESHOLD * max.map_or(0.0, |m| m.0);
            for i in load.range_of_days(cycle.days.clone()) {
                let holders = runs.iter().filter(|r| r.span.contains(&i)).count();
                prop_assert!(holders <= 1 && (load.kw()[i] < level || holders == 1));
            }
        }
    }
}

//! Facts of invented customers.

use super::collapse::Collapse;
use super::facts::{CustomerFacts, HOURS, TypicalHours};
use super::pattern::Pattern;
use crate::curve::TypicalDay;
use crate::time::{DayKind, Season};
use crate::units::{Kva, Kw, Kwh, Money};

/// A customer with a yearly bill and a loading; its working day peaks at 10:00.
pub fn facts(i: usize, revenue: f64, overload: f32) -> CustomerFacts {
    let hour = |hour: usize| {
        let kw = 100.0 + 10.0 * i as f64 - (hour as f64 - 10.0).abs();
        let (day_kind, season) = (DayKind::Workday, Season::Summer);
        TypicalDay {
            day_kind,
            season,
            slot: hour,
            mean_kw: kw,
            p5_kw: kw,
            p10_kw: kw,
            p50_kw: kw,
            p90_kw: kw,
            p95_kw: kw,
            n_days: 60,
        }
    };
    CustomerFacts {
        id: format!("C{i:03}").into(),
        name: None,
        manager: None,
        zone: "Asia/Shanghai".into(),
        sector: None,
        capacity: Some(Kva::new(500.0)),
        voltage_kv: Some(10.0),
        kwh_year: Some(Kwh::new(1000.0 * (i + 1) as f64)),
        max_kw: Some(Kw::new(150.0 + 10.0 * i as f64)),
        load_factor: None,
        base_to_peak: None,
        revenue: Money::from_f64_rounded(revenue),
        currency: Some("CNY".into()),
        growth: None,
        overload: Some(overload),
        pf_gap: Some(-0.02),
        volatility: Some(0.2),
        collapse: Collapse { share: Some(1.0), weekly: [Some(1.0); 4], explained: false },
        arrears_days: None,
        typical: TypicalHours::new(&(0..HOURS).map(hour).collect::<Vec<_>>(), 1, [5.0; HOURS]),
        system_peak_kw: None,
        pattern: Pattern::OneShift,
        offers: Vec::new(),
    }
}

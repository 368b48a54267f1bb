//! The recommendations of the sample.

use super::{Sample, money};
use crate::rule::{Advice, Arithmetic, Audience, Evidence, LineSum, Outcome, Tier};
use crate::tariff::LineKind;
use crate::units::{Kw, Kwh, Ratio};

/// A recommendation that saves.
pub fn advice(code: &'static str) -> Advice {
    let (tier, confidence, low, high) = match code {
        "R04" => (Tier::Counter, 0.9, 91_234.0, 118_765.0),
        "R05" => (Tier::Invest, 0.55, 36_000.0, 52_100.0),
        "R01" => (Tier::Operate, 0.4, 61_000.0, 125_000.0),
        _ => (Tier::Operate, 0.62, 48_700.0, 77_900.0),
    };
    let mut evidence = Evidence { from: "2025-01-01".into(), to: "2025-12-31".into(), ..Evidence::default() };
    evidence.figure("night_base", 212.4, "kW");
    evidence.figure("quiet_day_level", 240.0, "kW");
    evidence.figure("reference", 151.0, "kW");
    evidence.figure("quarters", 4.0, "");
    evidence.figure("quarters_won", 4.0, "");
    evidence.figure("worst_month_extra_cost", 1234.5, "currency");
    evidence.figure("max_2025-03", 1012.0, "kW");
    evidence.constant("least_ratio", 0.3, "");
    evidence.note("from_mode", "capacity");
    evidence.note("to_mode", "demand");
    evidence.note("ask", "is a change of production planned in the next year?");
    let sum = |name: &str, quantity, price, amount| LineSum {
        kind: LineKind::Capacity,
        name: name.into(),
        quantity,
        unit: "kVA",
        price,
        lines: 12,
        amount: money(amount),
    };
    evidence.arithmetic = Some(Arithmetic {
        change: "bill by demand".into(),
        currency: "CNY".into(),
        months: (1..=12).map(|m| format!("2025-{m:02}")).collect(),
        annual_factor: Some(1.0),
        before: vec![sum("capacity", 19_200.0, 26.3, 504_960.0)],
        after: vec![sum("demand", 9_660.0, 42.0, 405_720.0)],
        total_before: money(3_552_023.0),
        total_after: money(3_452_783.0),
        monthly_saving: vec![money(8_270.0); 12],
        ..Arithmetic::default()
    });
    Advice {
        advice_id: format!("10023-{code}"),
        rank: Some(1),
        code,
        verdict: Outcome::Advise,
        tier,
        audience: Audience::Customer,
        priority: 1,
        headline: matches!(code, "R04" | "R06"),
        saving_headline: matches!(code, "R04" | "R06").then(|| money(f64::midpoint(low, high))),
        saving_alone: Some(money(high * 1.05)),
        saving_joint: Some(money(f64::midpoint(low, high))),
        saving_low: Some(money(low)),
        saving_high: Some(money(high)),
        saving_joint_observed: Some(money(f64::midpoint(low, high))),
        holds: Some((11, 12)),
        kwh_saved: (code == "R06").then(|| Kwh::new(186_400.0)),
        kwh_shifted: (code == "R01").then(|| Kwh::new(402_000.0)),
        kw_reduced: (code == "R03").then(|| Kw::new(96.0)),
        kw_potential: None,
        confidence: Some(Ratio::new(confidence)),
        certainty: Some(crate::rule::Thresholds::default().certainty(Ratio::new(confidence))),
        exclusive_group: None,
        needs: Vec::new(),
        evidence,
    }
}

fn missing(code: &'static str, needs: &[&str]) -> Advice {
    Advice {
        verdict: Outcome::Missing,
        rank: None,
        needs: needs.iter().map(|n| (*n).to_owned()).collect(),
        headline: false,
        saving_headline: None,
        saving_alone: None,
        saving_joint: None,
        saving_low: None,
        saving_high: None,
        ..advice(code)
    }
}

pub(super) fn all(sample: &Sample) -> Vec<Advice> {
    if !sample.tariff {
        return ["R01", "R03", "R04", "R05", "R06"].map(|c| missing(c, &["tariff"])).into();
    }
    if !sample.advice {
        return vec![missing("R01", &["market_status"])];
    }
    let mut out: Vec<Advice> = ["R04", "R06", "R01", "R05"].map(advice).into();
    for (i, a) in out.iter_mut().enumerate() {
        a.rank = Some(i as u32 + 1);
    }
    let internal = Advice { audience: Audience::Internal, ..advice("R18") };
    out.extend([internal, missing("R11", &["transformers"])]);
    out
}

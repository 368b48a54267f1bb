//! Rows of the side files, in their public columns, and the invented names in them.

use super::archetype::Kind;
use super::axis::Home;
use super::site::{Batch, Draft, Site};
use crate::customer::{BillingMode, MarketStatus, MeterRole, UnitState};
use crate::time::{DAY_SECONDS, Date};
use serde::Serialize;
use std::ops::Range;

/// A row of `customers.csv`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the columns of the public customers file, documented there")]
pub struct CustomerRow {
    pub customer_id: String,
    /// Chinese, then English in brackets.
    pub name: String,
    pub industry: &'static str,
    pub region: &'static str,
    pub tz: &'static str,
    pub voltage_kv: f64,
    pub capacity_kva: f64,
    pub billing_mode: BillingMode,
    pub contract_demand_kw: Option<f64>,
    pub pf_standard: f64,
    pub market_status: MarketStatus,
    pub reading_day: u8,
    pub supply_level: u8,
}

/// A row of `meters.csv`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the columns of the public meters file, documented there")]
pub struct MeterRow {
    pub meter_id: String,
    pub customer_id: String,
    pub supply_point: String,
    pub role: MeterRole,
    pub multiplier: u32,
    pub values_multiplied: bool,
    pub quantum: f64,
    pub ct_ratio: u32,
    pub pt_ratio: u32,
    pub wiring: &'static str,
    pub metering_side: &'static str,
    pub valid_from: Option<&'static str>,
    pub valid_to: Option<&'static str>,
}

/// A row of `transformers.csv`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the columns of the public transformers file, documented there")]
pub struct TransformerRow {
    pub customer_id: String,
    pub unit: String,
    pub kva: f64,
    pub p0_kw: f64,
    pub pk_kw: f64,
    pub i0_pct: f64,
    pub uk_pct: f64,
    pub state: UnitState,
    pub interlock_group: Option<&'static str>,
    pub valid_from: Option<&'static str>,
    pub valid_to: Option<&'static str>,
}

/// A row of `events.csv`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the columns of the public events file, documented there")]
pub struct EventRow {
    pub customer_id: String,
    pub from: String,
    pub to: String,
    pub kind: &'static str,
    pub note: Option<&'static str>,
}

impl EventRow {
    /// A planned maintenance between two wall-clock seconds.
    #[must_use]
    pub fn maintenance(customer_id: &str, at: &Range<i64>) -> Self {
        let (customer_id, kind) = (customer_id.to_owned(), "maintenance");
        Self { customer_id, from: wall_clock(at.start), to: wall_clock(at.end), kind, note: None }
    }
}

/// A wall-clock second as `2025-07-01 16:00`.
#[must_use]
pub fn wall_clock(second: i64) -> String {
    let minute = second.rem_euclid(DAY_SECONDS) / 60;
    let date = Date(i32::try_from(second.div_euclid(DAY_SECONDS)).unwrap_or(i32::MAX));
    format!("{date} {:02}:{:02}", minute / 60, minute % 60)
}

/// A row of `equipment.csv`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the columns of the public equipment file, documented there")]
pub struct EquipmentRow {
    pub customer_id: String,
    pub equipment: String,
    pub kw: f64,
    pub run_minutes_per_day: f64,
    pub earliest: &'static str,
    pub latest: &'static str,
    pub interruptible: bool,
    pub min_run_minutes: u32,
    pub usual_start: String,
}

impl EquipmentRow {
    /// The `k`-th batch of a customer: it runs whole, at any hour.
    #[must_use]
    pub fn of(customer_id: &str, k: usize, batch: &Batch) -> Self {
        let minutes = 60.0 * (batch.usual.1 - batch.usual.0);
        Self {
            customer_id: customer_id.to_owned(),
            equipment: format!("批次炉{0} (batch furnace {0})", k + 1),
            kw: batch.kw.round(),
            run_minutes_per_day: minutes,
            earliest: "00:00",
            latest: "24:00",
            interruptible: false,
            min_run_minutes: minutes as u32,
            usual_start: format!("{:02}:00", batch.usual.0 as u32),
        }
    }
}

/// Rating in kVA, no-load loss and load loss in kW of oil-immersed 10 kV units of loss class S13
/// (typical catalogue values; judgement).
const UNITS: [(f64, f64, f64); 11] = [
    (250.0, 0.29, 3.05),
    (315.0, 0.34, 3.65),
    (400.0, 0.41, 4.30),
    (500.0, 0.48, 5.15),
    (630.0, 0.57, 6.20),
    (800.0, 0.70, 7.50),
    (1000.0, 0.83, 10.30),
    (1250.0, 0.97, 12.00),
    (1600.0, 1.17, 14.50),
    (2000.0, 1.36, 18.30),
    (2500.0, 1.60, 21.20),
];
/// Maximum demand over capacity above which a bank is taken one size larger.
pub const MOST_LOADED: f64 = 0.92;
/// Break-even of basic charges in kW/kVA: about what published prices have (e.g. 26.3 CNY/kVA
/// over 42 CNY/kW).
const BREAK_EVEN: f64 = 0.626;
/// Monthly use from which the demand price falls to 90 % (发改价格〔2023〕526号).
const REBATE_KWH_PER_KVA: f64 = 260.0;

/// The bank for a maximum demand: equal units whose sum comes nearest to the wanted loading, and never to more
/// than the most.
#[must_use]
pub fn bank(
    customer_id: &str,
    max_kw: f64,
    (loading, most_loaded): (f64, f64),
    at_least: usize,
) -> Vec<TransformerRow> {
    let wanted = max_kw.max(1.0) / loading.clamp(0.05, 1.0);
    let largest = UNITS[UNITS.len() - 1].0;
    let n = ((wanted / largest).ceil() as usize).max(at_least).max(1);
    let strong = |u: &&(f64, f64, f64)| u.0 * n as f64 * most_loaded >= max_kw;
    let gap = |u: &&(f64, f64, f64)| (u.0 * n as f64 - wanted).abs();
    let unit = UNITS.iter().filter(strong).min_by(|a, b| gap(a).total_cmp(&gap(b))).unwrap_or(&UNITS[UNITS.len() - 1]);
    (1..=n)
        .map(|k| TransformerRow {
            customer_id: customer_id.to_owned(),
            unit: format!("T{k}"),
            kva: unit.0,
            p0_kw: unit.1,
            pk_kw: unit.2,
            i0_pct: 0.3,
            uk_pct: if unit.0 <= 630.0 { 4.0 } else { 4.5 },
            state: UnitState::Running,
            interlock_group: None,
            valid_from: None,
            valid_to: None,
        })
        .collect()
}

/// The mode that is cheaper over the year, unless the draft has settled it.
#[must_use]
pub fn billing_mode(draft: &Draft, site: &Site, capacity_kva: f64) -> BillingMode {
    let months = site.axis.months.len().max(1) as f64;
    let kwh = site.import_kwh(0..site.gross_kw.len()) / months;
    let even = if kwh >= REBATE_KWH_PER_KVA * capacity_kva { BREAK_EVEN / 0.9 } else { BREAK_EVEN };
    let by_demand = site.mean_month_max_kw() < even * capacity_kva;
    draft.billing_mode.unwrap_or(if by_demand { BillingMode::Demand } else { BillingMode::Capacity })
}

/// CT and PT ratio of a meter that can carry `kva` at `kv`: CT primaries over 5 A, PT over 100 V.
#[must_use]
pub fn ratios(kva: f64, kv: f64) -> (u32, u32) {
    const PRIMARIES: [u32; 14] = [20, 30, 40, 50, 75, 100, 150, 200, 300, 400, 600, 800, 1000, 1500];
    let amperes = kva / (3.0f64.sqrt() * kv);
    let primary = PRIMARIES.iter().copied().find(|p| f64::from(*p) >= amperes).unwrap_or(2000);
    let pt = if kv < 1.0 { 1 } else { (kv * 10.0).round() as u32 };
    (primary / 5, pt)
}

/// Invented places, Chinese and English.
const CHINA: [(&str, &str); 16] = [
    ("江城", "Jiangcheng"),
    ("云岭", "Yunling"),
    ("青禾", "Qinghe"),
    ("临溪", "Linxi"),
    ("望川", "Wangchuan"),
    ("玉泽", "Yuze"),
    ("松岩", "Songyan"),
    ("海渡", "Haidu"),
    ("凤栖", "Fengqi"),
    ("柳溪", "Liuxi"),
    ("明湖", "Minghu"),
    ("石桥", "Shiqiao"),
    ("金穗", "Jinsui"),
    ("白鹭", "Bailu"),
    ("沧湾", "Cangwan"),
    ("北辰", "Beichen"),
];
const GERMANY: [(&str, &str); 3] = [("林登堡", "Lindenberg"), ("罗森菲尔德", "Rosenfeld"), ("施泰因巴赫", "Steinbach")];

/// An invented name, `江城精密铸造有限公司 (Jiangcheng Precision Castings)`, and its industry.
#[must_use]
pub fn name(home: Home, kind: &Kind, place: usize, trade: usize) -> (String, &'static str) {
    let places: &[(&str, &str)] = match home {
        Home::China => &CHINA,
        Home::Germany => &GERMANY,
    };
    let (zh, en) = places[place % places.len()];
    let trade = kind.trades.get(trade % kind.trades.len().max(1)).copied();
    let (what, works, industry) = trade.unwrap_or(("公司", "Works", "制造"));
    (format!("{zh}{what} ({en} {works})"), industry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bank_meets_its_loading_and_carries_the_maximum() {
        for (max_kw, loading) in [(100.0, 0.7), (900.0, 0.3), (900.0, 0.9), (6000.0, 0.5), (40_000.0, 0.8)] {
            let kva: f64 = bank("x", max_kw, (loading, MOST_LOADED), 1).iter().map(|t| t.kva).sum();
            assert!(max_kw <= MOST_LOADED * kva, "{max_kw} kW on {kva} kVA");
            assert!(max_kw < 200.0 || (max_kw / kva - loading).abs() < 0.16, "{max_kw} kW on {kva} kVA");
        }
        assert_eq!(bank("x", 0.0, (0.0, MOST_LOADED), 3).len(), 3);
    }

    #[test]
    fn a_meter_carries_its_current() {
        assert_eq!(ratios(1000.0, 10.0), (15, 100), "57.7 A needs 75/5");
        assert_eq!(ratios(250.0, 0.4), (80, 1), "361 A needs 400/5");
    }
}

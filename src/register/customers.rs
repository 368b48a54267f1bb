//! The customers file.

use super::{Column, Register, Row, SectorMap, Table};
use crate::customer::{BillingMode, Contract, Customer, MarketStatus};
use crate::error::Result;
use crate::text::{said, say};
use crate::time::DstLabels;
use crate::units::{Kva, Kw, Ratio};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

const COLUMNS: &[Column] = &[
    Column { name: "name", aliases: &["customer_name", "用户名称", "户名", "客户名称"] },
    Column { name: "industry", aliases: &["行业", "行业分类", "行业类别", "用电类别"] },
    Column { name: "region", aliases: &["地区", "区域", "供电单位"] },
    Column { name: "tz", aliases: &["timezone", "time_zone", "时区"] },
    Column { name: "voltage_kv", aliases: &["电压等级", "供电电压", "voltage"] },
    Column {
        name: "capacity_kva",
        aliases: &["contract_kva", "合同容量", "运行容量", "变压器容量", "transformer_kva", "报装容量"],
    },
    Column { name: "dst_labels", aliases: &["夏令时标签"] },
    Column { name: "billing_mode", aliases: &["基本电费计费方式", "计费方式", "容需量计费方式"] },
    Column {
        name: "contract_demand_kw", aliases: &["合同最大需量", "合约需量", "核定需量", "需量核定值"]
    },
    Column { name: "pf_standard", aliases: &["功率因数标准", "力率标准", "功率因数考核标准"] },
    Column { name: "tariff", aliases: &["tariff_id", "电价", "电价方案"] },
    Column { name: "market_status", aliases: &["市场化属性", "购电方式"] },
    Column { name: "reading_day", aliases: &["抄表例日", "抄表日"] },
    Column { name: "supply_level", aliases: &["负荷等级", "重要性等级"] },
    Column { name: "floor_area_m2", aliases: &["sqm", "建筑面积"] },
    Column { name: "value_class", aliases: &["价值等级"] },
    Column { name: "risk_class", aliases: &["风险等级"] },
    Column { name: "opinion_class", aliases: &["舆情等级"] },
    Column { name: "arrears_days", aliases: &["欠费天数"] },
    Column { name: "manager", aliases: &["客户经理"] },
];

const ID: Column =
    Column { name: "customer_id", aliases: &["account_id", "用户编号", "户号", "客户编号", "用户号"] };
/// Without a meters file each metering point is its own customer.
const ID_OR_METER: Column = Column {
    name: "customer_id",
    aliases: &["account_id", "用户编号", "户号", "客户编号", "用户号", "meter_id", "电能表号", "表号"],
};

const BILLING_MODES: &[(&str, BillingMode)] = &[
    ("single", BillingMode::Single),
    ("capacity", BillingMode::Capacity),
    ("demand", BillingMode::Demand),
    ("contract", BillingMode::Contract),
    ("单一制", BillingMode::Single),
    ("容量", BillingMode::Capacity),
    ("按容量", BillingMode::Capacity),
    ("需量", BillingMode::Demand),
    ("按需量", BillingMode::Demand),
    ("实际最大需量", BillingMode::Demand),
    ("合同最大需量", BillingMode::Contract),
    ("合约需量", BillingMode::Contract),
];

const DST_LABELS: &[(&str, DstLabels)] = &[("repeat", DstLabels::Repeat), ("none", DstLabels::None)];

const MARKET: &[(&str, MarketStatus)] = &[
    ("agency", MarketStatus::Agency),
    ("retail", MarketStatus::Retail),
    ("direct", MarketStatus::Direct),
    ("代理购电", MarketStatus::Agency),
    ("电网代理购电", MarketStatus::Agency),
    ("零售", MarketStatus::Retail),
    ("零售用户", MarketStatus::Retail),
    ("直接交易", MarketStatus::Direct),
    ("批发", MarketStatus::Direct),
    ("批发用户", MarketStatus::Direct),
];

/// Standards of 〔83〕水电财字215号.
const PF_STANDARDS: [f64; 3] = [0.80, 0.85, 0.90];

/// Reads the file into the register.
pub(super) fn load(path: &Path, sectors: &SectorMap, register: &mut Register, notes: &mut Vec<String>) -> Result<()> {
    let id = if register.by_meter { ID } else { ID_OR_METER };
    let wanted: Vec<Column> = std::iter::once(id).chain(COLUMNS.iter().copied()).collect();
    let table = Table::read(path, &wanted)?;
    table.require(&id)?;
    notes.extend_from_slice(table.notes());
    let mut seen: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    let mut unmapped: BTreeMap<&str, usize> = BTreeMap::new();
    for row in table.rows() {
        let customer = customer(row, sectors)?;
        if let Some(first) = seen.insert(Arc::clone(&customer.id), row.line()) {
            let what = say("side.customer_twice", &[("id", &format_args!("{:?}", &*customer.id)), ("row", &first)]);
            return Err(row.wrong("customer_id", what, said("side.drop_one")));
        }
        if let Some(industry) = row.text("industry").filter(|_| customer.sector.is_none()) {
            *unmapped.entry(industry).or_default() += 1;
        }
        register.customers.insert(Arc::clone(&customer.id), customer.into());
    }
    if !unmapped.is_empty() {
        let list: Vec<String> = unmapped.iter().map(|(name, n)| format!("{name:?} ({n})")).collect();
        notes.push(say("run.no_sector", &[("file", &path.display()), ("names", &list.join(", "))]));
    }
    Ok(())
}

fn customer(row: Row<'_>, sectors: &SectorMap) -> Result<Customer> {
    let owned = |column: &str| row.text(column).map(str::to_owned);
    Ok(Customer {
        id: row.id("customer_id")?.into(),
        name: owned("name"),
        industry: owned("industry"),
        sector: row.text("industry").and_then(|i| sectors.sector(i)),
        region: owned("region"),
        tz: zone(row),
        dst_labels: row.choice("dst_labels", DST_LABELS)?,
        contract: contract(row)?,
        tariff: owned("tariff"),
        supply_level: row.whole("supply_level", 1, 3)?.map(|v| v as u8),
        floor_area_m2: row.positive("floor_area_m2")?,
        value_class: owned("value_class"),
        risk_class: owned("risk_class"),
        opinion_class: owned("opinion_class"),
        arrears_days: row.whole("arrears_days", 0, u32::MAX)?,
        manager: owned("manager"),
        transformers: Vec::new(),
        events: Vec::new(),
        issued: Vec::new(),
        equipment: Vec::new(),
    })
}

fn contract(row: Row<'_>) -> Result<Contract> {
    Ok(Contract {
        billing_mode: row.choice("billing_mode", BILLING_MODES)?,
        capacity: row.positive("capacity_kva")?.map(Kva::new),
        contract_demand: row.positive("contract_demand_kw")?.map(Kw::new),
        contract_schedule: std::collections::BTreeMap::new(),
        pf_standard: pf_standard(row)?,
        market_status: row.choice("market_status", MARKET)?,
        voltage_kv: voltage(row)?,
        reading_day: row.whole("reading_day", 1, 31)?.unwrap_or(1) as u8,
    })
}

/// The standard as a ratio; the nearest of the three, so that 0.9 of a float column is 0.90.
fn pf_standard(row: Row<'_>) -> Result<Option<Ratio>> {
    let Some(v) = row.number("pf_standard")? else { return Ok(None) };
    let standard = PF_STANDARDS.into_iter().find(|s| (s - v).abs() < 1e-6);
    standard.map(|s| Some(Ratio::new(s))).ok_or_else(|| {
        let cure = said("side.pf_standard_cure");
        row.wrong("pf_standard", say("side.no_pf_standard", &[("value", &v)]), cure)
    })
}

/// kV as a number, or as bills write it: `10kV`, `交流10kV`, `10千伏`, `380V`.
fn voltage(row: Row<'_>) -> Result<Option<f64>> {
    let Some(text) = row.text("voltage_kv") else { return Ok(None) };
    let folded = text.to_lowercase();
    let bare = folded.trim_start_matches("交流").trim();
    let (digits, scale) = ["kv", "千伏"]
        .iter()
        .find_map(|unit| bare.strip_suffix(unit).map(|d| (d, 1.0)))
        .or_else(|| ["v", "伏"].iter().find_map(|unit| bare.strip_suffix(unit).map(|d| (d, 0.001))))
        .unwrap_or((bare, 1.0));
    match digits.trim().parse::<f64>() {
        Ok(v) if v.is_finite() && v > 0.0 => Ok(Some(v * scale)),
        _ => Err(row.wrong(
            "voltage_kv",
            say("side.no_voltage", &[("text", &format_args!("{text:?}"))]),
            said("side.voltage_cure"),
        )),
    }
}

/// The zone's name; `unknown` is none. A name that is no zone fails its customer, not the run.
fn zone(row: Row<'_>) -> Option<String> {
    row.text("tz").filter(|t| !t.eq_ignore_ascii_case("unknown")).map(str::to_owned)
}

//! The meters file.

use super::{Column, Register, Row, Spans, Table};
use crate::customer::{Meter, MeterRole, MeteringSide, Span, Wiring};
use crate::error::Result;
use crate::text::{said, say};
use std::path::Path;
use std::sync::Arc;

const ID: Column =
    Column { name: "meter_id", aliases: &["电能表号", "表号", "电表资产号", "计量点编号", "meter"] };
const CUSTOMER: Column =
    Column { name: "customer_id", aliases: &["account_id", "用户编号", "户号", "客户编号", "用户号"] };
const COLUMNS: &[Column] = &[
    ID,
    CUSTOMER,
    Column { name: "supply_point", aliases: &["受电点", "受电点编号", "供电点"] },
    Column { name: "role", aliases: &["计量点性质", "用途"] },
    Column { name: "multiplier", aliases: &["倍率", "综合倍率"] },
    Column { name: "values_multiplied", aliases: &["已乘倍率"] },
    Column { name: "quantum", aliases: &["quantum_kwh", "示值分辨率"] },
    Column { name: "ct_ratio", aliases: &["ct变比", "电流互感器变比"] },
    Column { name: "pt_ratio", aliases: &["pt变比", "电压互感器变比"] },
    Column { name: "wiring", aliases: &["接线方式"] },
    Column { name: "metering_side", aliases: &["计量方式"] },
    Column { name: "valid_from", aliases: &["起始日期", "装表日期"] },
    Column { name: "valid_to", aliases: &["截止日期", "拆表日期"] },
];

const ROLES: &[(&str, MeterRole)] = &[
    ("main", MeterRole::Main),
    ("deduct", MeterRole::Deduct),
    ("check", MeterRole::Check),
    ("generation", MeterRole::Generation),
    ("主表", MeterRole::Main),
    ("结算", MeterRole::Main),
    ("套扣", MeterRole::Deduct),
    ("扣减", MeterRole::Deduct),
    ("考核", MeterRole::Check),
    ("校核", MeterRole::Check),
    ("发电", MeterRole::Generation),
];

const WIRINGS: &[(&str, Wiring)] = &[
    ("three-wire", Wiring::ThreeWire),
    ("four-wire", Wiring::FourWire),
    ("三相三线", Wiring::ThreeWire),
    ("三相四线", Wiring::FourWire),
];

const SIDES: &[(&str, MeteringSide)] = &[
    ("high", MeteringSide::High),
    ("low", MeteringSide::Low),
    ("高供高计", MeteringSide::High),
    ("高供低计", MeteringSide::Low),
    ("低供低计", MeteringSide::Low),
];

/// Reads the file into the register.
pub(super) fn load(path: &Path, register: &mut Register, notes: &mut Vec<String>) -> Result<()> {
    let table = Table::read(path, COLUMNS)?;
    table.require(&ID)?;
    table.require(&CUSTOMER)?;
    notes.extend_from_slice(table.notes());
    let mut spans = Spans::default();
    let (mut no_supply_point, mut not_said) = (0usize, 0usize);
    for row in table.rows() {
        let customer: Arc<str> = row.id("customer_id")?.into();
        let meter = meter(row, &customer)?;
        no_supply_point += usize::from(row.text("supply_point").is_none());
        not_said += usize::from(meter.multiplier != 1.0 && row.text("values_multiplied").is_none());
        let what = say("part.meter", &[("id", &format_args!("{:?}", &*meter.id))]);
        spans.add(Arc::clone(&meter.id), row, (meter.valid.from, meter.valid.to), &what, "meter_id")?;
        register.add_meter(meter, customer);
    }
    if no_supply_point > 0 {
        notes.push(say("run.no_points", &[("file", &path.display()), ("n", &no_supply_point)]));
    }
    if not_said > 0 {
        notes.push(say("run.not_said", &[("file", &path.display()), ("n", &not_said)]));
    }
    Ok(())
}

fn meter(row: Row<'_>, customer: &Arc<str>) -> Result<Meter> {
    let (from, to) = row.local_validity("valid_from", "valid_to")?;
    let ((ct_ratio, ct_secondary_a), (pt_ratio, _)) = (ratio(row, "ct_ratio")?, ratio(row, "pt_ratio")?);
    let multiplier = match (row.positive("multiplier")?, ct_ratio) {
        (Some(given), Some(ct)) => {
            let product = ct * pt_ratio.unwrap_or(1.0);
            // Without a PT column a high-voltage multiplier is legitimately a multiple of the CT ratio.
            if pt_ratio.is_some() && (given / product - 1.0).abs() > 1e-6 {
                let what = say("side.multiplier", &[("value", &given), ("product", &product)]);
                return Err(row.wrong("multiplier", what, said("side.multiplier_cure")));
            }
            given
        }
        (Some(given), None) => given,
        (None, Some(ct)) => ct * pt_ratio.unwrap_or(1.0),
        (None, None) => 1.0,
    };
    Ok(Meter {
        id: row.id("meter_id")?.into(),
        supply_point: row.text("supply_point").map_or_else(|| Arc::clone(customer), Into::into),
        role: row.choice("role", ROLES)?.unwrap_or_default(),
        multiplier,
        values_multiplied: row.flag("values_multiplied")?.unwrap_or(true),
        quantum_kwh: row.positive("quantum")?,
        ct_ratio,
        ct_secondary_a,
        pt_ratio,
        wiring: row.choice("wiring", WIRINGS)?,
        metering_side: row.choice("metering_side", SIDES)?,
        valid: Span { from, to },
        elsewhere: Vec::new(),
    })
}

/// A ratio as a number or as the nameplate has it, `600/5` or `10000/100`, which tells the secondary side too.
fn ratio(row: Row<'_>, column: &str) -> Result<(Option<f64>, Option<f64>)> {
    let Some((primary, secondary)) = row.text(column).and_then(|t| t.split_once('/')) else {
        return Ok((row.positive(column)?, None));
    };
    let number = |t: &str| t.trim().parse::<f64>().ok().filter(|v| v.is_finite() && *v > 0.0);
    match number(primary).zip(number(secondary)) {
        Some((p, s)) => Ok((Some(p / s), Some(s))),
        None => Err(row.wrong(column, said("side.no_ratio"), said("side.ratio_cure"))),
    }
}

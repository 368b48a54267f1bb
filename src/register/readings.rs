//! The register-readings file.

use super::{Column, Register, Row, Table};
use crate::customer::RegisterReading;
use crate::error::Result;
use crate::text::{said, say};
use std::path::Path;

const ID: Column =
    Column { name: "meter_id", aliases: &["电能表号", "表号", "电表资产号", "计量点编号", "meter"] };
const READ_AT: Column = Column { name: "read_at", aliases: &["抄表时间", "数据时间", "抄表日期"] };
/// In the order of [`RegisterReading::period_kwh`].
const PERIODS: [&str; 5] = ["sharp_kwh", "peak_kwh", "flat_kwh", "valley_kwh", "deep_kwh"];
const COLUMNS: &[Column] = &[
    ID,
    READ_AT,
    Column { name: "total_kwh", aliases: &["正向有功总", "有功总示数", "有功总"] },
    Column { name: PERIODS[0], aliases: &["尖示数", "有功尖"] },
    Column { name: PERIODS[1], aliases: &["峰示数", "有功峰"] },
    Column { name: PERIODS[2], aliases: &["平示数", "有功平"] },
    Column { name: PERIODS[3], aliases: &["谷示数", "有功谷"] },
    Column { name: PERIODS[4], aliases: &["深谷示数", "有功深谷"] },
    Column { name: "kvarh_lag", aliases: &["正向无功总", "无功总"] },
    Column { name: "kvarh_lead", aliases: &["反向无功总"] },
    Column { name: "max_demand_kw", aliases: &["最大需量", "最大需量示数"] },
    Column { name: "max_demand_at", aliases: &["最大需量发生时间", "最大需量时间"] },
];

/// Reads the file into the register; each meter's readings in the order of time.
pub(super) fn load(path: &Path, register: &mut Register, notes: &mut Vec<String>) -> Result<()> {
    let table = Table::read(path, COLUMNS)?;
    table.require(&ID)?;
    table.require(&READ_AT)?;
    notes.extend_from_slice(table.notes());
    let mut rows: Vec<(&str, RegisterReading, Row<'_>)> = Vec::new();
    for row in table.rows() {
        rows.push((row.id("meter_id")?, reading(row)?, row));
    }
    rows.sort_by_key(|(id, reading, row)| (*id, reading.read_at, row.line()));
    for pair in rows.windows(2) {
        let [(id, first, other), (next_id, next, row)] = pair else { continue };
        if id == next_id && first.read_at == next.read_at && first != next {
            let what = say("side.read_twice", &[("id", &format_args!("{id:?}")), ("row", &other.line())]);
            return Err(row.wrong("read_at", what, said("side.drop_wrong_one")));
        }
    }
    rows.dedup_by(|b, a| a.0 == b.0 && a.1.read_at == b.1.read_at);
    for (id, reading, _) in rows {
        register.registers.entry(id.into()).or_default().push(reading);
    }
    Ok(())
}

fn reading(row: Row<'_>) -> Result<RegisterReading> {
    let read_at =
        row.local("read_at")?.ok_or_else(|| row.wrong("read_at", said("side.empty"), said("side.read_at_cure")))?;
    let mut period_kwh = [None; 5];
    for (cell, column) in period_kwh.iter_mut().zip(PERIODS) {
        *cell = row.not_negative(column)?;
    }
    Ok(RegisterReading {
        read_at,
        total_kwh: row.not_negative("total_kwh")?,
        period_kwh,
        kvarh_lag: row.not_negative("kvarh_lag")?,
        kvarh_lead: row.not_negative("kvarh_lead")?,
        max_demand_kw: row.not_negative("max_demand_kw")?,
        max_demand_at: row.local("max_demand_at")?,
    })
}

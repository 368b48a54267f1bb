//! The transformers file.

use super::{Column, Register, Spans, Table};
use crate::customer::{Transformer, UnitState};
use crate::error::Result;
use crate::text::{said, say};
use crate::units::Kva;
use std::path::Path;

const CUSTOMER: Column =
    Column { name: "customer_id", aliases: &["account_id", "用户编号", "户号", "客户编号", "用户号"] };
const RATING: Column = Column { name: "kva", aliases: &["rating_kva", "铭牌容量", "变压器容量", "容量"] };
const COLUMNS: &[Column] = &[
    CUSTOMER,
    Column { name: "unit", aliases: &["transformer", "变压器名称", "变压器编号", "设备名称"] },
    Column { name: "supply_point", aliases: &["受电点", "受电点编号", "供电点"] },
    RATING,
    Column { name: "p0_kw", aliases: &["空载损耗"] },
    Column { name: "pk_kw", aliases: &["负载损耗", "短路损耗"] },
    Column { name: "i0_pct", aliases: &["空载电流"] },
    Column { name: "uk_pct", aliases: &["短路阻抗", "阻抗电压", "短路电压"] },
    Column { name: "state", aliases: &["运行状态", "状态"] },
    Column { name: "interlock_group", aliases: &["联锁组", "互锁组", "主备组"] },
    Column { name: "valid_from", aliases: &["起始日期"] },
    Column { name: "valid_to", aliases: &["截止日期"] },
];

const STATES: &[(&str, UnitState)] = &[
    ("running", UnitState::Running),
    ("hot_standby", UnitState::HotStandby),
    ("sealed", UnitState::Sealed),
    ("suspended", UnitState::Suspended),
    ("运行", UnitState::Running),
    ("热备用", UnitState::HotStandby),
    ("热备", UnitState::HotStandby),
    ("加封", UnitState::Sealed),
    ("封存", UnitState::Sealed),
    ("冷备用", UnitState::Sealed),
    ("暂停", UnitState::Suspended),
    ("停用", UnitState::Suspended),
];

/// Reads the file into the customers of the register.
pub(super) fn load(path: &Path, register: &mut Register, notes: &mut Vec<String>) -> Result<()> {
    let table = Table::read(path, COLUMNS)?;
    table.require(&CUSTOMER)?;
    table.require(&RATING)?;
    notes.extend_from_slice(table.notes());
    let mut spans = Spans::default();
    for row in table.rows() {
        let id = row.id("customer_id")?;
        let (valid_from, valid_to) = row.validity("valid_from", "valid_to")?;
        let rating =
            row.positive("kva")?.ok_or_else(|| row.wrong("kva", said("side.no_rating"), said("side.rating_cure")))?;
        let unit = match row.text("unit") {
            Some(name) => {
                let what =
                    say("part.transformer", &[("unit", &format_args!("{name:?}")), ("id", &format_args!("{id:?}"))]);
                spans.add((id.to_owned(), name.to_owned()), row, (valid_from, valid_to), &what, "unit")?;
                name.to_owned()
            }
            None => format!("#{}", register.entry(id).transformers.len() + 1),
        };
        register.entry(id).transformers.push(Transformer {
            unit,
            supply_point: row.text("supply_point").map(Into::into),
            rating: Kva::new(rating),
            p0_kw: row.not_negative("p0_kw")?,
            pk_kw: row.not_negative("pk_kw")?,
            i0_pct: row.not_negative("i0_pct")?,
            uk_pct: row.not_negative("uk_pct")?,
            state: row.choice("state", STATES)?.unwrap_or_default(),
            interlock_group: row.text("interlock_group").map(str::to_owned),
            valid_from,
            valid_to,
        });
    }
    Ok(())
}

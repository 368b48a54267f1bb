//! The events file.

use super::{Column, Register, Row, Table};
use crate::customer::{Event, EventKind};
use crate::error::Result;
use crate::text::said;
use crate::time::{DAY_SECONDS, Date};
use std::path::Path;
use std::sync::Arc;

const CUSTOMER: Column =
    Column { name: "customer_id", aliases: &["account_id", "用户编号", "户号", "客户编号", "用户号"] };
const FROM: Column = Column { name: "from", aliases: &["start", "起始时间", "开始时间", "起始日期"] };
const TO: Column = Column { name: "to", aliases: &["end", "终止时间", "结束时间", "截止日期"] };
const KIND: Column = Column { name: "kind", aliases: &["event", "类型", "事件类型"] };
const COLUMNS: &[Column] = &[CUSTOMER, FROM, TO, KIND, Column { name: "note", aliases: &["备注", "说明"] }];

const KINDS: &[(&str, EventKind)] = &[
    ("outage", EventKind::Outage),
    ("maintenance", EventKind::Maintenance),
    ("shutdown", EventKind::Shutdown),
    ("curtailment", EventKind::Curtailment),
    ("production change", EventKind::ProductionChange),
    ("own rest day", EventKind::OwnRestDay),
    ("停电", EventKind::Outage),
    ("检修", EventKind::Maintenance),
    ("停产", EventKind::Shutdown),
    ("限电", EventKind::Curtailment),
    ("有序用电", EventKind::Curtailment),
    ("生产变化", EventKind::ProductionChange),
    ("厂休", EventKind::OwnRestDay),
];

/// Reads the file into the customers of the register; each customer's events in the order of time.
pub(super) fn load(path: &Path, register: &mut Register, notes: &mut Vec<String>) -> Result<()> {
    let table = Table::read(path, COLUMNS)?;
    for column in [CUSTOMER, FROM, TO, KIND] {
        table.require(&column)?;
    }
    notes.extend_from_slice(table.notes());
    for row in table.rows() {
        let event = event(row)?;
        register.entry(row.id("customer_id")?).events.push(event);
    }
    for customer in register.customers.values_mut().map(Arc::make_mut) {
        customer.events.sort_by_key(|e| (e.local().start, e.local().end));
    }
    Ok(())
}

fn event(row: Row<'_>) -> Result<Event> {
    let needed = |column: &str| {
        let time = row.local(column)?;
        time.ok_or_else(|| row.wrong(column, said("side.empty"), said("side.ends_cure")))
    };
    let (from, to) = (needed("from")?, needed("to")?);
    if from >= to {
        let cure = said("side.to_cure");
        return Err(row.wrong("to", said("side.to_before_from"), cure));
    }
    let kind =
        row.choice("kind", KINDS)?.ok_or_else(|| row.wrong("kind", said("side.empty"), said("side.kind_cure")))?;
    let whole = from.rem_euclid(DAY_SECONDS) == 0 && to.rem_euclid(DAY_SECONDS) == 0;
    let (first, end) = (from.div_euclid(DAY_SECONDS), (to - 1).div_euclid(DAY_SECONDS) + 1);
    Ok(Event {
        dates: Date(first as i32)..Date(end as i32),
        clock: (!whole).then_some(from..to),
        kind,
        note: row.text("note").map(str::to_owned),
    })
}

//! The file of contract demands by month.

use super::{Column, Register, Table};
use crate::error::Result;
use crate::text::{said, say};
use crate::time::{Date, Month};
use crate::units::Kw;
use std::path::Path;

const CUSTOMER: Column =
    Column { name: "customer_id", aliases: &["account_id", "用户编号", "户号", "客户编号", "用户号"] };
const MONTH: Column = Column { name: "month", aliases: &["月份", "电费年月"] };
const KW: Column = Column {
    name: "contract_demand_kw",
    aliases: &["合同最大需量", "合约需量", "核定需量", "需量核定值"],
};

/// Reads the file into the register; a month is a billing cycle's label.
pub(super) fn load(path: &Path, register: &mut Register, notes: &mut Vec<String>) -> Result<()> {
    let table = Table::read(path, &[CUSTOMER, MONTH, KW])?;
    for column in [&CUSTOMER, &MONTH, &KW] {
        table.require(column)?;
    }
    notes.extend_from_slice(table.notes());
    for row in table.rows() {
        let text = row.text("month").unwrap_or_default();
        let month = format!("{text}-01").parse::<Date>().map(Month::of);
        let month = month.map_err(|_| {
            row.wrong("month", say("side.no_month", &[("text", &format_args!("{text:?}"))]), said("side.month_cure"))
        })?;
        let Some(kw) = row.positive("contract_demand_kw")? else { continue };
        let schedule = &mut register.entry(row.id("customer_id")?).contract.contract_schedule;
        if schedule.insert(month, Kw::new(kw)).is_some_and(|other| other != Kw::new(kw)) {
            return Err(row.wrong("month", say("side.month_twice", &[("month", &month)]), said("side.drop_wrong")));
        }
    }
    Ok(())
}

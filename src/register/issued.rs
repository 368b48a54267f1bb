//! The issued-bills file.

use super::{Column, Register, Row, Table};
use crate::customer::IssuedLine;
use crate::error::Result;
use crate::text::{said, say};
use crate::time::{Date, Month};
use crate::units::Money;
use std::path::Path;
use std::sync::Arc;

const CUSTOMER: Column =
    Column { name: "customer_id", aliases: &["account_id", "用户编号", "户号", "客户编号", "用户号"] };
const MONTH: Column =
    Column { name: "month", aliases: &["电费年月", "年月", "账期", "月份", "billing_month"] };
const LINE: Column = Column { name: "line", aliases: &["费用项目", "电费项目", "项目", "名称", "item"] };
const AMOUNT: Column = Column { name: "amount", aliases: &["电费", "金额", "应收电费"] };
const COLUMNS: &[Column] =
    &[CUSTOMER, MONTH, LINE, Column { name: "quantity", aliases: &["电量", "计费数量", "数量"] }, AMOUNT];

/// Reads the file into the customers of the register; each customer's lines in the order of months.
pub(super) fn load(path: &Path, register: &mut Register, notes: &mut Vec<String>) -> Result<()> {
    let table = Table::read(path, COLUMNS)?;
    for column in [CUSTOMER, MONTH, LINE, AMOUNT] {
        table.require(&column)?;
    }
    notes.extend_from_slice(table.notes());
    for row in table.rows() {
        let line = line(row)?;
        register.entry(row.id("customer_id")?).issued.push(line);
    }
    for customer in register.customers.values_mut().map(Arc::make_mut) {
        customer.issued.sort_by_key(|l| l.month);
    }
    Ok(())
}

fn line(row: Row<'_>) -> Result<IssuedLine> {
    let needed = |column: &str| row.wrong(column, said("side.empty"), said("side.fill_cure"));
    let month = row.text("month").ok_or_else(|| needed("month"))?;
    let month = parse_month(month).ok_or_else(|| {
        row.wrong("month", say("side.no_month", &[("text", &format_args!("{month:?}"))]), said("side.cycle_cure"))
    })?;
    let amount = row.number("amount")?.ok_or_else(|| needed("amount"))?;
    let amount = Money::from_f64_rounded(amount)
        .ok_or_else(|| row.wrong("amount", say("side.no_amount", &[("amount", &amount)]), said("side.amount_cure")))?;
    Ok(IssuedLine {
        month,
        line: row.text("line").ok_or_else(|| needed("line"))?.into(),
        quantity: row.number("quantity")?,
        amount,
    })
}

/// `2026-01`, `2026/1`, `202601`, `2026年1月`, or any date of the month.
fn parse_month(text: &str) -> Option<Month> {
    if let Ok(date) = text.parse::<Date>() {
        return Some(Month::of(date));
    }
    let text = text.trim().trim_end_matches('月').replace('年', "-");
    let (year, month) = match text.split_once(['-', '/', '.']) {
        Some(parts) => parts,
        None if text.len() == 6 && text.is_ascii() => text.split_at(4),
        None => return None,
    };
    let year = year.parse().ok().filter(|y| (1900..2200).contains(y))?;
    Date::from_ymd(year, month.parse().ok()?, 1).map(Month::of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_in_the_ways_bills_write_them() {
        for text in ["2026-01", "2026/1", "202601", "2026年1月", "2026年01月", "2026-01-31", "20260115"] {
            assert_eq!(parse_month(text).map(|m| m.to_string()), Some("2026-01".into()), "{text}");
        }
        for text in ["2026", "2026-13", "January", "", "26-01"] {
            assert_eq!(parse_month(text), None, "{text}");
        }
    }
}

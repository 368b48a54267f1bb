//! Issued bills beside the recomputed ones, and the off-peak work schedule. Neither has a sheet where
//! there is nothing to say.

use super::customer::word;
use super::sheet::{Cell, Kind, add, column, heading, put, table};
use crate::report::document::{IssuedLine, ScheduledDay, ScheduledRun};
use crate::report::{Report, Text};
use rust_xlsxwriter::{Chart, ChartType, Workbook, Worksheet, XlsxError};

/// Line by line; a difference is a formula, so that a corrected amount corrects it.
///
/// # Errors
/// When a value is out of Excel's range.
pub fn issued(book: &mut Workbook, rows: &[IssuedLine], text: &Text) -> Result<(), XlsxError> {
    if rows.is_empty() {
        return Ok(());
    }
    let sheet = add(book, text.t("sheet.issued"), text)?;
    let name = |l: &IssuedLine| if l.line == "total" { text.t("bill.total").to_owned() } else { l.line.clone() };
    let rows: Vec<(&IssuedLine, String)> = rows.iter().map(|l| (l, name(l))).collect();
    let columns = [
        column("month", Kind::Text, |(l, _): &(&IssuedLine, String), _| l.month.as_str().into()),
        column("line", Kind::Text, |(_, name), _| name.as_str().into()),
        column("quantity_issued", Kind::Hundredth, |(l, _), _| l.quantity_issued.into()),
        column("quantity_recomputed", Kind::Hundredth, |(l, _), _| l.quantity_recomputed.into()),
        column("unit", Kind::Text, |(l, _), _| Cell::from(&l.unit)),
        column("amount_issued", Kind::Hundredth, |(l, _), _| l.amount_issued.into()),
        column("amount_recomputed", Kind::Hundredth, |(l, _), _| l.amount_recomputed.into()),
        column("difference", Kind::Hundredth, |(l, _), row| difference(l, row)),
        column("share_of_issued", Kind::Ratio, |(l, _), _| l.share.into()),
        column("explanation", Kind::Words, |(l, _), _| Cell::from(&l.explanation)),
    ];
    table(sheet, 0, &columns, &rows, text).map(|_| ())
}

/// Recomputed less issued; a side that is not there counts as nothing.
fn difference(l: &IssuedLine, row: u32) -> Cell {
    l.difference.map_or(Cell::Absent, |v| Cell::Formula(format!("=ROUND(G{row}-F{row},2)"), v))
}

/// Runs of machines, and beside them the mean day before and after with a picture.
///
/// # Errors
/// When a value is out of Excel's range.
pub fn schedule(book: &mut Workbook, r: &Report, text: &Text) -> Result<(), XlsxError> {
    if r.schedule.is_empty() {
        return Ok(());
    }
    let name = text.t("sheet.schedule");
    let sheet = add(book, name, text)?;
    let rows: Vec<(&ScheduledRun, String)> =
        r.schedule.iter().map(|s| (s, word(text, "day_kind", &s.day_kind))).collect();
    let columns = [
        column("months", Kind::Text, |(s, _): &(&ScheduledRun, String), _| s.months.as_str().into()),
        column("day_kind", Kind::Text, |(_, kind), _| kind.as_str().into()),
        column("equipment", Kind::Text, |(s, _), _| s.equipment.as_str().into()),
        column("kw", Kind::Tenth, |(s, _), _| s.kw.into()),
        column("runs_today", Kind::Text, |(s, _), _| s.from.as_str().into()),
        column("start", Kind::Text, |(s, _), _| s.start.as_str().into()),
        column("end", Kind::Text, |(s, _), _| s.end.as_str().into()),
        column("n_days", Kind::Whole, |(s, _), _| s.n_days.into()),
        column("saving_observed", Kind::Hundredth, |(s, _), _| s.saving_observed.into()),
    ];
    let below = table(sheet, 0, &columns, &rows, text)? + 2;
    curves(sheet, (name, below), &r.schedule_days, text)
}

/// The mean days side by side from a row on, and a picture of each.
fn curves(
    sheet: &mut Worksheet,
    (name, top): (&str, u32),
    days: &[ScheduledDay],
    text: &Text,
) -> Result<(), XlsxError> {
    let (head, kw) = (heading(), Kind::Tenth.format());
    let slots = days.first().map_or(0, |d| d.before_kw.len()) as u32;
    let minutes = 1440_u32.checked_div(slots).unwrap_or_default();
    sheet.write_string_with_format(top, 0, text.t("column.slot"), &head)?;
    for slot in 0..slots {
        let minute = slot * minutes;
        sheet.write_string(top + 1 + slot, 0, format!("{:02}:{:02}", minute / 60, minute % 60))?;
    }
    for (k, day) in (0_u16..).zip(days) {
        let title = format!("{}, {}", word(text, "day_kind", &day.day_kind), day.months);
        let mut chart = Chart::new(ChartType::Line);
        chart.set_width(760).set_height(300).title().set_name(&title);
        chart.y_axis().set_name("kW").set_num_format("#,##0");
        for (col, key, values) in
            [(2 * k + 1, "answer.before", &day.before_kw), (2 * k + 2, "schedule.with", &day.after_kw)]
        {
            sheet.write_string_with_format(top, col, format!("{}: {title}", text.t(key)), &head)?;
            for (row, v) in (top + 1..).zip(values) {
                put(sheet, (row, col), &(*v).into(), &kw)?;
            }
            let (first, last) = (top + 1, top + slots);
            let series = chart.add_series();
            series
                .set_name((name, top, col))
                .set_categories((name, first, 0, last, 0))
                .set_values((name, first, col, last, col));
        }
        sheet.insert_chart(u32::from(k) * 16, 11, &chart)?;
    }
    Ok(())
}

//! The advice sheets: what to do with room for the reader's own cost, and each saving derived from
//! the lines of the two bills, so that a changed price or quantity changes it.

use super::sheet::{Cell, Kind, add, column, facts, heading, put, table};
use crate::report::document::{Advice, Arithmetic, Internal, LineSum};
use crate::report::format::xlsx::customer::word;
use crate::report::{Report, Text};
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

/// Advice and missing inputs, then the derivations.
///
/// # Errors
/// When a value is out of Excel's range.
pub fn sheets(book: &mut Workbook, r: &Report, text: &Text) -> Result<(), XlsxError> {
    let sheet = add(book, text.t("sheet.advice"), text)?;
    let next = list(sheet, 0, &r.advice, text)?;
    if r.advice.is_empty() {
        let period = r.period.as_ref().map(|p| format!("{} – {}", p.from, p.to)).unwrap_or_default();
        sheet.write_string(1, 1, text.fill("actions.nothing", &[("period", &period)]))?;
    } else {
        totals(sheet, next, &r.advice, text)?;
    }
    let bold = heading();
    let top = next + 4;
    if !r.missing.is_empty() {
        for (col, key) in [(0, "column.code"), (1, "column.title"), (2, "limits.need")] {
            sheet.write_string_with_format(top, col, text.t(key), &bold)?;
        }
    }
    for (row, m) in (top + 1..).zip(&r.missing) {
        sheet.write_string(row, 0, &m.code)?;
        sheet.write_string(row, 1, &m.title)?;
        sheet.write_string(row, 2, &m.needs_words)?;
    }
    if !r.rejected.is_empty() {
        let top = top + r.missing.len() as u32 + 2;
        for (col, key) in [(0, "column.code"), (1, "rejected.what"), (2, "rejected.why")] {
            sheet.write_string_with_format(top, col, text.t(key), &bold)?;
        }
        for (row, c) in (top + 1..).zip(&r.rejected) {
            sheet.write_string(row, 0, &c.code)?;
            sheet.write_string(row, 1, &c.title)?;
            sheet.write_string(row, 2, &c.reason)?;
        }
    }
    derivations(book, &r.advice, text)
}

/// What only the staff may see.
///
/// # Errors
/// When a value is out of Excel's range.
pub fn internal(book: &mut Workbook, internal: &Internal, text: &Text) -> Result<(), XlsxError> {
    let sheet = add(book, text.t("sheet.internal"), text)?;
    let fact = |key: &str, cell: Cell| (text.t(key).to_owned(), cell, Kind::Text);
    let known = [
        fact("column.value_class", Cell::from(&internal.value_class)),
        fact("column.risk_class", Cell::from(&internal.risk_class)),
        fact("column.opinion_class", Cell::from(&internal.opinion_class)),
        fact("column.arrears_days", internal.arrears_days.into()),
        fact("column.manager", Cell::from(&internal.manager)),
    ];
    let row = facts(sheet, 0, &known)?;
    list(sheet, row + 1, &internal.advice, text)?;
    sheet.set_column_width(0, 24)?;
    Ok(())
}

/// A recommendation, its tier in words, and whether it counts in what could be saved.
type Row<'a> = (&'a Advice, String, &'a str);

fn list(sheet: &mut Worksheet, top: u32, advice: &[Advice], text: &Text) -> Result<u32, XlsxError> {
    let counts = |a: &Advice| text.t(if a.headline { "word.yes" } else { "word.no" });
    let rows: Vec<Row<'_>> = advice.iter().map(|a| (a, word(text, "tier", &a.tier), counts(a))).collect();
    let columns = [
        column("code", Kind::Text, |(a, ..): &Row<'_>, _| a.code.as_str().into()),
        column("title", Kind::Words, |(a, ..), _| a.title.as_str().into()),
        column("finding", Kind::Words, |(a, ..), _| a.finding.as_str().into()),
        column("action", Kind::Words, |(a, ..), _| a.action.as_str().into()),
        column("tier", Kind::Text, |(_, tier, _), _| tier.as_str().into()),
        column("certainty", Kind::Words, |(a, ..), _| a.certainty.as_str().into()),
        column("saving_low", Kind::Hundredth, |(a, ..), _| a.saving_low.into()),
        column("saving_high", Kind::Hundredth, |(a, ..), _| a.saving_high.into()),
        column("saving_alone", Kind::Hundredth, |(a, ..), _| a.saving_alone.into()),
        column("saving_joint", Kind::Hundredth, |(a, ..), _| a.saving_joint.into()),
        column("currency", Kind::Text, |(a, ..), _| Cell::from(&a.currency)),
        column("cost", Kind::Input, |_, _| Cell::Absent),
        column("payback_years", Kind::Tenth, |(a, ..), row| payback(a, row)),
        column("kw_reduced", Kind::Tenth, |(a, ..), _| a.kw_reduced.into()),
        column("kw_potential", Kind::Tenth, |(a, ..), _| a.kw_potential.into()),
        column("kwh_saved", Kind::Whole, |(a, ..), _| a.kwh_saved.into()),
        column("kwh_shifted", Kind::Whole, |(a, ..), _| a.kwh_shifted.into()),
        column("caveat", Kind::Words, |(a, ..), _| a.caveat.as_str().into()),
        column("effort", Kind::Words, |(a, ..), _| a.effort.as_str().into()),
        column("headline", Kind::Text, |(.., counts), _| Cell::from(*counts)),
        column("saving_headline", Kind::Hundredth, |(a, ..), _| a.saving_headline.into()),
    ];
    table(sheet, top, &columns, &rows, text)
}

/// The reader's cost over the yearly saving alone; empty until a cost is entered.
fn payback(a: &Advice, row: u32) -> Cell {
    match a.saving_alone.filter(|s| *s > 0.0) {
        Some(_) => Cell::Blank(format!("=IF(L{row}>0,L{row}/I{row},\"\")")),
        None => Cell::Absent,
    }
}

/// The plan's saving, and the part of it that could be saved without buying anything.
fn totals(sheet: &mut Worksheet, row: u32, advice: &[Advice], text: &Text) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    let money = Kind::Hundredth.format().set_bold();
    let sum = |of: fn(&Advice) -> Option<f64>| {
        let all: f64 = advice.iter().filter_map(of).sum();
        // An empty sum is −0.
        (all * 100.0).round() / 100.0 + 0.0
    };
    for (row, key, formula, value) in [
        (row, "column.saving_total", format!("=SUM(J2:J{row})"), sum(|a| a.saving_joint)),
        (row + 1, "column.saving_headline", format!("=SUM(T2:T{row})"), sum(|a| a.saving_headline)),
    ] {
        sheet.write_string_with_format(row, 1, text.t(key), &bold)?;
        put(sheet, (row, 9), &Cell::Formula(formula, value), &money)?;
    }
    Ok(())
}

/// One block a recommendation: lines as they are, lines with it, difference, year.
fn derivations(book: &mut Workbook, advice: &[Advice], text: &Text) -> Result<(), XlsxError> {
    let sheet = add(book, text.t("sheet.derivation"), text)?;
    sheet.set_column_width(0, 26)?.set_column_width(1, 30)?.set_column_range_width(2, 5, 17)?;
    sheet.write_string(0, 0, text.t("sheet.derivation_note"))?;
    let mut row = 2;
    for a in advice {
        if let Some(arithmetic) = &a.evidence.arithmetic {
            row = derivation(sheet, row, a, arithmetic, text)? + 2;
        }
    }
    Ok(())
}

fn derivation(sheet: &mut Worksheet, top: u32, a: &Advice, m: &Arithmetic, text: &Text) -> Result<u32, XlsxError> {
    let bold = Format::new().set_bold();
    let money = Kind::Hundredth.format();
    sheet.write_string_with_format(top, 0, format!("{} {}", a.code, a.title), &bold)?;
    let head = heading();
    let keys = ["column.state", "column.name", "column.quantity", "column.unit", "column.price", "column.amount"];
    for (col, key) in (0..).zip(keys) {
        sheet.write_string_with_format(top + 1, col, text.t(key), &head)?;
    }
    let first = top + 2;
    let middle = lines(sheet, first, &m.before, text.t("evidence.before"))?;
    let end = lines(sheet, middle, &m.after, text.t("evidence.after"))?;
    let (before, after) = (decimal(&m.total_before), decimal(&m.total_after));
    let observed = before - after;
    let difference = format!("={}-{}", sum_of(first, middle), sum_of(middle, end));
    sheet.write_string(end, 0, text.t("sheet.difference"))?;
    put(sheet, (end, 5), &Cell::Formula(difference, (observed * 100.0).round() / 100.0), &money)?;
    let Some(factor) = m.annual_factor else { return Ok(end + 1) };
    sheet.write_string(end + 1, 0, text.t("sheet.annual_factor"))?;
    put(sheet, (end + 1, 5), &factor.into(), &Kind::Input.format())?;
    sheet.write_string_with_format(end + 2, 0, text.t("column.saving_alone"), &bold)?;
    let year = (observed * factor * 100.0).round() / 100.0;
    let formula = format!("=ROUND(F{}*F{},2)", end + 1, end + 2);
    put(sheet, (end + 2, 5), &Cell::Formula(formula, year), &money.clone().set_bold())?;
    Ok(end + 3)
}

fn sum_of(first: u32, end: u32) -> String {
    if first == end { "0".into() } else { format!("SUM(F{}:F{end})", first + 1) }
}

/// Lines of one bill; their amount stands as quantity × price, corrected by what rounding each month
/// made of it.
fn lines(sheet: &mut Worksheet, top: u32, lines: &[LineSum], state: &str) -> Result<u32, XlsxError> {
    let (quantity, price, money) = (Kind::Input.format(), Kind::Input.format(), Kind::Hundredth.format());
    for (row, l) in (top..).zip(lines) {
        sheet.write_string(row, 0, state)?;
        sheet.write_string(row, 1, &l.name)?;
        put(sheet, (row, 2), &l.quantity.into(), &quantity)?;
        sheet.write_string(row, 3, &l.unit)?;
        put(sheet, (row, 4), &l.price.into(), &price)?;
        let amount = decimal(&l.amount);
        let rounding = ((amount - l.quantity * l.price) * 1e4).round() / 1e4;
        let correction = if rounding == 0.0 { String::new() } else { format!("{rounding:+}") };
        put(sheet, (row, 5), &Cell::Formula(format!("=ROUND(C{0}*E{0}{correction},2)", row + 1), amount), &money)?;
    }
    Ok(top + lines.len() as u32)
}

fn decimal(text: &str) -> f64 {
    text.parse().unwrap_or_default()
}

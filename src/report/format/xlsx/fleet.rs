//! The fleet's workbook, internal: all customers, savings by kind of advice, failed and skipped ones.

use super::empty;
use super::sheet::{Cell, Kind, add, column, table};
use crate::analysis::Status;
use crate::report::{Brand, FleetContext, FleetRow, Text, advice_title, tell};
use crate::units::Money;
use rust_xlsxwriter::{Workbook, XlsxError};
use std::collections::BTreeMap;

/// The bytes of the workbook.
///
/// # Errors
/// When a value is out of Excel's range.
pub fn workbook(rows: &[FleetRow], ctx: &FleetContext) -> Result<Vec<u8>, XlsxError> {
    let text = Text::of(ctx.language);
    let mut book = empty(&ctx.title, &Brand::default(), &ctx.run_date.to_string())?;
    customers(&mut book, rows, text)?;
    visits(&mut book, rows, ctx, text)?;
    kinds(&mut book, rows, ctx, text)?;
    let sheet = add(&mut book, text.t("sheet.notes"), text)?;
    sheet.write_string(0, 0, text.t("fleet.internal"))?;
    let lines = ctx.notes.iter().map(String::as_str).chain([text.t("page.reservation"), &ctx.generated_by]);
    for (row, line) in (1..).zip(lines) {
        sheet.write_string(row, 0, line)?;
    }
    book.save_to_buffer()
}

/// A customer, with what is words in the sheet.
struct Row<'a> {
    of: &'a FleetRow,
    state: &'a str,
    codes: String,
    certainty: Cell,
    reconciled: Cell,
    withheld: Cell,
    reason: Cell,
}

fn customers(book: &mut Workbook, rows: &[FleetRow], text: &Text) -> Result<(), XlsxError> {
    let state = |s: Status| match s {
        Status::Ok => text.t("fleet.status_ok"),
        Status::Failed => text.t("fleet.status_failed"),
        Status::Skipped => text.t("fleet.status_skipped"),
    };
    let yes = |v: bool| Cell::from(text.t(if v { "word.yes" } else { "word.no" }));
    let row = |of| -> Row<'_> {
        let r: &FleetRow = of;
        Row {
            of,
            state: state(r.status),
            codes: r.codes(),
            certainty: certainty(r, text),
            reconciled: r.reconciled.map_or(Cell::Absent, yes),
            withheld: yes(r.withheld),
            reason: r.reason.as_ref().map_or(Cell::Absent, |why| Cell::Text(tell(why, text))),
        }
    };
    let rows: Vec<Row<'_>> = rows.iter().map(row).collect();
    let columns = [
        column("customer_id", Kind::Text, |r: &Row<'_>, _| Cell::Text(r.of.id.to_string())),
        column("customer", Kind::Words, |r, _| Cell::from(&r.of.name)),
        column("status", Kind::Text, |r, _| r.state.into()),
        column("grade", Kind::Text, |r, _| grade(r.of)),
        column("saving_headline", Kind::Hundredth, |r, _| r.of.saving_headline.map(Money::to_f64).into()),
        column("bill_total", Kind::Hundredth, |r, _| r.of.bill_total.map(Money::to_f64).into()),
        column("saving_share", Kind::Ratio, |r, row| share(r.of, row)),
        column("saving_total", Kind::Hundredth, |r, _| r.of.saving_total.map(Money::to_f64).into()),
        column("certainty", Kind::Text, |r, _| r.certainty.clone()),
        column("currency", Kind::Text, |r, _| r.of.currency.as_deref().map_or(Cell::Absent, Cell::from)),
        column("advice", Kind::Text, |r, _| r.codes.as_str().into()),
        column("kwh", Kind::Whole, |r, _| r.of.kwh.map(crate::units::Kwh::get).into()),
        column("max_kw", Kind::Tenth, |r, _| r.of.max_kw.map(crate::units::Kw::get).into()),
        column("load_factor", Kind::Ratio, |r, _| r.of.load_factor.map(crate::units::Ratio::get).into()),
        column("power_factor", Kind::Ratio, |r, _| r.of.power_factor.map(crate::units::Ratio::get).into()),
        column("peak_share", Kind::Ratio, |r, _| r.of.standing.and_then(|s| s.peak_share).into()),
        column("visit", Kind::Whole, |r, _| r.of.standing.and_then(|s| s.visit).map(|v| v as u32).into()),
        column("reconciled", Kind::Text, |r, _| r.reconciled.clone()),
        column("withheld", Kind::Text, |r, _| r.withheld.clone()),
        column("n_expected", Kind::Whole, |r, _| (r.of.n_expected as u32).into()),
        column("n_valid", Kind::Whole, |r, _| (r.of.n_valid as u32).into()),
        column("reason", Kind::Words, |r, _| r.reason.clone()),
    ];
    let sheet = add(book, text.t("sheet.customers"), text)?;
    table(sheet, 0, &columns, &rows, text).map(|_| ())
}

/// `A` to `D`; nothing where the fleet was not judged.
fn grade(r: &FleetRow) -> Cell {
    r.standing.map(|s| s.grade).filter(|g| !g.is_empty()).map_or(Cell::Absent, Cell::from)
}

/// How certain the greatest saving is, in words.
fn certainty(r: &FleetRow, text: &Text) -> Cell {
    r.certainty().and_then(|c| text.get(&format!("certainty.{c}"))).map_or(Cell::Absent, Cell::from)
}

/// Place, customer, certainty, what to speak about.
type Visit<'a> = (usize, &'a FleetRow, Cell, String);

/// Whom to visit, the first first, with what to speak about.
fn visits(book: &mut Workbook, rows: &[FleetRow], ctx: &FleetContext, text: &Text) -> Result<(), XlsxError> {
    let mut visits: Vec<Visit<'_>> = Vec::new();
    for r in rows {
        let Some(place) = r.standing.and_then(|s| s.visit) else { continue };
        let titles: Vec<String> = r.advice.iter().map(|a| advice_title(a.code, ctx.language)).collect();
        visits.push((place, r, certainty(r, text), titles.join(text.t("word.list"))));
    }
    if visits.is_empty() {
        return Ok(());
    }
    visits.sort_by_key(|(place, ..)| *place);
    let columns = [
        column("visit", Kind::Whole, |(place, ..): &Visit<'_>, _| (*place as u32).into()),
        column("customer_id", Kind::Text, |(_, r, ..), _| Cell::Text(r.id.to_string())),
        column("customer", Kind::Words, |(_, r, ..), _| Cell::from(&r.name)),
        column("grade", Kind::Text, |(_, r, ..), _| grade(r)),
        column("saving_headline", Kind::Hundredth, |(_, r, ..), _| r.saving_headline.map(Money::to_f64).into()),
        column("currency", Kind::Text, |(_, r, ..), _| r.currency.as_deref().map_or(Cell::Absent, Cell::from)),
        column("certainty", Kind::Text, |(_, _, certainty, _), _| certainty.clone()),
        column("title", Kind::Words, |(.., titles), _| titles.as_str().into()),
    ];
    let sheet = add(book, text.t("sheet.visits"), text)?;
    table(sheet, 0, &columns, &visits, text).map(|_| ())
}

/// Saving over bill, the columns before it.
fn share(r: &FleetRow, row: u32) -> Cell {
    match r.saving_headline.zip(r.bill_total).map(|(s, b)| (s.to_f64(), b.to_f64())) {
        Some((saving, bill)) if bill > 0.0 => Cell::Formula(format!("=E{row}/F{row}"), saving / bill),
        _ => Cell::Absent,
    }
}

/// Customers and plan savings by code and currency.
fn kinds(book: &mut Workbook, rows: &[FleetRow], ctx: &FleetContext, text: &Text) -> Result<(), XlsxError> {
    type Sum = (u32, Money);
    type Key<'k> = (&'k str, Option<&'static str>, &'k str);
    let mut sums: BTreeMap<Key<'_>, Sum> = BTreeMap::new();
    for r in rows {
        for a in &r.advice {
            let sum = sums.entry((a.code, a.mark(), r.currency.as_deref().unwrap_or_default())).or_default();
            *sum = (sum.0 + 1, sum.1 + a.saving_joint.unwrap_or_default());
        }
    }
    let title = |code: &str, mark: Option<&str>| {
        let mark = mark.and_then(|key| text.get(key)).map(|m| text.fill("fleet.marked", &[("mark", m)]));
        advice_title(code, ctx.language) + &mark.unwrap_or_default()
    };
    let all: Vec<(&str, String, &str, Sum)> =
        sums.into_iter().map(|((code, mark, currency), sum)| (code, title(code, mark), currency, sum)).collect();
    let columns = [
        column("code", Kind::Text, |(code, ..): &(&str, String, &str, Sum), _| Cell::from(*code)),
        column("title", Kind::Words, |(_, title, ..), _| title.as_str().into()),
        column("n_customers", Kind::Whole, |(.., sum), _| sum.0.into()),
        column("saving_joint", Kind::Hundredth, |(.., sum), _| sum.1.to_f64().into()),
        column("currency", Kind::Text, |(_, _, currency, _), _| Cell::from(*currency)),
    ];
    let sheet = add(book, text.t("sheet.kinds"), text)?;
    table(sheet, 0, &columns, &all, text).map(|_| ())
}

//! A customer's workbook: summary, curves, months, days, peaks, bill, advice, data.

use super::sheet::{Cell, Kind, add, column, facts, heading, put, table, time};
use super::{advice, checks, empty};
use crate::report::document::{BillLine, Cycle, Day, Issue, Month, Peak, TypicalDay};
use crate::report::{PageContext, Report, Text};
use rust_xlsxwriter::{Chart, ChartType, Format, Image, Workbook, XlsxError};

/// The bytes of the workbook.
///
/// # Errors
/// When a value is out of Excel's range.
pub fn workbook(r: &Report, ctx: &PageContext) -> Result<Vec<u8>, XlsxError> {
    let text = Text::of(ctx.language);
    let mut book = empty(&r.title, &ctx.brand, &ctx.run_date.to_string())?;
    summary(&mut book, r, ctx, text)?;
    curves(&mut book, r, text)?;
    months(&mut book, &r.months, text)?;
    days(&mut book, &r.days, text)?;
    peaks(&mut book, &r.peaks, text)?;
    bill(&mut book, r, text)?;
    checks::issued(&mut book, &r.issued, text)?;
    advice::sheets(&mut book, r, text)?;
    checks::schedule(&mut book, r, text)?;
    issues(&mut book, r, text)?;
    if let Some(internal) = &r.internal {
        advice::internal(&mut book, internal, text)?;
    }
    book.save_to_buffer()
}

/// A code in words: `day_kind.workday`.
pub fn word(text: &Text, family: &str, code: &str) -> String {
    text.get(&format!("{family}.{code}")).unwrap_or(code).to_owned()
}

fn summary(book: &mut Workbook, r: &Report, ctx: &PageContext, text: &Text) -> Result<(), XlsxError> {
    let sheet = add(book, text.t("sheet.summary"), text)?;
    sheet.set_column_width(0, 30)?.set_column_width(1, 70)?;
    let mut row = 0;
    if let Some(logo) = &ctx.brand.logo {
        let image =
            Image::new_from_buffer(&logo.bytes)?.set_alt_text(ctx.brand.organisation.as_deref().unwrap_or_default());
        let height = image.height().max(1.0);
        let scale = (60.0 / height).min(1.0);
        sheet.set_row_height(0, 50)?;
        sheet.insert_image(0, 0, &image.set_scale_height(scale).set_scale_width(scale))?;
        row = 1;
    }
    let title = r.customer.name.as_ref().unwrap_or(&r.customer.id);
    let large = Format::new().set_bold().set_font_size(16);
    sheet.write_string_with_format(row, 0, format!("{title} – {}", r.title), &large)?;
    let row = facts(sheet, row + 1, &terms(r, text))? + 1;
    let wrap = Kind::Words.format();
    let mut row = row;
    let draft = r.draft.then(|| text.t("page.draft").to_owned());
    let foreword = r.brand.iter().filter_map(|b| b.foreword.clone());
    let sentences = draft.into_iter().chain(foreword).chain([r.answer.sentence.clone()]);
    for sentence in sentences.chain(r.notices.iter().map(|n| n.text.clone())).chain([r.reservation.clone()]) {
        sheet.merge_range(row, 0, row, 1, &sentence, &wrap)?;
        sheet.set_row_height(row, 32)?;
        row += 1;
    }
    let row = facts(sheet, row + 1, &figures(r, text))?;
    let head = heading();
    for (col, key) in [(0, "column.indicator"), (1, "column.value"), (2, "column.unit"), (3, "column.definition")] {
        sheet.write_string_with_format(row + 1, col, text.t(key), &head)?;
    }
    sheet.set_column_width(3, 70)?;
    let ratio = Kind::Ratio.format().set_align(rust_xlsxwriter::FormatAlign::Left);
    for (row, i) in (row + 2..).zip(&r.indicators) {
        sheet.write_string(row, 0, &i.name)?;
        put(sheet, (row, 1), &i.value.into(), &ratio)?;
        sheet.write_string(row, 2, &i.unit)?;
        let words = [Some(i.definition.clone()), i.peers.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ");
        sheet.write_string_with_format(row, 3, words, &wrap)?;
    }
    Ok(())
}

fn terms(r: &Report, text: &Text) -> Vec<(String, Cell, Kind)> {
    let c = &r.customer;
    let fact = |key: &str, cell: Cell| (text.t(key).to_owned(), cell, Kind::Text);
    let mode = c.billing_mode.as_ref().map(|m| word(text, "mode", m));
    let period = r.period.as_ref().map(|p| format!("{} – {}", p.from, p.to));
    let brand = r.brand.clone().unwrap_or_default();
    vec![
        fact("head.account", Cell::from(c.id.as_str())),
        fact("head.period", Cell::from(&period)),
        fact("head.industry", Cell::from(&c.industry)),
        fact("column.voltage_kv", c.voltage_kv.into()),
        fact("column.capacity_kva", c.capacity_kva.into()),
        fact("head.mode", Cell::from(&mode)),
        fact("head.tariff", Cell::from(&r.tariff.as_ref().map(|t| format!("{} ({})", t.name, t.version)))),
        fact("annex.source", Cell::from(&r.tariff.as_ref().map(|t| t.source.clone()))),
        fact("head.organisation", Cell::from(&brand.organisation)),
        fact("head.contact", Cell::from(&brand.contact)),
        fact("head.made", Cell::from(&r.run_date)),
    ]
    .into_iter()
    .filter(|(_, cell, _)| *cell != Cell::Absent)
    .collect()
}

fn figures(r: &Report, text: &Text) -> Vec<(String, Cell, Kind)> {
    let t = &r.totals;
    let currency = t.currency.as_deref().unwrap_or_default();
    let money = |key: &str, v: Option<f64>| {
        (format!("{} {currency}", text.t(key)).trim_end().to_owned(), v.into(), Kind::Hundredth)
    };
    let save = r.answer.could_save;
    vec![
        money("column.bill_total", t.bill_total),
        money("column.saving_low", save.map(|s| s.low)),
        money("column.saving_high", save.map(|s| s.high)),
        (text.t("column.kwh").to_owned(), t.kwh.into(), Kind::Hundredth),
        (text.t("column.kvarh").to_owned(), t.kvarh.into(), Kind::Hundredth),
        (text.t("column.max_kw").to_owned(), t.max_kw.into(), Kind::Tenth),
        (text.t("column.max_at").to_owned(), time(t.max_at.as_ref()), Kind::Time),
        (text.t("column.min_kw").to_owned(), t.min_kw.into(), Kind::Tenth),
        (text.t("column.mean_kw").to_owned(), t.mean_kw.into(), Kind::Tenth),
        (text.t("column.load_factor").to_owned(), t.load_factor.into(), Kind::Ratio),
        (text.t("column.power_factor").to_owned(), t.power_factor.into(), Kind::Ratio),
        (text.t("column.n_expected").to_owned(), t.n_expected.into(), Kind::Whole),
        (text.t("column.n_valid").to_owned(), t.n_valid.into(), Kind::Whole),
        (text.t("column.n_estimated").to_owned(), t.n_estimated.into(), Kind::Whole),
    ]
}

/// Typical days side by side, with a picture of them; then the duration curve.
fn curves(book: &mut Workbook, r: &Report, text: &Text) -> Result<(), XlsxError> {
    let name = text.t("sheet.curves");
    let sheet = add(book, name, text)?;
    let (head, kw) = (heading(), Kind::Tenth.format());
    let slots = r.typical_days.first().map_or(0, |d| d.mean_kw.len());
    let minutes = 1440_u32.checked_div(slots as u32).unwrap_or_default();
    sheet.write_string_with_format(0, 0, text.t("column.slot"), &head)?;
    for slot in 0..slots as u32 {
        let minute = slot * minutes;
        sheet.write_string(slot + 1, 0, format!("{:02}:{:02}", minute / 60, minute % 60))?;
    }
    let mut chart = Chart::new(ChartType::Line);
    chart.set_width(960).set_height(380).title().set_name(text.t("usage.days_title"));
    chart.y_axis().set_name("kW").set_num_format("#,##0");
    let mut col = 1_u16;
    for day in &r.typical_days {
        let label = label(text, day);
        for (part, values) in [("mean", &day.mean_kw), ("p10", &day.p10_kw), ("p90", &day.p90_kw)] {
            let heading = if part == "mean" { label.clone() } else { format!("{label}, {part}") };
            sheet.write_string_with_format(0, col, heading, &head)?;
            for (row, v) in (1..).zip(values) {
                put(sheet, (row, col), &(*v).into(), &kw)?;
            }
            if part == "mean" {
                let last = slots as u32;
                let series = chart.add_series();
                series
                    .set_name((name, 0, col))
                    .set_categories((name, 1, 0, last, 0))
                    .set_values((name, 1, col, last, col));
            }
            col += 1;
        }
    }
    sheet.write_string_with_format(0, col + 1, text.t("column.share_of_time"), &head)?;
    sheet.write_string_with_format(0, col + 2, text.t("usage.duration_title"), &head)?;
    for (row, v) in (1..).zip(&r.duration_kw) {
        sheet.write_number(row, col + 1, f64::from(row - 1) / 100.0)?;
        put(sheet, (row, col + 2), &(*v).into(), &kw)?;
    }
    sheet.set_column_range_width(1, col + 2, 12)?.set_freeze_panes(1, 1)?;
    if !r.typical_days.is_empty() {
        sheet.insert_chart(slots as u32 + 3, 1, &chart)?;
    }
    Ok(())
}

fn label(text: &Text, day: &TypicalDay) -> String {
    let (season, kind) = (word(text, "season", &day.season), word(text, "day_kind", &day.day_kind));
    text.fill("usage.season", &[("season", &season), ("kind", &kind), ("n", &day.n_days.to_string())])
}

fn months(book: &mut Workbook, rows: &[Month], text: &Text) -> Result<(), XlsxError> {
    let sheet = add(book, text.t("sheet.months"), text)?;
    let columns = [
        column("month", Kind::Text, |m: &Month, _| m.month.as_str().into()),
        column("partial", Kind::Text, |m, _| if m.partial { "×".into() } else { Cell::Absent }),
        column("n_expected", Kind::Whole, |m, _| m.n_expected.into()),
        column("n_valid", Kind::Whole, |m, _| m.n_valid.into()),
        column("n_estimated", Kind::Whole, |m, _| m.n_estimated.into()),
        column("kwh", Kind::Hundredth, |m, _| m.kwh.into()),
        column("kwh_sharp", Kind::Hundredth, |m, _| m.kwh_sharp.into()),
        column("kwh_peak", Kind::Hundredth, |m, _| m.kwh_peak.into()),
        column("kwh_flat", Kind::Hundredth, |m, _| m.kwh_flat.into()),
        column("kwh_valley", Kind::Hundredth, |m, _| m.kwh_valley.into()),
        column("kwh_deep", Kind::Hundredth, |m, _| m.kwh_deep.into()),
        column("kvarh", Kind::Hundredth, |m, _| m.kvarh.into()),
        column("kwh_export", Kind::Hundredth, |m, _| m.kwh_export.into()),
        column("max_kw", Kind::Tenth, |m, _| m.max_kw.into()),
        column("max_at", Kind::Time, |m, _| time(m.max_at.as_ref())),
        column("min_kw", Kind::Tenth, |m, _| m.min_kw.into()),
        column("load_factor", Kind::Ratio, |m, _| m.load_factor.into()),
        column("power_factor", Kind::Ratio, |m, _| m.power_factor.into()),
    ];
    table(sheet, 0, &columns, rows, text).map(|_| ())
}

fn days(book: &mut Workbook, rows: &[Day], text: &Text) -> Result<(), XlsxError> {
    let rows: Vec<(&Day, String)> = rows.iter().map(|d| (d, word(text, "day_kind", &d.day_kind))).collect();
    let sheet = add(book, text.t("sheet.days"), text)?;
    let columns = [
        column("date", Kind::Date, |(d, _): &(&Day, String), _| Cell::Time(d.date.clone())),
        column("day_kind", Kind::Text, |(_, kind), _| kind.as_str().into()),
        column("n_expected", Kind::Whole, |(d, _), _| d.n_expected.into()),
        column("n_valid", Kind::Whole, |(d, _), _| d.n_valid.into()),
        column("kwh", Kind::Hundredth, |(d, _), _| d.kwh.into()),
        column("max_kw", Kind::Tenth, |(d, _), _| d.max_kw.into()),
        column("max_at", Kind::Time, |(d, _), _| time(d.max_at.as_ref())),
        column("min_kw", Kind::Tenth, |(d, _), _| d.min_kw.into()),
        column("mean_kw", Kind::Tenth, |(d, _), _| d.mean_kw.into()),
        column("load_factor", Kind::Ratio, |(d, _), _| d.load_factor.into()),
    ];
    table(sheet, 0, &columns, &rows, text).map(|_| ())
}

fn peaks(book: &mut Workbook, rows: &[Peak], text: &Text) -> Result<(), XlsxError> {
    type Row<'a> = (&'a Peak, [Option<String>; 3]);
    let words = |p: &Peak| {
        let shape = p.shape.as_ref().map(|s| word(text, "shape", s));
        [Some(word(text, "peak_kind", &p.kind)), shape, Some(word(text, "day_kind", &p.day_kind))]
    };
    let rows: Vec<Row<'_>> = rows.iter().map(|p| (p, words(p))).collect();
    let sheet = add(book, text.t("sheet.peaks"), text)?;
    let columns = [
        column("kind", Kind::Text, |(_, w): &Row<'_>, _| Cell::from(&w[0])),
        column("month", Kind::Text, |(p, _), _| Cell::from(&p.month)),
        column("rank", Kind::Whole, |(p, _), _| p.rank.into()),
        column("start", Kind::Time, |(p, _), _| time(p.start.as_ref())),
        column("end", Kind::Time, |(p, _), _| time(p.end.as_ref())),
        column("max_kw", Kind::Tenth, |(p, _), _| p.max_kw.into()),
        column("margin_kw", Kind::Tenth, |(p, _), _| p.margin_kw.into()),
        column("kwh_above", Kind::Hundredth, |(p, _), _| p.kwh_above.into()),
        column("shape", Kind::Text, |(_, w), _| Cell::from(&w[1])),
        column("day_kind", Kind::Text, |(_, w), _| Cell::from(&w[2])),
        column("recurrence", Kind::Ratio, |(p, _), _| p.recurrence.into()),
    ];
    table(sheet, 0, &columns, &rows, text).map(|_| ())
}

/// The bill line by line; an amount is quantity × price wherever that is how it came about, so that
/// a changed price changes it. Below, the months' totals.
fn bill(book: &mut Workbook, r: &Report, text: &Text) -> Result<(), XlsxError> {
    type Row<'a> = (&'a BillLine, [String; 2]);
    let words = |l: &BillLine| {
        [word(text, "line", &l.line), l.period.as_ref().map_or_else(String::new, |p| word(text, "period", p))]
    };
    let rows: Vec<Row<'_>> = r.bill.iter().map(|l| (l, words(l))).collect();
    let columns = [
        column("month", Kind::Text, |(l, _): &Row<'_>, _| l.month.as_str().into()),
        column("supply_point", Kind::Text, |(l, _), _| Cell::from(&l.supply_point)),
        column("line", Kind::Text, |(_, w), _| w[0].as_str().into()),
        column("name", Kind::Text, |(l, _), _| Cell::from(&l.name)),
        column("period", Kind::Text, |(_, w), _| w[1].as_str().into()),
        column("quantity", Kind::Hundredth, |(l, _), _| l.quantity.into()),
        column("unit", Kind::Text, |(l, _), _| Cell::from(&l.unit)),
        column("price", Kind::Input, |(l, _), _| l.price.into()),
        column("amount", Kind::Hundredth, |(l, _), row| amount(l, row)),
        column("note", Kind::Text, |(l, _), _| Cell::from(&l.note)),
    ];
    let sheet = add(book, text.t("sheet.bill"), text)?;
    let n = rows.len() as u32;
    table(sheet, 0, &columns, &rows, text)?;
    let (head, plain, money) = (heading(), Kind::Text.format(), Kind::Hundredth.format());
    for (col, key) in [(11, "column.month"), (12, "column.state"), (13, "column.total")] {
        sheet.write_string_with_format(0, col, text.t(key), &head)?.set_column_width(col, 18)?;
    }
    for (row, cycle) in (1..).zip(&r.cycles) {
        put(sheet, (row, 11), &cycle.month.as_str().into(), &plain)?;
        put(sheet, (row, 12), &Cell::Text(state(text, cycle)), &plain)?;
        let total = |v| Cell::Formula(format!("=SUMIF($A$2:$A${0},L{1},$I$2:$I${0})", n + 1, row + 1), v);
        put(sheet, (row, 13), &cycle.total.map_or(Cell::Absent, total), &money)?;
    }
    for (row, note) in (r.cycles.len() as u32 + 3..).zip(&r.bill_notes) {
        sheet.write_string(row, 11, note)?;
    }
    Ok(())
}

fn state(text: &Text, cycle: &Cycle) -> String {
    match cycle.state.as_str() {
        "partial" => text.t("bill.partial").to_owned(),
        "unbillable" => text.fill("bill.unbillable", &[("why", cycle.reason.as_deref().unwrap_or_default())]),
        _ => text.t("sheet.billed").to_owned(),
    }
}

/// Quantity × price as a formula, where it gives the amount to the hundredth.
fn amount(l: &BillLine, row: u32) -> Cell {
    let product = l.quantity.zip(l.price).map(|(q, p)| (q * p * 100.0).round() / 100.0);
    match product {
        Some(p) if (p - l.amount).abs() < 0.005 => Cell::Formula(format!("=ROUND(F{row}*H{row},2)"), l.amount),
        _ => Cell::Number(l.amount),
    }
}

fn issues(book: &mut Workbook, r: &Report, text: &Text) -> Result<(), XlsxError> {
    let rows: Vec<(&Issue, String)> = r.issues.iter().map(|i| (i, word(text, "severity", &i.severity))).collect();
    let sheet = add(book, text.t("sheet.data"), text)?;
    let columns = [
        column("code", Kind::Text, |(i, _): &(&Issue, String), _| i.code.as_str().into()),
        column("issue", Kind::Words, |(i, _), _| i.name.as_str().into()),
        column("severity", Kind::Text, |(_, s), _| s.as_str().into()),
        column("first_start", Kind::Time, |(i, _), _| time(i.first_start.as_ref())),
        column("last_start", Kind::Time, |(i, _), _| time(i.last_start.as_ref())),
        column("n_intervals", Kind::Whole, |(i, _), _| i.n_intervals.into()),
    ];
    let row = table(sheet, 0, &columns, &rows, text)?;
    for (row, note) in (row + 1..).zip(&r.data_notes) {
        sheet.write_string(row, 0, note)?;
    }
    Ok(())
}

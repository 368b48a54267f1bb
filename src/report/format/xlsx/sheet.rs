//! A sheet that is a table: a column is a label, a kind that decides how its cells look, and a value.

use crate::report::Text;
use rust_xlsxwriter::{
    Color, ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Workbook, Worksheet, XlsxError,
};

/// What a cell holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing: the value is not known.
    Absent,
    /// Text.
    Text(String),
    /// A number.
    Number(f64),
    /// A date or time, `2025-03-01` or `2025-03-01T08:15:00`.
    Time(String),
    /// A formula with its result.
    Formula(String, f64),
    /// A formula that shows nothing until the reader enters something.
    Blank(String),
}

impl From<Option<f64>> for Cell {
    fn from(v: Option<f64>) -> Self {
        v.map_or(Self::Absent, Self::Number)
    }
}

impl From<f64> for Cell {
    fn from(v: f64) -> Self {
        Self::Number(v)
    }
}

impl From<Option<u32>> for Cell {
    fn from(v: Option<u32>) -> Self {
        v.map_or(Self::Absent, |v| Self::Number(f64::from(v)))
    }
}

impl From<u32> for Cell {
    fn from(v: u32) -> Self {
        Self::Number(f64::from(v))
    }
}

impl From<&str> for Cell {
    fn from(v: &str) -> Self {
        Self::Text(v.to_owned())
    }
}

impl From<&Option<String>> for Cell {
    fn from(v: &Option<String>) -> Self {
        v.as_deref().map_or(Self::Absent, Self::from)
    }
}

/// A time, if there is one.
pub fn time(v: Option<&String>) -> Cell {
    v.map_or(Cell::Absent, |t| Cell::Time(t.clone()))
}

/// How a column's cells look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text that wraps.
    Words,
    /// Short text.
    Text,
    /// A whole number.
    Whole,
    /// One decimal: kW, kvar.
    Tenth,
    /// Two decimals: money, kWh of a bill.
    Hundredth,
    /// Three decimals: a ratio.
    Ratio,
    /// A date.
    Date,
    /// Date and time.
    Time,
    /// A number that the reader may change.
    Input,
}

impl Kind {
    /// The cell format.
    pub fn format(self) -> Format {
        let plain = Format::new().set_align(FormatAlign::Top);
        let number = |code: &str| plain.clone().set_num_format(code);
        match self {
            Self::Words => plain.set_text_wrap(),
            Self::Text => plain,
            Self::Whole => number("#,##0"),
            Self::Tenth => number("#,##0.0"),
            Self::Hundredth => number("#,##0.00"),
            Self::Ratio => number("0.000"),
            Self::Date => number("yyyy-mm-dd"),
            Self::Time => number("yyyy-mm-dd hh:mm"),
            Self::Input => number("#,##0.00####").set_background_color(Color::RGB(0xFF_F6D6)),
        }
    }

    const fn width(self) -> f64 {
        match self {
            Self::Words => 60.0,
            Self::Text => 18.0,
            Self::Whole | Self::Tenth | Self::Ratio | Self::Date => 13.0,
            Self::Hundredth | Self::Input => 16.0,
            Self::Time => 17.0,
        }
    }
}

/// A column of a table of `T`s.
pub struct Column<T> {
    /// Key of its label under `column`.
    pub key: &'static str,
    /// How it looks.
    pub kind: Kind,
    /// The value; the number is the row in the sheet, 1-based as formulas have it.
    pub value: fn(&T, u32) -> Cell,
}

/// Shorthand for a column.
pub const fn column<T>(key: &'static str, kind: Kind, value: fn(&T, u32) -> Cell) -> Column<T> {
    Column { key, kind, value }
}

/// The format of headings.
pub fn heading() -> Format {
    Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::Top)
        .set_background_color(Color::RGB(0xE6_EBF2))
        .set_border_bottom(FormatBorder::Thin)
}

/// A new sheet that prints on A4 across, with the reservation at the foot of every page.
///
/// # Errors
/// When the name is not one that a sheet can have.
pub fn add<'b>(book: &'b mut Workbook, name: &str, text: &Text) -> Result<&'b mut Worksheet, XlsxError> {
    let foot = format!("&L{}&R&P / &N", text.t("page.reservation_short").replace('&', "&&"));
    Ok(book
        .add_worksheet()
        .set_name(name)?
        .set_paper_size(9)
        .set_landscape()
        .set_print_fit_to_pages(1, 0)
        .set_footer(&foot))
}

/// Writes a cell.
///
/// # Errors
/// When the place or a time is out of Excel's range.
pub fn put(sheet: &mut Worksheet, at: (u32, u16), cell: &Cell, format: &Format) -> Result<(), XlsxError> {
    let (row, col) = at;
    match cell {
        Cell::Absent => sheet.write_blank(row, col, format)?,
        Cell::Text(text) => sheet.write_string_with_format(row, col, text, format)?,
        Cell::Number(v) => sheet.write_number_with_format(row, col, *v, format)?,
        Cell::Time(t) => sheet.write_datetime_with_format(row, col, ExcelDateTime::parse_from_str(t)?, format)?,
        Cell::Formula(f, v) => {
            sheet.write_formula_with_format(row, col, Formula::new(f).set_result(v.to_string()), format)?
        }
        Cell::Blank(f) => sheet.write_formula_with_format(row, col, Formula::new(f).set_result(""), format)?,
    };
    Ok(())
}

/// Writes a table from `top` (0-based) on, its headings frozen and filtered; the row after its last.
///
/// # Errors
/// When a cell is out of Excel's range.
pub fn table<T>(
    sheet: &mut Worksheet,
    top: u32,
    columns: &[Column<T>],
    rows: &[T],
    text: &Text,
) -> Result<u32, XlsxError> {
    let head = heading();
    for (col, c) in (0u16..).zip(columns) {
        sheet.write_string_with_format(top, col, text.t(&format!("column.{}", c.key)), &head)?;
        sheet.set_column_width(col, c.kind.width())?;
        let format = c.kind.format();
        for (row, value) in (top + 1..).zip(rows) {
            put(sheet, (row, col), &(c.value)(value, row + 1), &format)?;
        }
    }
    let last = top + rows.len() as u32;
    sheet.set_freeze_panes(top + 1, 0)?;
    if let Some(right) = (columns.len() as u16).checked_sub(1).filter(|_| !rows.is_empty()) {
        sheet.autofilter(top, 0, last, right)?;
    }
    sheet.set_repeat_rows(top, top)?;
    Ok(last + 1)
}

/// Writes label and value side by side; the row after the last.
///
/// # Errors
/// When a cell is out of Excel's range.
pub fn facts(sheet: &mut Worksheet, top: u32, rows: &[(String, Cell, Kind)]) -> Result<u32, XlsxError> {
    let bold = Format::new().set_bold().set_align(FormatAlign::Top);
    for (row, (label, value, kind)) in (top..).zip(rows) {
        sheet.write_string_with_format(row, 0, label, &bold)?;
        put(sheet, (row, 1), value, &kind.format().set_align(FormatAlign::Left))?;
    }
    Ok(top + rows.len() as u32)
}

//! One row of a side file: cells read with their type, and errors that name them.

use super::table::{Table, fold};
use crate::error::{Error, Result};
use crate::text::{said, say};
use crate::time::{DAY_SECONDS, Date};
use csv::StringRecord;

/// One row of a [`Table`].
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    table: &'a Table,
    line: usize,
    cells: &'a StringRecord,
}

impl<'a> Row<'a> {
    pub(super) const fn new(table: &'a Table, line: usize, cells: &'a StringRecord) -> Self {
        Self { table, line, cells }
    }

    /// Row number, the header being 1.
    #[must_use]
    pub const fn line(&self) -> usize {
        self.line
    }

    /// An error that names this row and a column.
    #[must_use]
    pub fn wrong(&self, column: &str, what: impl Into<String>, cure: impl Into<String>) -> Error {
        let header = self.table.columns.get(column).and_then(|i| self.table.header.get(*i));
        Error::Cell {
            path: self.table.path.clone(),
            row: self.line,
            column: header.map_or(column, String::as_str).to_owned(),
            what: what.into(),
            cure: cure.into(),
        }
    }

    /// A cell's text; `None` when the cell is empty, says NULL, or there is no such column.
    #[must_use]
    pub fn text(&self, column: &str) -> Option<&'a str> {
        let text = self.cells.get(*self.table.columns.get(column)?)?.trim();
        (!text.is_empty() && !text.eq_ignore_ascii_case("null")).then_some(text)
    }

    /// An id, which must be there.
    ///
    /// # Errors
    /// When the cell is empty, or a spreadsheet has turned the id into a rounded number.
    pub fn id(&self, column: &str) -> Result<&'a str> {
        let id =
            self.text(column).ok_or_else(|| self.wrong(column, said("side.empty_id"), said("side.empty_id_cure")))?;
        let mangled = id.split_once(['E', 'e']).is_some_and(|(m, e)| {
            m.contains('.') && m.parse::<f64>().is_ok() && e.starts_with('+') && e[1..].parse::<u32>().is_ok()
        });
        if mangled {
            let cure = said("side.rounded_cure");
            return Err(self.wrong(column, say("side.rounded", &[("id", &format_args!("{id:?}"))]), cure));
        }
        Ok(id)
    }

    /// A finite number.
    ///
    /// # Errors
    /// When the cell is not one.
    pub fn number(&self, column: &str) -> Result<Option<f64>> {
        let Some(text) = self.text(column) else { return Ok(None) };
        match text.parse::<f64>() {
            Ok(v) if v.is_finite() => Ok(Some(v)),
            _ => {
                let cure = said("side.number_cure");
                Err(self.wrong(column, say("side.not_a_number", &[("text", &format_args!("{text:?}"))]), cure))
            }
        }
    }

    /// A number above zero.
    ///
    /// # Errors
    /// When the cell is not one.
    pub fn positive(&self, column: &str) -> Result<Option<f64>> {
        self.limited(column, |v| v > 0.0, |v| say("side.above_zero", &[("value", &v)]))
    }

    /// A number of at least zero.
    ///
    /// # Errors
    /// When the cell is not one.
    pub fn not_negative(&self, column: &str) -> Result<Option<f64>> {
        self.limited(column, |v| v >= 0.0, |v| say("side.not_below_zero", &[("value", &v)]))
    }

    fn limited(&self, column: &str, fits: fn(f64) -> bool, rule: fn(f64) -> String) -> Result<Option<f64>> {
        match self.number(column)? {
            Some(v) if !fits(v) => Err(self.wrong(column, rule(v), said("side.range_cure"))),
            v => Ok(v),
        }
    }

    /// A whole number within limits, both included.
    ///
    /// # Errors
    /// When the cell is not one.
    pub fn whole(&self, column: &str, least: u32, most: u32) -> Result<Option<u32>> {
        let Some(v) = self.number(column)? else { return Ok(None) };
        if v.fract() == 0.0 && (f64::from(least)..=f64::from(most)).contains(&v) {
            return Ok(Some(v as u32));
        }
        let cure = say("side.whole_cure", &[("least", &least), ("most", &most)]);
        Err(self.wrong(column, say("side.is_none", &[("value", &v)]), cure))
    }

    /// A date; a clock time of 00:00 behind it is let be.
    ///
    /// # Errors
    /// When the cell is not one.
    pub fn date(&self, column: &str) -> Result<Option<Date>> {
        match self.local(column)? {
            None => Ok(None),
            Some(t) if t.rem_euclid(DAY_SECONDS) == 0 => Ok(Some(Date(t.div_euclid(DAY_SECONDS) as i32))),
            Some(_) => {
                let text = self.text(column).unwrap_or_default();
                Err(self.wrong(
                    column,
                    say("side.not_a_date", &[("text", &format_args!("{text:?}"))]),
                    said("side.date_only_cure"),
                ))
            }
        }
    }

    /// A wall-clock time, `2026-01-31`, `2026-01-31 08:00` or `2026-01-31T08:00:00`, in seconds since
    /// 1970-01-01T00:00 of the wall clock. 24:00 is the next midnight.
    ///
    /// # Errors
    /// When the cell is not one, or carries a zone.
    pub fn local(&self, column: &str) -> Result<Option<i64>> {
        let Some(text) = self.text(column) else { return Ok(None) };
        parse_local(text).map(Some).ok_or_else(|| {
            let cure = said("side.time_cure");
            self.wrong(column, say("side.not_a_time", &[("text", &format_args!("{text:?}"))]), cure)
        })
    }

    /// Yes or no.
    ///
    /// # Errors
    /// When the cell is neither.
    pub fn flag(&self, column: &str) -> Result<Option<bool>> {
        const WORDS: &[(&str, bool)] = &[
            ("true", true),
            ("false", false),
            ("yes", true),
            ("no", false),
            ("1", true),
            ("0", false),
            ("y", true),
            ("n", false),
            ("是", true),
            ("否", false),
        ];
        self.choice(column, WORDS)
    }

    /// One of some words, compared without case, spaces, hyphens and underscores.
    ///
    /// # Errors
    /// When the cell is none of them; lists them.
    pub fn choice<T: Copy>(&self, column: &str, words: &[(&str, T)]) -> Result<Option<T>> {
        let Some(text) = self.text(column) else { return Ok(None) };
        let folded = fold(text);
        if let Some((_, value)) = words.iter().find(|(word, _)| fold(word) == folded) {
            return Ok(Some(*value));
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        Err(self.wrong(
            column,
            say("side.unknown", &[("text", &format_args!("{text:?}"))]),
            say("tariff.one_of", &[("names", &known.join(", "))]),
        ))
    }

    /// A span `[from, to)` of dates, either end open.
    ///
    /// # Errors
    /// When an end is no date, or `to` is not after `from`.
    pub fn validity(&self, from: &str, to: &str) -> Result<(Option<Date>, Option<Date>)> {
        let ends = (self.date(from)?, self.date(to)?);
        self.in_order(ends, (from, to), || say("side.first_date", &[("to", &to)]))?;
        Ok(ends)
    }

    /// A span `[from, to)` of dates or wall-clock times in seconds since 1970-01-01T00:00, either end
    /// open; a date alone is its first second.
    ///
    /// # Errors
    /// When an end is no date or time, or `to` is not after `from`.
    pub fn local_validity(&self, from: &str, to: &str) -> Result<(Option<i64>, Option<i64>)> {
        let ends = (self.local(from)?, self.local(to)?);
        self.in_order(ends, (from, to), || say("side.first_instant", &[("to", &to)]))?;
        Ok(ends)
    }

    fn in_order<T: PartialOrd>(
        &self,
        ends: (Option<T>, Option<T>),
        names: (&str, &str),
        cure: impl FnOnce() -> String,
    ) -> Result<()> {
        let (Some(a), Some(b)) = ends else { return Ok(()) };
        if a < b {
            return Ok(());
        }
        let (from, to) = names;
        let text = |column| self.text(column).unwrap_or_default();
        let what = say("side.not_after", &[("to", &text(to)), ("from", &from), ("text", &text(from))]);
        Err(self.wrong(to, what, cure()))
    }
}

fn parse_local(text: &str) -> Option<i64> {
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((d, t)) => (d, t.trim()),
        None => (text, "00:00"),
    };
    let date: Date = date.parse().ok()?;
    let mut parts = time.splitn(3, ':');
    let hour = two_digits(parts.next()?)?;
    let minute = two_digits(parts.next()?)?;
    let second = match parts.next() {
        None => 0,
        Some(s) => {
            let (whole, fraction) = s.split_once('.').unwrap_or((s, "0"));
            fraction.bytes().all(|b| b.is_ascii_digit()).then_some(())?;
            two_digits(whole)?
        }
    };
    let seconds = hour * 3600 + minute * 60 + second;
    (minute < 60 && second < 60 && seconds <= DAY_SECONDS).then(|| i64::from(date.0) * DAY_SECONDS + seconds)
}

fn two_digits(text: &str) -> Option<i64> {
    let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_wall_clock_and_24_00_is_midnight() {
        assert_eq!(parse_local("1970-01-02"), Some(86_400));
        assert_eq!(parse_local("1970-01-01T08:30:15.25"), Some(30_615));
        assert_eq!(parse_local("1970/1/1 24:00"), Some(86_400));
        for wrong in ["1970-01-01T08:00:00Z", "1970-01-01 08:00+08:00", "1970-01-01 25:00", "1970-01-01 8", "soon"] {
            assert_eq!(parse_local(wrong), None, "{wrong}");
        }
    }
}

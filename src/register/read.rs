//! CSV and Parquet files as header and rows of text.

use crate::error::{Error, Result};
use crate::text::{said, say};
use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Float32Type, Float64Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use csv::StringRecord;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::File;
use std::path::Path;

/// Header, and rows with their number (the header being row 1).
pub(super) type Parts = (Vec<String>, Vec<(usize, StringRecord)>);

/// Greatest whole number that a double holds exactly.
const EXACT_WHOLE: f64 = 9_007_199_254_740_992.0;

/// Reads a file, Parquet by its extension, else CSV.
pub(super) fn read(path: &Path) -> Result<Parts> {
    if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("parquet")) {
        return parquet(path);
    }
    csv(path, &text(path)?)
}

/// A file's text, which must be UTF-8; a byte-order mark is dropped.
pub(super) fn text(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).map_err(Error::io(path))?;
    let text = String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        let line = 1 + e.as_bytes()[..at].split(|b| *b == b'\n').count().saturating_sub(1);
        Error::Columns {
            path: path.to_owned(),
            what: say("side.not_utf8", &[("line", &line)]),
            cure: said("side.utf8_cure").into(),
        }
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

/// Parts of a CSV text; comma, semicolon or tab, whichever the header has most of.
pub(super) fn csv(path: &Path, text: &str) -> Result<Parts> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().next().unwrap_or_default();
    let count = |c: u8| first.bytes().filter(|b| *b == c).count();
    let delimiter = [b';', b'\t'].into_iter().filter(|c| count(*c) > count(b',')).max_by_key(|c| count(*c));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter.unwrap_or(b','))
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text.as_bytes());
    let broken = |row: usize, e: &csv::Error| Error::Columns {
        path: path.to_owned(),
        what: say("side.unreadable", &[("row", &row), ("detail", &e)]),
        cure: said("side.unreadable_cure").into(),
    };
    let header: Vec<String> = reader.headers().map_err(|e| broken(1, &e))?.iter().map(str::to_owned).collect();
    if header.iter().all(String::is_empty) {
        return Err(Error::Columns {
            path: path.to_owned(),
            what: said("side.empty_file").into(),
            cure: said("side.empty_file_cure").into(),
        });
    }
    let mut rows = Vec::new();
    for (i, record) in reader.records().enumerate() {
        let record = record.map_err(|e| broken(i + 2, &e))?;
        let row = row_of(&record, text).unwrap_or(i + 2);
        if record.len() > header.len() && record.iter().skip(header.len()).any(|c| !c.is_empty()) {
            return Err(Error::Columns {
                path: path.to_owned(),
                what: say("side.cells", &[("row", &row), ("n", &record.len()), ("names", &header.len())]),
                cure: said("side.cells_cure").into(),
            });
        }
        if record.iter().any(|c| !c.is_empty()) {
            rows.push((row, record));
        }
    }
    Ok((header, rows))
}

/// The line on which a record starts; the reader's own position stands before the blank lines that
/// it skips.
fn row_of(record: &StringRecord, text: &str) -> Option<usize> {
    let position = record.position()?;
    let rest = text.as_bytes().get(usize::try_from(position.byte()).ok()?..)?;
    let blank = rest.iter().take_while(|b| matches!(b, b'\r' | b'\n')).filter(|b| **b == b'\n').count();
    Some(usize::try_from(position.line()).ok()? + blank)
}

/// Parts of a Parquet file. Whole numbers in floating-point columns lose their ".0", since ids that
/// passed through a data frame with nulls look like that.
fn parquet(path: &Path) -> Result<Parts> {
    let file = File::open(path).map_err(Error::io(path))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(Error::parquet(path))?;
    let header: Vec<String> = builder.schema().fields().iter().map(|f| f.name().clone()).collect();
    let options = FormatOptions::default().with_null("");
    let mut rows = Vec::new();
    for batch in builder.build().map_err(Error::parquet(path))? {
        let batch = batch.map_err(Error::parquet(path))?;
        let columns: Vec<Cells<'_>> = batch
            .columns()
            .iter()
            .map(|c| Cells::new(c.as_ref(), &options))
            .collect::<std::result::Result<_, _>>()
            .map_err(Error::parquet(path))?;
        for r in 0..batch.num_rows() {
            let cells: StringRecord = columns.iter().map(|c| c.text(r)).collect::<Vec<String>>().into();
            rows.push((rows.len() + 2, cells));
        }
    }
    Ok((header, rows))
}

/// A column's cells as text.
enum Cells<'a> {
    Float(&'a dyn Array),
    Other(ArrayFormatter<'a>),
}

impl<'a> Cells<'a> {
    fn new(array: &'a dyn Array, options: &FormatOptions<'a>) -> std::result::Result<Self, arrow::error::ArrowError> {
        match array.data_type() {
            DataType::Float32 | DataType::Float64 => Ok(Self::Float(array)),
            _ => ArrayFormatter::try_new(array, options).map(Self::Other),
        }
    }

    fn text(&self, row: usize) -> String {
        match self {
            Self::Other(f) => f.value(row).to_string(),
            Self::Float(a) if a.is_null(row) => String::new(),
            Self::Float(a) => {
                let value = match a.data_type() {
                    // Through text, so that 0.85f32 reads 0.85 as it was written.
                    DataType::Float32 => a.as_primitive::<Float32Type>().value(row).to_string(),
                    _ => return plain(a.as_primitive::<Float64Type>().value(row)),
                };
                value.parse().map_or(value, plain)
            }
        }
    }
}

/// A number as text; NaN is how data frames write NULL.
fn plain(v: f64) -> String {
    if v.is_nan() {
        String::new()
    } else if v.fract() == 0.0 && v.abs() < EXACT_WHOLE {
        format!("{v:.0}")
    } else {
        v.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn semicolons_tabs_and_blank_lines() -> Result<()> {
        for blank in [";", "", "\r"] {
            let (header, rows) = csv(Path::new("x"), &format!("a;b\n1;2\n{blank}\n3;4\n"))?;
            assert_eq!((header.len(), rows.len(), rows.last().map(|r| r.0)), (2, 2, Some(4)), "{blank:?}");
        }
        assert_eq!(csv(Path::new("x"), "a\tb\n1\t2\n")?.0, ["a", "b"]);
        assert!(csv(Path::new("x"), "").is_err());
        let long = csv(Path::new("x"), "a,b\n1,2,3\n").unwrap_err().to_string();
        assert!(long.contains("row 2 has 3 cells"), "{long}");
        Ok(())
    }

    #[test]
    fn whole_floats_are_plain_decimals() {
        assert_eq!([plain(3_301_230_004_567.0), plain(0.85), plain(f64::NAN)], ["3301230004567", "0.85", ""]);
    }

    #[test]
    fn another_encoding_names_its_line() -> Result<()> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("gbk.csv");
        std::fs::write(&path, b"customer_id,name\n1,\xbb\xa7\n").map_err(Error::io(&path))?;
        let e = read(&path).unwrap_err().to_string();
        assert!(e.contains("line 2 is not UTF-8"), "{e}");
        Ok(())
    }
}

//! Columns of labels: texts of which few differ and which stay the same over runs of rows, such as ids,
//! kinds and months. Rows carry them as runs, and their chunks are written from the runs as a dictionary
//! and its keys, so that no text is copied, hashed or compressed for each row.

use arrow::array::{Array, ArrayRef, AsArray, RunArray, StringArray, StringBuilder, new_empty_array};
use arrow::datatypes::{DataType, Int32Type};
use bytes::Bytes;
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::data_type::ByteArray;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;
use std::collections::HashMap;
use std::sync::Arc;

/// A column of texts that come in runs. More rows than an `i32` counts give an empty column, which no table takes.
pub fn labels<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    run_encoded(values, |texts, value| texts.append_option(value))
}

/// The same text in `n` rows.
pub fn same(text: &str, n: usize) -> ArrayRef {
    let ends: Vec<i32> = (n > 0).then(|| i32::try_from(n).unwrap_or(i32::MAX)).into_iter().collect();
    let texts = StringArray::from_iter_values(std::iter::repeat_n(text, ends.len()));
    runs(ends, &texts)
}

/// Values that come in runs: each run is put into text once.
pub fn shown<T: Copy + PartialEq + std::fmt::Display>(values: impl Iterator<Item = Option<T>>) -> ArrayRef {
    run_encoded(values, |texts, value| texts.append_option(value.map(|v| v.to_string())))
}

fn run_encoded<T: Copy + PartialEq>(
    values: impl Iterator<Item = Option<T>>,
    append: impl Fn(&mut StringBuilder, Option<T>),
) -> ArrayRef {
    let mut ends: Vec<i32> = Vec::new();
    let mut texts = StringBuilder::new();
    let mut last: Option<T> = None;
    for (end, value) in (1..).zip(values) {
        match ends.last_mut() {
            Some(open) if last == value => *open = end,
            _ => {
                append(&mut texts, value);
                ends.push(end);
                last = value;
            }
        }
    }
    runs(ends, &texts.finish())
}

fn runs(ends: Vec<i32>, texts: &StringArray) -> ArrayRef {
    RunArray::<Int32Type>::try_new(&ends.into(), texts)
        .map_or_else(|_| new_empty_array(&DataType::Utf8), |runs| Arc::new(runs) as ArrayRef)
}

/// Whether a column is one of labels.
pub fn is_labels(column: &dyn Array) -> bool {
    matches!(column.data_type(), DataType::RunEndEncoded(..))
}

/// A chunk of labels, ready to be appended to a row group.
#[derive(Debug)]
pub struct LabelChunk {
    bytes: Bytes,
    close: ColumnCloseResult,
}

impl LabelChunk {
    /// The chunk of a column whose rows stand in `parts`, one after another. What is no column of labels is
    /// passed over.
    ///
    /// # Errors
    /// When the pages cannot be written.
    pub fn encode<'a>(parts: impl Iterator<Item = &'a ArrayRef>, of: &ColumnDescPtr) -> parquet::errors::Result<Self> {
        let runs = Runs::of(parts);
        let mut out = TrackedWrite::new(Vec::new());
        let mut pages = SerializedPageWriter::new(&mut out);
        let plain = |page: Page| {
            let size = page.buffer().len();
            CompressedPage::new(page, size)
        };
        let dictionary = pages.write_page(plain(runs.dictionary()))?;
        let data = pages.write_page(plain(runs.page(of.max_def_level() > 0)))?;
        pages.close()?;
        let size = (dictionary.bytes_written + data.bytes_written) as i64;
        let metadata = ColumnChunkMetaData::builder(Arc::clone(of))
            .set_compression(Compression::UNCOMPRESSED)
            .set_encodings(vec![Encoding::PLAIN, Encoding::RLE, Encoding::RLE_DICTIONARY])
            .set_total_compressed_size(size)
            .set_total_uncompressed_size(size)
            .set_num_values(runs.rows as i64)
            .set_dictionary_page_offset(Some(dictionary.offset as i64))
            .set_data_page_offset(data.offset as i64)
            .set_statistics(runs.statistics())
            .build()?;
        let close = ColumnCloseResult {
            bytes_written: size as u64,
            rows_written: runs.rows as u64,
            metadata,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        Ok(Self { bytes: out.into_inner()?.into(), close })
    }

    /// The bytes, and what closes the column.
    pub fn into_parts(self) -> (Bytes, ColumnCloseResult) {
        (self.bytes, self.close)
    }
}

/// Runs of equal rows: how many, and the key of their text; `None` for nulls.
struct Runs<'a> {
    texts: Vec<&'a str>,
    runs: Vec<(usize, Option<u32>)>,
    rows: usize,
}

impl<'a> Runs<'a> {
    fn of(parts: impl Iterator<Item = &'a ArrayRef>) -> Self {
        let mut found = Self { texts: Vec::new(), runs: Vec::new(), rows: 0 };
        let mut keys: HashMap<&str, u32> = HashMap::new();
        for part in parts.filter_map(|p| p.as_run_opt::<Int32Type>()) {
            let texts = part.values().as_string::<i32>();
            let mut start = 0;
            for (run, end) in part.run_ends().values().iter().enumerate() {
                let key = texts.is_valid(run).then(|| {
                    let next = keys.len() as u32;
                    *keys.entry(texts.value(run)).or_insert_with(|| {
                        found.texts.push(texts.value(run));
                        next
                    })
                });
                found.add((*end - start) as usize, key);
                start = *end;
            }
        }
        found
    }

    fn add(&mut self, n: usize, key: Option<u32>) {
        self.rows += n;
        match self.runs.last_mut() {
            Some((length, last)) if *last == key => *length += n,
            _ => self.runs.push((n, key)),
        }
    }

    fn nulls(&self) -> usize {
        self.runs.iter().filter(|r| r.1.is_none()).map(|r| r.0).sum()
    }

    /// The texts, in order of appearance.
    fn dictionary(&self) -> Page {
        let mut buf = Vec::new();
        for text in &self.texts {
            buf.extend((text.len() as u32).to_le_bytes());
            buf.extend(text.as_bytes());
        }
        Page::DictionaryPage {
            buf: buf.into(),
            num_values: self.texts.len() as u32,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        }
    }

    /// All rows in one page: where nulls are, then the keys of the others.
    fn page(&self, nullable: bool) -> Page {
        let mut buf = Vec::new();
        if nullable {
            let levels = hybrid(self.runs.iter().map(|r| (r.0, u32::from(r.1.is_some()))), 1);
            buf.extend((levels.len() as u32).to_le_bytes());
            buf.extend(levels);
        }
        let width = (u32::BITS - (self.texts.len() as u32).saturating_sub(1).leading_zeros()).max(1);
        buf.push(width as u8);
        buf.extend(hybrid(self.runs.iter().filter_map(|r| Some((r.0, r.1?))), width));
        Page::DataPage {
            buf: buf.into(),
            num_values: self.rows as u32,
            encoding: Encoding::RLE_DICTIONARY,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        }
    }

    fn statistics(&self) -> Statistics {
        let end = |text: Option<&&str>| text.map(|t| ByteArray::from(*t));
        let (min, max) = (self.texts.iter().min(), self.texts.iter().max());
        Statistics::new(end(min), end(max), None, Some(self.nulls() as u64), false)
    }
}

/// Runs of keys of `width` bits in Parquet's run-length and bit-packing hybrid: every run by its length, or all
/// keys packed when that is shorter.
fn hybrid(runs: impl Iterator<Item = (usize, u32)> + Clone, width: u32) -> Vec<u8> {
    let mut out = Vec::new();
    for (length, key) in runs.clone() {
        varint(&mut out, (length as u64) << 1);
        out.extend(&key.to_le_bytes()[..width.div_ceil(8) as usize]);
    }
    let keys: usize = runs.clone().map(|r| r.0).sum();
    let groups = keys.div_ceil(8);
    if out.len() <= groups * width as usize {
        return out;
    }
    out.clear();
    varint(&mut out, (groups as u64) << 1 | 1);
    let (mut bits, mut held) = (0_u64, 0);
    let padding = std::iter::once((groups * 8 - keys, 0));
    for key in runs.chain(padding).flat_map(|(n, key)| std::iter::repeat_n(key, n)) {
        bits |= u64::from(key) << held;
        held += width;
        while held >= 8 {
            out.push(bits as u8);
            bits >>= 8;
            held -= 8;
        }
    }
    out
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8], width: u32, n: usize) -> Vec<u32> {
        let (mut at, mut out) = (0, Vec::new());
        while out.len() < n {
            let (mut header, mut shift) = (0_u64, 0);
            loop {
                let byte = bytes[at];
                at += 1;
                header |= u64::from(byte & 0x7f) << shift;
                shift += 7;
                if byte & 0x80 == 0 {
                    break;
                }
            }
            let bit = |i: usize| u32::from(bytes[at + i / 8] >> (i % 8) & 1);
            let packed =
                |k: usize, width: u32| -> u32 { (0..width).map(|b| bit(k * width as usize + b as usize) << b).sum() };
            if header & 1 == 1 {
                let keys = (header >> 1) as usize * 8;
                out.extend((0..keys).map(|k| packed(k, width)));
                at += keys / 8 * width as usize;
            } else {
                let bytes = width.div_ceil(8);
                out.extend(std::iter::repeat_n(packed(0, bytes * 8), (header >> 1) as usize));
                at += bytes as usize;
            }
        }
        out.truncate(n);
        out
    }

    #[test]
    fn runs_and_packed_keys_say_the_same() {
        for (lengths, width) in [(vec![500, 3, 70_000], 2), (vec![1; 77], 3), (vec![2, 1, 3, 1], 9), (vec![9], 1)] {
            let runs: Vec<(usize, u32)> =
                lengths.iter().zip((0..).map(|k| k * 5 % (1 << width))).map(|(n, k)| (*n, k)).collect();
            let keys: Vec<u32> = runs.iter().flat_map(|r| std::iter::repeat_n(r.1, r.0)).collect();
            let bytes = hybrid(runs.iter().copied(), width);
            assert_eq!(decoded(&bytes, width, keys.len()), keys);
            assert!(bytes.len() <= 12 + keys.len().div_ceil(8) * width as usize, "{lengths:?}: {}", bytes.len());
        }
        assert!(hybrid([(1_000_000, 1)].into_iter(), 1).len() < 6, "a long run costs nothing");
    }

    #[test]
    fn equal_neighbours_make_a_run() {
        let column = labels([Some("a"), Some("a"), None, None, Some("b"), Some("a")].into_iter());
        let runs = column.as_run::<Int32Type>();
        assert_eq!(runs.run_ends().values(), &[2, 4, 5, 6]);
        assert_eq!(
            runs.values().as_string::<i32>().iter().collect::<Vec<_>>(),
            [Some("a"), None, Some("b"), Some("a")]
        );
        assert_eq!((same("x", 0).len(), same("x", 7).len(), labels(std::iter::empty()).len()), (0, 7, 0));
    }

    /// What a reader of Parquet finds in the chunks of columns.
    fn read_back(parts: &[ArrayRef], nullable: bool) -> (Vec<Option<String>>, (String, String)) {
        use parquet::arrow::{ArrowWriter, arrow_reader::ParquetRecordBatchReaderBuilder};
        let field = arrow::datatypes::Field::new("t", DataType::Utf8, nullable);
        let schema = Arc::new(arrow::datatypes::Schema::new(vec![field]));
        let writer = ArrowWriter::try_new(Vec::new(), schema, None).unwrap();
        let (mut file, _) = writer.into_serialized_writer().unwrap();
        let leaf = file.schema_descr().column(0);
        let (bytes, close) = LabelChunk::encode(parts.iter(), &leaf).unwrap().into_parts();
        let mut group = file.next_row_group().unwrap();
        group.append_column(&bytes, close).unwrap();
        group.close().unwrap();
        let bytes = Bytes::from(file.into_inner().unwrap());
        let builder = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
        let statistics = builder.metadata().row_group(0).column(0).statistics().unwrap();
        let end = |b: Option<&[u8]>| String::from_utf8(b.unwrap_or_default().to_vec()).unwrap();
        let ends = (end(statistics.min_bytes_opt()), end(statistics.max_bytes_opt()));
        let batches: Vec<_> = builder.build().unwrap().map(Result::unwrap).collect();
        let texts =
            batches.iter().flat_map(|b| b.column(0).as_string::<i32>().iter().map(|t| t.map(ToOwned::to_owned)));
        (texts.collect(), ends)
    }

    #[test]
    fn chunks_are_read_back() {
        let texts =
            |n: usize| (0..n).map(|i| (i % 7 != 3).then(|| format!("标签 {}", i * i % 613))).collect::<Vec<_>>();
        for n in [1, 5, 40, 3000] {
            let values = texts(n);
            let parts: Vec<ArrayRef> = values.chunks(17).map(|c| labels(c.iter().map(|t| t.as_deref()))).collect();
            assert_eq!(read_back(&parts, true).0, values, "{n}");
        }
        let ids = [same("b", 20_000), same("a", 5), same("c", 1)];
        let (read, ends) = read_back(&ids, false);
        assert_eq!((read.len(), read[0].as_deref(), read[20_005].as_deref()), (20_006, Some("b"), Some("c")));
        assert_eq!(ends, ("a".into(), "c".into()));
        assert_eq!(read_back(&[labels([None, None].into_iter())], true).0, [None, None]);
    }
}

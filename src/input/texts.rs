//! Columns of ids and other texts.

use super::decode::RowGroup;
use super::keys::{KeyRuns, text_keys};
use crate::error::Result;
use crate::text::{said, say};
use arrow::array::{Array, ArrayRef, AsArray, DictionaryArray, Int64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int32Type};
use parquet::basic::{ConvertedType, LogicalType, Type as Physical};
use parquet::schema::types::ColumnDescriptor;
use std::sync::Arc;

/// Greatest whole number that a double holds exactly.
const EXACT_WHOLE: f64 = 9_007_199_254_740_992.0;

impl RowGroup<'_> {
    /// A text column as runs of dictionary keys (−1 where null) and the texts they stand for.
    /// Integers become plain decimals.
    ///
    /// # Errors
    /// When pages are damaged or the type has no text.
    pub fn texts(&self, leaf: usize) -> Result<(KeyRuns, Vec<Arc<str>>)> {
        let meta = self.file().metadata.row_group(self.index()).column(leaf);
        let descr = meta.column_descr();
        if self.rows() == 0 {
            return Ok((KeyRuns::default(), Vec::new()));
        }
        let plain = descr.max_def_level() <= 1 && descr.max_rep_level() == 0;
        if plain && is_text(descr) && meta.dictionary_page_offset().is_some() {
            let keys = text_keys(&mut self.own_pages(leaf)?, descr.max_def_level() > 0);
            if let Some((runs, names)) = keys.map_err(self.fail(leaf))? {
                return Ok((runs, names.into_iter().map(Arc::from).collect()));
            }
        }
        let (keys, names) = self.texts_by_arrow(leaf)?;
        Ok((keys.into_iter().map(|key| (key, 1)).collect(), names))
    }

    fn texts_by_arrow(&self, leaf: usize) -> Result<(Vec<i32>, Vec<Arc<str>>)> {
        let descr = self.file().metadata.file_metadata().schema_descr().column(leaf);
        let dictionary = DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into());
        let decimal = matches!(descr.logical_type_ref(), Some(LogicalType::Decimal { .. }));
        let array = if descr.physical_type() == Physical::BYTE_ARRAY && !decimal && is_text(&descr) {
            let text = self.arrow(leaf, Some(dictionary.clone())).map_err(|e| match e.to_string() {
                what if what.contains("UTF-8") => {
                    self.wrong(leaf, said("readings.not_utf8"), said("readings.utf8_cure"))
                }
                _ => e,
            });
            cast(&text?, &dictionary).map_err(self.fail(leaf))?
        } else if descr.physical_type() == Physical::BYTE_ARRAY && !decimal {
            // Spark and Impala may not declare text as such; what it is only its bytes tell.
            cast(&self.text_of_bytes(leaf)?, &dictionary).map_err(self.fail(leaf))?
        } else {
            let plain = self.arrow(leaf, None)?;
            let whole = if plain.data_type().is_floating() { self.whole(leaf, &plain)? } else { plain };
            let text = cast(&whole, &DataType::Utf8).map_err(self.fail(leaf))?;
            cast(&text, &dictionary).map_err(self.fail(leaf))?
        };
        let Some(array) = array.as_any().downcast_ref::<DictionaryArray<Int32Type>>() else {
            return Err(self.fail(leaf)(say("readings.no_text", &[("kind", &array.data_type())])));
        };
        let texts = array.values().as_string::<i32>();
        let names = (0..texts.len()).map(|i| if texts.is_valid(i) { texts.value(i) } else { "" }.into()).collect();
        let mut keys = array.keys().values().to_vec();
        if let Some(nulls) = array.logical_nulls().filter(|n| n.null_count() > 0) {
            for (key, valid) in keys.iter_mut().zip(nulls.iter()) {
                if !valid {
                    *key = -1;
                }
            }
        }
        Ok((keys, names))
    }

    /// A column of bytes that are text.
    fn text_of_bytes(&self, leaf: usize) -> Result<ArrayRef> {
        let bytes = cast(&self.arrow(leaf, None)?, &DataType::Binary).map_err(self.fail(leaf))?;
        let bytes = bytes.as_binary::<i32>();
        let bad = (0..bytes.len()).find(|i| bytes.is_valid(*i) && std::str::from_utf8(bytes.value(*i)).is_err());
        if let Some(row) = bad {
            let shown: Vec<String> = bytes.value(row).iter().take(8).map(|b| format!("{b:02x}")).collect();
            let what = say("readings.row_not_utf8", &[("row", &row), ("bytes", &shown.join(" "))]);
            return Err(self.wrong(leaf, &what, said("readings.utf8_cure")));
        }
        cast(bytes, &DataType::Utf8).map_err(self.fail(leaf))
    }

    /// Ids in a floating-point column, as data frames with nulls leave them: whole numbers.
    fn whole(&self, leaf: usize, array: &ArrayRef) -> Result<ArrayRef> {
        let doubles = cast(array, &DataType::Float64).map_err(self.fail(leaf))?;
        let doubles = doubles.as_primitive::<Float64Type>();
        let id = |v: f64| v.fract() == 0.0 && v.abs() < EXACT_WHOLE;
        if let Some(bad) = doubles.iter().flatten().find(|v| !v.is_nan() && !id(*v)) {
            let cure = said("readings.rounded_cure");
            return Err(self.wrong(leaf, &say("readings.rounded_id", &[("id", &bad)]), cure));
        }
        let ids: Int64Array = doubles.iter().map(|v| v.filter(|v| !v.is_nan()).map(|v| v as i64)).collect();
        Ok(Arc::new(ids))
    }
}

/// Whether the file says that a column holds text.
fn is_text(descr: &ColumnDescriptor) -> bool {
    descr.converted_type() == ConvertedType::UTF8 || matches!(descr.logical_type_ref(), Some(LogicalType::String))
}

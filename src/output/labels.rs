//! Columns of labels: texts of which few differ and which stay the same over runs of rows, such as ids,
//! kinds and months. Rows carry them as runs, so that no text is copied, hashed or compressed for each row.

use arrow::array::{Array, ArrayRef, RunArray, StringArray, StringBuilder, new_empty_array};
use arrow::datatypes::{DataType, Int32Type};
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

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::AsArray;

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
}

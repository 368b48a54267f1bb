//! Columns of labels: texts of which few differ and which stay the same over runs of rows, such as ids,
//! kinds and months. Rows carry them as runs, so that no text is copied, hashed or compressed for each row.

use super::column::Column;
use arrow::array::{ArrayRef, AsArray, RunArray, StringArray, new_empty_array};
use arrow::datatypes::{DataType, Int32Type};
use std::fmt::{Display, Write};

/// Texts of a column that are looked through for one that comes again; one further back is kept twice (judgement:
/// months of a year, and what else a customer's rows change between).
const LOOKED_THROUGH: usize = 16;

/// Texts in runs of rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    /// All texts, one after another, and where each ends.
    text: String,
    ends: Vec<usize>,
    /// Rows of each run and the number of its text; `None` for nulls.
    runs: Vec<(usize, Option<usize>)>,
    rows: usize,
}

impl Labels {
    fn of<T: Copy>(
        values: impl Iterator<Item = Option<T>>,
        same: impl Fn(T, T) -> bool,
        show: impl Fn(&mut String, T),
    ) -> Self {
        let mut labels = Self::default();
        let mut known: Vec<T> = Vec::new();
        let mut last = None;
        for value in values {
            let unchanged = match (last, value) {
                (Some(Some(last)), Some(value)) => same(last, value),
                (Some(None), None) => true,
                _ => false,
            };
            if !unchanged {
                let key = value.map(|value| {
                    let mut recent = known.iter().enumerate().rev().take(LOOKED_THROUGH);
                    let seen = recent.find(|(_, k)| same(**k, value)).map(|(key, _)| key);
                    seen.unwrap_or_else(|| {
                        known.push(value);
                        show(&mut labels.text, value);
                        labels.ends.push(labels.text.len());
                        known.len() - 1
                    })
                });
                labels.runs.push((0, key));
                last = Some(value);
            }
            if let Some(run) = labels.runs.last_mut() {
                run.0 += 1;
            }
            labels.rows += 1;
        }
        labels
    }

    /// Rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Bytes that it takes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.text.capacity() + size_of_val(&self.ends[..]) + size_of_val(&self.runs[..])
    }

    /// The texts.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.text[start..*end])
    }

    /// How many rows, and the number of their text; `None` for nulls.
    #[must_use]
    pub fn runs(&self) -> &[(usize, Option<usize>)] {
        &self.runs
    }

    /// As Arrow has them. More rows than an `i32` counts give an empty column, which no table takes.
    #[must_use]
    pub fn to_array(&self) -> ArrayRef {
        let texts: Vec<&str> = self.texts().collect();
        let values: StringArray = self.runs.iter().map(|r| r.1.map(|key| texts[key])).collect();
        let mut end = 0;
        let ends = self.runs.iter().map(|r| {
            end += r.0 as i32;
            end
        });
        RunArray::<Int32Type>::try_new(&ends.collect::<Vec<_>>().into(), &values)
            .map_or_else(|_| new_empty_array(&DataType::Utf8), |runs| std::sync::Arc::new(runs) as ArrayRef)
    }

    /// From Arrow; `None` of an array that has no runs.
    pub fn from_array(array: &ArrayRef) -> Option<Self> {
        let runs = array.as_run_opt::<Int32Type>()?;
        let texts = runs.values().as_string_opt::<i32>()?;
        let mut start = 0;
        let rows = runs.run_ends().values().iter().zip(texts).flat_map(|(end, text)| {
            let n = (*end - start) as usize;
            start = *end;
            std::iter::repeat_n(text, n)
        });
        Some(Self::of(rows, |a, b| a == b, String::push_str))
    }
}

/// A column of texts that come in runs.
pub fn labels<'a>(values: impl Iterator<Item = Option<&'a str>>) -> Column {
    // Mostly it is the very same text: a name of the program's, or one that all rows share.
    Column::Labels(Labels::of(values, |a, b| std::ptr::eq(a, b) || a == b, String::push_str))
}

/// The same text in `n` rows.
pub fn same(text: &str, n: usize) -> Column {
    let runs = if n > 0 { vec![(n, Some(0))] } else { Vec::new() };
    Column::Labels(Labels { text: text.to_owned(), ends: vec![text.len()], runs, rows: n })
}

/// Values that come in runs: each is put into text once.
pub fn shown<T: Copy + PartialEq + Display>(values: impl Iterator<Item = Option<T>>) -> Column {
    // Writing to text does not fail.
    let show = |text: &mut String, value: T| _ = write!(text, "{value}");
    Column::Labels(Labels::of(values, |a, b| a == b, show))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_neighbours_make_a_run_and_texts_stand_once() {
        let column = labels([Some("a"), Some("a"), None, None, Some("b"), Some("a")].into_iter());
        let Column::Labels(found) = &column else { panic!("labels") };
        assert_eq!(found.runs(), [(2, Some(0)), (2, None), (1, Some(1)), (1, Some(0))]);
        assert_eq!(found.texts().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((same("x", 0).rows(), same("x", 7).rows(), labels(std::iter::empty()).rows()), (0, 7, 0));
        assert_eq!(shown([3, 3, 4].map(Some).into_iter()), labels(["3", "3", "4"].map(Some).into_iter()));
    }

    #[test]
    fn arrays_keep_what_labels_say() {
        let many: Vec<String> = (0..40).map(|i| (i * i % 23).to_string()).collect();
        let column = labels(many.iter().map(|t| (t != "9").then_some(t.as_str())));
        let Column::Labels(found) = &column else { panic!("labels") };
        assert!(found.texts().count() < 40);
        assert_eq!(Labels::from_array(&found.to_array()).as_ref(), Some(found));
    }
}

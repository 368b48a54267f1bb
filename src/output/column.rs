//! Small helpers that make Arrow columns.

use crate::curve::Load;
use crate::error::{Error, Result};
use crate::time::{Date, Instant};
use crate::units::Money;
use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int32Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use std::sync::Arc;

/// Type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8.
    Text,
    /// DOUBLE.
    Real,
    /// INT32.
    Count,
    /// BOOLEAN.
    Flag,
    /// DATE.
    Day,
    /// Naive local `timestamp[us]`.
    Local,
    /// `timestamp[us, UTC]`.
    Utc,
    /// DECIMAL(18,2).
    Amount,
}

impl Kind {
    fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Real => DataType::Float64,
            Self::Count => DataType::Int32,
            Self::Flag => DataType::Boolean,
            Self::Day => DataType::Date32,
            Self::Local => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::Utc => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Amount => DataType::Decimal128(18, 2),
        }
    }
}

/// A schema of nullable columns; the first is the customer's id and never null.
pub fn schema(columns: &[(&str, Kind)]) -> SchemaRef {
    let field = |(i, (name, kind)): (usize, &(&str, Kind))| Field::new(*name, kind.data_type(), i > 0);
    Arc::new(Schema::new(columns.iter().enumerate().map(field).collect::<Vec<_>>()))
}

/// The same text in every row.
pub fn same(text: &str, n: usize) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(std::iter::repeat_n(text, n)))
}

/// A text column.
pub fn text<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

/// A text column of values made for it.
pub fn owned(values: impl Iterator<Item = Option<String>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

/// A DOUBLE column; what is not finite becomes null.
pub fn real(values: impl Iterator<Item = Option<f64>>) -> ArrayRef {
    Arc::new(values.map(|v| v.filter(|v| v.is_finite())).collect::<Float64Array>())
}

/// A count column.
pub fn count(values: impl Iterator<Item = usize>) -> ArrayRef {
    Arc::new(values.map(|v| i32::try_from(v).ok()).collect::<Int32Array>())
}

/// A count column with nulls.
pub fn maybe_count(values: impl Iterator<Item = Option<usize>>) -> ArrayRef {
    Arc::new(values.map(|v| v.and_then(|v| i32::try_from(v).ok())).collect::<Int32Array>())
}

/// A BOOLEAN column.
pub fn flag(values: impl Iterator<Item = bool>) -> ArrayRef {
    Arc::new(values.map(Some).collect::<BooleanArray>())
}

/// A DATE column.
pub fn day(values: impl Iterator<Item = Date>) -> ArrayRef {
    Arc::new(values.map(|d| Some(d.0)).collect::<Date32Array>())
}

/// An instant's two columns: wall clock and UTC.
pub fn instants(values: impl Iterator<Item = Option<Instant>> + Clone) -> [ArrayRef; 2] {
    let local: TimestampMicrosecondArray = values.clone().map(|i| i.map(|i| i.local * 1_000_000)).collect();
    let utc: TimestampMicrosecondArray = values.map(|i| i.map(|i| i.utc * 1_000_000)).collect();
    [Arc::new(local), Arc::new(utc.with_timezone("UTC"))]
}

/// The instants at which intervals of a load start.
pub fn starts<'a>(load: &'a Load, indices: impl Iterator<Item = Option<usize>> + Clone + 'a) -> [ArrayRef; 2] {
    instants(indices.map(|i| i.map(|i| load.instant(i))))
}

/// A DECIMAL(18,2) column.
pub fn amount(values: impl Iterator<Item = Option<Money>>) -> Result<ArrayRef> {
    let cents: Decimal128Array = values.map(|m| m.and_then(Money::hundredths)).collect();
    let cents = cents
        .with_precision_and_scale(18, 2)
        .map_err(|e| Error::option(e.to_string(), "amounts hold 16 digits before the point"))?;
    Ok(Arc::new(cents))
}

/// Money as DOUBLE.
pub fn money(values: impl Iterator<Item = Option<Money>>) -> ArrayRef {
    real(values.map(|m| m.map(Money::to_f64)))
}

/// Puts columns under a schema.
pub fn batch(schema: SchemaRef, columns: Vec<ArrayRef>) -> Result<RecordBatch> {
    RecordBatch::try_new(schema, columns)
        .map_err(|e| Error::option(format!("a table's columns do not fit: {e}"), "this is a fault of peakwise"))
}

//! Small helpers that make Arrow columns.

use super::labels::is_labels;
use crate::curve::Load;
use crate::error::{Error, Result};
use crate::text::{said, say};
use crate::time::{Date, Instant};
use crate::units::Money;
use arrow::array::{ArrayRef, BooleanArray, Decimal128Array, PrimitiveArray, RecordBatch, StringArray, StringBuilder};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Field, FieldRef, Float64Type, Int32Type, Schema, SchemaRef, TimeUnit,
    TimestampMicrosecondType,
};
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

/// A text column.
pub fn text<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    let n = values.size_hint().0;
    let mut column = StringBuilder::with_capacity(n, n * 8);
    values.for_each(|v| column.append_option(v));
    Arc::new(column.finish())
}

/// A text column of values made for it.
pub fn owned(values: impl Iterator<Item = Option<String>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

/// A primitive column; without a null it has no mask.
fn primitive<T: ArrowPrimitiveType>(values: impl Iterator<Item = Option<T::Native>>) -> PrimitiveArray<T> {
    let n = values.size_hint().0;
    let mut column = Vec::with_capacity(n);
    let mut there: Option<Vec<bool>> = None;
    for value in values {
        match (&mut there, value) {
            (None, None) => there = Some([vec![true; column.len()], vec![false]].concat()),
            (Some(there), value) => there.push(value.is_some()),
            (None, Some(_)) => {}
        }
        column.push(value.unwrap_or_default());
    }
    PrimitiveArray::new(column.into(), there.map(NullBuffer::from))
}

/// A DOUBLE column; what is not finite becomes null.
pub fn real(values: impl Iterator<Item = Option<f64>>) -> ArrayRef {
    Arc::new(primitive::<Float64Type>(values.map(|v| v.filter(|v| v.is_finite()))))
}

/// A count column.
pub fn count(values: impl Iterator<Item = usize>) -> ArrayRef {
    Arc::new(primitive::<Int32Type>(values.map(|v| i32::try_from(v).ok())))
}

/// A count column with nulls.
pub fn maybe_count(values: impl Iterator<Item = Option<usize>>) -> ArrayRef {
    Arc::new(primitive::<Int32Type>(values.map(|v| v.and_then(|v| i32::try_from(v).ok()))))
}

/// A BOOLEAN column.
pub fn flag(values: impl Iterator<Item = bool>) -> ArrayRef {
    Arc::new(values.map(Some).collect::<BooleanArray>())
}

/// A BOOLEAN column with nulls.
pub fn maybe_flag(values: impl Iterator<Item = Option<bool>>) -> ArrayRef {
    Arc::new(values.collect::<BooleanArray>())
}

/// A DATE column.
pub fn day(values: impl Iterator<Item = Date>) -> ArrayRef {
    Arc::new(primitive::<Date32Type>(values.map(|d| Some(d.0))))
}

/// An instant's two columns: wall clock and UTC.
pub fn instants(values: impl Iterator<Item = Option<Instant>>) -> [ArrayRef; 2] {
    let values: Vec<Option<Instant>> = values.collect();
    let micros = |of: fn(Instant) -> i64| values.iter().map(move |i| i.map(|i| of(i) * 1_000_000));
    let local = primitive::<TimestampMicrosecondType>(micros(|i| i.local));
    let utc = primitive::<TimestampMicrosecondType>(micros(|i| i.utc));
    [Arc::new(local), Arc::new(utc.with_timezone("UTC"))]
}

/// The instants at which intervals of a load start.
pub fn starts<'a>(load: &'a Load, indices: impl Iterator<Item = Option<usize>> + 'a) -> [ArrayRef; 2] {
    instants(indices.map(|i| i.map(|i| load.instant(i))))
}

/// A DECIMAL(18,2) column.
pub fn amount(values: impl Iterator<Item = Option<Money>>) -> Result<ArrayRef> {
    let cents: Decimal128Array = values.map(|m| m.and_then(Money::hundredths)).collect();
    let cents =
        cents.with_precision_and_scale(18, 2).map_err(|e| Error::option(e.to_string(), said("run.digits_limit")))?;
    Ok(Arc::new(cents))
}

/// Money as DOUBLE.
pub fn money(values: impl Iterator<Item = Option<Money>>) -> ArrayRef {
    real(values.map(|m| m.map(Money::to_f64)))
}

/// Puts columns under a schema; columns of labels stand as runs for the texts that it names.
pub fn batch(schema: &Schema, columns: Vec<ArrayRef>) -> Result<RecordBatch> {
    let of = |(field, column): (&FieldRef, &ArrayRef)| {
        if !is_labels(column) {
            return Arc::clone(field);
        }
        Arc::new(field.as_ref().clone().with_data_type(column.data_type().clone()))
    };
    let fields: Vec<FieldRef> = schema.fields().iter().zip(&columns).map(of).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
        .map_err(|e| Error::option(say("run.columns_fit", &[("detail", &e)]), said("run.own_fault")))
}

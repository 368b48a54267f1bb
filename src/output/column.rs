//! Columns of a table's rows.

use super::labels::Labels;
use crate::curve::Load;
use crate::error::{Error, Result};
use crate::text::{said, say};
use crate::time::{Date, Instant};
use crate::units::Money;
use arrow::array::{
    Array, ArrayRef, BooleanArray, Decimal128Array, PrimitiveArray, RecordBatch, StringArray, StringBuilder,
    TimestampMicrosecondArray, builder::NullBufferBuilder,
};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Decimal128Type, Field, FieldRef, Float64Type, Int32Type, Schema,
    SchemaRef, TimeUnit,
};
use std::sync::Arc;

/// A column of one customer's rows.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Texts in runs of rows.
    Labels(Labels),
    /// A value a row.
    Values(ArrayRef),
}

impl Column {
    /// Rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self {
            Self::Labels(labels) => labels.rows(),
            Self::Values(array) => array.len(),
        }
    }

    /// Its texts, where they come in runs.
    #[must_use]
    pub fn labels(&self) -> Option<&Labels> {
        match self {
            Self::Labels(labels) => Some(labels),
            Self::Values(_) => None,
        }
    }

    /// Its values, where each row has one.
    #[must_use]
    pub fn values(&self) -> Option<&ArrayRef> {
        match self {
            Self::Labels(_) => None,
            Self::Values(array) => Some(array),
        }
    }

    /// Bytes that it takes.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Labels(labels) => labels.size(),
            Self::Values(array) => array.get_buffer_memory_size(),
        }
    }

    /// As Arrow has it; labels as runs.
    #[must_use]
    pub fn to_array(&self) -> ArrayRef {
        match self {
            Self::Labels(labels) => labels.to_array(),
            Self::Values(array) => Arc::clone(array),
        }
    }

    /// From Arrow.
    #[must_use]
    pub fn from_array(array: &ArrayRef) -> Self {
        Labels::from_array(array).map_or_else(|| Self::Values(Arc::clone(array)), Self::Labels)
    }
}

fn values(array: impl Array + 'static) -> Column {
    Column::Values(Arc::new(array))
}

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
pub fn text<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> Column {
    let n = texts.size_hint().0;
    let mut column = StringBuilder::with_capacity(n, n * 8);
    texts.for_each(|v| column.append_option(v));
    values(column.finish())
}

/// A text column of values made for it.
pub fn owned(texts: impl Iterator<Item = Option<String>>) -> Column {
    values(texts.collect::<StringArray>())
}

/// A primitive column; without a null it has no mask.
fn primitive<T: ArrowPrimitiveType>(values: impl Iterator<Item = Option<T::Native>> + Clone) -> PrimitiveArray<T> {
    let mut whole = true;
    let filled = values.clone().map(|v| {
        whole &= v.is_some();
        v.unwrap_or_default()
    });
    let column: Vec<T::Native> = filled.collect();
    let nulls = (!whole).then(|| values.map(|v| v.is_some()).collect::<NullBuffer>());
    PrimitiveArray::new(column.into(), nulls)
}

/// A DOUBLE column; what is not finite becomes null.
pub fn real(reals: impl Iterator<Item = Option<f64>> + Clone) -> Column {
    values(primitive::<Float64Type>(reals.map(|v| v.filter(|v| v.is_finite()))))
}

/// A count column.
pub fn count(counts: impl Iterator<Item = usize> + Clone) -> Column {
    maybe_count(counts.map(Some))
}

/// A count column with nulls.
pub fn maybe_count(counts: impl Iterator<Item = Option<usize>> + Clone) -> Column {
    values(primitive::<Int32Type>(counts.map(|v| v.and_then(|v| i32::try_from(v).ok()))))
}

/// A BOOLEAN column.
pub fn flag(flags: impl Iterator<Item = bool>) -> Column {
    maybe_flag(flags.map(Some))
}

/// A BOOLEAN column with nulls.
pub fn maybe_flag(flags: impl Iterator<Item = Option<bool>>) -> Column {
    values(flags.collect::<BooleanArray>())
}

/// A DATE column.
pub fn day(days: impl Iterator<Item = Date> + Clone) -> Column {
    maybe_day(days.map(Some))
}

/// A DATE column with nulls.
pub fn maybe_day(days: impl Iterator<Item = Option<Date>> + Clone) -> Column {
    values(primitive::<Date32Type>(days.map(|d| d.map(|d| d.0))))
}

/// An instant's two columns: wall clock and UTC.
pub fn instants(instants: impl Iterator<Item = Option<Instant>>) -> [Column; 2] {
    let n = instants.size_hint().0;
    let (mut local, mut utc, mut nulls) = (Vec::with_capacity(n), Vec::with_capacity(n), NullBufferBuilder::new(n));
    for instant in instants {
        nulls.append(instant.is_some());
        local.push(instant.map_or(0, |i| i.local * 1_000_000));
        utc.push(instant.map_or(0, |i| i.utc * 1_000_000));
    }
    let nulls = nulls.finish();
    let column = |micros: Vec<i64>| TimestampMicrosecondArray::new(micros.into(), nulls.clone());
    [values(column(local)), values(column(utc).with_timezone("UTC"))]
}

/// The instants at which intervals of a load start.
pub fn starts<'a>(load: &'a Load, indices: impl Iterator<Item = Option<usize>> + 'a) -> [Column; 2] {
    instants(indices.map(|i| i.map(|i| load.instant(i))))
}

/// A DECIMAL(18,2) column.
pub fn amount(amounts: impl Iterator<Item = Option<Money>> + Clone) -> Result<Column> {
    let cents: Decimal128Array = primitive::<Decimal128Type>(amounts.map(|m| m.and_then(Money::hundredths)));
    let cents =
        cents.with_precision_and_scale(18, 2).map_err(|e| Error::option(e.to_string(), said("run.digits_limit")))?;
    Ok(values(cents))
}

/// Money as DOUBLE.
pub fn money(amounts: impl Iterator<Item = Option<Money>> + Clone) -> Column {
    real(amounts.map(|m| m.map(Money::to_f64)))
}

/// Puts columns under a schema; columns of labels stand as runs for the texts that it names. No column at all is a
/// table without rows.
pub fn batch(schema: &SchemaRef, columns: &[Column]) -> Result<RecordBatch> {
    if columns.is_empty() {
        return Ok(RecordBatch::new_empty(Arc::clone(schema)));
    }
    let of = |(field, column): (&FieldRef, &Column)| match column {
        Column::Values(_) => (Arc::clone(field), column.to_array()),
        Column::Labels(labels) => {
            let runs = labels.to_array();
            (Arc::new(field.as_ref().clone().with_data_type(runs.data_type().clone())), runs)
        }
    };
    let (fields, arrays): (Vec<FieldRef>, Vec<ArrayRef>) = schema.fields().iter().zip(columns).map(of).unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
        .map_err(|e| Error::option(say("run.columns_fit", &[("detail", &e)]), said("run.own_fault")))
}

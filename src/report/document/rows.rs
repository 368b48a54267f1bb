//! Rows of a table as the report's structs, whose fields are called as the table's columns. So every
//! figure of a form is the table's.

use crate::error::{Error, Result};
use crate::time::Date;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int32Type, TimeUnit, TimestampMicrosecondType,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The rows of a batch; columns that `T` does not have are left out.
///
/// # Errors
/// When a column is of a type that no table has, or does not fit its field.
pub fn rows<T: DeserializeOwned>(batch: &RecordBatch) -> Result<Vec<T>> {
    let schema = batch.schema();
    (0..batch.num_rows())
        .map(|row| {
            let cells = schema.fields().iter().zip(batch.columns());
            let object: Map<String, Value> =
                cells.map(|(f, c)| Ok((f.name().clone(), cell(c, row)?))).collect::<Result<_>>()?;
            serde_json::from_value(Value::Object(object)).map_err(|e| fault(&e.to_string()))
        })
        .collect()
}

fn fault(what: &str) -> Error {
    Error::option(format!("a table's row does not fit the report: {what}"), "this is a fault of peakwise")
}

fn cell(column: &ArrayRef, row: usize) -> Result<Value> {
    if let Some(runs) = column.as_run_opt::<Int32Type>() {
        return cell(runs.values(), runs.get_physical_index(row));
    }
    if column.is_null(row) {
        return Ok(Value::Null);
    }
    Ok(match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().value(row).into(),
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row).into(),
        DataType::Int32 => column.as_primitive::<Int32Type>().value(row).into(),
        DataType::Boolean => column.as_boolean().value(row).into(),
        DataType::Date32 => Date(column.as_primitive::<Date32Type>().value(row)).to_string().into(),
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            let micros = column.as_primitive::<TimestampMicrosecondType>().value(row);
            stamp(micros.div_euclid(1_000_000), zone.is_some()).into()
        }
        // Hundredths; the nearest float prints as the decimal it came from.
        DataType::Decimal128(_, 2) => (column.as_primitive::<Decimal128Type>().value(row) as f64 / 100.0).into(),
        other => return Err(fault(&format!("column of type {other}"))),
    })
}

/// A second since 1970 as `2025-03-01T08:15:00`, with `Z` in UTC.
fn stamp(second: i64, utc: bool) -> String {
    let (day, of_day) = (second.div_euclid(86_400), second.rem_euclid(86_400));
    let date = Date(i32::try_from(day).unwrap_or_default());
    let zone = if utc { "Z" } else { "" };
    format!("{date}T{:02}:{:02}:{:02}{zone}", of_day / 3600, of_day / 60 % 60, of_day % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{
        BooleanArray, Date32Array, Decimal128Array, Float64Array, Int32Array, StringArray, TimestampMicrosecondArray,
    };
    use std::sync::Arc;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Row {
        month: String,
        n: Option<u32>,
        kwh: Option<f64>,
        partial: bool,
        date: String,
        start: String,
        start_utc: String,
        amount: f64,
    }

    #[test]
    fn every_type_of_a_table_becomes_its_field_and_null_stays_absent() -> Result<()> {
        let micros = TimestampMicrosecondArray::from(vec![1_740_816_900_000_000_i64]);
        let amount = Decimal128Array::from(vec![-123_456_789_i128]).with_precision_and_scale(18, 2).unwrap();
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("customer_id", Arc::new(StringArray::from(vec!["A"]))),
            ("month", Arc::new(StringArray::from(vec!["2025-03"]))),
            ("n", Arc::new(Int32Array::from(vec![None]))),
            ("kwh", Arc::new(Float64Array::from(vec![0.1 + 0.2]))),
            ("partial", Arc::new(BooleanArray::from(vec![true]))),
            ("date", Arc::new(Date32Array::from(vec![20_148]))),
            ("start", Arc::new(micros.clone())),
            ("start_utc", Arc::new(micros.with_timezone("UTC"))),
            ("amount", Arc::new(amount)),
        ];
        let found: Vec<Row> = rows(&RecordBatch::try_from_iter(columns).unwrap())?;
        let row = Row {
            month: "2025-03".into(),
            n: None,
            kwh: Some(0.1 + 0.2),
            partial: true,
            date: "2025-03-01".into(),
            start: "2025-03-01T08:15:00".into(),
            start_utc: "2025-03-01T08:15:00Z".into(),
            amount: -1_234_567.89,
        };
        assert_eq!(found, [row]);
        Ok(())
    }
}

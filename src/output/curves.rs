//! `curves`: a customer's day as a list.

use super::Table;
use super::column::batch;
use super::labels::same;
use crate::analysis::Outcome;
use crate::curve::VALID;
use crate::error::Result;
use arrow::array::{Date32Array, Float64Array, ListArray, RecordBatch};
use arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use std::sync::Arc;

/// Each day's interval means in real-time order, null where missing.
pub struct Curves;

impl Table for Curves {
    fn name(&self) -> &'static str {
        "curves"
    }

    fn schema(&self) -> SchemaRef {
        Arc::new(Schema::new(vec![
            Field::new("customer_id", DataType::Utf8, false),
            Field::new("date", DataType::Date32, true),
            Field::new("kw", DataType::List(Arc::new(Field::new("item", DataType::Float64, true))), true),
        ]))
    }

    fn rows(&self, outcome: &Outcome) -> Result<RecordBatch> {
        let Some(a) = &outcome.analysis else { return Ok(RecordBatch::new_empty(self.schema())) };
        let load = &a.load;
        let n = load.days().len();
        let complete = (0..n).all(|d| load.day_complete(d));
        let nulls = (!complete).then(|| load.flags().iter().map(|f| f & VALID != 0).collect::<NullBuffer>());
        let values = Float64Array::new(load.kw().to_vec().into(), nulls);
        let mut offsets: Vec<i32> = (0..n).map(|d| load.days().range(d).start as i32).collect();
        offsets.push(load.kw().len() as i32);
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        let item = Arc::new(Field::new("item", DataType::Float64, true));
        let lists = ListArray::new(item, offsets, Arc::new(values), None);
        let dates: Date32Array = (0..n).map(|d| Some(load.date(d).0)).collect();
        batch(&self.schema(), vec![same(&outcome.customer.id, n), Arc::new(dates), Arc::new(lists)])
    }
}

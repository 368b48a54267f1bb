//! `curves`: a customer's day as a list.

use super::Table;
use super::column::{Column, day};
use super::labels::same;
use crate::analysis::Outcome;
use crate::curve::VALID;
use crate::error::Result;
use arrow::array::{Float64Array, ListArray};
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

    fn rows(&self, outcome: &Outcome) -> Result<Vec<Column>> {
        let Some(a) = &outcome.analysis else { return Ok(Vec::new()) };
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
        let dates = day((0..n).map(|d| load.date(d)));
        Ok(vec![same(&outcome.customer.id, n), dates, Column::Values(Arc::new(lists))])
    }
}

use super::*;
use crate::output::TABLES;
use crate::output::labels::{labels, same};
use arrow::array::{
    BooleanArray, Date32Array, Decimal128Array, Float64Array, Int32Array, ListBuilder, PrimitiveBuilder, StringArray,
    TimestampMicrosecondArray,
};
use arrow::compute::concat;
use arrow::datatypes::{Field, Float64Type, Schema};
use parquet::arrow::{ArrowSchemaConverter, ArrowWriter, arrow_reader::ParquetRecordBatchReaderBuilder};
use parquet::basic::Compression;
use parquet::file::metadata::ColumnChunkMetaData;
use std::sync::Arc;

/// What a reader of Parquet finds in a chunk, and what it says of itself.
fn read_back(parts: &[Column], nullable: bool) -> (ArrayRef, ColumnChunkMetaData) {
    let kind = parts[0].values().map_or(DataType::Utf8, |v| v.data_type().clone());
    let schema = Arc::new(Schema::new(vec![Field::new("c", kind, nullable)]));
    let (mut file, _) = ArrowWriter::try_new(Vec::new(), schema, None).unwrap().into_serialized_writer().unwrap();
    let leaf = file.schema_descr().column(0);
    let chunk = Encoder::new().unwrap().chunk(&parts.iter().collect::<Vec<_>>(), &leaf).unwrap();
    let mut group = file.next_row_group().unwrap();
    chunk.append_to(&mut group).unwrap();
    group.close().unwrap();
    let bytes = Bytes::from(file.into_inner().unwrap());
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
    let metadata = builder.metadata().row_group(0).column(0).clone();
    let batches: Vec<_> = builder.build().unwrap().map(|b| b.unwrap()).collect();
    let columns: Vec<&dyn Array> = batches.iter().map(|b| b.column(0).as_ref()).collect();
    (concat(&columns).unwrap(), metadata)
}

fn values(array: impl Array + 'static) -> Column {
    Column::Values(Arc::new(array))
}

/// Holds what is read against what was written, a part for each of `sizes` rows; `some` tells which are there.
fn holds(make: impl Fn(Vec<Option<u64>>) -> ArrayRef) -> Vec<ColumnChunkMetaData> {
    let mut seed = 7_u64;
    let mut random = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        seed >> 11
    };
    let sizes: [&[usize]; 5] = [&[1], &[15, 16, 17], &[1, 300, 1, 257], &[40_000, 30_000, 70_000], &[5, 1000]];
    let there: [fn(u64) -> bool; 4] = [|_| true, |r| r % 5 > 0, |r| r % 50 == 0, |_| false];
    let mut found = Vec::new();
    for (sizes, there) in sizes.iter().flat_map(|s| there.map(|t| (s, t))) {
        let one = |n: &usize| make((0..*n).map(|_| Some(random()).filter(|r| there(*r))).collect());
        let parts: Vec<ArrayRef> = sizes.iter().map(one).collect();
        let columns: Vec<Column> = parts.iter().cloned().map(Column::Values).collect();
        let (read, metadata) = read_back(&columns, true);
        let parts: Vec<&dyn Array> = parts.iter().map(|p| p.as_ref()).collect();
        assert_eq!(&read, &concat(&parts).unwrap(), "{sizes:?}");
        found.push(metadata);
    }
    found
}

#[test]
fn reals_are_read_back() {
    let noise =
        holds(|v| Arc::new(v.iter().map(|r| r.map(|r| f64::from_bits(r << 11 | r >> 42))).collect::<Float64Array>()));
    let mut whole = noise.iter().step_by(4);
    assert!(whole.all(|m| m.compression() == Compression::UNCOMPRESSED), "noise is not compressed");
    let measured = holds(|v| Arc::new(v.iter().map(|r| r.map(|r| (r % 4000) as f64 / 10.0)).collect::<Float64Array>()));
    assert!(measured.iter().any(|m| matches!(m.compression(), Compression::ZSTD(_))));
    assert!(measured.iter().all(|m| m.compressed_size() <= m.uncompressed_size() && m.statistics().is_none()));
}

#[test]
fn whole_numbers_are_read_back_over_their_whole_range() {
    let spread = |r: u64| if r % 3 == 0 { r << 11 } else { r % 97 };
    holds(|v| Arc::new(v.iter().map(|r| r.map(|r| spread(r) as i32)).collect::<Int32Array>()));
    holds(|v| Arc::new(v.iter().map(|r| r.map(|r| spread(r).rotate_left(21) as i32)).collect::<Int32Array>()));
    holds(|v| Arc::new(v.iter().map(|r| r.map(|r| (spread(r) << 1) as i64)).collect::<TimestampMicrosecondArray>()));
    let cents = |r: u64| i128::from(r % 1_999_999_999_999_999_999) - 999_999_999_999_999_999;
    holds(|v| {
        let cents: Decimal128Array = v.iter().map(|r| r.map(cents)).collect();
        Arc::new(cents.with_precision_and_scale(18, 2).unwrap())
    });
}

#[test]
fn dates_and_instants_note_their_ends() {
    let (_, metadata) = read_back(&[values(Date32Array::from(vec![Some(9), None, Some(-4)]))], true);
    assert_eq!(metadata.statistics(), Some(&Statistics::int32(Some(-4), Some(9), None, Some(1), false)));
    let instants = TimestampMicrosecondArray::from(vec![7, 5]).with_timezone("UTC");
    let (_, metadata) = read_back(&[values(instants)], true);
    assert_eq!(metadata.statistics(), Some(&Statistics::int64(Some(5), Some(7), None, Some(0), false)));
}

#[test]
fn flags_and_texts_are_read_back() {
    holds(|v| Arc::new(v.iter().map(|r| r.map(|r| r % 3 == 0)).collect::<BooleanArray>()));
    let text = |r: u64| "标签 ".repeat((r % 4) as usize) + &(r % 613).to_string();
    let found = holds(|v| Arc::new(v.iter().map(|r| r.map(text)).collect::<StringArray>()));
    assert!(found.iter().any(|m| matches!(m.compression(), Compression::ZSTD(_))));
    let long = values(StringArray::from(vec!["x".repeat(65), "b".into()]));
    let (_, metadata) = read_back(&[long], true);
    let ends = metadata.statistics().map(|s| (s.min_bytes_opt(), s.max_bytes_opt()));
    assert_eq!(ends, Some((Some(&b"b"[..]), None)), "an end that is too long is not noted");
}

#[test]
fn lists_are_read_back() {
    holds(|v| {
        let mut lists = ListBuilder::new(PrimitiveBuilder::<Float64Type>::new());
        for day in v.chunks(96) {
            match day.first() {
                Some(Some(r)) if r % 11 == 0 => lists.append_null(),
                Some(Some(r)) if r % 11 == 1 => lists.append(true),
                _ => lists.append_value(day.iter().map(|r| r.map(|r| (r % 1000) as f64))),
            }
        }
        Arc::new(lists.finish())
    });
}

#[test]
fn labels_are_read_back() {
    let texts = |n: usize| (0..n).map(|i| (i % 7 != 3).then(|| format!("标签 {}", i * i % 613))).collect::<Vec<_>>();
    for n in [1, 5, 40, 3000] {
        let values = texts(n);
        let parts: Vec<Column> = values.chunks(17).map(|c| labels(c.iter().map(|t| t.as_deref()))).collect();
        let (read, _) = read_back(&parts, true);
        assert_eq!(read.as_string::<i32>(), &StringArray::from(values), "{n}");
    }
    let (read, metadata) = read_back(&[same("b", 20_000), same("a", 5), same("c", 1)], false);
    let read = read.as_string::<i32>();
    assert_eq!((read.len(), read.value(0), read.value(20_005)), (20_006, "b", "c"));
    let ends = metadata.statistics().map(|s| (s.min_bytes_opt(), s.max_bytes_opt()));
    assert_eq!(ends, Some((Some(&b"a"[..]), Some(&b"c"[..]))));
    let (read, _) = read_back(&[labels([None, None].into_iter())], true);
    assert_eq!(read.as_string::<i32>(), &StringArray::from(vec![None::<&str>, None]));
}

#[test]
fn every_column_of_a_table_has_a_form() {
    for table in TABLES {
        let schema = table.schema();
        let file = ArrowSchemaConverter::new().convert(&schema).unwrap();
        assert_eq!(file.num_columns(), schema.fields().len());
        for (field, leaf) in schema.fields().iter().zip(file.columns()) {
            let kind = match field.data_type() {
                DataType::List(item) => item.data_type(),
                other => other,
            };
            assert!(Form::of(kind, leaf.physical_type()).is_some(), "{} of {}", field.name(), table.name());
        }
    }
}

#[test]
fn rows_that_are_not_of_the_column_are_refused() {
    let file = ArrowSchemaConverter::new().convert(&TABLES[0].schema()).unwrap();
    let refused = |column: Column| Encoder::new().unwrap().chunk(&[&column], &file.column(0)).is_err();
    assert!(refused(values(Float64Array::from(vec![1.0]))));
    assert!(!refused(same("a", 1)));
}

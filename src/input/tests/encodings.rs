//! What a Parquet writer may choose: page versions, codecs, encodings, physical types.

use super::*;
use parquet::basic::{BrotliLevel, Compression, Encoding, GzipLevel, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int96, Int96Type};
use parquet::file::properties::{WriterPropertiesBuilder, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;

const N: usize = 3_000;

fn kw() -> Vec<f64> {
    (0..N).map(|i| (i % 977) as f64 / 4.0).collect()
}

fn columns() -> Columns {
    vec![("customer_id", ids(N)), ("ts", seconds(&labels("2025-01-01", 15, N))), ("kw", doubles(&kw()))]
}

fn read_back(properties: WriterPropertiesBuilder) -> Vec<f64> {
    let dir = tempfile::tempdir().unwrap();
    // Several pages and row groups.
    let properties = properties.set_data_page_row_count_limit(500).set_max_row_group_row_count(Some(2_000));
    write_with(&dir.path().join("a.parquet"), columns(), Some(properties.build()));
    valid(&only(dir.path(), InputOptions::default()))
}

#[test]
fn every_codec_and_page_version_holds_the_same_numbers() {
    let codecs = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::LZ4,
        Compression::LZ4_RAW,
        Compression::ZSTD(ZstdLevel::default()),
        Compression::BROTLI(BrotliLevel::default()),
    ];
    for codec in codecs {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            let properties = WriterProperties::builder().set_compression(codec).set_writer_version(version);
            assert_eq!(read_back(properties), kw(), "{codec} {version:?}");
        }
    }
}

#[test]
fn every_encoding_holds_the_same_numbers() {
    let with = |column: &str, encoding| {
        let path = ColumnPath::from(column);
        WriterProperties::builder().set_dictionary_enabled(false).set_column_encoding(path, encoding)
    };
    let choices = [
        ("kw", Encoding::PLAIN),
        ("kw", Encoding::BYTE_STREAM_SPLIT),
        ("ts", Encoding::DELTA_BINARY_PACKED),
        ("ts", Encoding::BYTE_STREAM_SPLIT),
        ("customer_id", Encoding::DELTA_BYTE_ARRAY),
        ("customer_id", Encoding::DELTA_LENGTH_BYTE_ARRAY),
    ];
    for (column, encoding) in choices {
        assert_eq!(read_back(with(column, encoding)), kw(), "{column} {encoding}");
    }
}

#[test]
fn stamps_of_96_bits_are_instants() {
    // Julian day and nanoseconds of the day, as Impala and old Spark write them.
    let int96 = |seconds: i64| {
        let mut value = Int96::new();
        let nanos = seconds.rem_euclid(86_400) * 1_000_000_000;
        value.set_data(nanos as u32, (nanos >> 32) as u32, (seconds.div_euclid(86_400) + 2_440_588) as u32);
        value
    };
    let message = "message readings { required binary customer_id (UTF8); required int96 ts; required double kw; }";
    let schema = Arc::new(parse_message_type(message).unwrap());
    let dir = tempfile::tempdir().unwrap();
    let file = std::fs::File::create(dir.path().join("a.parquet")).unwrap();
    let mut writer = SerializedFileWriter::new(file, schema, Arc::new(WriterProperties::default())).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let stamps: Vec<Int96> = labels("2025-01-01", 15, N).into_iter().map(int96).collect();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&vec![ByteArray::from("a"); N], None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int96Type>().write_batch(&stamps, None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<DoubleType>().write_batch(&kw(), None, None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
    assert_eq!(valid(&only(dir.path(), InputOptions::default())), kw());
}

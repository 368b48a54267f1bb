//! The pages of a chunk: headers in Thrift's compact protocol, and what closes the chunk.

use super::Chunk;
use super::bits::varint;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::Result;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnDescPtr;
use std::sync::Arc;

/// A number, the field after the last.
const NUMBER: u8 = 0x15;
/// A struct, two fields after the last: the header of a data page.
const DATA_PAGE: u8 = 0x2c;
/// A struct, four fields after the last: the header of a dictionary.
const DICTIONARY_PAGE: u8 = 0x4c;

/// The pages of a chunk so far.
pub struct Pages {
    of: ColumnDescPtr,
    encoding: Encoding,
    bytes: Vec<u8>,
    /// What the chunk would take uncompressed.
    plain: usize,
    values: usize,
    /// Where the pages of data start, after a dictionary.
    data: Option<usize>,
}

impl Pages {
    pub fn new(of: &ColumnDescPtr, encoding: Encoding) -> Self {
        Self { of: Arc::clone(of), encoding, bytes: Vec::new(), plain: 0, values: 0, data: None }
    }

    /// A dictionary of plain values; before all data.
    pub fn dictionary(&mut self, values: usize, body: &[u8]) {
        self.page(2, body.len(), body, DICTIONARY_PAGE, &[values, code(Encoding::PLAIN)]);
        self.data = Some(self.bytes.len());
    }

    /// A page of values, nulls among them, that takes `plain` bytes when it is not compressed.
    pub fn data(&mut self, values: usize, plain: usize, body: &[u8]) {
        let levels = code(Encoding::RLE);
        self.page(0, plain, body, DATA_PAGE, &[values, code(self.encoding), levels, levels]);
        self.values += values;
    }

    fn page(&mut self, kind: usize, plain: usize, body: &[u8], header: u8, fields: &[usize]) {
        let start = self.bytes.len();
        numbers(&mut self.bytes, &[kind, plain, body.len()]);
        self.bytes.push(header);
        numbers(&mut self.bytes, fields);
        self.bytes.extend([0, 0]);
        self.plain += self.bytes.len() - start + plain;
        self.bytes.extend_from_slice(body);
    }

    pub fn finish(self, rows: usize, zstd: bool, statistics: Option<Statistics>) -> Result<Chunk> {
        let compression = if zstd { Compression::ZSTD(ZstdLevel::default()) } else { Compression::UNCOMPRESSED };
        let mut encodings = vec![Encoding::RLE, self.encoding];
        encodings.extend(self.data.map(|_| Encoding::PLAIN));
        let mut metadata = ColumnChunkMetaData::builder(self.of)
            .set_compression(compression)
            .set_encodings(encodings)
            .set_total_compressed_size(self.bytes.len() as i64)
            .set_total_uncompressed_size(self.plain as i64)
            .set_num_values(self.values as i64)
            .set_dictionary_page_offset(self.data.map(|_| 0))
            .set_data_page_offset(self.data.unwrap_or(0) as i64);
        if let Some(statistics) = statistics {
            metadata = metadata.set_statistics(statistics);
        }
        let close = ColumnCloseResult {
            bytes_written: self.bytes.len() as u64,
            rows_written: rows as u64,
            metadata: metadata.build()?,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        Ok(Chunk { bytes: self.bytes.into(), close })
    }
}

fn numbers(out: &mut Vec<u8>, values: &[usize]) {
    for value in values {
        out.push(NUMBER);
        varint(out, (*value as u64) << 1);
    }
}

/// The number of an encoding in the format.
fn code(encoding: Encoding) -> usize {
    match encoding {
        Encoding::RLE => 3,
        Encoding::DELTA_BINARY_PACKED => 5,
        Encoding::RLE_DICTIONARY => 8,
        Encoding::BYTE_STREAM_SPLIT => 9,
        _ => 0,
    }
}

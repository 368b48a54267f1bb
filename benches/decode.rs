//! Reading alone: every column that an analysis needs, with and without reactive power, by the pages decoded here
//! and by Arrow's reader.
//!
//! `PEAKWISE_BENCH_READINGS=DIR cargo bench --bench decode` measures files of one's own.

use arrow::array::RecordBatchReader;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use peakwise::input::decode::RowGroup;
use peakwise::input::file::{IdPart, IdSource, ReadingsFile, StampSource};
use peakwise::input::index::keys;
use peakwise::input::{InputOptions, Readings};
use peakwise::synth::{SynthOptions, run};
use std::fs::File;
use std::hint::black_box;

type Fault = Box<dyn std::error::Error>;

/// Columns decoded batch by batch into nothing but a sum.
fn by_pages(files: &[ReadingsFile]) -> Result<f64, Fault> {
    let mut sum = 0.0;
    for file in files {
        for group in 0..file.metadata.num_row_groups() {
            sum += keys(file, group)?.0.rows() as f64;
            let reader = RowGroup::open(file, group)?;
            let mut last = 0;
            reader.for_ticks(&mut |ticks| last = ticks.last().copied().unwrap_or(last))?;
            sum += last as f64;
            for leaf in file.channels.iter().flat_map(|c| &c.leaves) {
                reader.for_numbers(*leaf, &mut |values, _| sum += values.iter().sum::<f64>())?;
            }
        }
    }
    Ok(sum)
}

/// The same columns as record batches.
fn by_arrow(files: &[ReadingsFile]) -> Result<usize, Fault> {
    let mut rows = 0;
    for file in files {
        let mut leaves: Vec<usize> = file.channels.iter().flat_map(|c| c.leaves.clone()).collect();
        leaves.extend(match &file.id {
            IdSource::One(IdPart::Column(leaf)) => Some(*leaf),
            _ => None,
        });
        leaves.extend(match file.stamp {
            StampSource::Ticks { leaf, .. } | StampSource::Converted { leaf } => Some(leaf),
            StampSource::Partition(_) => None,
        });
        let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(&file.path)?)?;
        let mask = ProjectionMask::leaves(builder.parquet_schema(), leaves);
        let reader = builder.with_projection(mask).with_batch_size(8192).build()?;
        black_box(reader.schema());
        for batch in reader {
            rows += black_box(batch?).num_rows();
        }
    }
    Ok(rows)
}

fn decode(c: &mut Criterion) {
    let mut work = || -> Result<(), Fault> {
        let dir = tempfile::tempdir()?;
        let given = std::env::var("PEAKWISE_BENCH_READINGS").ok();
        let inputs = if let Some(given) = given {
            given
        } else {
            let out = dir.path().join("fleet");
            let options = SynthOptions { out: out.clone(), customers: 4, days: 40, ..SynthOptions::default() };
            run(&options)?;
            out.join("readings").display().to_string()
        };
        let mut fault = None;
        for (name, reactive) in [("decode", true), ("decode without reactive", false)] {
            let options = InputOptions { reactive, ..InputOptions::default() };
            let readings = Readings::open(std::slice::from_ref(&inputs), options)?;
            let rows: u64 = readings.files.iter().map(|f| f.rows * f.points as u64).sum();
            let mut group = c.benchmark_group(name);
            group.sample_size(10).throughput(Throughput::Elements(rows));
            group.bench_function("pages", |b| b.iter(|| by_pages(&readings.files).map_err(|e| fault = Some(e)).ok()));
            group.bench_function("arrow", |b| b.iter(|| by_arrow(&readings.files).map_err(|e| fault = Some(e)).ok()));
            group.finish();
        }
        fault.map_or(Ok(()), Err)
    };
    if let Err(e) = work() {
        eprintln!("error: {e}");
        std::process::exit(1);
    }
}

criterion_group!(benches, decode);
criterion_main!(benches);

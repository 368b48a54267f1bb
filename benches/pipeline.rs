//! The whole run, from Parquet to tables and pages, in processes of its own: rows a second and peak
//! memory over fleets of growing size, layouts and thread counts.

use criterion::{BenchmarkId, Criterion, Throughput};
use peakwise::synth::{SynthOptions, run};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

/// Customers of the fleets; `PEAKWISE_BENCH_CUSTOMERS=10,5000` asks for others.
const CUSTOMERS: &[u64] = &[10, 100, 1000];
/// The fleet and the dates in test mode, where only that the bench works is to be seen.
const TEST: (u64, u32) = (4, 40);
/// Days of a fleet otherwise.
const DAYS: u32 = 365;

type Fault = Box<dyn std::error::Error>;

/// A fleet on disk.
struct Fleet {
    dir: PathBuf,
    rows: u64,
}

impl Fleet {
    fn make(dir: &Path, layout: &str, customers: u64, days: u32) -> Result<Self, Fault> {
        let out = dir.join(format!("{layout}-{customers}"));
        let options =
            SynthOptions { out: out.clone(), customers, days, layout: layout.into(), ..SynthOptions::default() };
        Ok(Self { rows: run(&options)?.n_readings, dir: out })
    }

    /// Runs the program once: wall-clock time and peak memory in MiB.
    fn analyze(&self, threads: usize) -> Result<(Duration, Option<f64>), Fault> {
        let (file, out) = (|name: &str| self.dir.join(name), self.dir.join("out"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_peakwise"));
        command.arg("analyze").arg(file("readings"));
        for side in ["customers", "meters", "transformers"] {
            command.arg(format!("--{side}")).arg(file(&format!("{side}.csv")));
        }
        command.args(["--tariff", "demo-two-part", "--no-hash", "--quiet", "--force", "--threads"]);
        command.arg(threads.to_string()).arg("--out").arg(&out);
        let start = Instant::now();
        let output = command.output()?;
        let took = start.elapsed();
        if !output.status.success() {
            return Err(format!("analyze: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        let manifest: serde_json::Value = serde_json::from_slice(&std::fs::read(out.join("run.json"))?)?;
        Ok((took, manifest["peak_memory_mib"].as_f64()))
    }
}

fn customers(test: bool) -> Result<Vec<u64>, Fault> {
    match std::env::var("PEAKWISE_BENCH_CUSTOMERS") {
        Ok(list) => Ok(list.split(',').map(|n| n.trim().parse()).collect::<Result<_, _>>()?),
        Err(_) if test => Ok(vec![TEST.0]),
        Err(_) => Ok(CUSTOMERS.to_vec()),
    }
}

fn bench(criterion: &mut Criterion, test: bool) -> Result<(), Fault> {
    let dir = tempfile::tempdir()?;
    let days = if test { TEST.1 } else { DAYS };
    println!("| customers | layout | threads | readings | seconds | readings/s | peak MiB |");
    println!("|---|---|---|---|---|---|---|");
    for n in customers(test)? {
        for layout in ["long", "daily", "wide"] {
            let fleet = Fleet::make(dir.path(), layout, n, days)?;
            let mut group = criterion.benchmark_group(format!("pipeline/{layout}"));
            group.sample_size(10).throughput(Throughput::Elements(fleet.rows));
            for threads in [1, 2] {
                let (took, mib) = fleet.analyze(threads)?;
                let seconds = took.as_secs_f64();
                let mib = mib.map_or_else(|| "?".into(), |m| format!("{m:.0}"));
                let rate = fleet.rows as f64 / seconds;
                println!("| {n} | {layout} | {threads} | {} | {seconds:.2} | {rate:.0} | {mib} |", fleet.rows);
                if test {
                    continue;
                }
                let mut fault = None;
                group.bench_function(BenchmarkId::new(format!("{threads} threads"), n), |b| {
                    b.iter_custom(|iterations| {
                        let mut total = Duration::ZERO;
                        for _ in 0..iterations {
                            match fleet.analyze(threads) {
                                Ok((took, _)) => total += took,
                                Err(e) => fault = Some(e),
                            }
                        }
                        total
                    });
                });
                if let Some(fault) = fault {
                    return Err(fault);
                }
            }
            group.finish();
            std::fs::remove_dir_all(&fleet.dir)?;
        }
    }
    Ok(())
}

fn main() -> ExitCode {
    // `cargo bench` passes --bench; without it, as under `cargo test`, criterion only tries things out.
    let given = |flag: &str| std::env::args().any(|a| a == flag);
    let test = given("--test") || !given("--bench");
    let mut criterion = Criterion::default().configure_from_args();
    if let Err(e) = bench(&mut criterion, test) {
        eprintln!("error: {e}");
        return ExitCode::FAILURE;
    }
    criterion.final_summary();
    ExitCode::SUCCESS
}

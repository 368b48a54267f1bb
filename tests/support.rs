//! What several kinds of tests use: running the program, and reading its tables.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::OnceLock;

/// Result of a test and its helpers.
pub type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// The program with arguments.
pub fn peakwise<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> assert_cmd::Command {
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_peakwise"));
    command.env_remove("PEAKWISE_THREADS").args(arguments);
    command
}

/// Runs the program; its exit code, standard output and standard error.
pub fn run<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Outcome<(i32, String, String)> {
    let Output { status, stdout, stderr } = peakwise(arguments).output()?;
    let code = status.code().ok_or("ended by a signal")?;
    Ok((code, String::from_utf8(stdout)?, String::from_utf8(stderr)?))
}

/// A path as an argument.
pub fn arg(path: &Path) -> String {
    path.display().to_string()
}

/// The demonstration, run once for all tests by the program itself.
pub struct Demo {
    _dir: tempfile::TempDir,
    /// Its `--out`.
    pub out: PathBuf,
    /// What it printed.
    pub printed: String,
}

/// The demonstration's results.
pub fn demo() -> &'static Demo {
    static DEMO: OnceLock<Demo> = OnceLock::new();
    DEMO.get_or_init(|| {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let out = dir.path().join("demo");
        let (code, printed, errors) = run(["demo", "--out", &arg(&out)]).expect("the demonstration runs");
        assert_eq!(code, 0, "{errors}");
        Demo { _dir: dir, out, printed }
    })
}

impl Demo {
    /// A table of the demonstration.
    pub fn table(&self, name: &str) -> Outcome<Rows> {
        Rows::read(&self.out.join("report/tables").join(format!("{name}.parquet")))
    }
}

/// A table in memory.
#[derive(Debug)]
pub struct Rows {
    /// Its columns.
    pub batch: RecordBatch,
}

impl Rows {
    /// Reads a Parquet file.
    pub fn read(path: &Path) -> Outcome<Self> {
        let file = File::open(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
        let schema = builder.schema().clone();
        let batches = builder.build()?.collect::<Result<Vec<_>, _>>()?;
        Ok(Self { batch: concat_batches(&schema, &batches)? })
    }

    /// A table of an output directory.
    pub fn of(out: &Path, table: &str) -> Outcome<Self> {
        Self::read(&out.join("tables").join(format!("{table}.parquet")))
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.batch.num_rows()
    }

    fn column(&self, name: &str) -> Outcome<&dyn Array> {
        Ok(self.batch.column_by_name(name).ok_or_else(|| format!("no column {name}"))?.as_ref())
    }

    /// A column as text.
    pub fn text(&self, name: &str) -> Outcome<Vec<Option<String>>> {
        let column = cast(self.column(name)?, &DataType::Utf8)?;
        Ok(column.as_string::<i32>().iter().map(|v| v.map(ToOwned::to_owned)).collect())
    }

    /// A column as text without nulls.
    pub fn ids(&self, name: &str) -> Outcome<Vec<String>> {
        self.text(name)?.into_iter().map(|v| v.ok_or_else(|| format!("null in {name}").into())).collect()
    }

    /// A column as reals.
    pub fn reals(&self, name: &str) -> Outcome<Vec<Option<f64>>> {
        let column = cast(self.column(name)?, &DataType::Float64)?;
        Ok(column.as_primitive::<Float64Type>().iter().collect())
    }

    /// A column of yes and no.
    pub fn flags(&self, name: &str) -> Outcome<Vec<bool>> {
        Ok(self.column(name)?.as_boolean().iter().map(|f| f == Some(true)).collect())
    }

    /// A column as whole numbers.
    pub fn wholes(&self, name: &str) -> Outcome<Vec<Option<i64>>> {
        let column = cast(self.column(name)?, &DataType::Int64)?;
        Ok(column.as_primitive::<Int64Type>().iter().collect())
    }

    /// A column of instants in seconds: as labelled, whatever the zone.
    pub fn seconds(&self, name: &str) -> Outcome<Vec<Option<i64>>> {
        let zone = match self.column(name)?.data_type() {
            DataType::Timestamp(_, zone) => zone.clone(),
            other => return Err(format!("{name} is {other}").into()),
        };
        let column = cast(self.column(name)?, &DataType::Timestamp(TimeUnit::Microsecond, zone))?;
        Ok(column
            .as_primitive::<TimestampMicrosecondType>()
            .iter()
            .map(|t| t.map(|t| t.div_euclid(1_000_000)))
            .collect())
    }

    /// An instant as `2018-11-22 09:45`.
    pub fn instants(&self, name: &str) -> Outcome<Vec<Option<String>>> {
        let label = |t: i64| Some(jiff::Timestamp::from_second(t).ok()?.strftime("%Y-%m-%d %H:%M").to_string());
        Ok(self.seconds(name)?.into_iter().map(|t| t.and_then(label)).collect())
    }
}

/// The bytes of every table of an output directory.
pub fn tables(out: &Path) -> Outcome<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(out.join("tables"))? {
        let path = entry?.path();
        let name = path.file_stem().and_then(|s| s.to_str()).ok_or("a name")?.to_owned();
        found.insert(name, fs::read(&path)?);
    }
    Ok(found)
}

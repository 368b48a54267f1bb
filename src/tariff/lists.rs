//! The lists that some tariffs need beside their file: declared days and peaks of the system.

use super::{DeclaredDays, SystemPeak};
use crate::error::Result;
use crate::register::{Column, Table};
use crate::text::said;
use std::path::Path;
use std::sync::Arc;

const DATE: Column = Column { name: "date", aliases: &["日期"] };
const AT: Column = Column { name: "at", aliases: &["start", "ts", "time", "datetime", "时间", "时刻"] };
const MINUTES: Column = Column { name: "minutes", aliases: &["duration"] };
const SYSTEM: Column = Column { name: "system", aliases: &["operator"] };
const SOURCE: Column = Column { name: "source", aliases: &["来源"] };
/// Length of a peak where the list does not say; system peaks are published by the hour.
const HOUR: u32 = 60;

impl DeclaredDays {
    /// Reads `date,source`, from CSV or Parquet.
    ///
    /// # Errors
    /// Names file, row, column and cure of the first wrong cell; every date has its source.
    pub fn read(path: &Path) -> Result<Self> {
        let table = Table::read(path, &[DATE, SOURCE])?;
        table.require(&DATE)?;
        table.require(&SOURCE)?;
        let mut days = Vec::new();
        for row in table.rows() {
            let date = row.date("date")?.ok_or_else(|| row.wrong("date", said("side.empty"), said("side.day_cure")))?;
            let source = row.text("source").filter(|s| !s.is_empty());
            let source = source.ok_or_else(|| row.wrong("source", said("side.empty"), said("side.day_source_cure")))?;
            days.push((date, source.to_owned()));
        }
        Ok(Self::new(days))
    }
}

impl SystemPeak {
    /// Reads `at,minutes,system,source`, from CSV or Parquet, in the order of time; `minutes` is 60
    /// and `system` empty where they are not given.
    ///
    /// # Errors
    /// Names file, row, column and cure of the first wrong cell; every peak has its source.
    pub fn read(path: &Path) -> Result<Arc<[Self]>> {
        let table = Table::read(path, &[AT, MINUTES, SYSTEM, SOURCE])?;
        table.require(&AT)?;
        table.require(&SOURCE)?;
        let mut peaks = Vec::new();
        for row in table.rows() {
            let start = row.local("at")?.ok_or_else(|| row.wrong("at", said("side.empty"), said("side.peak_cure")))?;
            let source = row.text("source").filter(|s| !s.is_empty());
            peaks.push(Self {
                start,
                minutes: row.whole("minutes", 5, 1440)?.unwrap_or(HOUR),
                system: row.text("system").filter(|s| !s.is_empty()).map(str::to_owned),
                source: source
                    .ok_or_else(|| row.wrong("source", said("side.empty"), said("side.peak_source_cure")))?
                    .to_owned(),
            });
        }
        peaks.sort();
        Ok(peaks.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_a_source_for_every_row() {
        let dir = tempfile::tempdir().unwrap();
        let put = |text: &str| {
            let path = dir.path().join("list.csv");
            std::fs::write(&path, text).unwrap();
            path
        };
        let days = DeclaredDays::read(&put("date,source\n2026-07-31,notice 7\n")).unwrap();
        assert_eq!(days.source("2026-07-31".parse().unwrap()), Some("notice 7"));
        let e = DeclaredDays::read(&put("date,source\n2026-07-31,\n")).map(|_| ()).unwrap_err().to_string();
        assert!(e.contains("row 2, column source: it is empty; say where the day was published"), "{e}");
        let peaks = SystemPeak::read(&put("at,system,source\n2026-07-31 16:00,PJM,x\n2026-06-01 17:00,,y\n")).unwrap();
        assert_eq!((peaks.len(), peaks[1].minutes, peaks[1].system.as_deref()), (2, 60, Some("PJM")));
        assert_eq!(peaks[0].date().to_string(), "2026-06-01");
    }
}

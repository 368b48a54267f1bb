//! The temperature file.

use super::{Column, Row, Table};
use crate::error::Result;
use crate::text::{said, say};
use crate::time::Date;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

const CUSTOMER: Column =
    Column { name: "customer_id", aliases: &["account_id", "用户编号", "户号", "客户编号", "用户号"] };
const REGION: Column = Column { name: "region", aliases: &["地区", "区域", "供电单位", "站点"] };
const TS: Column = Column { name: "ts", aliases: &["time", "datetime", "时间", "数据时间", "观测时间"] };
const TEMP: Column = Column { name: "temp_c", aliases: &["temperature", "temp", "气温", "温度"] };
const HOUR_SECONDS: i64 = 3600;
/// Hours of a day.
const HOURS: i64 = 24;

/// Hourly mean temperatures of a place in °C, by local wall-clock hour.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    /// Hours since 1970-01-01T00:00 local of the first value.
    first: i64,
    /// Mean of the hour's values; NaN stands for none and never leaves this module.
    values: Vec<f64>,
}

impl Series {
    /// From (wall-clock second, °C) in any order; several values of an hour are averaged.
    #[must_use]
    pub fn new(points: &[(i64, f64)]) -> Self {
        let hours = || points.iter().map(|p| p.0.div_euclid(HOUR_SECONDS));
        let (Some(first), Some(last)) = (hours().min(), hours().max()) else { return Self::default() };
        let mut sums = vec![(0.0, 0u32); (last - first + 1) as usize];
        for ((_, value), hour) in points.iter().zip(hours()) {
            if let Some(cell) = sums.get_mut((hour - first) as usize) {
                *cell = (cell.0 + value, cell.1 + 1);
            }
        }
        let mean = |(sum, n): (f64, u32)| if n > 0 { sum / f64::from(n) } else { f64::NAN };
        Self { first, values: sums.into_iter().map(mean).collect() }
    }

    /// Mean temperature of a date; `None` unless every hour has a value.
    #[must_use]
    pub fn day(&self, date: Date) -> Option<f64> {
        let start = usize::try_from(i64::from(date.0) * HOURS - self.first).ok()?;
        let hours = self.values.get(start..start + HOURS as usize)?;
        let mean = hours.iter().sum::<f64>() / HOURS as f64;
        mean.is_finite().then_some(mean)
    }
}

/// Temperatures by customer and by region; a customer's own go before his region's.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Temperatures {
    customers: BTreeMap<Arc<str>, Series>,
    regions: BTreeMap<String, Series>,
}

impl Temperatures {
    /// The series of a customer.
    #[must_use]
    pub fn of(&self, id: &str, region: Option<&str>) -> Option<&Series> {
        self.customers.get(id).or_else(|| self.regions.get(region?))
    }
}

/// Reads the file. Rows are of a customer, of a region where the customer is empty, or of every
/// customer of a region.
pub(super) fn load(path: &Path, notes: &mut Vec<String>) -> Result<Temperatures> {
    let table = Table::read(path, &[CUSTOMER, REGION, TS, TEMP])?;
    table.require(&TS)?;
    table.require(&TEMP)?;
    if !table.has(CUSTOMER.name) {
        table.require(&REGION)?;
    }
    notes.extend_from_slice(table.notes());
    let (mut customers, mut regions) = (BTreeMap::<Arc<str>, Vec<_>>::new(), BTreeMap::<String, Vec<_>>::new());
    for row in table.rows() {
        let Some(point) = point(row)? else { continue };
        match (row.text(CUSTOMER.name), row.text(REGION.name)) {
            (Some(_), _) => customers.entry(row.id(CUSTOMER.name)?.into()).or_default().push(point),
            (None, Some(region)) => regions.entry(region.to_owned()).or_default().push(point),
            (None, None) => {
                return Err(row.wrong(REGION.name, said("side.no_region"), said("side.region_cure")));
            }
        }
    }
    Ok(Temperatures {
        customers: customers.into_iter().map(|(k, v)| (k, Series::new(&v))).collect(),
        regions: regions.into_iter().map(|(k, v)| (k, Series::new(&v))).collect(),
    })
}

/// Lowest and highest temperature that a station can have seen, °C (records of the earth's surface).
const POSSIBLE: std::ops::RangeInclusive<f64> = -90.0..=60.0;

/// A row's second and temperature; `None` where the temperature is unknown.
fn point(row: Row<'_>) -> Result<Option<(i64, f64)>> {
    let at = row.local(TS.name)?.ok_or_else(|| row.wrong(TS.name, said("side.empty"), said("side.local_time_cure")))?;
    let Some(value) = row.number(TEMP.name)? else { return Ok(None) };
    if !POSSIBLE.contains(&value) {
        return Err(row.wrong(
            TEMP.name,
            say("side.no_temperature", &[("value", &value)]),
            said("side.temperature_cure"),
        ));
    }
    Ok(Some((at, value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    #[test]
    fn a_day_needs_all_its_hours_and_finer_values_are_averaged() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.csv");
        let mut text = String::from("region,ts,temp_c\n");
        for half in 0..96 {
            let (day, minute) = (1 + half / 48, half % 48 * 30);
            if half < 90 {
                let _ = writeln!(text, "East,2025-07-0{day} {:02}:{:02},{}", minute / 60, minute % 60, 20 + half % 2);
            }
        }
        std::fs::write(&path, text).unwrap();
        let temperatures = load(&path, &mut Vec::new()).unwrap();
        let series = temperatures.of("C1", Some("East")).unwrap();
        let date = |d: &str| d.parse::<Date>().unwrap();
        assert_eq!(series.day(date("2025-07-01")), Some(20.5));
        assert_eq!(series.day(date("2025-07-02")), None, "three hours lack");
        assert_eq!(series.day(date("2025-06-30")), None);
        assert!(temperatures.of("C1", Some("West")).is_none());
    }

    #[test]
    fn a_wrong_cell_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.csv");
        std::fs::write(&path, "region,ts,temp_c\nEast,2025-07-01 00:00,81\n").unwrap();
        let error = load(&path, &mut Vec::new()).unwrap_err().to_string();
        assert!(error.contains("81") && error.contains("temp_c"), "{error}");
        std::fs::write(&path, "ts,temp_c\n2025-07-01 00:00,21\n").unwrap();
        assert!(load(&path, &mut Vec::new()).unwrap_err().to_string().contains("region"));
    }
}

//! The days of the whole period: highest, mean and lowest load of each.

use super::{Frame, Svg, Trace};
use crate::report::Numbers;
use crate::time::{Date, Month};

/// One day; `None` without a usable reading.
pub type DayValues = Option<DayLevels>;

/// Levels of one day in kW.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DayLevels {
    /// Lowest interval mean.
    pub min: f64,
    /// Mean.
    pub mean: f64,
    /// Highest interval mean.
    pub max: f64,
}

const SIZE: (f64, f64) = (720.0, 230.0);
/// Columns drawn at most: more would not be seen.
const MOST: usize = 190;
/// Days up to which the axis counts days.
const MONTH: usize = 31;

/// Draws the range from lowest to highest of each day with the mean as a line.
#[must_use]
pub fn year_chart(first: Date, days: &[DayValues], title: &str, numbers: Numbers) -> String {
    let mut svg = Svg::new(SIZE.0, SIZE.1, title);
    let known = || days.iter().flatten();
    let extent = super::day::extent(known().flat_map(|d| [d.min, d.max]));
    let n = days.len().max(1);
    let frame = Frame::draw(&mut svg, SIZE, (0.0, n as f64), extent, (numbers, "kW"));
    let per = n.div_ceil(MOST);
    let x = |i: usize| frame.x.at((i * per) as f64 + per as f64 / 2.0);
    let groups: Vec<DayValues> = days.chunks(per).map(merged).collect();
    let line = |value: fn(&DayLevels) -> f64| -> Vec<Option<(f64, f64)>> {
        groups.iter().enumerate().map(|(i, d)| d.as_ref().map(|d| (x(i), frame.y.at(value(d))))).collect()
    };
    svg.path("range", &Trace::between(&line(|d| d.max), &line(|d| d.min)));
    svg.path("ln now thin", &Trace::through(line(|d| d.mean)));
    if n <= MONTH {
        // Days of a month, the first of each week.
        for (i, date) in (0..n).map(|i| (i, first.plus(i as i32))).step_by(7) {
            let (_, month, day) = date.ymd();
            let at = frame.x.at(i as f64);
            svg.line("tick", (at, frame.y.range.0), (at, frame.y.range.0 + 4.0));
            let label = if i == 0 { numbers.month_name(month) } else { day.to_string() };
            frame.x_label(&mut svg, at + 2.0, "start", &label);
        }
        return svg.finish();
    }
    let months = (n / 400).max(1) as i32 * if n > 400 { 2 } else { 1 };
    for (i, date) in (0..n).map(|i| (i, first.plus(i as i32))).filter(|(i, d)| d.ymd().2 == 1 || *i == 0) {
        let at = frame.x.at(i as f64);
        let month = Month::of(date);
        let room = f64::from((Month(month.0 + months).first().0 - date.0).min((n - i) as i32));
        svg.line("tick", (at, frame.y.range.0), (at, frame.y.range.0 + 4.0));
        if month.0.rem_euclid(months) == 0 && frame.x.at(room) - frame.x.at(0.0) >= 40.0 {
            frame.x_label(&mut svg, at + 2.0, "start", &numbers.month_name(month.month()));
        }
    }
    svg.finish()
}

/// Several days as one: lowest of the lowest, mean of the means, highest of the highest.
fn merged(days: &[DayValues]) -> DayValues {
    let known: Vec<&DayLevels> = days.iter().flatten().collect();
    let n = known.len() as f64;
    let first = **known.first()?;
    Some(known.iter().fold(DayLevels { mean: 0.0, ..first }, |a, d| DayLevels {
        min: a.min.min(d.min),
        mean: a.mean + d.mean / n,
        max: a.max.max(d.max),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Language;

    #[test]
    fn days_without_readings_interrupt_the_picture() {
        let day = Some(DayLevels { min: 10.0, mean: 20.0, max: 40.0 });
        let days = [day, day, None, day, day];
        let s = year_chart("2025-01-01".parse().unwrap(), &days, "t", Numbers(Language::En));
        let range = s.split("class=\"range\" d=\"").nth(1).and_then(|r| r.split('"').next()).unwrap();
        assert_eq!(range.matches('M').count(), 2);
    }

    #[test]
    fn three_years_are_merged_without_losing_an_extreme() {
        let levels = |k: usize| DayLevels { min: k as f64, mean: 500.0, max: 1000.0 + k as f64 };
        let merged = merged(&[Some(levels(3)), None, Some(levels(9))]).unwrap();
        assert_eq!(merged, DayLevels { min: 3.0, mean: 500.0, max: 1009.0 });
    }
}

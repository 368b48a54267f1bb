//! Power and energy of one quantity side by side: whether they say the same.

use super::hints::{Hint, HintKind};
use crate::error::Result;
use crate::input::Readings;
use crate::input::columns::{Channel, Role, role_name};
use crate::input::decode::RowGroup;
use crate::input::file::{ReadingsFile, Twin};
use std::collections::{BTreeMap, BTreeSet};

/// Deviation of the median hours from every interval length above which the columns contradict each
/// other (judgement: rounding stays below).
const APART: f64 = 0.02;

/// A hint for each pair of columns that contradict each other, from the first rows of the first file that
/// has them.
pub fn contradictions(readings: &Readings, intervals: &BTreeMap<u32, usize>) -> Vec<Hint> {
    let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut out = Vec::new();
    for file in &readings.files {
        for twin in &file.twins {
            let names = (file.column_name(twin.read.1), file.column_name(twin.left.1));
            if seen.insert(names) {
                // A column that cannot be read is told where it is needed.
                let found = hours(file, twin).ok().flatten();
                out.extend(found.and_then(|found| hint(file, (names.0, names.1, twin.left.0), found, intervals)));
            }
        }
    }
    out
}

/// Median of energy over power in hours, and how many rows tell it; `None` when none does.
fn hours(file: &ReadingsFile, twin: &Twin) -> Result<Option<(f64, usize)>> {
    let Some(group) = (0..file.metadata.num_row_groups()).find(|g| file.metadata.row_group(*g).num_rows() > 0) else {
        return Ok(None);
    };
    let reader = RowGroup::open(file, group)?;
    let (read, left) = (reader.numbers(twin.read.1)?.values, reader.numbers(twin.left.1)?.values);
    let ratio = |(a, b): (&f64, &f64)| if twin.read.0.is_energy() { a / b } else { b / a };
    // Nulls are 0, and so is the quotient of an idle interval.
    let mut ratios: Vec<f64> = read.iter().zip(&left).map(ratio).filter(|r| r.is_finite() && *r > 0.0).collect();
    ratios.sort_unstable_by(f64::total_cmp);
    Ok(ratios.get(ratios.len() / 2).map(|median| (*median, ratios.len())))
}

fn hint(
    file: &ReadingsFile,
    (read, left, left_channel): (&str, &str, Channel),
    (hours, rows): (f64, usize),
    intervals: &BTreeMap<u32, usize>,
) -> Option<Hint> {
    let lengths = || intervals.keys().map(|m| f64::from(*m) / 60.0);
    if intervals.is_empty() || lengths().any(|h| (hours / h - 1.0).abs() <= APART) {
        return None;
    }
    let minutes: Vec<String> = intervals.keys().map(ToString::to_string).collect();
    Some(Hint {
        kind: HintKind::Contradicted,
        what: format!(
            "{read} and {left} of {} contradict each other: energy is {hours:.3} h of the power (median of {rows} rows), where \
             intervals are {} minutes; {read} is read",
            file.path.display(),
            minutes.join(", ")
        ),
        cure: format!(
            "ask the source which is right; --column {}={left} reads the other",
            role_name(Role::Value(left_channel))
        ),
    })
}

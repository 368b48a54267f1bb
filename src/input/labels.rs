//! The labels of wide rows.

use super::options::{FirstPoint, InputOptions, Midnight, Stamp};
use crate::time::DAY_SECONDS;

/// Start of the first interval of a wide row, from the label of its date in seconds.
#[must_use]
pub fn wide_start(label: i64, step: i64, options: &InputOptions) -> i64 {
    let day = label - label.rem_euclid(DAY_SECONDS);
    match (options.first_point, options.stamp) {
        (FirstPoint::Midnight, Stamp::Start) | (FirstPoint::AfterOne, Stamp::End) => day,
        (FirstPoint::Midnight, Stamp::End) => day - step,
        (FirstPoint::AfterOne, Stamp::Start) => day + step,
    }
}

/// The labels in seconds that the points of a wide row would have as long rows under the same options.
pub fn wide_labels(date: i64, points: usize, options: &InputOptions) -> impl Iterator<Item = i64> + use<> {
    let step = DAY_SECONDS / points.max(1) as i64;
    let first = wide_start(date, step, options) + if options.stamp == Stamp::End { step } else { 0 };
    let same = options.midnight == Midnight::Same;
    (0..points as i64).map(move |k| {
        let label = first + k * step;
        // 24:00 of the same date.
        if same && label.rem_euclid(DAY_SECONDS) == 0 { label - DAY_SECONDS } else { label }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_labelled_as_long_rows_would_be() {
        use FirstPoint::{AfterOne, Midnight as FromMidnight};
        let hour = 3600;
        let of = |first_point, stamp, midnight| {
            let options = InputOptions { first_point, stamp, midnight, ..InputOptions::default() };
            let labels: Vec<i64> = wide_labels(10 * DAY_SECONDS, 24, &options).map(|l| l - 10 * DAY_SECONDS).collect();
            (labels[0] / hour, labels[22] / hour, labels[23] / hour)
        };
        assert_eq!(of(FromMidnight, Stamp::Start, Midnight::Next), (0, 22, 23));
        assert_eq!(of(AfterOne, Stamp::End, Midnight::Next), (1, 23, 24));
        assert_eq!(of(AfterOne, Stamp::End, Midnight::Same), (1, 23, 0));
        assert_eq!(of(AfterOne, Stamp::Start, Midnight::Next), (1, 23, 24));
        assert_eq!(of(FromMidnight, Stamp::End, Midnight::Next), (0, 22, 23));
    }
}

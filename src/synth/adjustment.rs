//! The power-factor adjustment in closed form.

/// cos φ in hundredths, rounded half up.
pub(super) fn hundredths(cos_phi: f64) -> i32 {
    (cos_phi * 100.0 + 0.5).floor() as i32
}

/// The power-factor adjustment of 〔83〕水电财字215号 in closed form, as a share: surcharge positive.
/// Standard and cos φ in hundredths. Another standard has no adjustment.
pub(super) fn adjustment(standard: i32, k: i32) -> f64 {
    let percent = match (standard, k) {
        (90, 95..) => -0.75,
        (90, 90..) => -0.15 * f64::from(k - 90),
        (85, 94..) => -1.10,
        (85, 90..) => -0.50 - 0.15 * f64::from(k - 90),
        (85, 85..) => -0.10 * f64::from(k - 85),
        (80, 92..) => -1.30,
        (80, 90..) => -1.00 - 0.15 * f64::from(k - 90),
        (80, 80..) => -0.10 * f64::from(k - 80),
        (90 | 85 | 80, _) => surcharge(standard - k),
        _ => 0.0,
    };
    percent / 100.0
}

/// Surcharge in per cent for so many hundredths below the standard: half a per cent each for the first
/// twenty, one for the next five, two beyond.
fn surcharge(below: i32) -> f64 {
    let part = |from: i32, to: i32, each: f64| f64::from((below - from).clamp(0, to - from)) * each;
    part(0, 20, 0.5) + part(20, 25, 1.0) + part(25, 100, 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points of the published table, 〔83〕水电财字215号.
    #[test]
    fn the_adjustment_is_that_of_the_published_table() {
        let rows = [
            (90, 96, -0.75),
            (90, 94, -0.60),
            (90, 90, 0.0),
            (90, 89, 0.5),
            (90, 70, 10.0),
            (90, 65, 15.0),
            (90, 64, 17.0),
            (85, 94, -1.10),
            (85, 92, -0.80),
            (85, 86, -0.10),
            (85, 65, 10.0),
            (85, 60, 15.0),
            (80, 92, -1.30),
            (80, 79, 0.5),
            (80, 54, 17.0),
        ];
        for (standard, k, percent) in rows {
            assert!((adjustment(standard, k) * 100.0 - percent).abs() < 1e-12, "{standard} {k}");
        }
        assert_eq!((hundredths(0.945), hundredths(0.9449)), (95, 94));
    }
}

//! Building blocks of load shapes, in exact arithmetic: results are the same on every platform.

/// 1 inside the clock hours `from..to` (over midnight when `to <= from`), falling to 0 at both
/// ends within `ramp` hours.
#[must_use]
pub fn window(hour: f64, from: f64, to: f64, ramp: f64) -> f64 {
    let since = (hour - from).rem_euclid(24.0);
    let length = match (to - from).rem_euclid(24.0) {
        0.0 => 24.0,
        some => some,
    };
    (since.min(length - since) / ramp.max(1e-6)).clamp(0.0, 1.0)
}

/// A parabola of height 1 at `centre`, 0 from `half_width` hours away.
#[must_use]
pub fn bump(hour: f64, centre: f64, half_width: f64) -> f64 {
    let x = (hour - centre) / half_width;
    (1.0 - x * x).max(0.0)
}

/// Sine of a whole number of turns plus `turn`, after Bhāskara I (7th century), which is within
/// 0.0017 of it and needs no `libm`.
#[must_use]
pub fn sine(turn: f64) -> f64 {
    let t = turn.rem_euclid(1.0) * 2.0;
    let (sign, u) = if t < 1.0 { (1.0, t) } else { (-1.0, t - 1.0) };
    let product = u * (1.0 - u);
    sign * 16.0 * product / (5.0 - 4.0 * product)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_may_cross_midnight() {
        assert_eq!([23.0, 3.0, 12.0].map(|h| window(h, 22.0, 6.0, 0.5)), [1.0, 1.0, 0.0]);
        assert_eq!(window(22.25, 22.0, 6.0, 0.5), 0.5);
        assert_eq!(window(12.0, 0.0, 24.0, 0.5), 1.0);
    }

    #[test]
    fn sine_is_close_to_the_real_one() {
        for k in -200..400 {
            let turn = f64::from(k) / 100.0;
            assert!((sine(turn) - (turn * std::f64::consts::TAU).sin()).abs() < 0.0017);
        }
    }
}

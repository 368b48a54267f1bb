//! The resolution of a load, from its values.

use super::wide::wide;

/// Decimal places tried for the step of values (judgement: registers show at most four, times 60/Δt).
const PLACES: u32 = 6;

/// Relative error that a value may carry from a single-precision source (half a unit of 24 bits).
const SINGLE_PRECISION: f64 = 6.0e-8;

/// Distance from a whole number beyond which a scaled value is not one; where single precision alone
/// is coarser than this the places cannot be told (judgement).
const WHOLE: f64 = 0.05;

/// Values, evenly spread, whose step the others are tried on (judgement).
const SAMPLE: usize = 64;

/// The greatest step of which all values are multiples, in the unit of the values: what one step of
/// the register makes. Zeros are let be. `None` when there is no decimal step, or fewer than two
/// different magnitudes to tell it from.
///
/// Values are scaled by powers of ten until all are whole; the step is their greatest common divisor. A
/// sample tells a step first: when all values are its multiples, it is theirs.
#[must_use]
pub fn infer_quantum_kw(values: &[f64]) -> Option<f64> {
    if let Some((step, scale)) = sampled_step(values)
        && are_multiples(values, step, scale)
    {
        return Some(step / scale);
    }
    step_and_scale(values).map(|(step, scale)| step / scale)
}

/// The step of a sample, and the power of ten that makes it whole.
pub(super) fn sampled_step(values: &[f64]) -> Option<(f64, f64)> {
    let sample: Vec<f64> = values.iter().step_by((values.len() / SAMPLE).max(1)).copied().collect();
    step_and_scale(&sample)
}

fn step_and_scale(values: &[f64]) -> Option<(f64, f64)> {
    let mut scale = 1.0;
    for _ in 0..=PLACES {
        if let Some(step) = common_step(values, scale) {
            return Some((step, scale));
        }
        scale *= 10.0;
    }
    None
}

wide! {
    /// Whether all values times `scale` are whole multiples of a step, as [`common_step`] takes them for whole.
    fn are_multiples(values: &[f64], step: f64, scale: f64) -> bool = all_multiples;
}

#[inline(always)]
fn all_multiples(values: &[f64], step: f64, scale: f64) -> bool {
    /// Added to a number below 2⁵¹, leaves it rounded.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    let a_step = 1.0 / step;
    let mut all = true;
    for v in values {
        let scaled = (v * scale).abs();
        let slack = (scaled * SINGLE_PRECISION).max(1e-6);
        let multiple = scaled * a_step + ROUND - ROUND;
        let near = (scaled - multiple * step).abs() <= slack;
        all &= *v == 0.0 || (near && slack <= WHOLE && multiple >= 1.0);
    }
    all
}

/// The greatest common divisor of the values times `scale`; `None` when one of them is not whole.
fn common_step(values: &[f64], scale: f64) -> Option<f64> {
    let (mut step, mut first, mut differ) = (0u32, 0u32, false);
    for v in values.iter().filter(|v| **v != 0.0) {
        let scaled = (v * scale).abs();
        let slack = (scaled * SINGLE_PRECISION).max(1e-6);
        // To the nearest whole number; what is too great for the cast has too great a slack.
        let whole = (scaled + 0.5) as u32;
        let near = slack <= WHOLE && (scaled - f64::from(whole)).abs() <= slack;
        if !near || whole == 0 {
            return None;
        }
        if step == 0 {
            first = whole;
        }
        differ |= whole != first;
        if step != 1 && (step == 0 || !whole.is_multiple_of(step)) {
            step = gcd(step, whole);
        }
    }
    differ.then_some(f64::from(step))
}

const fn gcd(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(values: &[f64], expected: f64) -> bool {
        infer_quantum_kw(values).is_some_and(|q| (q / expected - 1.0).abs() < 1e-9)
    }

    #[test]
    fn the_step_of_a_register_shows_in_the_values() {
        assert!(near(&[0.04, 0.12, 0.0, 1.0, 3.08], 0.04), "0.01 kWh in a quarter of an hour");
        assert!(near(&[3000.0, 9000.0, 12_000.0], 3000.0), "great multiplier");
        assert!(near(&[-0.5, 0.25, 7.0], 0.25));
        assert!(near(&[f64::from(12.34f32), f64::from(0.58f32), f64::from(7.1f32)], 0.02), "single precision");
    }

    #[test]
    fn one_value_off_the_sample_counts() {
        let mut values: Vec<f64> = (0..10_000).map(|i| f64::from(i * 7919 % 500) * 0.6).collect();
        assert!(near(&values, 0.6));
        values[4321] = 33.3;
        assert!(near(&values, 0.3), "the common divisor of all");
        values[4321] = 1.0 / 3.0;
        assert_eq!(infer_quantum_kw(&values), None);
        values[4321] = f64::NAN;
        assert_eq!(infer_quantum_kw(&values), None);
        values[4321] = 0.2;
        assert!(near(&values, 0.2));
    }

    #[test]
    fn values_without_a_step_have_none() {
        assert_eq!(infer_quantum_kw(&[]), None);
        assert_eq!(infer_quantum_kw(&[0.0, 0.0]), None);
        assert_eq!(infer_quantum_kw(&[500.0, 0.0, 500.0]), None, "one level tells nothing");
        assert_eq!(infer_quantum_kw(&[1.0 / 3.0, 0.5]), None);
        assert_eq!(infer_quantum_kw(&[f64::NAN]), None);
        assert_eq!(infer_quantum_kw(&[1e300]), None);
    }
}

//! Shapes of days: mean profiles and how alike two are.

use super::Inspection;
use crate::curve::percentile::percentile;
use crate::curve::sum;

/// Spread, relative to the mean, below which a profile has no shape to compare (judgement).
const FLAT: f64 = 0.05;

/// Mean kW of each slot over some whole days; `None` for no day.
pub(super) fn mean_profile(inspection: &Inspection<'_>, days: &[usize]) -> Option<Vec<f64>> {
    let mut mean = vec![0.0; inspection.load.interval().slots()];
    for day in days {
        for (m, v) in mean.iter_mut().zip(inspection.load.day_kw(*day)) {
            *m += v;
        }
    }
    let n = days.len() as f64;
    for m in &mut mean {
        *m /= n;
    }
    (!days.is_empty()).then_some(mean)
}

/// A profile less its mean, scaled to length 1: the product of two is Pearson's correlation.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shape(Vec<f64>);

impl Shape {
    /// The shape of a profile; `None` when it is flat.
    pub(super) fn of(mut shape: Vec<f64>) -> Option<Self> {
        let n = shape.len() as f64;
        let mean = sum(&shape) / n;
        for v in &mut shape {
            *v -= mean;
        }
        let length = dot(&shape, &shape).sqrt();
        let shaped = length > FLAT * mean.abs() * n.sqrt();
        let scale = 1.0 / length;
        for v in &mut shape {
            *v *= scale;
        }
        shaped.then_some(Self(shape))
    }

    /// Correlation with a shape that comes `lag` slots later, around midnight.
    pub(super) fn correlation(&self, later: &Self, lag: i32) -> f64 {
        let n = self.0.len().min(later.0.len());
        if n == 0 {
            return 0.0;
        }
        let by = i64::from(lag).rem_euclid(n as i64) as usize;
        let (head, tail) = later.0[..n].split_at(by);
        // later[(s + lag) mod n] stands against self[s].
        dot(&self.0[..n - by], tail) + dot(&self.0[n - by..n], head)
    }
}

/// Sum of products, in eight lanes.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (x, y) in a.iter().zip(b) {
        for ((lane, x), y) in lanes.iter_mut().zip(x).zip(y) {
            *lane += x * y;
        }
    }
    lanes.iter().sum::<f64>() + a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum::<f64>()
}

/// Median of some values (reordered); `None` for none.
pub(super) fn median(values: &mut [f64]) -> Option<f64> {
    percentile(values, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_profile_correlates_at_its_lag() {
        let profile: Vec<f64> = (0..96).map(|s| if (32..72).contains(&s) { 100.0 } else { 20.0 }).collect();
        let mut late = profile.clone();
        late.rotate_right(4);
        let (a, b) = (Shape::of(profile).unwrap(), Shape::of(late).unwrap());
        assert!((a.correlation(&b, 4) - 1.0).abs() < 1e-12);
        assert!(a.correlation(&b, 0) < 0.9 && (b.correlation(&a, -4) - 1.0).abs() < 1e-12);
        assert_eq!(Shape::of(vec![5.0; 96]), None);
        assert_eq!(Shape::of(Vec::new()), None);
    }
}

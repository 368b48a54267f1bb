//! k-means through linfa-clustering: k-means++ starts from the library's fixed seed, serial sums, so that
//! the same points have the same centres everywhere.

use crate::curve::wide;
use linfa::traits::Fit;
use linfa::{DatasetBase, ParamGuard};
use linfa_clustering::{KMeans, KMeansInit};
use linfa_nn::distance::{Distance, L2Dist};
use ndarray16::{Array2, ArrayView, ArrayView1, Dimension};

/// Most iterations of a start: assignments usually repeat after a dozen, so that none is cut short.
const ITERATIONS: u64 = 50;
/// Shift of the centres at which a start has come to rest, in units of a customer's mean load.
const TOLERANCE: f64 = 1e-4;

/// Centres of k clusters of points (rows), the best of so many starts; `None` for fewer points than clusters.
#[must_use]
pub fn fit(points: &Array2<f64>, k: usize, starts: usize) -> Option<Array2<f64>> {
    if k == 0 || points.nrows() < k {
        return None;
    }
    let rng = KMeans::<f64, L2Dist>::params(k).check().ok()?.rng().clone();
    let params = KMeans::params_with(k, rng, Euclidean)
        .init_method(KMeansInit::KMeansPlusPlus)
        .n_runs(starts.max(1))
        .max_n_iterations(ITERATIONS)
        .tolerance(TOLERANCE);
    params.fit(&DatasetBase::from(points.clone())).ok().map(|model| model.centroids().clone())
}

/// The nearest centre of each point, the first of equals.
#[must_use]
pub fn nearest(points: &Array2<f64>, centres: &Array2<f64>) -> Vec<usize> {
    let closest = |p: ArrayView1<'_, f64>| {
        let distances = centres.rows().into_iter().map(|c| squared(&p, &c)).enumerate();
        distances.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(c, _)| c)
    };
    points.rows().into_iter().map(closest).collect()
}

/// Squared Euclidean distance.
#[must_use]
pub fn squared<D: Dimension>(a: &ArrayView<'_, f64, D>, b: &ArrayView<'_, f64, D>) -> f64 {
    // Rows of a matrix in its usual order are slices.
    match (a.to_slice(), b.to_slice()) {
        (Some(a), Some(b)) => squares(a, b),
        _ => squares(&a.iter().copied().collect::<Vec<_>>(), &b.iter().copied().collect::<Vec<_>>()),
    }
}

wide! {
    /// Sum of squared differences, in eight lanes.
    fn squares(a: &[f64], b: &[f64]) -> f64 = squares_of;
}

#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
fn squares_of(a: &[f64], b: &[f64]) -> f64 {
    let square = |x: &f64, y: &f64| (x - y) * (x - y);
    let mut lanes = [0.0; 8];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (a, b) in a.iter().zip(b) {
        lanes = std::array::from_fn(|i| lanes[i] + square(&a[i], &b[i]));
    }
    lanes.iter().sum::<f64>() + a_rest.iter().zip(b_rest).map(|(x, y)| square(x, y)).sum::<f64>()
}

/// The library's Euclidean distance over slices: its own goes through the arrays element by element, and nearly all
/// of a fit is distances.
#[derive(Debug, Clone)]
struct Euclidean;

impl Distance<f64> for Euclidean {
    fn distance<D: Dimension>(&self, a: ArrayView<'_, f64, D>, b: ArrayView<'_, f64, D>) -> f64 {
        squared(&a, &b).sqrt()
    }

    fn rdistance<D: Dimension>(&self, a: ArrayView<'_, f64, D>, b: ArrayView<'_, f64, D>) -> f64 {
        squared(&a, &b)
    }

    fn rdist_to_dist(&self, rdist: f64) -> f64 {
        rdist.sqrt()
    }

    fn dist_to_rdist(&self, dist: f64) -> f64 {
        dist * dist
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(values: &[f64]) -> Array2<f64> {
        Array2::from_shape_vec((values.len(), 1), values.to_vec()).unwrap()
    }

    /// Every partition of eight points into three intervals, by brute force.
    #[test]
    fn a_small_fit_is_the_best_partition() {
        let values = [0.0, 0.4, 1.0, 5.0, 5.2, 6.1, 9.0, 9.9];
        let cost = |v: &[f64]| {
            let mean = v.iter().sum::<f64>() / v.len() as f64;
            v.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>()
        };
        let cuts = (1..7).flat_map(|a| (a + 1..8).map(move |b| (a, b)));
        let best = cuts.min_by(|x, y| {
            let of = |(a, b): &(usize, usize)| cost(&values[..*a]) + cost(&values[*a..*b]) + cost(&values[*b..]);
            of(x).total_cmp(&of(y))
        });
        let points = line(&values);
        let labels = nearest(&points, &fit(&points, 3, 3).unwrap());
        let changes: Vec<usize> = (1..8).filter(|i| labels[*i] != labels[i - 1]).collect();
        assert_eq!(best.map(|(a, b)| vec![a, b]), Some(changes));
    }

    #[test]
    fn equal_points_and_too_few_points_are_no_fault() {
        let points = line(&[2.0; 6]);
        let labels = nearest(&points, &fit(&points, 3, 3).unwrap());
        assert!(labels.iter().all(|l| *l == labels[0]));
        assert!(fit(&line(&[1.0]), 2, 3).is_none() && fit(&line(&[1.0]), 0, 3).is_none());
    }
}

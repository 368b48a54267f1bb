//! k-means through linfa-clustering: k-means++ starts from the library's fixed seed, serial sums, so that
//! the same points have the same centres everywhere.

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_clustering::{KMeans, KMeansInit};
use ndarray16::{Array2, ArrayView1};

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
    let params = KMeans::params(k)
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
        let distances = centres.rows().into_iter().map(|c| squared(p, c)).enumerate();
        distances.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(c, _)| c)
    };
    points.rows().into_iter().map(closest).collect()
}

/// Squared Euclidean distance.
#[must_use]
pub fn squared(a: ArrayView1<'_, f64>, b: ArrayView1<'_, f64>) -> f64 {
    let of = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum();
    // Rows of a matrix in its usual order are slices.
    match (a.to_slice(), b.to_slice()) {
        (Some(a), Some(b)) => of(a, b),
        _ => of(&a.to_vec(), &b.to_vec()),
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

//! Behaviour clusters: customers whose typical days have the same shape.
//!
//! k-means (linfa) on the shape of the mean working day, the mean rest day beside it, and
//! summer over winter. The number of clusters is the one with the best silhouette (Rousseeuw 1987)
//! among those that are stable: fits to resampled customers agree with it, by the adjusted Rand
//! index (Hubert and Arabie 1985); without any, the most stable. All is seeded, and nothing depends on threads.

use super::facts::{CustomerFacts, HOURS, TypicalHours};
use super::kmeans::{fit, nearest, squared};
use super::pattern::Pattern;
use super::settings::ClusterLimits;
use crate::time::{DayKind, Season};
use ndarray16::{Array2, Axis};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Working day, rest day, summer over winter.
const FEATURES: usize = 2 * HOURS + 1;
/// Share of a mixed cluster's customers from which a pattern is told of it. Judgement: fewer are exceptions.
const BESIDE: f64 = 0.15;
/// Seed of the resamples.
const SEED: u64 = 20_260_101;

/// A cluster of customers.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// 1 is the largest.
    pub number: usize,
    /// What enough of its customers do; `None` when they are mixed.
    pub pattern: Option<Pattern>,
    /// Share of the most frequent pattern.
    pub purity: f64,
    /// What its customers do and how many of them, the most frequent first.
    pub patterns: Vec<(Pattern, usize)>,
    /// Customers.
    pub size: usize,
    /// Mean working day of its centre, in units of the customer's mean working load.
    pub work: [f64; HOURS],
    /// Mean rest day of its centre, in the same units.
    pub rest: [f64; HOURS],
}

impl Cluster {
    /// What it is told by: its one pattern, or those that at least a share of its customers have beside each other,
    /// the most frequent in any case.
    #[must_use]
    pub fn told(&self) -> Vec<(Pattern, f64)> {
        let share = |(pattern, n): &(Pattern, usize)| (*pattern, *n as f64 / self.size.max(1) as f64);
        let counts =
            |(i, (_, share)): &(usize, (Pattern, f64))| *i == 0 || (self.pattern.is_none() && *share >= BESIDE);
        self.patterns.iter().map(share).enumerate().filter(counts).map(|(_, told)| told).collect()
    }

    /// Its word in tables: a pattern's name, or `mixed: ` with the names of several.
    #[must_use]
    pub fn word(&self) -> String {
        let names: Vec<&str> = self.told().iter().map(|t| t.0.name()).collect();
        if self.pattern.is_some() { names.concat() } else { format!("mixed: {}", names.join(", ")) }
    }
}

/// The clusters of a fleet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Clusters {
    /// By size.
    pub clusters: Vec<Cluster>,
    /// Index of each customer's cluster in `clusters`; `None` for who has too little data.
    pub member: Vec<Option<usize>>,
    /// Mean silhouette, −1 to 1.
    pub silhouette: Option<f64>,
    /// Mean adjusted Rand index over the resamples.
    pub stability: Option<f64>,
    /// Stability from which on the clusters are firm.
    pub stable_from: Option<f64>,
}

impl Clusters {
    /// Clusters the customers; none when there are too few.
    #[must_use]
    pub fn of(fleet: &[CustomerFacts], limits: &ClusterLimits) -> Self {
        let features: Vec<Option<Vec<f64>>> = fleet.iter().map(|f| features(&f.typical, limits)).collect();
        let known: Vec<usize> = (0..fleet.len()).filter(|i| features[*i].is_some()).collect();
        let none = || Self { member: vec![None; fleet.len()], ..Self::default() };
        if known.len() < limits.least_customers.max(4) {
            return none();
        }
        let all = matrix(known.iter().filter_map(|i| features[*i].as_ref()));
        let stride = known.len().div_ceil(limits.most_fitted.max(1));
        let sample = matrix((0..known.len()).step_by(stride).filter_map(|k| features[known[k]].as_ref()));
        let Some((best, stability)) = choose(&sample, limits) else { return none() };
        let labels = nearest(&all, &best.centres);
        let mut out = none();
        out.silhouette = Some(best.silhouette);
        out.stability = Some(stability);
        out.stable_from = Some(limits.stable);
        out.describe((fleet, limits), &known, &labels, &best.centres);
        out
    }

    /// Numbers the clusters by size and names each after what most of its members do.
    fn describe(
        &mut self,
        (fleet, limits): (&[CustomerFacts], &ClusterLimits),
        known: &[usize],
        labels: &[usize],
        centres: &Array2<f64>,
    ) {
        let members = |c: usize| known.iter().zip(labels).filter(move |(_, l)| **l == c).map(|(i, _)| *i);
        let mut order: Vec<usize> = (0..centres.nrows()).filter(|c| members(*c).next().is_some()).collect();
        order.sort_by_key(|c| (std::cmp::Reverse(members(*c).count()), members(*c).next()));
        for (position, c) in order.into_iter().enumerate() {
            let mut counts: BTreeMap<Pattern, usize> = BTreeMap::new();
            for i in members(c) {
                *counts.entry(fleet[i].pattern).or_default() += 1;
                self.member[i] = Some(position);
            }
            let size = members(c).count();
            let mut patterns: Vec<(Pattern, usize)> = counts.into_iter().collect();
            patterns.sort_by_key(|(p, n)| (std::cmp::Reverse(*n), *p));
            let most = patterns.first().copied();
            let purity = most.map_or(0, |m| m.1) as f64 / size.max(1) as f64;
            let pattern = most.map(|m| m.0).filter(|_| purity >= limits.named_share);
            let hour = |from: usize| std::array::from_fn(|h| centres[[c, from + h]]);
            self.clusters.push(Cluster {
                number: position + 1,
                pattern,
                purity,
                patterns,
                size,
                work: hour(0),
                rest: hour(HOURS),
            });
        }
    }
}

/// A fit and how well it parts the customers.
struct Fitted {
    centres: Array2<f64>,
    labels: Vec<usize>,
    silhouette: f64,
}

/// The number of clusters with the best silhouette among the stable ones, or the most stable when none is stable
/// enough, with its stability.
fn choose(sample: &Array2<f64>, limits: &ClusterLimits) -> Option<(Fitted, f64)> {
    let most = limits.most.min(sample.nrows() / limits.least_size.max(1)).max(2);
    let tried: Vec<usize> = (2..=most).collect();
    let fits: Vec<(Array2<f64>, Vec<usize>)> = tried
        .par_iter()
        .filter_map(|k| fit(sample, *k, limits.starts))
        .map(|centres| {
            let labels = nearest(sample, &centres);
            (centres, labels)
        })
        .collect();
    let silhouettes = silhouettes(sample, &fits.iter().map(|f| f.1.as_slice()).collect::<Vec<_>>());
    let fits = fits.into_iter().zip(silhouettes);
    let fits = fits.map(|((centres, labels), silhouette)| Fitted { centres, labels, silhouette }).collect();
    best(fits, limits.stable, |f| stability(sample, f, limits.bootstraps))
}

/// The one with the best silhouette among those that are stable enough; where none is, the most stable: the best
/// silhouette would split off a few that are unlike all others, and leave the rest as one. The fewest of equals.
/// Stability, which costs most, is asked for from the best silhouette on, until one is stable.
fn best(mut fits: Vec<Fitted>, least: f64, stability: impl Fn(&Fitted) -> Option<f64>) -> Option<(Fitted, f64)> {
    fits.sort_by(|a, b| b.silhouette.total_cmp(&a.silhouette));
    let mut most: Option<(Fitted, f64)> = None;
    for fit in fits {
        let Some(stable) = stability(&fit) else { continue };
        if stable >= least {
            return Some((fit, stable));
        }
        let fewer = |f: &Fitted| fit.centres.nrows() < f.centres.nrows();
        if most.as_ref().is_none_or(|(f, s)| stable > *s || (stable == *s && fewer(f))) {
            most = Some((fit, stable));
        }
    }
    most
}

/// Mean adjusted Rand index of a fit with fits to resampled customers; `None` where one of these cannot be fitted.
fn stability(sample: &Array2<f64>, fitted: &Fitted, bootstraps: usize) -> Option<f64> {
    let (n, k) = (sample.nrows(), fitted.centres.nrows());
    let mut rng = ChaCha8Rng::seed_from_u64(SEED + k as u64);
    let mut draw = || ((u128::from(rng.next_u64()) * n as u128) >> 64) as usize;
    let drawn: Vec<Vec<usize>> = (0..bootstraps).map(|_| (0..n).map(|_| draw()).collect()).collect();
    // One start: a partition that another start would not find is not stable either.
    let again = |drawn: &Vec<usize>| {
        let centres = fit(&sample.select(Axis(0), drawn), k, 1)?;
        Some(adjusted_rand(&fitted.labels, &nearest(sample, &centres)))
    };
    let indices = drawn.par_iter().map(again).collect::<Option<Vec<f64>>>()?;
    Some(indices.iter().sum::<f64>() / indices.len().max(1) as f64)
}

fn features(typical: &TypicalHours, limits: &ClusterLimits) -> Option<Vec<f64>> {
    let work = typical.mean(&[DayKind::Workday])?;
    let rest = typical.mean(&[DayKind::Restday]).or_else(|| typical.mean(&[DayKind::Holiday])).unwrap_or(work);
    let mean = work.iter().map(|v| v.abs()).sum::<f64>() / HOURS as f64;
    let season = |s: Season| (0..HOURS).map(|h| typical.kw(DayKind::Workday, s, h)).sum::<Option<f64>>();
    let swing = season(Season::Summer).zip(season(Season::Winter)).map_or(0.0, |(s, w)| swing(s, w));
    let values = work.iter().chain(&rest).map(|v| v / mean).chain([limits.season_weight * swing]);
    let out: Vec<f64> = values.collect();
    (mean > 0.0 && out.iter().all(|v| v.is_finite())).then_some(out)
}

/// (a − b) / (a + b), from −1 to 1.
fn swing(a: f64, b: f64) -> f64 {
    if a + b > 0.0 { ((a - b) / (a + b)).clamp(-1.0, 1.0) } else { 0.0 }
}

fn matrix<'a>(rows: impl Iterator<Item = &'a Vec<f64>>) -> Array2<f64> {
    let values: Vec<f64> = rows.flatten().copied().collect();
    let n = values.len() / FEATURES;
    Array2::from_shape_vec((n, FEATURES), values).unwrap_or_else(|_| Array2::zeros((0, FEATURES)))
}

/// Of each labelling of the points the mean over all of them of (b − a) / max(a, b): a is the mean distance to the
/// point's own cluster, b to the nearest other one; a point alone in its cluster counts 0. A distance is measured once
/// for all labellings.
fn silhouettes(points: &Array2<f64>, labellings: &[&[usize]]) -> Vec<f64> {
    let n = points.nrows();
    let sizes: Vec<Vec<usize>> = labellings
        .iter()
        .map(|labels| {
            let mut sizes = vec![0; labels.iter().max().map_or(0, |most| most + 1)];
            labels.iter().for_each(|l| sizes[*l] += 1);
            sizes
        })
        .collect();
    let of_point = |i: usize| {
        let point = points.row(i);
        let apart: Vec<f64> = points.rows().into_iter().map(|other| squared(&point, &other).sqrt()).collect();
        let each = labellings.iter().zip(&sizes);
        each.map(|(labels, sizes)| of_distances(&apart, labels, sizes, labels[i])).collect::<Vec<f64>>()
    };
    let found: Vec<Vec<f64>> = (0..n).into_par_iter().map(of_point).collect();
    (0..labellings.len()).map(|l| found.iter().map(|f| f[l]).sum::<f64>() / n.max(1) as f64).collect()
}

/// The silhouette of a point of cluster `own` at distances from all points.
fn of_distances(apart: &[f64], labels: &[usize], sizes: &[usize], own: usize) -> f64 {
    if sizes[own] < 2 {
        return 0.0;
    }
    let mut sums = vec![0.0; sizes.len()];
    apart.iter().zip(labels).for_each(|(distance, label)| sums[*label] += distance);
    let a = sums[own] / (sizes[own] - 1) as f64;
    let others = (0..sizes.len()).filter(|c| *c != own && sizes[*c] > 0);
    let b = others.map(|c| sums[c] / sizes[c] as f64).fold(f64::INFINITY, f64::min);
    if b.is_finite() && a.max(b) > 0.0 { (b - a) / a.max(b) } else { 0.0 }
}

/// Agreement of two partitions, 1 when they are the same and about 0 by chance.
fn adjusted_rand(a: &[usize], b: &[usize]) -> f64 {
    let pairs = |n: usize| n as f64 * (n as f64 - 1.0) / 2.0;
    let mut cells: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut rows: BTreeMap<usize, usize> = BTreeMap::new();
    let mut columns: BTreeMap<usize, usize> = BTreeMap::new();
    for (x, y) in a.iter().zip(b) {
        *cells.entry((*x, *y)).or_default() += 1;
        *rows.entry(*x).or_default() += 1;
        *columns.entry(*y).or_default() += 1;
    }
    let sum = |m: &BTreeMap<usize, usize>| m.values().map(|n| pairs(*n)).sum::<f64>();
    let together: f64 = cells.values().map(|n| pairs(*n)).sum();
    let (x, y) = (sum(&rows), sum(&columns));
    let expected = x * y / pairs(a.len()).max(1.0);
    let most = 0.5 * (x + y);
    if (most - expected).abs() > 0.0 { (together - expected) / (most - expected) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::super::testing::facts;
    use super::*;
    use crate::curve::TypicalDay;

    /// Values of scikit-learn's documentation of `adjusted_rand_score`.
    #[test]
    fn the_rand_index_is_that_of_published_examples() {
        let examples: [([usize; 4], [usize; 4], f64); 5] = [
            ([0, 0, 1, 1], [1, 1, 0, 0], 1.0),
            ([0, 0, 1, 2], [0, 0, 1, 1], 4.0 / 7.0),
            ([0, 0, 1, 1], [0, 0, 1, 2], 4.0 / 7.0),
            ([0, 0, 0, 0], [0, 1, 2, 3], 0.0),
            ([0, 0, 1, 1], [0, 1, 0, 1], -0.5),
        ];
        for (a, b, expected) in examples {
            let found = adjusted_rand(&a, &b);
            assert!((found - expected).abs() < 1e-12, "{a:?} {b:?}: {found}");
        }
    }

    /// Two pairs at distance 1, 10 apart: by hand, a = 1 and b the mean of two distances.
    #[test]
    fn the_silhouette_is_that_of_a_hand_count() {
        let mut points = Array2::zeros((4, FEATURES));
        for (i, x) in [0.0, 1.0, 10.0, 11.0].into_iter().enumerate() {
            points[[i, 0]] = x;
        }
        let labels: [&[usize]; 2] = [&[0, 0, 1, 1], &[0, 1, 1, 1]];
        let expected = 0.5 * ((10.5 - 1.0) / 10.5 + (9.5 - 1.0) / 9.5);
        let [pairs, alone] = silhouettes(&points, &labels)[..] else { panic!("one of each") };
        assert!((pairs - expected).abs() < 1e-12);
        // Of the second the first point is alone and counts 0.
        let of = |a: f64, b: f64| (b - a) / a.max(b);
        assert!((alone - 0.25 * (of(9.5, 1.0) + of(5.0, 10.0) + of(5.5, 11.0))).abs() < 1e-12);
    }

    #[test]
    fn groups_that_are_there_are_found() -> Result<(), Box<dyn std::error::Error>> {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut noise = || (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64 * 0.1;
        let rows: Vec<Vec<f64>> =
            (0..60).map(|i| (0..FEATURES).map(|f| f64::from(u8::from(f % 3 == i % 3)) + noise()).collect()).collect();
        let (best, stability) = choose(&matrix(rows.iter()), &ClusterLimits::default()).ok_or("no fit")?;
        assert_eq!(best.centres.nrows(), 3);
        assert!(stability > 0.99 && best.silhouette > 0.8);
        Ok(())
    }

    #[test]
    fn the_best_silhouette_counts_among_the_stable_and_the_fewest_of_equals() {
        let of = |figures: &[(f64, f64)]| {
            let fits = figures.iter().enumerate().map(|(i, (silhouette, _))| Fitted {
                centres: Array2::zeros((i + 2, FEATURES)),
                labels: Vec::new(),
                silhouette: *silhouette,
            });
            let stability = |f: &Fitted| figures.get(f.centres.nrows() - 2).map(|f| f.1);
            best(fits.collect(), 0.8, stability).map(|f| f.0.centres.nrows())
        };
        assert_eq!(of(&[(0.5, 0.9), (0.7, 0.79), (0.6, 0.8)]), Some(4), "the third is not stable");
        assert_eq!(of(&[(0.5, 0.1), (0.7, 0.2), (0.6, 0.3)]), Some(4), "none is stable: the most stable of them");
        assert_eq!(of(&[(0.6, 0.9), (0.6, 0.9), (0.5, 1.0)]), Some(2));
        assert_eq!(of(&[]), None);
    }

    /// A customer that works in some hours, and in winter so many times as much as in summer.
    fn customer(i: usize, hours: std::ops::Range<usize>, winter: f64) -> CustomerFacts {
        let noise = 1.0 + 0.01 * (i % 5) as f64;
        let day = |(day_kind, season): (DayKind, Season), slot: usize| {
            let kw = noise * if season == Season::Winter { winter } else { 1.0 };
            let kw = kw * if hours.contains(&slot) { 100.0 } else { 10.0 };
            let percentiles = [kw; 5];
            let [p5_kw, p10_kw, p50_kw, p90_kw, p95_kw] = percentiles;
            TypicalDay { day_kind, season, slot, mean_kw: kw, p5_kw, p10_kw, p50_kw, p90_kw, p95_kw, n_days: 60 }
        };
        let kinds = [DayKind::Workday, DayKind::Restday];
        let groups = kinds.into_iter().flat_map(|k| [Season::Summer, Season::Winter].map(|s| (k, s)));
        let days: Vec<TypicalDay> =
            groups.flat_map(|g| (0..HOURS).map(move |h| (g, h))).map(|(g, h)| day(g, h)).collect();
        CustomerFacts { typical: TypicalHours::new(&days, 1, [0.0; HOURS]), ..facts(i, 1.0, 0.5) }
    }

    /// Customers by day and by night in turn.
    fn two_kinds(n: usize) -> Vec<CustomerFacts> {
        (0..n).map(|i| customer(i, if i % 2 == 0 { 8..17 } else { 0..8 }, 1.0)).collect()
    }

    fn told(fleet: &[CustomerFacts], limits: &ClusterLimits) -> Vec<Option<usize>> {
        Clusters::of(fleet, limits).member
    }

    #[test]
    fn a_fleet_is_clustered_from_its_least_size_on() {
        let limits = ClusterLimits::default();
        assert!(told(&two_kinds(11), &limits).iter().all(Option::is_none));
        let expected: Vec<Option<usize>> = (0..12).map(|i| Some(i % 2)).collect();
        assert_eq!(told(&two_kinds(12), &limits), expected);
        assert_eq!(told(&two_kinds(11), &ClusterLimits { least_customers: 11, ..limits }), expected[..11]);
    }

    #[test]
    fn who_is_not_fitted_joins_the_nearest_cluster() {
        let expected: Vec<Option<usize>> = (0..61).map(|i| Some(i % 2)).collect();
        assert_eq!(told(&two_kinds(61), &ClusterLimits { most_fitted: 13, ..ClusterLimits::default() }), expected);
    }

    #[test]
    fn a_cluster_has_enough_customers_to_be_tried() {
        let rows: Vec<Vec<f64>> =
            (0..12).map(|i| (0..FEATURES).map(|f| f64::from(u8::from(f % 6 == i % 6))).collect()).collect();
        let n = |least_size| choose(&matrix(rows.iter()), &ClusterLimits { least_size, ..ClusterLimits::default() });
        assert_eq!(n(2).map(|f| f.0.centres.nrows()), Some(6));
        assert!(n(4).is_some_and(|f| f.0.centres.nrows() <= 3));
    }

    #[test]
    fn the_season_tells_customers_apart_by_its_weight() {
        let fleet: Vec<_> = (0..20).map(|i| customer(i, 8..17, if i % 2 == 0 { 1.0 } else { 5.0 })).collect();
        let limits = ClusterLimits::default();
        assert_eq!(told(&fleet, &limits), (0..20).map(|i| Some(i % 2)).collect::<Vec<_>>());
        let blind = told(&fleet, &ClusterLimits { season_weight: 0.0, ..limits });
        assert_ne!(blind, told(&fleet, &limits));
    }

    #[test]
    fn a_cluster_has_the_word_of_enough_of_its_customers() {
        let mut fleet = two_kinds(20);
        for (i, f) in fleet.iter_mut().enumerate().filter(|(i, _)| i % 2 == 1) {
            f.pattern = [Pattern::NightHeavy, Pattern::Pv, Pattern::Seasonal][i % 3];
        }
        let clusters = |named_share| Clusters::of(&fleet, &ClusterLimits { named_share, ..ClusterLimits::default() });
        let words = |c: &Clusters| c.clusters.iter().map(|c| c.pattern).collect::<Vec<_>>();
        assert_eq!(words(&clusters(0.5)), [Some(Pattern::OneShift), None]);
        assert!(words(&clusters(0.3)).iter().all(Option::is_some));
        // A mixed one is told by what it is mixed of, with the shares; none is without a word.
        let told: Vec<String> = clusters(0.5).clusters.iter().map(Cluster::word).collect();
        assert_eq!(told, ["one_shift", "mixed: pv, night_heavy, seasonal"]);
        let shares: f64 = clusters(0.5).clusters[1].told().iter().map(|t| t.1).sum();
        assert!((shares - 1.0).abs() < 1e-12);
    }
}

//! Value and risk scores, grades, and what drove them.

use super::facts::CustomerFacts;
use super::settings::Settings;
use crate::curve::percentile::percentile;
use crate::units::{Kwh, Money};
use serde::Serialize;
use std::collections::BTreeMap;

/// Variables of both scores: five of value, five of risk.
pub const VARIABLES: [&str; 10] =
    ["revenue", "kwh", "growth", "price", "flexible", "overload", "power_factor", "volatility", "decline", "arrears"];
/// Variables of the value score; the others are the risk score's.
const VALUES: usize = 5;
/// Drivers that are told, and the least points of one: scores are told in whole points.
const DRIVERS: usize = 3;
const LEAST_POINTS: f64 = 0.5;

/// A grade: valuable or not, at risk or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Grade {
    /// Valuable, little risk.
    A,
    /// Valuable, at risk.
    B,
    /// Less valuable, little risk.
    C,
    /// Less valuable, at risk.
    D,
}

impl Grade {
    /// All, best first.
    pub const ALL: [Self; 4] = [Self::A, Self::B, Self::C, Self::D];

    /// The name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
        }
    }

    const fn of(valuable: bool, at_risk: bool) -> Self {
        match (valuable, at_risk) {
            (true, false) => Self::A,
            (true, true) => Self::B,
            (false, false) => Self::C,
            (false, true) => Self::D,
        }
    }
}

/// A variable that drove a grade.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Driver {
    /// One of [`VARIABLES`].
    pub variable: &'static str,
    /// Points above the fleet's mean that it gives to the score: positive for the better (more value,
    /// less risk).
    pub points: f64,
}

/// Scores of a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// 0 to 100; `None` when no variable is known.
    pub value: Option<f64>,
    /// 0 to 100; `None` when no variable is known.
    pub risk: Option<f64>,
    /// Needs both scores.
    pub grade: Option<Grade>,
    /// The variables that drove it most, strongest first; fewer where not as many drove it at all.
    pub drivers: Vec<Driver>,
}

/// How many grades another weight would change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sensitivity {
    /// One of [`VARIABLES`], or `cut`.
    pub what: &'static str,
    /// Share by which it was changed, or quantiles by which the cut was.
    pub change: f64,
    /// Grades that changed.
    pub grades_changed: usize,
}

/// Every customer's variables, each 0 to 1; `None` is unknown and its weight falls to the others.
struct Matrix(Vec<[Option<f64>; VARIABLES.len()]>);

/// Scores and grades of a fleet, and what other weights would change.
#[must_use]
pub fn scores(fleet: &[CustomerFacts], settings: &Settings) -> (Vec<Score>, Vec<Sensitivity>) {
    let matrix = Matrix::of(fleet, settings);
    let weights = weights(settings);
    let cut = settings.grade.quantile;
    let scores = matrix.scores(&weights, cut);
    let grades = |weights: &[f64; VARIABLES.len()], cut: f64| {
        let other = matrix.scores(weights, cut);
        other.iter().zip(&scores).filter(|(a, b)| a.grade != b.grade).count()
    };
    let (changes, mut sensitivity) = (settings.sensitivity, Vec::new());
    for (v, what) in VARIABLES.into_iter().enumerate() {
        for change in [-changes.weight, changes.weight] {
            let mut changed = weights;
            changed[v] *= 1.0 + change;
            sensitivity.push(Sensitivity { what, change, grades_changed: grades(&changed, cut) });
        }
    }
    for change in [-changes.cut, changes.cut] {
        let grades_changed = grades(&weights, (cut + change).clamp(0.0, 1.0));
        sensitivity.push(Sensitivity { what: "cut", change, grades_changed });
    }
    (scores, sensitivity)
}

fn weights(s: &Settings) -> [f64; VARIABLES.len()] {
    let (v, r) = (&s.value, &s.risk);
    [v.revenue, v.kwh, v.growth, v.price, v.flexible, r.overload, r.power_factor, r.volatility, r.decline, r.arrears]
}

impl Matrix {
    fn of(fleet: &[CustomerFacts], settings: &Settings) -> Self {
        let currency = |f: &CustomerFacts| f.currency.as_deref().unwrap_or_default().to_owned();
        let money = |of: fn(&CustomerFacts) -> Option<f64>| ranks(fleet.iter().map(|f| (currency(f), of(f))));
        let plain = |of: fn(&CustomerFacts) -> Option<f64>| ranks(fleet.iter().map(|f| (String::new(), of(f))));
        let value = [
            money(revenue),
            plain(|f| f.kwh_year.map(Kwh::get)),
            plain(|f| f.growth.map(f64::from)),
            money(|f| revenue(f).zip(f.kwh_year.map(Kwh::get).filter(|k| *k > 0.0)).map(|(r, k)| r / k)),
            plain(|f| Some(f.typical.most_flexible_kw())),
        ];
        let scale = &settings.risk_scale;
        let risk = |f: &CustomerFacts| {
            [
                f.overload.map(|v| within(v.into(), scale.overload)),
                f.pf_gap.map(|v| within(v.into(), scale.power_factor)),
                f.volatility.map(|v| within(v.into(), scale.volatility)),
                f.collapse.decline().map(|v| within(v, scale.decline)),
                f.arrears_days.map(|v| within(f64::from(v), scale.arrears)),
            ]
        };
        let row = |(i, f): (usize, &CustomerFacts)| {
            let risk = risk(f);
            std::array::from_fn(|v| if v < VALUES { value[v][i] } else { risk[v - VALUES] })
        };
        Self(fleet.iter().enumerate().map(row).collect())
    }

    fn scores(&self, weights: &[f64; VARIABLES.len()], cut: f64) -> Vec<Score> {
        let points: Vec<[Option<f64>; VARIABLES.len()]> = self.0.iter().map(|row| points(row, weights)).collect();
        let sum = |p: &[Option<f64>]| p.iter().flatten().copied().reduce(|a, b| a + b);
        let both = |p: &[Option<f64>; VARIABLES.len()]| (sum(&p[..VALUES]), sum(&p[VALUES..]));
        let limit = |of: fn((Option<f64>, Option<f64>)) -> Option<f64>| {
            percentile(&mut points.iter().filter_map(|p| of(both(p))).collect::<Vec<_>>(), cut)
        };
        let limits = limit(|b| b.0).zip(limit(|b| b.1));
        let mean: [f64; VARIABLES.len()] = std::array::from_fn(|v| {
            let known: Vec<f64> = points.iter().filter_map(|p| p[v]).collect();
            known.iter().sum::<f64>() / known.len().max(1) as f64
        });
        let score = |p: &[Option<f64>; VARIABLES.len()]| {
            let (value, risk) = both(p);
            let grade = value.zip(risk).zip(limits).map(|((v, r), (lv, lr))| Grade::of(v >= lv, r >= lr && r > 0.0));
            Score { value, risk, grade, drivers: drivers(p, &mean) }
        };
        points.iter().map(score).collect()
    }
}

/// Points of each variable: its weight among the known ones of its score, of 100.
fn points(row: &[Option<f64>; VARIABLES.len()], weights: &[f64; VARIABLES.len()]) -> [Option<f64>; VARIABLES.len()] {
    let known = |range: std::ops::Range<usize>| range.filter(|v| row[*v].is_some()).map(|v| weights[v]).sum::<f64>();
    let totals = [known(0..VALUES), known(VALUES..VARIABLES.len())];
    std::array::from_fn(|v| {
        let total = totals[usize::from(v >= VALUES)];
        row[v].filter(|_| total > 0.0).map(|x| 100.0 * weights[v] / total * x)
    })
}

fn drivers(points: &[Option<f64>; VARIABLES.len()], mean: &[f64; VARIABLES.len()]) -> Vec<Driver> {
    let push = |v: usize| {
        let over = points[v]? - mean[v];
        Some(Driver { variable: VARIABLES[v], points: if v < VALUES { over } else { -over } })
    };
    let mut all: Vec<Driver> =
        (0..VARIABLES.len()).filter_map(push).filter(|d| d.points.abs() >= LEAST_POINTS).collect();
    all.sort_by(|a, b| b.points.abs().total_cmp(&a.points.abs()));
    all.truncate(DRIVERS);
    all
}

fn revenue(f: &CustomerFacts) -> Option<f64> {
    f.revenue.map(Money::to_f64)
}

/// Linear from 0 at the first to 1 at the second.
fn within(value: f64, scale: [f64; 2]) -> f64 {
    let span = scale[1] - scale[0];
    if span == 0.0 { f64::from(u8::from(value >= scale[0])) } else { ((value - scale[0]) / span).clamp(0.0, 1.0) }
}

/// Share of the group's values below each, equals counted half.
fn ranks(values: impl Iterator<Item = (String, Option<f64>)>) -> Vec<Option<f64>> {
    let values: Vec<(String, Option<f64>)> = values.collect();
    let mut groups: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (group, value) in &values {
        groups.entry(group).or_default().extend(value);
    }
    for group in groups.values_mut() {
        group.sort_by(f64::total_cmp);
    }
    let rank = |group: &str, v: f64| {
        let sorted = groups.get(group)?;
        let below = sorted.partition_point(|x| *x < v) as f64;
        let to = sorted.partition_point(|x| *x <= v) as f64;
        Some(0.5 * (below + to) / sorted.len().max(1) as f64)
    };
    values.iter().map(|(group, v)| v.and_then(|v| rank(group, v))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::testing::facts;

    #[test]
    fn ranks_are_within_a_currency() {
        let of = |v: &[(&str, f64)]| ranks(v.iter().map(|(c, v)| ((*c).to_owned(), Some(*v))));
        assert_eq!(of(&[("CNY", 1.0), ("EUR", 9.0), ("CNY", 2.0)]), [Some(0.25), Some(0.5), Some(0.75)]);
        assert_eq!(of(&[("", 3.0), ("", 3.0)]), [Some(0.5), Some(0.5)]);
    }

    #[test]
    fn an_unknown_variable_leaves_its_weight_to_the_others() {
        let mut row = [None; VARIABLES.len()];
        row[0] = Some(1.0);
        row[1] = Some(0.5);
        let p = points(&row, &weights(&Settings::default()));
        assert_eq!(p[0], Some(100.0 * 40.0 / 65.0));
        assert_eq!(p[1], Some(0.5 * 100.0 * 25.0 / 65.0));
        assert_eq!(p[5], None);
    }

    /// More value never lowers a grade and more risk never raises it.
    #[test]
    fn grades_are_monotone() {
        let grade = Grade::of;
        for risk in [false, true] {
            assert!(grade(true, risk) < grade(false, risk));
        }
        for value in [false, true] {
            assert!(grade(value, false) < grade(value, true));
        }
    }

    #[test]
    fn drivers_are_the_strongest_against_the_mean() {
        let fleet: Vec<_> = (0..20).map(|i| facts(i, 1000.0 * (i + 1) as f64, 0.7 + 0.02 * i as f32)).collect();
        let (scores, sensitivity) = scores(&fleet, &Settings::default());
        let last = &scores[19];
        assert_eq!(last.grade, Some(Grade::B), "the dearest and the most loaded");
        let d: Vec<_> = last.drivers.iter().map(|d| (d.variable, d.points > 0.0)).collect();
        assert_eq!(d.len(), 3);
        assert!(d.contains(&("revenue", true)) && d.contains(&("overload", false)), "{d:?}");
        assert_eq!(sensitivity.len(), 2 * VARIABLES.len() + 2);
        // What is the same for all drives nobody's grade, whatever their mean is off by.
        let alike: Vec<_> = (0..3).map(|_| facts(0, 700.1, 0.7)).collect();
        assert!(super::scores(&alike, &Settings::default()).0.iter().all(|s| s.drivers.is_empty()));
        assert!(sensitivity.iter().any(|s| s.what == "cut" && s.grades_changed > 0));
    }
}

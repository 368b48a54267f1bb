//! Behaviour clusters: each with its word and a typical day.

use crate::report::chart::{DayChart, Series};
use crate::report::number::ABSENT;
use crate::report::{Numbers, Text};

/// The groups of a fleet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FleetClusters {
    /// The largest first.
    pub clusters: Vec<FleetCluster>,
    /// Mean silhouette, −1 to 1.
    pub silhouette: Option<f64>,
    /// Mean adjusted Rand index of resampled fits.
    pub stability: Option<f64>,
    /// Stability from which on the groups are firm.
    pub stable_from: Option<f64>,
}

/// A cluster of customers whose typical days have the same shape.
#[derive(Debug, Clone, PartialEq)]
pub struct FleetCluster {
    /// 1 is the largest.
    pub number: usize,
    /// Customers.
    pub size: usize,
    /// What its customers do, as keys of `pattern.*` with the share of them that does: the one word of a named
    /// cluster, the most frequent ones of a mixed one.
    pub patterns: Vec<(&'static str, f64)>,
    /// Whether the first of these is its word.
    pub named: bool,
    /// Mean working day by hour, over the mean of a working day.
    pub work: Vec<f64>,
    /// Mean rest day by hour, over the same.
    pub rest: Vec<f64>,
}

/// What the template shows of a cluster.
pub(super) struct View {
    pub title: String,
    pub size: String,
    pub svg: String,
}

/// Width and height of a curve.
const SIZE: (f64, f64) = (340.0, 170.0);

/// The word of a cluster: what most of its customers do, or what they do beside each other.
fn label(c: &FleetCluster, text: &Text, numbers: Numbers) -> String {
    let word = |key: &str| text.get(&format!("pattern.{key}")).unwrap_or_default().to_owned();
    let share = |(key, share): &(&'static str, f64)| {
        text.fill("fleet.cluster_part", &[("pattern", &word(key)), ("percent", &numbers.percent(*share, 0))])
    };
    match c.patterns.first() {
        Some((key, _)) if c.named => word(key),
        Some(_) => {
            let parts: Vec<String> = c.patterns.iter().map(share).collect();
            text.fill("fleet.cluster_mixed", &[("patterns", &parts.join(text.t("word.list")))])
        }
        None => word("unknown"),
    }
}

/// What the curves are, and how clear and how stable the groups.
pub(super) fn note(c: &FleetClusters, text: &Text, numbers: Numbers) -> String {
    let index = |v: Option<f64>| v.map_or_else(|| ABSENT.to_owned(), |v| numbers.fixed(v, 2));
    let values = [("silhouette", index(c.silhouette)), ("stability", index(c.stability))];
    let note = text.fill("fleet.clusters_note", &values.each_ref().map(|(name, value)| (*name, value.as_str())));
    let infirm = c.stability.zip(c.stable_from).filter(|(stability, least)| stability < least);
    match infirm.map(|(_, least)| text.fill("fleet.clusters_infirm", &[("least", &numbers.fixed(least, 2))])) {
        Some(infirm) => text.fill("action.caveats", &[("a", &note), ("b", &infirm)]),
        None => note,
    }
}

/// Every cluster; those that share a label are numbered.
pub(super) fn views(all: &[FleetCluster], text: &Text, numbers: Numbers) -> Vec<View> {
    let labels: Vec<String> = all.iter().map(|c| label(c, text, numbers)).collect();
    let numbered = |(i, label): (usize, &String)| {
        let same = |labels: &[String]| labels.iter().filter(|l| *l == label).count();
        if same(&labels) < 2 {
            return label.clone();
        }
        let nth = labels.get(..=i).map_or(0, same);
        text.fill("fleet.cluster_nth", &[("label", label), ("nth", &nth.to_string())])
    };
    all.iter().zip(labels.iter().enumerate().map(numbered)).map(|(c, label)| view(c, &label, text, numbers)).collect()
}

fn view(c: &FleetCluster, label: &str, text: &Text, numbers: Numbers) -> View {
    let title = text.fill("fleet.cluster", &[("number", &c.number.to_string()), ("label", label)]);
    let series = |class: &'static str, day: &[f64]| Series { class, kw: day.iter().map(|v| Some(100.0 * v)).collect() };
    // The working day on top.
    let series = [series("rest", &c.rest), series("now", &c.work)];
    let chart =
        DayChart { title: &title, size: SIZE, bands: &[], range: None, series: &series, marks: &[], extent: None };
    let size = match c.patterns.first() {
        Some((_, share)) if c.named && *share < 1.0 => text.fill(
            "fleet.cluster_size",
            &[("n", &numbers.fixed(c.size as f64, 0)), ("percent", &numbers.percent(*share, 0))],
        ),
        _ => text.fill("fleet.cluster_size_mixed", &[("n", &numbers.fixed(c.size as f64, 0))]),
    };
    View { svg: chart.draw_in(numbers, "%"), title, size }
}

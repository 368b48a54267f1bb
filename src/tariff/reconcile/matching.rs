//! Which recomputed lines an issued line stands for, by the names that bills use.

use crate::customer::IssuedLine;
use crate::tariff::{Line, LineKind, Period};
use crate::units::Money;
use std::collections::BTreeSet;

/// What an issued line's name means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Means {
    /// The bill's total.
    Total,
    /// Demand or capacity, whichever the bill has (基本电费).
    Basic,
    /// Every line of a kind.
    Kind(LineKind),
    /// Energy of a period.
    Period(Period),
}

/// Names that bills use, folded by [`fold`].
const NAMES: &[(Means, &[&str])] = &[
    (Means::Total, &["total", "合计", "总计", "合计电费", "总电费", "应收电费", "本期电费"]),
    (Means::Basic, &["basic", "基本", "容需量", "容(需)量", "容（需）量"]),
    (Means::Kind(LineKind::Energy), &["energy", "电度", "电量", "电能", "电能量", "市场化购电", "购电"]),
    (Means::Kind(LineKind::Demand), &["demand", "需量", "最大需量", "合同需量"]),
    (Means::Kind(LineKind::Capacity), &["capacity", "容量", "变压器容量"]),
    (
        Means::Kind(LineKind::PowerFactor),
        &["powerfactor", "力调", "力率", "力率调整", "功率因数", "功率因数调整", "力率调整电费"],
    ),
    (Means::Kind(LineKind::Fund), &["fund", "funds", "基金", "政府性基金", "政府性基金及附加", "基金及附加", "代征"]),
    (Means::Kind(LineKind::Fixed), &["fixed", "固定", "basicfee", "customercharge"]),
    (Means::Period(Period::Sharp), &["sharp", "尖", "尖峰"]),
    (Means::Period(Period::Peak), &["peak", "峰", "高峰"]),
    (Means::Period(Period::Flat), &["flat", "平", "平时"]),
    (Means::Period(Period::Valley), &["valley", "谷", "低谷"]),
    (Means::Period(Period::Deep), &["deep", "深谷"]),
];

/// What rounding can move an issued sum by for each of its lines.
const ROUNDED: f64 = 0.01;

/// Small letters without blanks, dashes and underscores.
fn fold(name: &str) -> String {
    name.chars().filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect()
}

fn means(name: &str) -> Option<Means> {
    let folded = fold(name);
    let short = folded.strip_suffix("电费").unwrap_or(&folded);
    let bare = short.strip_suffix("电量").filter(|s| !s.is_empty()).unwrap_or(short);
    let bare = bare.strip_suffix('段').unwrap_or(bare);
    let period = bare.strip_prefix("energy").filter(|s| !s.is_empty()).unwrap_or(bare);
    let find = |text: &str| NAMES.iter().find(|(_, names)| names.contains(&text)).map(|n| n.0);
    find(&folded).or_else(|| find(short)).or_else(|| find(bare)).or_else(|| find(period))
}

/// Issued lines and the recomputed lines that they stand for, as places in both lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) issued: Vec<usize>,
    pub(super) lines: Vec<usize>,
    /// Issued lines that an issued sum contains and that are paired by themselves.
    pub(super) less: Vec<usize>,
    /// Of the recomputed lines that no issued line stands for: what the issued total has beyond its lines.
    pub(super) rest: Option<Money>,
}

/// All lines of a month, paired.
#[derive(Debug, Default)]
pub(super) struct Matched {
    /// In the order of the issued bill; then recomputed lines that it lacks.
    pub(super) pairs: Vec<Pair>,
    /// Issued lines that state the total.
    totals: Vec<usize>,
    /// Issued lines that sum up others, all of which are there too.
    subtotals: BTreeSet<usize>,
}

impl Matched {
    pub(super) fn new(issued: &[&IssuedLine], lines: &[Line]) -> Self {
        let mut out = Self::default();
        let wanted: Vec<BTreeSet<usize>> = issued.iter().map(|l| candidates(&l.line, lines)).collect();
        let mut order: Vec<usize> = (0..issued.len()).collect();
        out.totals = order.iter().copied().filter(|i| means(&issued[*i].line) == Some(Means::Total)).collect();
        order.retain(|i| !out.totals.contains(i));
        // The most exact name first: what is left goes to those that stand for more.
        order.sort_by_key(|i| (wanted[*i].len(), *i));
        let mut taken: BTreeSet<usize> = BTreeSet::new();
        let mut pairs: Vec<(Pair, &BTreeSet<usize>)> = Vec::new();
        for i in order {
            let set = &wanted[i];
            if let Some((pair, _)) = pairs.iter_mut().find(|(_, s)| *s == set && !set.is_empty()) {
                pair.issued.push(i);
                continue;
            }
            let free: BTreeSet<usize> = set.difference(&taken).copied().collect();
            if free.is_empty() && !set.is_empty() {
                out.subtotals.insert(i);
                continue;
            }
            let inside = pairs.iter().filter(|(_, s)| !s.is_empty() && s.is_subset(set)).flat_map(|p| &p.0.issued);
            let inside: Vec<usize> = inside.copied().collect();
            let less = if sums_up(issued[i].amount, lines, set, &free) { inside } else { Vec::new() };
            taken.extend(&free);
            pairs.push((Pair { issued: vec![i], lines: free.into_iter().collect(), less, rest: None }, set));
        }
        out.pairs = pairs.into_iter().map(|p| p.0).collect();
        out.pairs.sort_by_key(|p| p.issued.iter().min().copied());
        if !out.pairs.is_empty() {
            let missing: Vec<usize> = (0..lines.len()).filter(|l| !taken.contains(l)).collect();
            out.add_missing(issued, lines, missing);
        }
        out
    }

    /// Recomputed lines that no issued line stands for. Where the issued total is more or less than its
    /// lines, not all of them were given, and these stand beside the rest of the total; else the bill
    /// does not have them, and each name is told once.
    fn add_missing(&mut self, issued: &[&IssuedLine], lines: &[Line], missing: Vec<usize>) {
        let rest = self.issued_total(issued) - self.sum_of_lines(issued);
        if !self.totals.is_empty() && rest.to_f64().abs() > ROUNDED * issued.len() as f64 {
            self.pairs.push(Pair { lines: missing, rest: Some(rest), ..Pair::default() });
            return;
        }
        let mut told: Vec<Pair> = Vec::new();
        for l in missing {
            let same = |p: &Pair| {
                p.lines.first().is_some_and(|f| lines[*f].kind == lines[l].kind && lines[*f].name == lines[l].name)
            };
            match told.iter_mut().find(|p| same(p)) {
                Some(pair) => pair.lines.push(l),
                None => told.push(Pair { lines: vec![l], ..Pair::default() }),
            }
        }
        self.pairs.extend(told);
    }

    /// The issued bill's amount: as it states it, else the sum of its lines.
    pub(super) fn issued_total(&self, issued: &[&IssuedLine]) -> Money {
        if self.totals.is_empty() {
            return self.sum_of_lines(issued);
        }
        self.totals.iter().filter_map(|i| issued.get(*i)).map(|l| l.amount).sum()
    }

    /// Sum of the issued lines, each amount once.
    fn sum_of_lines(&self, issued: &[&IssuedLine]) -> Money {
        let sum = |places: &[usize]| places.iter().filter_map(|i| issued.get(*i)).map(|l| l.amount).sum::<Money>();
        let plain = (0..issued.len()).filter(|i| !self.subtotals.contains(i) && !self.totals.contains(i));
        let plain: Vec<usize> = plain.collect();
        let less: Vec<usize> = self.pairs.iter().flat_map(|p| p.less.clone()).collect();
        sum(&plain) - sum(&less)
    }

    /// What the issued lines come to that a power-factor rate is applied to; `None` unless all are there.
    pub(super) fn base_of_power_factor(&self, issued: &[&IssuedLine], lines: &[Line]) -> Option<f64> {
        let in_base = |l: &usize| {
            let kind = lines.get(*l).map(|l| l.kind);
            matches!(kind, Some(LineKind::Energy | LineKind::Demand | LineKind::Capacity))
        };
        let sent = |p: &&Pair| !p.issued.is_empty() && p.lines.iter().any(in_base);
        let covered: BTreeSet<usize> = self.pairs.iter().filter(sent).flat_map(|p| p.lines.clone()).collect();
        let all = (0..lines.len()).filter(in_base).all(|l| covered.contains(&l));
        if !all || covered.is_empty() || !covered.iter().all(in_base) {
            return None;
        }
        let sum = |places: &[usize]| places.iter().filter_map(|i| issued.get(*i)).map(|l| l.amount).sum::<Money>();
        let amounts = self.pairs.iter().filter(sent).map(|p| sum(&p.issued) - sum(&p.less));
        Some(amounts.sum::<Money>().to_f64())
    }
}

/// Whether an issued line contains lines that are issued by themselves too, or stands beside them:
/// whichever its amount is nearer to.
fn sums_up(amount: Money, lines: &[Line], set: &BTreeSet<usize>, free: &BTreeSet<usize>) -> bool {
    let off = |of: &BTreeSet<usize>| {
        let sum: Money = of.iter().filter_map(|l| lines.get(*l)).map(|l| l.amount).sum();
        (sum - amount).to_f64().abs()
    };
    set.len() > free.len() && off(set) <= off(free)
}

/// The recomputed lines that a name can stand for: those of that very name, else by what it means.
fn candidates(name: &str, lines: &[Line]) -> BTreeSet<usize> {
    let all = |fits: &dyn Fn(&Line) -> bool| -> BTreeSet<usize> {
        lines.iter().enumerate().filter(|(_, l)| fits(l)).map(|(i, _)| i).collect()
    };
    let folded = fold(name);
    let named = all(&|l| fold(&l.name) == folded);
    if !named.is_empty() {
        return named;
    }
    match means(name) {
        None | Some(Means::Total) => BTreeSet::new(),
        Some(Means::Basic) => all(&|l| matches!(l.kind, LineKind::Demand | LineKind::Capacity)),
        Some(Means::Kind(kind)) => all(&|l| l.kind == kind),
        Some(Means::Period(period)) => all(&|l| l.period == Some(period)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_bills_are_understood() {
        for (name, expected) in [
            ("energy peak", Means::Period(Period::Peak)),
            ("energy_peak", Means::Period(Period::Peak)),
            ("峰段电费", Means::Period(Period::Peak)),
            ("尖峰电量", Means::Period(Period::Sharp)),
            ("深谷", Means::Period(Period::Deep)),
            ("电度电费", Means::Kind(LineKind::Energy)),
            ("Demand", Means::Kind(LineKind::Demand)),
            ("需量电费", Means::Kind(LineKind::Demand)),
            ("容量电费", Means::Kind(LineKind::Capacity)),
            ("基本电费", Means::Basic),
            ("力调电费", Means::Kind(LineKind::PowerFactor)),
            ("功率因数调整电费", Means::Kind(LineKind::PowerFactor)),
            ("政府性基金及附加", Means::Kind(LineKind::Fund)),
            ("合计", Means::Total),
        ] {
            assert_eq!(means(name), Some(expected), "{name}");
        }
        assert_eq!(means("系统运行费"), None);
    }
}

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
}

/// All lines of a month, paired.
#[derive(Debug, Default)]
pub(super) struct Matched {
    /// In the order of the issued bill; then recomputed lines that it lacks.
    pub(super) pairs: Vec<Pair>,
    /// Issued lines that state the total.
    totals: Vec<usize>,
    /// Issued lines that sum up others.
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
            let free: Vec<usize> = set.difference(&taken).copied().collect();
            if free.is_empty() && !set.is_empty() {
                out.subtotals.insert(i);
                continue;
            }
            taken.extend(&free);
            pairs.push((Pair { issued: vec![i], lines: free }, set));
        }
        out.pairs = pairs.into_iter().map(|p| p.0).collect();
        out.pairs.sort_by_key(|p| p.issued.iter().min().copied());
        if !out.pairs.is_empty() {
            let missing = (0..lines.len()).filter(|l| !taken.contains(l));
            out.pairs.extend(missing.map(|l| Pair { issued: Vec::new(), lines: vec![l] }));
        }
        out
    }

    /// The issued bill's amount: as it states it, else the sum of its lines.
    pub(super) fn issued_total(&self, issued: &[&IssuedLine]) -> Money {
        let sum = |places: &[usize]| places.iter().filter_map(|i| issued.get(*i)).map(|l| l.amount).sum::<Money>();
        if !self.totals.is_empty() {
            return sum(&self.totals);
        }
        let plain: Vec<usize> = (0..issued.len()).filter(|i| !self.subtotals.contains(i)).collect();
        sum(&plain)
    }

    /// What the issued lines come to that a power-factor rate is applied to; `None` without any.
    pub(super) fn base_of_power_factor(&self, issued: &[&IssuedLine], lines: &[Line]) -> Option<f64> {
        let in_base = |l: &usize| {
            let kind = lines.get(*l).map(|l| l.kind);
            matches!(kind, Some(LineKind::Energy | LineKind::Demand | LineKind::Capacity))
        };
        let amounts: Vec<Money> = self
            .pairs
            .iter()
            .filter(|p| !p.lines.is_empty() && p.lines.iter().all(in_base))
            .flat_map(|p| &p.issued)
            .filter_map(|i| issued.get(*i))
            .map(|l| l.amount)
            .collect();
        (!amounts.is_empty()).then(|| amounts.into_iter().sum::<Money>().to_f64())
    }
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

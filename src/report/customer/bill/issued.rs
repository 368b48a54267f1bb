//! Issued bills beside the recomputed ones: by month, and line by line where they differ.

use crate::report::customer::View;
use crate::report::customer::head::reconciliation;
use crate::report::number::ABSENT;
use crate::tariff::{Cause, LineReconciliation, MonthReconciliation, Side};
use crate::units::Money;
use askama::Template;

/// Months shown, the latest.
const MONTHS: usize = 12;
/// Lines shown at most, the latest months first: table `reconciliation` has them all.
const LINES: usize = 36;

/// The comparison, or on its face that there is none.
#[derive(Template)]
#[template(path = "customer/issued.html")]
pub(super) struct Issued<'a> {
    v: View<'a>,
    /// Whether the page stands on issued bills.
    verdict: String,
    months: Vec<Month>,
}

/// One month.
struct Month {
    month: String,
    issued: String,
    recomputed: String,
    difference: String,
    share: String,
    /// Within the limit or not, or why there is nothing to compare.
    within: String,
    /// Beyond the limit.
    beyond: bool,
    /// Lines that differ by more than rounding.
    lines: Vec<Line>,
    /// So many more are in the table alone.
    more: usize,
}

/// One line on both sides.
struct Line {
    name: String,
    issued: [String; 2],
    recomputed: [String; 2],
    difference: String,
    cause: String,
}

impl<'a> Issued<'a> {
    /// The latest months that have an issued bill, in time order.
    pub(super) fn of(v: &View<'a>) -> Self {
        let found = v.a.reconciliation.iter().flat_map(|r| &r.months).collect::<Vec<_>>();
        let mut room = LINES;
        let latest = found.iter().rev().take(MONTHS);
        let mut months: Vec<Month> = latest.map(|m| month(v, m, &mut room)).collect();
        months.reverse();
        Self { v: *v, verdict: reconciliation(v).1, months }
    }
}

/// An amount with its sign: what is more than issued has a plus.
fn signed(v: &View, amount: Money) -> String {
    let plus = if amount > Money::ZERO { "+" } else { "" };
    format!("{plus}{}", v.numbers.fixed(amount.to_f64(), 2))
}

fn month(v: &View, m: &MonthReconciliation, room: &mut usize) -> Month {
    let money = |x: Money| v.numbers.fixed(x.to_f64(), 2);
    let absent = || ABSENT.to_owned();
    let within = match (m.within(), &m.reason) {
        (Some(true), _) => v.t("word.yes").to_owned(),
        (Some(false), _) => v.t("word.no").to_owned(),
        (None, Some(why)) => v.phrase(why),
        (None, None) => absent(),
    };
    let differing: Vec<&LineReconciliation> = m.lines.iter().filter(|l| differs(l)).collect();
    let shown = differing.len().min(*room);
    *room -= shown;
    Month {
        month: v.numbers.month(m.month),
        issued: money(m.issued),
        recomputed: m.recomputed.map_or_else(absent, money),
        difference: m.difference.map_or_else(absent, |d| signed(v, d)),
        share: m.share.map_or_else(absent, |s| v.numbers.percent(s, 2)),
        beyond: m.within() == Some(false),
        within,
        more: differing.len() - shown,
        lines: differing.into_iter().take(shown).map(|l| line(v, l)).collect(),
    }
}

/// By more than rounding.
const fn differs(l: &LineReconciliation) -> bool {
    !matches!(l.cause, None | Some(Cause::Rounding))
}

fn line(v: &View, l: &LineReconciliation) -> Line {
    let side = |s: Option<Side>| {
        let quantity = s.and_then(|s| s.quantity).map(|q| format!("{} {}", v.numbers.fixed(q, 2), v.unit(l.unit)));
        let amount = s.map(|s| v.numbers.fixed(s.amount.to_f64(), 2));
        [quantity, amount].map(|cell| cell.unwrap_or_else(|| ABSENT.to_owned()))
    };
    Line {
        name: l.line.to_string(),
        issued: side(l.issued),
        recomputed: side(l.recomputed),
        difference: signed(v, l.difference),
        cause: l.cause.map(|c| explanation(v, c)).unwrap_or_default(),
    }
}

/// Why two lines differ, in words with its figures.
pub(in crate::report) fn explanation(v: &View, cause: Cause) -> String {
    let n = v.numbers;
    let (a, b) = match cause {
        Cause::Estimated { kwh } => (n.fixed(kwh, 1), String::new()),
        Cause::Multiplier { ratio } | Cause::SlidingDemand { ratio } => (n.fixed(ratio, 3), String::new()),
        Cause::Rebate { factor, .. } => (n.fixed(factor, 2), String::new()),
        Cause::Losses { share } => (n.percent(share, 2), String::new()),
        Cause::Price { issued, recomputed } => (n.fixed(issued, 6), n.fixed(recomputed, 6)),
        Cause::Rate { issued, recomputed } => (n.percent(issued, 2), n.percent(recomputed, 2)),
        _ => (String::new(), String::new()),
    };
    v.text.fill(&cause.sentence(), &[("a", &a), ("b", &b)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{self, Sample};
    use crate::report::{Language, Text};

    /// One of each.
    const CAUSES: [Cause; 14] = [
        Cause::Rounding,
        Cause::Estimated { kwh: 12.5 },
        Cause::Multiplier { ratio: 1.5 },
        Cause::Rebate { factor: 0.9, on_issued: true },
        Cause::Rebate { factor: 0.9, on_issued: false },
        Cause::Losses { share: 0.0231 },
        Cause::SlidingDemand { ratio: 1.04 },
        Cause::Price { issued: 0.61, recomputed: 0.62 },
        Cause::Rate { issued: 0.02, recomputed: -0.0075 },
        Cause::Base,
        Cause::Quantity,
        Cause::MissingComponent,
        Cause::NotIssued,
        Cause::Unexplained,
    ];

    #[test]
    fn every_cause_has_a_sentence_of_its_own_with_its_figures() {
        let sample = Sample::default();
        let a = sample::analysis(&sample);
        for language in Language::ALL {
            let ctx = sample::context(&sample, &a, language);
            let v = View::new(&a, &ctx);
            let mut all: Vec<String> = CAUSES.iter().map(|c| explanation(&v, *c)).collect();
            for (cause, sentence) in CAUSES.iter().zip(&all) {
                assert!(Text::of(language).get(&format!("cause.{}", cause.code())).is_some(), "{cause:?}");
                assert!(!sentence.contains('{') && !sentence.is_empty(), "{cause:?}: {sentence}");
            }
            assert!(all[7].contains("0.610000") && all[8].contains("−0.75%"), "{all:?}");
            all.sort();
            all.dedup();
            assert_eq!(all.len(), CAUSES.len());
        }
    }
}

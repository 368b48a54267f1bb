//! Why an issued and a recomputed line differ, as far as the month's facts show it.

use super::Side;
use crate::tariff::{Compiled, CycleUsage, Line, LineKind};
use crate::text::{Language, Text};
use std::fmt;

/// Amounts that agree to this are equal: half a hundredth.
const EQUAL: f64 = 0.005;
/// Quantities that agree to this share are the same (judgement: bills round to whole kWh and kW).
const SAME_QUANTITY: f64 = 0.001;
/// A ratio this close to a step of a transformer ratio is that step (judgement).
const NEAR_RATIO: f64 = 0.005;
/// Steps between usual CT and PT ratios; a wrong multiplier is off by one of them, or by all of it.
const RATIO_STEPS: &[f64] = &[1.25, 1.5, 1.6, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 100.0, 1000.0];
/// Losses of a customer's transformer as a share of its energy lie between these (judgement).
const LOSSES: (f64, f64) = (0.002, 0.06);
/// The greatest ratio seen between the sliding maximum that meters register and the fixed
/// quarter-hour mean (1.27, in synthetic one-minute profiles).
const MOST_SLIDING: f64 = 1.27;
/// Power-factor rates that agree to this are equal: a hundredth of the table's step.
const SAME_RATE: f64 = 1e-5;

/// Why an issued and a recomputed line differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cause {
    /// Rounding of amounts, or of energy to whole units of the register.
    Rounding,
    /// So many kWh of the line are estimated, which is as much as the difference.
    Estimated {
        /// Estimated kWh.
        kwh: f64,
    },
    /// The quantities are a step of transformer ratios apart: a multiplier is wrong on one side.
    Multiplier {
        /// Issued over recomputed.
        ratio: f64,
    },
    /// The utilisation rebate was applied on one side only.
    Rebate {
        /// Its factor.
        factor: f64,
        /// On the issued bill, not on the recomputed one.
        on_issued: bool,
    },
    /// The meter is on the low side, and the issued energy is higher by what transformers lose.
    Losses {
        /// As a share of the recomputed energy.
        share: f64,
    },
    /// The metered demand slides, the recomputed one is of fixed windows and so a lower bound.
    SlidingDemand {
        /// Issued over recomputed.
        ratio: f64,
    },
    /// Quantities agree, prices do not.
    Price {
        /// A unit, as issued.
        issued: f64,
        /// A unit, as recomputed.
        recomputed: f64,
    },
    /// The power-factor rates differ.
    Rate {
        /// As issued.
        issued: f64,
        /// As recomputed.
        recomputed: f64,
    },
    /// The rate is the same; the charges that it is applied to differ.
    Base,
    /// The quantities differ, and nothing at hand says why.
    Quantity,
    /// The tariff file has no such component.
    MissingComponent,
    /// The issued bill has no such line.
    NotIssued,
    /// Only amounts are known, and nothing at hand says why they differ.
    Unexplained,
}

impl Cause {
    /// The name in tables and of the sentence on pages.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Rounding => "rounding",
            Self::Estimated { .. } => "estimated",
            Self::Multiplier { .. } => "multiplier",
            Self::Rebate { .. } => "rebate",
            Self::Losses { .. } => "losses",
            Self::SlidingDemand { .. } => "sliding_demand",
            Self::Price { .. } => "price",
            Self::Rate { .. } => "rate",
            Self::Base => "base",
            Self::Quantity => "quantity",
            Self::MissingComponent => "missing_component",
            Self::NotIssued => "not_issued",
            Self::Unexplained => "unexplained",
        }
    }

    /// Key of its sentence, with `{a}` and `{b}` for its figures.
    #[must_use]
    pub fn sentence(self) -> String {
        let side = if matches!(self, Self::Rebate { on_issued: false, .. }) { "_recomputed" } else { "" };
        format!("cause.{}{side}", self.code())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |share: f64| format!("{:.2} %", share * 100.0);
        let (a, b) = match self {
            Self::Estimated { kwh } => (format!("{kwh:.1}"), String::new()),
            Self::Multiplier { ratio } | Self::SlidingDemand { ratio } => (format!("{ratio:.3}"), String::new()),
            Self::Rebate { factor, .. } => (factor.to_string(), String::new()),
            Self::Losses { share } => (percent(*share), String::new()),
            Self::Price { issued, recomputed } => (format!("{issued:.6}"), format!("{recomputed:.6}")),
            Self::Rate { issued, recomputed } => (percent(*issued), percent(*recomputed)),
            _ => (String::new(), String::new()),
        };
        f.write_str(&Text::of(Language::En).fill(&self.sentence(), &[("a", &a), ("b", &b)]))
    }
}

/// The month's facts.
pub(super) struct Facts<'a> {
    /// What each supply point used.
    pub(super) usages: &'a [&'a CycleUsage],
    /// The tariff.
    pub(super) tariff: &'a Compiled,
    /// A meter stands on the low side of the transformer.
    pub(super) low_side: bool,
    /// What the issued lines come to that a power-factor rate is applied to.
    pub(super) base_issued: Option<f64>,
}

impl Facts<'_> {
    /// Estimated kWh in the bands of these lines.
    fn estimated(&self, lines: &[&Line]) -> f64 {
        let bands = self.tariff.bands().iter().enumerate();
        let of = |l: &&Line, name: &str| l.kind == LineKind::Fund || (l.kind == LineKind::Energy && *l.name == *name);
        let named = bands.filter(|(_, b)| lines.iter().any(|l| of(l, &b.name)));
        named.flat_map(|(i, _)| self.usages.iter().filter_map(move |u| u.estimated_kwh.get(i))).map(|k| k.get()).sum()
    }
}

/// Why two sides of a line differ; `None` when they agree.
pub(super) fn of(issued: Option<Side>, recomputed: Option<Side>, lines: &[&Line], facts: &Facts<'_>) -> Option<Cause> {
    let (issued, recomputed) = match (issued, recomputed) {
        (None, None) => return None,
        (Some(_), None) => return Some(Cause::MissingComponent),
        (None, Some(_)) => return Some(Cause::NotIssued),
        (Some(i), Some(r)) => (i, r),
    };
    let difference = (recomputed.amount - issued.amount).to_f64().abs();
    if difference < EQUAL {
        return None;
    }
    let case = Case { issued, recomputed, difference, lines, facts };
    let kind = lines.first().map(|l| l.kind);
    Some(match kind {
        Some(LineKind::PowerFactor) => case.power_factor(),
        _ if case.is_rounding() => Cause::Rounding,
        Some(LineKind::Energy | LineKind::Fund) => case.energy(),
        Some(LineKind::Demand) => case.demand(),
        _ => case.other(),
    })
}

/// Why the rest of an issued total differs from so many recomputed lines; `None` when they agree.
pub(super) fn of_rest(issued: Option<Side>, recomputed: Option<Side>, n_lines: usize) -> Option<Cause> {
    let (issued, Some(recomputed)) = (issued?, recomputed) else { return Some(Cause::MissingComponent) };
    match (recomputed.amount - issued.amount).to_f64().abs() {
        d if d < EQUAL => None,
        d if d <= 0.01 * n_lines as f64 + EQUAL => Some(Cause::Rounding),
        _ => Some(Cause::Unexplained),
    }
}

struct Case<'a> {
    issued: Side,
    recomputed: Side,
    difference: f64,
    lines: &'a [&'a Line],
    facts: &'a Facts<'a>,
}

impl Case<'_> {
    fn quantities(&self) -> Option<(f64, f64)> {
        self.issued.quantity.zip(self.recomputed.quantity)
    }

    /// Issued over recomputed: quantities where both are stated, else amounts.
    fn ratio(&self) -> f64 {
        let (i, r) = self.quantities().unwrap_or((self.issued.amount.to_f64(), self.recomputed.amount.to_f64()));
        if r == 0.0 { f64::INFINITY } else { i / r }
    }

    fn prices(&self) -> Option<(f64, f64)> {
        let (i, r) = self.quantities().filter(|(i, r)| *i != 0.0 && *r != 0.0)?;
        Some((self.issued.amount.to_f64() / i, self.recomputed.amount.to_f64() / r))
    }

    fn same_quantity(&self) -> bool {
        self.quantities().is_some_and(|(i, r)| (i - r).abs() <= SAME_QUANTITY * r.abs())
    }

    /// A hundredth a line; and half a unit a line on either side where energy is billed in whole units.
    fn is_rounding(&self) -> bool {
        let n = self.lines.len() as f64;
        let dearest = self.lines.iter().map(|l| l.price.abs()).fold(0.0, f64::max);
        let metered = self.lines.iter().all(|l| ["kWh", "kW", "kvarh"].contains(&l.unit));
        let whole = metered && self.quantities().is_some_and(|(i, r)| i.fract() == 0.0 && (i - r).abs() < n);
        self.difference <= 0.01 * n + EQUAL || (whole && self.difference <= n * dearest + EQUAL)
    }

    fn multiplier(&self) -> Option<Cause> {
        let ratio = self.ratio();
        let factor = if ratio > 1.0 { ratio } else { 1.0 / ratio };
        let step = RATIO_STEPS.iter().any(|s| (factor / s - 1.0).abs() <= NEAR_RATIO);
        step.then_some(Cause::Multiplier { ratio })
    }

    fn energy(&self) -> Cause {
        if let Some(cause) = self.multiplier() {
            return cause;
        }
        let estimated = self.facts.estimated(self.lines);
        let price = self.lines.iter().map(|l| l.price).fold(0.0, f64::max);
        let apart = self.quantities().map_or(self.difference / price.max(f64::MIN_POSITIVE), |(i, r)| (i - r).abs());
        let share = self.ratio() - 1.0;
        match self.prices() {
            _ if estimated > 0.0 && apart <= estimated && !self.same_quantity() => Cause::Estimated { kwh: estimated },
            _ if self.facts.low_side && (LOSSES.0..=LOSSES.1).contains(&share) => Cause::Losses { share },
            Some((issued, recomputed)) if self.same_quantity() => Cause::Price { issued, recomputed },
            Some(_) => Cause::Quantity,
            None => Cause::Unexplained,
        }
    }

    fn demand(&self) -> Cause {
        let factor = self.facts.tariff.tariff().rebate.as_ref().map(|r| r.factor.get());
        let by_price = self.prices().map(|(i, r)| i / r);
        let ratio = by_price.unwrap_or(self.issued.amount.to_f64() / self.recomputed.amount.to_f64());
        if let Some(factor) = factor {
            let near = |a: f64, b: f64| (a / b - 1.0).abs() <= SAME_QUANTITY;
            if near(ratio, factor) || near(ratio, 1.0 / factor) {
                return Cause::Rebate { factor, on_issued: ratio < 1.0 };
            }
        }
        if let Some(cause) = self.multiplier() {
            return cause;
        }
        match self.prices() {
            Some((issued, recomputed)) if self.same_quantity() => Cause::Price { issued, recomputed },
            Some(_) if (1.0..=MOST_SLIDING).contains(&self.ratio()) => Cause::SlidingDemand { ratio: self.ratio() },
            Some(_) => Cause::Quantity,
            None => Cause::Unexplained,
        }
    }

    /// The rate is the amount over the base: the line's own quantity, else the issued lines before it.
    fn power_factor(&self) -> Cause {
        let base = self.issued.quantity.filter(|q| *q != 0.0).or(self.facts.base_issued.filter(|b| *b != 0.0));
        let recomputed = self.lines.first().map_or(0.0, |l| l.price);
        match base.map(|b| self.issued.amount.to_f64() / b) {
            Some(issued) if (issued - recomputed).abs() <= SAME_RATE => Cause::Base,
            Some(issued) => Cause::Rate { issued, recomputed },
            None => Cause::Unexplained,
        }
    }

    fn other(&self) -> Cause {
        match self.prices() {
            Some((issued, recomputed)) if self.same_quantity() => Cause::Price { issued, recomputed },
            Some(_) => Cause::Quantity,
            None => Cause::Unexplained,
        }
    }
}

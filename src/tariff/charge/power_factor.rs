//! The power-factor adjustment (功率因数调整电费) of 〔83〕水电财字215号.

use super::case::in_base;
use super::{Case, Charge, Draft, Item};
use crate::tariff::{LineKind, PowerFactorTerms, Price};
use crate::text::{said, say};
use crate::units::{Kvarh, Kwh, Ratio};
use std::fmt::{self, Write};
use std::sync::Arc;

/// A cos φ this little below a half of the last digit is taken for the half (float noise).
const HALF_TOLERANCE: f64 = 1e-9;
/// Least share of measured intervals with a reactive reading for the line to be billed (judgement:
/// 1 % of a month is 7 hours).
const LEAST_REACTIVE_SHARE: f64 = 0.99;

/// The adjustment line: rate × (energy without funds + demand or capacity).
#[derive(Debug)]
pub struct PowerFactor;

impl Charge for PowerFactor {
    fn key(&self) -> &'static str {
        "power_factor"
    }

    fn add(&self, case: &Case<'_>, draft: &mut Draft<'_>) -> Result<(), String> {
        let Some(terms) = &case.last().power_factor else { return Ok(()) };
        match rate(case) {
            Ok(found) => line(case, terms, &found, draft),
            Err(why) => {
                draft.note(say("bill.no_pf", &[("why", &why)]));
                Ok(())
            }
        }
    }
}

/// Adjustment in basis points (1/100 %) of the charges for `k` = 100 cos φ, rounded, under a
/// standard of 90, 85 or 80 (hundredths); positive is a surcharge. `None` for another standard or
/// `k` above 100.
///
/// Closed form of the table of 〔83〕水电财字215号: 0.5 % a hundredth below the standard for 20
/// hundredths, 1 % for the next five, then 2 %; rewards of 0.10 or 0.15 % a hundredth above it.
#[must_use]
pub fn rate_basis_points(standard: u32, k: u32) -> Option<i64> {
    let reward = match standard {
        90 => |k: i64| -15 * (k.min(95) - 90),
        85 => |k: i64| if k < 90 { -10 * (k - 85) } else { (-50 - 15 * (k - 90)).max(-110) },
        80 => |k: i64| if k < 90 { -10 * (k - 80) } else { (-100 - 15 * (k - 90)).max(-130) },
        _ => return None,
    };
    let (standard, k) = (i64::from(standard), i64::from(k));
    let below = standard - k;
    Some(match below {
        _ if k > 100 => return None,
        ..=0 => reward(k),
        1..=20 => 50 * below,
        21..=25 => 1000 + 100 * (below - 20),
        _ => 1500 + 200 * (below - 25),
    })
}

/// What was found for a cycle.
struct Found {
    k: u32,
    standard: u32,
    basis_points: i64,
    left_out: usize,
}

/// The cycle's cos φ, rounded half up, and its rate; or why there is none.
fn rate(case: &Case<'_>) -> Result<Found, String> {
    let standard = case.terms.contract.pf_standard.ok_or_else(|| said("bill.pf_missing"))?;
    let standard = hundredths(standard);
    let (mut active, mut reactive) = (Kwh::ZERO, Kvarh::ZERO);
    let (mut measured, mut left_out) = (0, 0);
    for (_, usage) in case.usages {
        match usage.kvarh {
            Some(kvarh) => {
                active += usage.kwh_with_kvarh;
                reactive += kvarh;
                measured += usage.n_valid;
                left_out += usage.n_without_kvarh;
            }
            // A supply point that took nothing has no say in the power factor.
            None if usage.total_kwh() == Kwh::ZERO => {}
            None => return Err(said("bill.no_reactive").into()),
        }
    }
    if left_out as f64 > measured as f64 * (1.0 - LEAST_REACTIVE_SHARE) {
        return Err(say("bill.pf_open", &[("n", &left_out), ("month", &case.cycle.month)]));
    }
    let factor = active.power_factor(reactive).ok_or_else(|| said("bill.no_active"))?;
    let k = hundredths(factor);
    let basis_points = rate_basis_points(standard, k)
        .ok_or_else(|| say("bill.pf_standard", &[("standard", &Hundredths(u64::from(standard)))]))?;
    Ok(Found { k, standard, basis_points, left_out })
}

/// `1.25` of 125, without formatting a float, of which a year's bill has 36.
struct Hundredths(u64);

impl fmt::Display for Hundredths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digit = |place: u64| char::from(b'0' + (self.0 / place % 10) as u8);
        if self.0 >= 100_000 {
            write!(f, "{}", self.0 / 100_000)?;
        }
        for place in [10_000, 1_000] {
            if self.0 >= place {
                f.write_char(digit(place))?;
            }
        }
        [digit(100), '.', digit(10), digit(1)].into_iter().try_for_each(|c| f.write_char(c))
    }
}

/// A rate with its sign, in basis points.
struct Rate(i64);

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char(if self.0 < 0 { '−' } else { '+' })?;
        Hundredths(self.0.unsigned_abs()).fmt(f)
    }
}

/// Hundredths, rounded half up.
fn hundredths(ratio: Ratio) -> u32 {
    (ratio.get() * 100.0 + 0.5 + HALF_TOLERANCE).floor().clamp(0.0, f64::from(u32::MAX)) as u32
}

fn line(case: &Case<'_>, terms: &PowerFactorTerms, found: &Found, draft: &mut Draft<'_>) -> Result<(), String> {
    let (base, base_exact) = draft.sum(|kind| in_base(&terms.base, kind));
    let price = Price::from_basis_points(found.basis_points);
    let (factor, standard) = (Hundredths(u64::from(found.k)), Hundredths(u64::from(found.standard)));
    let mut note = say("bill.pf", &[("factor", &factor), ("standard", &standard), ("rate", &Rate(found.basis_points))]);
    if found.left_out > 0 {
        note.push_str(", ");
        note.push_str(&say("bill.pf_left_out", &[("n", &found.left_out)]));
    }
    draft.push_exact(
        Item {
            supply_point: None,
            kind: LineKind::PowerFactor,
            name: Arc::clone(&terms.name),
            period: None,
            quantity: base.to_f64(),
            unit: "base",
            price,
            note,
            origin: case.last().origin("power_factor", 0),
        },
        base_exact * price.get(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table step by step, as it is printed: from the standard downwards and upwards, adding
    /// each hundredth's step. Shares nothing with the closed form.
    fn printed(standard: u32) -> Vec<i64> {
        let mut table = vec![0; 101];
        let at = standard as usize;
        for k in (0..at).rev() {
            let step = match at - k {
                1..=20 => 50,
                21..=25 => 100,
                _ => 200,
            };
            table[k] = table[k + 1] + step;
        }
        for k in at + 1..=100 {
            let step = match (standard, k) {
                (90, 91..=95) | (85, 91..=94) | (80, 91..=92) => 15,
                (85, 86..=90) | (80, 81..=90) => 10,
                _ => 0,
            };
            table[k] = table[k - 1] - step;
        }
        table
    }

    #[test]
    fn all_303_cells_follow_the_steps_of_the_table() {
        let mut cells = 0;
        for standard in [90, 85, 80] {
            for (k, expected) in (0..).zip(printed(standard)) {
                assert_eq!(rate_basis_points(standard, k), Some(expected), "standard {standard}, cos φ {k}");
                cells += 1;
            }
        }
        assert_eq!(cells, 303);
        assert_eq!(rate_basis_points(92, 90), None);
        assert_eq!(rate_basis_points(90, 101), None);
    }

    #[test]
    fn golden_cells_of_the_published_table() {
        let golden = [(90, 100, -75), (90, 89, 50), (90, 65, 1500), (90, 60, 2500), (85, 94, -110), (85, 90, -50)];
        for (standard, k, bp) in golden {
            assert_eq!(rate_basis_points(standard, k), Some(bp));
        }
        assert_eq!(rate_basis_points(80, 92), Some(-130));
    }

    #[test]
    fn rounding_is_half_up_before_the_look_up() {
        assert_eq!(hundredths(Ratio::new(0.895)), 90);
        assert_eq!(hundredths(Ratio::new(0.894_999)), 89);
        assert_eq!(hundredths(Ratio::new(1.0)), 100);
    }

    #[test]
    fn hundredths_are_written_as_formatting_would() {
        for n in [0, 5, 90, 100, 125, 999, 1_000, 14_500, 99_999, 100_000, 123_456_789] {
            let text = Hundredths(n).to_string();
            assert_eq!(text, format!("{}.{:02}", n / 100, n % 100));
        }
    }

    #[test]
    fn the_sample_adjustment_line() {
        // Hubei bill: 6 137 186.5 × −0.15 % = −9205.8 (domain reference §2.4): cos φ 0.91 under 0.90.
        let rate = Price::from_basis_points(rate_basis_points(90, 91).unwrap());
        assert_eq!(rate.amount(6_137_186.5).map(|a| a.to_string()), Some("-9205.78".into()));
    }
}

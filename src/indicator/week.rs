//! How far a load departs from its own week.

use crate::curve::{Load, VALID, wide};

/// Weeks that a mean week is formed of, at least (judgement: with fewer, each reading is too much
/// of its own mean).
pub const MIN_WEEKS: usize = 4;

/// Load variability: the root mean square of `(P − μ)/μ`, where μ is the mean of the interval's
/// weekday and wall-clock slot (Price 2010, LBNL-3713E). Slots whose mean does not exceed
/// `no_load_kw` are left out; `None` with fewer than [`MIN_WEEKS`] weeks of valid readings or when
/// nothing is left.
#[must_use]
pub fn load_variability(load: &Load, no_load_kw: f64) -> Option<f64> {
    let slots = load.interval().slots();
    if load.n_valid() < MIN_WEEKS * 7 * slots {
        return None;
    }
    let mut sums = vec![0.0; 7 * slots];
    let mut counts = vec![0u32; 7 * slots];
    let mut complete = [0u32; 7];
    for day in 0..load.days().len() {
        let weekday = usize::from(load.date(day).weekday());
        let row = weekday * slots..(weekday + 1) * slots;
        if plain(load, day) {
            complete[weekday] += 1;
            add(&mut sums[row], load.day_kw(day));
        } else {
            for_valid(load, day, |slot, kw| {
                sums[row.start + slot] += kw;
                counts[row.start + slot] += 1;
            });
        }
    }
    let mut inverse = vec![0.0; 7 * slots];
    let mut n = 0u64;
    for (at, (inverse, (sum, count))) in inverse.iter_mut().zip(sums.iter().zip(&counts)).enumerate() {
        let count = count + complete[at / slots];
        if *sum > no_load_kw * f64::from(count) {
            *inverse = f64::from(count) / sum;
            n += u64::from(count);
        }
    }
    (n > 0).then(|| (squares(load, &inverse) / n as f64).sqrt())
}

/// Σ(P/μ − 1)² over slots whose inverse mean is not 0.
fn squares(load: &Load, inverse: &[f64]) -> f64 {
    let slots = load.interval().slots();
    // What is taken off a ratio: nothing where there is none, so that its square is 0.
    let one: Vec<f64> = inverse.iter().map(|i| f64::from(*i != 0.0)).collect();
    let mut total = 0.0;
    for day in 0..load.days().len() {
        let weekday = usize::from(load.date(day).weekday());
        let row = weekday * slots..(weekday + 1) * slots;
        let (inverse, one) = (&inverse[row.clone()], &one[row]);
        if plain(load, day) {
            total += day_squares(load.day_kw(day), inverse, one);
        } else {
            for_valid(load, day, |slot, kw| total += (kw * inverse[slot] - one[slot]).powi(2));
        }
    }
    total
}

wide! {
    /// Σ(P/μ − 1)² of a whole day, in eight lanes.
    fn day_squares(kw: &[f64], inverse: &[f64], one: &[f64]) -> f64 = squares_of_a_day;
}

#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
fn squares_of_a_day(kw: &[f64], inverse: &[f64], one: &[f64]) -> f64 {
    let mut lanes = [0.0f64; 8];
    let eights = kw.as_chunks::<8>().0.iter().zip(inverse.as_chunks::<8>().0).zip(one.as_chunks::<8>().0);
    for ((kw, inverse), one) in eights {
        let off: [f64; 8] = std::array::from_fn(|i| kw[i] * inverse[i] - one[i]);
        lanes = std::array::from_fn(|i| lanes[i] + off[i] * off[i]);
    }
    lanes.iter().sum()
}

/// Every interval valid and in its own slot. Days have 24, 48, 96 or 288 slots: whole chunks of 8.
fn plain(load: &Load, day: usize) -> bool {
    load.day_complete(day) && load.days().shift(day).is_none()
}

fn add(sums: &mut [f64], kw: &[f64]) {
    for (sum, kw) in sums.iter_mut().zip(kw) {
        *sum += kw;
    }
}

fn for_valid(load: &Load, day: usize, mut visit: impl FnMut(usize, f64)) {
    for (k, (kw, flags)) in load.day_kw(day).iter().zip(load.day_flags(day)).enumerate() {
        if flags & VALID != 0 {
            visit(load.days().slot(day, k).min(load.interval().slots() - 1), *kw);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::testing;

    #[test]
    fn the_same_week_again_and_again_does_not_vary() {
        let week: Vec<f64> = (0..168).map(|h| 100.0 + f64::from(h)).collect();
        let load = testing::load(60, &[&week, &week, &week, &week]);
        assert!(load_variability(&load, 1.0).is_some_and(|v| v < 1e-12));
        assert_eq!(load_variability(&testing::load(60, &[&week, &week, &week]), 1.0), None, "three weeks");
    }

    #[test]
    fn every_second_week_half_as_high_again() {
        // μ = 100, P = 80 or 120: the root mean square is 0.2; the idle Sunday is left out.
        let week = |kw: f64| (0..168).map(|h| if h < 144 { kw } else { 0.0 }).collect::<Vec<_>>();
        let load = testing::load(60, &[&week(80.0), &week(120.0), &week(80.0), &week(120.0)]);
        assert!(load_variability(&load, 1.0).is_some_and(|v| (v - 0.2).abs() < 1e-12));
    }

    #[test]
    fn clock_changes_and_gaps_keep_to_their_slots() {
        // Eight weeks over the autumn change in Berlin; the load depends on the wall clock alone.
        let days = testing::load_in("Europe/Berlin", "2016-10-03", 60, &[1.0; 56 * 24 + 1]);
        let mut kw: Vec<f64> =
            (0..days.kw().len()).map(|i| 50.0 + f64::from(days.instant(i).minute_of_day() / 60)).collect();
        kw[100] = f64::NAN;
        let load = testing::load_in("Europe/Berlin", "2016-10-03", 60, &kw);
        assert!(load_variability(&load, 1.0).is_some_and(|v| v < 1e-12));
    }
}

//! Coincidence of several loads: a fact of a fleet, not of a customer.

use crate::curve::{Load, VALID};
use crate::units::Ratio;

/// Coincidence factor 同时率 `max_t ΣP_j(t) / Σ_j max P_j` over the instants at which every load has a
/// valid reading; its inverse is the diversity factor. `None` when the loads differ in interval, share
/// no instant, or the sum of their maxima is not positive. It never exceeds 1.
#[must_use]
pub fn coincidence(loads: &[&Load]) -> Option<Ratio> {
    let (first, rest) = loads.split_first()?;
    if rest.iter().any(|l| l.interval() != first.interval()) || loads.iter().any(|l| l.kw().is_empty()) {
        return None;
    }
    let step = first.interval().seconds();
    let utc = |l: &Load, i: usize| l.instant(i).utc;
    // The instants that all have, as UTC seconds of the first and of the one after the last start.
    let start = loads.iter().map(|l| utc(l, 0)).max()?;
    let end = loads.iter().map(|l| utc(l, l.kw().len() - 1) + step).min()?;
    let n = usize::try_from((end - start) / step).ok().filter(|n| *n > 0)?;
    let offsets: Vec<usize> =
        loads.iter().map(|l| usize::try_from((start - utc(l, 0)) / step)).collect::<Result<_, _>>().ok()?;
    // Loads are in real-time order, so that the same instant is the same distance from each offset.
    let mut sum = vec![0.0; n];
    let mut common = vec![VALID; n];
    for (load, from) in loads.iter().zip(&offsets) {
        let (kw, flags) = (load.kw().get(*from..from + n)?, load.flags().get(*from..from + n)?);
        sum.iter_mut().zip(kw).for_each(|(sum, kw)| *sum += kw);
        common.iter_mut().zip(flags).for_each(|(common, flags)| *common &= flags);
    }
    let at_once =
        |values: &[f64]| values.iter().zip(&common).filter(|(_, c)| **c & VALID != 0).map(|(v, _)| *v).reduce(f64::max);
    let mut apart = 0.0;
    for (load, from) in loads.iter().zip(&offsets) {
        apart += at_once(load.kw().get(*from..from + n)?)?;
    }
    let together = at_once(&sum)?;
    (apart > 0.0).then(|| Ratio::new((together / apart).min(1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::testing;
    use proptest::prelude::*;

    #[test]
    fn peaks_at_different_times_coincide_in_part() {
        let a = testing::load(60, &[&[10.0, 50.0, 20.0]]);
        let b = testing::load(60, &[&[50.0, 10.0, 20.0]]);
        assert_eq!(coincidence(&[&a, &b]), Some(Ratio::new(0.6)));
        assert_eq!(coincidence(&[&a]), Some(Ratio::new(1.0)));
        assert_eq!(coincidence(&[]), None);
        assert_eq!(coincidence(&[&a, &testing::load(30, &[&[1.0]])]), None);
    }

    #[test]
    fn only_common_instants_count() {
        let a = testing::load_in("Asia/Shanghai", "2024-01-01", 60, &[100.0; 48]);
        let mut later = [10.0; 48];
        later[0] = f64::NAN;
        later[1] = 30.0;
        let b = testing::load_in("Asia/Shanghai", "2024-01-02", 60, &later);
        assert_eq!(coincidence(&[&a, &b]), Some(Ratio::new(1.0)), "100 with 30 at the same hour");
        let c = testing::load_in("Asia/Shanghai", "2024-02-02", 60, &[1.0; 24]);
        assert_eq!(coincidence(&[&a, &c]), None);
    }

    proptest! {
        #[test]
        fn never_above_one(a in prop::collection::vec(-5.0..100.0f64, 24), b in prop::collection::vec(-5.0..100.0f64, 24)) {
            let k = coincidence(&[&testing::load(60, &[&a]), &testing::load(60, &[&b])]);
            prop_assert!(k.is_none_or(|k| k.get() <= 1.0));
        }
    }
}

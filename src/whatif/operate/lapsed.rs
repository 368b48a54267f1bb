//! Machines that no longer run as they did.

use super::Signs;
use super::regime::Regime;
use super::seen::Known;
use crate::curve::Load;
use crate::time::Date;
use std::collections::BTreeMap;

/// Takes out what ran all the time and has not run at its hours for longer than ever before, on so many observed
/// days of its kind or more: a machine that is gone, or that has been moved. One that runs in a season alone rested before it, too.
/// By machine: the last day of what was taken out.
pub(super) fn take_out(
    load: &Load,
    regimes: &[Regime<'_>],
    known: &mut [Vec<Known>],
    signs: &Signs,
) -> BTreeMap<usize, Date> {
    let mut out = BTreeMap::new();
    let lapsed: Vec<Vec<Option<usize>>> = known
        .iter()
        .map(|of| of.iter().map(|k| lapse(regimes, known, k, (load.interval().slots(), signs))).collect())
        .collect();
    for (known, lapsed) in known.iter_mut().zip(lapsed) {
        let gone = || known.iter().zip(&lapsed).filter_map(|(k, last)| Some((k.run.machine, load.date((*last)?))));
        for (machine, date) in gone() {
            let last = out.entry(machine).or_insert(date);
            *last = date.max(*last);
        }
        let mut lapsed = lapsed.iter();
        known.retain(|_| lapsed.next().is_none_or(Option::is_none));
    }
    out
}

/// The last day on which a machine ran about its hours, where it no longer does.
fn lapse(regimes: &[Regime<'_>], known: &[Vec<Known>], of: &Known, (n, signs): (usize, &Signs)) -> Option<usize> {
    let about = |k: &&Known| k.run.machine == of.run.machine && k.group == of.group && k.run.overlaps(&of.run, n);
    let mut ran: Vec<usize> = known.iter().flatten().filter(about).flat_map(|k| k.ran.iter().copied()).collect();
    ran.sort_unstable();
    let mut days: Vec<usize> = regimes.iter().flat_map(|r| r.days(of.group).iter().copied()).collect();
    days.sort_unstable();
    let rests = days.split(|day| ran.binary_search(day).is_ok()).map(<[usize]>::len);
    let (mut longest, mut last) = (0, 0);
    for rest in rests {
        (longest, last) = (longest.max(last), rest);
    }
    let longer = last >= signs.lapse_days && last as f64 > signs.lapse_factor * longest as f64;
    (longest <= signs.pause_days && longer).then(|| ran.last().copied())?
}

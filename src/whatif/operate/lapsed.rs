//! Machines that no longer run as they did.

use super::regime::Regime;
use super::seen::Known;
use super::{Lapsed, Signs};
use crate::curve::Load;
use crate::customer::Equipment;
use crate::time::DayKind;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Takes out what ran all the time and has not run at its hours for longer than ever before, on so many observed
/// days or more: a machine that is gone, or that has been moved. One that runs in a season alone rested before it, too.
pub(super) fn take_out(
    (load, equipment): (&Load, &[Equipment]),
    regimes: &[Regime<'_>],
    known: &mut [Vec<Known>],
    signs: &Signs,
) -> Vec<Lapsed> {
    let slots = load.interval().slots();
    let lapsed: Vec<Vec<Option<usize>>> =
        known.iter().map(|of| of.iter().map(|k| lapse(regimes, known, k, (slots, signs))).collect()).collect();
    let mut gone = Vec::new();
    for (known, lapsed) in known.iter_mut().zip(lapsed) {
        gone.extend(known.iter().zip(&lapsed).filter_map(|(k, last)| Some((k.run.machine, k.group, (*last)?))));
        let mut lapsed = lapsed.iter();
        known.retain(|_| lapsed.next().is_none_or(Option::is_none));
    }
    let of_machine = |(machine, e): (usize, &Equipment)| {
        let of = || gone.iter().filter(move |g| g.0 == machine);
        let groups: BTreeSet<usize> = of().map(|g| g.1).collect();
        let partly = known.iter().flatten().any(|k| k.run.machine == machine);
        let kinds = groups.into_iter().filter(|_| partly).filter_map(|g| DayKind::ALL.get(g).copied()).collect();
        let last = load.date(of().map(|g| g.2).max()?);
        Some(Lapsed { equipment: Arc::clone(&e.name), last, kinds })
    };
    equipment.iter().enumerate().filter_map(of_machine).collect()
}

/// The last day on which a machine ran about its hours, where it no longer does. Days off are judged together: holidays
/// alone are too few.
fn lapse(regimes: &[Regime<'_>], known: &[Vec<Known>], of: &Known, (n, signs): (usize, &Signs)) -> Option<usize> {
    let works = |k: &Known| DayKind::ALL.get(k.group) == Some(&DayKind::Workday);
    let like = |k: &&Known| k.run.machine == of.run.machine && works(k) == works(of) && k.run.overlaps(&of.run, n);
    let alike = || known.iter().flatten().filter(like);
    let ran: BTreeSet<usize> = alike().flat_map(|k| k.ran.iter().copied()).collect();
    let groups: BTreeSet<usize> = alike().map(|k| k.group).collect();
    let of_groups = |r: &Regime<'_>| groups.iter().flat_map(|g| r.days(*g).to_vec()).collect::<Vec<_>>();
    let mut days: Vec<usize> = regimes.iter().flat_map(of_groups).collect();
    days.sort_unstable();
    let rests = days.split(|day| ran.contains(day)).map(<[usize]>::len);
    let (mut longest, mut last) = (0, 0);
    for rest in rests {
        (longest, last) = (longest.max(last), rest);
    }
    let longer = last >= signs.lapse_days && last as f64 > signs.lapse_factor * longest as f64;
    (longest <= signs.pause_days && longer).then(|| ran.last().copied())?
}

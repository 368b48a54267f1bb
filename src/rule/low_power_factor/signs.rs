//! What the readings show of capacitors that are there.

use super::month::MonthOf;
use crate::curve::percentile::percentile;
use crate::rule::Facts;

const HOURS_A_WEEK: f64 = 168.0;

/// Whether any reading leads.
pub(super) fn leads(facts: &Facts<'_>) -> bool {
    let channels = facts.load().channels();
    let any = |c: &Option<Vec<f64>>, sign: f64| c.as_ref().is_some_and(|v| v.iter().any(|q| q * sign > 0.0));
    any(&channels.kvar, -1.0) || any(&channels.kvar_lead, 1.0)
}

/// Share of the reactive energy of the months that leads, whether or not the bill counts it.
pub(super) fn leading_share(facts: &Facts<'_>, months: &[MonthOf]) -> f64 {
    let (load, hours) = (facts.load(), facts.load().interval().hours());
    let sum = |c: &Option<Vec<f64>>, m: &MonthOf, sign: f64| {
        let run = c.as_ref().and_then(|v| v.get(m.range.clone())).unwrap_or(&[]);
        run.iter().map(|q| (q * sign).max(0.0)).sum::<f64>() * hours
    };
    let channels = load.channels();
    let lead: f64 = months.iter().map(|m| sum(&channels.kvar, m, -1.0) + sum(&channels.kvar_lead, m, 1.0)).sum();
    let all: f64 = months.iter().filter_map(|m| load.kvarh(m.range.clone())).sum();
    if all > 0.0 { lead / all } else { 0.0 }
}

/// How often the reactive power goes up or down by one size while the load stays, and that size in kvar;
/// `None` where it does not as often as banks are switched. An interval in which a step falls has a part of it,
/// so that the level of two intervals before it is compared with that of two after it. One on the border of two
/// intervals is seen with either of them between, and is one step.
pub(super) fn switched(facts: &Facts<'_>, months: &[MonthOf]) -> Option<(usize, f64)> {
    let (t, load) = (facts.thresholds, facts.load());
    let kvar = load.channels().kvar.as_deref()?;
    let mean = |v: &[f64]| v.iter().map(|x| x.abs()).sum::<f64>() / v.len().max(1) as f64;
    let least = (t.pf_switched_least * mean(kvar)).max(facts.noise_kw()).max(f64::MIN_POSITIVE);
    let still = t.pf_switched_still * least;
    let mut steps: Vec<f64> = Vec::new();
    for m in months {
        let (p, q) = (load.kw().get(m.range.clone())?, kvar.get(m.range.clone())?);
        let valid = |i: usize| (i..i + 5).all(|k| load.is_valid(m.range.start + k));
        let near = |a: &f64, b: &f64| (a - b).abs() <= still;
        let mut last = None;
        for (i, (p, q)) in p.windows(5).zip(q.windows(5)).enumerate() {
            let ([p0, p1, _, p3, p4], [q0, q1, _, q3, q4]) = (p, q) else { continue };
            let stays = near(p0, p1) && near(p1, p3) && near(p3, p4) && near(q0, q1) && near(q3, q4);
            if stays && (q3 - q1).abs() >= least && valid(i) {
                let seen = i.checked_sub(1).is_some_and(|before| last == Some(before));
                last = Some(i);
                if !seen {
                    steps.push(q3 - q1);
                }
            }
        }
    }
    let weeks = months.iter().map(|m| m.range.len()).sum::<usize>() as f64 * load.interval().hours() / HOURS_A_WEEK;
    let mut sizes: Vec<f64> = steps.iter().map(|s| s.abs()).collect();
    let size = percentile(&mut sizes, 0.5)?;
    let alike = steps.iter().filter(|s| (s.abs() - size).abs() <= t.pf_switched_alike * size);
    let (up, down): (Vec<f64>, Vec<f64>) = alike.partition(|s| **s > 0.0);
    let n = up.len() + down.len();
    let both = up.len().min(down.len()) as f64 >= t.pf_switched_a_week * weeks / 2.0;
    (both && n as f64 >= t.pf_switched_share * steps.len() as f64).then_some((n, size))
}

//! What a load asks of transformers month by month, and whether the months of the latest year in which it asks little
//! are more than that year's.

use super::Evidence;
use super::apparent::Apparent;
use crate::curve::Days;
use crate::time::{Cycle, Date, Month};
use std::ops::Range;

/// Months in a year.
const YEAR: i32 = 12;

/// A billing cycle and the greatest apparent power in it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    pub dates: Range<Date>,
    month: Month,
    /// kVA: √(P² + Q²) where reactive power was read, elsewhere P over an assumed power factor.
    pub kva: f64,
    /// The greatest of it that is assumed; 0 where none is.
    pub assumed: f64,
}

impl Asked {
    /// `None` without load.
    pub fn of(apparent: &Apparent<'_>, cycle: &Cycle, cos_phi: f64) -> Option<Self> {
        let (dates, month) = (cycle.dates.clone(), cycle.month);
        let (kva, assumed) = greatest(apparent, cycle.days.clone(), cos_phi);
        (kva > 0.0).then_some(Self { dates, month, kva, assumed })
    }

    pub fn days(&self) -> i32 {
        self.dates.end.0 - self.dates.start.0
    }

    /// Whether it is the same month of another year.
    fn again(&self, other: &Self) -> bool {
        self.month != other.month && (self.month.0 - other.month.0).rem_euclid(YEAR) == 0
    }
}

/// The greatest apparent power of some days, and the greatest of it that is assumed, kVA.
fn greatest(apparent: &Apparent<'_>, days: Range<usize>, cos_phi: f64) -> (f64, f64) {
    let (mut read, mut assumed) = (0.0_f64, 0.0_f64);
    for power in days.flat_map(|day| apparent.of_day(day)) {
        match power.kvar {
            Some(_) => read = read.max(power.square()),
            None => assumed = assumed.max(power.kw.abs()),
        }
    }
    let (read, assumed) = (read.sqrt(), assumed / cos_phi);
    (read.max(assumed), assumed)
}

/// The greatest apparent power of each day that has load, kVA.
pub(super) fn daily(apparent: &Apparent<'_>, days: &Days, cos_phi: f64) -> Vec<(Date, f64)> {
    let each = (0..days.len()).map(|day| (days.date(day), greatest(apparent, day..day + 1, cos_phi).0));
    each.filter(|(_, kva)| *kva > 0.0).collect()
}

/// Why months that the latest year shows to ask little may not come again.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Doubt {
    /// The load has asked for more since a date and until the end of the readings, up to so many kVA, and no other year
    /// shows that it falls again.
    Since(Date, f64),
    /// The load asked for up to so many kVA in the same months of the year before.
    Before(f64),
}

impl Doubt {
    /// States it beside what stays, kVA.
    pub fn state(&self, stays: Stays, evidence: &mut Evidence) {
        let (name, kva) = match self {
            Self::Since(date, kva) => {
                evidence.note("high_since", date.to_string());
                ("latest", *kva)
            }
            Self::Before(kva) => ("year_before", *kva),
        };
        evidence.figure(&format!("{name}_kva"), kva, "kVA");
        evidence.figure(&format!("{name}_loading"), kva / stays.remaining.max(f64::MIN_POSITIVE), "");
    }
}

/// Units that stay in service.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stays {
    /// What they carry together, kVA.
    pub remaining: f64,
    /// The largest of them, kVA.
    pub largest: f64,
    /// Greatest share of it that may be used.
    pub loading: f64,
    /// Whether they must do without the largest.
    pub reserve: bool,
}

impl Stays {
    pub fn carry(&self, kva: f64) -> bool {
        kva <= self.loading * self.remaining && (!self.reserve || kva <= self.remaining - self.largest)
    }
}

/// All that was read, in the order of time, and the units that are to carry it.
pub(super) struct Past<'a> {
    pub cycles: &'a [Asked],
    /// Each day's greatest load, kVA.
    pub days: &'a [(Date, f64)],
    pub stays: Stays,
    /// Fewest days that tell of a time that it asks little.
    pub least_days: i32,
}

impl Past<'_> {
    fn others<'s>(&'s self, of: &'s Asked) -> impl Iterator<Item = &'s Asked> {
        self.cycles.iter().rev().filter(|other| of.again(other))
    }

    /// Whether what stays was enough in the same month of all other years, as far as they were read.
    pub fn allows(&self, of: &Asked) -> bool {
        self.others(of).all(|other| self.stays.carry(other.kva))
    }

    /// What the same month of the year before asked for, where that is more than what stays carries, kVA.
    pub fn before(&self, of: &Asked) -> Option<f64> {
        self.others(of).next().map(|other| other.kva).filter(|kva| !self.stays.carry(*kva))
    }

    /// What speaks against so many months of the latest year.
    pub fn doubt(&self, chosen: &[&Asked]) -> Option<Doubt> {
        let over = chosen.iter().filter_map(|c| self.before(c)).reduce(f64::max);
        over.map(Doubt::Before).or_else(|| self.risen(chosen))
    }

    /// The rise of the load that the readings end with, unless another year shows a season: that the month of its last
    /// day asks as much, and that half of the chosen ones, at least, do not (judgement).
    fn risen(&self, chosen: &[&Asked]) -> Option<Doubt> {
        let (dates, most) = self.ending()?;
        let high = |c: &&Asked| !self.stays.carry(c.kva);
        let low = |c: &&&Asked| self.others(c).any(|other| other.days() >= self.least_days && !high(&other));
        let last = self.cycles.iter().rev().find(|c| c.dates.contains(&dates.end));
        let season = last.is_some_and(|last| self.others(last).any(|other| high(&other)))
            && 2 * chosen.iter().filter(low).count() >= chosen.len();
        (!season).then_some(Doubt::Since(dates.start, most))
    }

    /// The first and the last day of more load than what stays carries, since it last carried that for days enough, and
    /// the greatest; `None` where it has done so since the last.
    fn ending(&self) -> Option<(Range<Date>, f64)> {
        let (mut found, mut low) = (None::<(Range<Date>, f64)>, 0);
        for (date, kva) in self.days.iter().rev() {
            if self.stays.carry(*kva) {
                low += 1;
                if low >= self.least_days {
                    break;
                }
            } else {
                let (last, most) = found.map_or((*date, *kva), |(dates, most)| (dates.end, kva.max(most)));
                (found, low) = (Some((*date..last, most)), 0);
            }
        }
        found
    }
}

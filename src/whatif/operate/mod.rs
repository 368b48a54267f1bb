//! Runs the machines of a list at other hours: the scheduler with an equipment list. How they run today
//! is read off the load (`usual`), and the days on which they did (`seen`); one work schedule is made for the days of a kind in the months
//! that have the same tariff windows (`regime`), by [`crate::schedule`]; every move is priced by the
//! bills before and after it.

mod backtest;
mod lapsed;
mod regime;
mod run;
mod seen;
#[cfg(test)]
mod tests;
mod usual;

use super::{Change, State};
use crate::curve::DayLabels;
use crate::customer::Equipment;
use crate::text::say;
use crate::time::{Date, DayKind, Month};
use crate::units::{Kw, Money};
pub use backtest::backtest as work_backtest;
use seen::Known;
use std::ops::Range;
use std::sync::Arc;

/// Minutes of a day.
const DAY_MINUTES: u32 = 1440;

/// What a work schedule must keep beside the machines' own conditions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OperateTerms {
    /// No slot is filled above this, in kW: what the transformers carry.
    pub limit_kw: Option<f64>,
    /// Days of a kind below which nothing is learnt of how machines run.
    pub least_days: usize,
    /// How the load shows that a machine runs.
    pub signs: Signs,
    /// Machines run as in earlier months where that costs at most this share of the months' saving: one table is
    /// easier followed than many.
    pub same_share: f64,
    /// Nodes of the search tree after which the best schedule so far is taken.
    pub most_nodes: u64,
}

/// How a load shows that a machine runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Signs {
    /// How near the load's steps must come to a machine's power, the rise as the fall: 1 is the power itself, 0
    /// nothing or twice as much.
    pub least_match: f64,
    /// How near both steps of a stated run must come for its start to be believed where the load comes back to its
    /// level after a break.
    pub sure_match: f64,
    /// A step of more than this many times a machine's power is not its own.
    pub most_power: f64,
    /// A machine whose power as read comes to this share of the listed one has it; what reads less moves as read.
    pub listed_share: f64,
    /// Hours within which the load of a shift comes back after a break.
    pub break_hours: f64,
    /// How near to a run's power it then comes back from the level beside the run.
    pub break_match: f64,
    /// Share of a run in which the median day stands above the load beside it by half its power or more, where a step
    /// within it could be one of its own.
    pub lasting_share: f64,
    /// A machine that only single days show must show on this many times as many days as its opposite.
    pub chance_factor: f64,
    /// A machine is off on a day whose load in its hours, or what stands above the load beside them, is lower than
    /// usual by this share of its power, and whose steps do not show it either.
    pub off_share: f64,
    /// A day shows something smaller than a machine where what stands above the load beside its hours is lower than on
    /// its typical day by this share of its power, before it as behind it.
    pub day_share: f64,
    /// Days without a machine whose median tells what is not its power.
    pub power_days: usize,
    /// Share of a machine's own days that other days of the kind must come to for its power to be read beyond these.
    pub others_share: f64,
    /// Observed days of a kind without a run after which a machine counts as gone.
    pub lapse_days: usize,
    /// How many times as long as ever before it must have rested for that.
    pub lapse_factor: f64,
    /// Days of a kind up to which a rest is a pause of what runs all year; what has rested longer runs in a season.
    pub pause_days: usize,
}

/// A work schedule of a customer's machines.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WorkSchedule {
    /// One for each kind of day in months of the same tariff windows on which a machine moves.
    pub plans: Vec<DayPlan>,
    /// What the best schedule could save more than this one over the observed months, at most, in the
    /// bill's currency.
    pub gap: f64,
    /// Whether every part was solved exactly.
    pub exact: bool,
    /// Machines whose present run is not stated, and not seen in the load.
    pub unseen: Vec<Arc<str>>,
    /// Machines whose present run is stated, and not seen in the load.
    pub stated_unseen: Vec<Arc<str>>,
    /// Machines that no longer run at hours at which they ran.
    pub lapsed: Vec<Lapsed>,
    /// Saving over the observed months: bill before less bill after all moves.
    pub saving: Money,
}

/// A machine that no longer runs at its hours.
#[derive(Debug, Clone, PartialEq)]
pub struct Lapsed {
    /// The machine.
    pub equipment: Arc<str>,
    /// The last day on which it did.
    pub last: Date,
    /// The kinds of day on which it no longer does; empty where it runs on none.
    pub kinds: Vec<DayKind>,
}

impl Lapsed {
    /// Its name, the last day, and the kinds of day where it still runs on others: `press (2025-09-27, rest days)`.
    pub fn told<'a>(&self, kind: impl Fn(DayKind) -> &'a str) -> String {
        let kinds: String = self.kinds.iter().map(|k| format!(", {}", kind(*k))).collect();
        format!("{} ({}{kinds})", self.equipment, self.last)
    }
}

/// The work schedule of one kind of day.
#[derive(Debug, Clone, PartialEq)]
pub struct DayPlan {
    /// Billed months for which it was made; the same windows will make the same schedule.
    pub months: Vec<Month>,
    /// Kind of day.
    pub day_kind: DayKind,
    /// Observed days on which one of the machines that move ran.
    pub n_days: usize,
    /// Machines that run at other hours, in the order of the list.
    pub moves: Vec<Move>,
    /// Mean load of these days as it is, kW by slot.
    pub before_kw: Vec<f64>,
    /// Mean load of these days with the schedule.
    pub after_kw: Vec<f64>,
}

/// A machine that runs at other hours.
#[derive(Debug, Clone, PartialEq)]
pub struct Move {
    /// The machine.
    pub equipment: Arc<str>,
    /// Power that moves.
    pub kw: Kw,
    /// Observed days on which it ran.
    pub n_days: usize,
    /// When it runs today, in minutes after midnight.
    pub from: Vec<Range<u32>>,
    /// When it is to run.
    pub to: Vec<Range<u32>>,
    /// Saving over the observed months when this is added to the moves before it.
    pub saving: Money,
}

/// One move on the days of the load.
#[derive(Debug, Clone, PartialEq)]
struct Applied {
    days: Vec<usize>,
    kw: f64,
    from: Vec<bool>,
    to: Vec<bool>,
}

/// Runs machines as a work schedule says.
#[derive(Debug, Clone, PartialEq)]
pub struct Operate {
    moves: Vec<Applied>,
    schedule: Arc<WorkSchedule>,
    unfit: bool,
}

impl Operate {
    /// The work schedule.
    #[must_use]
    pub const fn work(&self) -> &Arc<WorkSchedule> {
        &self.schedule
    }

    /// Whether on some days no schedule was found that keeps the windows, runs, order and crews of the list.
    #[must_use]
    pub const fn is_unfit(&self) -> bool {
        self.unfit
    }
}

/// The best work schedule for a customer's machines; `usable` tells the days whose load shows how the
/// plant usually runs. Nothing moves where it would not pay. `None` without a bill.
#[must_use]
pub fn work_schedule(
    state: &State,
    labels: &DayLabels,
    (equipment, usable): (&[Equipment], &dyn Fn(usize) -> bool),
    terms: OperateTerms,
) -> Option<Operate> {
    let bill = state.bill()?.observed();
    let regimes = regime::all(state, labels, (0..state.cycles().len(), usable), terms)?;
    let mut known: Vec<Vec<Known>> = regimes.iter().map(|r| r.known(equipment)).collect();
    let lapsed = lapsed::take_out((state.load(), equipment), &regimes, &mut known, &terms.signs);
    let mut out = regime::Outcome { exact: true, ..regime::Outcome::default() };
    for (regime, known) in regimes.iter().zip(&known) {
        regime.schedule(equipment, known, &mut out);
    }
    let gone = |e: &Equipment| lapsed.iter().any(|l| l.equipment == e.name);
    let runs = |i: usize| known.iter().flatten().any(|k| k.run.machine == i);
    let (stated, other): (Vec<&Equipment>, Vec<&Equipment>) = (equipment.iter().enumerate())
        .filter_map(|(i, e)| (!runs(i) && !gone(e)).then_some(e))
        .partition(|e| e.usual_start.is_some());
    let names = |of: Vec<&Equipment>| of.into_iter().map(|e| Arc::clone(&e.name)).collect();
    let (unseen, stated_unseen) = (names(other), names(stated));
    let (plans, gap, exact, saving) = (out.plans, out.gap, out.exact, Money::ZERO);
    let mut schedule = WorkSchedule { plans, gap, exact, unseen, stated_unseen, lapsed, saving };
    let (mut kw, mut before) = (state.load().kw().to_vec(), bill);
    let mut applied = out.applied.as_slice();
    for plans in schedule.plans.chunk_by_mut(|a, b| a.months == b.months) {
        let moves: Vec<&mut Move> = plans.iter_mut().flat_map(|p| p.moves.iter_mut()).collect();
        let (of_months, rest) = applied.split_at_checked(moves.len())?;
        before = priced(state, &mut kw, before, (moves, of_months))?;
        applied = rest;
    }
    schedule.saving = bill - before;
    let after = state.with_kw(kw);
    for (plan, days) in schedule.plans.iter_mut().zip(&out.days) {
        plan.before_kw = mean_day(state, days);
        plan.after_kw = mean_day(&after, days);
    }
    Some(Operate { moves: out.applied, schedule: Arc::new(schedule), unfit: out.unfit })
}

/// Prices the moves of the same months, each on top of those before it, so that the savings add up: first what
/// saves most, since a move may pay only when another has made room below the maximum. The bill after them.
fn priced(
    state: &State,
    kw: &mut Vec<f64>,
    mut before: Money,
    (mut moves, applied): (Vec<&mut Move>, &[Applied]),
) -> Option<Money> {
    let mut open: Vec<usize> = (0..moves.len()).collect();
    while !open.is_empty() {
        let mut best: Option<(Money, usize, Vec<f64>)> = None;
        for (place, i) in open.iter().enumerate() {
            let mut moved = kw.clone();
            apply(applied.get(*i)?, state, &mut moved);
            let bill = state.with_kw(moved.clone()).bill()?.observed();
            if best.as_ref().is_none_or(|b| bill < b.0) {
                best = Some((bill, place, moved));
            }
        }
        let (bill, place, moved) = best?;
        moves.get_mut(open.remove(place))?.saving = before - bill;
        (*kw, before) = (moved, bill);
    }
    Some(before)
}

/// Takes a machine's power out of its present run as far as it is there, and puts as much energy into
/// the new one.
fn apply(applied: &Applied, state: &State, kw: &mut [f64]) {
    let gains = applied.to.iter().zip(&applied.from).filter(|(to, from)| **to && !**from).count();
    for day in applied.days.iter().filter(|d| **d < state.load().days().len()) {
        let Some(run) = kw.get_mut(state.load().days().range(*day)) else { continue };
        let mut taken = 0.0;
        for ((v, from), to) in run.iter_mut().zip(&applied.from).zip(&applied.to) {
            if *from && !*to {
                let cut = applied.kw.min(v.max(0.0));
                *v -= cut;
                taken += cut;
            }
        }
        for ((v, from), to) in run.iter_mut().zip(&applied.from).zip(&applied.to) {
            if *to && !*from {
                *v += taken / gains.max(1) as f64;
            }
        }
    }
}

fn mean_day(state: &State, days: &[usize]) -> Vec<f64> {
    let mut sum = vec![0.0; state.load().interval().slots()];
    for day in days {
        for (s, v) in sum.iter_mut().zip(state.load().day_kw(*day)) {
            *s += v;
        }
    }
    sum.iter().map(|s| s / days.len().max(1) as f64).collect()
}

impl Change for Operate {
    fn apply(&self, state: &State) -> State {
        let mut kw = state.load().kw().to_vec();
        self.moves.iter().for_each(|m| apply(m, state, &mut kw));
        if kw == state.load().kw() { state.clone() } else { state.with_kw(kw) }
    }

    fn describe(&self) -> String {
        let mut runs = Vec::new();
        for (plan, m) in self.schedule.plans.iter().flat_map(|p| p.moves.iter().map(move |m| (p, m))) {
            let (from, to) = (clocks(&m.from), clocks(&m.to));
            let (kw, day, months) = (format!("{:.0}", m.kw.get()), plan.day_kind.plural(), months(&plan.months));
            runs.push(say(
                "change.run",
                &[
                    ("name", &m.equipment),
                    ("kw", &kw),
                    ("times", &to),
                    ("instead", &from),
                    ("n", &m.n_days),
                    ("day", &day),
                    ("during", &months),
                ],
            ));
        }
        runs.join("; ")
    }

    fn schedule(&self) -> Option<&Arc<WorkSchedule>> {
        Some(&self.schedule)
    }
}

/// `00:00–04:00, 05:00–06:00`; what goes on past midnight is one run: `22:00–02:00`.
#[must_use]
pub fn clocks(runs: &[Range<u32>]) -> String {
    let runs: Vec<String> = joined(runs).iter().map(|r| format!("{}–{}", clock(r.start), clock(r.end))).collect();
    runs.join(", ")
}

/// `07:30` of minutes after midnight; `24:00` is the end of the day, and what is beyond it is of the next one.
#[must_use]
pub fn clock(minutes: u32) -> String {
    let of_day = if minutes > DAY_MINUTES { minutes - DAY_MINUTES } else { minutes };
    format!("{:02}:{:02}", of_day / 60, of_day % 60)
}

/// The runs of a day that is followed by one like it, in minutes after midnight: one that goes on past midnight is one,
/// and ends beyond the day.
#[must_use]
pub fn joined(runs: &[Range<u32>]) -> Vec<Range<u32>> {
    match runs {
        [first, between @ .., last] if first.start == 0 && last.end == DAY_MINUTES => {
            between.iter().cloned().chain([last.start..DAY_MINUTES + first.end]).collect()
        }
        _ => runs.to_vec(),
    }
}

/// `2025-01–2025-02, 2025-12`: runs of months.
#[must_use]
pub fn months(months: &[Month]) -> String {
    let mut runs: Vec<(Month, Month)> = Vec::new();
    for month in months {
        match runs.last_mut().filter(|r| r.1.0 + 1 == month.0) {
            Some(run) => run.1 = *month,
            None => runs.push((*month, *month)),
        }
    }
    let shown = |(a, b): &(Month, Month)| if a == b { a.to_string() } else { format!("{a}–{b}") };
    runs.iter().map(shown).collect::<Vec<_>>().join(", ")
}

//! The months that have the same tariff windows, and the schedule of machines on their days.

use super::super::State;
use super::super::outlay::{self, Scope};
use super::seen::Known;
use super::{Applied, DAY_MINUTES, DayPlan, Move, OperateTerms};
use crate::curve::DayLabels;
use crate::customer::Equipment;
use crate::schedule::{self, Pattern, Peak, Plan, Problem, Scheduled, Task};
use crate::tariff::Compiled;
use crate::time::DayKind;
use crate::units::{Kw, Money};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

/// What all regimes come to.
#[derive(Default)]
pub(super) struct Outcome {
    pub plans: Vec<DayPlan>,
    /// The days of each plan.
    pub days: Vec<Vec<usize>>,
    /// All moves, in the order of the plans.
    pub applied: Vec<Applied>,
    pub gap: f64,
    pub exact: bool,
    /// Somewhere no schedule keeps what the list asks for.
    pub unfit: bool,
    /// How machines run in the months so far, by the clock.
    pub followed: Vec<Followed>,
}

/// A plan of some months: the new run of each machine, by its place in the list and the group of days.
pub(super) type Followed = BTreeMap<(usize, usize), Vec<bool>>;

/// Billed cycles of the same windows.
pub(super) struct Regime<'a> {
    pub(super) state: &'a State,
    tariff: &'a Compiled,
    /// Days of the same windows, as the tariff tells them apart.
    pub windows: BTreeSet<usize>,
    scopes: Vec<Scope<'a>>,
    /// Days of each kind whose load shows how the plant runs.
    pub(super) kinds: Vec<(DayKind, Vec<usize>)>,
    pub(super) terms: OperateTerms,
}

/// A plan beside what runs today, by the clock.
pub(super) struct Solved {
    pub present: Plan,
    pub found: Scheduled,
    /// Cost as the machines run today.
    pub before: f64,
}

/// The regimes of some billed cycles of a customer, as places in [`State::cycles`], in the order of their
/// first month.
pub(super) fn all<'a>(
    state: &'a State,
    labels: &DayLabels,
    (which, usable): (Range<usize>, &dyn Fn(usize) -> bool),
    terms: OperateTerms,
) -> Option<Vec<Regime<'a>>> {
    let tariff = state.tariff()?;
    let mut regimes: Vec<Regime<'a>> = Vec::new();
    for (_, scope) in outlay::billed(state).into_iter().filter(|(c, _)| which.contains(c)) {
        let windows = tariff.regular_days(scope.cycle.dates.clone());
        match regimes.iter_mut().find(|r| r.windows == windows) {
            Some(regime) => regime.scopes.push(scope),
            None => regimes.push(Regime { state, tariff, windows, scopes: vec![scope], kinds: Vec::new(), terms }),
        }
    }
    let load = state.load();
    for regime in &mut regimes {
        let days = || regime.scopes.iter().flat_map(|s| s.cycle.days.clone());
        let shows = |d: &usize| load.day_complete(*d) && load.days().shift(*d).is_none() && usable(*d);
        let of = |kind: DayKind| days().filter(|d| labels.kinds.get(*d) == Some(&kind)).filter(shows).collect();
        regime.kinds = DayKind::ALL.iter().map(|k| (*k, of(*k))).collect();
    }
    Some(regimes)
}

impl Regime<'_> {
    /// Schedules machines whose present run is known and adds what moves to the outcome.
    pub fn schedule(&self, equipment: &[Equipment], known: &[Known], out: &mut Outcome) {
        if known.is_empty() {
            return;
        }
        let Some(Solved { present, mut found, before }) = self.solve(equipment, known, self.terms.most_nodes) else {
            (out.exact, out.unfit) = (false, true);
            return;
        };
        self.follow_earlier(equipment, known, (&out.followed, before), &mut found);
        out.followed
            .push(known.iter().zip(&found.plan).map(|(k, on)| ((k.run.machine, k.group), on.clone())).collect());
        out.exact &= found.exact;
        if found.cost >= before {
            out.gap += (before - found.bound).max(0.0);
            return;
        }
        out.gap += (found.cost - found.bound).max(0.0);
        for (group, (kind, _)) in self.kinds.iter().enumerate() {
            let moved = || (0..known.len()).filter(|i| known[*i].group == group && found.plan[*i] != present[*i]);
            if moved().next().is_none() {
                continue;
            }
            let days: BTreeSet<usize> = moved().flat_map(|i| known[i].ran.iter().copied()).collect();
            let moves = moved().filter_map(|i| self.shown(equipment, &known[i], (&present[i], &found.plan[i])));
            out.plans.push(DayPlan {
                months: self.scopes.iter().map(|s| s.cycle.month).collect(),
                day_kind: *kind,
                n_days: days.len(),
                moves: moves.collect(),
                before_kw: Vec::new(),
                after_kw: Vec::new(),
            });
            out.days.push(days.into_iter().collect());
            out.applied.extend(moved().map(|i| Applied {
                days: known[i].ran.iter().copied().collect(),
                kw: known[i].run.kw,
                from: present[i].clone(),
                to: found.plan[i].clone(),
            }));
        }
    }

    /// The best plan of the known machines, by the clock; `None` when none keeps what the list asks for.
    pub(super) fn solve(&self, equipment: &[Equipment], known: &[Known], most_nodes: u64) -> Option<Solved> {
        let origin = self.origin(equipment, known);
        let problem = self.problem(equipment, known, origin);
        let mut present = runs_today(known, problem.slots, origin);
        let before = problem.cost(&present);
        let found = schedule::schedule_within(&problem, &present, most_nodes)?;
        let mut found = self.in_few_runs(&problem, (&present, before), found, most_nodes);
        for on in present.iter_mut().chain(&mut found.plan) {
            on.rotate_right(origin);
        }
        Some(Solved { present, found, before })
    }

    /// Takes the plan in which no machine is interrupted where it costs little more, else that in which fewer are: each
    /// start more is one more to be kept. The proof is then of what is left to be saved.
    fn in_few_runs(
        &self,
        problem: &Problem,
        (present, before): (&Plan, f64),
        found: Scheduled,
        most_nodes: u64,
    ) -> Scheduled {
        let most = found.cost + self.terms.same_share * (before - found.cost).max(0.0);
        let (least, parted) = (found.cost, |t: &Task| t.least_run < t.slots);
        let open: Vec<usize> = (0..problem.tasks.len()).filter(|i| problem.tasks.get(*i).is_some_and(parted)).collect();
        let (mut few, mut out) = (problem.clone(), found);
        for of in std::iter::once(open.clone()).chain(open.iter().map(|i| vec![*i])) {
            let mut whole = few.clone();
            of.iter().filter_map(|i| whole.tasks.get_mut(*i).map(|t| t.least_run = t.slots)).for_each(drop);
            if whole == few {
                continue;
            }
            let solved = schedule::schedule_within(&whole, present, most_nodes).filter(|w| w.cost <= most);
            if let Some(w) = solved {
                out = Scheduled { exact: out.exact && w.cost <= least, plan: w.plan, cost: w.cost, ..out };
                few = whole;
            }
        }
        out
    }

    /// Takes the plan of earlier months where it costs little more; the proof is then of what is left to be saved.
    fn follow_earlier(
        &self,
        equipment: &[Equipment],
        known: &[Known],
        (followed, before): (&[Followed], f64),
        found: &mut Scheduled,
    ) {
        let of_machine = |plan: &Followed, k: &Known| plan.get(&(k.run.machine, k.group)).cloned();
        let most = found.cost + self.terms.same_share * (before - found.cost).max(0.0);
        let plans = followed.iter().filter_map(|f| known.iter().map(|k| of_machine(f, k)).collect::<Option<Plan>>());
        let priced = plans.map(|plan| (self.cost(equipment, known, &plan), plan)).filter(|(cost, _)| *cost <= most);
        let Some((cost, plan)) = priced.min_by(|a, b| a.0.total_cmp(&b.0)) else { return };
        found.exact &= cost <= found.cost;
        (found.bound, found.cost, found.plan) = (found.bound.min(cost), cost, plan);
    }

    /// What a plan by the clock costs; as the machines run today where it does not keep what the list asks for.
    pub(super) fn cost(&self, equipment: &[Equipment], known: &[Known], plan: &Plan) -> f64 {
        let origin = self.origin(equipment, known);
        let problem = self.problem(equipment, known, origin);
        let mut plan = plan.clone();
        for on in &mut plan {
            on.rotate_left(origin);
        }
        let keeps = problem.keeps(&plan);
        problem.cost(&if keeps { plan } else { runs_today(known, problem.slots, origin) })
    }

    fn shown(&self, equipment: &[Equipment], known: &Known, (from, to): (&[bool], &[bool])) -> Option<Move> {
        let minutes = self.state.load().interval().minutes();
        let clock = |on: &[bool]| {
            let runs = schedule::runs(on).into_iter();
            runs.map(|r| r.start as u32 * minutes..r.end as u32 * minutes).collect()
        };
        Some(Move {
            equipment: Arc::clone(&equipment.get(known.run.machine)?.name),
            kw: Kw::new(known.run.kw),
            n_days: known.ran.len(),
            from: clock(from),
            to: clock(to),
            saving: Money::ZERO,
        })
    }

    /// The slot at which the day of the machines begins: midnight, or where fewest of their windows are cut. A
    /// window from 22:00 to 06:00 is then one; what runs past midnight stands on the next day, which is one like it.
    fn origin(&self, equipment: &[Equipment], known: &[Known]) -> usize {
        let minutes = self.state.load().interval().minutes();
        // A window of the whole day is cut wherever the day begins.
        let bound = |e: &&Equipment| (e.earliest, e.latest) != (0, DAY_MINUTES);
        let listed = || known.iter().filter_map(|k| equipment.get(k.run.machine)).filter(bound);
        let cuts = |at: u32| {
            let within = |e: &&Equipment| {
                if e.latest > e.earliest { e.earliest < at && at < e.latest } else { at > e.earliest || at < e.latest }
            };
            listed().filter(within).count()
        };
        let ends = listed().map(|e| e.latest % DAY_MINUTES).filter(|at| at % minutes == 0);
        let best = std::iter::once(0).chain(ends).min_by_key(|at| cuts(*at)).unwrap_or(0);
        (best / minutes) as usize
    }

    fn problem(&self, equipment: &[Equipment], known: &[Known], origin: usize) -> Problem {
        let slots = self.state.load().interval().slots();
        let mut crews: BTreeMap<(usize, &str), usize> = BTreeMap::new();
        let mut tasks = Vec::with_capacity(known.len());
        for k in known {
            let Some(e) = equipment.get(k.run.machine) else { continue };
            let n_crews = crews.len();
            let crew = e.crew.as_deref().map(|c| *crews.entry((k.group, c)).or_insert(n_crews));
            let comes_before = |o: &Known| {
                o.group == k.group && equipment.get(o.run.machine).is_some_and(|p| p.precedes.contains(&e.name))
            };
            let after = (0..known.len()).filter(|i| known.get(*i).is_some_and(comes_before)).collect();
            tasks.push(self.task(e, k, (after, crew), origin));
        }
        let peaks = self.scopes.iter().map(|s| self.peak(s, known, origin)).collect();
        Problem { slots, tasks, peaks, limit_kw: self.terms.limit_kw }
    }

    fn task(&self, e: &Equipment, known: &Known, (after, crew): (Vec<usize>, Option<usize>), origin: usize) -> Task {
        let interval = self.state.load().interval();
        let (minutes, n) = (interval.minutes(), known.run.slots.len());
        let within = |s: usize| {
            let (from, to) = (s as u32 * minutes, (s as u32 + 1) * minutes);
            let (before, behind) = (to <= e.latest, from >= e.earliest);
            if e.latest > e.earliest { before && behind } else { before || behind }
        };
        let mut cost = vec![0.0; interval.slots()];
        for scope in &self.scopes {
            let prices = outlay::energy_prices(self.tariff, scope);
            for day in scope.cycle.days.clone().filter(|d| known.ran.contains(d)) {
                for segment in self.tariff.segments(self.state.load().date(day)) {
                    let price = prices.get(segment.band).copied().unwrap_or(0.0);
                    for c in cost.get_mut(segment.slots.clone()).unwrap_or_default() {
                        *c += price * known.run.kw * interval.hours();
                    }
                }
            }
        }
        cost.rotate_left(origin);
        let least = (e.min_run_minutes.div_ceil(minutes) as usize).clamp(1, n);
        Task {
            kw: known.run.kw,
            slots: n,
            least_run: if e.interruptible { least } else { n },
            allowed: turned(within, interval.slots(), origin),
            cost,
            after,
            crew,
        }
    }

    /// The maximum of a cycle: days on which machines ran, by which of them; all others are its floor.
    fn peak(&self, scope: &Scope<'_>, known: &[Known], origin: usize) -> Peak {
        let load = self.state.load();
        let top = load.max_kw(load.range_of_days(scope.cycle.days.clone())).map_or(0.0, |m| m.0);
        let (mut floor_kw, mut patterns) = (0.0_f64, BTreeMap::<Vec<usize>, Vec<f64>>::new());
        for day in scope.cycle.days.clone() {
            let tasks: Vec<usize> =
                (0..known.len()).filter(|i| known.get(*i).is_some_and(|k| k.ran.contains(&day))).collect();
            if tasks.is_empty() {
                let of_day = load.max_kw(load.days().range(day)).map_or(0.0, |m| m.0);
                floor_kw = floor_kw.max(of_day);
                continue;
            }
            let mut base = load.day_kw(day).to_vec();
            for k in tasks.iter().filter_map(|i| known.get(*i)) {
                k.run.take_out(&mut base);
            }
            let most = patterns.entry(tasks).or_insert_with(|| vec![f64::NEG_INFINITY; base.len()]);
            most.iter_mut().zip(base).for_each(|(m, b)| *m = m.max(b));
        }
        let outlay = outlay::pieces(self.state, self.tariff, scope).iter().map(|p| p.scaled(top)).collect();
        let pattern = |(tasks, mut base_kw): (Vec<usize>, Vec<f64>)| {
            base_kw.rotate_left(origin);
            Pattern { tasks, base_kw }
        };
        Peak { floor_kw, patterns: patterns.into_iter().map(pattern).collect(), outlay }
    }
}

/// How machines run today, from the slot at which their day begins.
fn runs_today(known: &[Known], slots: usize, origin: usize) -> Plan {
    known.iter().map(|k| turned(|s| k.run.runs_in(s, slots), slots, origin)).collect()
}

/// What holds in each slot, from the slot at which the machines' day begins.
fn turned(holds: impl Fn(usize) -> bool, slots: usize, origin: usize) -> Vec<bool> {
    (0..slots).map(|s| holds((s + origin) % slots)).collect()
}

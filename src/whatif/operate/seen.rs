//! The days on which machines ran, as the load shows them.

use super::regime::Regime;
use super::run::{Run, less, shown_share};
use super::usual::{self, Search, Wanted};
use crate::customer::Equipment;
use std::collections::{BTreeSet, VecDeque};

/// A machine on days of one kind.
pub(super) struct Known {
    /// Kind of day, by its place.
    pub group: usize,
    /// Its present run.
    pub run: Run,
    /// The median of the days that taught it.
    pub typical: Vec<f64>,
    /// Days on which it ran.
    pub ran: BTreeSet<usize>,
}

impl Regime<'_> {
    /// Machines whose present run is seen, kind by kind, in the order of the list.
    pub(super) fn known(&self, equipment: &[Equipment]) -> Vec<Known> {
        let wanted: Vec<Wanted> = equipment.iter().map(|e| self.wanted(e, equipment)).collect();
        let mut order: Vec<usize> = (0..equipment.len()).collect();
        order.sort_by(|a, b| equipment[*b].rating.get().total_cmp(&equipment[*a].rating.get()));
        let groups = (0..self.kinds.len()).filter(|g| self.days(*g).len() >= self.terms.least_days);
        let mut known: Vec<Known> = groups.flat_map(|group| self.known_on(group, &wanted, &order)).collect();
        // A machine has one power, and what steps with it on days of one kind adds to it there alone: the least is sure.
        let least = |machine: usize, known: &[Known]| {
            known.iter().filter(|k| k.run.machine == machine).map(|k| k.run.kw).fold(f64::INFINITY, f64::min)
        };
        let powers: Vec<f64> = (0..equipment.len()).map(|i| least(i, &known)).collect();
        for k in &mut known {
            k.run.kw = powers.get(k.run.machine).copied().unwrap_or(k.run.kw);
        }
        known
    }

    /// Those of one kind of day. What only single days show must show on more of them than chance would make it.
    fn known_on(&self, group: usize, wanted: &[Wanted], order: &[usize]) -> Vec<Known> {
        let (median, signs) = (self.median(self.days(group)), &self.terms.signs);
        let runs = Search { wanted, signs }.runs(&median, order);
        let load = self.state.load();
        let by_chance = |run: &Run| {
            let mirrored = self.days(group).iter().filter(|d| run.mirrored(load.day_kw(**d), &median, signs));
            if run.usual { 0.0 } else { signs.chance_factor * mirrored.count() as f64 }
        };
        let enough = |k: &Known| k.ran.len() >= self.terms.least_days;
        let days = self.ran((group, &runs), &median);
        let seen = runs.into_iter().zip(days).map(|(run, ran)| Known { group, run, typical: self.median(&ran), ran });
        let mut known: Vec<Known> = seen.filter(|k| enough(k) && k.ran.len() as f64 >= by_chance(&k.run)).collect();
        known.sort_by_key(|k| k.run.machine);
        let powers: Vec<f64> = known.iter().map(|k| self.read_power(k, &known, wanted)).collect();
        for (k, kw) in known.iter_mut().zip(powers) {
            k.run.kw = kw;
            self.keep_typical(k);
        }
        let shown = |k: &Known| wanted.get(k.run.machine).is_some_and(|w| k.run.kw >= signs.least_match * w.kw);
        known.retain(|k| enough(k) && shown(k));
        known
    }

    /// Leaves out days on which something smaller than the machine runs at its hours.
    fn keep_typical(&self, known: &mut Known) {
        let Known { run, typical, ran, .. } = known;
        ran.retain(|day| run.as_great(self.state.load().day_kw(*day), typical, self.terms.signs.day_share));
    }

    /// The power that a machine's own days show beyond the other days of the kind, so that what rises and falls with it
    /// every day does not count; by themselves where the others are few: these may lack more than the machine.
    fn read_power(&self, of: &Known, known: &[Known], wanted: &[Wanted]) -> f64 {
        let signs = &self.terms.signs;
        let listed = |machine: usize| wanted.get(machine).map_or(0.0, |w| w.kw);
        let row = row_of(&of.run, known, of.typical.len());
        let others = self.without(&of.run, &of.ran, (of.group, listed(of.run.machine)));
        let few = signs.power_days.max((signs.others_share * of.ran.len() as f64).ceil() as usize);
        let mut shown = of.typical.clone();
        if others.len() >= few {
            shown = less(&shown, &self.median(&others));
        } else {
            let beside = known.iter().filter(|k| k.run.usual && !row.contains(&k.run));
            beside.for_each(|k| k.run.take_out(&mut shown));
        }
        let row: Vec<Run> = row.into_iter().map(|run| Run { kw: listed(run.machine), ..run }).collect();
        listed(of.run.machine) * shown_share(&row, &shown, signs.listed_share)
    }

    /// Days of a kind on which a machine of so many kW did not run, nor began or ended at its hours: a shorter run is one.
    fn without(&self, run: &Run, ran: &BTreeSet<usize>, (group, kw): (usize, f64)) -> Vec<usize> {
        let runs_in_part = |day: usize| {
            let (up, down) = run.edges(self.state.load().day_kw(day));
            up.max(down) >= self.terms.signs.least_match * kw
        };
        self.days(group).iter().filter(|d| !ran.contains(d) && !runs_in_part(**d)).copied().collect()
    }

    /// Machines known from other months, on the days of these on which they ran.
    pub(super) fn seen_again(&self, other: &Self, known: &[Known]) -> Vec<Known> {
        let mut out = Vec::with_capacity(known.len());
        for group in 0..self.kinds.len() {
            let of: Vec<&Known> = known.iter().filter(|k| k.group == group).collect();
            let runs: Vec<Run> = of.iter().map(|k| k.run.clone()).collect();
            let days = self.ran((group, &runs), &other.median(other.days(group)));
            let again = of.iter().zip(runs).zip(days);
            out.extend(again.map(|((k, run), ran)| Known { group, run, typical: k.typical.clone(), ran }));
        }
        for k in &mut out {
            self.keep_typical(k);
        }
        out
    }

    /// The days of a kind that show runs, beside the median of days that taught them.
    fn ran(&self, (group, runs): (usize, &[Run]), median: &[f64]) -> Vec<BTreeSet<usize>> {
        let search = Search { wanted: &[], signs: &self.terms.signs };
        let mut days = vec![BTreeSet::new(); runs.len()];
        for day in self.days(group) {
            let ran = search.ran_on(self.state.load().day_kw(*day), median, runs);
            days.iter_mut().zip(ran).filter(|(_, ran)| *ran).for_each(|(days, _)| {
                days.insert(*day);
            });
        }
        days
    }

    pub(super) fn days(&self, group: usize) -> &[usize] {
        self.kinds.get(group).map_or(&[], |k| k.1.as_slice())
    }

    fn median<'d>(&self, days: impl IntoIterator<Item = &'d usize>) -> Vec<f64> {
        let load = self.state.load();
        let rows: Vec<&[f64]> = days.into_iter().map(|d| load.day_kw(*d)).collect();
        usual::medians(&rows, load.interval().slots())
    }

    /// What is looked for: whole intervals at a power that keeps the energy.
    fn wanted(&self, e: &Equipment, equipment: &[Equipment]) -> Wanted {
        let interval = self.state.load().interval();
        let minutes = f64::from(interval.minutes());
        let slots = (e.run_minutes / minutes - 1e-9).ceil().max(1.0) as usize;
        let follows = |o: &Equipment| {
            let one_crew = e.crew.is_some() && e.crew == o.crew;
            let stated = e.usual_start.is_some() && o.usual_start.is_some();
            o.name != e.name && (one_crew || stated || e.precedes.contains(&o.name))
        };
        Wanted {
            kw: e.rating.get() * e.run_minutes / (slots as f64 * minutes),
            slots,
            start: e.usual_start.map(|m| m as usize / interval.minutes() as usize),
            next: (0..equipment.len()).filter(|i| follows(&equipment[*i])).collect(),
        }
    }
}

/// A run with those that follow it, or that it follows, at once: what follows another hides its fall, and is hidden by it.
fn row_of(run: &Run, known: &[Known], n: usize) -> Vec<Run> {
    let follows =
        |a: Option<&Run>, b: Option<&Run>| a.zip(b).is_some_and(|(a, b)| a.slots.end % n.max(1) == b.slots.start);
    let mut row = VecDeque::from([run.clone()]);
    let other = |row: &VecDeque<Run>, fits: &dyn Fn(&Run) -> bool| {
        known.iter().map(|k| &k.run).find(|r| !row.contains(r) && fits(r)).cloned()
    };
    while let Some(next) = other(&row, &|r| follows(row.back(), Some(r))) {
        row.push_back(next);
    }
    while let Some(before) = other(&row, &|r| follows(Some(r), row.front())) {
        row.push_front(before);
    }
    row.into()
}

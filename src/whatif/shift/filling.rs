//! Greedy filling: the least cost of a month's days under a cap, exactly.
//!
//! With box bounds and daily conservation each day is a continuous knapsack, which filling by price
//! solves exactly; the month's days are coupled by the cap alone, and the cost is convex in it.

use super::month::{Cell, Cost, Month, Steps, TINY_KW, Tally, Widths, greater, lesser, raise};
use crate::curve::wide;

/// One step of filling: a class, either back to its present power or above it.
#[derive(Debug, Clone, Copy)]
struct Key {
    price: f64,
    class: usize,
    /// Whether above the present power: the place of its width among those of its class.
    above: usize,
}

/// A day of a [`Filling`].
#[derive(Debug, Clone, Copy)]
struct FilledDay {
    /// What must be filled, kW of cells.
    need: f64,
    /// Room of the cells that no cap touches.
    room: f64,
    /// Its touched cells end here.
    end: usize,
}

/// A month's days at any cap from a least one on: what no such cap touches is added up once. Months
/// that follow each other share the buffers.
#[derive(Debug, Default)]
pub(super) struct Filling {
    keys: Vec<Key>,
    /// Of each day: widths of the classes, from cells that no cap touches.
    fixed: Vec<Widths>,
    days: Vec<FilledDay>,
    touched: Vec<Cell>,
    /// Places in `days` of those with touched cells: the others cost the same under every cap.
    open: Vec<usize>,
    /// Cost with all that may leave gone, and of the days that no cap touches.
    settled: f64,
    /// Whether the days that no cap touches find room.
    possible: bool,
    /// Widths and bounds of the classes while a day is filled.
    widths: Vec<Widths>,
    bound: Vec<Widths>,
}

/// Changes of a month's cells in kW, what moving costs per hour of a cell, and the cap that is kept.
#[derive(Debug)]
pub(super) struct Moved {
    pub deltas: Vec<f64>,
    pub tally: Tally,
}

impl Filling {
    /// Prepares a month's days for caps of at least `from`.
    pub fn prepare(&mut self, month: &Month, from: f64) {
        let width = month.prices.len().max(1);
        list_keys(month, &mut self.keys);
        self.fixed.clear();
        self.fixed.resize(width * month.day_ends.len(), Widths::default());
        self.days.clear();
        self.touched.clear();
        self.touched.reserve(month.cells.len());
        self.open.clear();
        (self.settled, self.possible) = (0.0, true);
        for (day, fixed) in month.days().zip(self.fixed.chunks_mut(width)) {
            let (mut need, mut room, begin) = (0.0, 0.0, self.touched.len());
            for c in day {
                need -= c.lo;
                if c.upper(from, Steps::ANY) < c.hi {
                    self.settled += c.lo * (month.price(usize::from(c.class)) - month.comfort);
                    self.touched.push(*c);
                } else if let Some([back, above]) = fixed.get_mut(usize::from(c.class)) {
                    *back -= c.lo;
                    *above += c.hi;
                    room += c.hi;
                }
            }
            for (price, [back, _]) in month.prices.iter().zip(fixed.iter()) {
                self.settled -= back * (price - month.comfort);
            }
            if self.touched.len() > begin {
                self.open.push(self.days.len());
            } else {
                match fill(&self.keys, fixed, need) {
                    Some((filled, _)) => self.settled += filled,
                    None => self.possible = false,
                }
            }
            self.days.push(FilledDay { need, room, end: self.touched.len() });
        }
    }

    /// A day, its touched cells, and the widths of the others among `n` classes.
    fn day(&self, place: usize, n: usize) -> Option<(FilledDay, &[Cell], &[Widths])> {
        let day = *self.days.get(place)?;
        let begin = place.checked_sub(1).and_then(|p| self.days.get(p)).map_or(0, |d| d.end);
        Some((day, self.touched.get(begin..day.end)?, self.fixed.get(place * n..(place + 1) * n)?))
    }

    /// The least cap of at least `cap` under which each day's energy finds room in whole steps.
    pub fn feasible_cap(&self, month: &Month, cap: f64, steps: Steps) -> f64 {
        let days = (0..self.days.len()).filter_map(|place| self.day(place, month.prices.len()));
        days.fold(cap, |cap, (day, cells, _)| raise(cells, (cap, month.most_cap), (day.room, steps)))
    }

    /// Least cost of moving under a cap in whole steps; `None` when the cap cannot be kept.
    pub fn cost(&mut self, month: &Month, cap: f64, steps: Steps) -> Option<Cost> {
        let (mut total, mut slope) = (self.settled, 0.0);
        let n = month.prices.len();
        let (mut widths, mut bound) = (std::mem::take(&mut self.widths), std::mem::take(&mut self.bound));
        widths.resize(n, Widths::default());
        bound.resize(n, Widths::default());
        for place in self.open.iter().copied().filter(|_| self.possible) {
            let (day, cells, fixed) = self.day(place, n)?;
            widths.copy_from_slice(fixed);
            bound.fill(Widths::default());
            touch(cells, (cap, steps), &mut widths, &mut bound);
            let (filled, marginal) = fill(&self.keys, &widths, day.need)?;
            total += filled;
            for key in &self.keys {
                slope -= bound.get(key.class)?.get(key.above)? * (marginal - key.price).max(0.0);
            }
        }
        (self.widths, self.bound) = (widths, bound);
        self.possible.then_some(Cost { total: month.hours * total, slope: month.hours * slope })
    }

    /// The change of each cell of the month at a cap, in whole steps; `None` when the cap cannot be kept.
    pub fn schedule(&mut self, month: &Month, cap: f64, steps: Steps) -> Option<Moved> {
        let n = month.prices.len();
        let (mut widths, mut bound) = (std::mem::take(&mut self.widths), std::mem::take(&mut self.bound));
        widths.resize(n, Widths::default());
        bound.resize(n, Widths::default());
        let (mut all_deltas, mut tally) = (vec![0.0; month.cells.len()], Tally::of(month));
        let mut left = &mut all_deltas[..];
        for (place, all) in month.days().enumerate() {
            let (day, cells, fixed) = self.day(place, n)?;
            widths.copy_from_slice(fixed);
            touch(cells, (cap, steps), &mut widths, &mut bound);
            let parted = self.take(&mut widths, day.need)?;
            let (deltas, rest) = left.split_at_mut_checked(all.len())?;
            move_day(all, (cap, steps), &widths, parted, deltas);
            tally.add(month, all, deltas);
            left = rest;
        }
        (self.widths, self.bound) = (widths, bound);
        Some(Moved { deltas: all_deltas, tally })
    }

    /// Makes of the widths what may be taken of them, cheapest first: all (infinite), nothing, or, of the class
    /// that is returned, a part; `None` when the need finds no room.
    fn take(&self, widths: &mut [Widths], need: f64) -> Option<usize> {
        let (mut left, mut parted) = (need, usize::MAX);
        for key in &self.keys {
            let width = widths.get_mut(key.class)?.get_mut(key.above)?;
            let all = *width <= left;
            parted = if !all & (left > 0.0) { key.class } else { parted };
            let after = greater(left - *width, 0.0);
            *width = if all { f64::INFINITY } else { left };
            left = after;
        }
        (left <= TINY_KW * (100.0 + need)).then_some(parted)
    }
}

/// The steps of filling a month's days, cheapest first.
fn list_keys(month: &Month, keys: &mut Vec<Key>) {
    keys.clear();
    for (class, price) in month.prices.iter().enumerate() {
        keys.push(Key { price: price - month.comfort, class, above: 0 });
        keys.push(Key { price: price + month.comfort, class, above: 1 });
    }
    keys.sort_by(|a, b| a.price.total_cmp(&b.price).then((a.class, a.above).cmp(&(b.class, b.above))));
}

wide! {
    /// The change of a day's cells at a cap, where so much of the widths of their classes is taken; of the class
    /// `parted` the earliest cells take what there is.
    fn move_day(cells: &[Cell], at: (f64, Steps), widths: &[Widths], parted: usize, deltas: &mut [f64]) = moved;
}

#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
fn moved(cells: &[Cell], (cap, steps): (f64, Steps), widths: &[Widths], parted: usize, deltas: &mut [f64]) {
    let [mut part_back, mut part_above] = widths.get(parted).copied().unwrap_or_default();
    for (c, delta) in cells.iter().zip(deltas) {
        let (class, up) = (usize::from(c.class), c.upper(cap, steps));
        let [back, above] = widths.get(class).copied().unwrap_or_default();
        let here = class == parted;
        let to_back = lesser(if here { part_back } else { back }, c.to_back(up));
        let to_above = lesser(if here { part_above } else { above }, c.to_above(up));
        // Taking nothing is no branch.
        part_back -= if here { to_back } else { 0.0 };
        part_above -= if here { to_above } else { 0.0 };
        let moved = c.lo + to_back + to_above;
        // What is left of rounding is no move.
        *delta = if moved.abs() <= TINY_KW { 0.0 } else { moved };
    }
}

wide! {
    /// Adds what the cells of a day leave under a cap to the widths of their classes, and to `bound` where the cap
    /// is what ends it.
    fn touch(cells: &[Cell], at: (f64, Steps), widths: &mut [Widths], bound: &mut [Widths]) = touched;
}

#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
fn touched(cells: &[Cell], (cap, steps): (f64, Steps), widths: &mut [Widths], bound: &mut [Widths]) {
    for c in cells {
        let class = usize::from(c.class);
        let (Some([back, above]), Some([below_base, above_base])) = (widths.get_mut(class), bound.get_mut(class))
        else {
            continue;
        };
        let up = c.upper(cap, steps);
        *back += c.to_back(up);
        *above += c.to_above(up);
        // Adding nothing is no branch.
        let ends = if up < c.hi { c.top } else { 0.0 };
        *below_base += if up < 0.0 { ends } else { 0.0 };
        *above_base += if up < 0.0 { 0.0 } else { ends };
    }
}

/// Fills `need` by price; returns its cost per hour and the price of the last key touched.
fn fill(keys: &[Key], widths: &[Widths], need: f64) -> Option<(f64, f64)> {
    let (mut cost, mut marginal, mut left) = (0.0, f64::NEG_INFINITY, need);
    for key in keys {
        if left <= TINY_KW {
            break;
        }
        let take = widths.get(key.class)?.get(key.above)?.min(left);
        if take > 0.0 {
            cost += take * key.price;
            marginal = key.price;
            left -= take;
        }
    }
    (left <= TINY_KW * (100.0 + need)).then_some((cost, marginal))
}

//! Greedy filling: the least cost of a month's days under a cap, exactly.
//!
//! With box bounds and daily conservation each day is a continuous knapsack, which filling by price
//! solves exactly; the month's days are coupled by the cap alone, and the cost is convex in it.

use crate::schedule::Piece;
use std::ops::Range;

/// Sums of powers nearer than this are equal, in kW.
pub(super) const TINY_KW: f64 = 1e-9;

/// A block of intervals of one price that moves as one; powers in kW.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cell {
    /// First interval of the load. Small numbers keep a month of cells in the nearest cache.
    pub start: u32,
    /// Intervals.
    pub len: u16,
    /// Index into [`Month::prices`].
    pub class: u16,
    /// Most that may leave, ≤ 0.
    pub lo: f64,
    /// Most that may be added whatever the cap, ≥ 0.
    pub hi: f64,
    /// Level at the present maximum of its supply point; 0 where no maximum counts.
    pub top: f64,
    /// Its own present level.
    pub base: f64,
}

impl Cell {
    /// Its intervals of the load.
    pub const fn run(&self) -> Range<usize> {
        self.start as usize..self.start as usize + self.len as usize
    }

    /// Most that may be added under a cap, in whole steps.
    pub fn upper(&self, cap: f64, steps: Steps) -> f64 {
        let room = cap * self.top - self.base;
        // What is added is whole steps already.
        if self.top == 0.0 || room >= self.hi { self.hi } else { steps.floor(room) }
    }
}

/// A month's problem.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Month {
    /// All cells, day by day, in time order.
    pub cells: Vec<Cell>,
    /// End of each day's cells.
    pub day_ends: Vec<usize>,
    /// Prices of the classes, ascending, per kWh.
    pub prices: Vec<f64>,
    /// Hours of a cell.
    pub hours: f64,
    /// What the maximum costs, by the cap as a share of the present maximum; empty when it has no price.
    pub outlay: Vec<Piece>,
    /// Share of the present maximum below which intervals outside all cells would stand out.
    pub least_cap: f64,
    /// Greatest level at the present maximum of any cell's supply point, in kW; 0 where no maximum counts.
    pub top: f64,
    /// Greatest level that a cell may be filled to, in kW.
    pub reach_kw: f64,
    /// Greatest cap that is looked at.
    pub most_cap: f64,
    /// Cost of moving one kWh out or in, for breaking ties and for the trouble.
    pub comfort: f64,
    /// Portions of power.
    pub steps: Steps,
}

/// Least cost at a cap, and how it falls as the cap rises.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cost {
    pub total: f64,
    pub slope: f64,
}

/// One step of filling: a class, either back to its present power or above it.
#[derive(Debug, Clone, Copy)]
struct Key {
    price: f64,
    class: usize,
    /// Whether above the present power: the place of its width among those of its class.
    above: usize,
}

/// Widths of a class: back to the present power, and above it.
type Widths = [f64; 2];

/// A selection instead of `f64::min`, which looks for NaN; compilers make vectors of it.
#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
pub(super) fn lesser(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// A selection instead of `f64::max`.
fn greater(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// 1.5 × 2⁵²: a sum with it has no place for a fraction, of numbers up to 2⁵¹ on both sides of 0.
const TO_WHOLE: f64 = 6_755_399_441_055_744.0;

/// The portions of power, in kW; 0 for any.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Steps {
    pub kw: f64,
    per_kw: f64,
}

impl Steps {
    /// Any power.
    pub const ANY: Self = Self { kw: 0.0, per_kw: 0.0 };

    /// Multiples of so many kW.
    pub fn of(kw: f64) -> Self {
        if kw > 0.0 { Self { kw, per_kw: 1.0 / kw } } else { Self::ANY }
    }

    /// Rounds down to a whole step; any power stays as it is.
    #[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
    #[inline(always)]
    pub fn floor(self, value: f64) -> f64 {
        if self.kw == 0.0 || !value.is_finite() { value } else { self.whole(value) }
    }

    /// Rounds a finite value down to a whole step; what misses a step by less than [`TINY_KW`] reaches it.
    #[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
    #[inline(always)]
    pub fn whole(self, value: f64) -> f64 {
        // Not f64::floor, which is a function call where the processor's own rounding is not assumed.
        let steps = (value + TINY_KW) * self.per_kw;
        let nearest = (steps + TO_WHOLE) - TO_WHOLE;
        self.kw * if nearest > steps { nearest - 1.0 } else { nearest }
    }
}

impl Month {
    /// Cells of each day.
    pub fn days(&self) -> impl Iterator<Item = &[Cell]> {
        let starts = std::iter::once(0).chain(self.day_ends.iter().copied());
        starts.zip(&self.day_ends).map(|(a, b)| self.cells.get(a..*b).unwrap_or(&[]))
    }

    pub fn price(&self, class: u16) -> f64 {
        self.prices.get(usize::from(class)).copied().unwrap_or(0.0)
    }

    fn keys(&self) -> Vec<Key> {
        let mut keys = Vec::with_capacity(2 * self.prices.len());
        for (class, price) in self.prices.iter().enumerate() {
            keys.push(Key { price: price - self.comfort, class, above: 0 });
            keys.push(Key { price: price + self.comfort, class, above: 1 });
        }
        keys.sort_by(|a, b| a.price.total_cmp(&b.price).then((a.class, a.above).cmp(&(b.class, b.above))));
        keys
    }

    /// The least cap under which each day's energy finds room in any portions; infinite when it does
    /// under none.
    pub fn feasible_cap(&self) -> f64 {
        let mut cap = self.least_cap;
        for c in &self.cells {
            if c.top > 0.0 && c.base + c.lo > cap * c.top {
                cap = (c.base + c.lo) / c.top;
            }
        }
        for day in self.days() {
            // A day that is not above the cap finds room without a move.
            if day.iter().any(|c| c.top > 0.0 && c.base > cap * c.top) {
                cap = raise(day, (cap, self.most_cap), (0.0, Steps::ANY));
            }
        }
        cap
    }

    /// What moving costs beside the maximum, and the cap that the moved load keeps.
    pub fn cost_of(&self, deltas: &[f64]) -> (f64, f64) {
        let (mut energy, mut cap) = (0.0, self.least_cap);
        for (c, x) in self.cells.iter().zip(deltas) {
            energy += self.price(c.class) * x + self.comfort * x.abs();
            if c.top > 0.0 && c.base + x > cap * c.top {
                cap = (c.base + x) / c.top;
            }
        }
        (self.hours * energy, cap)
    }
}

/// The least cap of at least `cap` under which some cells and a room of `fixed` beside them take a
/// day's energy; infinite above `most`.
fn raise(cells: &[Cell], (cap, most): (f64, f64), (fixed, steps): (f64, Steps)) -> f64 {
    let mut cap = cap;
    loop {
        let (mut room, mut rate, mut nearest) = (fixed, 0.0, f64::INFINITY);
        for c in cells {
            let up = c.upper(cap, steps);
            room += up;
            if up < c.hi {
                rate += c.top;
                if steps.kw > 0.0 {
                    nearest = nearest.min((up + steps.kw + c.base) / c.top);
                }
            }
        }
        if room >= -TINY_KW * (1.0 + cells.len() as f64) {
            return cap;
        }
        // The room is concave in the cap: each step lands at or below the least cap, the last one on it.
        let next = if steps.kw > 0.0 { nearest } else { cap - room / rate };
        cap = next.max(cap * (1.0 + f64::EPSILON));
        if cap > most {
            return f64::INFINITY;
        }
    }
}

/// A day of a [`Filling`].
#[derive(Debug, Clone, Copy)]
struct FilledDay {
    /// What must be filled, kW of cells.
    need: f64,
    /// Room of the cells that no cap touches.
    room: f64,
    /// End of its touched cells.
    end: usize,
}

/// A month's days at any cap from a least one on: what no such cap touches is added up once.
#[derive(Debug)]
pub(super) struct Filling<'a> {
    month: &'a Month,
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
}

/// Widths and bounds of the classes while a day is filled.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    widths: Vec<Widths>,
    bound: Vec<Widths>,
}

impl<'a> Filling<'a> {
    /// Prepares the days for caps of at least `from`.
    pub fn new(month: &'a Month, from: f64) -> Self {
        let keys = month.keys();
        let width = month.prices.len().max(1);
        let mut fixed = vec![Widths::default(); width * month.day_ends.len()];
        let mut out = Self {
            month,
            fixed: Vec::new(),
            days: Vec::with_capacity(month.day_ends.len()),
            touched: Vec::with_capacity(month.cells.len()),
            open: Vec::with_capacity(month.day_ends.len()),
            settled: 0.0,
            possible: true,
            keys,
        };
        for (day, fixed) in month.days().zip(fixed.chunks_mut(width)) {
            let (mut need, mut room, begin) = (0.0, 0.0, out.touched.len());
            for c in day {
                need -= c.lo;
                if c.upper(from, Steps::ANY) < c.hi {
                    out.settled += c.lo * (month.price(c.class) - month.comfort);
                    out.touched.push(*c);
                } else if let Some([back, above]) = fixed.get_mut(usize::from(c.class)) {
                    *back -= c.lo;
                    *above += c.hi;
                    room += c.hi;
                }
            }
            for (price, [back, _]) in month.prices.iter().zip(fixed.iter()) {
                out.settled -= back * (price - month.comfort);
            }
            if out.touched.len() > begin {
                out.open.push(out.days.len());
            } else {
                match out.fill(fixed, need) {
                    Some((filled, _)) => out.settled += filled,
                    None => out.possible = false,
                }
            }
            out.days.push(FilledDay { need, room, end: out.touched.len() });
        }
        out.fixed = fixed;
        out
    }

    /// Days with their touched cells and the widths of the others.
    fn days(&self) -> impl Iterator<Item = (FilledDay, &[Cell], &[Widths])> {
        let starts = std::iter::once(0).chain(self.days.iter().map(|d| d.end));
        let rows = self.fixed.chunks(self.month.prices.len().max(1));
        let cells = |start: usize, end: usize| self.touched.get(start..end).unwrap_or(&[]);
        starts.zip(&self.days).zip(rows).map(move |((start, day), fixed)| (*day, cells(start, day.end), fixed))
    }

    /// The least cap of at least `cap` under which each day's energy finds room in whole steps.
    pub fn feasible_cap(&self, cap: f64, steps: Steps) -> f64 {
        let most = self.month.most_cap;
        self.days().fold(cap, |cap, (day, cells, _)| raise(cells, (cap, most), (day.room, steps)))
    }

    /// Least cost of moving under a cap in whole steps; `None` when the cap cannot be kept.
    pub fn cost(&self, cap: f64, steps: Steps, scratch: &mut Scratch) -> Option<Cost> {
        let (mut total, mut slope) = (self.settled, 0.0);
        let n = self.month.prices.len();
        let Scratch { widths, bound } = scratch;
        widths.resize(n, Widths::default());
        bound.resize(n, Widths::default());
        for place in self.open.iter().copied().filter(|_| self.possible) {
            let day = self.days.get(place)?;
            let begin = place.checked_sub(1).and_then(|p| self.days.get(p)).map_or(0, |d| d.end);
            widths.copy_from_slice(self.fixed.get(place * n..(place + 1) * n)?);
            bound.fill(Widths::default());
            for c in self.touched.get(begin..day.end)? {
                let up = c.upper(cap, steps);
                let class = usize::from(c.class);
                let [back, above] = widths.get_mut(class)?;
                *back += lesser(up, 0.0) - c.lo;
                *above += greater(up, 0.0);
                if up < c.hi {
                    bound.get_mut(class)?[usize::from(up >= 0.0)] += c.top;
                }
            }
            let (filled, marginal) = self.fill(widths, day.need)?;
            total += filled;
            for key in &self.keys {
                slope -= bound.get(key.class)?.get(key.above)? * (marginal - key.price).max(0.0);
            }
        }
        self.possible.then_some(Cost { total: self.month.hours * total, slope: self.month.hours * slope })
    }

    /// Fills `need` by price; returns its cost per hour and the price of the last key touched.
    fn fill(&self, widths: &[Widths], need: f64) -> Option<(f64, f64)> {
        let (mut cost, mut marginal, mut left) = (0.0, f64::NEG_INFINITY, need);
        for key in &self.keys {
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

    /// The change of each cell of the month at a cap, in whole steps; `None` when the cap cannot be kept.
    pub fn schedule(&self, cap: f64, steps: Steps) -> Option<Vec<f64>> {
        let mut widths = vec![Widths::default(); self.month.prices.len()];
        let mut out = Vec::with_capacity(self.month.cells.len());
        for ((day, cells, fixed), all) in self.days().zip(self.month.days()) {
            widths.copy_from_slice(fixed);
            for c in cells {
                let up = c.upper(cap, steps);
                let [back, above] = widths.get_mut(usize::from(c.class))?;
                *back += greater(lesser(up, 0.0) - c.lo, 0.0);
                *above += greater(up, 0.0);
            }
            // What each key takes of its width, cheapest first.
            let mut left = day.need;
            for key in &self.keys {
                let width = widths.get_mut(key.class)?.get_mut(key.above)?;
                *width = width.min(left);
                left -= *width;
            }
            if left > TINY_KW * (100.0 + day.need) {
                return None;
            }
            for c in all {
                let up = c.upper(cap, steps);
                let [back, above] = widths.get_mut(usize::from(c.class))?;
                let to_back = lesser(*back, greater(lesser(up, 0.0) - c.lo, 0.0));
                *back -= to_back;
                let to_above = lesser(*above, greater(up, 0.0));
                *above -= to_above;
                let delta = c.lo + to_back + to_above;
                // What is left of rounding is no move.
                out.push(if delta.abs() <= TINY_KW { 0.0 } else { delta });
            }
        }
        Some(out)
    }
}

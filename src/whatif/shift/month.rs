//! A month's problem: boxes of power, day by day, under a common cap.

use crate::schedule::Piece;
use std::ops::Range;

/// Sums of powers nearer than this are equal, in kW.
pub(super) const TINY_KW: f64 = 1e-9;

/// What may be taken back to the present power, and above it.
pub(super) type Widths = [f64; 2];

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

    /// From where all that may leave is gone back to the present power, or to `up` below it.
    #[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
    #[inline(always)]
    pub fn to_back(&self, up: f64) -> f64 {
        greater(lesser(up, 0.0) - self.lo, 0.0)
    }

    /// From the present power to `up`.
    #[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
    #[inline(always)]
    #[expect(clippy::unused_self, reason = "the other half of what may be taken")]
    pub fn to_above(&self, up: f64) -> f64 {
        greater(up, 0.0)
    }

    /// Most that may be added under a cap, in whole steps.
    #[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
    #[inline(always)]
    pub fn upper(&self, cap: f64, steps: Steps) -> f64 {
        let room = if self.top == 0.0 { f64::INFINITY } else { cap * self.top - self.base };
        // What is added is whole steps already, so that the lesser is whole too.
        lesser(steps.floor(room), self.hi)
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
    /// Share of the present maximum below which intervals outside all cells would stand out, or a cell
    /// that gives up all that may leave.
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

/// A selection instead of `f64::min`, which looks for NaN; compilers make vectors of it.
#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
pub(super) fn lesser(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// A selection instead of `f64::max`.
#[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
#[inline(always)]
pub(super) fn greater(a: f64, b: f64) -> f64 {
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

    /// Rounds down to a whole step, infinite to infinite; where any power will do it stays as it is.
    #[expect(clippy::inline_always, reason = "compiled anew for wide vectors; see `wide`")]
    #[inline(always)]
    pub fn floor(self, value: f64) -> f64 {
        if self.kw == 0.0 { value } else { self.whole(value) }
    }

    /// The same with steps; what misses a step by less than [`TINY_KW`] reaches it.
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

    pub fn price(&self, class: usize) -> f64 {
        self.prices.get(class).copied().unwrap_or(0.0)
    }

    /// The least cap under which each day's energy finds room in any portions; infinite when it does
    /// under none.
    pub fn feasible_cap(&self) -> f64 {
        let mut cap = self.least_cap;
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
        let mut tally = Tally::of(self);
        tally.add(self, &self.cells, deltas);
        (self.hours * tally.energy, tally.cap)
    }
}

/// What moving costs so far, of cells in their order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tally {
    /// Cost per hour of a cell.
    pub energy: f64,
    /// The cap that the moved load keeps.
    pub cap: f64,
}

impl Tally {
    /// Before any cell.
    pub const fn of(month: &Month) -> Self {
        Self { energy: 0.0, cap: month.least_cap }
    }

    /// Adds cells and their changes. A call of its own, which keeps its sums in registers.
    #[inline(never)]
    pub fn add(&mut self, month: &Month, cells: &[Cell], deltas: &[f64]) {
        // In registers, not behind a reference.
        let Self { mut energy, mut cap } = *self;
        for (c, x) in cells.iter().zip(deltas) {
            energy += month.price(usize::from(c.class)) * x + month.comfort * x.abs();
            if c.top > 0.0 && c.base + x > cap * c.top {
                cap = (c.base + x) / c.top;
            }
        }
        *self = Self { energy, cap };
    }
}

/// The least cap of at least `cap` under which some cells and a room of `fixed` beside them take a
/// day's energy; infinite above `most`.
pub(super) fn raise(cells: &[Cell], (cap, most): (f64, f64), (fixed, steps): (f64, Steps)) -> f64 {
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

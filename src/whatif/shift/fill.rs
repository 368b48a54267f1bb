//! The exact solution of one month's shifting problem: greedy filling of each day inside a
//! one-dimensional search on the common cap of demand.
//!
//! With box bounds and daily conservation each day is a continuous knapsack, which filling by price
//! solves exactly; the month's days are coupled by the cap alone, and the cost is convex in it.

/// Bisections of the cap: 2⁻²⁰ of the maximum is far below a kW.
const CAP_BISECTIONS: usize = 20;
/// Bisections when powers are whole steps, which are coarser than 2⁻⁸ of what may move.
const STEPPED_BISECTIONS: usize = 8;
/// Ways from the relaxed cap up to the present maximum when whole steps do not fit the former.
const CAP_RETRIES: usize = 4;
/// Sums of powers nearer than this are equal, in kW.
const TINY_KW: f64 = 1e-9;

/// A block of intervals of one price that moves as one; powers in kW.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cell {
    /// First interval of the load.
    pub start: usize,
    /// Intervals.
    pub len: usize,
    /// Index into [`Month::prices`].
    pub class: usize,
    /// Most that may leave, ≤ 0.
    pub lo: f64,
    /// Most that may be added without a cap, ≥ 0.
    pub hi: f64,
    /// Room below the present maximum, ≥ 0; infinite when no cap applies.
    pub room: f64,
    /// The room lost when the cap falls by its whole.
    pub slope: f64,
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
    /// Cost of the whole present maximum; `None` when the maximum has no price.
    pub demand_cost: Option<f64>,
    /// Share of the present maximum below which intervals outside all cells would stand out.
    pub least_cap: f64,
    /// Cost of moving one kWh out or in, for breaking ties and for the trouble.
    pub comfort: f64,
    /// Powers are multiples of this; 0 for any.
    pub step_kw: f64,
}

/// Cost at a cap and its slope in the cap.
struct Cost {
    total: f64,
    slope: f64,
}

/// One step of filling: a class, either back to its present power or above it.
#[derive(Clone, Copy)]
struct Key {
    price: f64,
    class: usize,
    above: bool,
}

fn floor_to(value: f64, step: f64) -> f64 {
    if step > 0.0 && value.is_finite() { ((value + TINY_KW) / step).floor() * step } else { value }
}

impl Cell {
    fn upper(&self, cap: f64, step: f64) -> f64 {
        if self.slope == 0.0 { self.hi } else { self.hi.min(floor_to(self.room - (1.0 - cap) * self.slope, step)) }
    }
}

impl Month {
    /// The change of each cell in kW that costs least.
    pub fn solve(&self) -> Vec<f64> {
        if self.demand_cost.is_none() {
            return self.schedule(1.0).unwrap_or_else(|| vec![0.0; self.cells.len()]);
        }
        let best = self.best_cap();
        let mut found: Option<(f64, Vec<f64>)> = None;
        for k in 0..=CAP_RETRIES {
            let cap = best + (1.0 - best) * k as f64 / CAP_RETRIES as f64;
            let Some(cost) = self.cost(cap, self.step_kw).map(|c| c.total) else { continue };
            if found.as_ref().is_none_or(|f| cost < f.0)
                && let Some(schedule) = self.schedule(cap)
            {
                found = Some((cost, schedule));
            }
            if self.step_kw == 0.0 {
                break;
            }
        }
        found.map_or_else(|| vec![0.0; self.cells.len()], |f| f.1)
    }

    /// The cap, as a share of the present maximum, at which the relaxed cost is least.
    fn best_cap(&self) -> f64 {
        let (mut low, mut high) = (self.least_cap.clamp(0.0, 1.0), 1.0);
        for _ in 0..if self.step_kw > 0.0 { STEPPED_BISECTIONS } else { CAP_BISECTIONS } {
            let middle = f64::midpoint(low, high);
            match self.cost(middle, 0.0) {
                Some(c) if c.slope > 0.0 => high = middle,
                _ => low = middle,
            }
        }
        high
    }

    fn keys(&self) -> Vec<Key> {
        let mut keys = Vec::with_capacity(2 * self.prices.len());
        for (class, price) in self.prices.iter().enumerate() {
            keys.push(Key { price: price - self.comfort, class, above: false });
            keys.push(Key { price: price + self.comfort, class, above: true });
        }
        keys.sort_by(|a, b| a.price.total_cmp(&b.price).then(a.class.cmp(&b.class)).then(a.above.cmp(&b.above)));
        keys
    }

    fn days(&self) -> impl Iterator<Item = &[Cell]> {
        let starts = std::iter::once(0).chain(self.day_ends.iter().copied());
        starts.zip(&self.day_ends).map(|(a, b)| self.cells.get(a..*b).unwrap_or(&[]))
    }

    /// What is moved costs at a cap, with the demand; `None` when the cap cannot be kept.
    fn cost(&self, cap: f64, step: f64) -> Option<Cost> {
        if cap < self.least_cap {
            return None;
        }
        let keys = self.keys();
        let demand = self.demand_cost.unwrap_or(0.0);
        let mut out = Cost { total: demand * cap, slope: demand };
        let mut widths = vec![[0.0; 2]; self.prices.len()];
        for day in self.days() {
            let need = measure(day, cap, step, &mut widths)?;
            let (filled, marginal) = fill(&keys, &widths, need)?;
            out.total += self.hours * filled;
            for c in day {
                let price = self.prices.get(c.class).copied().unwrap_or(0.0);
                out.total += self.hours * c.lo * (price - self.comfort);
                let up = c.upper(cap, step);
                if up < c.hi {
                    let own = if up < 0.0 { price - self.comfort } else { price + self.comfort };
                    out.slope -= self.hours * c.slope * (marginal - own).max(0.0);
                }
            }
        }
        Some(out)
    }

    /// The change of each cell at a cap, in whole steps; `None` when the cap cannot be kept.
    fn schedule(&self, cap: f64) -> Option<Vec<f64>> {
        let keys = self.keys();
        let mut widths = vec![[0.0; 2]; self.prices.len()];
        let mut out = Vec::with_capacity(self.cells.len());
        for day in self.days() {
            let mut need = measure(day, cap, self.step_kw, &mut widths)?;
            // What each key takes of its width, cheapest first.
            for key in &keys {
                let width = widths.get_mut(key.class)?.get_mut(usize::from(key.above))?;
                *width = width.min(need);
                need -= *width;
            }
            if need > TINY_KW * (1.0 + day.len() as f64) {
                return None;
            }
            for c in day {
                let up = c.upper(cap, self.step_kw);
                let [back, above] = widths.get_mut(c.class)?;
                let to_back = back.min((up.min(0.0) - c.lo).max(0.0));
                *back -= to_back;
                let to_above = above.min(up.max(0.0));
                *above -= to_above;
                out.push(c.lo + to_back + to_above);
            }
        }
        Some(out)
    }
}

/// Widths of a day's keys by class, and what must be filled, in kW of cells.
fn measure(day: &[Cell], cap: f64, step: f64, widths: &mut [[f64; 2]]) -> Option<f64> {
    widths.fill([0.0; 2]);
    let mut need = 0.0;
    for c in day {
        let up = c.upper(cap, step);
        if up < c.lo - TINY_KW {
            return None;
        }
        let [back, above] = widths.get_mut(c.class)?;
        *back += (up.min(0.0) - c.lo).max(0.0);
        *above += up.max(0.0);
        need -= c.lo;
    }
    Some(need)
}

/// Fills `need` by price; returns its cost per hour and the price of the last key touched.
fn fill(keys: &[Key], widths: &[[f64; 2]], mut need: f64) -> Option<(f64, f64)> {
    let (mut cost, mut marginal) = (0.0, f64::NEG_INFINITY);
    for key in keys {
        if need <= TINY_KW {
            break;
        }
        let take = widths.get(key.class)?.get(usize::from(key.above))?.min(need);
        if take > 0.0 {
            cost += take * key.price;
            marginal = key.price;
            need -= take;
        }
    }
    (need <= TINY_KW * 100.0).then_some((cost, marginal))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two days of three one-hour cells: dear, middle, cheap.
    fn month(demand_cost: Option<f64>) -> Month {
        let load = [[100.0, 80.0, 40.0], [90.0, 80.0, 30.0]];
        let top = 100.0;
        let mut cells = Vec::new();
        for (d, day) in load.iter().enumerate() {
            for (k, l) in day.iter().enumerate() {
                let class = 2 - k;
                let room = if demand_cost.is_some() { top - l } else { f64::INFINITY };
                let slope = if demand_cost.is_some() { top } else { 0.0 };
                cells.push(Cell { start: d * 3 + k, len: 1, class, lo: -0.2 * l, hi: 60.0, room, slope });
            }
        }
        Month {
            cells,
            day_ends: vec![3, 6],
            prices: vec![0.3, 0.6, 1.0],
            hours: 1.0,
            demand_cost,
            least_cap: 0.0,
            comfort: 0.001,
            step_kw: 0.0,
        }
    }

    /// The least cost by trying all caps on a fine grid and all whole-kW moves of each day.
    fn by_brute_force(m: &Month) -> f64 {
        let top = 100.0;
        let total = |cap: f64| -> Option<f64> {
            let mut sum = m.demand_cost.unwrap_or(0.0) * cap;
            for day in m.days() {
                let mut best = f64::INFINITY;
                for a in -20..=60 {
                    for b in -20..=60 {
                        let x = [f64::from(a), f64::from(b), f64::from(-a - b)];
                        let fits = day.iter().zip(x).all(|(c, x)| {
                            let up = if c.slope == 0.0 { c.hi } else { c.hi.min(c.room - (1.0 - cap) * top) };
                            x >= c.lo - 1e-9 && x <= up + 1e-9
                        });
                        if fits {
                            let cost = |(c, x): (&Cell, f64)| m.prices[c.class] * x + m.comfort * x.abs();
                            best = best.min(day.iter().zip(x).map(cost).sum());
                        }
                    }
                }
                sum += best;
            }
            sum.is_finite().then_some(sum)
        };
        (0..=100).filter_map(|k| total(f64::from(k) / 100.0)).fold(f64::INFINITY, f64::min)
    }

    fn cost_of(m: &Month, x: &[f64]) -> f64 {
        let energy: f64 = m.cells.iter().zip(x).map(|(c, x)| m.prices[c.class] * x + m.comfort * x.abs()).sum();
        let cap = m.cells.iter().zip(x).map(|(c, x)| 100.0 - c.room + x).fold(0.0, f64::max) / 100.0;
        energy + m.demand_cost.map_or(0.0, |d| d * cap)
    }

    #[test]
    fn energy_alone_fills_the_cheapest_first() {
        let m = month(None);
        let x = m.solve();
        assert_eq!(&x[..3], &[-20.0, -16.0, 36.0]);
        assert!((cost_of(&m, &x) - by_brute_force(&m)).abs() < 1e-9);
    }

    #[test]
    fn with_a_price_on_the_maximum_it_is_the_joint_optimum() {
        for price in [1.0, 10.0, 50.0, 200.0, 2000.0] {
            let m = month(Some(price));
            let x = m.solve();
            assert!(x.iter().zip(&m.cells).all(|(x, c)| *x >= c.lo - 1e-9 && *x <= c.hi + 1e-9));
            assert!((x[..3].iter().sum::<f64>()).abs() < 1e-9 && (x[3..].iter().sum::<f64>()).abs() < 1e-9);
            let (found, best) = (cost_of(&m, &x), by_brute_force(&m));
            assert!((found - best).abs() < 2e-6 * price + 1e-9, "price {price}: {found} against {best}");
        }
    }

    #[test]
    fn equal_prices_move_nothing() {
        let mut m = month(None);
        m.prices = vec![0.5, 0.5, 0.5];
        assert!(m.solve().iter().all(|x| *x == 0.0), "moving costs the comfort price and saves nothing");
    }

    #[test]
    fn whole_steps_stay_whole() {
        let mut m = month(Some(50.0));
        m.step_kw = 10.0;
        for c in &mut m.cells {
            c.lo = -floor_to(-c.lo, 10.0);
        }
        let x = m.solve();
        assert!(x.iter().all(|x| (x / 10.0).fract().abs() < 1e-9), "{x:?}");
        assert!((x[..3].iter().sum::<f64>()).abs() < 1e-9 && (x[3..].iter().sum::<f64>()).abs() < 1e-9);
    }
}

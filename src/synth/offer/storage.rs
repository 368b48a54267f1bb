//! The best way to run a battery through a day whose load and prices are known, exactly: a value of stored
//! energy is carried back from the day's end, and the day is then run by it. And a day that is run by the plan
//! for another.

/// Of intervals that cost the same the earliest is taken, to buy and to sell: each later one is this much worse,
/// per kWh.
const LATER: f64 = 1e-12;

/// A battery.
#[derive(Debug, Clone, Copy)]
pub(super) struct Storage {
    /// Greatest power in and out, in kW.
    pub kw: f64,
    /// Energy that it delivers when full, in kWh.
    pub kwh: f64,
    /// Energy out over energy in.
    pub round_trip: f64,
    /// Wear per kWh delivered.
    pub wear: f64,
}

/// What stored energy can still earn in a day: a concave function over `low`… in kWh, as its slopes.
struct Value {
    /// Least energy with which the rest of the day holds the limit.
    low: f64,
    /// Lengths in kWh and slopes per kWh, descending.
    pieces: Vec<(f64, f64)>,
}

/// What an interval allows, in kWh.
#[derive(Clone, Copy)]
struct Room {
    /// Stored at most.
    most_in: f64,
    /// Delivered at least, so that the limit holds.
    least_out: f64,
    /// Delivered at most.
    most_out: f64,
}

impl Storage {
    /// The load in kW with the battery run at least cost below `limit_kw`, empty at the day's ends; and what
    /// it delivers in kWh. `None` where the limit cannot be held.
    pub fn day(&self, kw: &[f64], prices: &[f64], (limit_kw, hours): (f64, f64)) -> Option<(Vec<f64>, f64)> {
        let rooms: Vec<Room> = kw.iter().map(|v| self.room(*v, limit_kw, hours)).collect::<Option<_>>()?;
        let mut ahead = vec![Value { low: 0.0, pieces: vec![(self.kwh, 0.0)] }];
        let prices = || prices.iter().enumerate().map(|(i, p)| (p + LATER * i as f64, p - LATER * i as f64));
        for (room, price) in rooms.iter().zip(prices().collect::<Vec<_>>()).rev() {
            let next = ahead.last()?.back(self, *room, price)?;
            ahead.push(next);
        }
        // Least energy to begin the day with, but for the last bit of sums.
        if ahead.pop()?.low > 1e-9 {
            return None;
        }
        let (mut stored, mut delivered, mut out) = (0.0, 0.0, Vec::with_capacity(kw.len()));
        for ((v, room), (bought, sold)) in kw.iter().zip(&rooms).zip(prices()) {
            let after = ahead.pop()?;
            let least = stored - room.least_out;
            // Worth keeping, and worth buying, up to here.
            let (keep, buy) = (after.above(sold - self.wear, true), after.above(bought / self.round_trip, false));
            let level = match least {
                l if l > keep => keep.max(stored - room.most_out),
                l if l < buy => buy.min(l + room.most_in),
                l => l,
            };
            let (taken, given) = ((level - least).max(0.0) / self.round_trip, stored - level.min(least));
            delivered += given;
            out.push(v + (taken - given) / hours);
            stored = level;
        }
        Some((out, delivered))
    }

    /// Runs a day by a plan in kW, and says what is delivered, in kWh. More than the limit is met from what is
    /// stored; the battery takes up only what stays below it; what it cannot meet is the limit from then on.
    pub fn follow(&self, plan: &[f64], kw: &mut [f64], (limit_kw, hours): (&mut f64, f64)) -> f64 {
        let (mut stored, mut delivered) = (0.0, 0.0);
        for (i, v) in kw.iter_mut().enumerate() {
            let wanted = plan.get(i).copied().unwrap_or(0.0);
            if wanted > 0.0 && *v < *limit_kw {
                let taken = wanted.min(*limit_kw - *v).min(((self.kwh - stored) / self.round_trip / hours).max(0.0));
                stored += taken * hours * self.round_trip;
                *v += taken;
            } else {
                let needed = (*v - *limit_kw).max(-wanted).max(0.0);
                let given = needed.min(self.kw).min(v.max(0.0)).min(stored / hours);
                stored -= given * hours;
                delivered += given * hours;
                *v -= given;
            }
            *limit_kw = limit_kw.max(*v);
        }
        delivered
    }

    fn room(&self, v: f64, limit_kw: f64, hours: f64) -> Option<Room> {
        let least_out = (v - limit_kw).max(0.0);
        (least_out <= self.kw).then(|| Room {
            most_in: (limit_kw - v).clamp(0.0, self.kw) * hours * self.round_trip,
            least_out: least_out * hours,
            most_out: v.clamp(0.0, self.kw) * hours,
        })
    }
}

impl Value {
    /// The value one interval earlier, at the prices of a kWh that is bought and one that is sold; `None` where more energy is needed than it holds.
    fn back(&self, storage: &Storage, room: Room, (bought, sold): (f64, f64)) -> Option<Self> {
        let mut pieces = self.pieces.clone();
        pieces.push((room.most_in, bought / storage.round_trip));
        pieces.push((room.most_out - room.least_out, sold - storage.wear));
        pieces.sort_by(|a, b| b.1.total_cmp(&a.1));
        let low = self.low - room.most_in + room.least_out;
        if low > storage.kwh * (1.0 + 1e-9) {
            return None;
        }
        // From empty to full.
        let (mut at, mut kept) = (low, Vec::with_capacity(pieces.len()));
        for (length, slope) in pieces {
            let part = (at + length).min(storage.kwh) - at.max(0.0);
            if part > 0.0 {
                kept.push((part, slope));
            }
            at += length;
        }
        Some(Self { low: low.max(0.0), pieces: kept })
    }

    /// Energy up to which a kWh is worth more than `price`, or as much.
    fn above(&self, price: f64, or_as_much: bool) -> f64 {
        let worth = |slope: f64| slope > price || (or_as_much && slope >= price);
        self.low + self.pieces.iter().filter(|p| worth(p.1)).map(|p| p.0).sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORAGE: Storage = Storage { kw: 100.0, kwh: 200.0, round_trip: 0.8, wear: 0.1 };

    fn prices(of: impl Fn(usize) -> f64) -> Vec<f64> {
        (0..24).map(of).collect()
    }

    fn cost(kw: &[f64], prices: &[f64]) -> f64 {
        kw.iter().zip(prices).map(|(v, p)| v * p).sum()
    }

    #[test]
    fn two_valleys_make_two_cycles() {
        let p = prices(|h| if h < 6 || (11..14).contains(&h) { 0.3 } else { 1.0 });
        let load = vec![300.0; 24];
        let (after, delivered) = STORAGE.day(&load, &p, (400.0, 1.0)).unwrap();
        assert!((delivered - 400.0).abs() < 1e-9, "{delivered}");
        let gain = cost(&load, &p) - cost(&after, &p);
        assert!((gain - 400.0 * (1.0 - 0.3 / 0.8)).abs() < 1e-9, "{gain}");
        assert!(after.iter().all(|v| *v <= 400.0 + 1e-9));
        let (still, none) = Storage { wear: 0.7, ..STORAGE }.day(&load, &p, (400.0, 1.0)).unwrap();
        assert_eq!((still, none), (load, 0.0), "wear above what a cycle earns");
    }

    #[test]
    fn a_day_follows_a_plan_as_far_as_it_allows() {
        let run = |plan: &[f64], load: &[f64], limit: f64| {
            let (mut kw, mut limit) = (load.to_vec(), limit);
            let delivered = STORAGE.follow(plan, &mut kw, (&mut limit, 1.0));
            (kw, delivered, limit)
        };
        // 100 kW planned, room for 60: 48 kWh stored, and no more comes out whatever is planned.
        assert_eq!(run(&[100.0, 0.0, -100.0], &[240.0, 200.0, 250.0], 300.0), (vec![300.0, 200.0, 202.0], 48.0, 300.0));
        // A peak that nobody planned takes it first; what is left of it is the limit from then on, and may be charged to.
        let found = run(&[60.0, 0.0, -100.0, 80.0], &[240.0, 400.0, 250.0, 300.0], 300.0);
        assert_eq!(found, (vec![300.0, 352.0, 250.0, 352.0], 48.0, 352.0));
        // Nothing is fed in, and no plan means no run.
        assert_eq!(run(&[100.0, -100.0], &[100.0, 30.0], 300.0).0, [200.0, 0.0]);
        assert_eq!(run(&[], &[100.0, 310.0], 300.0), (vec![100.0, 310.0], 0.0, 310.0));
    }

    #[test]
    fn a_limit_is_held_whatever_the_prices_or_not_at_all() {
        let load = prices(|h| if (9..11).contains(&h) { 380.0 } else { 300.0 });
        let p = prices(|h| if h < 6 { 0.9 } else { 1.0 });
        let (after, delivered) = STORAGE.day(&load, &p, (320.0, 1.0)).unwrap();
        assert!((delivered - 120.0).abs() < 1e-9 && after.iter().all(|v| *v <= 320.0 + 1e-9), "{after:?}");
        assert!((after.iter().sum::<f64>() - load.iter().sum::<f64>() - 30.0).abs() < 1e-9, "losses are paid for");
        assert!(STORAGE.day(&load, &p, (270.0, 1.0)).is_none(), "more energy than it holds");
        assert!(STORAGE.day(&load, &p, (200.0, 1.0)).is_none(), "more power than it has");
    }

    /// Energy in whole tens of kWh: every course of a short day by trying all.
    #[test]
    fn no_course_costs_less() {
        let storage = Storage { kw: 20.0, kwh: 30.0, round_trip: 1.0, wear: 0.05 };
        let load = [30.0, 60.0, 40.0, 90.0, 80.0, 70.0];
        let mut held = [0, 0];
        for (seed, limit) in (0..20usize).flat_map(|seed| [90.0, 80.0, 70.0, 60.0].map(|limit| (seed, limit))) {
            let p: Vec<f64> = (0..6).map(|h| 0.2 + ((seed * 31 + h * 17) % 11) as f64 / 10.0).collect();
            let mut best = f64::INFINITY;
            for code in 0..5usize.pow(6) {
                let (mut left, mut stored, mut total, mut fits) = (code, 0.0, 0.0, true);
                for (v, price) in load.iter().zip(&p) {
                    let step = 10.0 * (left % 5) as f64 - 20.0;
                    left /= 5;
                    stored += step;
                    fits &= (0.0..=30.0).contains(&stored) && (0.0..=limit).contains(&(v + step));
                    total += (v + step) * price + storage.wear * (-step).max(0.0);
                }
                if fits && stored == 0.0 {
                    best = best.min(total);
                }
            }
            let found = storage.day(&load, &p, (limit, 1.0));
            held[usize::from(found.is_some())] += 1;
            let ours = found.map_or(f64::INFINITY, |(after, out)| cost(&after, &p) + storage.wear * out);
            assert!(ours == best || (ours - best).abs() < 1e-9, "{seed} {limit}: {ours} against {best}");
        }
        assert!(held.iter().all(|n| *n >= 20), "{held:?}");
    }
}

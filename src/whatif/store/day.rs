//! One day of a battery at least cost, exactly. What stored energy can still earn is a concave function of
//! how much there is; it is carried back from the day's end stretch by stretch, and the day is then run by it.

use super::Store;
use std::ops::Range;

/// Stored energy that is none, as a share of the capacity: sums end in a last bit.
const NONE: f64 = 1e-9;

/// Of intervals that cost the same the earliest is taken, to charge and to deliver: a later stretch is this much
/// worse per kWh for each before it.
const LATER: f64 = 1e-12;

/// Neighbouring intervals of one price that all stand above the limit, or all below, in kWh.
struct Stretch {
    slots: Range<usize>,
    price: f64,
    /// Stretches before it.
    nth: f64,
    /// Stored at most.
    most_in: f64,
    /// Delivered at least, so that the limit holds.
    least_out: f64,
    /// Delivered at most.
    most_out: f64,
}

impl Stretch {
    /// What a kWh costs that is charged.
    fn bought(&self) -> f64 {
        self.price + LATER * self.nth
    }

    /// What a kWh earns that is delivered.
    fn sold(&self) -> f64 {
        self.price - LATER * self.nth
    }
}

/// What stored energy can still earn.
struct Worth {
    /// Least energy with which the rest of the day holds the limit.
    least: f64,
    /// From there on: kWh, and what each of them earns, descending.
    steps: Vec<(f64, f64)>,
}

impl Worth {
    /// Energy that is worth at least `price` a kWh.
    fn at_least(&self, price: f64) -> f64 {
        self.least + self.steps.iter().take_while(|s| s.1 >= price).map(|s| s.0).sum::<f64>()
    }

    /// Energy that is worth more than `price` a kWh.
    fn above(&self, price: f64) -> f64 {
        self.least + self.steps.iter().take_while(|s| s.1 > price).map(|s| s.0).sum::<f64>()
    }
}

impl Store {
    /// A day below a limit, in kW: what is charged, negative what is delivered. `None` where the battery cannot
    /// hold the limit.
    pub(super) fn day(&self, kw: &[f64], prices: &[f64], limit: f64) -> Option<Vec<f64>> {
        let hours = 24.0 / kw.len().max(1) as f64;
        let stretches = self.stretches(kw, prices, (limit, hours))?;
        let capacity = self.capacity.get();
        let mut ahead = vec![Worth { least: 0.0, steps: vec![(capacity, 0.0)] }];
        for stretch in stretches.iter().rev() {
            let next = self.before(stretch, ahead.last()?)?;
            ahead.push(next);
        }
        if ahead.pop()?.least > NONE * capacity {
            return None;
        }
        let (mut stored, mut out) = (0.0, vec![0.0; kw.len()]);
        for stretch in &stretches {
            let after = ahead.pop()?;
            let (left, keep) = (stored - stretch.least_out, after.at_least(stretch.sold() - self.wear));
            let buy = after.above(stretch.bought() / self.round_trip);
            let next = match left {
                l if l > keep => keep.max(stored - stretch.most_out),
                l if l < buy => buy.min(l + stretch.most_in),
                l => l,
            };
            self.spread(stretch, (kw, limit, hours), next - stored, &mut out);
            stored = next;
        }
        Some(out)
    }

    fn stretches(&self, kw: &[f64], prices: &[f64], (limit, hours): (f64, f64)) -> Option<Vec<Stretch>> {
        let mut out: Vec<Stretch> = Vec::new();
        let power = self.power.get();
        for (i, (v, price)) in kw.iter().zip(prices).enumerate() {
            let above = v - limit;
            if above > power {
                return None;
            }
            let most_in = (-above).clamp(0.0, power) * hours * self.round_trip;
            let (least_out, most_out) = (above.max(0.0) * hours, v.clamp(0.0, power) * hours);
            let like = |s: &&mut Stretch| s.price == *price && (s.least_out > 0.0) == (least_out > 0.0);
            if let Some(s) = out.last_mut().filter(like) {
                s.slots.end = i + 1;
                s.most_in += most_in;
                s.least_out += least_out;
                s.most_out += most_out;
            } else {
                let nth = out.len() as f64;
                out.push(Stretch { slots: i..i + 1, price: *price, nth, most_in, least_out, most_out });
            }
        }
        Some(out)
    }

    /// The worth of stored energy before a stretch from that after it: charging buys some, delivering sells some.
    /// `None` where the stretch and the rest of the day take more than the battery holds.
    fn before(&self, stretch: &Stretch, after: &Worth) -> Option<Worth> {
        let mut steps = after.steps.clone();
        steps.push((stretch.most_in, stretch.bought() / self.round_trip));
        steps.push((stretch.most_out - stretch.least_out, stretch.sold() - self.wear));
        steps.sort_by(|a, b| b.1.total_cmp(&a.1));
        let least = after.least - stretch.most_in + stretch.least_out;
        let (mut from, capacity) = (least, self.capacity.get());
        if least > (1.0 + NONE) * capacity {
            return None;
        }
        // Only what lies between empty and full.
        steps.retain_mut(|step| {
            let to = from + step.0;
            step.0 = to.min(capacity) - from.max(0.0);
            from = to;
            step.0 > 0.0
        });
        Some(Worth { least: least.max(0.0), steps })
    }

    /// Charges or delivers so much in a stretch, interval after interval.
    fn spread(&self, stretch: &Stretch, (kw, limit, hours): (&[f64], f64, f64), change: f64, out: &mut [f64]) {
        let power = self.power.get();
        let slots = kw.iter().zip(out).skip(stretch.slots.start).take(stretch.slots.len());
        if change > 0.0 {
            let mut taken = change / self.round_trip;
            for (v, o) in slots {
                let put = ((limit - v).clamp(0.0, power) * hours).min(taken);
                *o = put / hours;
                taken -= put;
            }
            return;
        }
        let mut more = -change - stretch.least_out;
        for (v, o) in slots {
            let least = (v - limit).max(0.0) * hours;
            let rest = (v.clamp(0.0, power) * hours - least).min(more).max(0.0);
            *o = -(least + rest) / hours;
            more -= rest;
        }
    }
}

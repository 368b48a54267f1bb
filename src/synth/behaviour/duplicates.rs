//! Rows that were delivered twice: whole days sent again unchanged, and single rows sent again with
//! another value.

use super::{Behaviour, Figures, figures};
use crate::synth::SynthCustomer;
use crate::synth::random::Random;

/// Stretches of 24 hours that are sent again.
const RESENT_DAYS: usize = 3;
/// Rows that are sent again with another value.
const CONFLICTS: usize = 8;
/// The other value, as a share of the first.
const OTHER_VALUE: f64 = 0.9;

/// See the module.
pub struct Duplicates;

impl Behaviour for Duplicates {
    fn name(&self) -> &'static str {
        "duplicates"
    }

    fn finish(&self, customer: &mut SynthCustomer, random: &mut Random) -> Figures {
        let day = customer.interval.slots();
        let Some(readings) = customer.readings.first_mut() else { return Figures::new() };
        // The span is cut into days; the first of those drawn are sent again whole, the others have
        // one row that conflicts.
        let mut days: Vec<usize> = (0..readings.len() / day).collect();
        let mut copies = Vec::new();
        let mut conflicts = Vec::new();
        while !days.is_empty() && copies.len() < RESENT_DAYS + CONFLICTS {
            let start = days.swap_remove(random.below(days.len())) * day;
            if copies.len() < RESENT_DAYS {
                copies.push((start + day - 1, start..start + day));
            } else {
                let row = start + random.below(day);
                copies.push((row, row..row + 1));
                conflicts.push(readings.stamps[row]);
            }
        }
        copies.sort_by_key(|c| c.0);
        let surplus: usize = copies.iter().map(|c| c.1.len()).sum();
        readings.insert_copies(&copies);
        for row in 1..readings.len() {
            let again = readings.stamps[row] == readings.stamps[row - 1] && conflicts.contains(&readings.stamps[row]);
            if again && readings.active[row] == readings.active[row - 1] {
                readings.active[row] = (f64::from(readings.active[row]) * OTHER_VALUE).floor() as i32 - 1;
            }
        }
        figures([("rows_surplus", surplus as f64, ""), ("intervals_in_conflict", conflicts.len() as f64, "")])
    }

    fn repeats_labels(&self) -> bool {
        true
    }
}

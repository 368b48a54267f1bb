//! Clock changes while rows are placed: the absent hour, and the two passes of a repeated one.

use super::block::Segment;
use super::columns::Channel;
use super::options::Stamp;
use super::place::{Pass, Placer, RunOfValues};
use super::step::{TimeOrder, time_order};
use crate::time::DAY_SECONDS;
use std::collections::BTreeMap;

impl Placer<'_> {
    /// A part of a run within a day on which the clock changes.
    pub(super) fn clock_change_day(&mut self, all: &[Segment], run: RunOfValues, day: usize) {
        let step = self.interval.seconds();
        let Some(shift) = self.days.shift(day) else { return };
        let first = self.days.range(day).start;
        for k in 0..run.len {
            let wall = run.start.rem_euclid(DAY_SECONDS) + k as i64 * step;
            let one = RunOfValues { at: run.at + k, len: 1, ..run };
            let elapsed = if self.meaning.options.stamp == Stamp::End {
                // The label is the clock at the interval's end: that is looked up, then an interval
                // of real time taken off. At the change itself either reading of the clock is meant.
                let (a, b) = match shift.elapsed(wall + step) {
                    (None, None) if wall + step == shift.at => (Some(shift.at), None),
                    found => found,
                };
                (a.map(|a| a - step), b.map(|b| b - step))
            } else {
                shift.elapsed(wall)
            };
            match elapsed {
                (Some(a), None) => self.put(all, one, first + (a / step) as usize),
                (Some(a), Some(b)) => {
                    let (a, b) = (first + (a / step) as usize, first + (b / step) as usize);
                    self.ambiguous.entry(a).or_insert((b, Vec::new())).1.push((
                        run.segment,
                        one.at,
                        run.row,
                        run.covers,
                    ));
                }
                _ if is_null(all, one) => {}
                _ => self.grid.placement.in_absent_hour += 1,
            }
        }
    }

    /// Gives the two passes of a repeated hour their places: in order of appearance when rows are
    /// in time order or exactly reversed, else the smaller value first, so that row order does not
    /// matter.
    pub(super) fn resolve_ambiguous(&mut self, all: &[Segment]) {
        let groups = std::mem::take(&mut self.ambiguous);
        if groups.is_empty() {
            return;
        }
        let order = time_order(all);
        for (first, (second, mut copies)) in groups {
            let value = |c: &Pass| all[c.0].block.columns.first().map_or(0.0, |(_, col)| col.values[c.1]);
            copies.sort_unstable();
            match order {
                TimeOrder::Forward => {}
                TimeOrder::Backward => copies.reverse(),
                TimeOrder::None => copies.sort_by(|a, b| value(a).total_cmp(&value(b))),
            }
            self.place_copies(all, first, second, &copies);
        }
    }

    /// Two rows of a repeated label are the two passes; more are surplus copies.
    fn place_copies(&mut self, all: &[Segment], first: usize, second: usize, copies: &[Pass]) {
        let run = |c: &Pass| RunOfValues { segment: c.0, start: 0, utc: false, at: c.1, len: 1, row: c.2, covers: c.3 };
        // Each segment's channels are placed for themselves: kW and kvar may come in two files.
        let mut by_kind: BTreeMap<Vec<Channel>, Vec<&Pass>> = BTreeMap::new();
        for c in copies {
            let block = &all[c.0].block;
            let kinds = match &block.row_channel {
                Some(k) => k[c.2].into_iter().collect(),
                None => block.columns.iter().map(|(c, _)| *c).collect(),
            };
            by_kind.entry(kinds).or_default().push(c);
        }
        for copies in by_kind.values() {
            let bits =
                |c: &Pass| all[c.0].block.columns.iter().map(|(_, col)| col.values[c.1].to_bits()).collect::<Vec<_>>();
            if let [only] = copies.as_slice() {
                self.put(all, run(only), first);
                continue;
            }
            let a = copies[0];
            let b = copies.iter().find(|c| bits(c) != bits(a)).unwrap_or(&copies[1]);
            let mut surplus = copies.len() - 2;
            self.put(all, run(a), first);
            self.put(all, run(b), second);
            for c in copies.iter().filter(|c| bits(c) != bits(a) && bits(c) != bits(b)) {
                surplus = surplus.saturating_sub(1);
                self.put(all, run(c), first);
                self.put(all, run(c), second);
            }
            self.grid.placement.duplicates += surplus as u32;
            self.grid.placement.rows += surplus as u32;
        }
    }
}

fn is_null(all: &[Segment], run: RunOfValues) -> bool {
    let columns = &all[run.segment].block.columns;
    columns.iter().all(|(_, c)| c.nulls.as_ref().is_some_and(|n| n[run.at]))
}

//! The arrays of one meter while rows are placed on them.

use super::columns::Channel;
use super::extra::Extra;
use crate::curve::{CONFLICT, Channels, Days, Flags, INVALID, Load, Placement, PowerKind, REACTIVE, VALID, all_finite};
use std::ops::Range;

/// A row was placed here (null or not); private to placing.
const ROW: Flags = 64;

/// Arrays over the whole day axis.
#[derive(Debug)]
pub struct Grid {
    kw: Vec<f64>,
    flags: Vec<Flags>,
    filled_to: usize,
    /// Intervals where later values give way; empty while none do.
    taken: Vec<bool>,
    touched: Range<usize>,
    export: Extra,
    kvar: Extra,
    kvar_lead: Extra,
    /// Counts of what was seen.
    pub placement: Placement,
}

impl Grid {
    /// Empty arrays for an axis.
    #[must_use]
    pub fn new(days: &Days) -> Self {
        let n = days.len_intervals();
        Self {
            kw: Vec::new(),
            flags: vec![0; n],
            filled_to: 0,
            taken: Vec::new(),
            touched: n..0,
            export: Extra::default(),
            kvar: Extra::default(),
            kvar_lead: Extra::default(),
            placement: Placement::default(),
        }
    }

    /// Intervals in all.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.flags.len()
    }

    /// From here on a value gives way where one of the same quantity stands already.
    pub fn give_way(&mut self) {
        self.taken = self.flags.iter().map(|f| f & ROW != 0).collect();
        for extra in [&mut self.export, &mut self.kvar, &mut self.kvar_lead] {
            extra.give_way();
        }
    }

    fn touch(&mut self, index: usize, len: usize) {
        self.touched = self.touched.start.min(index)..self.touched.end.max(index + len);
    }

    /// Places consecutive values of a quantity; `factor` turns them into kW or kvar.
    /// The caller keeps `index + values.len()` within the grid.
    pub fn put(&mut self, channel: Channel, index: usize, values: &[f64], nulls: Option<&[bool]>, factor: f64) {
        let n = self.len();
        match channel {
            Channel::Kw | Channel::Kwh => self.put_active(index, values, nulls, factor),
            Channel::ExportKw | Channel::ExportKwh => self.export.put(n, index, values, nulls, factor),
            Channel::Kvar | Channel::Kvarh => self.kvar.put(n, index, values, nulls, factor),
            Channel::KvarLead | Channel::KvarhLead => self.kvar_lead.put(n, index, values, nulls, factor),
        }
    }

    /// Places values of all intervals of a quantity, taking over the array where it can.
    pub fn put_all(&mut self, channel: Channel, mut values: Vec<f64>, nulls: Option<&[bool]>, factor: f64) {
        let plain = nulls.is_none() && all_finite(&values);
        let n = self.len();
        let extra = match channel {
            Channel::Kw | Channel::Kwh => None,
            Channel::ExportKw | Channel::ExportKwh => Some(&mut self.export),
            Channel::Kvar | Channel::Kvarh => Some(&mut self.kvar),
            Channel::KvarLead | Channel::KvarhLead => Some(&mut self.kvar_lead),
        };
        let fresh = extra.as_ref().map_or(self.filled_to, |e| e.filled_to()) == 0;
        if !plain || !fresh || values.len() != n {
            self.put(channel, 0, &values, nulls, factor);
            return;
        }
        if factor != 1.0 {
            for v in &mut values {
                *v *= factor;
            }
        }
        if let Some(extra) = extra {
            *extra = Extra::whole(values);
        } else {
            self.kw = values;
            self.flags.fill(ROW | VALID);
            self.filled_to = n;
            self.placement.rows += n as u32;
            self.touched = 0..n;
        }
    }

    /// Where the export of a meter that exports is unknown, so is its net power.
    fn mask_unknown_export(&mut self) {
        for i in self.export.unknown() {
            let Some(f) = self.flags.get_mut(i).filter(|f| **f & VALID != 0) else { continue };
            // A null is a missing reading, anything else an unusable one.
            *f = (*f & !VALID)
                | match self.export.faults_at(i) {
                    (true, _) => INVALID | CONFLICT,
                    (false, true) => INVALID,
                    (false, false) => 0,
                };
            self.placement.export_unknown += 1;
        }
    }

    fn put_active(&mut self, index: usize, values: &[f64], nulls: Option<&[bool]>, factor: f64) {
        let end = index + values.len();
        let n = self.len();
        self.kw.resize(n, 0.0);
        self.placement.rows += values.len() as u32;
        self.touch(index, values.len());
        let fresh = index >= self.filled_to;
        self.filled_to = self.filled_to.max(end);
        if fresh && all_finite(values) && nulls.is_none_or(|n| !n.contains(&true)) {
            scaled_copy(&mut self.kw[index..end], values, factor);
            self.flags[index..end].fill(ROW | VALID);
            return;
        }
        for (k, value) in values.iter().enumerate() {
            if self.taken.get(index + k) == Some(&true) {
                self.placement.duplicates += 1;
                continue;
            }
            let null = nulls.is_some_and(|n| n[k]);
            self.put_one(index + k, if null { None } else { Some(value * factor) });
        }
    }

    /// One row, by rules that do not depend on the order of copies.
    fn put_one(&mut self, i: usize, value: Option<f64>) {
        let before = self.flags[i];
        if before & ROW != 0 {
            self.placement.duplicates += 1;
        }
        self.flags[i] |= ROW;
        let Some(value) = value else {
            self.placement.null += 1;
            return;
        };
        if value.is_nan() {
            self.placement.nan += 1;
        } else if value.is_infinite() {
            self.placement.infinite += 1;
        }
        if before & (VALID | INVALID) == 0 {
            self.flags[i] |= if value.is_finite() { VALID } else { INVALID };
            self.kw[i] = if value.is_finite() { value } else { 0.0 };
            return;
        }
        let same = if before & VALID != 0 { self.kw[i] == value } else { !value.is_finite() };
        if same {
            // Copies that differ in the sign of zero agree; which came first must not matter.
            if value == 0.0 {
                self.kw[i] = 0.0;
            }
        } else if before & CONFLICT == 0 {
            self.placement.conflicts += 1;
            self.flags[i] = (self.flags[i] & !VALID) | INVALID | CONFLICT;
        }
    }

    /// The load, its edge days without any row trimmed; `None` when no row was placed.
    #[must_use]
    pub fn finish(mut self, days: &Days, power_kind: PowerKind) -> Option<Load> {
        if self.touched.is_empty() {
            return None;
        }
        let n = self.len();
        self.kw.resize(n, 0.0);
        for extra in [&mut self.export, &mut self.kvar, &mut self.kvar_lead] {
            extra.clear_conflicts();
        }
        self.placement.export = self.export.counts();
        self.placement.reactive = self.kvar.counts().plus(self.kvar_lead.counts());
        mark_reactive(&mut self.flags, &self.kvar, &self.kvar_lead);
        self.mask_unknown_export();
        let first = days.day_at(self.touched.start);
        let last = days.day_at(self.touched.end - 1);
        let keep = days.range(first).start..days.range(last).end;
        let trimmed = Days::new(std::sync::Arc::clone(days.zone()), days.interval(), days.date(first), days.date(last));
        let cut = |mut v: Vec<f64>| {
            if keep.len() < n {
                v.truncate(keep.end);
                v.drain(..keep.start);
            }
            v
        };
        let mut flags = self.flags;
        flags.truncate(keep.end);
        flags.drain(..keep.start);
        for f in &mut flags {
            *f &= !ROW;
        }
        let mut kw = cut(self.kw);
        let export_kw = self.export.finish().map(&cut);
        if let Some(export) = &export_kw {
            // Net power is import less export.
            for (k, e) in kw.iter_mut().zip(export) {
                *k -= e;
            }
        }
        let lead = self.kvar_lead.finish().map(&cut);
        // A leading column alone still is reactive data.
        let kvar = self.kvar.finish().map(&cut).or_else(|| lead.as_ref().map(|l| vec![0.0; l.len()]));
        let span = self.touched.start - keep.start..self.touched.end - keep.start;
        let channels = Channels { kw, export_kw, kvar, kvar_lead: lead, flags };
        Some(Load::new(trimmed, span, channels, self.placement, power_kind))
    }
}

/// Marks where reactive power was read, and takes the mark from where its other direction is unknown.
fn mark_reactive(flags: &mut [Flags], lag: &Extra, lead: &Extra) {
    for extra in [lag, lead] {
        let Some(values) = extra.values() else { continue };
        if extra.is_complete() {
            for f in flags.iter_mut() {
                *f |= REACTIVE;
            }
            continue;
        }
        for (f, v) in flags.iter_mut().zip(values) {
            if !v.is_nan() {
                *f |= REACTIVE;
            }
        }
    }
    for i in lag.unknown().into_iter().chain(lead.unknown()) {
        if let Some(f) = flags.get_mut(i) {
            *f &= !REACTIVE;
        }
    }
}

pub(super) fn scaled_copy(to: &mut [f64], from: &[f64], factor: f64) {
    if factor == 1.0 {
        to.copy_from_slice(from);
    } else {
        for (t, f) in to.iter_mut().zip(from) {
            *t = f * factor;
        }
    }
}

//! From meters to supply points and the customer: signs, roles, validity, changes of meter.

use super::validity::{facts, required, within};
use crate::curve::{Channels, Days, INVALID, Load, MeterFacts, Placement, REACTIVE, VALID};
use crate::customer::{Meter, MeterRole, Span};
use crate::time::Interval;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// A customer's loads.
#[derive(Debug, Clone)]
pub struct Assembled {
    /// Each supply point with its curve, sorted by id.
    /// All on the day axis of the total.
    pub supplies: Vec<(Arc<str>, Arc<Load>)>,
    /// The sum over all main meters; the supply point's own load when there is one.
    pub total: Arc<Load>,
    /// What was seen of each meter that is in a sum.
    pub of_meters: Vec<MeterFacts>,
}

/// Sums meters to supply points and to the customer. Check and generation meters are in no sum.
/// `None` when there is no main or deducted meter.
///
/// A meter is required from its first to its last start, within its span of validity; where the
/// register states this, up to its ends: so a meter that is changed in the middle of a day hands over
/// to its successor, while of two feeds in the same time both must be valid.
#[must_use]
pub fn assemble(meters: Vec<(Meter, Load)>) -> Option<Assembled> {
    let mut by_supply: BTreeMap<Arc<str>, Vec<Part>> = BTreeMap::new();
    let summed = |m: &Meter| matches!(m.role, MeterRole::Main | MeterRole::Deduct);
    let several = meters.iter().filter(|(m, _)| summed(m)).count() > 1;
    let of_meters: Vec<MeterFacts> =
        meters.iter().filter(|(m, _)| summed(m)).map(|(m, load)| facts(m, load, several)).collect();
    for (meter, load) in meters {
        let sign = match meter.role {
            MeterRole::Main => 1.0,
            MeterRole::Deduct => -1.0,
            MeterRole::Check | MeterRole::Generation => continue,
        };
        let required = required(&meter, &load);
        let part = Part { load, sign, required, valid: meter.valid };
        by_supply.entry(Arc::clone(&meter.supply_point)).or_default().push(part);
    }
    let mut supplies: Vec<(Arc<str>, Load)> = Vec::new();
    let mut validity = Vec::new();
    for (id, parts) in by_supply {
        let from = parts.iter().filter_map(|p| p.valid.from).min();
        let valid = Span { from, to: parts.iter().filter_map(|p| p.valid.to).max() };
        if let Some(load) = add(parts) {
            supplies.push((id, load));
            validity.push(valid);
        }
    }
    if let [_] = supplies.as_slice() {
        let supplies: Vec<(Arc<str>, Arc<Load>)> =
            supplies.into_iter().map(|(id, load)| (id, Arc::new(load))).collect();
        return Some(Assembled { total: Arc::clone(&supplies.first()?.1), supplies, of_meters });
    }
    let whole = |((_, load), valid): (&(Arc<str>, Load), _)| Part {
        required: load.span().clone(),
        load: load.clone(),
        sign: 1.0,
        valid,
    };
    let total = add(supplies.iter().zip(validity).map(whole).collect())?;
    let padded = supplies.into_iter().map(|(id, load)| (id, Arc::new(on_axis(load, total.days()))));
    Some(Assembled { supplies: padded.collect(), total: Arc::new(total), of_meters })
}

/// A meter's load in a sum.
struct Part {
    load: Load,
    sign: f64,
    /// Intervals of the load that must be there.
    required: Range<usize>,
    /// When it counts, where the register states it.
    valid: Span,
}

/// Adds loads on their common day axis.
fn add(parts: Vec<Part>) -> Option<Load> {
    let mut parts: Vec<Part> = parts.into_iter().filter(|p| !p.required.is_empty()).collect();
    if let [only] = parts.as_slice()
        && only.sign > 0.0
        && only.required == *only.load.span()
    {
        return parts.pop().map(|p| p.load);
    }
    let interval = parts.iter().map(|p| p.load.interval()).max()?;
    for part in &mut parts {
        if part.load.interval() != interval {
            part.required = coarser_range(&part.load, &part.required, interval);
            part.load = coarser(&part.load, interval);
        }
    }
    let first = parts.iter().map(|p| p.load.days().first()).min()?;
    let last = parts.iter().map(|p| p.load.date(p.load.days().len() - 1)).max()?;
    let zone = Arc::clone(parts.first()?.load.days().zone());
    let days = Days::new(zone, interval, first, last);
    let mut sum = Sum::new(days.len_intervals(), &parts);
    for part in &parts {
        let at = days.day_of(part.load.days().first()).map_or(0, |d| days.range(d).start);
        sum.add(part, at);
        sum.miss(part, at, &days);
    }
    let placement = parts.iter().map(|p| *p.load.placement()).reduce(Placement::plus).unwrap_or_default();
    let kind = parts.first()?.load.power_kind();
    let (span, channels) = sum.finish();
    Some(Load::new(days, span, channels, placement, kind))
}

/// Sums in the making.
struct Sum {
    kw: Vec<f64>,
    export: Option<Vec<f64>>,
    lag: Option<Vec<f64>>,
    lead: Option<Vec<f64>>,
    required: Vec<u8>,
    valid: Vec<u8>,
    reactive: Vec<u8>,
    invalid: Vec<bool>,
    span: Range<usize>,
}

impl Sum {
    fn new(n: usize, parts: &[Part]) -> Self {
        let any = |f: fn(&Channels) -> bool| parts.iter().any(|p| f(p.load.channels())).then(|| vec![0.0; n]);
        let reactive = any(|c| c.kvar.is_some());
        Self {
            kw: vec![0.0; n],
            export: any(|c| c.export_kw.is_some()),
            lead: reactive.clone(),
            lag: reactive,
            required: vec![0; n],
            valid: vec![0; n],
            reactive: vec![0; n],
            invalid: vec![false; n],
            span: n..0,
        }
    }

    fn add(&mut self, part: &Part, at: usize) {
        let channels = part.load.channels();
        self.span = self.span.start.min(at + part.required.start)..self.span.end.max(at + part.required.end);
        for i in part.required.clone() {
            let t = at + i;
            let flags = channels.flags[i];
            self.required[t] = self.required[t].saturating_add(1);
            self.invalid[t] |= flags & INVALID != 0;
            self.reactive[t] += u8::from(flags & REACTIVE != 0);
            if flags & VALID == 0 {
                continue;
            }
            self.valid[t] += 1;
            self.kw[t] += part.sign * channels.kw[i];
            if let (Some(sum), Some(e)) = (&mut self.export, &channels.export_kw) {
                sum[t] += part.sign * e[i];
            }
            if let (Some(lag), Some(lead), Some(q)) = (&mut self.lag, &mut self.lead, &channels.kvar) {
                // Magnitudes of lag and lead add up apart: one feed's lead does not cancel another's lag.
                lag[t] += part.sign * q[i].max(0.0);
                lead[t] += part.sign * ((-q[i]).max(0.0) + channels.kvar_lead.as_ref().map_or(0.0, |l| l[i].abs()));
            }
        }
    }

    /// Where the register says that a meter is valid, its readings are missed before the first and
    /// after the last as well, as long as other meters have readings there.
    fn miss(&mut self, part: &Part, at: usize, days: &Days) {
        let within = within(part.valid, days);
        let read = at + part.required.start..at + part.required.end;
        let from = part.valid.from.map_or(read.start, |_| within.start);
        let to = part.valid.to.map_or(read.end, |_| within.end);
        for t in (from..read.start).chain(read.end..to) {
            self.required[t] = self.required[t].saturating_add(1);
        }
    }

    fn finish(self) -> (Range<usize>, Channels) {
        let flags = (0..self.kw.len()).map(|i| {
            let all = self.required[i] > 0;
            let mut f = 0;
            if all && self.valid[i] == self.required[i] {
                f |= VALID;
            } else if self.invalid[i] {
                f |= INVALID;
            }
            if all && self.reactive[i] == self.required[i] {
                f |= REACTIVE;
            }
            f
        });
        let flags = flags.collect();
        (self.span, Channels { kw: self.kw, export_kw: self.export, kvar: self.lag, kvar_lead: self.lead, flags })
    }
}

/// A load on a longer day axis and a coarser interval, masked where it has no reading.
fn on_axis(load: Load, days: &Days) -> Load {
    let load = if load.interval() == days.interval() { load } else { coarser(&load, days.interval()) };
    if load.days() == days {
        return load;
    }
    let at = days.day_of(load.days().first()).map_or(0, |d| days.range(d).start);
    let n = days.len_intervals();
    let pad = |v: &[f64]| {
        let mut out = vec![0.0; n];
        out[at..at + v.len()].copy_from_slice(v);
        out
    };
    let c = load.channels();
    let mut flags = vec![0; n];
    flags[at..at + c.flags.len()].copy_from_slice(&c.flags);
    let channels = Channels {
        kw: pad(&c.kw),
        export_kw: c.export_kw.as_deref().map(pad),
        kvar: c.kvar.as_deref().map(pad),
        kvar_lead: c.kvar_lead.as_deref().map(pad),
        flags,
    };
    let span = load.span().start + at..load.span().end + at;
    Load::new(days.clone(), span, channels, *load.placement(), load.power_kind())
}

/// A range of intervals in a coarser grid of the same days.
fn coarser_range(load: &Load, range: &Range<usize>, to: Interval) -> Range<usize> {
    let n = (to.minutes() / load.interval().minutes()) as usize;
    range.start / n..range.end.div_ceil(n)
}

/// Means over a coarser interval; valid where all its parts are.
fn coarser(load: &Load, to: Interval) -> Load {
    let n = (to.minutes() / load.interval().minutes()) as usize;
    let from = load.days();
    let days = Days::new(Arc::clone(from.zone()), to, from.first(), load.date(from.len() - 1));
    let c = load.channels();
    let mean = |v: &[f64]| v.chunks(n).map(|p| p.iter().sum::<f64>() / n as f64).collect::<Vec<f64>>();
    let all = |bit: u8| c.flags.chunks(n).map(move |p| p.iter().all(|f| f & bit != 0));
    let any_invalid = c.flags.chunks(n).map(|p| p.iter().any(|f| f & INVALID != 0));
    let flags = all(VALID).zip(all(REACTIVE)).zip(any_invalid).map(|((v, r), bad)| {
        (if v {
            VALID
        } else if bad {
            INVALID
        } else {
            0
        }) | if r { REACTIVE } else { 0 }
    });
    let channels = Channels {
        kw: mean(&c.kw),
        export_kw: c.export_kw.as_deref().map(mean),
        kvar: c.kvar.as_deref().map(mean),
        kvar_lead: c.kvar_lead.as_deref().map(mean),
        flags: flags.collect(),
    };
    let span = coarser_range(load, load.span(), to);
    let averaged = load.placement().averaged + load.n_valid() as u32;
    Load::new(days, span, channels, Placement { averaged, ..*load.placement() }, load.power_kind())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::PowerKind;
    use crate::time::{DstLabels, Zone};

    fn load(first: &str, kw: &[f64], span: Range<usize>, interval: Interval) -> Load {
        let zone = Arc::new(Zone::new("Asia/Shanghai", DstLabels::Repeat).unwrap());
        let first = first.parse().unwrap();
        let days = Days::new(zone, interval, first, first.plus((kw.len() / interval.slots()) as i32 - 1));
        let flags = (0..kw.len()).map(|i| if span.contains(&i) { VALID } else { 0 }).collect();
        let channels = Channels { kw: kw.to_vec(), flags, ..Channels::default() };
        Load::new(days, span, channels, Placement::default(), PowerKind::Mean)
    }

    fn meter(id: &str, supply: &str, role: MeterRole) -> Meter {
        Meter { supply_point: supply.into(), role, ..Meter::alone(&id.into()) }
    }

    #[test]
    fn two_feeds_add_and_both_must_be_valid() {
        let a = load("2025-01-01", &[10.0; 96], 0..96, Interval::M15);
        let b = load("2025-01-01", &[5.0; 96], 4..96, Interval::M15);
        let mut gap = b.channels().clone();
        gap.flags[50] = 0;
        let b = Load::new(b.days().clone(), 4..96, gap, Placement::default(), PowerKind::Mean);
        let sum =
            assemble(vec![(meter("a", "s1", MeterRole::Main), a), (meter("b", "s2", MeterRole::Main), b)]).unwrap();
        assert_eq!(sum.supplies.len(), 2);
        let kw = sum.total.kw();
        assert_eq!((kw[0], kw[10], kw[50]), (10.0, 15.0, 0.0));
        assert!(sum.total.is_valid(0) && !sum.total.is_valid(50));
    }

    #[test]
    fn a_changed_meter_hands_over() {
        let old = load("2025-01-01", &[10.0; 192], 0..100, Interval::M15);
        let new = load("2025-01-02", &[7.0; 192], 4..192, Interval::M15);
        let sum =
            assemble(vec![(meter("a", "s", MeterRole::Main), old), (meter("b", "s", MeterRole::Main), new)]).unwrap();
        assert_eq!(sum.supplies.len(), 1);
        assert_eq!(sum.total.n_valid(), 100 + 188);
        assert_eq!((sum.total.kw()[99], sum.total.kw()[100]), (10.0, 7.0));
        assert_eq!(*sum.total.span(), 0..288);
    }

    #[test]
    fn a_feed_that_is_valid_but_not_read_yet_is_missed() {
        let a = load("2025-01-01", &[10.0; 192], 0..192, Interval::M15);
        let b = load("2025-01-02", &[5.0; 96], 4..96, Interval::M15);
        let late = Meter { valid: Span { from: Some(20_089 * 86_400), to: None }, ..meter("b", "s", MeterRole::Main) };
        let sum = assemble(vec![(meter("a", "s", MeterRole::Main), a), (late, b)]).unwrap();
        assert!(!sum.total.is_valid(0) && !sum.total.is_valid(99) && sum.total.is_valid(100));
        assert_eq!((sum.total.n_valid(), sum.total.kw()[100]), (92, 15.0));
        let a = load("2025-01-01", &[10.0; 192], 0..192, Interval::M15);
        let b = load("2025-01-02", &[5.0; 96], 4..96, Interval::M15);
        let late = Meter { valid: Span { from: Some(20_089 * 86_400), to: None }, ..meter("b", "s2", MeterRole::Main) };
        let apart = assemble(vec![(meter("a", "s1", MeterRole::Main), a), (late, b)]).unwrap();
        assert_eq!(apart.total.n_valid(), 92, "at another supply point as well");
    }

    #[test]
    fn a_deducted_meter_is_subtracted_and_a_check_meter_is_not() {
        let main = load("2025-01-01", &[10.0; 96], 0..96, Interval::M15);
        let sub = load("2025-01-01", &[4.0; 24], 0..24, Interval::M60);
        let check = load("2025-01-01", &[9.9; 96], 0..96, Interval::M15);
        let sum = assemble(vec![
            (meter("m", "s", MeterRole::Main), main),
            (meter("d", "s", MeterRole::Deduct), sub),
            (meter("c", "s", MeterRole::Check), check),
        ])
        .unwrap();
        assert_eq!(sum.total.interval(), Interval::M60, "the longest interval");
        assert_eq!(sum.total.placement().averaged, 96, "and it is known that quarter hours were averaged");
        assert_eq!(sum.total.kw()[5], 6.0);
    }

    #[test]
    fn a_meter_changed_at_noon_hands_over_at_noon() {
        let day = 20_089 * 86_400;
        let both = |at: i64| {
            let old = load("2025-01-01", &[10.0; 96], 0..52, Interval::M15);
            let new = load("2025-01-01", &[7.0; 96], 44..96, Interval::M15);
            let until = Meter { valid: Span { from: None, to: Some(day + at) }, ..meter("a", "s", MeterRole::Main) };
            let since = Meter { valid: Span { from: Some(day + at), to: None }, ..meter("b", "s", MeterRole::Main) };
            assemble(vec![(until, old), (since, new)]).unwrap()
        };
        let noon = both(12 * 3600);
        assert_eq!(noon.total.n_valid(), 96);
        assert_eq!(noon.total.kw()[46..50], [10.0, 10.0, 7.0, 7.0]);
        let outside: Vec<u32> = noon.of_meters.iter().map(|m| m.placement.outside_validity).collect();
        assert_eq!(outside, [4, 4], "readings after the old and before the new meter's time are told");
        let within = both(12 * 3600 + 420);
        assert_eq!(within.total.kw()[46..50], [10.0, 10.0, 17.0, 7.0], "both have a part of the interval");
    }

    #[test]
    fn readings_that_another_row_claims_are_not_outside() {
        let day = 20_089 * 86_400;
        let first = Span { from: None, to: Some(day + 86_400) };
        let second = Span { from: Some(day + 86_400 + 3_600), to: None };
        let entry = |valid, elsewhere| Meter { valid, elsewhere, ..meter("a", "s", MeterRole::Main) };
        let whole = || load("2025-01-01", &[10.0; 192], 0..192, Interval::M15);
        let sum = assemble(vec![(entry(first, vec![second]), whole()), (entry(second, vec![first]), whole())]).unwrap();
        assert_eq!(sum.total.n_valid(), 192 - 4, "an hour that no row claims");
        assert_eq!(sum.of_meters[0].placement.outside_validity, 4);
    }

    #[test]
    fn what_is_missing_is_known_by_meter() {
        let main = load("2025-01-01", &[10.0; 96], 0..96, Interval::M15);
        let sub = load("2025-01-01", &[4.0; 96], 0..96, Interval::M15);
        let mut gap = sub.channels().clone();
        gap.flags[8..12].fill(0);
        let sub = Load::new(sub.days().clone(), 0..96, gap, Placement::default(), PowerKind::Mean);
        let parts = vec![(meter("m", "s", MeterRole::Main), main), (meter("d", "s", MeterRole::Deduct), sub)];
        let sum = assemble(parts).unwrap();
        let start = sum.total.instant(8).utc;
        assert_eq!(sum.of_meters[0].missing, []);
        assert_eq!(sum.of_meters[1].missing, [start..start + 3_600]);
    }
}

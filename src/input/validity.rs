//! When a meter counts, and what was seen of it: the register's spans against the readings.

use crate::curve::{Days, Load, MeterFacts, VALID};
use crate::customer::{Meter, Span};
use crate::time::{DAY_SECONDS, Date};
use std::ops::Range;
use std::sync::Arc;

/// Intervals of a load that must be there: from its first to its last start, within the meter's span.
/// Of an interval in which a meter is changed both meters have a part.
#[must_use]
pub fn required(meter: &Meter, load: &Load) -> Range<usize> {
    let within = within(meter.valid, load.days());
    let start = load.span().start.max(within.start);
    let end = load.span().end.min(within.end);
    start.min(end)..end
}

/// Intervals of an axis that a span touches.
#[must_use]
pub fn within(span: Span, days: &Days) -> Range<usize> {
    let from = span.from.map_or(0, |local| {
        let next = days.first_from(local);
        // An interval that has begun when the meter comes.
        let begun = local.rem_euclid(days.interval().seconds()) != 0;
        next - usize::from(begun && next > 0 && next < days.len_intervals())
    });
    from..span.to.map_or(days.len_intervals(), |local| days.first_from(local))
}

/// What was seen of a meter; `several`: where it is missing is needed to tell it from others.
#[must_use]
pub fn facts(meter: &Meter, load: &Load, several: bool) -> MeterFacts {
    let required = required(meter, load);
    let mut placement = *load.placement();
    if meter.valid != Span::default() {
        placement.outside_validity = outside(meter, load, &required);
    }
    MeterFacts {
        meter: Arc::clone(&meter.id),
        placement,
        missing: if several { missing(meter, load, required) } else { Vec::new() },
        unusable: None,
    }
}

/// Readings outside the meter's span that no other row of the register claims.
fn outside(meter: &Meter, load: &Load, required: &Range<usize>) -> u32 {
    let days = load.days();
    let claimed: Vec<Range<usize>> = meter.elsewhere.iter().map(|s| within(*s, days)).collect();
    let span = load.span();
    let lost = (span.start..required.start.max(span.start)).chain(required.end.min(span.end)..span.end);
    lost.filter(|i| load.is_valid(*i) && !claimed.iter().any(|c| c.contains(i))).count() as u32
}

/// Spans in UTC seconds in which a meter counts without a usable reading.
fn missing(meter: &Meter, load: &Load, required: Range<usize>) -> Vec<Range<i64>> {
    let (days, seconds) = (load.days(), load.interval().seconds());
    let utc = |range: Range<usize>| days.instant(range.start).utc..days.instant(range.end - 1).utc + seconds;
    let flags = load.flags();
    let mut out: Vec<Range<i64>> = Vec::new();
    let at_utc = |local: i64| {
        let (date, wall) = (Date(local.div_euclid(DAY_SECONDS) as i32), local.rem_euclid(DAY_SECONDS));
        let elapsed = days.zone().shift(date).and_then(|s| s.elapsed(wall).0);
        days.zone().day_start(date) + elapsed.unwrap_or(wall)
    };
    if let (Some(from), false) = (meter.valid.from, required.is_empty()) {
        let first = days.instant(required.start).utc;
        out.extend((at_utc(from) < first).then(|| at_utc(from)..first));
    }
    let mut at = required.start;
    while at < required.end {
        let valid = flags.get(at).is_some_and(|f| f & VALID != 0);
        let rest = flags.get(at..required.end).unwrap_or_default();
        let n = rest.iter().take_while(|f| (*f & VALID != 0) == valid).count().max(1);
        if !valid {
            out.push(utc(at..at + n));
        }
        at += n;
    }
    if let (Some(to), false) = (meter.valid.to, required.is_empty()) {
        let last = days.instant(required.end - 1).utc + seconds;
        out.extend((last < at_utc(to)).then(|| last..at_utc(to)));
    }
    out
}

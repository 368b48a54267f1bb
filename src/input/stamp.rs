//! Instants and dates that are not stored as such: texts and plain integers.

use crate::time::{DAY_SECONDS, Date};

/// Seconds since the epoch, and whether they are an instant rather than a wall-clock label.
pub type Parsed = (i64, bool);

/// `2026-01-31`, `2026-01-31 23:45[:00]`, `…T…`, `24:00`, `20260131234500`, or an instant with `Z`
/// or an offset.
pub fn parse_stamp(text: &str) -> Option<Parsed> {
    let t = text.trim();
    if t.len() > 8 && t.bytes().all(|b| b.is_ascii_digit()) {
        return from_integer(t.parse().ok()?);
    }
    let (date, clock) = t.split_once(['T', ' ']).unwrap_or((t, "00:00"));
    let (clock, offset) = split_offset(clock.trim())?;
    let date: Date = date.parse().ok()?;
    let mut parts = clock.trim().split(':').map(|p| p.split('.').next().unwrap_or(p).parse::<i64>());
    let (h, m, s) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next().unwrap_or(Ok(0)).ok()?);
    let seconds = clock_seconds(h, m, s)?;
    Some((i64::from(date.0) * DAY_SECONDS + seconds - offset.unwrap_or(0), offset.is_some()))
}

/// A clock and its offset from UTC in seconds, when it has one: `Z`, `+08`, `+0800`, `+08:00`.
fn split_offset(clock: &str) -> Option<(&str, Option<i64>)> {
    if let Some(rest) = clock.strip_suffix(['Z', 'z']) {
        return Some((rest, Some(0)));
    }
    let Some(at) = clock.find(['+', '-']) else { return Some((clock, None)) };
    let (rest, offset) = clock.split_at(at);
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let digits: String = offset.chars().skip(1).filter(|c| *c != ':').collect();
    let (hours, minutes) = match digits.len() {
        2 => (digits.parse::<i64>().ok()?, 0),
        4 => (digits.get(..2)?.parse::<i64>().ok()?, digits.get(2..)?.parse::<i64>().ok()?),
        _ => return None,
    };
    (hours <= 18 && minutes < 60).then_some((rest, Some(sign * (hours * 3600 + minutes * 60))))
}

fn clock_seconds(h: i64, m: i64, s: i64) -> Option<i64> {
    let seconds = h * 3600 + m * 60 + s;
    let valid = (0..=24).contains(&h) && (0..60).contains(&m) && (0..60).contains(&s) && seconds <= DAY_SECONDS;
    valid.then_some(seconds)
}

/// An integer that holds a date `20260131`, a label `202601312345` or `20260131234500`, or a count
/// since 1970 in s, ms, µs or ns. Within 1980 to 2100 these ranges have nothing in common.
pub fn from_integer(v: i64) -> Option<Parsed> {
    const SECONDS: std::ops::Range<i64> = 315_532_800..4_102_444_800; // 1980 to 2100
    let label = |date: i64, clock: Option<i64>| {
        let date = Date::from_ymd(i32::try_from(date / 10_000).ok()?, (date / 100 % 100) as u8, (date % 100) as u8)?;
        Some((i64::from(date.0) * DAY_SECONDS + clock?, false))
    };
    match v {
        19_000_101..=21_001_231 => label(v, Some(0)),
        190_001_010_000..=210_012_312_400 => label(v / 10_000, clock_seconds(v / 100 % 100, v % 100, 0)),
        19_000_101_000_000..=21_001_231_240_000 => {
            label(v / 1_000_000, clock_seconds(v / 10_000 % 100, v / 100 % 100, v % 100))
        }
        _ => {
            let counts = [1, 1_000, 1_000_000, 1_000_000_000];
            let per_second = counts.into_iter().find(|c| SECONDS.contains(&v.div_euclid(*c)))?;
            Some((v.div_euclid(per_second), true))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_as_text() {
        let at = |t| parse_stamp(t).map(|(s, utc)| (s.rem_euclid(DAY_SECONDS), utc));
        assert_eq!(at("2026-01-31"), Some((0, false)));
        assert_eq!(at("2026/1/31 23:45"), Some((85_500, false)));
        assert_eq!(at("2026-01-31T23:45:00.000"), Some((85_500, false)));
        assert_eq!(parse_stamp("2026-01-31 24:00"), parse_stamp("2026-02-01 00:00"));
        assert_eq!(at("2026-01-31T08:00:00+08:00"), Some((0, true)));
        assert_eq!(parse_stamp("2026/1/31 24:00+0800"), parse_stamp("2026-01-31T16:00Z"));
        assert_eq!(parse_stamp("2026-01-31 12:00:00-03"), parse_stamp("20260131T15:00Z"));
        for wrong in ["2026-01-31 25:00", "noon", "", "2026-01-31 8", "2026-01-31 08:00+8", "2026-02-30"] {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn integers_are_dates_labels_or_counts() {
        let label = parse_stamp("2026-01-31 23:45");
        assert_eq!(from_integer(20_260_131), parse_stamp("2026-01-31"));
        assert_eq!(from_integer(202_601_312_345), label);
        assert_eq!(from_integer(20_260_131_234_500), label);
        assert_eq!(parse_stamp("20260131234500"), label);
        let instant = label.map(|l| (l.0, true));
        for per_second in [1, 1_000, 1_000_000, 1_000_000_000] {
            assert_eq!(from_integer(label.unwrap().0 * per_second), instant);
        }
        assert_eq!([from_integer(20_261_331), from_integer(7), from_integer(-1)], [None, None, None]);
    }
}

//! A curve in characters: eighths of a block, so that a few lines show a day.

use crate::report::Numbers;
use unicode_width::UnicodeWidthStr;

/// Lines of the picture.
const HEIGHT: usize = 7;
const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Draws a day, values by slot from midnight on, at most `width` columns wide; from zero, or from the
/// lowest value where that is negative. Absent slots stay blank.
pub fn draw(values: &[Option<f64>], width: usize, numbers: Numbers) -> String {
    let known = || values.iter().flatten().copied();
    let (high, low) = (known().fold(0.0, f64::max), known().fold(0.0, f64::min));
    let label = |v: f64| numbers.fixed(v, 0);
    let margin = label(high).width().max(label(low).width()) + 2;
    let columns = resampled(values, width.saturating_sub(margin).clamp(8, 96));
    let steps = (HEIGHT * 8) as f64;
    let level = |v: f64| if high > low { ((v - low) / (high - low) * steps).round() as usize } else { 0 };
    let mut out = String::new();
    for line in (0..HEIGHT).rev() {
        let left = match line {
            l if l == HEIGHT - 1 => label(high),
            0 => label(low),
            _ => String::new(),
        };
        out.push_str(&" ".repeat(margin - 2 - left.width()));
        out.push_str(&left);
        out.push_str(" ┤");
        let cell = |v: &Option<f64>| v.map_or(' ', |v| EIGHTHS[level(v).saturating_sub(line * 8).min(8)]);
        out.push_str(columns.iter().map(cell).collect::<String>().trim_end());
        out.push('\n');
    }
    out.push_str(&" ".repeat(margin - 1));
    out.push('└');
    out.push_str(&clock(columns.len()));
    out.push('\n');
    out
}

/// Hours below the curve, six apart, where they have room.
fn clock(columns: usize) -> String {
    let mut out = String::new();
    for hour in [0, 6, 12, 18, 24] {
        let at = columns * hour / 24;
        let mark = format!("{hour:02}");
        if at >= out.len() {
            out.push_str(&" ".repeat(at - out.len()));
            out.push_str(&mark);
        }
    }
    out
}

/// Means over as many stretches as there are columns; fewer slots than columns stay as they are.
fn resampled(values: &[Option<f64>], columns: usize) -> Vec<Option<f64>> {
    let n = columns.min(values.len());
    let mean = |i: usize| {
        let part = values.get(values.len() * i / n..values.len() * (i + 1) / n).unwrap_or_default();
        let known: Vec<f64> = part.iter().flatten().copied().collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    };
    (0..n).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Language;

    #[test]
    fn a_day_is_drawn_within_its_width_and_gaps_stay_blank() {
        let mut day: Vec<Option<f64>> = (0..96).map(|s| Some(100.0 + f64::from((s / 24) % 2) * 900.0)).collect();
        day[72..].fill(None);
        for width in [20, 50, 80, 200] {
            let picture = draw(&day, width, Numbers(Language::En));
            assert_eq!(picture.lines().count(), HEIGHT + 1);
            assert!(picture.lines().all(|l| l.width() <= width.max(20) + 2), "{width}\n{picture}");
        }
        let picture = draw(&day, 31, Numbers(Language::En));
        let lines: Vec<&str> = picture.lines().collect();
        assert_eq!(lines[0], "1,000 ┤      ██████");
        assert_eq!(lines[HEIGHT - 1], "    0 ┤▆▆▆▆▆▆██████▆▆▆▆▆▆");
        assert_eq!(lines[HEIGHT], "      └00    06    12    18    24");
    }

    #[test]
    fn back_feed_and_nothing_are_drawn_too() {
        let picture = draw(&[Some(-50.0), Some(50.0)], 30, Numbers(Language::En));
        assert!(picture.contains("−50") && picture.contains('█'), "{picture}");
        assert!(draw(&[None; 96], 30, Numbers(Language::En)).contains('└'));
    }
}

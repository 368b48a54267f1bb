//! Heat maps: the year as an embedded picture of one pixel per day and slot, and the week's hours.

use super::{Ramp, Svg};
use crate::curve::Load;
use crate::error::{Error, Result};
use crate::report::Numbers;
use crate::time::Month;
use base64::Engine;
use std::ops::Range;

/// Days shown at most: the latest year.
const MAX_DAYS: usize = 366;

/// Slots shown at most: finer intervals are averaged, for the page's size.
const MAX_SLOTS: usize = 96;

/// The year's heat map: days from left to right, the clock from top to bottom.
#[derive(Debug, Clone)]
pub struct HeatChart<'a> {
    /// Alternative text.
    pub title: &'a str,
    /// The load to show.
    pub load: &'a Load,
    /// kW at the darkest and the lightest colour.
    pub extent: (f64, f64),
}

impl HeatChart<'_> {
    /// The days shown: the latest 366.
    #[must_use]
    pub fn days(load: &Load) -> Range<usize> {
        let n = load.days().len();
        n.saturating_sub(MAX_DAYS)..n
    }

    /// Rows of the picture: slots of a day.
    #[must_use]
    pub fn rows(load: &Load) -> usize {
        load.interval().slots().min(MAX_SLOTS)
    }

    /// Draws it.
    ///
    /// # Errors
    /// When the picture cannot be encoded.
    pub fn draw(&self, numbers: Numbers) -> Result<String> {
        let days = Self::days(self.load);
        let (pixels, slots) = self.pixels(&days);
        let png = encode(&pixels, days.len(), slots)
            .map_err(|e| Error::option(format!("heat map: {e}"), "report this with the reading interval and days"))?;
        let href = format!("data:image/png;base64,{}", base64::engine::general_purpose::STANDARD.encode(png));
        let mut svg = Svg::new(720.0, 268.0, self.title);
        let ((left, top), (width, height)) = ((40.0, 26.0), (672.0, 216.0));
        svg.rect("void", (left, top), (width, height), "");
        svg.image(&href, (left, top), (width, height));
        for hour in (0..=24).step_by(4) {
            let y = top + f64::from(hour) / 24.0 * height;
            svg.line("tick", (left - 4.0, y), (left, y));
            svg.text("lab end", (left - 7.0, y + 4.0), &format!("{hour}:00"));
        }
        self.month_labels(&mut svg, &days, (left, width, top + height), numbers);
        legend(&mut svg, self.extent, (left + width - 250.0, 4.0), numbers);
        Ok(svg.finish())
    }

    fn month_labels(&self, svg: &mut Svg, days: &Range<usize>, (left, width, y): (f64, f64, f64), numbers: Numbers) {
        let n = days.len().max(1) as f64;
        for (k, d) in days.clone().enumerate() {
            let date = self.load.date(d);
            if date.ymd().2 != 1 && k != 0 {
                continue;
            }
            let x = left + k as f64 / n * width;
            // A label needs 40 px: a month that is cut to a few days goes without.
            let month = Month::of(date);
            let until = (Month(month.0 + 1).first().0 - date.0).min(days.len() as i32 - k as i32);
            svg.line("tick", (x, y), (x, y + 4.0));
            if f64::from(until) / n * width >= 40.0 {
                svg.text("lab", (x + 2.0, y + 16.0), &numbers.month_name(month.month()));
            }
        }
    }

    /// Palette entries, row by row: 0 where nothing is valid, else 1 + the ramp's entry.
    fn pixels(&self, days: &Range<usize>) -> (Vec<u8>, usize) {
        let native = self.load.interval().slots();
        let slots = native.min(MAX_SLOTS);
        let per = native / slots.max(1);
        let mut out = vec![0u8; days.len() * slots];
        let entry = |kw| 1 + Ramp::index(kw, self.extent.0, self.extent.1);
        let (mut sum, mut count) = (vec![0.0; slots], vec![0u32; slots]);
        for (x, d) in days.clone().enumerate() {
            let column = out.iter_mut().skip(x).step_by(days.len());
            if per == 1 && self.load.day_complete(d) && self.load.days().shift(d).is_none() {
                column.zip(self.load.day_kw(d)).for_each(|(p, kw)| *p = entry(*kw));
                continue;
            }
            self.add_up(d, per, &mut sum, &mut count);
            for (p, (s, c)) in column.zip(sum.iter().zip(&count)).filter(|(_, (_, c))| **c > 0) {
                *p = entry(s / f64::from(*c));
            }
        }
        (out, slots)
    }

    /// What a day's valid readings add up to by row of the picture, each of `per` slots, and how many they are.
    fn add_up(&self, day: usize, per: usize, sum: &mut [f64], count: &mut [u32]) {
        sum.fill(0.0);
        count.fill(0);
        for (k, i) in self.load.days().range(day).enumerate() {
            let row = self.load.days().slot(day, k) / per.max(1);
            if let (Some(s), Some(c), Some(kw)) = (sum.get_mut(row), count.get_mut(row), self.load.kw().get(i))
                && self.load.is_valid(i)
            {
                *s += kw;
                *c += 1;
            }
        }
    }
}

/// Bytes a pixel above which a picture is packed anew, at five times the time: three years of a load that changes at
/// random would not fit into a page. Judgement: loads that are worked by the clock stay below it.
const DENSE: f64 = 0.345;
/// Level of that compression.
const DEFLATE: u8 = 3;

/// An 8-bit indexed PNG with entry 0 transparent. Each row holds what changed since the slot above it, packed by the
/// library's quick encoder, which is made for small differences. Measured on 40 years: a sixth of the time of zlib's
/// level 4 without differences, and a picture 7 % smaller.
fn encode(pixels: &[u8], width: usize, height: usize) -> std::result::Result<Vec<u8>, png::EncodingError> {
    let out = packed(pixels, (width, height), png::DeflateCompression::FdeflateUltraFast)?;
    if out.len() as f64 <= DENSE * pixels.len() as f64 {
        return Ok(out);
    }
    packed(pixels, (width, height), png::DeflateCompression::Level(DEFLATE))
}

fn packed(
    pixels: &[u8],
    (width, height): (usize, usize),
    compression: png::DeflateCompression,
) -> std::result::Result<Vec<u8>, png::EncodingError> {
    let mut palette = vec![0u8; 3];
    palette.extend(Ramp::default().0.iter().flatten());
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width as u32, height as u32);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette);
    encoder.set_trns(vec![0u8]);
    encoder.set_deflate_compression(compression);
    encoder.set_filter(png::Filter::Up);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(out)
}

/// A strip of the ramp with its ends, 250 px wide.
fn legend(svg: &mut Svg, extent: (f64, f64), at: (f64, f64), numbers: Numbers) {
    let ramp = Ramp::default();
    svg.text("lab end", (at.0 + 68.0, at.1 + 10.0), &numbers.auto(extent.0));
    for k in 0..16u32 {
        svg.swatch(
            &ramp.hex((k * (ramp.0.len() as u32 - 1) / 15) as u8),
            (at.0 + 74.0 + f64::from(k) * 6.0, at.1 + 1.0),
            (6.2, 10.0),
        );
    }
    svg.text("lab", (at.0 + 176.0, at.1 + 10.0), &numbers.kw(extent.1));
}

/// Counts by weekday (Monday first) and hour.
pub type Week = [[u32; 24]; 7];

/// Draws counts by weekday and hour as shaded cells; `weekdays` are the labels, Monday first.
#[must_use]
pub fn week_chart(week: &Week, title: &str, weekdays: &[String]) -> String {
    let mut svg = Svg::new(720.0, 182.0, title);
    let most = week.iter().flatten().copied().max().unwrap_or(0);
    let (left, top, wide, high) = (52.0, 6.0, 27.0, 21.0);
    svg.rect("void", (left, top), (24.0 * wide - 1.5, 7.0 * high - 1.5), "");
    let column = |h: usize| left + h as f64 * wide - 0.75;
    let row = |d: usize| top + d as f64 * high - 0.75;
    // Cells of one shade are one path: a flat load has episodes in every hour of the week.
    for shade in 1..=SHADES {
        let cells =
            week.iter().enumerate().flat_map(|(d, hours)| hours.iter().enumerate().map(move |(h, n)| (d, h, *n)));
        let cells = cells.filter(|(_, _, n)| *n > 0 && (1 + (n - 1) * SHADES / most.max(1)).min(SHADES) == shade);
        let cells = cells.map(|(d, h, _)| (left + h as f64 * wide, top + d as f64 * high));
        svg.blocks(&format!("wk w{shade}"), cells, (wide, high));
    }
    let down = (1..24).map(|h| ((column(h), row(0)), (column(h), row(7))));
    svg.segments("gap", down.chain((1..7).map(|d| ((column(0), row(d)), (column(24), row(d))))));
    let labels =
        (0..7).map(|d| ((left - 8.0, top + d as f64 * high + 14.0), weekdays.get(d).cloned().unwrap_or_default()));
    svg.labels("lab end", labels);
    for hour in (0..=24).step_by(4) {
        svg.text("lab middle", (left + f64::from(hour) * wide, top + 7.0 * high + 16.0), &format!("{hour}:00"));
    }
    svg.finish()
}

/// Shades of a count, none at all aside.
const SHADES: u32 = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Language;
    use crate::report::sample;

    #[test]
    fn the_picture_has_one_pixel_per_interval_and_gaps_are_transparent() -> Result<()> {
        let load = sample::load_of_days(3, |d, s| (d != 1 || s >= 4).then_some((s + d) as f64));
        let chart = HeatChart { title: "t", load: &load, extent: (0.0, 49.0) };
        let (pixels, slots) = chart.pixels(&(0..3));
        assert_eq!((pixels.len(), slots), (288, 96));
        assert_eq!([pixels[0], pixels[1], pixels[2]], [1, 0, 2]);
        let png = encode(&pixels, 3, 96).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
        assert_eq!((reader.info().width, reader.info().height), (3, 96));
        let mut back = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut back).unwrap();
        assert_eq!(back, pixels);
        assert!(chart.draw(Numbers(Language::En))?.contains("data:image/png;base64,"));
        Ok(())
    }

    #[test]
    fn the_most_frequent_hour_is_darkest() {
        let mut week: Week = [[0; 24]; 7];
        week[0][8] = 10;
        week[6][23] = 1;
        let days: Vec<String> = (0..7).map(|d| format!("d{d}")).collect();
        let s = week_chart(&week, "t", &days);
        let cells = |class: &str| {
            let path = s.split(&format!("<path class=\"{class}\" d=\"")).nth(1).and_then(|p| p.split('"').next());
            path.map_or(0, |p| p.matches('M').count())
        };
        assert_eq!((cells("wk w5"), cells("wk w1"), cells("wk w3")), (1, 1, 0));
    }
}

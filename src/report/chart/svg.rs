//! A writer of SVG: escapes text, rounds coordinates to a tenth.

use std::fmt::{self, Write};

/// A picture under construction.
#[derive(Debug)]
pub struct Svg {
    width: f64,
    height: f64,
    title: String,
    body: String,
}

impl Svg {
    /// An empty picture; `title` is its alternative text.
    #[must_use]
    pub fn new(width: f64, height: f64, title: &str) -> Self {
        Self { width, height, title: escape(title), body: String::new() }
    }

    /// A straight line.
    pub fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let (x1, y1, x2, y2) = (tenth(from.0), tenth(from.1), tenth(to.0), tenth(to.1));
        self.push(format_args!("<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>"));
    }

    /// Straight lines of one class as one path.
    pub fn segments(&mut self, class: &str, segments: impl Iterator<Item = ((f64, f64), (f64, f64))>) {
        let mut trace = Trace::default();
        for (from, to) in segments {
            trace.to('M', from);
            trace.to('l', to);
        }
        self.path(class, &trace);
    }

    /// Texts of one class.
    pub fn labels(&mut self, class: &str, labels: impl Iterator<Item = ((f64, f64), String)>) {
        self.push(format_args!("<g class=\"{class}\">"));
        for ((x, y), text) in labels {
            self.push(format_args!("<text x=\"{}\" y=\"{}\">{}</text>", tenth(x), tenth(y), escape(&text)));
        }
        self.push(format_args!("</g>"));
    }

    /// A rectangle; with a text that shows under the pointer unless that is empty.
    pub fn rect(&mut self, class: &str, at: (f64, f64), size: (f64, f64), tip: &str) {
        let (x, y, w, h) = (tenth(at.0), tenth(at.1), tenth(size.0.max(0.0)), tenth(size.1.max(0.0)));
        if tip.is_empty() {
            self.push(format_args!("<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"/>"));
        } else {
            let tip = escape(tip);
            self.push(format_args!(
                "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"><title>{tip}</title></rect>"
            ));
        }
    }

    /// A rectangle as a path: half the length, for pictures of many.
    pub fn block(&mut self, class: &str, at: (f64, f64), size: (f64, f64)) {
        let (x, y, w, h) = (tenth(at.0), tenth(at.1), tenth(size.0.max(0.0)), tenth(size.1.max(0.0)));
        self.push(format_args!("<path class=\"{class}\" d=\"M{x} {y}h{w}v{h}h-{w}z\"/>"));
    }

    /// Rectangles of one size and class as one path; none is no path.
    pub fn blocks(&mut self, class: &str, at: impl Iterator<Item = (f64, f64)>, size: (f64, f64)) {
        let (w, h) = (tenth(size.0), tenth(size.1));
        let mut data = String::new();
        for (x, y) in at {
            // Writing to a string cannot fail.
            let _ = write!(data, "M{} {}h{w}v{h}h-{w}z", tenth(x), tenth(y));
        }
        if !data.is_empty() {
            self.push(format_args!("<path class=\"{class}\" d=\"{data}\"/>"));
        }
    }

    /// Opens a group whose text shows under the pointer; [`Svg::close`] ends it.
    pub fn open(&mut self, tip: &str) {
        let tip = escape(tip);
        self.push(format_args!("<g><title>{tip}</title>"));
    }

    /// Ends a group.
    pub fn close(&mut self) {
        self.push(format_args!("</g>"));
    }

    /// A rectangle in a colour of its own, `#rrggbb`.
    pub fn swatch(&mut self, color: &str, at: (f64, f64), size: (f64, f64)) {
        let (x, y, w, h) = (tenth(at.0), tenth(at.1), tenth(size.0), tenth(size.1));
        self.push(format_args!("<rect fill=\"{color}\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"/>"));
    }

    /// A path.
    pub fn path(&mut self, class: &str, trace: &Trace) {
        if !trace.data.is_empty() {
            self.push(format_args!("<path class=\"{class}\" d=\"{}\"/>", trace.data));
        }
    }

    /// A dot; with a text that shows under the pointer unless that is empty.
    pub fn dot(&mut self, class: &str, at: (f64, f64), radius: f64, tip: &str) {
        let (x, y, r) = (tenth(at.0), tenth(at.1), tenth(radius));
        let tip = if tip.is_empty() { String::new() } else { format!("<title>{}</title>", escape(tip)) };
        self.push(format_args!("<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{r}\">{tip}</circle>"));
    }

    /// A text; classes `start`, `middle` and `end` anchor it.
    pub fn text(&mut self, class: &str, at: (f64, f64), text: &str) {
        let (x, y, text) = (tenth(at.0), tenth(at.1), escape(text));
        self.push(format_args!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{text}</text>"));
    }

    /// A picture from a `data:` address, stretched to `size` without smoothing.
    pub fn image(&mut self, href: &str, at: (f64, f64), size: (f64, f64)) {
        let (x, y, w, h) = (tenth(at.0), tenth(at.1), tenth(size.0), tenth(size.1));
        self.push(format_args!(
            "<image class=\"px\" preserveAspectRatio=\"none\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" href=\"{href}\"/>"
        ));
    }

    /// The finished element.
    #[must_use]
    pub fn finish(self) -> String {
        let Self { width, height, title, body } = self;
        format!(
            "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{title}\"><title>{title}</title>{body}</svg>",
            tenth(width),
            tenth(height)
        )
    }

    fn push(&mut self, args: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.body.write_fmt(args);
    }
}

/// A path under construction. Points after the first of a run are written as differences between
/// rounded positions: shorter, and without drift.
#[derive(Debug, Default)]
pub struct Trace {
    data: String,
    at: (i64, i64),
    /// The last command was `l`, which need not be written again.
    slanted: bool,
}

impl Trace {
    /// A line through points; absent ones interrupt it, and a point alone becomes a short dash.
    #[must_use]
    pub fn through(points: impl IntoIterator<Item = Option<(f64, f64)>>) -> Self {
        let mut trace = Self::default();
        let (mut run, mut last) = (0, None);
        for point in points {
            if let Some(p) = point {
                trace.to(if run == 0 { 'M' } else { 'l' }, p);
                run += 1;
                last = Some(p);
            } else {
                trace.close_single(run, last);
                run = 0;
            }
        }
        trace.close_single(run, last);
        trace
    }

    /// The area between two lines over the same points; absent points interrupt it.
    #[must_use]
    pub fn between(upper: &[Option<(f64, f64)>], lower: &[Option<(f64, f64)>]) -> Self {
        let mut trace = Self::default();
        let mut run: Vec<((f64, f64), (f64, f64))> = Vec::new();
        for pair in upper.iter().zip(lower).map(|(u, l)| u.zip(*l)).chain([None]) {
            if let Some(p) = pair {
                run.push(p);
                continue;
            }
            for (i, (u, _)) in run.iter().enumerate() {
                trace.to(if i == 0 { 'M' } else { 'l' }, *u);
            }
            for (_, l) in run.iter().rev() {
                trace.to('l', *l);
            }
            if !run.is_empty() {
                trace.data.push('Z');
                trace.slanted = false;
            }
            run.clear();
        }
        trace
    }

    fn to(&mut self, command: char, at: (f64, f64)) {
        let at = (tenths(at.0), tenths(at.1));
        let (x, y) = (at.0 - self.at.0, at.1 - self.at.1);
        if (x, y) == (0, 0) && command != 'M' {
            return;
        }
        // Writing to a string cannot fail.
        let _ = self.draw(command, at, (x, y));
        self.slanted = command != 'M' && x != 0 && y != 0;
        self.at = at;
    }

    /// Appends a command: from the last point on by so much, or to where a line begins.
    fn draw(&mut self, command: char, at: (i64, i64), (x, y): (i64, i64)) -> fmt::Result {
        let out = &mut self.data;
        match (command, x, y) {
            ('M', ..) => {
                out.push('M');
                put(out, at.0)?;
                put_apart(out, at.1)
            }
            (_, _, 0) => {
                out.push('h');
                put(out, x)
            }
            (_, 0, _) => {
                out.push('v');
                put(out, y)
            }
            _ => {
                if !self.slanted {
                    out.push('l');
                } else if x >= 0 {
                    out.push(' ');
                }
                put(out, x)?;
                put_apart(out, y)
            }
        }
    }

    fn close_single(&mut self, run: usize, last: Option<(f64, f64)>) {
        if let (1, Some(p)) = (run, last) {
            self.to('l', (p.0 + 1.0, p.1));
        }
    }
}

/// A coordinate in tenths; 0 for what is not finite.
fn tenths(v: f64) -> i64 {
    if v.is_finite() { (v * 10.0).round() as i64 } else { 0 }
}

/// A coordinate with at most one decimal.
fn tenth(v: f64) -> Tenths {
    Tenths(tenths(v))
}

/// Tenths as a decimal, as short as SVG allows: `12`, `-.5`.
#[derive(Clone, Copy)]
struct Tenths(i64);

impl fmt::Display for Tenths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        put(f, self.0)
    }
}

/// Appends tenths as [`Tenths`] shows them. Digit by digit: paths are most of a page, and half of their time was
/// the formatting of numbers.
fn put(out: &mut impl fmt::Write, tenths: i64) -> fmt::Result {
    if tenths < 0 {
        out.write_char('-')?;
    }
    let (whole, rest) = (tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10);
    if whole > 0 || rest == 0 {
        put_whole(out, whole)?;
    }
    if rest > 0 {
        out.write_char('.')?;
        put_whole(out, rest)?;
    }
    Ok(())
}

/// Appends a whole number, the greater digits first.
fn put_whole(out: &mut impl fmt::Write, number: u64) -> fmt::Result {
    if number >= 10 {
        put_whole(out, number / 10)?;
    }
    out.write_char(char::from(b'0' + (number % 10) as u8))
}

/// Appends a coordinate after another: a minus sign needs no blank before it.
fn put_apart(out: &mut impl fmt::Write, tenths: i64) -> fmt::Result {
    if tenths >= 0 {
        out.write_char(' ')?;
    }
    put(out, tenths)
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_interrupts_the_line_and_a_lone_point_stays_visible() {
        let t = Trace::through([Some((0.0, 1.0)), Some((1.0, 2.04)), None, Some((3.0, 0.0))]);
        assert_eq!(t.data, "M0 1l1 1M3 0h1");
    }

    #[test]
    fn an_area_is_closed_around_each_run() {
        let upper = [Some((0.0, 2.0)), Some((1.0, 2.0)), None, Some((3.0, 2.0))];
        let lower = [Some((0.0, 1.0)), Some((1.0, 1.0)), None, Some((3.0, 1.0))];
        assert_eq!(Trace::between(&upper, &lower).data, "M0 2h1v-1h-1ZM3 2v-1Z");
    }

    #[test]
    fn paths_are_as_short_as_svg_allows() {
        let points = [(1.0, 1.0), (2.0, 1.3), (3.0, 0.8), (3.0, 5.8), (9.0, 5.8), (9.0, 5.8), (8.5, 4.0), (8.0, 4.4)];
        assert_eq!(Trace::through(points.map(Some)).data, "M1 1l1 .3 1-.5v5h6l-.5-1.8-.5 .4");
    }

    #[test]
    fn text_with_markup_stays_text() {
        let mut svg = Svg::new(10.0, 10.0, "a\"<b>");
        svg.text("t", (1.0, f64::NAN), "<script>&");
        let s = svg.finish();
        assert!(s.contains("aria-label=\"a&quot;&lt;b&gt;\""));
        assert!(s.contains("<text class=\"t\" x=\"1\" y=\"0\">&lt;script&gt;&amp;</text>"));
    }
}

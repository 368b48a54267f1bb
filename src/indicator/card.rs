//! Cards: the text that documents a member of a table, with fixed headings and executed examples.

/// The headings that an indicator's card has, in this order.
pub const HEADINGS: [&str; 7] =
    ["Definition", "Unit and range", "Formula", "Resolution", "Read it", "Reference", "Example"];

/// A card's parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Card<'a> {
    text: &'a str,
}

impl<'a> Card<'a> {
    /// A card over its Markdown text.
    #[must_use]
    pub const fn new(text: &'a str) -> Self {
        Self { text }
    }

    /// The first line without its `#`.
    #[must_use]
    pub fn title(&self) -> Option<&'a str> {
        self.text.lines().next().and_then(|l| l.strip_prefix("# ")).map(str::trim)
    }

    /// The code before the dash of the title.
    #[must_use]
    pub fn code(&self) -> Option<&'a str> {
        self.title().and_then(|t| t.split_once(" — ")).map(|t| t.0)
    }

    /// Chinese and English name after the dash of the title.
    #[must_use]
    pub fn names(&self) -> Option<(&'a str, &'a str)> {
        self.title().and_then(|t| t.split_once(" — ")).and_then(|t| t.1.split_once(" / "))
    }

    /// Headings of the second level, in order.
    #[must_use]
    pub fn headings(&self) -> Vec<&'a str> {
        self.text.lines().filter_map(|l| l.strip_prefix("## ")).map(str::trim).collect()
    }

    /// The text under a heading, trimmed.
    #[must_use]
    pub fn section(&self, heading: &str) -> Option<&'a str> {
        let mut at = 0;
        let mut start = None;
        for line in self.text.split_inclusive('\n') {
            if let Some(name) = line.strip_prefix("## ") {
                if let Some(start) = start {
                    return self.text.get(start..at).map(str::trim);
                }
                if name.trim() == heading {
                    start = Some(at + line.len());
                }
            }
            at += line.len();
        }
        start.and_then(|s| self.text.get(s..)).map(str::trim)
    }

    /// Key and value of each line of each fenced block marked `example`. A line without a colon has
    /// an empty value.
    #[must_use]
    pub fn examples(&self) -> Vec<Vec<(&'a str, &'a str)>> {
        let mut out = Vec::new();
        let mut open: Option<Vec<(&str, &str)>> = None;
        for line in self.text.lines().map(str::trim) {
            match (&mut open, line) {
                (None, "```example") => open = Some(Vec::new()),
                (Some(_), "```") => out.extend(open.take()),
                (Some(lines), line) if !line.is_empty() => {
                    let (key, value) = line.split_once(':').unwrap_or((line, ""));
                    lines.push((key.trim(), value.trim()));
                }
                _ => {}
            }
        }
        out
    }
}

/// A number or, for `_`, a missing one; with a count before an `x`: `32x100` is 32 times 100.
/// Entries are separated by commas or spaces. `None` when an entry is neither.
#[must_use]
pub fn run_lengths(text: &str) -> Option<Vec<Option<f64>>> {
    let mut out = Vec::new();
    for entry in text.split([',', ' ']).filter(|e| !e.is_empty()) {
        let (count, value) = entry.split_once('x').map_or(Some((1, entry)), |(n, v)| Some((n.parse().ok()?, v)))?;
        let value = if value == "_" { None } else { Some(value.parse().ok()?) };
        out.resize(out.len() + count, value);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "# x — 某 / thing\n\n## Definition\nWhat.\n\n## Example\nSo:\n```example\ninterval: 60\nday: 2x1, _ 3\n```\n";

    #[test]
    fn parts_of_a_card() {
        let card = Card::new(TEXT);
        assert_eq!((card.code(), card.names()), (Some("x"), Some(("某", "thing"))));
        assert_eq!(card.headings(), ["Definition", "Example"]);
        assert_eq!((card.section("Definition"), card.section("Basis")), (Some("What."), None));
        assert!(card.section("Example").is_some_and(|s| s.starts_with("So:") && s.ends_with("```")));
        assert_eq!(card.examples(), [[("interval", "60"), ("day", "2x1, _ 3")]]);
        assert_eq!(Card::new("").title(), None);
    }

    #[test]
    fn run_lengths_and_gaps() {
        assert_eq!(run_lengths("2x1, _ 3"), Some(vec![Some(1.0), Some(1.0), None, Some(3.0)]));
        assert_eq!(run_lengths("2x"), None);
        assert_eq!(run_lengths("many"), None);
    }
}

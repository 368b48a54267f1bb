//! A rule's card: fixed headings, and examples that tests execute.

/// Second-level headings of every card, in this order.
pub const HEADINGS: [&str; 6] =
    ["What it looks for", "Why it pays", "How the saving is computed", "When it stays silent", "Basis", "Example"];

/// A card taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card<'a> {
    /// `R01`.
    pub code: &'a str,
    /// The rest of the first line: English title with the Chinese one in parentheses.
    pub title: &'a str,
    /// Heading and text of each section.
    pub sections: Vec<(&'a str, &'a str)>,
    /// The fenced blocks marked `example`, without the fences.
    pub examples: Vec<&'a str>,
}

impl<'a> Card<'a> {
    /// Takes a card apart.
    ///
    /// # Errors
    /// Says which heading is missing, out of place or empty.
    pub fn parse(text: &'a str) -> Result<Self, String> {
        let (first, rest) = text.split_once('\n').ok_or("the card has one line only")?;
        let head = first.strip_prefix("# ").ok_or("the first line does not begin with `# `")?;
        let (code, title) = head.split_once(" — ").ok_or("the first line is not `# CODE — title (中文)`")?;
        let mut sections = Vec::new();
        for part in rest.split("\n## ").skip(1) {
            let (heading, body) = part.split_once('\n').unwrap_or((part, ""));
            if body.trim().is_empty() {
                return Err(format!("{code}: section {heading:?} is empty"));
            }
            sections.push((heading.trim(), body.trim()));
        }
        let found: Vec<&str> = sections.iter().map(|s| s.0).collect();
        if found != HEADINGS {
            return Err(format!("{code}: headings are {found:?}, not {HEADINGS:?}"));
        }
        Ok(Self { code, title, sections, examples: examples(text) })
    }

    /// Text of a section.
    #[must_use]
    pub fn section(&self, heading: &str) -> Option<&'a str> {
        self.sections.iter().find(|s| s.0 == heading).map(|s| s.1)
    }
}

/// The fenced blocks marked `example`.
fn examples(text: &str) -> Vec<&str> {
    text.split("```example\n").skip(1).filter_map(|part| part.split("\n```").next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_heading_is_named() {
        let card = "# R99 — Title (题)\n\n## What it looks for\ntext\n";
        assert!(Card::parse(card).is_err_and(|e| e.contains("R99") && e.contains("Why it pays")));
        assert!(Card::parse("R99").is_err());
    }

    #[test]
    fn examples_are_cut_out() {
        assert_eq!(examples("a\n```example\nx = 1\n```\nb\n```example\ny = 2\n```\n"), ["x = 1", "y = 2"]);
    }
}

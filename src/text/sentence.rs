//! A sentence with `{names}`, split once: filled by whoever says it, and found again in what was said.

use std::fmt::{Display, Write};

/// Bytes that a value takes, as a guess.
const VALUE_LEN: usize = 12;

/// Text and names in turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sentence {
    /// Text before the first name.
    start: String,
    /// Each name with the text after it.
    rest: Vec<(String, String)>,
    /// Bytes of a filled sentence, about.
    len: usize,
    /// Bytes of its fixed text.
    fixed: usize,
}

impl Sentence {
    /// Splits a sentence at its names.
    pub(super) fn new(sentence: &str) -> Self {
        let mut parts = sentence.split('{');
        let start = parts.next().unwrap_or_default().to_owned();
        let rest = parts.filter_map(|p| p.split_once('}')).map(|(name, after)| (name.to_owned(), after.to_owned()));
        let rest: Vec<(String, String)> = rest.collect();
        let fixed = start.len() + rest.iter().map(|(_, after)| after.len()).sum::<usize>();
        Self { start, len: sentence.len() + VALUE_LEN * rest.len(), fixed, rest }
    }

    /// Text before the first name; all of it where there is none.
    pub(super) fn start(&self) -> &str {
        &self.start
    }

    /// Text after the last name; nothing where there is none.
    pub(super) fn end(&self) -> &str {
        self.rest.last().map_or("", |(_, after)| after.as_str())
    }

    /// Its names in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.rest.iter().map(|(name, _)| name.as_str())
    }

    /// Bytes of its fixed text.
    pub(super) const fn fixed(&self) -> usize {
        self.fixed
    }

    /// The sentence with its names replaced; a name that is not given stays as it is.
    pub(super) fn fill(&self, values: &[(&str, &dyn Display)]) -> String {
        let mut out = String::with_capacity(self.len);
        out.push_str(&self.start);
        for (i, (name, after)) in self.rest.iter().enumerate() {
            // Mostly values come in the sentence's order. Writing into a string does not fail.
            let here = values.get(i).filter(|(given, _)| given == name);
            let _ = match here.or_else(|| values.iter().find(|(given, _)| given == name)) {
                Some((_, value)) => write!(out, "{value}"),
                None => write!(out, "{{{name}}}"),
            };
            out.push_str(after);
        }
        out
    }

    /// The values of its names in what was said, in their order; `None` for another sentence. `fits` says
    /// whether a name can have a value.
    pub(super) fn values<'a>(&self, said: &'a str, fits: impl Fn(&str, &str) -> bool) -> Option<Vec<&'a str>> {
        let mut left = said.strip_prefix(self.start.as_str())?;
        // Most sentences are told apart by their ends and lengths, before anything is searched.
        if said.len() < self.fixed + self.rest.len() || !said.ends_with(self.end()) {
            return None;
        }
        let mut out = Vec::with_capacity(self.rest.len());
        for (i, (name, after)) in self.rest.iter().enumerate() {
            let last = i + 1 == self.rest.len();
            let end = if last { left.strip_suffix(after.as_str())?.len() } else { left.find(after.as_str())? };
            let value = left.get(..end).filter(|v| !v.is_empty() && fits(name, v))?;
            out.push(value);
            left = left.get(end + after.len()..)?;
        }
        left.is_empty().then_some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_is_found_again() {
        let sentence = Sentence::new("contract {contract} kW, measured {measured} kW");
        let said = sentence.fill(&[("measured", &912.5), ("contract", &format_args!("{:.3}", 800.0))]);
        assert_eq!(said, "contract 800.000 kW, measured 912.5 kW");
        assert_eq!(sentence.values(&said, |_, _| true), Some(vec!["800.000", "912.5"]));
        assert_eq!(sentence.values(&said, |name, _| name != "measured"), None);
        assert_eq!(sentence.values("contract 800.000 kW", |_, _| true), None);
        assert_eq!(Sentence::new("{n} of {m}").fill(&[("n", &3)]), "3 of {m}");
        assert_eq!(Sentence::new("exact").values("exact", |_, _| true), Some(Vec::new()));
    }
}

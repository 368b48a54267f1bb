//! What the engine says in English — notes of bills, reasons, notes of rules — in the page's language.
//! `text/said.toml` has the engine's sentences as patterns with `{names}`; `said.*` of the text files
//! has what a reader sees.

use super::Text;
use std::sync::LazyLock;

/// A sentence of the engine.
struct Pattern {
    /// Key under `said.` of the text files.
    key: String,
    /// Text before the first name.
    start: String,
    /// Each name with the text after it.
    rest: Vec<(String, String)>,
}

static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    let table: toml::Table = include_str!("text/said.toml").parse().unwrap_or_default();
    let sentences = table.iter().filter_map(|(key, v)| Some((key, v.as_str()?)));
    let mut all: Vec<Pattern> = sentences.map(|(key, sentence)| Pattern::new(key, sentence)).collect();
    all.sort_by_key(|p| std::cmp::Reverse(p.start.len()));
    all
});

/// Names whose values are sentences of the engine themselves.
const NESTED: [&str; 8] = ["why", "stamp", "power", "values", "sector", "point", "has", "counts"];
/// Names whose values are lists: any other ends before a comma.
const LISTS: [&str; 2] = ["names", "unit"];

impl Pattern {
    fn new(key: &str, sentence: &str) -> Self {
        let mut parts = sentence.split('{');
        let start = parts.next().unwrap_or_default().to_owned();
        let rest = parts.filter_map(|p| p.split_once('}')).map(|(name, after)| (name.to_owned(), after.to_owned()));
        Self { key: format!("said.{key}"), start, rest: rest.collect() }
    }

    /// The values of its names; `None` for another sentence.
    fn values<'a>(&self, said: &'a str) -> Option<Vec<&'a str>> {
        let mut left = said.strip_prefix(self.start.as_str())?;
        let mut out = Vec::with_capacity(self.rest.len());
        for (i, (name, after)) in self.rest.iter().enumerate() {
            let last = i + 1 == self.rest.len();
            let end = if last { left.strip_suffix(after.as_str())?.len() } else { left.find(after.as_str())? };
            let whole =
                |v: &&str| LISTS.contains(&name.as_str()) || NESTED.contains(&name.as_str()) || !v.contains(", ");
            let value = left.get(..end).filter(|v| !v.is_empty()).filter(whole)?;
            out.push(value);
            left = left.get(end + after.len()..)?;
        }
        left.is_empty().then_some(out)
    }
}

/// A sentence of the engine in a language; `None` when it is not known.
pub fn sentence(said: &str, text: &Text) -> Option<String> {
    let (pattern, values) = PATTERNS.iter().find_map(|p| Some((p, p.values(said)?)))?;
    let told = pattern.rest.iter().zip(values).map(|((name, _), value)| {
        let value = if NESTED.contains(&name.as_str()) { tell(value, text) } else { value.to_owned() };
        (name.as_str(), value)
    });
    let told: Vec<(&str, String)> = told.collect();
    let told: Vec<(&str, &str)> = told.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Some(text.fill(&pattern.key, &told))
}

/// What the engine says in a language. Sentences that it joins by semicolons and commas are told one by
/// one; what no pattern knows stays as it is.
#[must_use]
pub fn tell(said: &str, text: &Text) -> String {
    if let Some(told) = sentence(said, text) {
        return told;
    }
    let told: Vec<String> = said.split("; ").map(|part| listed(part, text)).collect();
    told.join(text.t("word.and"))
}

/// Sentences joined by commas, the longest known ones first.
fn listed(said: &str, text: &Text) -> String {
    let ends: Vec<usize> = said.match_indices(", ").map(|(at, _)| at).chain([said.len()]).collect();
    let (mut out, mut from) = (Vec::new(), 0);
    while from < said.len() {
        let mut rest = ends.iter().rev().filter(|e| **e > from);
        let known = rest.clone().find_map(|end| Some((*end, sentence(said.get(from..*end)?, text)?)));
        let (end, told) = known.unwrap_or_else(|| {
            let end = rest.next_back().copied().unwrap_or(said.len());
            (end, said.get(from..end).unwrap_or_default().to_owned())
        });
        out.push(told);
        from = end + 2;
    }
    out.join(text.t("word.list"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Language;
    use crate::report::text::placeholders;
    use std::collections::BTreeSet;
    use std::path::Path;

    fn zh(said: &str) -> String {
        tell(said, Text::of(Language::Zh))
    }

    #[test]
    fn sentences_are_told_with_their_values() {
        assert_eq!(zh("41 intervals without reading or estimate"), "41 个时段既无读数也无估算");
        assert_eq!(
            zh("supply point A-1: 3 intervals without reading or estimate"),
            "供电点 A-1：3 个时段既无读数也无估算"
        );
        let joined = zh("contract 800.000 kW, measured 912.500 kW, over-contract rule excess; prices as of 2025-01-01");
        assert_eq!(joined, "合同需量 800.000 kW，实测 912.500 kW、超合同规则 excess；按 2025-01-01 的价格");
        assert_eq!(zh("a sentence nobody knows, 12.000 kWh estimated"), "a sentence nobody knows、含估算 12.000 kWh");
        assert_eq!(zh(""), "");
    }

    /// What fleets are really told: no English words are left, but for names of options and files.
    #[test]
    fn reasons_and_notes_of_a_run_are_told_in_chinese() {
        let said = [
            "registered without readings",
            "internal fault while analysing",
            "it has export and reactive readings but no imported power or energy; give the files that hold it as well, \
             or name its column with --column kw=NAME or --column kwh=NAME",
            "none of its 96 readings has a value that can be used: 90 null, 6 copies that disagree; export the values \
             again",
            "readings come every 600 s; intervals of 5, 15, 30 or 60 minutes are read (state it with --interval if \
             this is wrong)",
            "bills of 3 customers: means of 60 min: a lower bound",
            "calendar cn has no holidays or make-up days for 2031: 4 customers know weekends only there (give \
             --calendar FILE)",
            "3 meters of the readings are not in the meters file; each is its own customer",
        ];
        for sentence in said {
            let told = zh(sentence);
            let word = |w: &&str| w.len() > 5 && w.chars().all(|c| c.is_ascii_lowercase());
            let left: Vec<&str> = told.split(|c: char| !c.is_ascii_alphabetic() && c != '-').filter(word).collect();
            assert!(left.is_empty(), "{told}: {left:?}");
        }
    }

    #[test]
    fn every_pattern_has_a_sentence_in_both_languages_with_the_same_names() {
        for p in &*PATTERNS {
            for language in Language::ALL {
                let names: BTreeSet<&str> = p.rest.iter().map(|(name, _)| name.as_str()).collect();
                let told = Text::of(language).get(&p.key).unwrap_or_else(|| panic!("{}", p.key));
                assert_eq!(placeholders(told).into_iter().collect::<BTreeSet<_>>(), names, "{}", p.key);
            }
        }
        assert!(PATTERNS.len() > 50);
    }

    fn sources(dir: &Path, out: &mut String) -> std::io::Result<()> {
        for entry in std::fs::read_dir(dir)? {
            let path = entry?.path();
            if path.is_dir() {
                sources(&path, out)?;
            } else if path.extension().is_some_and(|e| e == "rs") {
                // A literal that goes on in the next line is one sentence.
                let source = std::fs::read_to_string(&path)?;
                let mut lines = source.split("\\\n");
                out.push_str(lines.next().unwrap_or_default());
                lines.for_each(|rest| out.push_str(rest.trim_start()));
            }
        }
        Ok(())
    }

    /// A pattern whose longest part does not stand in the engine is stale; a few may be, until the next change here.
    #[test]
    fn every_pattern_is_said_somewhere() -> std::io::Result<()> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut engine = String::new();
        for folder in ["tariff", "rule", "input", "register", "whatif", "kernel", "pipeline"] {
            sources(&root.join(folder), &mut engine)?;
        }
        let stale = PATTERNS.iter().filter(|p| {
            let parts = p.rest.iter().map(|(_, after)| after.as_str()).chain([p.start.as_str()]);
            !engine.contains(parts.max_by_key(|s| s.len()).unwrap_or_default())
        });
        let stale: Vec<&str> = stale.map(|p| p.key.as_str()).collect();
        assert!(stale.len() <= PATTERNS.len() / 20, "the engine says these no longer: {stale:?}");
        Ok(())
    }
}

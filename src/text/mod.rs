//! Every sentence that a reader sees, by key, from `en.toml` and `zh.toml`, and what the engine says from
//! `said.en.toml` and `said.zh.toml`.
//!
//! The engine — notes of bills, reasons, errors — makes its sentences with [`say`] and [`said`] from the
//! English file, and tables keep it so. [`tell`] finds such a sentence again and puts it into the language of
//! a page. A run without pages parses that one file alone.

mod language;
mod sentence;
mod tell;

pub use language::Language;
pub use tell::{tell, tell_whole, without_numbers};

use sentence::Sentence;
use std::collections::HashMap;
use std::fmt::Display;
use std::sync::LazyLock;

const SAID_EN: &str = include_str!("said.en.toml");
static EN: LazyLock<Text> = LazyLock::new(|| Text::parse(Language::En, &[include_str!("en.toml"), SAID_EN]));
static ZH: LazyLock<Text> =
    LazyLock::new(|| Text::parse(Language::Zh, &[include_str!("zh.toml"), include_str!("said.zh.toml")]));

/// The engine's English sentences under their whole keys.
static ENGINE: LazyLock<Text> = LazyLock::new(|| Text::parse(Language::En, &[SAID_EN]));

/// The same by their key below `said.`: looked up for each note of a bill, so by hash.
static SAID: LazyLock<HashMap<&'static str, Sentence>> = LazyLock::new(|| {
    let all = ENGINE.sentences.iter().filter_map(|(key, s)| Some((key.strip_prefix(SAID_KEYS)?, s.first()?)));
    all.map(|(key, sentence)| (key, Sentence::new(sentence))).collect()
});

/// What the keys of the engine's sentences begin with.
const SAID_KEYS: &str = "said.";

/// A sentence of the engine, filled: `say("bill.open", &[("n", &41)])` is `said.bill.open` of the English
/// file with 41 for `{n}`.
#[must_use]
pub fn say(key: &str, values: &[(&str, &dyn Display)]) -> String {
    SAID.get(key).map_or_else(|| key.to_owned(), |sentence| sentence.fill(values))
}

/// A sentence of the engine without names in braces: `said("bill.none")` is `said.bill.none` of the English
/// file.
#[must_use]
pub fn said(key: &'static str) -> &'static str {
    SAID.get(key).map_or(key, Sentence::start)
}

/// The sentences of one language. A key is the path in the file, such as `answer.title`; the
/// sentences of an array are alternatives, from the richest to the plainest.
#[derive(Debug)]
pub struct Text {
    language: Language,
    sentences: HashMap<String, Vec<String>>,
}

impl Text {
    /// The sentences of a language.
    #[must_use]
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &EN,
            Language::Zh => &ZH,
        }
    }

    fn parse(language: Language, sources: &[&str]) -> Self {
        let mut sentences = HashMap::new();
        for table in sources.iter().filter_map(|source| source.parse::<toml::Table>().ok()) {
            flatten("", &table, &mut sentences);
        }
        Self { language, sentences }
    }

    /// The language.
    #[must_use]
    pub const fn language(&self) -> Language {
        self.language
    }

    /// A sentence; its key itself when the file lacks it.
    #[must_use]
    pub fn t<'a>(&'a self, key: &'a str) -> &'a str {
        self.get(key).unwrap_or(key)
    }

    /// A sentence, if there is one under the key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.sentences.get(key).and_then(|s| s.first()).map(String::as_str)
    }

    /// All alternatives under a key, richest first.
    #[must_use]
    pub fn alternatives(&self, key: &str) -> &[String] {
        self.sentences.get(key).map_or(&[], Vec::as_slice)
    }

    /// A sentence with its `{name}`s replaced; a name that is not given stays as it is.
    #[must_use]
    pub fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        values.iter().fold(self.t(key).to_owned(), |s, (name, value)| s.replace(&format!("{{{name}}}"), value))
    }
}

fn flatten(prefix: &str, table: &toml::Table, out: &mut HashMap<String, Vec<String>>) {
    for (key, value) in table {
        let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            toml::Value::Table(t) => flatten(&path, t, out),
            toml::Value::Array(a) => {
                out.insert(path, a.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect());
            }
            toml::Value::String(s) => {
                out.insert(path, vec![s.clone()]);
            }
            _ => {}
        }
    }
}

/// The names in braces of a sentence, in order.
pub(crate) fn placeholders(sentence: &str) -> Vec<&str> {
    sentence.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name)).collect()
}

#[cfg(test)]
mod tests;

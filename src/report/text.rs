//! Every sentence that a reader sees, by key, from `text/en.toml` and `text/zh.toml`.

use super::Language;
use std::collections::BTreeMap;
use std::sync::LazyLock;

static EN: LazyLock<Text> = LazyLock::new(|| Text::parse(Language::En, include_str!("text/en.toml")));
static ZH: LazyLock<Text> = LazyLock::new(|| Text::parse(Language::Zh, include_str!("text/zh.toml")));

/// The sentences of one language. A key is the path in the file, such as `answer.title`; the
/// sentences of an array are alternatives, from the richest to the plainest.
#[derive(Debug)]
pub struct Text {
    language: Language,
    sentences: BTreeMap<String, Vec<String>>,
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

    fn parse(language: Language, source: &str) -> Self {
        let mut sentences = BTreeMap::new();
        if let Ok(table) = source.parse::<toml::Table>() {
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

fn flatten(prefix: &str, table: &toml::Table, out: &mut BTreeMap<String, Vec<String>>) {
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
pub(super) fn placeholders(sentence: &str) -> Vec<&str> {
    sentence.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn both_languages_have_the_same_keys_with_the_same_names_in_braces() {
        let (en, zh) = (Text::of(Language::En), Text::of(Language::Zh));
        assert!(en.sentences.len() > 100, "the file parses");
        let keys = |t: &Text| t.sentences.keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(keys(en), keys(zh));
        for (key, sentences) in &en.sentences {
            let other = zh.alternatives(key);
            assert_eq!(sentences.len(), other.len(), "{key}: number of alternatives");
            for (a, b) in sentences.iter().zip(other) {
                let names = |s| placeholders(s).into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
                assert_eq!(names(a), names(b), "{key}");
                assert!(!a.trim().is_empty() && !b.trim().is_empty(), "{key} is empty");
            }
        }
    }

    fn sources(dir: &Path, out: &mut Vec<(String, String)>) -> std::io::Result<()> {
        for entry in std::fs::read_dir(dir)? {
            let path = entry?.path();
            if path.is_dir() {
                sources(&path, out)?;
            } else if path.extension().is_some_and(|e| e == "rs" || e == "html") && !path.ends_with("report/text.rs") {
                out.push((path.display().to_string(), std::fs::read_to_string(&path)?));
            }
        }
        Ok(())
    }

    #[test]
    fn every_key_that_code_and_templates_ask_for_is_there() -> std::io::Result<()> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = Vec::new();
        sources(&root.join("src/report"), &mut files)?;
        sources(&root.join("templates"), &mut files)?;
        let mut n = 0;
        for (path, source) in &files {
            for call in [".t(\"", ".fill(\""] {
                for part in source.split(call).skip(1) {
                    let Some((key, _)) = part.split_once('"') else { continue };
                    if key.contains('.') {
                        n += 1;
                        assert!(Text::of(Language::En).get(key).is_some(), "{path}: no sentence {key:?}");
                    }
                }
            }
        }
        assert!(n > 50, "the search finds the calls");
        Ok(())
    }

    #[test]
    fn a_sentence_is_filled() {
        let text = Text::parse(Language::En, "[a]\nb = \"{n} of {m}\"");
        assert_eq!(text.fill("a.b", &[("n", "3"), ("m", "12")]), "3 of 12");
        assert_eq!(text.t("a.c"), "a.c");
    }
}

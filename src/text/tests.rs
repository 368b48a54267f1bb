//! The text files against each other, and against every place in the sources that asks for a sentence.

use super::*;
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn both_languages_have_the_same_keys_with_the_same_names_in_braces() {
    let (en, zh) = (Text::of(Language::En), Text::of(Language::Zh));
    assert!(en.sentences.len() > 100 && ENGINE.sentences.len() > 100, "the files parse");
    assert!(ENGINE.sentences.keys().all(|key| key.starts_with(SAID_KEYS) && en.sentences.contains_key(key)));
    let keys = |t: &Text| t.sentences.keys().cloned().collect::<BTreeSet<_>>();
    let alone: Vec<String> = keys(en).symmetric_difference(&keys(zh)).cloned().collect();
    assert!(alone.is_empty(), "in one language alone: {alone:?}");
    for key in keys(en) {
        let (sentences, other) = (en.alternatives(&key), zh.alternatives(&key));
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
        } else if path.extension().is_some_and(|e| e == "rs" || e == "html") && !path.starts_with(own()) {
            out.push((path.display().to_string(), std::fs::read_to_string(&path)?));
        }
    }
    Ok(())
}

/// This folder: its examples ask for no sentence.
fn own() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/text")
}

#[test]
fn every_key_that_code_and_templates_ask_for_is_there() -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files)?;
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

/// The names that a `say` gives: the strings that open the pairs of its list. `call` begins after the key.
fn given(call: &str) -> BTreeSet<String> {
    let (mut names, mut depth, mut opened) = (BTreeSet::new(), 0_i32, false);
    let mut chars = call.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => {
                let text = call.get(at + 1..).unwrap_or_default();
                let quoted = |(i, _): &(usize, &str)| text.get(..*i).is_some_and(|t| t.ends_with('\\'));
                let end = text.match_indices('"').find(|q| !quoted(q)).map_or(text.len(), |q| q.0);
                // The list is the first level, its pairs the second.
                if opened && depth == 2 {
                    names.insert(text.get(..end).unwrap_or_default().to_owned());
                }
                chars = call.char_indices();
                chars.by_ref().find(|(i, _)| *i == at + 1 + end);
            }
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => break,
            ')' | ']' | '}' => depth -= 1,
            _ if c.is_whitespace() => continue,
            _ => {}
        }
        opened = c == '(';
    }
    names
}

#[test]
fn the_names_that_a_call_gives_are_read() {
    let names = |call| given(call).into_iter().collect::<Vec<_>>();
    let call =
        ", &[(\"n\", &x.n), (\n \"why\", &say(\"k\", &[(\"m\", &format_args!(\"{:.1} )\\\"\", v))]))]), (\"z\", 1)";
    assert_eq!(names(call), ["n", "why"]);
    assert!(names(", &[])").is_empty());
}

/// The engine asks for no sentence that is not there, gives exactly the names that it has, and every
/// sentence of the engine is said somewhere.
#[test]
fn what_the_engine_says_and_the_sentences_are_the_same() -> std::io::Result<()> {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files)?;
    let mut left: BTreeSet<&str> = SAID.keys().copied().collect();
    for (path, source) in files.iter().filter(|(path, _)| !path.ends_with("tests.rs")) {
        let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for (call, names_follow) in [("say(", true), ("said(", false)] {
            for (at, _) in source.match_indices(call) {
                let word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
                if source.get(..at).is_some_and(|before| before.ends_with(word)) {
                    continue;
                }
                let rest = source.get(at + call.len()..).unwrap_or_default().trim_start();
                let Some((key, rest)) = rest.strip_prefix('"').and_then(|r| r.split_once('"')) else { continue };
                let Some(sentence) = SAID.get(key) else { panic!("{path}: no sentence said.{key}") };
                let names: BTreeSet<String> = sentence.names().map(str::to_owned).collect();
                let given = if names_follow { given(rest) } else { BTreeSet::new() };
                assert_eq!(names, given, "{path}: said.{key}");
                left.remove(key);
            }
        }
    }
    assert!(left.is_empty(), "nobody says {left:?}");
    Ok(())
}

#[test]
fn a_sentence_is_filled() {
    let text = Text::parse(Language::En, &["[a]\nb = \"{n} of {m}\""]);
    assert_eq!(text.fill("a.b", &[("n", "3"), ("m", "12")]), "3 of 12");
    assert_eq!(text.t("a.c"), "a.c");
    assert_eq!(said("bill.none"), "no readings");
    assert_eq!(say("bill.open", &[("n", &41)]), "41 intervals without reading or estimate");
    assert_eq!(say("bill.of_no_meaning", &[("n", &41)]), "bill.of_no_meaning");
}

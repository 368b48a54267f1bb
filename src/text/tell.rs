//! What the engine said in English — notes of bills, reasons, notes of rules, errors — in the language of
//! a page. The sentences of `said.*` are found again by their fixed text; what none of them is stays as it
//! is: what others said, such as the operating system, stands as a detail within a sentence of ours.

use super::sentence::Sentence;
use super::{EN, ENGINE, Language, Text};
use std::collections::HashMap;
use std::sync::LazyLock;

/// A sentence of the engine.
#[derive(Debug)]
struct Pattern {
    /// Key of the text files.
    key: &'static str,
    sentence: Sentence,
}

/// Bytes of a beginning that sentences are looked up by.
const HEAD: usize = 4;

/// The engine's sentences, in the order in which they are tried.
#[derive(Debug, Default)]
struct Patterns {
    /// By the first bytes, of the longest beginning first.
    closed: HashMap<[u8; HEAD], Vec<Pattern>>,
    /// With a beginning shorter than that.
    short: Vec<Pattern>,
    /// That begin with a name, of the longest fixed text first.
    open: Vec<Pattern>,
    /// Their places by the last byte of what they end with; those that end with a name are in every list.
    ends: HashMap<u8, Vec<usize>>,
    /// Places of those that end with a name.
    endless: Vec<usize>,
    /// `said.part.*`: only within other sentences.
    parts: Vec<Pattern>,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let said = ENGINE.sentences.iter();
    let mut all: Vec<Pattern> =
        said.filter_map(|(key, s)| Some(Pattern { key, sentence: Sentence::new(s.first()?) })).collect();
    all.sort_by_key(|p| (std::cmp::Reverse((p.sentence.start().len(), p.sentence.fixed())), p.key));
    let mut patterns = Patterns::default();
    for pattern in all {
        let start = pattern.sentence.start().as_bytes();
        match start.first_chunk() {
            _ if pattern.key.starts_with("said.part.") => patterns.parts.push(pattern),
            Some(head) => patterns.closed.entry(*head).or_default().push(pattern),
            None if start.is_empty() => patterns.open.push(pattern),
            None => patterns.short.push(pattern),
        }
    }
    let last = |p: &Pattern| p.sentence.end().bytes().last();
    let places = |wanted: &dyn Fn(Option<u8>) -> bool| -> Vec<usize> {
        patterns.open.iter().enumerate().filter(|(_, p)| wanted(last(p))).map(|(at, _)| at).collect()
    };
    let bytes = patterns.open.iter().filter_map(last);
    let ends = bytes.map(|byte| (byte, places(&|end| end.is_none_or(|end| end == byte)))).collect();
    let endless = places(&|end| end.is_none());
    (patterns.ends, patterns.endless) = (ends, endless);
    patterns
});

/// Names whose values are sentences of the engine themselves.
const NESTED: [&str; 12] =
    ["why", "what", "stamp", "power", "values", "sector", "point", "has", "counts", "mode", "validity", "day"];
/// Names whose values are lists, and what others said.
const LISTS: [&str; 7] = ["names", "places", "times", "instead", "during", "unit", "expected"];
const DETAIL: &str = "detail";

/// Whether a name of a sentence can have a value: sentences and what others said are anything, lists have
/// commas, and any other value ends before a comma, semicolon or colon.
fn fits(name: &str, value: &str) -> bool {
    match name {
        "need" => EN.get(&format!("need.{value}")).is_some(),
        DETAIL => true,
        _ if NESTED.contains(&name) => true,
        _ if LISTS.contains(&name) => !value.contains("; "),
        _ => ![", ", "; ", ": "].iter().any(|end| value.contains(end)),
    }
}

/// A sentence of a list that something said is, and the values of its names.
fn find<'a>(list: &'static [Pattern], said: &'a str) -> Option<(&'static Pattern, Vec<&'a str>)> {
    list.iter().find_map(|p| Some((p, p.sentence.values(said, fits)?)))
}

/// What the engine says in a language, for a page: files by their names alone.
#[must_use]
pub fn tell(said: &str, text: &Text) -> String {
    Teller { text, files: Files::ByName, numbers: true }.tell(said)
}

/// As [`tell`], with the paths of files as they are: for a terminal.
#[must_use]
pub fn tell_whole(said: &str, text: &Text) -> String {
    Teller { text, files: Files::ByPath, numbers: true }.tell(said)
}

/// What the engine says with `…` for every number that it fills in, so that notes of many customers can be
/// counted together; still one of the engine's sentences.
#[must_use]
pub fn without_numbers(said: &str) -> String {
    Teller { text: Text::of(Language::En), files: Files::ByPath, numbers: false }.tell(said)
}

/// How files are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Files {
    ByName,
    ByPath,
}

#[derive(Debug, Clone, Copy)]
struct Teller<'t> {
    text: &'t Text,
    files: Files,
    /// Whether numbers are told.
    numbers: bool,
}

impl Teller<'_> {
    /// Sentences that the engine joins by semicolons and commas are told one by one.
    fn tell(&self, said: &str) -> String {
        self.whole(said).unwrap_or_else(|| {
            let parts = |part: &str| self.each(part, ", ", "word.list", |raw| self.raw(raw));
            self.each(said, "; ", "word.and", parts)
        })
    }

    /// The parts between separators, the longest runs that are one sentence first; `other` tells the rest.
    fn each(&self, said: &str, between: &str, word: &str, other: impl Fn(&str) -> String) -> String {
        let ends: Vec<usize> = said.match_indices(between).map(|(at, _)| at).chain([said.len()]).collect();
        let (mut out, mut from) = (Vec::new(), 0);
        while from < said.len() {
            let mut rest = ends.iter().rev().filter(|e| **e > from);
            let known = rest.clone().find_map(|end| Some((*end, self.whole(said.get(from..*end)?)?)));
            let (end, told) = known.unwrap_or_else(|| {
                let end = rest.next_back().copied().unwrap_or(said.len());
                (end, other(said.get(from..end).unwrap_or_default()))
            });
            out.push(told);
            from = end + between.len();
        }
        out.join(self.text.t(word))
    }

    /// One sentence, a file or way of billing before it or not; `None` when the engine has none like it. A
    /// sentence that begins with a name is looked for behind one place before it is taken to hold it.
    fn whole(&self, said: &str) -> Option<String> {
        let behind = |rest: &str| self.closed(rest).or_else(|| self.open(rest));
        self.closed(said)
            .or_else(|| self.placed(said, behind))
            .or_else(|| self.open(said))
            .or_else(|| self.placed(said, |rest| self.whole(rest)))
    }

    /// A sentence that begins with fixed text.
    fn closed(&self, said: &str) -> Option<String> {
        let list = said.as_bytes().first_chunk().and_then(|head| PATTERNS.closed.get(head));
        let found = list.and_then(|list| find(list, said)).or_else(|| find(&PATTERNS.short, said));
        found.map(|found| self.found(found))
    }

    /// A sentence that begins with a name.
    fn open(&self, said: &str) -> Option<String> {
        let places = PATTERNS.ends.get(said.as_bytes().last()?).unwrap_or(&PATTERNS.endless);
        let mut listed = places.iter().filter_map(|at| PATTERNS.open.get(*at));
        listed.find_map(|p| Some((p, p.sentence.values(said, fits)?))).map(|found| self.found(found))
    }

    /// A sentence behind a place and a colon. A place is one file or way of billing, not the end of another
    /// sentence.
    fn placed(&self, said: &str, sentence: impl Fn(&str) -> Option<String>) -> Option<String> {
        let (place, rest) = said.split_once(": ").filter(|(place, _)| fits("", place))?;
        Some(format!("{}{}{}", self.place(place), self.text.t("word.colon"), sentence(rest)?))
    }

    fn found(&self, (pattern, values): (&Pattern, Vec<&str>)) -> String {
        let told = pattern.sentence.names().zip(values).map(|(name, value)| (name, self.value(name, value)));
        let told: Vec<(&str, String)> = told.collect();
        let told: Vec<(&str, &str)> = told.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.text.fill(pattern.key, &told)
    }

    fn value(&self, name: &str, value: &str) -> String {
        match name {
            _ if NESTED.contains(&name) => self.part(value).unwrap_or_else(|| self.tell(value)),
            "need" if self.numbers => self.text.get(&format!("need.{value}")).unwrap_or(value).to_owned(),
            "need" => value.to_owned(),
            "file" => self.place(value),
            DETAIL => self.whole(value).unwrap_or_else(|| self.raw(value)),
            _ => self.raw(value),
        }
    }

    /// What only stands within other sentences; counts are a list of them.
    fn part(&self, value: &str) -> Option<String> {
        if let Some(found) = find(&PATTERNS.parts, value) {
            return Some(self.found(found));
        }
        let list: Option<Vec<String>> =
            value.split(", ").map(|v| find(&PATTERNS.parts, v).map(|found| self.found(found))).collect();
        list.map(|told| told.join(self.text.t("word.list")))
    }

    /// What stands before a colon: a file, or the way of billing that a reason is of.
    fn place(&self, place: &str) -> String {
        let named = || match self.files {
            Files::ByName => place.rsplit(['/', '\\']).next().unwrap_or(place).to_owned(),
            Files::ByPath => place.to_owned(),
        };
        self.part(place).unwrap_or_else(named)
    }

    /// What is told as it is.
    fn raw(&self, value: &str) -> String {
        if self.numbers {
            return value.to_owned();
        }
        let mut out = String::with_capacity(value.len());
        for c in value.chars() {
            match c {
                '0'..='9' | '.' | '-' if out.ends_with('…') => {}
                '0'..='9' => out.push('…'),
                c => out.push(c),
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::super::SAID_KEYS;
    use super::*;
    use crate::text::{placeholders, say};

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
        assert_eq!(zh("missing: capacity_kva"), "缺少合同容量");
        assert_eq!(zh(""), "");
    }

    #[test]
    fn sentences_with_semicolons_are_found_in_a_list() {
        let list = "quiet days: 3; 5 are needed; the maximum is not billed; nobody knows this";
        assert_eq!(zh(list), "安静日 3 天，需要 5 天；最大需量不计费；nobody knows this");
        let modes = "by transformer capacity: costs no less over the year; by actual maximum demand: no billed cycle";
        assert_eq!(zh(modes), "按变压器容量：全年并不更省；按实际最大需量：没有已计费的周期");
    }

    #[test]
    fn a_move_of_a_machine_is_told_whatever_its_name_and_its_times() {
        let said = "run furnace 2 (batch), 50 kW: 01:00–02:00, 03:00–04:00 instead of 12:00–14:00 on 61 rest days of 2025-01–2025-02, \
                    2025-11; run saw, 9 kW: 01:00–02:00 instead of 12:00–13:00 on 3 workdays of 2025-03";
        let told = "furnace 2 (batch)（50 kW）在 2025-01–2025-02, 2025-11 的 61 个休息日由 12:00–14:00 改为 01:00–02:00, \
                    03:00–04:00 运行；saw（9 kW）在 2025-03 的 3 个工作日由 12:00–13:00 改为 01:00–02:00 运行";
        assert_eq!(zh(said), told);
    }

    #[test]
    fn a_page_names_files_and_a_terminal_their_paths() {
        let said = "/data/in/m.parquet: row group 3, column kw: EOF: 7 bytes; more; is the file damaged?";
        assert_eq!(zh(said), "m.parquet：第 3 行组的列 kw 无法读取（EOF: 7 bytes; more）；文件是否损坏？");
        let whole = tell_whole(said, Text::of(Language::Zh));
        assert_eq!(whole, "/data/in/m.parquet：第 3 行组的列 kw 无法读取（EOF: 7 bytes; more）；文件是否损坏？");
        let cut = "in/a.parquet: Parquet error: Invalid Parquet file. Corrupt footer; is it a complete Parquet file?";
        let told =
            "a.parquet：无法按 Parquet 读取（Parquet error: Invalid Parquet file. Corrupt footer）；文件是否完整？";
        assert_eq!(zh(cut), told);
        let tariff = "in/t.toml: schedule[1]: 2025-01-04 and 3 more dates: schedules 1 and 2 both apply; part their \
                      months, spans or days, or set overlay = true in the one that lies over the other";
        let told = "t.toml：schedule[1]：2025-01-04 及另外 3 天：第 1 与第 2 个时段表同时适用；请分开月份、日期段或日类型，\
                    或在覆盖者中设 overlay = true";
        assert_eq!(zh(tariff), told);
        let english = tell(said, Text::of(Language::En));
        assert_eq!(english, "m.parquet: row group 3, column kw: EOF: 7 bytes; more; is the file damaged?");
    }

    #[test]
    fn numbers_are_left_out_and_the_sentence_stays() {
        let said = "tariff x is effective 2025-01-01 to 2025-12-31; give a tariff of 2026-02, or --prices-as-of";
        let general = "tariff x is effective … to …; give a tariff of …, or --prices-as-of";
        assert_eq!(without_numbers(said), general);
        assert_eq!(zh(general), "电价 x 的有效期为 … 至 …；请提供 … 的电价或使用 --prices-as-of");
        let fixed = "pf_standard 0.77 is not one of 0.90, 0.85, 0.80";
        assert_eq!(without_numbers(fixed), "pf_standard … is not one of 0.90, 0.85, 0.80");
        assert_eq!(without_numbers("nobody knows 12.5 of this"), "nobody knows … of this");
        assert_eq!(without_numbers("missing: capacity_kva"), "missing: capacity_kva");
    }

    /// Whatever the engine says is found again as what it is: no sentence hides another.
    #[test]
    fn every_sentence_is_found_again() {
        let all = EN.sentences.iter().filter_map(|(key, s)| Some((key.strip_prefix(SAID_KEYS)?, s.first()?)));
        let mut n = 0;
        for (key, sentence) in all.filter(|(key, _)| !key.starts_with("part.")) {
            n += 1;
            let value = |name: &str| if name == "need" { "capacity_kva".to_owned() } else { format!("‹{name}›") };
            let values: Vec<(&str, String)> = placeholders(sentence).into_iter().map(|n| (n, value(n))).collect();
            let given: Vec<(&str, &dyn std::fmt::Display)> = values.iter().map(|(n, v)| (*n, v as _)).collect();
            let told = zh(&say(key, &given));
            let zh = Text::of(Language::Zh);
            let need = |v: &str| if v == "capacity_kva" { zh.t("need.capacity_kva").to_owned() } else { v.to_owned() };
            let expected: Vec<(&str, String)> = values.iter().map(|(n, v)| (*n, need(v))).collect();
            let expected: Vec<(&str, &str)> = expected.iter().map(|(n, v)| (*n, v.as_str())).collect();
            assert_eq!(told, zh.fill(&format!("{SAID_KEYS}{key}"), &expected), "{key}");
        }
        assert!(n > 300, "the file has {n}");
    }
}

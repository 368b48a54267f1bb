//! What is wrong with a tariff file: where, what, and the cure; and all of it in one run.

use super::Tariff;
use super::schedule::{DayTable, faults_of_schedules};
use crate::error::Error;
use crate::text::{said, say};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Deserializer};

/// One thing that is wrong with a tariff file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// 1-based line and column, in characters.
    pub place: Option<(usize, usize)>,
    /// The key at fault, `band[0].components[1].price`; empty for the file as a whole.
    pub key: String,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub cure: String,
}

impl From<Error> for Fault {
    /// From `line 12, column 9, demand.price: what; cure`.
    fn from(error: Error) -> Self {
        let text = if let Error::Tariff { what, .. } = error { what } else { error.to_string() };
        let placed = || {
            let (line, rest) = text.strip_prefix("line ")?.split_once(", column ")?;
            let (column, rest) = rest.split_once(", ")?;
            Some(((line.parse().ok()?, column.parse().ok()?), rest))
        };
        let (place, rest) = placed().map_or((None, text.as_str()), |(at, rest)| (Some(at), rest));
        let (key, rest) = rest.split_once(": ").filter(|(k, _)| !k.contains(' ')).unwrap_or(("", rest));
        let (what, cure) = rest.rsplit_once("; ").or_else(|| rest.rsplit_once(": ")).unwrap_or((rest, ""));
        Self { place, key: key.to_owned(), what: what.to_owned(), cure: cure.to_owned() }
    }
}

impl fmt::Display for Fault {
    /// `12:9: demand.window_minutes: 20 is no window; use 5, 15, 30 or 60`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.place {
            write!(f, "{line}:{column}: ")?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.what)?;
        if self.cure.is_empty() { Ok(()) } else { write!(f, "; {}", self.cure) }
    }
}

/// A tariff file as far as it can be read, and everything that is wrong with it, in the file's order.
#[derive(Debug)]
pub struct Examined {
    /// The tariff, when nothing is wrong.
    pub tariff: Option<Tariff>,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

/// Reads a tariff file and finds all its faults in one go: what is no TOML; then every key that is
/// unknown, missing or of the wrong kind; then what contradicts itself. A later stage is judged only
/// when the earlier ones let it be, so that no fault is reported for another's sake.
#[must_use]
pub fn examine(path: &Path, text: &str) -> Examined {
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut source = Source { text, root: &root, faults: Vec::new() };
    for e in errors.iter().take(MOST_FAULTS) {
        source.add(String::new(), first_line(e.message()), said("tariff.broken_toml").into(), e.span());
    }
    if errors.is_empty() {
        source.types();
    }
    if source.faults.is_empty() {
        source.contradictions(path);
    }
    let parsed = if source.faults.is_empty() { Tariff::parse(path, text).map(Some) } else { Ok(None) };
    let tariff = parsed.unwrap_or_else(|e| {
        source.faults.push(Fault::from(e));
        None
    });
    source.faults.sort_by(|a, b| (a.place, &a.key).cmp(&(b.place, &b.key)));
    Examined { tariff, faults: source.faults }
}

fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or_default().to_owned()
}

/// More faults than a person reads, or a reader that makes no progress.
const MOST_FAULTS: usize = 500;

struct Source<'a> {
    text: &'a str,
    root: &'a Spanned<DeTable<'a>>,
    faults: Vec<Fault>,
}

impl Source<'_> {
    fn add(&mut self, key: String, what: String, cure: String, span: Option<Range<usize>>) {
        let place = span.map(|s| place(self.text, s.start));
        let fault = Fault { place, key, what, cure };
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    /// What contradicts itself: in every part of the file, in every schedule, and, when those are right,
    /// on every kind of day.
    fn contradictions(&mut self, path: &Path) {
        let Some(tariff) = Tariff::unchecked(path, self.text) else { return };
        let mut errors = tariff.contradictions();
        let schedules = faults_of_schedules(&tariff);
        if schedules.is_empty() {
            match DayTable::resolved(&tariff, None) {
                Ok((days, doubles)) => errors.extend(days.gaps(&tariff).into_iter().chain(doubles)),
                Err(e) => errors.push(e),
            }
        }
        errors.extend(schedules);
        self.faults.extend(errors.into_iter().map(Fault::from));
    }

    /// Reads the tariff again and again, each time without the key that could not be read.
    fn types(&mut self) {
        let mut left = self.root.clone();
        let mut removed: BTreeSet<String> = BTreeSet::new();
        for _ in 0..MOST_FAULTS {
            let Err(error) = Tariff::deserialize(Deserializer::from(left.clone())) else { return };
            let message = first_line(error.message());
            let Some(span) = error.span() else {
                return self.add(String::new(), message, String::new(), None);
            };
            let here = locate(self.root.get_ref(), &span).unwrap_or_default();
            let field = missing_field(&message);
            let key = match field {
                Some(field) if here.is_empty() => field.to_owned(),
                Some(field) => format!("{here}.{field}"),
                None => here.clone(),
            };
            // What is missing because it was taken out has been told already.
            if !removed.contains(&key) {
                let (what, cure) = worded(&message);
                self.add(key.clone(), what, cure, Some(span.clone()));
            }
            let progress = match field {
                Some(field) if here.is_empty() => stand_in(left.get_mut(), field),
                _ => take(left.get_mut(), &span),
            };
            if !progress {
                return;
            }
            removed.insert(if here.is_empty() { key } else { here });
        }
    }
}

/// `x` of serde's "missing field `x`".
fn missing_field(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.strip_suffix('`')
}

/// What is wrong and the cure, from serde's sentence.
fn worded(message: &str) -> (String, String) {
    if missing_field(message).is_some() {
        return (said("tariff.key_missing").into(), said("tariff.add_key").into());
    }
    if let Some((what, expected)) = message.split_once(", expected ") {
        let one_of = expected.strip_prefix("one of ");
        let cure = one_of.map_or_else(
            || say("tariff.give", &[("expected", &expected)]),
            |names| say("tariff.one_of", &[("names", &names)]),
        );
        return (what.to_owned(), cure);
    }
    let (what, cure) = message.split_once("; ").unwrap_or((message, ""));
    (what.to_owned(), cure.to_owned())
}

/// Puts a value in the place of a required key of the top level, so that the rest can be judged.
fn stand_in(root: &mut DeTable<'_>, field: &str) -> bool {
    let text = |t: &'static str| DeValue::String(t.into());
    let value = match field {
        "id" | "name" | "source" => text("unnamed"),
        "currency" => text("XXX"),
        "verified" => text("illustrative"),
        "effective_from" => text("2000-01-01"),
        "band" | "schedule" => DeValue::Array(DeArray::new()),
        _ => return false,
    };
    let nowhere = usize::MAX..usize::MAX;
    root.insert(Spanned::new(nowhere.clone(), field.to_owned().into()), Spanned::new(nowhere, value)).is_none()
}

/// 1-based line and column of a byte of the text.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |i| i + 1);
    (before.matches('\n').count() + 1, before.get(line_start..).unwrap_or_default().chars().count() + 1)
}

/// The key whose own span or value's span this is; the outermost of equals.
fn locate(table: &DeTable<'_>, span: &Range<usize>) -> Option<String> {
    fn value(v: &Spanned<DeValue<'_>>, span: &Range<usize>, here: String) -> Option<String> {
        if v.span() == *span {
            return Some(here);
        }
        match v.get_ref() {
            DeValue::Table(t) => inner(t, span, &format!("{here}.")),
            DeValue::Array(a) => a.iter().enumerate().find_map(|(i, v)| value(v, span, format!("{here}[{i}]"))),
            _ => None,
        }
    }
    fn inner(t: &DeTable<'_>, span: &Range<usize>, above: &str) -> Option<String> {
        t.iter().find_map(|(k, v)| {
            let here = format!("{above}{}", k.get_ref());
            if k.span() == *span { Some(here) } else { value(v, span, here) }
        })
    }
    inner(table, span, "")
}

/// Takes out the entry or item whose own span or value's span this is; whether there was one.
fn take(table: &mut DeTable<'_>, span: &Range<usize>) -> bool {
    let found = table.iter().find(|(k, v)| k.span() == *span || v.span() == *span).map(|(k, _)| k.clone());
    match found {
        Some(key) => table.remove(&key).is_some(),
        None => table.iter_mut().any(|(_, v)| take_value(v.get_mut(), span)),
    }
}

fn take_value(value: &mut DeValue<'_>, span: &Range<usize>) -> bool {
    match value {
        DeValue::Table(t) => take(t, span),
        DeValue::Array(a) => match a.iter().position(|v| v.span() == *span) {
            Some(found) => {
                let mut rest = DeArray::new();
                a.iter().enumerate().filter(|(i, _)| *i != found).for_each(|(_, v)| rest.push(v.clone()));
                *a = rest;
                true
            }
            None => a.iter_mut().any(|v| take_value(v.get_mut(), span)),
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tariff::testkit::FLAT;

    fn faults(text: &str) -> Vec<String> {
        examine(Path::new("t.toml"), text).faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_good_file_has_none() {
        assert_eq!(faults(FLAT), [""; 0]);
        assert!(examine(Path::new("t.toml"), FLAT).tariff.is_some());
    }

    #[test]
    fn all_faults_come_in_one_run_with_line_column_key_and_cure() {
        let text = FLAT.replace("verified", "verifyed").replace("name = \"Flat\"\n", "").replace(
            "[[schedule]]\n",
            "[demand]\nprice = \"x\"\nwindow_minutes = \"long\"\ncolour = 1\n[[schedule]]\nmonths = [1, \"May\"]\n",
        );
        let found = faults(&text);
        for part in [
            "name: it is missing; add it",
            "verified: it is missing; add it",
            "5:1: verifyed: unknown field `verifyed`; use one of ",
            "13:9: demand.price: ",
            "14:18: demand.window_minutes: ",
            "15:1: demand.colour: unknown field `colour`; use one of ",
            "17:14: schedule[0].months[1]: ",
        ] {
            assert!(found.iter().any(|f| f.contains(part)), "{part}: {found:#?}");
        }
        assert_eq!(found.len(), 7, "{found:#?}");
    }

    #[test]
    fn broken_toml_is_told_alone() {
        let found = faults("id = \"a\nname = 3\n= 4\n");
        assert!(found.len() >= 2 && found.iter().all(|f| f.ends_with("mend the TOML there")), "{found:#?}");
    }

    #[test]
    fn what_contradicts_itself_is_told_when_the_types_are_right() {
        let found = faults(&FLAT.replace("2030-12-31", "2010-12-31"));
        assert!(found.len() == 1 && found[0].contains("exchange them"), "{found:#?}");
    }

    #[test]
    fn every_contradiction_of_a_section_is_told_with_line_and_column() {
        let band = "[[band]]\nname = \"all\"\nperiod = \"peak\"\nratio = -1\n";
        let demand = "[demand]\nprice = 1\nwindow_minutes = 20\nfloor_share = 2\nactual_floor_share = -1\n\
                      ratchet = { share = 3, months_back = 0, months = [13, 6, 14] }\n";
        let schedule =
            "[[schedule]]\nmonths = [0, 13]\nwindows = { all = [\"00:00-12:00\", \"11:00-25:00\"], none = [] }\n";
        let text = FLAT
            .replace("\"CNY\"", "\"yuan\"")
            .replace("[[schedule]]\n", &format!("{band}{demand}{schedule}[[schedule]]\n"));
        let found = faults(&text);
        let expected = [
            "4:1: currency: ",
            "13:1: band[1].components: ",
            "14:1: band[1].name: band \"all\" is there twice",
            "16:1: band[1].ratio: ",
            "19:1: demand.window_minutes: 20 min",
            "20:1: demand.floor_share: 2",
            "21:1: demand.actual_floor_share: -1",
            "22:1: demand.ratchet: give shares between 0 and 1",
            "22:24: demand.ratchet.months_back: give 1 to 60 months",
            "22:51: demand.ratchet.months[0]: month 13",
            "22:58: demand.ratchet.months[2]: month 14",
            "24:11: schedule[0].months[0]: schedule 1: month 0",
            "24:14: schedule[0].months[1]: schedule 1: month 13",
            "25:35: schedule[0].windows.all[1]: ",
            "25:51: schedule[0].windows.none: ",
        ];
        for part in expected {
            assert!(found.iter().any(|f| f.starts_with(part)), "{part}: {found:#?}");
        }
        assert_eq!(found.len(), expected.len(), "{found:#?}");
    }

    #[test]
    fn gaps_and_overlaps_of_a_day_are_all_told() {
        let windows = "windows = { all = [\"01:00-08:00\", \"07:00-09:00\", \"08:30-10:00\", \"11:00-23:00\"] }";
        let found = faults(&FLAT.replace("windows = { all = [\"00:00-24:00\"] }", windows));
        assert_eq!(found.len(), 2, "{found:#?}");
        assert!(found[0].contains("windows.all[1]: schedule 1: all and all overlap at 07:00"), "{found:#?}");
        assert!(found[1].contains("windows.all[2]: schedule 1: all and all overlap at 08:30"), "{found:#?}");
        let windows = "windows = { all = [\"01:00-08:00\", \"11:00-23:00\"] }";
        let found = faults(&FLAT.replace("windows = { all = [\"00:00-24:00\"] }", windows));
        assert_eq!(found.len(), 1, "{found:#?}");
        assert!(found[0].contains("no band covers 00:00-01:00, 08:00-11:00, 23:00-24:00"), "{found:#?}");
    }
}

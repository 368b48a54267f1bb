//! The fields of a rate, each taken exactly once, and what becomes of those that are not.

use rust_decimal::Decimal;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Fields that describe a rate and change no bill: they are kept as comments.
const DOCUMENTARY: &[&str] = &[
    "uri",
    "label",
    "supersedes",
    "revisions",
    "latest_update",
    "approved",
    "is_default",
    "country",
    "eiaid",
    "utility",
    "servicetype",
    "description",
    "source",
    "sourceparent",
    "basicinformationcomments",
    "energycomments",
    "demandcomments",
    "phasewiring",
    "voltagecategory",
    "peakkwcapacityhistory",
    "peakkwhusagemin",
    "peakkwhusagemax",
    "peakkwhusagehistory",
    "rateName",
    "startdate",
    "enddate",
    "end_of_data",
    "energyattrs",
    "demandattrs",
    "fixedattrs",
];

/// A rate's fields. What is null, empty text or an empty list counts as absent.
pub(super) struct Fields<'a> {
    map: &'a Map<String, Value>,
    taken: BTreeSet<String>,
    ignored: BTreeSet<&'a str>,
    refused: Vec<String>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(map: &'a Map<String, Value>, ignore: &'a [String]) -> Self {
        let ignored = ignore.iter().map(String::as_str).collect();
        Self { map, taken: BTreeSet::new(), ignored, refused: Vec::new() }
    }

    /// A field's value, which thereby counts as expressed.
    pub(super) fn take(&mut self, name: &str) -> Option<&'a Value> {
        let value = self.map.get(name).filter(|v| !is_absent(v))?;
        self.taken.insert(name.to_owned());
        (!self.ignored.contains(name)).then_some(value)
    }

    pub(super) fn text(&mut self, name: &str) -> Option<&'a str> {
        self.take(name)?.as_str().map(str::trim)
    }

    /// A number, also one that is written as text.
    pub(super) fn number(&mut self, name: &str) -> Option<Decimal> {
        let value = self.take(name)?;
        let number = decimal(value);
        if number.is_none() {
            self.refuse(name, format!("{value} is no number"));
        }
        number
    }

    /// A list of 12 numbers, January first.
    pub(super) fn months(&mut self, name: &str) -> Option<Vec<Decimal>> {
        let value = self.take(name)?;
        let list: Option<Vec<Decimal>> = value.as_array().and_then(|a| a.iter().map(decimal).collect());
        let list = list.filter(|l| l.len() == 12);
        if list.is_none() {
            self.refuse(name, "it is no list of 12 numbers");
        }
        list
    }

    pub(super) fn refuse(&mut self, name: &str, what: impl AsRef<str>) {
        let root = name.split(['[', '.']).next().unwrap_or(name);
        if !self.ignored.contains(root) {
            self.refused
                .push(format!("{name}: {}; leave it out with --ignore {root} if it does not matter", what.as_ref()));
        }
    }

    /// The comments at the head of the file, and what is refused.
    pub(super) fn finish(mut self) -> (String, Vec<String>) {
        let mut notes = String::from("# Imported from the US Utility Rate Database (OpenEI).\n");
        for (name, value) in self.map.iter().filter(|(_, v)| !is_absent(v)) {
            if self.ignored.contains(name.as_str()) {
                let _ = writeln!(notes, "# left out on request: {name} = {}", one_line(value));
            } else if DOCUMENTARY.contains(&name.as_str()) {
                let _ = writeln!(notes, "# {name}: {}", one_line(value));
            } else if !self.taken.contains(name) {
                let what = format!("{name}: no part of a tariff file stands for it");
                self.refused.push(format!("{what}; leave it out with --ignore {name} if it does not matter"));
            }
        }
        (notes, self.refused)
    }
}

fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(s) => s.trim().is_empty(),
        Value::Array(a) => a.is_empty(),
        _ => false,
    }
}

fn one_line(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A JSON number as it is written.
pub(super) fn decimal(value: &Value) -> Option<Decimal> {
    let text = match value {
        Value::Number(n) => n.to_string(),
        Value::String(s) => s.trim().to_owned(),
        _ => return None,
    };
    text.parse().ok().or_else(|| Decimal::from_scientific(&text).ok())
}

/// Text in quotes, as TOML writes it.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Months from 1 of those that fit: `[1, 2, 12]`.
pub(super) fn month_list(fits: impl Fn(usize) -> bool) -> String {
    let months: Vec<String> = (0..12).filter(|m| fits(*m)).map(|m| (m + 1).to_string()).collect();
    format!("[{}]", months.join(", "))
}

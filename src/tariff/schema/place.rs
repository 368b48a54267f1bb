//! Where the keys of a tariff file stand in its text.

use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The text of a price that is not known yet.
pub(in crate::tariff) const UNKNOWN: &str = "?";
/// Keys that hold prices.
const PRICE_KEYS: [&str; 6] = ["price", "prices", "amount", "sell", "rate", "factor"];

/// Line and column of each key, both from 1, by path: `demand.price`, `band[0].components[1].price`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    at: BTreeMap<String, (usize, usize)>,
    /// Paths of prices that are written as `"?"`.
    pub(super) unpriced: Vec<String>,
}

impl Places {
    /// Of a text; empty when it is no TOML.
    pub(super) fn of(text: &str) -> Self {
        let mut out = Self::default();
        if let Ok(table) = DeTable::parse(text) {
            let starts: Vec<usize> = std::iter::once(0)
                .chain(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1))
                .collect();
            out.table(table.get_ref(), "", &Text { text, starts: &starts });
        }
        out
    }

    /// Line and column of a path, or of the nearest table above it that is there.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<(usize, usize)> {
        let mut path = path;
        loop {
            if let Some(at) = self.at.get(path) {
                return Some(*at);
            }
            path = &path[..path.rfind(['.', '['])?];
        }
    }

    fn table(&mut self, table: &DeTable<'_>, above: &str, text: &Text<'_>) {
        for (key, value) in table {
            let name = key.get_ref();
            let path = if above.is_empty() { name.to_string() } else { format!("{above}.{name}") };
            self.at.insert(path.clone(), text.position(key.span().start));
            self.value(value, &path, text);
        }
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>, path: &str, text: &Text<'_>) {
        match value.get_ref() {
            DeValue::Table(table) => self.table(table, path, text),
            DeValue::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    let path = format!("{path}[{i}]");
                    self.at.insert(path.clone(), text.position(item.span().start));
                    self.value(item, &path, text);
                }
            }
            DeValue::String(s) if s == UNKNOWN => {
                let key = path.rsplit('.').next().unwrap_or(path);
                let key = key.split('[').next().unwrap_or(key);
                if PRICE_KEYS.contains(&key) {
                    self.unpriced.push(path.to_owned());
                }
            }
            _ => {}
        }
    }
}

struct Text<'a> {
    text: &'a str,
    /// Where each line begins.
    starts: &'a [usize],
}

impl Text<'_> {
    /// Line and column of a byte, in characters.
    fn position(&self, byte: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|s| *s <= byte).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        (line, self.text.get(start..byte).map_or(0, |t| t.chars().count()) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_its_line_and_column() {
        let text = "id = \"a\"\n[[band]]\nname = \"峰\"\ncomponents = [\n  { name = \"x\", price = \"?\" },\n]\n[[band]]\nname = \"谷\"\n[demand]\nprice = 1\n";
        let places = Places::of(text);
        let at = |path| places.find(path);
        assert_eq!(at("id"), Some((1, 1)));
        assert_eq!(at("band[0]"), Some((2, 1)));
        assert_eq!(at("band[0].components[0].price"), Some((5, 17)));
        assert_eq!(at("band[1].name"), Some((8, 1)));
        assert_eq!(at("band[1].ratio"), Some((7, 1)), "the table where the key would be");
        assert_eq!(at("demand"), Some((9, 2)));
        assert_eq!(at("capacity.price"), None);
        assert_eq!(places.unpriced, ["band[0].components[0].price"]);
    }
}

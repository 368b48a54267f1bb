//! A side file as a table of text: columns found by alias, cells read with their type.

use super::read;
use super::row::Row;
use crate::error::{Error, Result};
use crate::text::{said, say};
use csv::StringRecord;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A column of a side file: its name in the contract and the other names it is known by.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Name in the contract.
    pub name: &'static str,
    /// Other names, in order of preference.
    pub aliases: &'static [&'static str],
}

/// A side file in memory; every cell is text, an empty one is NULL.
#[derive(Debug, Clone)]
pub struct Table {
    pub(super) path: PathBuf,
    pub(super) header: Vec<String>,
    rows: Vec<(usize, StringRecord)>,
    pub(super) columns: BTreeMap<&'static str, usize>,
    notes: Vec<String>,
}

impl Table {
    /// Reads a CSV or, by its extension `.parquet`, a Parquet file and finds the wanted columns.
    /// Columns that nobody wants are let be.
    ///
    /// # Errors
    /// When the file cannot be read, is not UTF-8, or has the same column twice.
    pub fn read(path: &Path, wanted: &[Column]) -> Result<Self> {
        let (header, rows) = read::read(path)?;
        Self::new(path, header, rows, wanted)
    }

    /// A table from its parts; `rows` are numbered with the header as row 1.
    ///
    /// # Errors
    /// When a wanted column is there twice under one name.
    pub fn new(path: &Path, header: Vec<String>, rows: Vec<(usize, StringRecord)>, wanted: &[Column]) -> Result<Self> {
        let mut table = Self { path: path.to_owned(), header, rows, columns: BTreeMap::new(), notes: Vec::new() };
        let folded: Vec<String> = table.header.iter().map(|h| fold(h)).collect();
        for column in wanted {
            let mut found: Vec<usize> = Vec::new();
            for name in std::iter::once(&column.name).chain(column.aliases) {
                let name = fold(name);
                let here: Vec<usize> = (0..folded.len()).filter(|i| folded[*i] == name && !found.contains(i)).collect();
                if let [first, second, ..] = here.as_slice() {
                    return Err(Error::Columns {
                        path: path.to_owned(),
                        what: say(
                            "side.same_columns",
                            &[
                                ("a", &(first + 1)),
                                ("b", &(second + 1)),
                                ("name", &format_args!("{:?}", table.header.get(*first).map_or("", String::as_str))),
                            ],
                        ),
                        cure: said("side.same_columns_cure").into(),
                    });
                }
                found.extend(here);
            }
            if let Some((first, rest)) = found.split_first() {
                table.columns.insert(column.name, *first);
                for other in rest {
                    let (used, unused) = (&table.header[*first], &table.header[*other]);
                    table.notes.push(say(
                        "run.two_columns",
                        &[
                            ("file", &path.display()),
                            ("name", &column.name),
                            ("used", &format_args!("{used:?}")),
                            ("unused", &format_args!("{unused:?}")),
                        ],
                    ));
                }
            }
        }
        Ok(table)
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the reader should know: which of several columns was taken.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Whether the file has a column.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.columns.contains_key(name)
    }

    /// Refuses a file without a column.
    ///
    /// # Errors
    /// Lists the names that the column may have, and the columns that are there.
    pub fn require(&self, column: &Column) -> Result<()> {
        if self.has(column.name) {
            return Ok(());
        }
        Err(Error::Columns {
            path: self.path.clone(),
            what: say(
                "side.no_column",
                &[("name", &format_args!("{:?}", column.name)), ("names", &self.header.join(", "))],
            ),
            cure: say("side.no_column_cure", &[("name", &column.name), ("names", &column.aliases.join(", "))]),
        })
    }

    /// Rows in the order of the file.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|(line, cells)| Row::new(self, *line, cells))
    }
}

/// Names compare without case, spaces, hyphens, underscores and a unit in brackets.
pub(super) fn fold(name: &str) -> String {
    let base = name.split(['(', '（', '[']).next().filter(|b| !b.trim().is_empty()).unwrap_or(name);
    base.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | '\u{feff}'))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Result<Table> {
        let (header, rows) = read::csv(Path::new("t.csv"), text)?;
        let wanted = [
            Column { name: "customer_id", aliases: &["户号", "account no"] },
            Column { name: "capacity_kva", aliases: &["变压器容量", "transformer_kva"] },
            Column { name: "valid_from", aliases: &[] },
        ];
        Table::new(Path::new("t.csv"), header, rows, &wanted)
    }

    #[test]
    fn columns_are_found_by_alias_case_and_unit() -> Result<()> {
        let t = table("\u{feff}户号,变压器容量（kVA）,extra\n 001 ,630,x\n")?;
        let row = t.rows().next().unwrap();
        assert_eq!((row.id("customer_id")?, row.positive("capacity_kva")?), ("001", Some(630.0)));
        assert_eq!(row.text("valid_from"), None);
        assert!(table("ACCOUNT_NO\n1\n")?.has("customer_id"));
        Ok(())
    }

    #[test]
    fn the_preferred_of_two_aliases_is_taken_and_said() -> Result<()> {
        let t = table("customer_id,transformer_kva,变压器容量\n1,100,200\n")?;
        assert_eq!(t.rows().next().unwrap().number("capacity_kva")?, Some(200.0));
        assert_eq!(t.notes().len(), 1);
        assert!(table("customer_id,Customer ID\n1,2\n").is_err());
        Ok(())
    }

    #[test]
    fn a_wrong_cell_is_named_with_its_cure() -> Result<()> {
        let t = table("customer_id,变压器容量\n1,100\n2,\"1,250\"\n")?;
        let e = t.rows().nth(1).unwrap().number("capacity_kva").unwrap_err().to_string();
        assert!(e.starts_with("t.csv, row 3, column 变压器容量: \"1,250\" is not a number; write"), "{e}");
        let t = table("customer_id\n3.30123E+12\n")?;
        assert!(t.rows().next().unwrap().id("customer_id").unwrap_err().to_string().contains("spreadsheet"));
        Ok(())
    }
}

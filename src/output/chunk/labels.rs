//! Labels as a dictionary and runs of its keys.

use super::levels::{extend, hybrid, width};
use super::page::Pages;
use super::{Chunk, texts};
use crate::output::labels::Labels;
use parquet::basic::Encoding;
use parquet::errors::Result;
use parquet::schema::types::ColumnDescPtr;
use std::collections::HashMap;

/// The chunk of a column of labels whose rows stand in `parts`.
pub fn chunk(parts: &[&Labels], of: &ColumnDescPtr) -> Result<Chunk> {
    let found = Runs::of(parts);
    let rows = found.runs.iter().map(|r| r.0).sum();
    let nulls: usize = found.runs.iter().filter(|r| r.1.is_none()).map(|r| r.0).sum();
    let mut pages = Pages::new(of, Encoding::RLE_DICTIONARY);
    pages.dictionary(found.texts.len(), &found.dictionary());
    let page = found.page(of.max_def_level() > 0);
    pages.data(rows, page.len(), &page);
    let (first, last) = (found.texts.iter().min(), found.texts.iter().max());
    pages.finish(rows, false, Some(texts::noted(first.copied(), last.copied(), nulls as u64)))
}

/// Runs of equal rows: how many, and the key of their text; `None` for nulls.
struct Runs<'a> {
    texts: Vec<&'a str>,
    runs: Vec<(usize, Option<u32>)>,
}

impl<'a> Runs<'a> {
    fn of(parts: &[&'a Labels]) -> Self {
        let mut found = Self { texts: Vec::new(), runs: Vec::new() };
        let mut keys: HashMap<&str, u32> = HashMap::new();
        for part in parts {
            let key = |text| {
                let next = keys.len() as u32;
                *keys.entry(text).or_insert_with(|| {
                    found.texts.push(text);
                    next
                })
            };
            let own: Vec<u32> = part.texts().map(key).collect();
            for (rows, text) in part.runs() {
                extend(&mut found.runs, *rows, text.map(|text| own[text]));
            }
        }
        found
    }

    /// The texts, in order of appearance.
    fn dictionary(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.texts.iter().for_each(|t| texts::put_one(t, &mut out));
        out
    }

    /// All rows in one page: where nulls are, then the keys of the others.
    fn page(&self, nullable: bool) -> Vec<u8> {
        let mut out = Vec::new();
        if nullable {
            let levels = hybrid(self.runs.iter().map(|r| (r.0, u32::from(r.1.is_some()))), 1);
            out.extend((levels.len() as u32).to_le_bytes());
            out.extend(levels);
        }
        let width = width((self.texts.len() as u32).saturating_sub(1)).max(1);
        out.push(width as u8);
        out.extend(hybrid(self.runs.iter().filter_map(|r| Some((r.0, r.1?))), width));
        out
    }
}

//! Ids as runs of dictionary keys: no text is made for a row.

use super::bits::CUT;
use super::chunk::KEY;
use super::pages::{BATCH, DataPage, KEYS, Pages, RUN, damaged, next_rows};
use parquet::column::page::Page;
use parquet::errors::ParquetError;

/// Runs of a text column: the number of the text, −1 where null, and rows.
pub type KeyRuns = Vec<(i32, u32)>;

/// Adds rows of a key.
pub fn add_run(runs: &mut KeyRuns, key: i32, n: u32) {
    match runs.last_mut() {
        Some(last) if last.0 == key => last.1 += n,
        _ => runs.push((key, n)),
    }
}

/// The keys of a column of texts that are all in its dictionary, and the texts; `None` when some are
/// not, or are no text.
///
/// # Errors
/// When a page is damaged.
pub fn text_keys(pages: Pages<'_>, optional: bool) -> Result<Option<(KeyRuns, Vec<String>)>, ParquetError> {
    let mut names: Vec<String> = Vec::new();
    let mut runs: KeyRuns = Vec::new();
    let mut add = |key: i32, n: usize| add_run(&mut runs, key, n as u32);
    let (mut levels, mut buffer) = ([0; BATCH], [0; BATCH]);
    for page in pages {
        let page = page?;
        if let Page::DictionaryPage { buf, num_values, .. } = &page {
            let Some(texts) = plain_texts(buf, *num_values as usize)? else { return Ok(None) };
            names = texts;
            continue;
        }
        let mut page = DataPage::of(&page, optional)?;
        if !KEYS.contains(&page.encoding) {
            return Ok(None);
        }
        let mut keys = page.keys()?;
        let mut left = page.rows;
        while left > 0 {
            let (rows, present, mixed) = next_rows(page.levels.as_mut(), left, &mut levels).map_err(damaged)?;
            left -= rows;
            if present == 0 {
                add(-1, rows);
                continue;
            }
            let mut done = 0;
            while !mixed && done < present {
                let Some((key, n)) = keys.same(RUN, present - done).map_err(damaged)? else { break };
                add(key as i32, n);
                done += n;
            }
            let buffer = &mut buffer[..present - done];
            keys.fill(buffer).map_err(damaged)?;
            let mut packed = buffer.iter();
            for level in if mixed { &levels[..rows] } else { &[] } {
                add(if *level == 0 { -1 } else { packed.next().map_or(-1, |k| *k as i32) }, 1);
            }
            packed.for_each(|key| add(*key as i32, 1));
        }
    }
    if runs.iter().any(|r| r.0 >= names.len() as i32) {
        return Err(damaged(KEY));
    }
    Ok(Some((runs, names)))
}

/// Plain texts, each after its length; `None` when one is no UTF-8.
fn plain_texts(mut bytes: &[u8], n: usize) -> Result<Option<Vec<String>>, ParquetError> {
    let mut out = Vec::with_capacity(n.min(bytes.len() / 4));
    for _ in 0..n {
        let (size, rest) = bytes.split_first_chunk::<4>().ok_or_else(|| damaged(CUT))?;
        let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*size) as usize).ok_or_else(|| damaged(CUT))?;
        bytes = rest;
        let Ok(text) = std::str::from_utf8(text) else { return Ok(None) };
        out.push(text.to_owned());
    }
    Ok(Some(out))
}

//! Ids as runs of dictionary keys: no text is made for a row.

use super::bits::CUT;
use super::chunk::KEY;
use super::pages::{BATCH, DataPage, KEYS, Pages, RUN, damaged, next_rows};
use parquet::column::page::Page;
use parquet::errors::ParquetError;

/// The key of each row of a text column: the number of its text, −1 where null.
#[derive(Debug, Clone, Default)]
pub struct KeyRuns {
    /// Key and rows of each run; none where rows repeat a cycle.
    runs: Vec<(i32, u32)>,
    /// Keys that the rows repeat one by one, as readings of many meters do that lie instant by instant.
    cycle: Vec<u32>,
    rows: usize,
    /// Rows repeat nothing.
    apart: bool,
}

impl FromIterator<(i32, u32)> for KeyRuns {
    fn from_iter<T: IntoIterator<Item = (i32, u32)>>(runs: T) -> Self {
        let mut out = Self::default();
        for (key, n) in runs {
            out.push(key, n);
        }
        out
    }
}

impl KeyRuns {
    /// Rows of keys that repeat a cycle.
    #[must_use]
    pub const fn repeating(cycle: Vec<u32>, rows: usize) -> Self {
        Self { runs: Vec::new(), cycle, rows, apart: false }
    }

    /// Rows.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// The keys that rows repeat, one by one and none of them null; the last time not always to its end.
    #[must_use]
    pub fn cycle(&self) -> Option<&[u32]> {
        (!self.cycle.is_empty()).then_some(&self.cycle)
    }

    /// Key and rows of each run.
    pub fn iter(&self) -> impl Iterator<Item = (i32, u32)> + '_ {
        self.runs.iter().copied().chain(self.cycle.iter().cycle().take(self.rows).map(|key| (*key as i32, 1)))
    }

    /// The greatest key.
    fn greatest(&self) -> i32 {
        let of_cycle = self.cycle.iter().map(|k| *k as i32);
        self.runs.iter().map(|r| r.0).chain(of_cycle).max().unwrap_or(-1)
    }

    /// Adds rows of one key.
    pub fn push(&mut self, key: i32, n: u32) {
        match usize::try_from(key) {
            Ok(_) if n == 1 => self.extend(&[key as u32]),
            _ => self.add(key, n),
        }
    }

    fn add(&mut self, key: i32, n: u32) {
        self.unroll();
        self.rows += n as usize;
        match self.runs.last_mut() {
            Some(last) if last.0 == key => last.1 += n,
            _ => self.runs.push((key, n)),
        }
    }

    /// Adds rows, none of them null.
    fn extend(&mut self, keys: &[u32]) {
        let mut rest = keys;
        while !self.cycle.is_empty() && !rest.is_empty() {
            let at = self.rows % self.cycle.len();
            let n = rest.len().min(self.cycle.len() - at);
            if self.cycle[at..at + n] != rest[..n] {
                self.unroll();
                break;
            }
            self.rows += n;
            rest = &rest[n..];
        }
        for key in rest {
            self.add(*key as i32, 1);
        }
        if !rest.is_empty() && !self.apart {
            self.find_cycle(rest.len());
        }
    }

    /// Looks whether the last rows begin to repeat the first.
    fn find_cycle(&mut self, added: usize) {
        let (runs, Some((first, _))) = (&self.runs, self.runs.first()) else { return };
        if runs.len() < self.rows || runs.iter().rev().take(added).any(|r| r.0 < 0) {
            self.apart = true;
            return;
        }
        let new = runs.len().saturating_sub(added).max(1);
        let Some(length) = runs[new..].iter().position(|r| r.0 == *first).map(|p| new + p) else { return };
        if runs[length..].iter().zip(runs).all(|(again, run)| again == run) {
            self.cycle = runs[..length].iter().map(|r| r.0 as u32).collect();
            self.runs = Vec::new();
        } else {
            self.apart = true;
        }
    }

    /// Gives up a cycle that the next rows do not repeat.
    fn unroll(&mut self) {
        if !self.cycle.is_empty() {
            self.runs = self.iter().collect();
            self.cycle = Vec::new();
            self.apart = true;
        }
    }
}

/// The keys of a column of texts that are all in its dictionary, and the texts; `None` when some are
/// not, or are no text.
///
/// # Errors
/// When a page is damaged.
pub fn text_keys(pages: Pages<'_>, optional: bool) -> Result<Option<(KeyRuns, Vec<String>)>, ParquetError> {
    let mut names: Vec<String> = Vec::new();
    let mut runs = KeyRuns::default();
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
                runs.push(-1, rows as u32);
                continue;
            }
            let mut done = 0;
            while !mixed && done < present {
                let Some((key, n)) = keys.same(RUN, present - done).map_err(damaged)? else { break };
                runs.push(key as i32, n as u32);
                done += n;
            }
            let buffer = &mut buffer[..present - done];
            keys.fill(buffer).map_err(damaged)?;
            let mut packed = buffer.iter();
            for level in if mixed { &levels[..rows] } else { &[] } {
                runs.push(if *level == 0 { -1 } else { packed.next().map_or(-1, |k| *k as i32) }, 1);
            }
            runs.extend(packed.as_slice());
        }
    }
    if runs.greatest() >= names.len() as i32 {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rows_of_many_meters_repeat_a_cycle() {
        let mut runs: KeyRuns = [(4, 1), (7, 1), (1, 1), (4, 1)].into_iter().collect();
        assert_eq!((runs.cycle(), runs.rows()), (Some([4, 7, 1].as_slice()), 4));
        runs.push(7, 1);
        let rows = [(4, 1), (7, 1), (1, 1), (4, 1), (7, 1)];
        assert_eq!(runs.iter().collect::<Vec<_>>(), rows, "the last time not to its end");
        runs.push(7, 1);
        assert_eq!(runs.cycle(), None, "a meter that comes twice ends it");
        assert_eq!(runs.iter().last(), Some((7, 2)));
    }

    proptest! {
        #[test]
        fn hold_the_keys_they_were_given(
            lap in prop::collection::vec(0..5u32, 1..9),
            laps in 1..9usize,
            odd in prop::collection::vec(-1..5i32, 0..3),
            batch in 1..20usize,
        ) {
            let regular: Vec<u32> = lap.iter().copied().cycle().take(lap.len() * laps).collect();
            let mut runs = KeyRuns::default();
            for odd in [odd.as_slice(), &[]] {
                for keys in regular.chunks(batch) {
                    runs.extend(keys);
                }
                for key in odd {
                    runs.push(*key, 1);
                }
            }
            let keys = || regular.iter().map(|k| *k as i32);
            let expected: Vec<i32> = keys().chain(odd.iter().copied()).chain(keys()).collect();
            let held: Vec<i32> = runs.iter().flat_map(|(key, n)| std::iter::repeat_n(key, n as usize)).collect();
            prop_assert_eq!(held, expected);
            prop_assert_eq!(runs.greatest(), keys().chain(odd.iter().copied()).max().unwrap_or(-1));
        }
    }
}

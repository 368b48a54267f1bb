//! Which files a run reads: files, directories, hive partitions and globs, in a fixed order.

use crate::error::{Error, Result};
use crate::text::{said, say};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A readings file and the `key=value` folders it lies in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceFile {
    /// Path as given or found.
    pub path: PathBuf,
    /// Hive partition keys and values, outermost first.
    pub partitions: Vec<(String, String)>,
}

/// Expands paths, directories (recursively, hidden and `_`-files left out) and globs into files,
/// sorted by path, each once.
///
/// # Errors
/// When a path does not exist, a glob is malformed or nothing is found.
pub fn discover(inputs: &[String]) -> Result<Vec<SourceFile>> {
    let mut found = BTreeSet::new();
    for input in inputs {
        let path = Path::new(input);
        if path.is_dir() {
            walk(path, &mut found)?;
        } else if path.exists() {
            found.insert(path.to_owned());
        } else {
            expand(input, &mut found)?;
        }
    }
    if found.is_empty() {
        return Err(Error::option(
            say("readings.no_files", &[("names", &inputs.join(", "))]),
            said("readings.no_files_cure"),
        ));
    }
    Ok(found.into_iter().map(|path| SourceFile { partitions: partitions(&path), path }).collect())
}

fn expand(input: &str, found: &mut BTreeSet<PathBuf>) -> Result<()> {
    let missing = || Error::option(say("readings.no_input", &[("input", &input)]), said("readings.no_input_cure"));
    if !input.contains(['*', '?', '[']) {
        return Err(missing());
    }
    let paths =
        glob::glob(input).map_err(|e| Error::option(format!("{input}: {e}"), said("readings.bad_glob_cure")))?;
    let before = found.len();
    for path in paths {
        let path = path.map_err(|e| Error::Io { path: e.path().to_owned(), reason: e.into() })?;
        if path.is_dir() {
            walk(&path, found)?;
        } else {
            found.insert(path);
        }
    }
    if found.len() == before { Err(missing()) } else { Ok(()) }
}

fn walk(dir: &Path, found: &mut BTreeSet<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(dir).map_err(Error::io(dir))? {
        let path = entry.map_err(Error::io(dir))?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if name.starts_with(['.', '_']) {
            continue;
        }
        if path.is_dir() {
            walk(&path, found)?;
        } else if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("parquet") || e.eq_ignore_ascii_case("pq")) {
            found.insert(path);
        }
    }
    Ok(())
}

fn partitions(path: &Path) -> Vec<(String, String)> {
    let folders = path.parent().into_iter().flat_map(Path::components);
    let pairs = folders.filter_map(|c| c.as_os_str().to_str()?.split_once('='));
    pairs.filter(|(_, v)| *v != HIVE_NULL).map(|(k, v)| (k.to_owned(), percent_decoded(v))).collect()
}

/// How Hive writes the NULL partition.
const HIVE_NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// Hive escapes what a folder name cannot hold as `%` and two hexadecimal digits.
fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while let Some(b) = bytes.get(i) {
        let hex = text.get(i + 1..i + 3).filter(|h| *b == b'%' && h.bytes().all(|c| c.is_ascii_hexdigit()));
        let decoded = hex.and_then(|h| u8::from_str_radix(h, 16).ok());
        out.push(decoded.unwrap_or(*b));
        i += if decoded.is_some() { 3 } else { 1 };
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hive_partitions_globs_and_hidden_files() {
        let dir = tempfile::tempdir().unwrap();
        let day = dir.path().join("dt=2026-01-01");
        std::fs::create_dir(&day).unwrap();
        for name in ["b.parquet", "_SUCCESS", ".x.parquet", "a.parquet"] {
            std::fs::write(day.join(name), "").unwrap();
        }
        let all = discover(&[dir.path().display().to_string()]).unwrap();
        let names: Vec<_> = all.iter().filter_map(|f| f.path.file_name()?.to_str()).collect();
        assert_eq!(names, ["a.parquet", "b.parquet"]);
        assert_eq!(all[0].partitions, [("dt".to_string(), "2026-01-01".to_string())]);
        let glob = format!("{}/*/a*.parquet", dir.path().display());
        assert_eq!(discover(&[glob]).unwrap().len(), 1);
        assert!(discover(&["no/such/file".into()]).unwrap_err().to_string().contains("no such file"));
    }
}

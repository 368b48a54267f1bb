//! The output directory: written beside its place and renamed at the end, so that nothing is ever
//! half written.

use crate::error::{Error, Result};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A directory in the making.
#[derive(Debug)]
pub struct OutDirectory {
    target: PathBuf,
    temporary: PathBuf,
    force: bool,
    done: bool,
}

impl OutDirectory {
    /// Makes the temporary directory beside `target`.
    ///
    /// # Errors
    /// When `target` exists and `force` is not given, or the place cannot be written to.
    pub fn create(target: &Path, force: bool) -> Result<Self> {
        if target.exists() && !force {
            return Err(Error::option(
                format!("{} exists already", target.display()),
                "choose another --out, or replace it with --force",
            ));
        }
        let parent = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(parent).map_err(Error::io(parent))?;
        let name = target.file_name().map_or_else(|| "out".into(), |n| n.to_string_lossy().into_owned());
        let temporary = parent.join(format!(".{name}.partial-{}", std::process::id()));
        if temporary.exists() {
            std::fs::remove_dir_all(&temporary).map_err(Error::io(&temporary))?;
        }
        std::fs::create_dir_all(&temporary).map_err(Error::io(&temporary))?;
        Ok(Self { target: target.to_owned(), temporary, force, done: false })
    }

    /// Where to write.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.temporary
    }

    /// Moves the finished directory to its place: the old one aside, the new one in, the old one
    /// deleted.
    ///
    /// # Errors
    /// When a rename fails; the old directory is then put back.
    pub fn finish(mut self) -> Result<PathBuf> {
        let old = self.temporary.with_extension("old");
        let replaces = self.force && self.target.exists();
        if replaces {
            std::fs::rename(&self.target, &old).map_err(Error::io(&self.target))?;
        }
        if let Err(e) = std::fs::rename(&self.temporary, &self.target) {
            if replaces {
                std::fs::rename(&old, &self.target).map_err(Error::io(&self.target))?;
            }
            return Err(Error::Io { path: self.target.clone(), source: e });
        }
        self.done = true;
        if replaces {
            std::fs::remove_dir_all(&old).map_err(Error::io(&old))?;
        }
        Ok(self.target.clone())
    }
}

impl Drop for OutDirectory {
    fn drop(&mut self) {
        if !self.done {
            // Nothing to be done if the clean-up fails as well.
            let _ = std::fs::remove_dir_all(&self.temporary);
        }
    }
}

/// A file name for an id: everything outside `[A-Za-z0-9._-]` and lone dots percent-encoded.
#[must_use]
pub fn file_name(id: &str) -> String {
    if id == "." || id == ".." {
        return "%2E".repeat(id.len());
    }
    let mut out = String::new();
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-') {
            out.push(byte as char);
        } else {
            // Writing to text does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_safe_file_names() {
        assert_eq!(file_name("SB-BL.1_x"), "SB-BL.1_x");
        assert_eq!(file_name("a/b 户"), "a%2Fb%20%E6%88%B7");
        assert_eq!(file_name(".."), "%2E%2E");
    }

    #[test]
    fn an_existing_directory_is_replaced_only_when_forced() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("out");
        std::fs::create_dir(&target).unwrap();
        assert!(OutDirectory::create(&target, false).is_err());
        let out = OutDirectory::create(&target, true).unwrap();
        std::fs::write(out.path().join("x"), "1").unwrap();
        out.finish().unwrap();
        assert!(target.join("x").exists());
        drop(OutDirectory::create(&target, true).unwrap());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside");
    }
}

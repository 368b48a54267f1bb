//! The output directory: written beside its place and renamed at the end, so that nothing is ever
//! half written.

use crate::error::{Error, Result};
use crate::text::{said, say};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::fs::File;
use std::path::{Path, PathBuf};

/// A directory in the making.
#[derive(Debug)]
pub struct OutDirectory {
    target: PathBuf,
    temporary: PathBuf,
    force: bool,
    done: bool,
    /// Held as long as the directory is being written: tells it from one that a killed run left.
    lock: File,
}

/// File in a directory in the making that its run holds locked.
const LOCK: &str = ".lock";

/// Removes what killed runs left beside `name`: directories in the making whose lock nobody holds.
fn remove_abandoned(parent: &Path, name: &str) {
    let prefix = format!(".{name}.partial-");
    let Ok(entries) = std::fs::read_dir(parent) else { return };
    for entry in entries.flatten().filter(|e| e.file_name().to_string_lossy().starts_with(&prefix)) {
        let lock = File::open(entry.path().join(LOCK));
        if lock.is_ok_and(|l| l.try_lock().is_ok()) {
            // What cannot be removed costs space alone.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

impl OutDirectory {
    /// Makes the temporary directory beside `target`.
    ///
    /// # Errors
    /// When `target` exists and `force` is not given, or the place cannot be written to.
    pub fn create(target: &Path, force: bool) -> Result<Self> {
        if target.exists() && !target.is_dir() {
            return Err(Error::option(
                say("run.out_is_file", &[("dir", &target.display())]),
                said("run.out_is_file_cure"),
            ));
        }
        if target.exists() && !force {
            return Err(Error::option(
                say("run.out_exists", &[("dir", &target.display())]),
                said("run.out_exists_cure"),
            ));
        }
        let parent = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(parent).map_err(Error::io(parent))?;
        let name = target.file_name().map_or_else(|| "out".into(), |n| n.to_string_lossy().into_owned());
        remove_abandoned(parent, &name);
        let temporary = parent.join(format!(".{name}.partial-{}", std::process::id()));
        std::fs::create_dir_all(&temporary).map_err(Error::io(&temporary))?;
        let lock = File::create(temporary.join(LOCK)).map_err(Error::io(&temporary))?;
        // Where a file system knows no locks, an abandoned directory stays.
        let _ = lock.try_lock();
        Ok(Self { target: target.to_owned(), temporary, force, done: false, lock })
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
        let _ = self.lock.unlock();
        let _ = std::fs::remove_file(self.temporary.join(LOCK));
        let mut old = self.temporary.clone().into_os_string();
        old.push(".old");
        let old = PathBuf::from(old);
        let replaces = self.force && self.target.exists();
        if replaces {
            std::fs::rename(&self.target, &old).map_err(Error::io(&self.target))?;
        }
        if let Err(e) = std::fs::rename(&self.temporary, &self.target) {
            if replaces {
                std::fs::rename(&old, &self.target).map_err(Error::io(&self.target))?;
            }
            return Err(Error::Io { path: self.target.clone(), reason: e });
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

/// Most bytes of a file name's stem: file systems take 255, endings and dates come after it.
const LONGEST: usize = 200;
/// Hexadecimal digits that tell names apart that were cut.
const DIGITS: usize = 16;

/// A file name for an id: everything outside `[A-Za-z0-9._-]` and lone dots percent-encoded; the end of
/// a name that would be too long for a file system gives way to the beginning of its SHA-256.
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
    if out.len() > LONGEST {
        let kept = &out[..LONGEST - DIGITS - 1];
        // A cut within `%XX` takes the whole of it away.
        let whole = kept.rfind('%').filter(|at| at + 3 > kept.len()).unwrap_or(kept.len());
        let hash = Sha256::digest(id.as_bytes());
        let hash = hash.iter().take(DIGITS / 2).fold(String::new(), |hex, b| hex + &format!("{b:02x}"));
        out = format!("{}-{hash}", &kept[..whole]);
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
    fn names_that_are_too_long_are_cut_and_stay_apart() {
        let long = |last: &str| format!("{}{last}", "户".repeat(40));
        let (a, b) = (file_name(&long("甲")), file_name(&long("乙")));
        assert!(a != b && a.len() <= LONGEST && b.len() <= LONGEST);
        assert!(a.starts_with("%E6%88%B7") && !a.contains("%-") && a.split('%').skip(1).all(|p| p.len() >= 2));
        assert_eq!(file_name(&"x".repeat(LONGEST)).len(), LONGEST);
    }

    #[test]
    fn what_a_killed_run_left_is_removed_and_what_is_being_written_stays() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("out");
        let abandoned = dir.path().join(".out.partial-1");
        std::fs::create_dir(&abandoned).unwrap();
        std::fs::write(abandoned.join(LOCK), "").unwrap();
        let busy = dir.path().join(".out.partial-2");
        std::fs::create_dir(&busy).unwrap();
        let lock = File::create(busy.join(LOCK)).unwrap();
        lock.try_lock().unwrap();
        let out = OutDirectory::create(&target, false).unwrap();
        assert!(!abandoned.exists() && busy.exists());
        out.finish().unwrap();
        assert_eq!(std::fs::read_dir(&target).unwrap().count(), 0, "the lock does not stay");
    }

    #[test]
    fn a_file_is_no_place_for_a_directory() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("out");
        std::fs::write(&target, "mine").unwrap();
        assert!(OutDirectory::create(&target, true).is_err());
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "mine");
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

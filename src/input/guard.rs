//! Decoders that break on damaged pages: their panics become errors and stay off the terminal.

use super::file::ReadingsFile;
use crate::error::{Error, Result};
use crate::text::say;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Whether this thread runs a decoder whose panics are caught.
    static QUIET: Cell<bool> = const { Cell::new(false) };
    /// The leaf column that it decodes.
    static LEAF: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Says which leaf column this thread decodes from now on.
pub fn decoding(leaf: usize) {
    LEAF.set(Some(leaf));
}

/// Runs a decoder, whose faults on damaged pages become errors.
///
/// # Errors
/// What `decode` answers, or that it broke.
pub fn guarded<T>(file: &ReadingsFile, group: usize, decode: impl FnOnce() -> Result<T>) -> Result<T> {
    stay_quiet();
    let before = QUIET.replace(true);
    LEAF.set(None);
    let decoded = catch_unwind(AssertUnwindSafe(decode));
    QUIET.set(before);
    decoded.unwrap_or_else(|_| {
        let what = LEAF.get().map_or_else(
            || say("readings.group_damaged", &[("group", &group)]),
            |leaf| say("readings.column_damaged", &[("group", &group), ("name", &file.column_name(leaf))]),
        );
        Err(Error::Parquet { path: file.path.clone(), what })
    })
}

/// Keeps panics of guarded decoders from being printed; all others are told as before.
fn stay_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let told = take_hook();
        set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                told(panic);
            }
        }));
    });
}

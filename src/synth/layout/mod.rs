//! How readings are laid out in files. All layouts hold the same values.

mod columns;
mod daily;
mod long;
mod monthly;
mod wide;

pub use columns::StampUnit;

use super::fleet::{Fleet, SynthCustomer};
use crate::error::{Error, Result};
use std::fmt;
use std::path::{Path, PathBuf};

/// Takes customers in order and writes their readings.
pub trait Sink {
    /// Takes the next customer.
    ///
    /// # Errors
    /// When a file cannot be written.
    fn push(&mut self, customer: &SynthCustomer) -> Result<()>;

    /// Writes what is left; the files, in order.
    ///
    /// # Errors
    /// When a file cannot be written.
    fn finish(self: Box<Self>) -> Result<Vec<PathBuf>>;
}

/// One way to lay readings out.
pub trait Layout: Sync {
    /// The name on the command line.
    fn name(&self) -> &'static str;

    /// Starts writing a fleet into an existing directory.
    ///
    /// # Errors
    /// When a file cannot be made.
    fn open(&self, dir: &Path, fleet: &Fleet, stamps: StampUnit) -> Result<Box<dyn Sink>>;

    /// Whether a label that is delivered twice can be held.
    fn holds_repeats(&self) -> bool {
        true
    }
}

impl fmt::Debug for dyn Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Every layout.
pub static LAYOUTS: &[&dyn Layout] = &[&long::Long, &monthly::Monthly, &daily::Daily, &wide::Wide];

/// The layout of a name.
///
/// # Errors
/// When there is none.
pub fn find(name: &str) -> Result<&'static dyn Layout> {
    LAYOUTS.iter().copied().find(|l| l.name() == name).ok_or_else(|| {
        let names: Vec<&str> = LAYOUTS.iter().map(|l| l.name()).collect();
        Error::option(format!("there is no layout {name:?}"), format!("use one of {}", names.join(", ")))
    })
}

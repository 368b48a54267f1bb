//! The library's one error: each message says where, what, and how to mend it.

use std::path::{Path, PathBuf};
use thiserror::Error;

/// Result with the library's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that a library call can refuse.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be opened, read or written.
    #[error("{}: {}", path.display(), with_cure(reason))]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// A Parquet file is damaged or of a kind that cannot be read.
    #[error("{}: {what}", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// Where in it and why.
        what: String,
    },
    /// A file's columns are not those that are needed.
    #[error("{}: {what}; {cure}", path.display())]
    Columns {
        /// The file.
        path: PathBuf,
        /// What is missing, double or of the wrong type.
        what: String,
        /// What to do about it.
        cure: String,
    },
    /// A value in a side file is wrong.
    #[error("{}, row {row}, column {column}: {what}; {cure}", path.display())]
    Cell {
        /// The file.
        path: PathBuf,
        /// 1-based row, the header being row 1.
        row: usize,
        /// Column name as the file has it.
        column: String,
        /// What is wrong.
        what: String,
        /// What to do about it.
        cure: String,
    },
    /// A tariff file is wrong.
    #[error("{}: {what}", path.display())]
    Tariff {
        /// The file.
        path: PathBuf,
        /// Key, line and cure.
        what: String,
    },
    /// An option or a combination of options is wrong.
    #[error("{what}; {cure}")]
    Option {
        /// What is wrong.
        what: String,
        /// What to do about it.
        cure: String,
    },
    /// One customer could not be analysed; the run goes on.
    #[error("customer {customer}: {what}")]
    Customer {
        /// The customer's id.
        customer: String,
        /// Why.
        what: String,
    },
}

/// What the system said, and what to do about it.
fn with_cure(reason: &std::io::Error) -> String {
    use std::io::ErrorKind as Kind;
    let cure = match reason.kind() {
        Kind::NotFound => "look for a slip in the path",
        Kind::PermissionDenied => "ask for the right to it, or choose another place",
        Kind::StorageFull | Kind::QuotaExceeded | Kind::FileTooLarge => "make room, or choose another place",
        Kind::ReadOnlyFilesystem => "choose another place",
        Kind::IsADirectory => "name a file",
        Kind::NotADirectory => "name a directory",
        Kind::AlreadyExists => "choose another name",
        _ => return reason.to_string(),
    };
    format!("{reason}; {cure}")
}

impl Error {
    /// An [`Error::Io`] for `path`.
    pub fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |reason| Self::Io { path: path.to_owned(), reason }
    }

    /// An [`Error::Parquet`] for `path`.
    pub fn parquet<E: std::fmt::Display>(path: &Path) -> impl FnOnce(E) -> Self + '_ {
        move |e| Self::Parquet { path: path.to_owned(), what: e.to_string() }
    }

    /// An [`Error::Option`].
    pub fn option(what: impl Into<String>, cure: impl Into<String>) -> Self {
        Self::Option { what: what.into(), cure: cure.into() }
    }
}

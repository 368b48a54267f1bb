//! The library's one error: each message says where, what, and how to mend it.

use crate::text::{said, say};
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
    #[error("{}", in_cell(path, (*row, column), what, cure))]
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
    #[error("{}", say("customer.of", &[("id", customer), ("why", what)]))]
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
    let told = match reason.kind() {
        Kind::NotFound => said("io.not_found"),
        Kind::PermissionDenied => said("io.denied"),
        Kind::StorageFull | Kind::QuotaExceeded | Kind::FileTooLarge => said("io.full"),
        Kind::ReadOnlyFilesystem => said("io.read_only"),
        Kind::IsADirectory => said("io.is_directory"),
        Kind::NotADirectory => said("io.no_directory"),
        Kind::AlreadyExists => said("io.exists"),
        _ => return say("io.system", &[("detail", reason)]),
    };
    told.to_owned()
}

/// What is wrong with a cell of a side file, and what to do about it.
fn in_cell(path: &Path, (row, column): (usize, &str), what: &str, cure: &str) -> String {
    let why = format!("{what}; {cure}");
    say("io.cell", &[("file", &path.display()), ("row", &row), ("column", &column), ("why", &why)])
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Language, Text, tell};

    #[test]
    fn every_error_is_told_in_chinese_but_for_what_the_system_said() {
        let path = || PathBuf::from("/in/a.csv");
        let io = |kind: std::io::ErrorKind| Error::io(&path())(kind.into());
        let (what, cure) = (said("readings.not_utf8").to_owned(), said("readings.utf8_cure").to_owned());
        for (error, told) in [
            (io(std::io::ErrorKind::PermissionDenied), "a.csv：没有权限；请申请权限，或另选位置"),
            (io(std::io::ErrorKind::StorageFull), "a.csv：空间不足；请腾出空间，或另选位置"),
            (
                Error::io(&path())(std::io::Error::from_raw_os_error(5)),
                "a.csv：系统报告：Input/output error (os error 5)",
            ),
            (
                Error::Columns { path: path(), what: what.clone(), cure: cure.clone() },
                "a.csv：标明为文本，但其字节不是 UTF-8；请将该列导出为 UTF-8 文本，或将编号导出为整数",
            ),
            (
                Error::Cell { path: path(), row: 3, column: "kva".into(), what: what.clone(), cure },
                "a.csv，第 3 行，列 kva：标明为文本，但其字节不是 UTF-8；请将该列导出为 UTF-8 文本，或将编号导出为整数",
            ),
            (Error::Customer { customer: "A 1".into(), what }, "用户 A 1：标明为文本，但其字节不是 UTF-8"),
        ] {
            assert_eq!(tell(&error.to_string(), Text::of(Language::Zh)), told);
        }
    }
}

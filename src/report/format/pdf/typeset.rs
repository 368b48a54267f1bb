//! Typst as a library: a template and its files to a PDF, with fonts found once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime};
use typst::layout::{Frame, FrameItem, PagedDocument};
use typst::syntax::{FileId, Source, VirtualPath};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_kit::fonts::{FontSlot, Fonts as Found};
use typst_pdf::PdfOptions;

/// Families that are taken where they are installed, the best first: one face for both scripts, then
/// what Typst brings along.
const FAMILIES: [&str; 10] = [
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Noto Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
    "Noto Sans",
    "DejaVu Sans",
    "Libertinus Serif",
];

/// Characters that are named when no font has them.
const NAMED: usize = 12;

/// Why there is no PDF.
#[derive(Debug)]
pub enum Failure {
    /// No font has these characters.
    Glyphs(String),
    /// The template does not fit its data, which is a fault of peakwise.
    Template(String),
}

/// Fonts: the user's file, the system's, Typst's own.
pub struct Fonts {
    book: LazyHash<FontBook>,
    own: Vec<Font>,
    found: Vec<FontSlot>,
    library: LazyHash<Library>,
}

impl Fonts {
    /// Looks for fonts; the file's come first.
    ///
    /// # Errors
    /// When the file cannot be read or holds no font.
    pub fn find(file: Option<&Path>) -> Result<Self, String> {
        let mut own = Vec::new();
        if let Some(path) = file {
            let bytes = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
            own.extend(Font::iter(Bytes::new(bytes)));
            if own.is_empty() {
                return Err(format!("{}: no font in it", path.display()));
            }
        }
        let found = Found::searcher().include_system_fonts(true).search();
        let mut book = FontBook::new();
        own.iter().for_each(|f| book.push(f.info().clone()));
        (0..found.fonts.len()).filter_map(|i| found.book.info(i)).for_each(|info| book.push(info.clone()));
        Ok(Self { book: LazyHash::new(book), own, found: found.fonts, library: LazyHash::new(Library::default()) })
    }

    /// The families to set text in: those of the user's file, then those known to read well.
    pub fn families(&self, language: &str) -> Vec<String> {
        let mut names: Vec<String> = self.own.iter().map(|f| f.info().family.clone()).collect();
        let known = FAMILIES.iter().filter(|f| self.book.contains_family(&f.to_lowercase()));
        // English needs no face for both scripts: a Latin one reads better, and others fill in.
        let latin = |f: &&&str| language == "en" && ["Noto Sans", "DejaVu Sans", "Libertinus Serif"].contains(f);
        names.extend(known.clone().filter(latin).map(ToString::to_string));
        names.extend(known.map(ToString::to_string));
        let mut seen = BTreeSet::new();
        names.retain(|n| seen.insert(n.clone()));
        names
    }

    /// The characters that no font has, named; `None` when each has one.
    pub fn lacking(&self, characters: impl Iterator<Item = char>) -> Option<String> {
        let wanted: BTreeSet<char> = characters.collect();
        let all = || (0..self.own.len() + self.found.len()).filter_map(|i| self.book.info(i));
        let lacks = |c: &char| !all().any(|info| info.coverage.contains(*c as u32));
        named(&wanted.into_iter().filter(lacks).collect())
    }

    fn get(&self, index: usize) -> Option<Font> {
        self.own.get(index).cloned().or_else(|| self.found.get(index.checked_sub(self.own.len())?)?.get())
    }
}

/// What the template may see: itself and its files; no clock, no disk, no network.
struct Room<'a> {
    fonts: &'a Fonts,
    main: Source,
    files: BTreeMap<String, Bytes>,
}

impl World for Room<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.fonts.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.fonts.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() { Ok(self.main.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let path = id.vpath().as_rootless_path();
        let name = path.to_str().unwrap_or_default();
        self.files.get(name).cloned().ok_or_else(|| FileError::NotFound(path.to_owned()))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index)
    }

    fn today(&self, _offset: Option<i64>) -> Option<Datetime> {
        None
    }
}

/// The pages of a template; the same inputs and fonts give the same pages.
///
/// # Errors
/// When a character has no glyph in any font, or the template does not fit its data.
pub fn typeset(template: &str, files: Vec<(String, Vec<u8>)>, fonts: &Fonts) -> Result<PagedDocument, Failure> {
    let id = FileId::new(None, VirtualPath::new("/report.typ"));
    let files = files.into_iter().map(|(name, bytes)| (name, Bytes::new(bytes))).collect();
    let room = Room { fonts, main: Source::new(id, template.to_owned()), files };
    let document: PagedDocument = typst::compile(&room).output.map_err(|all| told(&all))?;
    let mut missing = BTreeSet::new();
    document.pages.iter().for_each(|page| without_glyph(&page.frame, &mut missing));
    match named(&missing) {
        Some(missing) => Err(Failure::Glyphs(missing)),
        None => Ok(document),
    }
}

/// The PDF of pages; the same pages give the same bytes.
///
/// # Errors
/// When the pages cannot be written, which is a fault of peakwise.
pub fn export(document: &PagedDocument) -> Result<Vec<u8>, Failure> {
    let pdf = typst_pdf::pdf(document, &PdfOptions::default()).map_err(|all| told(&all));
    // What one customer's layout has left in Typst's memory is of no use to the next.
    typst::comemo::evict(2);
    pdf
}

fn told(all: &[typst::diag::SourceDiagnostic]) -> Failure {
    let lines: Vec<String> = all.iter().map(|d| d.message.to_string()).collect();
    Failure::Template(lines.join("; "))
}

/// Characters in words; `None` without any.
fn named(missing: &BTreeSet<char>) -> Option<String> {
    let rest = missing.len().saturating_sub(NAMED);
    let each = missing.iter().take(NAMED).map(|c| format!("{c} (U+{:04X})", *c as u32));
    let named = each.collect::<Vec<_>>().join(", ");
    let more = if rest > 0 { format!(" and {rest} more characters") } else { String::new() };
    (!missing.is_empty()).then(|| format!("{named}{more}"))
}

/// Characters of a frame that are set with the glyph for "none".
fn without_glyph(frame: &Frame, missing: &mut BTreeSet<char>) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => without_glyph(&group.frame, missing),
            FrameItem::Text(text) => {
                let none = text.glyphs.iter().filter(|g| g.id == 0);
                missing.extend(none.filter_map(|g| text.text.get(g.range())).flat_map(str::chars));
            }
            _ => {}
        }
    }
}

//! `pdf`: a customer's report on A4, typeset by Typst inside the program. Behind the cargo feature
//! `pdf`, because it doubles the time of a build.

#[cfg(feature = "pdf")]
mod pictures;
#[cfg(feature = "pdf")]
mod typeset;
#[cfg(feature = "pdf")]
mod words;

use super::{Format, FormatOptions, Writer};
use crate::error::Result;

/// See the module.
#[derive(Debug)]
pub struct Pdf;

impl Format for Pdf {
    fn name(&self) -> &'static str {
        "pdf"
    }

    #[cfg(feature = "pdf")]
    fn open(&self, options: &FormatOptions) -> Result<Box<dyn Writer>> {
        Ok(Box::new(writer::Typesetter::new(options)?))
    }

    #[cfg(not(feature = "pdf"))]
    fn open(&self, _options: &FormatOptions) -> Result<Box<dyn Writer>> {
        Err(crate::error::Error::option(
            "--format pdf: this build of peakwise has no PDF",
            "build it with cargo build --release --features pdf, or write --format html and print the page from a browser: it is made for A4",
        ))
    }
}

#[cfg(feature = "pdf")]
mod writer {
    use super::pictures::{alone, characters};
    use super::typeset::{Failure, Fonts, export, typeset};
    use super::words::words;
    use super::{FormatOptions, Result, Writer};
    use crate::error::Error;
    use crate::report::customer::{View, pictures};
    use crate::report::format::Source;
    use typst::layout::PagedDocument;

    /// How the report is laid out.
    const TEMPLATE: &str = include_str!("../../../../templates/report.typ");

    /// Typesets with the fonts found.
    pub struct Typesetter {
        fonts: Fonts,
    }

    impl Typesetter {
        /// Looks for fonts.
        pub fn new(options: &FormatOptions) -> Result<Self> {
            let cure = "give a TrueType or OpenType file or collection (.ttf, .otf, .ttc)";
            let fonts =
                Fonts::find(options.font.as_deref()).map_err(|e| Error::option(format!("--font: {e}"), cure))?;
            Ok(Self { fonts })
        }
    }

    fn no_glyph(missing: &str) -> Error {
        Error::option(
            format!("--format pdf: no font has {missing}"),
            "install one (Debian: apt-get install fonts-noto-cjk or fonts-wqy-microhei), or name its file with --font",
        )
    }

    fn failed(source: &Source<'_>, why: Failure) -> Error {
        match why {
            Failure::Glyphs(missing) => no_glyph(&missing),
            Failure::Template(what) => source.fault(format!("PDF: {what}")),
        }
    }

    impl Writer for Typesetter {
        fn customer(&self, source: &Source<'_>) -> Result<Vec<u8>> {
            export(&self.pages(source)?).map_err(|why| failed(source, why))
        }
    }

    impl Typesetter {
        /// The report's pages.
        pub fn pages(&self, source: &Source<'_>) -> Result<PagedDocument> {
            let report = source.report()?;
            let logo = source.context.brand.logo.as_ref();
            let families = self.fonts.families(source.context.language.code());
            let pictures = pictures(&View::new(source.analysis, source.context))?;
            let drawn: Vec<String> = pictures.iter().map(|p| alone(p, &families)).collect();
            let lacking = self.fonts.lacking(drawn.iter().flat_map(|svg| characters(svg)));
            if let Some(missing) = lacking {
                return Err(no_glyph(&missing));
            }
            let words = words(report, source.context, &families, &pictures);
            let json = |v: serde_json::Result<Vec<u8>>| v.map_err(|e| source.fault(e));
            let mut files = vec![
                ("report.json".to_owned(), json(serde_json::to_vec(report))?),
                ("words.json".to_owned(), json(serde_json::to_vec(&words))?),
            ];
            files.extend(logo.map(|l| (super::words::logo_name(l).to_owned(), l.bytes.to_vec())));
            files.extend(drawn.into_iter().enumerate().map(|(i, svg)| (format!("{i}.svg"), svg.into_bytes())));
            typeset(TEMPLATE, files, &self.fonts).map_err(|why| failed(source, why))
        }
    }
}

#[cfg(all(test, feature = "pdf"))]
mod tests;

use super::*;
use crate::analysis::Outcome;
use crate::report::format::Source;
use crate::report::sample::{self, Sample};
use crate::report::{Brand, Language, Logo, LogoKind};
use std::path::PathBuf;
use std::sync::Arc;

fn pdf(sample: &Sample, language: Language, options: &FormatOptions) -> Result<Vec<u8>> {
    let a = sample::analysis(sample);
    let mut ctx = sample::context(sample, &a, language);
    let png = include_bytes!("../../../../tests/browser/logo.png");
    let logo = Some(Logo { bytes: png.as_slice().into(), kind: LogoKind::Png });
    ctx.brand = Arc::new(Brand { organisation: Some("Peak & Sons".into()), logo, ..Brand::default() });
    let outcome = Outcome::ok(a);
    let writer = Pdf.open(options)?;
    let bytes = writer.customer(&Source::new(&outcome, &ctx).unwrap())?;
    if let Some(dir) = std::env::var_os("PEAKWISE_PAGES") {
        std::fs::write(PathBuf::from(dir).join(format!("customer-{}.pdf", language.code())), &bytes).unwrap();
    }
    Ok(bytes)
}

/// The sample's tariff has Chinese names: both languages need a Chinese font. Debian's
/// fonts-wqy-microhei is what the checks install.
#[test]
fn a_report_is_set_with_the_systems_fonts_and_the_same_bytes_each_time() {
    let options = FormatOptions::default();
    for language in Language::ALL {
        let first = pdf(&Sample::default(), language, &options).unwrap();
        assert!(first.starts_with(b"%PDF-") && first.len() > 20_000, "{} bytes", first.len());
        assert_eq!(first, pdf(&Sample::default(), language, &options).unwrap());
    }
}

#[test]
fn customers_with_little_have_a_report_too() {
    let full = Sample::default();
    for sample in [
        Sample { tariff: false, reactive: false, ..full.clone() },
        Sample { gap_days: 0..400, tariff: false, ..full.clone() },
        Sample { advice: false, days: 31, gap_days: 0..0, ..full },
    ] {
        pdf(&sample, Language::Zh, &FormatOptions::default()).unwrap();
    }
}

#[test]
fn a_file_that_is_no_font_is_named_with_the_cure() {
    let font = Some(PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")));
    let message = pdf(&Sample::default(), Language::En, &FormatOptions { font }).unwrap_err().to_string();
    assert!(message.contains("Cargo.toml") && message.contains(".ttf"), "{message}");
}

#[test]
fn a_character_without_a_glyph_is_an_error_that_names_the_package() {
    let fonts = typeset::Fonts::find(None).unwrap();
    // A character of Unicode's private use, which no font of text has.
    let failure = typeset::typeset("#text[\u{F8D7}]", Vec::new(), &fonts).unwrap_err();
    assert!(matches!(&failure, typeset::Failure::Glyphs(c) if c.contains('\u{F8D7}')), "{failure:?}");
}

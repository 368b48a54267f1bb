use super::*;
use crate::analysis::Outcome;
use crate::report::format::Source;
use crate::report::sample::{self, Sample};
use crate::report::{Brand, Language, Logo, LogoKind};
use std::path::PathBuf;
use std::sync::Arc;

fn pdf(sample: &Sample, language: Language, options: &FormatOptions) -> Result<Vec<u8>> {
    let mut a = sample::analysis(sample);
    if sample.checked {
        sample::check(&mut a);
    }
    let mut ctx = sample::context(sample, &a, language);
    let png = include_bytes!("../../../../tests/browser/logo.png");
    let logo = Some(Logo { bytes: png.as_slice().into(), kind: LogoKind::Png });
    ctx.brand = Arc::new(Brand { organisation: Some("Peak & Sons".into()), logo, ..(*ctx.brand).clone() });
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
    let full = Sample { checked: true, ..Sample::default() };
    for language in Language::ALL {
        let first = pdf(&full, language, &options).unwrap();
        assert!(first.starts_with(b"%PDF-") && first.len() > 20_000, "{} bytes", first.len());
        assert_eq!(first, pdf(&full, language, &options).unwrap());
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

#[test]
fn a_picture_stands_alone_with_the_styles_colours() {
    let sample = Sample { checked: true, ..Sample::default() };
    let mut a = sample::analysis(&sample);
    sample::check(&mut a);
    let ctx = sample::context(&sample, &a, Language::Zh);
    let all = crate::report::customer::pictures(&crate::report::customer::View::new(&a, &ctx)).unwrap();
    assert!(all.len() > 15, "{} pictures", all.len());
    for section in ["answer", "usage", "peaks", "bill", "actions"] {
        assert!(all.iter().any(|p| p.section == section), "{section} has a picture");
    }
    for picture in &all {
        let svg = pictures::alone(picture, &["WenQuanYi Micro Hei".into()]);
        assert!(
            svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>") && !svg.contains("var(--"),
            "{}",
            picture.caption
        );
        assert!(pictures::characters(&svg).count() > 0, "{}", picture.caption);
    }
    assert_eq!(pictures::color("now"), "#0b5a9d");
}

use super::*;
use crate::analysis::Outcome;
use crate::report::Text;
use crate::report::format::Source;
use crate::report::sample::{self, Sample};
use crate::report::{Brand, Language, Logo, LogoKind};
use crate::rule::Audience;
use forbidden::{INTERNAL, banned};
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use typst::layout::{Frame, FrameItem, PagedDocument};
use typst::model::Destination;
use typst::visualize::ImageKind;

#[path = "../../../../tests/forbidden.rs"]
mod forbidden;

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

/// A report of a customer with internal facts, issued bills and a schedule: its pages and its bytes.
fn told((id, name): (&str, &str), language: Language, audience: Audience) -> (PagedDocument, Vec<u8>) {
    let sample = Sample { checked: true, ..Sample::default() };
    let mut a = sample::analysis(&sample);
    sample::check(&mut a);
    let mut customer = (*a.customer).clone();
    (customer.id, customer.name) = (id.into(), Some(name.to_owned()));
    let fact = |column: &str| INTERNAL.iter().find(|i| i.0 == column).map(|i| i.1.to_owned());
    customer.value_class = fact("value_class");
    customer.risk_class = fact("risk_class");
    customer.opinion_class = fact("opinion_class");
    customer.arrears_days = fact("arrears_days").and_then(|d| d.parse().ok());
    customer.manager = fact("manager");
    a.customer = Arc::new(customer);
    let ctx = crate::report::PageContext { audience, ..sample::context(&sample, &a, language) };
    let outcome = Outcome::ok(a);
    let source = Source::new(&outcome, &ctx).unwrap();
    let typesetter = writer::Typesetter::new(&FormatOptions::default()).unwrap();
    let pages = typesetter.pages(&source).unwrap();
    (pages, typesetter.customer(&source).unwrap())
}

/// Everything that a reader sees or a link leads to: texts, pictures with their texts, addresses.
fn seen(frame: &Frame, out: &mut String) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => seen(&group.frame, out),
            FrameItem::Text(text) => out.push_str(&text.text),
            FrameItem::Image(image, ..) => {
                out.push_str(image.alt().unwrap_or_default());
                if let ImageKind::Svg(svg) = image.kind() {
                    out.push_str(&String::from_utf8_lossy(svg.data()));
                }
            }
            FrameItem::Link(Destination::Url(url), _) => out.push_str(url.as_str()),
            FrameItem::Link(..) | FrameItem::Shape(..) | FrameItem::Tag(_) => {}
        }
        out.push('\n');
    }
}

/// The file's own words: metadata, outline, alternative texts, annotations. Streams are inflated.
fn inflated(pdf: &[u8]) -> Vec<u8> {
    let find =
        |from: usize, word: &[u8]| pdf.get(from..)?.windows(word.len()).position(|w| w == word).map(|at| from + at);
    let (mut out, mut from) = (pdf.to_vec(), 0);
    while let Some(start) = find(from, b"stream\n") {
        let start = start + b"stream\n".len();
        let end = find(start, b"endstream").unwrap_or(pdf.len());
        let mut stream = Vec::new();
        // What is no deflated stream is in the output as it is.
        if flate2::read::ZlibDecoder::new(&pdf[start..end]).read_to_end(&mut stream).is_ok() {
            out.extend(stream);
        }
        from = end + b"endstream".len();
    }
    out
}

/// Whether bytes of a PDF hold a word, in one of the ways in which a PDF writes strings.
fn holds(bytes: &[u8], word: &str) -> bool {
    let wide: Vec<u8> = word.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let hex: String = wide.iter().map(|b| format!("{b:02X}")).collect();
    [word.as_bytes(), wide.as_slice(), hex.as_bytes()].iter().any(|w| bytes.windows(w.len()).any(|b| b == *w))
}

const OWN: (&str, &str) = ("4200000110883", "Egret Foundry");
const OTHER: (&str, &str) = ("4200000047531", "Heron Data Centre");

/// The same list as for the other forms, in what is seen and in what the file says beside it.
#[test]
fn a_customers_file_holds_nothing_internal_and_nobody_else() {
    for language in Language::ALL {
        let text = Text::of(language);
        let mut words = banned(|key| text.get(key).unwrap_or_default().to_owned());
        // The sample's internal advice and findings.
        words.extend(["R18", "V13"].map(ToOwned::to_owned));
        for (own, other) in [(OWN, OTHER), (OTHER, OWN)] {
            let (pages, bytes) = told(own, language, Audience::Customer);
            let mut told = String::new();
            pages.pages.iter().for_each(|page| seen(&page.frame, &mut told));
            let file = inflated(&bytes);
            assert!(told.contains(own.0) && told.contains(own.1), "{}", told.len());
            assert!(holds(&file, own.1), "the title names the customer");
            for word in words.iter().map(String::as_str).chain([other.0, other.1]) {
                assert!(!word.is_empty() && !told.contains(word), "{} in {language:?} shows {word:?}", own.0);
                assert!(!holds(&file, word), "{} in {language:?} says {word:?}", own.0);
            }
            for action in ["/URI", "/Launch", "/GoToR", "/EmbeddedFile", "/JavaScript"] {
                assert!(!holds(&file, action), "{} in {language:?} leads out by {action}", own.0);
            }
        }
    }
}

/// What the test above looks for is found where it stands.
#[test]
fn the_staffs_file_holds_what_is_internal() {
    let (pages, bytes) = told(OWN, Language::Zh, Audience::Internal);
    let mut told = String::new();
    pages.pages.iter().for_each(|page| seen(&page.frame, &mut told));
    let text = Text::of(Language::Zh);
    for word in INTERNAL.map(|i| i.1).into_iter().chain([text.t("page.internal"), "R18", "V13"]) {
        assert!(told.contains(word), "{word}");
    }
    // A heading stands in the file's outline, which is where strings of a PDF are looked for.
    assert!(holds(&inflated(&bytes), text.t("answer.title")));
    let link = typeset::typeset(
        "#link(\"https://example.com/index.html\")[a]",
        Vec::new(),
        &typeset::Fonts::find(None).unwrap(),
    );
    assert!(holds(&inflated(&typeset::export(&link.unwrap()).unwrap()), "/URI"));
}

//! The page's pictures as SVG files that stand alone: the style sheet's rules for pictures go inside, with
//! the colours of the light theme.

use crate::report::customer::Picture;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::LazyLock;

const STYLE: &str = include_str!("../../../../templates/style.css");
/// Where the rules for pictures begin and end.
const PART: (&str, &str) = ("svg { fill", "@media screen and (max-width");

/// Colours by name, of the light theme.
static COLORS: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| {
    let root = STYLE.split_once(":root {").and_then(|(_, s)| s.split_once('}')).map_or("", |(s, _)| s);
    let pairs = root.split(';').filter_map(|p| p.trim().strip_prefix("--")?.split_once(": "));
    pairs.collect()
});

/// The rules for pictures with their colours.
static RULES: LazyLock<String> = LazyLock::new(|| {
    let start = STYLE.find(PART.0).unwrap_or_default();
    let end = STYLE.find(PART.1).unwrap_or(STYLE.len());
    let rules = STYLE.get(start..end).unwrap_or_default();
    // 650 is no weight of SVG 1.1.
    let rules = rules.replace("font-weight: 650", "font-weight: bold");
    COLORS.iter().fold(rules, |s, (name, color)| s.replace(&format!("var(--{name})"), color))
});

/// A colour of the style sheet; black when it has none of that name.
pub fn color(name: &str) -> &'static str {
    COLORS.get(name).copied().unwrap_or("#000")
}

/// A picture that stands alone, with its texts in these families.
pub fn alone(picture: &Picture, families: &[String]) -> String {
    let mut names = String::new();
    for family in families {
        // Writing to a string cannot fail.
        let _ = write!(names, "'{family}', ");
    }
    let inner = picture.svg.strip_prefix("<svg ").unwrap_or(&picture.svg);
    let (attributes, rest) = inner.split_once('>').unwrap_or((inner, ""));
    let rules = &*RULES;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" font-family=\"{names}sans-serif\" {attributes}><style>{rules}</style>{rest}"
    )
}

/// The characters of a picture's texts.
pub fn characters(svg: &str) -> impl Iterator<Item = char> {
    let texts = svg.split("<text").skip(1).filter_map(|t| t.split_once('>')?.1.split_once('<').map(|(text, _)| text));
    texts.flat_map(str::chars).filter(|c| !c.is_whitespace())
}

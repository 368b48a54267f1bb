//! What pages carry for their scripts: data that cannot end its element, and hashes for the policy.

use crate::error::{Error, Result};
use base64::Engine;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::io::Write;

/// A value as JSON that is safe inside a script element.
///
/// # Errors
/// When the value has no JSON form.
pub fn json(value: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string(value)
        .map_err(|e| Error::option(format!("page data: {e}"), "report this with the version"))?;
    Ok(text.replace('<', "\\u003c").replace('&', "\\u0026"))
}

/// A script's hash as a content security policy names it.
#[must_use]
pub fn policy_hash(script: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(Sha256::digest(script))
}

/// A number in a page's data: as short as JSON has it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Number {
    /// Whole.
    Whole(i64),
    /// With decimals.
    Real(f64),
}

/// A value with the digits that [`super::Numbers::auto`] shows of it; `None` when it is not finite.
#[must_use]
pub fn short(value: f64) -> Option<Number> {
    let scale = match value.abs() {
        v if v >= 99.95 => 1.0,
        v if v >= 9.995 => 10.0,
        v if v >= 0.9995 => 100.0,
        _ => 1000.0,
    };
    rounded(value, scale)
}

/// A value rounded to whole parts of 1/`scale`; `None` when it is not finite.
#[must_use]
pub fn rounded(value: f64, scale: f64) -> Option<Number> {
    let value = (value * scale).round() / scale;
    let whole = value.fract() == 0.0 && value.abs() < 1e15;
    let number = if whole { Number::Whole(value as i64) } else { Number::Real(value) };
    value.is_finite().then_some(number)
}

/// A script without its comment lines and indentation.
#[must_use]
pub fn bare(script: &str) -> String {
    let lines = script.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// A script, deflated and in base64: half its size. The page inflates it and the policy names the
/// hash of the original, so nothing else can run in its place.
#[must_use]
pub fn packed(script: &str) -> String {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    // Writing to memory cannot fail.
    let bytes = encoder.write_all(script.as_bytes()).and_then(|()| encoder.finish()).unwrap_or_default();
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn data_cannot_end_its_element() -> Result<()> {
        assert_eq!(json(&["</script>&"])?, r#"["\u003c/script>\u0026"]"#);
        Ok(())
    }

    #[test]
    fn a_value_keeps_three_figures_and_all_whole_digits() -> Result<()> {
        let values = [1234.56, 156.7, 56.78, 5.678, 0.56789, -0.0].map(short);
        assert_eq!(json(&values)?, "[1235,157,56.8,5.68,0.568,0]");
        assert_eq!(short(f64::NAN), None);
        Ok(())
    }

    #[test]
    fn a_packed_script_inflates_to_itself() {
        let script = "const a = 1; // 数\n".repeat(50);
        let bytes = base64::engine::general_purpose::STANDARD.decode(packed(&script)).unwrap();
        let mut back = String::new();
        flate2::read::DeflateDecoder::new(bytes.as_slice()).read_to_string(&mut back).unwrap();
        assert_eq!(back, script);
        assert!(bytes.len() < script.len() / 2);
    }
}

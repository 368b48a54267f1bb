//! Who sends the reports: organisation, logo, contact and foreword, from a TOML file.

use crate::error::{Error, Result};
use base64::Engine;
use serde::Deserialize;
use std::path::Path;
use std::sync::Arc;

/// Bytes of a logo at most: a customer's page must stay light (judgement: a logo of 600 px is 10–30 kB).
const LOGO_LIMIT: usize = 60_000;

/// A picture format of logos that every form can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogoKind {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
}

/// A logo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// The file's bytes.
    pub bytes: Arc<[u8]>,
    /// What they are.
    pub kind: LogoKind,
}

impl Logo {
    /// The bytes as an address for a page.
    #[must_use]
    pub fn data_uri(&self) -> String {
        let kind = match self.kind {
            LogoKind::Png => "png",
            LogoKind::Jpeg => "jpeg",
        };
        format!("data:image/{kind};base64,{}", base64::engine::general_purpose::STANDARD.encode(&self.bytes))
    }
}

/// Who sends the reports; without a file nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Brand {
    /// Organisation.
    pub organisation: Option<String>,
    /// Whom to ask.
    pub person: Option<String>,
    /// Their telephone.
    pub phone: Option<String>,
    /// A few sentences before the answer.
    pub foreword: Option<String>,
    /// Logo.
    pub logo: Option<Logo>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    organisation: Option<String>,
    logo: Option<String>,
    foreword: Option<String>,
    #[serde(default)]
    contact: Contact,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contact {
    person: Option<String>,
    phone: Option<String>,
}

impl Brand {
    /// Reads a brand file; its logo's path is relative to it.
    ///
    /// # Errors
    /// When a file cannot be read, a key is unknown, or the logo is no PNG or JPEG or too large.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(Error::io(path))?;
        let cure = "keys are organisation, logo, foreword, and person and phone under [contact]";
        let wrong = |e: toml::de::Error| Error::option(format!("{}: {e}", path.display()), cure);
        let file: File = toml::from_str(&text).map_err(wrong)?;
        let said = |s: Option<String>| s.map(|s| s.trim().to_owned()).filter(|s| !s.is_empty());
        let logo = |name: String| read_logo(&path.parent().unwrap_or(Path::new(".")).join(name));
        Ok(Self {
            organisation: said(file.organisation),
            person: said(file.contact.person),
            phone: said(file.contact.phone),
            foreword: said(file.foreword),
            logo: file.logo.map(logo).transpose()?,
        })
    }

    /// Person and telephone in one line; `None` without either.
    #[must_use]
    pub fn contact(&self) -> Option<String> {
        let parts: Vec<&str> = [&self.person, &self.phone].into_iter().flatten().map(String::as_str).collect();
        (!parts.is_empty()).then(|| parts.join(" · "))
    }
}

fn read_logo(path: &Path) -> Result<Logo> {
    let bytes = std::fs::read(path).map_err(Error::io(path))?;
    let kind = match bytes.as_slice() {
        [0x89, b'P', b'N', b'G', ..] => LogoKind::Png,
        [0xFF, 0xD8, 0xFF, ..] => LogoKind::Jpeg,
        _ => return Err(Error::option(format!("{}: neither PNG nor JPEG", path.display()), "save the logo as PNG")),
    };
    if bytes.len() > LOGO_LIMIT {
        let what = format!("{}: {} bytes; every page carries it", path.display(), bytes.len());
        return Err(Error::option(what, format!("scale the logo to at most {LOGO_LIMIT} bytes")));
    }
    Ok(Logo { bytes: bytes.into(), kind })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Brand> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("brand.toml");
        std::fs::write(&path, text).unwrap();
        std::fs::write(dir.path().join("logo.png"), b"\x89PNG\r\n").unwrap();
        std::fs::write(dir.path().join("logo.svg"), "<svg/>").unwrap();
        std::fs::write(dir.path().join("large.jpg"), [&[0xFF, 0xD8, 0xFF][..], &[0; LOGO_LIMIT]].concat()).unwrap();
        Brand::read(&path)
    }

    #[test]
    fn a_brand_file_is_read_with_the_logo_beside_it() -> Result<()> {
        let brand =
            read("organisation = \"云岭供电\"\nlogo = \"logo.png\"\nforeword = \" \"\n[contact]\nphone = \"95598\"\n")?;
        assert_eq!((brand.organisation.as_deref(), brand.contact().as_deref()), (Some("云岭供电"), Some("95598")));
        assert_eq!(brand.foreword, None);
        assert!(brand.logo.unwrap().data_uri().starts_with("data:image/png;base64,iVBOR"));
        assert_eq!(read("")?, Brand::default());
        Ok(())
    }

    #[test]
    fn a_wrong_file_is_named_with_its_cure() {
        let message = |text: &str| read(text).unwrap_err().to_string();
        for (text, parts) in [
            ("colour = 1", ["brand.toml", "colour", "keys are organisation"]),
            ("logo = \"logo.svg\"", ["logo.svg", "neither PNG nor JPEG", "save the logo as PNG"]),
            ("logo = \"large.jpg\"", ["large.jpg", "bytes", "scale the logo"]),
            ("logo = \"none.png\"", ["none.png", "no such file", "look for a slip"]),
        ] {
            let message = message(text);
            assert!(parts.iter().all(|p| message.contains(p)), "{message}");
        }
    }
}

//! `json`: the whole report under the schema of `docs/report.schema.json`.

use super::{Format, FormatOptions, Source, Writer};
use crate::error::Result;

/// See the module.
#[derive(Debug)]
pub struct Json;

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn open(&self, _options: &FormatOptions) -> Result<Box<dyn Writer>> {
        Ok(Box::new(Self))
    }
}

impl Writer for Json {
    fn customer(&self, source: &Source<'_>) -> Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec(source.report()?).map_err(|e| source.fault(e))?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

//! `html`: self-contained pages.

use super::{Format, FormatOptions, Source, Writer};
use crate::error::Result;
use crate::report::{FleetContext, FleetRow, customer_page, fleet_page};

/// See the module.
#[derive(Debug)]
pub struct Html;

impl Format for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn open(&self, _options: &FormatOptions) -> Result<Box<dyn Writer>> {
        Ok(Box::new(Self))
    }
}

impl Writer for Html {
    fn customer(&self, source: &Source<'_>) -> Result<Vec<u8>> {
        customer_page(source.analysis, source.context).map(String::into_bytes)
    }

    fn fleet(&self, rows: &[FleetRow], ctx: &FleetContext) -> Result<Option<(&'static str, Vec<u8>)>> {
        Ok(Some(("index.html", fleet_page(rows, ctx)?.into_bytes())))
    }
}

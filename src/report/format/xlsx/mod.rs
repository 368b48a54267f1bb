//! `xlsx`: workbooks, one a customer and one of the fleet. Where a person would want to change a
//! number – a price, a quantity, a cost – amounts are formulas; their stored results are the tables'.

mod advice;
mod checks;
mod customer;
mod fleet;
mod sheet;

use super::{Format, FormatOptions, Source, Writer};
use crate::error::{Error, Result};
use crate::report::{Brand, FleetContext, FleetRow};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

/// See the module.
#[derive(Debug)]
pub struct Xlsx;

impl Format for Xlsx {
    fn name(&self) -> &'static str {
        "xlsx"
    }

    fn open(&self, _options: &FormatOptions) -> Result<Box<dyn Writer>> {
        Ok(Box::new(Self))
    }
}

impl Writer for Xlsx {
    fn customer(&self, source: &Source<'_>) -> Result<Vec<u8>> {
        customer::workbook(source.report()?, source.context).map_err(|e| source.fault(e))
    }

    fn fleet(&self, rows: &[FleetRow], ctx: &FleetContext) -> Result<Option<(&'static str, Vec<u8>)>> {
        let wrong = |e: XlsxError| Error::option(format!("fleet.xlsx: {e}"), "report this with the version");
        fleet::workbook(rows, ctx).map(|bytes| Some(("fleet.xlsx", bytes))).map_err(wrong)
    }
}

/// An empty workbook. Its date is the day of the run, so that the same run gives the same bytes.
fn empty(title: &str, brand: &Brand, run_date: &str) -> Result<Workbook, XlsxError> {
    let mut book = Workbook::new();
    let mut properties = DocProperties::new()
        .set_title(title)
        .set_comment(concat!("peakwise ", env!("CARGO_PKG_VERSION")))
        .set_creation_datetime(&ExcelDateTime::parse_from_str(run_date)?);
    if let Some(organisation) = &brand.organisation {
        properties = properties.set_author(organisation).set_company(organisation);
    }
    book.set_properties(&properties);
    Ok(book)
}

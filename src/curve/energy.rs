//! Energies of a load: import, export and reactive.

use super::{Load, sum, sum_abs};
use std::borrow::Cow;
use std::ops::Range;

impl Load {
    /// Imported kW of one interval: net plus metered export, never below 0.
    #[must_use]
    pub fn import_kw(&self, index: usize) -> f64 {
        let net = self.channels.kw[index];
        let export = self.channels.export_kw.as_ref().map_or(0.0, |e| e[index]);
        (net + export).max(0.0)
    }

    /// Exported kW of one interval.
    #[must_use]
    pub fn export_kw(&self, index: usize) -> f64 {
        match &self.channels.export_kw {
            Some(e) => e[index],
            None => (-self.channels.kw[index]).max(0.0),
        }
    }

    /// Imported kWh of a range of intervals; estimates excluded.
    #[must_use]
    pub fn import_kwh(&self, range: Range<usize>) -> f64 {
        let kw = &self.channels.kw[range.clone()];
        let sum = match &self.channels.export_kw {
            Some(e) => kw.iter().zip(&e[range]).map(|(k, e)| (k + e).max(0.0)).sum(),
            None if self.has_export() => kw.iter().map(|k| k.max(0.0)).sum(),
            None => sum(kw),
        };
        sum * self.interval().hours()
    }

    /// Exported kWh of a range of intervals; `None` when the load never exports.
    #[must_use]
    pub fn export_kwh(&self, range: Range<usize>) -> Option<f64> {
        let kw = match &self.channels.export_kw {
            Some(e) => sum(&e[range]),
            None if self.has_export() => self.channels.kw[range].iter().map(|k| (-k).max(0.0)).sum(),
            None => return None,
        };
        Some(kw * self.interval().hours())
    }

    /// Reactive power of a range in kvar, lagging less leading: what apparent power is made with; `None`
    /// without reactive data.
    #[must_use]
    pub fn net_kvar(&self, range: Range<usize>) -> Option<Cow<'_, [f64]>> {
        let lag = self.channels.kvar.as_ref()?.get(range.clone())?;
        Some(match self.channels.kvar_lead.as_ref().and_then(|l| l.get(range)) {
            None => Cow::Borrowed(lag),
            Some(lead) => Cow::Owned(lag.iter().zip(lead).map(|(lag, lead)| lag - lead).collect()),
        })
    }

    /// kvarh of a range, Σ|lag| + Σ|lead|, over intervals whose active reading is valid; `None`
    /// without reactive data.
    #[must_use]
    pub fn kvarh(&self, range: Range<usize>) -> Option<f64> {
        let lag = self.channels.kvar.as_ref()?;
        let mut kvar: f64 = sum_abs(&lag[range.clone()]);
        if let Some(lead) = &self.channels.kvar_lead {
            kvar += sum_abs(&lead[range]);
        }
        Some(kvar * self.interval().hours())
    }
}

//! Tariffs and loads that tests share.

use super::{Compiled, Supply, Tariff};
use crate::curve::{Channels, Days, Load, Placement, PowerKind, REACTIVE, VALID};
use crate::error::Result;
use crate::time::{Date, DstLabels, Interval, Zone};
use std::path::Path;
use std::sync::Arc;

/// One band at 0.5 all day.
pub(crate) const FLAT: &str = r#"
id = "flat"
name = "Flat"
currency = "CNY"
source = "invented for tests"
verified = "illustrative"
effective_from = "2020-01-01"
effective_to = "2030-12-31"
[[band]]
name = "all"
period = "flat"
components = [{ name = "energy", price = 0.5 }]
[[schedule]]
windows = { all = ["00:00-24:00"] }
"#;

/// Bands `high` (1.0, peak; 0) and `low` (0.25, flat; 1), without a schedule.
pub(crate) const TWO_BANDS: &str = r#"
id = "two"
name = "Two bands"
currency = "CNY"
source = "invented for tests"
verified = "illustrative"
effective_from = "2020-01-01"
effective_to = "2030-12-31"
calendar = "cn"
[[band]]
name = "high"
period = "peak"
components = [{ name = "energy", price = 1.0 }]
[[band]]
name = "low"
period = "flat"
components = [{ name = "energy", price = 0.25 }]
"#;

pub(crate) fn parse(text: &str) -> Result<Tariff> {
    Tariff::parse(Path::new("test.toml"), text)
}

pub(crate) fn compiled(text: &str, interval: Interval) -> Compiled {
    Compiled::new(Arc::new(parse(text).unwrap()), interval, None).unwrap()
}

pub(crate) fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// Where and when a test's load is.
pub(crate) struct At<'a> {
    pub(crate) zone: &'a str,
    pub(crate) interval: Interval,
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
}

pub(crate) const JANUARY: At<'_> =
    At { zone: "Asia/Shanghai", interval: Interval::M15, from: "2026-01-01", to: "2026-01-31" };

impl At<'_> {
    pub(crate) fn days(&self) -> Days {
        let zone = Arc::new(Zone::new(self.zone, DstLabels::Repeat).unwrap());
        Days::new(zone, self.interval, date(self.from), date(self.to))
    }

    /// A load with kW by interval index and, where given, kvar by interval index.
    pub(crate) fn load(&self, kw: impl Fn(usize) -> f64, kvar: Option<f64>) -> Load {
        let days = self.days();
        let n = days.len_intervals();
        let channels = Channels {
            kw: (0..n).map(kw).collect(),
            export_kw: None,
            kvar: kvar.map(|k| vec![k; n]),
            kvar_lead: None,
            flags: vec![if kvar.is_some() { VALID | REACTIVE } else { VALID }; n],
        };
        Load::new(days, 0..n, channels, Placement::default(), PowerKind::Mean)
    }
}

/// A load with some intervals without reading.
pub(crate) fn without(load: &Load, indices: &[usize]) -> Load {
    load.clone().invalidated(indices)
}

pub(crate) fn supply(id: &str, load: Load) -> Supply {
    Supply { id: id.into(), load }
}

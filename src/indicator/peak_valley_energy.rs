//! 峰谷电量比: peak-to-valley energy ratio.

use super::{Indicator, View};

/// Energy in peak and sharp over energy in valley and deep.
#[derive(Debug)]
pub struct PeakValleyEnergy;

impl Indicator for PeakValleyEnergy {
    fn code(&self) -> &'static str {
        "peak_valley_energy"
    }

    fn unit(&self) -> &'static str {
        ""
    }

    fn card(&self) -> &'static str {
        include_str!("peak_valley_energy.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        let [sharp, peak, _, valley, deep] = view.band_shares()?;
        (valley + deep > 0.0).then(|| (sharp + peak) / (valley + deep))
    }
}

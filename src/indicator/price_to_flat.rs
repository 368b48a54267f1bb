//! 平均电价与平段电价比: average energy price over the flat price.

use super::{Indicator, View};

/// Average energy price over the price of the flat period.
#[derive(Debug)]
pub struct PriceToFlat;

impl Indicator for PriceToFlat {
    fn code(&self) -> &'static str {
        "price_to_flat"
    }

    fn unit(&self) -> &'static str {
        ""
    }

    fn card(&self) -> &'static str {
        include_str!("price_to_flat.md")
    }

    fn value(&self, view: &View<'_>) -> Option<f64> {
        let shares = view.band_shares()?;
        let prices = view.of.bands?.price;
        let flat = prices[2].filter(|p| *p > 0.0)?;
        let mut average = 0.0;
        for (share, price) in shares.into_iter().zip(prices).filter(|(share, _)| *share > 0.0) {
            average += share * price?;
        }
        Some(average / flat)
    }
}

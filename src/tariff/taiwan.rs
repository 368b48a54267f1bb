//! Taiwan's shipped tariffs by hand: a month outside summer and one in it.
//!
//! Hours were counted from the price table: January 2026 has 22 weekdays, 5 Saturdays and 4 Sundays,
//! August 21, 5 and 5; the shipped files list no holidays. A household takes 5 kW throughout, 3720 kWh;
//! others 120 kW under a contract of 100 kW, billed as 100 + 2 × 10 + 3 × 10 = 150 kW.

use super::testkit::{At, supply};
use super::{Compiled, Tariff, Terms, bill};
use crate::customer::{BillingMode, Contract};
use crate::time::Interval;
use crate::units::Kw;
use std::sync::Arc;

/// Id without its beginning, January and August in TWD.
const BILLS: &[(&str, &str, &str)] = &[
    // Tiers by month, 3720 kWh: August 213.60 + 535.50 + 646.00 + 1028.00 + 1932.00 + 2720 × 8.86.
    ("residential-non-tou", "22770.90", "28454.30"),
    ("lighting-non-business-tiered", "22770.90", "28454.30"),
    // August 330 × 2.71 + 370 × 3.76 + 800 × 4.46 + 1500 × 7.08 + 720 × 7.43.
    ("lighting-business-tiered", "17325.00", "21823.10"),
    // August 315 h at peak: 1575 kWh × 5.16, 2145 × 2.06, 1720 above 2000 kWh × 1.04, and 75.
    ("residential-simple-2-tier", "14117.60", "14409.50"),
    // August 126 h at peak, 189 h between: 630 × 7.13 + 945 × 4.69 + 2145 × 2.06 + 1720 × 1.04 + 75.
    ("residential-simple-3-tier", "14615.90", "15206.45"),
    // August 315 h × 120 kW × 5.54, Saturdays 75 h × 2.76, 354 h × 2.27; 150 kW × 236.2; 262.50.
    ("lighting-standard-2-tier", "350998.50", "366374.10"),
    // August 126 h × 8.12, 189 h × 5.02, 75 h × 2.50, 354 h × 2.23; 150 kW × 236.2; 262.50.
    ("lighting-standard-3-tier", "326540.10", "389550.90"),
    // August 744 h × 120 kW × 4.08; 150 kW × 236.2.
    ("low-voltage-power", "371493.60", "399692.40"),
    ("low-voltage-2-tier", "350998.50", "366374.10"),
    ("low-voltage-three-stage", "326540.10", "389550.90"),
    // August 126 h × 12.47, 618 h × 3.05; 150 kW × 47.2; 262.50.
    ("low-voltage-ev", "410726.10", "422076.90"),
    // August 315 h × 6.75, 75 h × 2.77, 354 h × 2.71; 150 kW × 223.6.
    ("high-voltage-power", "400219.80", "428740.80"),
    ("high-voltage-2-tier", "400219.80", "428740.80"),
    // August 126 h × 9.39, 189 h × 5.85, 75 h × 2.60, 354 h × 2.53; 150 kW × 223.6.
    ("high-voltage-three-stage", "357714.60", "439069.20"),
    // August 126 h × 12.47, 30 h × 3.26, 588 h × 3.18; 150 kW × 223.6.
    ("high-voltage-batch", "423727.80", "458203.20"),
    ("high-voltage-ev", "390189.80", "400973.06"),
    ("extra-high-voltage-power", "368444.40", "398715.00"),
    ("extra-high-voltage-2-tier", "368444.40", "398715.00"),
    ("extra-high-voltage-three-stage", "332750.40", "410458.20"),
    ("extra-high-voltage-batch", "392038.80", "428062.20"),
];

#[test]
fn every_plan_of_taiwan_is_billed_as_by_hand() {
    for (id, january, august) in BILLS {
        let tariff = Tariff::builtin(&format!("tw-taipower-2025-10-{id}")).unwrap();
        let contract = Contract {
            billing_mode: tariff.demand.is_some().then_some(BillingMode::Contract),
            contract_demand: Some(Kw::new(100.0)),
            ..Contract::default()
        };
        let kw = if tariff.demand.is_some() { 120.0 } else { 5.0 };
        let compiled = Compiled::new(Arc::new(tariff), Interval::M15, None).unwrap();
        let months = [("2026-01-01", "2026-01-31", january), ("2026-08-01", "2026-08-31", august)];
        for (from, to, expected) in months {
            let load = At { zone: "Asia/Taipei", interval: Interval::M15, from, to }.load(|_| kw, None);
            let cycles = load.cycles(1);
            let bill = bill(&[supply("main", load)], &cycles, &Terms::new(&contract, &[]), &compiled);
            assert_eq!(bill.observed().to_string(), **expected, "{id} from {from}: {bill:#?}");
        }
    }
}

#[test]
fn every_shipped_plan_of_taiwan_is_among_them() {
    let shipped = Tariff::builtin_list().iter().filter(|s| s.id.starts_with("tw-")).count();
    assert_eq!(shipped, BILLS.len());
}

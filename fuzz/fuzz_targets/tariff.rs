//! No text makes the tariff parser, the examiner, the compiler or a bill panic; what parses compiles, and
//! a refusal names the file and has a message.

#![no_main]

use libfuzzer_sys::fuzz_target;
use peakwise::curve::{Channels, Days, Load, Placement, PowerKind, REACTIVE, VALID};
use peakwise::customer::{BillingMode, Contract};
use peakwise::tariff::{Compiled, Supply, Tariff, Terms, bill, lint};
use peakwise::time::{DstLabels, Interval, Zone};
use peakwise::units::{Kva, Kw, Ratio};
use std::path::Path;
use std::sync::{Arc, LazyLock};

/// Two months over a clock change, with reactive power and back-feed.
static LOAD: LazyLock<Load> = LazyLock::new(|| {
    let zone = Arc::new(Zone::new("Europe/Berlin", DstLabels::Repeat).expect("a zone"));
    let date = |text: &str| text.parse().expect("a date");
    let days = Days::new(zone, Interval::M15, date("2026-03-01"), date("2026-04-30"));
    let n = days.len_intervals();
    let channels = Channels {
        kw: (0..n).map(|i| if i % 97 == 0 { -20.0 } else { 100.0 + (i % 31) as f64 }).collect(),
        kvar: Some((0..n).map(|i| (i % 7) as f64 * 10.0 - 5.0).collect()),
        flags: (0..n).map(|i| if i % 501 == 0 { VALID } else { VALID | REACTIVE }).collect(),
        ..Channels::default()
    };
    Load::new(days, 0..n, channels, Placement::default(), PowerKind::Mean)
});

fuzz_target!(|text: &str| {
    let path = Path::new("fuzz.toml");
    let faults = lint(path, text).expect("shipped calendars can be read").1;
    match Tariff::parse(path, text) {
        Ok(tariff) => {
            let compiled = Compiled::new(Arc::new(tariff), Interval::M15, None).expect("a tariff that parses compiles");
            let supplies = [Supply { id: "main".into(), load: LOAD.clone() }];
            for mode in [BillingMode::Capacity, BillingMode::Demand, BillingMode::Contract] {
                let contract = Contract {
                    billing_mode: Some(mode),
                    capacity: Some(Kva::new(500.0)),
                    contract_demand: Some(Kw::new(90.0)),
                    pf_standard: Some(Ratio::new(0.9)),
                    ..Contract::default()
                };
                let cycles = LOAD.cycles(1);
                let _ = bill(&supplies, &cycles, &Terms::new(&contract, &[]), &compiled);
            }
        }
        Err(e) => {
            assert!(e.to_string().len() > "fuzz.toml: ".len());
            assert!(!faults.is_empty(), "what is refused has a fault: {e}");
        }
    }
});

//! No text makes the tariff parser or the compiler panic; a refusal names the file and has a message.
//! Seeds: `cargo +nightly fuzz run tariff fuzz/corpus/tariff tariffs fixtures/tariff`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use peakwise::tariff::{Compiled, Tariff};
use peakwise::time::Interval;
use std::path::Path;
use std::sync::Arc;

fuzz_target!(|text: &str| {
    match Tariff::parse(Path::new("fuzz.toml"), text) {
        Ok(tariff) => {
            let compiled = Compiled::new(Arc::new(tariff), Interval::M15, None);
            assert!(compiled.is_ok(), "a tariff that parses compiles");
        }
        Err(e) => assert!(e.to_string().len() > "fuzz.toml: ".len()),
    }
});

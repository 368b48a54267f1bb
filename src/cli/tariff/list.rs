//! `peakwise tariff list`.

use super::backed;
use anyhow::bail;
use clap::Args;
use comfy_table::{ContentArrangement, Table, presets};
use peakwise::tariff::Tariff;
use std::process::ExitCode;

/// Arguments of `peakwise tariff list`.
#[derive(Debug, Args)]
pub struct List {
    /// Only tariffs in whose id, name, region or user class this text occurs
    #[arg(value_name = "TEXT")]
    text: Option<String>,
    /// Print the ids alone, one a line
    #[arg(long)]
    ids: bool,
}

impl List {
    /// Prints the catalogue.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let mut tariffs = Vec::new();
        for shipped in Tariff::builtin_list() {
            tariffs.push(Tariff::builtin(shipped.id)?);
        }
        tariffs.retain(|t| self.text.as_ref().is_none_or(|text| matches(t, &text.to_lowercase())));
        if let (Some(text), true) = (&self.text, tariffs.is_empty()) {
            bail!(
                "no shipped tariff has {text:?} in its id, name, region or user class; `peakwise tariff list` prints all"
            );
        }
        if self.ids {
            let ids: String = tariffs.iter().map(|t| format!("{}\n", t.id)).collect();
            super::super::say(&ids)?;
        } else {
            super::super::say(&format!("{}\n", table(&tariffs).trim_fmt()))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn matches(tariff: &Tariff, text: &str) -> bool {
    let fields =
        [Some(&*tariff.id), Some(tariff.name.as_str()), tariff.region.as_deref(), tariff.user_class.as_deref()];
    fields.into_iter().flatten().any(|f| f.to_lowercase().contains(text))
}

fn table(tariffs: &[Tariff]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["id", "region", "for", "valid", "figures", "name"]);
    for t in tariffs {
        table.add_row([
            &*t.id,
            t.region.as_deref().unwrap_or_default(),
            t.user_class.as_deref().unwrap_or_default(),
            &t.validity(),
            if t.unpriced().is_empty() { backed(t.verified) } else { "template" },
            &t.name,
        ]);
    }
    table
}

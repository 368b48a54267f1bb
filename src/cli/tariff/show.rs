//! `peakwise tariff show`.

use super::backed;
use clap::Args;
use comfy_table::{CellAlignment, Table, presets};
use peakwise::tariff::{Compiled, Tariff};
use peakwise::time::Interval;
use std::fmt::Write;
use std::process::ExitCode;

/// Arguments of `peakwise tariff show`.
#[derive(Debug, Args)]
pub struct Show {
    /// Tariff file, or the id of a shipped tariff
    #[arg(value_name = "FILE|ID")]
    tariff: String,
    /// Print the file itself, to copy from
    #[arg(long)]
    toml: bool,
}

/// Keys that the head and the table of prices show in their own way.
const SHOWN: &[&str] = &[
    "id",
    "name",
    "region",
    "user_class",
    "voltage",
    "market_status",
    "currency",
    "source",
    "verified",
    "effective_from",
    "effective_to",
];

impl Show {
    /// Prints the tariff.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let (tariff, text) = super::open(&self.tariff)?;
        if self.toml {
            super::super::say(&text)?;
            return Ok(ExitCode::SUCCESS);
        }
        let compiled = Compiled::new(tariff, Interval::M15, None)?;
        let tariff = compiled.tariff();
        let mut out = head(tariff);
        if let Some(gap) = tariff.template_gap() {
            let _ = writeln!(out, "template      {gap}");
        }
        let _ = writeln!(out, "\nPrices, {}/kWh\n{}", tariff.currency, prices(&compiled));
        rest(&text.parse()?, &mut out);
        let _ = writeln!(out, "\n`peakwise tariff calendar {} --date DATE` draws a day.", self.tariff);
        super::super::say(&out)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn head(t: &Tariff) -> String {
    let mut out = format!("{}\n{}\n\n", t.id, t.name);
    let voltage = t.voltage.map(|v| match (v.above_kv, v.to_kv) {
        (Some(above), Some(to)) => format!("above {above} to {to} kV"),
        (Some(above), None) => format!("above {above} kV"),
        (None, Some(to)) => format!("up to {to} kV"),
        (None, None) => "any".into(),
    });
    let markets: Vec<String> = t.market_status.iter().map(|m| format!("{m:?}").to_lowercase()).collect();
    let markets = Some(markets.join(", ")).filter(|m| !m.is_empty());
    for (name, value) in [
        ("region", t.region.clone()),
        ("for", t.user_class.clone()),
        ("voltage", voltage),
        ("market status", markets),
        ("valid", Some(t.validity())),
        ("figures", Some(backed(t.verified).to_owned())),
        ("source", Some(t.source.clone())),
    ] {
        if let Some(value) = value {
            let _ = writeln!(out, "{name:14}{value}");
        }
    }
    out
}

/// One row a band: its components and what they come to.
fn prices(compiled: &Compiled) -> String {
    let specs = &compiled.tariff().bands;
    let mut names: Vec<&str> = Vec::new();
    for name in specs.iter().flat_map(|b| b.components.iter().map(|c| &*c.name)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let mut header = vec!["band", "period"];
    header.extend(&names);
    header.push("a kWh");
    table.set_header(header);
    for (spec, band) in specs.iter().zip(compiled.bands()) {
        let mut row = vec![spec.name.to_string(), spec.period.name().to_owned()];
        row.extend(names.iter().map(|name| {
            let parts: Vec<String> =
                spec.components.iter().filter(|c| &*c.name == *name).map(|c| c.price.to_string()).collect();
            parts.join(" + ")
        }));
        row.push(if spec.tiers.is_empty() { super::price(compiled.tariff(), band.price) } else { "by tier".into() });
        table.add_row(row);
    }
    for column in 2..names.len() + 3 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

/// Every other table of the file, key by key, so that nothing it states is left out.
fn rest(file: &toml::Table, out: &mut String) {
    let plain_band = |b: &toml::Value| {
        b.as_table().is_some_and(|t| t.keys().all(|k| ["name", "period", "components"].contains(&k.as_str())))
    };
    let plain_bands = file.get("band").and_then(toml::Value::as_array).is_none_or(|b| b.iter().all(plain_band));
    let shown = |key: &str| SHOWN.contains(&key) || (key == "band" && plain_bands);
    for (key, value) in file.iter().filter(|(k, _)| !shown(k)) {
        let tables: Vec<&toml::Value> = match value {
            toml::Value::Array(items) if items.iter().all(toml::Value::is_table) => items.iter().collect(),
            one => vec![one],
        };
        for value in tables {
            let _ = writeln!(out, "\n{key}");
            match value {
                toml::Value::Table(table) => keys(table, 2, out),
                other => {
                    let _ = writeln!(out, "  {}", plain(other));
                }
            }
        }
    }
}

fn keys(table: &toml::Table, indent: usize, out: &mut String) {
    for (key, value) in table {
        match value {
            toml::Value::Table(inner) => {
                let _ = writeln!(out, "{:indent$}{key}", "");
                keys(inner, indent + 2, out);
            }
            other => {
                let _ = writeln!(out, "{:indent$}{key}: {}", "", plain(other));
            }
        }
    }
}

/// A value without quotes and brackets.
fn plain(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        toml::Value::Table(table) => {
            table.iter().map(|(k, v)| format!("{k} {}", plain(v))).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}

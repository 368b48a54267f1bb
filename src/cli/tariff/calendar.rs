//! `peakwise tariff calendar`.

use super::super::input::date;
use clap::Args;
use comfy_table::{Cell, CellAlignment, Color, Table, presets};
use peakwise::tariff::{Compiled, Period, Tariff};
use peakwise::time::{Date, Interval};
use std::fmt::Write;
use std::io::IsTerminal;
use std::process::ExitCode;

/// Arguments of `peakwise tariff calendar`.
#[derive(Debug, Args)]
pub struct Calendar {
    /// Tariff file, or the id of a shipped tariff
    #[arg(value_name = "FILE|ID")]
    tariff: String,
    /// The day [default: the first of the validity]
    #[arg(long, value_name = "DATE", value_parser = date)]
    date: Option<Date>,
}

/// Quarter hours of a day; two of them make one character of the drawing.
const QUARTERS: usize = 96;

impl Calendar {
    /// Prints the drawing.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let (tariff, _) = super::open(&self.tariff)?;
        let date = self.date.unwrap_or(tariff.effective_from);
        let compiled = Compiled::new(tariff, Interval::M15, None)?;
        let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        super::super::say(&drawing(&compiled, date, colour))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn drawing(compiled: &Compiled, date: Date, colour: bool) -> String {
    let tariff = compiled.tariff();
    let mut out = format!("{}  {}\n{date} {}", tariff.id, tariff.name, day(tariff, date));
    if !tariff.is_effective(date) {
        let _ = write!(out, "; outside the validity, {}: prices are those of the file", tariff.validity());
    }
    let bands = of_quarters(compiled, date);
    if bands.is_empty() {
        let _ = writeln!(out, "\nNo schedule of the tariff describes this date.");
        return out;
    }
    let _ = write!(out, "\n\n{}\n\n{}\n", ruler(compiled, &bands, colour), list(compiled, &bands));
    out
}

/// Weekday and what the tariff's calendar says of the date.
fn day(tariff: &Tariff, date: Date) -> String {
    let weekday = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let weekday = weekday.get(usize::from(date.weekday())).copied().unwrap_or_default();
    let special = tariff.special_days.iter().find(|s| s.date == date);
    match special {
        Some(s) if s.name.is_empty() => {
            format!("{weekday}, {} by [[special_day]]", format!("{:?}", s.kind).to_lowercase())
        }
        Some(s) => format!("{weekday}, {}", s.name),
        None => weekday.to_owned(),
    }
}

/// The band of each quarter hour; empty when no schedule describes the date.
fn of_quarters(compiled: &Compiled, date: Date) -> Vec<usize> {
    compiled.segments(date).iter().flat_map(|s| s.slots.clone().map(|_| s.band)).collect()
}

/// One row a band, dearest on top: where it holds, its hours and its price.
fn ruler(compiled: &Compiled, bands: &[usize], colour: bool) -> String {
    let mut rows: Vec<usize> = (0..compiled.bands().len()).filter(|b| bands.contains(b)).collect();
    rows.sort_by(|a, b| price(compiled, *b).total_cmp(&price(compiled, *a)));
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if !colour {
        table.force_no_tty();
    }
    let hours: String = (0..=24).step_by(3).map(|h| format!("{h:<6}")).collect();
    let per = format!("{}/kWh", compiled.tariff().currency);
    table.set_header(["", "", hours.trim_end(), "hours", &per]);
    table.add_row(["", "", &format!("├─────{}┤", "┼─────".repeat(7)), "", ""]);
    for band in rows {
        let Some(b) = compiled.bands().get(band) else { continue };
        let bar = Cell::new(bar(bands, band));
        let bar = if colour { bar.fg(tint(b.period)) } else { bar };
        let quarters = bands.iter().filter(|q| **q == band).count();
        table.add_row([
            Cell::new(&b.name),
            Cell::new(b.period.name()),
            bar,
            Cell::new(format!("{}", quarters as f64 / 4.0)).set_alignment(CellAlignment::Right),
            Cell::new(super::price(compiled.tariff(), b.price)).set_alignment(CellAlignment::Right),
        ]);
    }
    table.trim_fmt()
}

fn price(compiled: &Compiled, band: usize) -> f64 {
    compiled.bands().get(band).map_or(0.0, |b| b.price)
}

/// Half a block for a quarter hour.
fn bar(bands: &[usize], band: usize) -> String {
    bands
        .chunks(2)
        .map(|pair| match (pair.first() == Some(&band), pair.last() == Some(&band)) {
            (true, true) => '█',
            (true, false) => '▌',
            (false, true) => '▐',
            (false, false) => '·',
        })
        .collect()
}

const fn tint(period: Period) -> Color {
    match period {
        Period::Sharp => Color::Magenta,
        Period::Peak => Color::Red,
        Period::Flat => Color::Yellow,
        Period::Valley => Color::Green,
        Period::Deep => Color::Blue,
    }
}

/// The day in words: from, to, band, price.
fn list(compiled: &Compiled, bands: &[usize]) -> String {
    let mut out = String::new();
    let clock = |q: usize| format!("{:02}:{:02}", q / 4, q % 4 * 15);
    let mut from = 0;
    for run in bands.chunk_by(|a, b| a == b) {
        let to = (from + run.len()).min(QUARTERS);
        if let Some(b) = run.first().and_then(|i| compiled.bands().get(*i)) {
            let price = super::price(compiled.tariff(), b.price);
            let _ = writeln!(out, "{}–{}  {} ({})  {price}", clock(from), clock(to), b.name, b.period.name());
        }
        from = to;
    }
    out.trim_end().to_owned()
}

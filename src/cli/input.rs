//! Options that say how readings are to be understood; shared by every command that reads them.

use clap::{Args, ValueEnum};
use peakwise::curve::PowerKind;
use peakwise::input::{FirstPoint, InputOptions, Midnight, Scale, Stamp};
use peakwise::time::{Date, DstLabels, Interval};

/// What cannot be known from the file; the run prints which was used.
#[derive(Debug, Args)]
#[command(next_help_heading = "How readings are to be understood")]
pub struct InputArgs {
    /// Zone of naive stamps where the customers file has no tz
    #[arg(long, value_name = "IANA", default_value = "Asia/Shanghai")]
    tz: String,
    /// Whether a stamp labels the start or the end of its interval
    #[arg(long, value_enum, value_name = "start|end")]
    stamp: Option<StampArg>,
    /// Label of the first point of a wide row; 00:15 (any interval) implies --stamp end
    #[arg(long, value_enum, value_name = "00:00|00:15")]
    point1: Option<PointArg>,
    /// With --stamp end: whether 00:00 that closes a day carries the next date or the same one
    #[arg(long, value_enum, value_name = "next|same", default_value = "next")]
    midnight: MidnightArg,
    /// How the source labels clock changes: repeats the autumn hour, or gives every date 24 hours
    #[arg(long, value_enum, value_name = "repeat|none", default_value = "repeat")]
    dst_labels: DstArg,
    /// Unit of power and energy columns: w is W, Wh, var; kw is kW, kWh, kvar; mw is MW, MWh, Mvar
    #[arg(long, value_enum, value_name = "w|kw|mw", default_value = "kw")]
    unit: UnitArg,
    /// Whether power is a mean over the interval or a sample at its label
    #[arg(long, value_enum, value_name = "mean|instant", default_value = "mean")]
    power_kind: KindArg,
    /// Whether values include the CT × PT multiplier; raw values are multiplied by the meters file's
    /// or the readings' own column
    #[arg(long, value_enum, value_name = "multiplied|raw", default_value = "multiplied")]
    values: ValuesArg,
    /// Interval length in minutes; found per meter when not given
    #[arg(long, value_name = "5|15|30|60", value_parser = interval)]
    interval: Option<Interval>,
    /// Name a column outright: kw=Demand_kW, customer_id=Account, ts=ReadTime, date=…, kwh=…, kvar=…
    #[arg(long = "column", value_name = "ROLE=NAME", value_parser = pair)]
    columns: Vec<(String, String)>,
    /// First date to read
    #[arg(long, value_name = "DATE", value_parser = date)]
    from: Option<Date>,
    /// Date after the last to read
    #[arg(long, value_name = "DATE", value_parser = date)]
    to: Option<Date>,
    /// Leave reactive columns unread: no kvarh, no power factor
    #[arg(long)]
    no_reactive: bool,
    /// Memory to stay within, such as 512M or 4G: rows that wait for the rest of their customer go to a
    /// temporary file beyond it
    #[arg(long, value_name = "SIZE", default_value = "1G", value_parser = size)]
    memory: usize,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum StampArg {
    Start,
    End,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum PointArg {
    #[value(name = "00:00")]
    Midnight,
    #[value(name = "00:15", aliases = ["00:05", "00:30", "01:00"])]
    AfterOne,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum MidnightArg {
    Next,
    Same,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DstArg {
    Repeat,
    None,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum UnitArg {
    W,
    Kw,
    Mw,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum KindArg {
    Mean,
    Instant,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ValuesArg {
    Multiplied,
    Raw,
}

fn interval(text: &str) -> Result<Interval, String> {
    text.parse().ok().and_then(Interval::from_minutes).ok_or_else(|| "choose 5, 15, 30 or 60".into())
}

/// Bytes from a number with K, M or G, powers of 1,024.
fn size(text: &str) -> Result<usize, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match text[digits.len()..].to_ascii_uppercase().trim_end_matches("IB").trim_end_matches('B') {
        "K" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => return Err("write it as 512M or 4G".into()),
    };
    let n: usize = digits.parse().map_err(|_| "write it as 512M or 4G")?;
    n.checked_mul(1 << shift).ok_or_else(|| "more than any machine has".into())
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (role, name) = text.split_once('=').ok_or("write it as ROLE=NAME, such as kw=Demand_kW")?;
    Ok((role.to_owned(), name.to_owned()))
}

/// A date as `2026-01-31`.
pub fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|e: peakwise::error::Error| e.to_string())
}

impl InputArgs {
    /// The library's options.
    pub fn options(&self) -> InputOptions {
        let first_point = match self.point1 {
            Some(PointArg::AfterOne) => FirstPoint::AfterOne,
            Some(PointArg::Midnight) | None => FirstPoint::Midnight,
        };
        let implied = if first_point == FirstPoint::AfterOne { Stamp::End } else { Stamp::Start };
        InputOptions {
            tz: self.tz.clone(),
            stamp: self.stamp.map_or(implied, |s| if matches!(s, StampArg::End) { Stamp::End } else { Stamp::Start }),
            first_point,
            midnight: if matches!(self.midnight, MidnightArg::Same) { Midnight::Same } else { Midnight::Next },
            dst_labels: if matches!(self.dst_labels, DstArg::None) { DstLabels::None } else { DstLabels::Repeat },
            scale: match self.unit {
                UnitArg::W => Scale::Unit,
                UnitArg::Kw => Scale::Kilo,
                UnitArg::Mw => Scale::Mega,
            },
            power_kind: if matches!(self.power_kind, KindArg::Instant) { PowerKind::Instant } else { PowerKind::Mean },
            values_multiplied: matches!(self.values, ValuesArg::Multiplied),
            interval: self.interval,
            columns: self.columns.iter().cloned().collect(),
            from: self.from,
            to: self.to,
            reactive: !self.no_reactive,
            memory: self.memory,
            ..InputOptions::default()
        }
    }
}

//! What a run prints at its end: what a person can act on.

use comfy_table::{CellAlignment, Table, presets};
use peakwise::analysis::Status;
use peakwise::pipeline::{AdviceFact, FleetFact, Job, Summary};
use peakwise::portfolio::{Grade, Portfolio};
use peakwise::report::{Numbers, advice_title, certainty};
use peakwise::rule::Tier;
use peakwise::text::Language;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Pieces of advice that are printed.
const BEST: usize = 5;
/// Failed and skipped customers that are printed by name.
const TROUBLES: usize = 5;

/// The summary's text.
pub fn text(summary: &Summary, job: &Job) -> String {
    let language = job.language;
    let mut out = String::new();
    let numbers = Numbers(language);
    let count = |s| summary.count(s);
    let _ = writeln!(
        out,
        "{} rows, {} customers: {} analysed, {} skipped, {} failed.",
        numbers.fixed(summary.rows as f64, 0),
        summary.fleet.len(),
        count(Status::Ok),
        count(Status::Skipped),
        count(Status::Failed)
    );
    troubles(&mut out, &summary.fleet);
    for note in &summary.notes {
        let _ = writeln!(out, "note: {note}");
    }
    missing(&mut out, &summary.fleet);
    best(&mut out, &summary.fleet, language);
    portfolio(&mut out, &summary.portfolio);
    let dir = summary.out.display();
    let _ = writeln!(out);
    let names: Vec<&str> = job.formats.iter().map(|f| f.name()).collect();
    if names.contains(&"html") && job.audiences.fleet {
        let _ = writeln!(out, "Fleet page: {dir}/index.html");
    }
    if names.iter().any(|n| *n != "html") || !job.audiences.fleet {
        for (_, directory) in job.audiences.directories().filter(|_| !names.is_empty()) {
            let _ = writeln!(out, "Reports:    {dir}/{directory}/*.{}", names.join(", *."));
        }
    }
    let _ = writeln!(out, "Tables:     {dir}/tables/*.parquet");
    out
}

fn troubles(out: &mut String, fleet: &[FleetFact]) {
    let bad: Vec<&FleetFact> = fleet.iter().filter(|f| f.status() != Status::Ok).collect();
    for f in bad.iter().take(TROUBLES) {
        let _ = writeln!(out, "  {} {}: {}", f.status().name(), f.row.id, f.row.reason.as_deref().unwrap_or_default());
    }
    if bad.len() > TROUBLES {
        let _ = writeln!(out, "  … and {} more, in run.json", bad.len() - TROUBLES);
    }
}

/// What rules lack, most frequent first.
fn missing(out: &mut String, fleet: &[FleetFact]) {
    let mut needs: BTreeMap<&str, usize> = BTreeMap::new();
    for need in fleet.iter().flat_map(|f| &f.needs) {
        *needs.entry(need).or_default() += 1;
    }
    let mut needs: Vec<(&str, usize)> = needs.into_iter().collect();
    needs.sort_by_key(|(name, n)| (std::cmp::Reverse(*n), *name));
    if !needs.is_empty() {
        let list: Vec<String> = needs.iter().map(|(name, n)| format!("{name} ({n})")).collect();
        let _ = writeln!(out, "With these, more could be told (customers): {}", list.join(", "));
    }
}

/// How the fleet is graded, how firm that is, and when it peaks.
fn portfolio(out: &mut String, p: &Portfolio) {
    let count = |g: Grade| p.standings.iter().filter(|s| s.score.grade == Some(g)).count();
    let grades: Vec<String> = Grade::ALL.into_iter().map(|g| format!("{} {}", g.name(), count(g))).collect();
    let Some(s) = p.most_sensitive().filter(|_| p.standings.iter().any(|s| s.score.grade.is_some())) else { return };
    let _ = writeln!(
        out,
        "\nGrades: {}. With one weight 20 % or the cut 10 percentiles otherwise at most {} of {} would change ({}).",
        grades.join(", "),
        s.grades_changed,
        p.standings.len(),
        s.what
    );
    if let Some(peak) = p.curve.peak_hour() {
        let (day, season, hour) = (peak.day_kind.name(), peak.season.name(), peak.hour);
        let _ = writeln!(out, "The fleet peaks on a {season} {day} at {hour:02}:00 with {:.0} kW.", peak.kw);
    }
}

fn best(out: &mut String, fleet: &[FleetFact], language: Language) {
    let mut all: Vec<(&FleetFact, &AdviceFact)> =
        fleet.iter().flat_map(|f| f.advice.iter().map(move |a| (f, a))).collect();
    all.sort_by(|a, b| {
        b.1.range.0.cmp(&a.1.range.0).then_with(|| (&a.0.row.id, a.1.code).cmp(&(&b.0.row.id, b.1.code)))
    });
    if all.is_empty() {
        return;
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["", "customer", "advice", "saving a year", "certainty"]);
    for (i, (f, a)) in all.iter().take(BEST).enumerate() {
        let who = f.row.name.as_ref().map_or_else(|| f.row.id.to_string(), |n| format!("{n} ({})", f.row.id));
        let mark = match (a.headline, a.tier) {
            (true, _) => "",
            (false, Tier::Invest) => " (asks for investment)",
            (false, _) => " (technical potential, not promised)",
        };
        let what = format!("{} {}{mark}", a.code, advice_title(a.code, language));
        let currency = f.row.currency.as_deref().unwrap_or_default();
        let saving = Numbers(language).saving(Some(a.range.0.to_f64()), a.range.1.to_f64(), currency);
        table.add_row([(i + 1).to_string(), who, what, saving, certainty(a.confidence).to_owned()]);
    }
    if let Some(column) = table.column_mut(3) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let _ = writeln!(out, "\nBest advice of {}:\n{}", all.len(), table.trim_fmt());
}

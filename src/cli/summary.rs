//! What a run prints at its end: what a person can act on, in the language of its pages.

use comfy_table::{CellAlignment, Table, presets};
use peakwise::analysis::Status;
use peakwise::pipeline::{AdviceFact, FleetFact, Job, Summary};
use peakwise::portfolio::{Grade, Portfolio};
use peakwise::report::{Numbers, Worth, advice_title};
use peakwise::rule::{MEASURED_ON_SITE, Tier};
use peakwise::text::{Text, tell_whole};
use peakwise::units::Money;
use std::collections::BTreeMap;
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// Pieces of advice that are printed.
const BEST: usize = 5;
/// Failed and skipped customers that are printed by name.
const TROUBLES: usize = 5;

/// The summary's text.
pub fn text(summary: &Summary, job: &Job) -> String {
    let printed = Printed { text: Text::of(job.language), numbers: Numbers(job.language) };
    let mut out = String::new();
    printed.counts(&mut out, summary);
    printed.troubles(&mut out, &summary.fleet);
    for note in &summary.notes {
        let note = tell_whole(note, printed.text);
        let _ = writeln!(out, "{}", printed.text.fill("summary.note", &[("note", &note)]));
    }
    printed.missing(&mut out, &summary.fleet);
    printed.best(&mut out, &summary.fleet);
    printed.portfolio(&mut out, &summary.portfolio);
    printed.places(&mut out, summary, job);
    out
}

/// Sentences and numbers of the run's language.
struct Printed {
    text: &'static Text,
    numbers: Numbers,
}

impl Printed {
    fn whole(&self, n: usize) -> String {
        self.numbers.fixed(n as f64, 0)
    }

    fn counts(&self, out: &mut String, summary: &Summary) {
        let count = |s| self.whole(summary.count(s));
        let values = [
            ("rows", self.numbers.fixed(summary.rows as f64, 0)),
            ("n", self.whole(summary.fleet.len())),
            ("ok", count(Status::Ok)),
            ("skipped", count(Status::Skipped)),
            ("failed", count(Status::Failed)),
        ];
        let _ =
            writeln!(out, "{}", self.text.fill("summary.counts", &values.each_ref().map(|(k, v)| (*k, v.as_str()))));
    }

    fn troubles(&self, out: &mut String, fleet: &[FleetFact]) {
        let bad: Vec<&FleetFact> = fleet.iter().filter(|f| f.status() != Status::Ok).collect();
        for f in bad.iter().take(TROUBLES) {
            let status = self.text.t(match f.status() {
                Status::Ok => "fleet.status_ok",
                Status::Skipped => "fleet.status_skipped",
                Status::Failed => "fleet.status_failed",
            });
            let why = tell_whole(f.row.reason.as_deref().unwrap_or_default(), self.text);
            let values = [("status", status), ("id", &f.row.id), ("why", &why)];
            let _ = writeln!(out, "{}", self.text.fill("summary.trouble", &values));
        }
        if bad.len() > TROUBLES {
            let more = self.whole(bad.len() - TROUBLES);
            let _ = writeln!(out, "{}", self.text.fill("summary.more_troubles", &[("n", &more)]));
        }
    }

    /// What rules lack and a file can carry, most frequent first.
    fn missing(&self, out: &mut String, fleet: &[FleetFact]) {
        let mut needs: BTreeMap<&str, usize> = BTreeMap::new();
        for need in
            fleet.iter().flat_map(|f| f.needs.iter()).map(String::as_str).filter(|need| *need != MEASURED_ON_SITE)
        {
            *needs.entry(need).or_default() += 1;
        }
        let mut needs: Vec<(&str, usize)> = needs.into_iter().collect();
        needs.sort_by_key(|(name, n)| (std::cmp::Reverse(*n), *name));
        let named = |name: &str| self.text.get(&format!("need.{name}")).unwrap_or(name).to_owned();
        let one = |(name, n): &(&str, usize)| {
            self.text.fill("summary.need", &[("need", &named(name)), ("n", &self.whole(*n))])
        };
        let list: Vec<String> = needs.iter().map(one).collect();
        if !list.is_empty() {
            let list = list.join(self.text.t("word.list"));
            let _ = writeln!(out, "{}", self.text.fill("summary.needs", &[("needs", &list)]));
        }
    }

    /// How the fleet is graded, how firm that is, and when it peaks.
    fn portfolio(&self, out: &mut String, p: &Portfolio) {
        let graded = |g: &Grade| p.standings.iter().filter(|s| s.score.grade == Some(*g)).count();
        let one = |g: Grade| self.text.fill("summary.grade", &[("grade", g.name()), ("n", &self.whole(graded(&g)))]);
        let Some(s) = p.most_sensitive().filter(|_| p.standings.iter().any(|s| s.score.grade.is_some())) else {
            return;
        };
        let grades = Grade::ALL.map(one).join(self.text.t("word.list"));
        let what = self.text.get(&format!("driver.{}", s.what)).unwrap_or(s.what);
        let (changed, n) = (self.whole(s.grades_changed), self.whole(p.standings.len()));
        let change = |of_cut: bool| {
            let other = p.sensitivity.iter().find(|s| (s.what == "cut") == of_cut);
            let percent = 100.0 * other.map_or(0.0, |s| s.change.abs());
            let whole = (percent - percent.round()).abs() < 1e-9;
            self.numbers.fixed(percent, if whole { 0 } else { 1 })
        };
        let (weight, cut) = (change(false), change(true));
        let values = [("grades", grades.as_str()), ("changed", &changed), ("n", &n), ("what", what)];
        let values = values.into_iter().chain([("weight", weight.as_str()), ("cut", &cut)]).collect::<Vec<_>>();
        let _ = writeln!(out, "\n{}", self.text.fill("summary.grades", &values));
        if let Some(peak) = p.curve.peak_hour() {
            let season = self.text.t(&format!("season.{}", peak.season.name())).to_lowercase();
            let day = self.text.t(&format!("day_kind.one_{}", peak.day_kind.name())).to_owned();
            let (hour, kw) = (format!("{:02}:00", peak.hour), self.numbers.kw(peak.kw));
            let values = [("season", season.as_str()), ("day", &day), ("hour", &hour), ("kw", &kw)];
            let _ = writeln!(out, "{}", self.text.fill("summary.peak", &values));
        }
    }

    fn best(&self, out: &mut String, fleet: &[FleetFact]) {
        let mut all: Vec<(&FleetFact, &AdviceFact)> =
            fleet.iter().flat_map(|f| f.advice.iter().map(move |a| (f, a))).collect();
        all.sort_by(|a, b| {
            let promised = b.1.headline.cmp(&a.1.headline);
            promised
                .then(b.1.range.0.cmp(&a.1.range.0))
                .then_with(|| (&a.0.row.id, a.1.code).cmp(&(&b.0.row.id, b.1.code)))
        });
        if all.is_empty() {
            return;
        }
        let mut table = Table::new();
        let heading =
            ["column.customer", "summary.advice", "summary.saving", "column.certainty"].map(|k| self.text.t(k));
        table.load_style(presets::NOTHING).set_header([""].into_iter().chain(heading));
        for (i, (f, a)) in all.iter().take(BEST).enumerate() {
            let who = f.row.name.as_ref().map_or_else(|| f.row.id.to_string(), |n| format!("{n} ({})", f.row.id));
            let what = format!("{} {}", a.code, advice_title(a.code, self.numbers.0));
            let what = match (a.headline, a.tier) {
                (true, _) => what,
                (false, Tier::Invest) => self.text.fill("summary.invest", &[("advice", &what)]),
                (false, _) if a.awaits_sector => self.text.fill("summary.sector", &[("advice", &what)]),
                (false, _) => self.text.fill("summary.potential", &[("advice", &what)]),
            };
            let currency = f.row.currency.as_deref().unwrap_or_default();
            let [low, high] = [a.range.0, a.range.1].map(Money::to_f64);
            let worth = Worth { low: Some(low), told: a.told.to_f64(), high };
            let saving = self.numbers.saving_from(a.least, worth, currency);
            let certainty = self.text.t(certainty_key(a)).to_owned();
            table.add_row([(i + 1).to_string(), who, what, saving, certainty]);
        }
        if let Some(column) = table.column_mut(3) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        let title = self.text.fill("summary.best", &[("n", &self.whole(all.len()))]);
        let _ = writeln!(out, "\n{title}\n{}", table.trim_fmt());
    }

    /// Where everything is, the names of places in one column.
    fn places(&self, out: &mut String, summary: &Summary, job: &Job) {
        let dir = summary.out.display();
        let names: Vec<&str> = job.formats.iter().map(|f| f.name()).collect();
        let mut places: Vec<(&str, String)> = Vec::new();
        if names.contains(&"html") && job.audiences.fleet {
            places.push(("summary.fleet", format!("{dir}/index.html")));
        }
        if names.iter().any(|n| *n != "html") || !job.audiences.fleet {
            for (_, directory) in job.audiences.directories().filter(|_| !names.is_empty()) {
                places.push(("summary.reports", format!("{dir}/{directory}/*.{}", names.join(", *."))));
            }
        }
        places.push(("summary.tables", format!("{dir}/tables/*.parquet")));
        let width = places.iter().map(|(key, _)| self.text.t(key).width()).max().unwrap_or_default();
        let _ = writeln!(out);
        for (key, place) in places {
            let name = self.text.t(key);
            let _ = writeln!(out, "{name}{} {place}", " ".repeat(width.saturating_sub(name.width())));
        }
    }
}

/// The key of how certain a saving is.
fn certainty_key(advice: &AdviceFact) -> &'static str {
    match advice.certainty {
        "high" => "certainty.high",
        "medium" => "certainty.medium",
        _ => "certainty.low",
    }
}

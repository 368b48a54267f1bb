//! A finished run on the terminal: the fleet in short, or one customer with its curve in characters.
//! Columns line up for Chinese too, whose characters are two columns wide.

mod curve;

use super::document::{Advice, Listed, TypicalDay};
use super::{Language, Numbers, Report, Text, Worth};
use crate::rule::{Evidence, has_ended};
use crate::text::tell;
use comfy_table::{CellAlignment, Table, presets};
use std::fmt::Write;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Customers listed of a fleet.
const LISTED: usize = 20;

/// The fleet: counts, and who has most to save.
#[must_use]
pub fn fleet(all: &[Listed], language: Language, width: usize) -> String {
    let (text, numbers) = (Text::of(language), Numbers(language));
    let count = |s: &str| numbers.fixed(all.iter().filter(|c| c.status == s).count() as f64, 0);
    let n = numbers.fixed(all.len() as f64, 0);
    let counts =
        [("n", n.as_str()), ("ok", &count("ok")), ("skipped", &count("skipped")), ("failed", &count("failed"))];
    let mut out = text.fill("show.fleet", &counts);
    let mut order: Vec<&Listed> = all.iter().collect();
    let saving = |c: &Listed| c.saving_headline.unwrap_or(f64::NEG_INFINITY);
    order.sort_by(|a, b| saving(b).total_cmp(&saving(a)).then_with(|| a.customer_id.cmp(&b.customer_id)));
    let _ = write!(out, "\n\n{}\n", text.t("show.best"));
    let keys = [
        "customer_id",
        "customer",
        "saving_headline",
        "saving_total",
        "bill_total",
        "kwh",
        "max_kw",
        "load_factor",
        "status",
    ];
    let mut table = empty(text, &keys);
    for c in order.iter().take(LISTED) {
        let money = |v: Option<f64>| v.map(|v| numbers.money(v, c.currency.as_deref().unwrap_or_default()));
        row(
            &mut table,
            [
                Some(c.customer_id.clone()),
                Some(cut(c.name.as_deref().unwrap_or_default(), width / 4)),
                money(c.saving_headline),
                money(c.saving_total),
                money(c.bill_total),
                c.kwh.map(|v| numbers.kwh(v)),
                c.max_kw.map(|v| numbers.kw(v)),
                c.load_factor.map(|v| numbers.fixed(v, 3)),
                Some(cut(&state(c, text), width / 3)),
            ],
        );
    }
    align(&mut table, 2..8);
    let _ = writeln!(out, "{}", table.trim_fmt());
    if all.len() > LISTED {
        let more = numbers.fixed((all.len() - LISTED) as f64, 0);
        let _ = writeln!(out, "{}", text.fill("show.more", &[("n", &more)]));
    }
    out
}

/// How a customer ended, and why.
fn state(c: &Listed, text: &Text) -> String {
    let status = text.get(&format!("fleet.status_{}", c.status)).unwrap_or(&c.status).to_owned();
    match &c.reason {
        Some(reason) => format!("{status}{}{}", text.t("word.colon"), tell(reason, text)),
        None => status,
    }
}

/// One customer: totals, typical day, months, peaks, advice. A saving below `least` a year is not worth mentioning.
#[must_use]
pub fn customer(r: &Report, least: f64, language: Language, width: usize) -> String {
    let (text, numbers) = (Text::of(language), Numbers(language));
    let mut out = String::new();
    let name = r.customer.name.as_deref().unwrap_or_default();
    let title = format!("{name} {}", r.customer.id).trim().to_owned();
    let _ = writeln!(out, "{title}\n{}", "═".repeat(title.width().min(width)));
    for (label, value) in facts(r, text, numbers) {
        let _ = writeln!(out, "{}{value}", padded(&label, 26));
    }
    typical(&mut out, r, text, numbers, width);
    months(&mut out, r, text, numbers);
    peaks(&mut out, r, text, numbers);
    advice(&mut out, (r, least), (text, numbers), width);
    let _ = writeln!(out, "\n{}", r.reservation);
    out
}

fn facts(r: &Report, text: &Text, numbers: Numbers) -> Vec<(String, String)> {
    let t = &r.totals;
    let currency = t.currency.as_deref().unwrap_or_default();
    let fact = |key: &str, value: Option<String>| value.map(|v| (text.t(key).to_owned(), v));
    let readings = t.n_valid.zip(t.n_expected).map(|(v, e)| {
        let share = numbers.percent((f64::from(v) / f64::from(e.max(1)) * 1e4).floor() / 1e4, 2);
        format!("{} / {} ({share})", numbers.fixed(f64::from(v), 0), numbers.fixed(f64::from(e), 0))
    });
    let max = t.max_kw.map(|kw| format!("{}  {}", numbers.kw(kw), minute(t.max_at.as_deref())));
    [
        fact("head.period", r.period.as_ref().map(|p| format!("{} – {}", p.from, p.to))),
        fact("column.n_valid", readings),
        fact("tile.energy", t.kwh.map(|v| numbers.kwh(v))),
        fact("tile.peak", max),
        fact("column.load_factor", t.load_factor.map(|v| numbers.fixed(v, 3))),
        fact("column.power_factor", t.power_factor.map(|v| numbers.fixed(v, 3))),
        fact("column.bill_total", t.bill_total.map(|v| numbers.money(v, currency))),
        fact("column.saving_headline", t.saving_headline.map(|v| numbers.money(v, currency))),
        fact("column.saving_total", t.saving_total.map(|v| numbers.money(v, currency))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The mean working day over the seasons, weighted by their days; of the first kind there is.
fn typical(out: &mut String, r: &Report, text: &Text, numbers: Numbers, width: usize) {
    let kind = ["workday", "restday", "holiday"].into_iter().find(|k| r.typical_days.iter().any(|d| d.day_kind == *k));
    let Some(kind) = kind else {
        let _ = writeln!(out, "\n{}", text.t("show.no_curve"));
        return;
    };
    let days: Vec<&TypicalDay> = r.typical_days.iter().filter(|d| d.day_kind == kind).collect();
    let slots = days.iter().map(|d| d.mean_kw.len()).max().unwrap_or_default();
    let mean = |slot: usize| {
        let known = days.iter().filter_map(|d| Some((d.mean_kw.get(slot).copied()??, f64::from(d.n_days))));
        let (sum, n) = known.fold((0.0, 0.0), |(s, n), (kw, days)| (s + kw * days, n + days));
        (n > 0.0).then(|| sum / n)
    };
    let values: Vec<Option<f64>> = (0..slots).map(mean).collect();
    let caption = text.fill("show.curve", &[("kind", text.t(&format!("day_kind.{kind}")))]);
    let _ = write!(out, "\n{caption}\n{}", curve::draw(&values, width, numbers));
}

fn months(out: &mut String, r: &Report, text: &Text, numbers: Numbers) {
    let mut table = empty(text, &["month", "kwh", "max_kw", "max_at", "load_factor", "power_factor", "total"]);
    for m in &r.months {
        let total = r.cycles.iter().find(|c| c.month == m.month).and_then(|c| c.total);
        row(
            &mut table,
            [
                Some(m.month.clone() + if m.partial { " *" } else { "" }),
                m.kwh.map(|v| numbers.fixed(v, 0)),
                m.max_kw.map(|v| numbers.fixed(v, 1)),
                Some(minute(m.max_at.as_deref())),
                m.load_factor.map(|v| numbers.fixed(v, 3)),
                m.power_factor.map(|v| numbers.fixed(v, 3)),
                total.map(|v| numbers.fixed(v, 2)),
            ],
        );
    }
    align(&mut table, 1..7);
    let currency =
        r.totals.currency.as_ref().map(|c| text.fill("show.currency", &[("currency", c)])).unwrap_or_default();
    let _ = writeln!(out, "\n{}  {currency}\n{}", text.t("show.months"), table.trim_fmt());
}

fn peaks(out: &mut String, r: &Report, text: &Text, numbers: Numbers) {
    let mut all: Vec<_> = r.peaks.iter().filter(|p| p.kind == "billing").collect();
    all.sort_by(|a, b| b.max_kw.unwrap_or_default().total_cmp(&a.max_kw.unwrap_or_default()));
    let mut table = empty(text, &["month", "start", "max_kw", "margin_kw", "shape", "day_kind"]);
    for p in all.iter().take(3) {
        let shape = p.shape.as_ref().map(|s| text.t(&format!("shape.{s}")).to_owned());
        row(
            &mut table,
            [
                p.month.clone(),
                Some(minute(p.start.as_deref())),
                p.max_kw.map(|v| numbers.fixed(v, 1)),
                p.margin_kw.map(|v| numbers.fixed(v, 1)),
                shape,
                Some(text.t(&format!("day_kind.{}", p.day_kind)).to_owned()),
            ],
        );
    }
    align(&mut table, 2..4);
    if !all.is_empty() {
        let _ = writeln!(out, "\n{}\n{}", text.t("show.peaks"), table.trim_fmt());
    }
}

fn advice(out: &mut String, (r, least): (&Report, f64), (text, numbers): (&Text, Numbers), width: usize) {
    let _ = writeln!(out, "\n{}", text.t("show.advice"));
    let internal = r.internal.iter().flat_map(|i| &i.advice);
    let kind = |a: &Advice| match a.tier.as_str() {
        _ if a.evidence.figures.contains_key(Evidence::SAVING_LEFT) => "action.left",
        _ if has_ended(|note| a.evidence.notes.contains_key(note)) => "action.ended",
        _ if a.saving_joint.is_none() && !a.headline => "action.alone_only",
        _ if a.awaits_sector => "action.sector",
        "counter" if a.potential => "action.condition",
        _ if a.potential => "action.potential",
        "invest" if !a.headline => "action.invest",
        _ => "action.a_year",
    };
    let all: Vec<&Advice> = r.advice.iter().chain(internal).collect();
    if all.is_empty() {
        let _ = writeln!(out, "{}", text.t("show.no_advice"));
    }
    for a in all {
        let told = a.saving_headline.or(a.saving_joint).or(a.saving_alone);
        let high = a.saving_high.or(told);
        let worth = high.map(|high| Worth { low: a.saving_low, told: told.unwrap_or(high), high });
        let currency = a.currency.as_deref().unwrap_or_default();
        let saving = worth.map_or_else(
            || text.t("action.unpriced").to_owned(),
            |w| text.fill(kind(a), &[("saving", &numbers.saving_from(least, w, currency))]),
        );
        let _ = writeln!(out, "{} {}  {saving}", a.code, padded(&cut(&a.title, width / 2), width / 2));
    }
    let mut needs: Vec<&str> = r.missing.iter().flat_map(|m| &m.needs).map(String::as_str).collect();
    needs.sort_unstable();
    needs.dedup();
    if !needs.is_empty() {
        let needs: Vec<&str> = needs.iter().map(|n| text.get(&format!("need.{n}")).unwrap_or(n)).collect();
        let _ = writeln!(out, "{}", text.fill("show.needs", &[("needs", &needs.join(text.t("word.list")))]));
    }
}

/// `2025-03-01T08:15:00` as `2025-03-01 08:15`.
fn minute(stamp: Option<&str>) -> String {
    stamp.and_then(|s| s.get(..16)).map(|s| s.replace('T', " ")).unwrap_or_default()
}

fn empty(text: &Text, keys: &[&str]) -> Table {
    let mut table = Table::new();
    let heading: Vec<&str> = keys.iter().map(|k| text.get(&format!("column.{k}")).unwrap_or(k)).collect();
    table.load_style(presets::NOTHING).set_header(heading);
    table
}

fn row<const N: usize>(table: &mut Table, cells: [Option<String>; N]) {
    table.add_row(cells.map(|c| c.unwrap_or_else(|| super::number::ABSENT.to_owned())));
}

fn align(table: &mut Table, columns: std::ops::Range<usize>) {
    for i in columns {
        if let Some(column) = table.column_mut(i) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

/// Text filled with blanks to a number of columns.
fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// Text cut to a number of columns, with a mark where something is left out.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        if out.width() + c.width().unwrap_or_default() + 1 > width {
            break;
        }
        out.push(c);
    }
    out + "…"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Outcome;
    use crate::report::customer::View;
    use crate::report::sample::{self, Sample};
    use crate::units::Money;

    #[test]
    fn chinese_is_cut_and_padded_by_columns() {
        assert_eq!(cut("白鹭信息港数据中心", 9), "白鹭信息…");
        assert_eq!(cut("Egret", 9), "Egret");
        assert_eq!((padded("户号", 6), padded("abcdefg", 6)), ("户号  ".to_owned(), "abcdefg".to_owned()));
        assert!(cut("白鹭信息港", 4).width() <= 4);
    }

    /// The naive case: the terminal told a lower end that a page leaves out, and a potential of what only waits for
    /// the industry.
    #[test]
    fn a_saving_is_told_as_on_the_page() {
        let sample = Sample::default();
        let mut a = sample::analysis(&sample);
        let [r04, r06] = ["R04", "R06"].map(|code| a.advice.iter().position(|r| r.code == code).unwrap());
        a.advice[r04].saving_low = Money::from_f64_rounded(1_400.0);
        (a.advice[r06].headline, a.advice[r06].saving_headline) = (false, None);
        a.advice[r06].evidence.note("sector", "unknown");
        for language in Language::ALL {
            let ctx = sample::context(&sample, &a, language);
            let outcome = Outcome::ok(a.clone());
            let v = View::new(outcome.analysis.as_ref().unwrap(), &ctx);
            let report = Report::of(&outcome, &v).unwrap();
            let told = customer(&report, v.least_saving(), language, 200);
            let line = |code: &str| told.lines().find(|l| l.starts_with(&format!("{code} "))).unwrap().to_owned();
            for code in ["R04", "R06", "R01", "R05"] {
                let on_page = v.saving_text(a.advice.iter().find(|r| r.code == code).unwrap());
                assert!(line(code).ends_with(&on_page), "{} instead of {on_page}", line(code));
            }
            let json = report.advice.iter().find(|r| r.code == "R06").unwrap();
            assert_eq!((json.potential, json.awaits_sector, json.headline), (false, true, false));
            let json = report.advice.iter().find(|r| r.code == "R01").unwrap();
            assert_eq!((json.potential, json.awaits_sector), (true, false));
        }
    }

    #[test]
    fn a_stamp_is_shown_to_the_minute() {
        assert_eq!((minute(Some("2025-03-01T08:15:00")), minute(None)), ("2025-03-01 08:15".to_owned(), String::new()));
    }
}

//! The monthly energy bill (能效账单) of a customer: one page that goes with the settlement bill.

use super::chart::{Bar, Bars, DayLevels, DayValues, Part, small_bars, year_chart};
use super::customer::View;
use super::number::ABSENT;
use super::{Numbers, PageContext};
use crate::analysis::{Analysis, MonthRow};
use crate::error::{Error, Result};
use crate::peak::PeakKind;
use crate::rule::Advice;
use crate::tariff::{CycleBill, LineKind, Period};
use crate::time::Month;
use crate::units::{Kwh, Money, Ratio};
use askama::Template;

/// Months in the picture, the one of the page included.
const MONTHS: usize = 13;
/// Recommendations at most.
const MOST: usize = 3;
/// Of what is worth mentioning a year this is a month's part.
const MONTHS_A_YEAR: f64 = 12.0;

struct Tile {
    label: &'static str,
    value: String,
    before: String,
    year: String,
}

struct Line {
    name: String,
    quantity: String,
    price: String,
    amount: String,
    share: String,
}

struct Hint {
    title: String,
    action: String,
    saved: String,
    months: String,
}

#[derive(Template)]
#[template(path = "monthly.html")]
struct Page<'a> {
    v: View<'a>,
    name: String,
    facts: Vec<(&'static str, String)>,
    month: String,
    tiles: Vec<Tile>,
    lines: Vec<Line>,
    notes: Vec<String>,
    total: String,
    days: String,
    months: String,
    legend: Vec<(&'static str, &'static str)>,
    peak: String,
    hints: Vec<Hint>,
}

/// The page of a billing cycle, the latest billed one when none is named; `None` when it has no bill.
///
/// # Errors
/// When the template cannot be written.
pub fn monthly_page(a: &Analysis, ctx: &PageContext, month: Option<Month>) -> Result<Option<(Month, String)>> {
    let Some(bill) = &a.bill else { return Ok(None) };
    let wanted = |c: &&CycleBill| c.is_billed() && month.is_none_or(|m| m == c.month);
    let Some(cycle) = bill.cycles.iter().rev().find(wanted) else { return Ok(None) };
    let Some(at) = a.monthly.iter().position(|m| m.month == cycle.month) else { return Ok(None) };
    let v = View::new(a, ctx);
    let Some(row) = a.monthly.get(at) else { return Ok(None) };
    let page = Page {
        v,
        name: a.customer.name.clone().unwrap_or_else(|| v.text.fill("head.unnamed", &[("id", &a.customer.id)])),
        facts: facts(&v, cycle),
        month: v.numbers.month(cycle.month),
        tiles: tiles(&v, cycle, row),
        lines: lines(&v, cycle),
        notes: notes(&v, cycle),
        total: v.numbers.fixed(cycle.total().to_f64(), 2),
        days: days(&v, row),
        months: months(&v, at),
        legend: legend(&v, row),
        peak: peak(&v, cycle.month),
        hints: v.first_actions().into_iter().filter_map(|advice| hint(&v, advice, cycle.month)).take(MOST).collect(),
    };
    let customer = a.customer.id.to_string();
    let html = page.render().map_err(|e| Error::Customer { customer, what: format!("monthly bill: {e}") })?;
    Ok(Some((cycle.month, html)))
}

fn facts(v: &View, cycle: &CycleBill) -> Vec<(&'static str, String)> {
    let last = cycle.dates.end.plus(-1);
    let mut out = vec![
        (v.text.t("head.account"), v.a.customer.id.to_string()),
        (v.text.t("monthly.period"), format!("{} – {last}", cycle.dates.start)),
    ];
    out.extend(v.ctx.tariff.as_ref().map(|t| (v.text.t("head.tariff"), format!("{} ({})", t.name, t.version))));
    out.extend(v.ctx.brand.contact().map(|c| (v.text.t("head.contact"), c)));
    out
}

/// A figure of a month from its row and bill.
type Figure<'f> = &'f dyn Fn(Option<&MonthRow>, Option<&CycleBill>) -> Option<f64>;

/// The figures of the month, each with its change against the month before and a year before.
fn tiles(v: &View, cycle: &CycleBill, row: &MonthRow) -> Vec<Tile> {
    let find = |back: i32| {
        let month = Month(cycle.month.0 - back);
        let row = v.a.monthly.iter().find(|m| m.month == month && !m.cycle.partial);
        let bill = v.a.bill.as_ref().and_then(|b| b.cycles.iter().find(|c| c.month == month && c.is_billed()));
        (row, bill)
    };
    let price = |c: &CycleBill| {
        let kwh: f64 = c.lines.iter().filter(|l| l.kind == LineKind::Energy).map(|l| l.quantity).sum();
        (kwh > 0.0).then(|| c.total().to_f64() / kwh)
    };
    let tile = |label: &'static str, show: &dyn Fn(f64) -> String, of: Figure<'_>| {
        let now = of(Some(row), Some(cycle));
        let against = |back: i32, key: &'static str| {
            let (row, bill) = find(back);
            let change = now.zip(of(row, bill)).filter(|(_, was)| *was > 0.0).map(|(now, was)| now / was - 1.0);
            change.map_or_else(String::new, |c| v.text.fill(key, &[("change", &v.numbers.signed_percent(c, 1))]))
        };
        Tile {
            label,
            value: now.map_or_else(|| ABSENT.to_owned(), show),
            before: against(1, "monthly.before"),
            year: against(12, "monthly.year"),
        }
    };
    let n: Numbers = v.numbers;
    let per_kwh = |x: f64| format!("{} {}/kWh", n.fixed(x, 4), n.currency(v.currency()));
    vec![
        tile(v.text.t("monthly.amount"), &|x| n.money(x, v.currency()), &|_, c| c.map(|c| c.total().to_f64())),
        tile(v.text.t("monthly.energy"), &|x| n.kwh(x), &|m, _| m.and_then(|m| m.totals.kwh).map(Kwh::get)),
        tile(v.text.t("monthly.price"), &per_kwh, &|_, c| c.and_then(price)),
        tile(v.text.t("monthly.max"), &|x| n.kw(x), &|m, _| m.and_then(|m| m.totals.max).map(|x| x.0.get())),
        tile(v.text.t("fleet.load_factor"), &|x| n.fixed(x, 3), &|m, _| m?.totals.load_factor.map(Ratio::get)),
        tile(v.text.t("fleet.power_factor"), &|x| n.fixed(x, 3), &|m, _| m?.totals.power_factor.map(Ratio::get)),
    ]
}

/// The bill's lines; those of one name, unit and price are added over supply points, so that the
/// page stays one.
fn lines(v: &View, cycle: &CycleBill) -> Vec<Line> {
    let mut sums: Vec<(&crate::tariff::Line, f64, Money)> = Vec::new();
    for l in &cycle.lines {
        let same = |s: &&mut (&crate::tariff::Line, f64, Money)| {
            (&s.0.name, s.0.unit, s.0.price) == (&l.name, l.unit, l.price)
        };
        match sums.iter_mut().find(same) {
            Some((_, quantity, amount)) => {
                *quantity += l.quantity;
                *amount += l.amount;
            }
            None => sums.push((l, l.quantity, l.amount)),
        }
    }
    let total = cycle.total().to_f64();
    let share = |amount: Money| (total > 0.0).then(|| v.numbers.percent(amount.to_f64() / total, 1));
    let one = |(l, quantity, amount): (&crate::tariff::Line, f64, Money)| Line {
        name: l.name.to_string(),
        quantity: format!("{} {}", v.numbers.fixed(quantity, 2), v.unit(l.unit)),
        price: v.numbers.fixed(l.price, 6),
        amount: v.numbers.fixed(amount.to_f64(), 2),
        share: share(amount).unwrap_or_else(|| ABSENT.to_owned()),
    };
    sums.into_iter().map(one).collect()
}

/// What limits the lines: of all, then of single ones, lines with the same note together.
fn notes(v: &View, cycle: &CycleBill) -> Vec<String> {
    let common = cycle.common_note();
    let mut own: Vec<(&str, Vec<&str>)> = Vec::new();
    for l in cycle.lines.iter().filter(|l| !l.own_note(common).is_empty()) {
        let note = l.own_note(common);
        match own.iter_mut().find(|(n, _)| *n == note) {
            Some((_, names)) if names.contains(&&*l.name) => {}
            Some((_, names)) => names.push(&l.name),
            None => own.push((note, vec![&l.name])),
        }
    }
    let told = |(note, names): (&str, Vec<&str>)| {
        format!("{}{}{}", names.join(v.t("word.list")), v.t("word.colon"), v.phrase(note))
    };
    let all = (!common.is_empty()).then(|| v.phrase(common));
    all.into_iter().chain(own.into_iter().map(told)).collect()
}

/// Each day's lowest, mean and highest load.
fn days(v: &View, row: &MonthRow) -> String {
    let level = |t: &crate::analysis::Totals| -> DayValues {
        Some(DayLevels { min: t.min_kw?.get(), mean: t.mean_kw?.get(), max: t.max?.0.get() })
    };
    let chosen = v.a.daily.get(row.cycle.days.clone()).unwrap_or_default();
    let levels: Vec<DayValues> = chosen.iter().map(|d| level(&d.totals)).collect();
    year_chart(row.cycle.dates.start, &levels, v.t("usage.year"), v.numbers)
}

/// Energy of the latest months by period.
fn months(v: &View, at: usize) -> String {
    let rows = v.a.monthly.get((at + 1).saturating_sub(MONTHS)..=at).unwrap_or_default();
    let bar = |m: &MonthRow| {
        let parts = match m.kwh_by_period {
            Some(by) => {
                let each = Period::ALL.into_iter().zip(by).rev();
                each.map(|(p, k)| Part { class: p.name(), value: k.get() / 1000.0 }).collect()
            }
            None => vec![Part { class: "load", value: m.totals.kwh.map_or(0.0, Kwh::get) / 1000.0 }],
        };
        Bar { month: m.month, tip: v.numbers.month(m.month), parts, partial: m.cycle.partial, marked: false }
    };
    let bars: Vec<Bar> = rows.iter().map(bar).collect();
    Bars { title: v.t("usage.energy"), unit: "MWh", height: 200.0, bars: &bars }.draw(v.numbers)
}

/// Colours of the periods in the picture of months.
fn legend(v: &View, row: &MonthRow) -> Vec<(&'static str, &'static str)> {
    let bands = || v.ctx.tariff.iter().flat_map(|t| &t.bands).flat_map(|b| &b.spans);
    let used = Period::ALL.into_iter().filter(|p| row.kwh_by_period.is_some() && bands().any(|s| s.period == *p));
    used.map(|p| (p.name(), v.text.get(&format!("period.{}", p.name())).unwrap_or_default())).collect()
}

/// The billing peak in a sentence.
fn peak(v: &View, month: Month) -> String {
    let peak = v.a.peaks.iter().find(|p| p.kind == PeakKind::Billing && p.month == Some(month));
    let Some(p) = peak else { return String::new() };
    let margin = p.margin_kw.map_or_else(|| ABSENT.to_owned(), |m| v.numbers.kw(m.get()));
    let values = [("at", v.at(p.span.start)), ("kw", v.numbers.kw(p.max_kw.get())), ("margin", margin)];
    let values: Vec<(&str, &str)> = values.iter().map(|(k, s)| (*k, s.as_str())).collect();
    v.text.fill("monthly.peak", &values)
}

/// A recommendation with what it alone would have saved in this month; `None` where that is less than a twelfth of
/// what is worth mentioning a year.
fn hint(v: &View, advice: &Advice, month: Month) -> Option<Hint> {
    let a = advice.evidence.arithmetic.as_ref()?;
    let at = a.months.iter().position(|m| *m == month.to_string())?;
    let least = v.least_saving() / MONTHS_A_YEAR;
    let saved = a.monthly_saving.get(at).filter(|m| **m > Money::ZERO && m.to_f64() >= least)?;
    let words = v.words(advice);
    let amount = v.numbers.saving(None, saved.to_f64(), v.currency());
    let all: Vec<f64> = a.monthly_saving.iter().map(|m| m.to_f64()).collect();
    Some(Hint {
        title: words.title,
        action: words.action,
        saved: v.text.fill("monthly.saved", &[("saving", &amount)]),
        months: small_bars(&all, v.t("action.by_month")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{self, Sample};
    use crate::report::{Language, Text};

    fn page(sample: &Sample, language: Language, month: Option<Month>) -> Option<(Month, String)> {
        let a = sample::analysis(sample);
        monthly_page(&a, &sample::context(sample, &a, language), month).unwrap()
    }

    #[test]
    fn the_latest_billed_month_stands_on_one_page_with_its_lines() {
        for language in Language::ALL {
            let sample = Sample::default();
            let (month, html) = page(&sample, language, None).unwrap();
            assert_eq!(month, Month(2025 * 12 + 11));
            let a = sample::analysis(&sample);
            let cycle = a.bill.as_ref().and_then(|b| b.cycles.last()).unwrap();
            let v = Numbers(language);
            for l in &cycle.lines {
                assert!(html.contains(&v.fixed(l.amount.to_f64(), 2)), "{}", l.name);
            }
            assert!(html.contains(&v.fixed(cycle.total().to_f64(), 2)) && !html.contains("<script"));
            if let Some(dir) = std::env::var_os("PEAKWISE_PAGES") {
                let path = std::path::Path::new(&dir).join(format!("monthly-{}.html", language.code()));
                std::fs::write(path, &html).unwrap();
            }
        }
    }

    #[test]
    fn a_month_that_saves_next_to_nothing_is_no_hint() {
        let sample = Sample::default();
        let told = |saved: f64| {
            let mut a = sample::analysis(&sample);
            let r04 = a.advice.iter_mut().find(|r| r.code == "R04").unwrap();
            for month in &mut r04.evidence.arithmetic.as_mut().unwrap().monthly_saving {
                *month = Money::from_f64_rounded(saved).unwrap();
            }
            let ctx = sample::context(&sample, &a, Language::En);
            let least = a.plan.least_saving(&ctx.thresholds) / MONTHS_A_YEAR;
            let (_, html) = monthly_page(&a, &ctx, None).unwrap().unwrap();
            (least, html.contains(Text::of(Language::En).t("advice.R04.title")))
        };
        let (least, _) = told(0.0);
        assert!(least > 100.0);
        assert_eq!([told(least - 1.0).1, told(least + 1.0).1], [false, true]);
    }

    #[test]
    fn a_month_without_a_bill_has_no_page() {
        assert!(page(&Sample::default(), Language::En, Some(Month(2030 * 12))).is_none());
        assert!(page(&Sample { tariff: false, ..Sample::default() }, Language::En, None).is_none());
    }
}

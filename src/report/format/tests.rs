use super::*;
use crate::report::sample::{self, Sample};
use crate::report::{Brand, FleetAdvice, FleetStanding, Language, Logo, LogoKind, Text};
use crate::rule::Audience;
use crate::time::Date;
use crate::units::Money;
use calamine::{Data, Range, Reader, Xlsx, open_workbook_from_rs};
use std::io::Cursor;
use std::sync::Arc;

type Book = Xlsx<Cursor<Vec<u8>>>;

fn writer(name: &str) -> Box<dyn Writer> {
    named_formats(&[name.to_owned()]).unwrap()[0].open(&FormatOptions::default()).unwrap()
}

fn open(bytes: Vec<u8>) -> Book {
    open_workbook_from_rs(Cursor::new(bytes)).unwrap()
}

/// A customer's workbook, opened again, and the report it was written from.
fn customer(sample: &Sample, language: Language, change: impl FnOnce(&mut PageContext)) -> (Book, Report) {
    let a = sample::analysis(sample);
    let mut ctx = sample::context(sample, &a, language);
    change(&mut ctx);
    let outcome = Outcome::ok(a);
    let source = Source::new(&outcome, &ctx).unwrap();
    let bytes = writer("xlsx").customer(&source).unwrap();
    assert_eq!(bytes, writer("xlsx").customer(&source).unwrap(), "the same bytes again");
    if let Some(dir) = std::env::var_os("PEAKWISE_PAGES") {
        let name = format!("customer-{}.xlsx", language.code());
        std::fs::write(std::path::Path::new(&dir).join(name), &bytes).unwrap();
    }
    (open(bytes), source.report().unwrap().clone())
}

fn sheet(book: &mut Book, language: Language, key: &str) -> Range<Data> {
    book.worksheet_range(Text::of(language).t(&format!("sheet.{key}"))).unwrap()
}

/// The numbers of a column below its heading; empty cells are absent.
fn column(range: &Range<Data>, language: Language, key: &str) -> Vec<Option<f64>> {
    let label = Text::of(language).get(&format!("column.{key}")).unwrap();
    let heading = range.rows().next().unwrap();
    let at = heading.iter().position(|c| *c == Data::String(label.to_owned())).unwrap_or_else(|| panic!("no {label}"));
    let number = |c: &Data| match c {
        Data::Float(v) => Some(*v),
        Data::Int(v) => Some(*v as f64),
        Data::DateTime(v) => Some(v.as_f64()),
        _ => None,
    };
    range.rows().skip(1).map(|r| number(&r[at])).collect()
}

/// The first `n` numbers of a column.
fn first(range: &Range<Data>, language: Language, key: &str, n: usize) -> Vec<Option<f64>> {
    column(range, language, key).into_iter().take(n).collect()
}

#[test]
fn formats_are_found_by_name_and_an_unknown_one_is_named() {
    let names = |list: &[&str]| named_formats(&list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>());
    let found: Vec<&str> = names(&["json", "html"]).unwrap().iter().map(|f| f.name()).collect();
    assert_eq!(found, ["html", "json"]);
    assert!(names(&["none"]).unwrap().is_empty());
    for wrong in [&["none", "html"][..], &["docx"]] {
        let message = names(wrong).unwrap_err().to_string();
        assert!(message.contains("--format") && message.contains("html, xlsx, json"), "{message}");
    }
}

#[test]
fn a_customers_workbook_holds_the_reports_figures() {
    for language in Language::ALL {
        let (mut book, r) = customer(&Sample::default(), language, |_| ());
        let months = sheet(&mut book, language, "months");
        let n = r.months.len();
        assert_eq!(first(&months, language, "kwh", n), r.months.iter().map(|m| m.kwh).collect::<Vec<_>>());
        assert_eq!(first(&months, language, "max_kw", n), r.months.iter().map(|m| m.max_kw).collect::<Vec<_>>());
        let peaks = sheet(&mut book, language, "peaks");
        let kw: Vec<Option<f64>> = r.peaks.iter().map(|p| p.max_kw).collect();
        assert_eq!(column(&peaks, language, "max_kw"), kw);
        let bill = sheet(&mut book, language, "bill");
        let amounts: Vec<Option<f64>> = r.bill.iter().map(|l| Some(l.amount)).collect();
        assert_eq!(first(&bill, language, "amount", amounts.len()), amounts);
        let totals: Vec<Option<f64>> = r.cycles.iter().map(|c| c.total).collect();
        assert_eq!(first(&bill, language, "total", totals.len()), totals);
        let advice = sheet(&mut book, language, "advice");
        let joint: Vec<Option<f64>> = r.advice.iter().map(|a| a.saving_joint).collect();
        assert_eq!(first(&advice, language, "saving_joint", joint.len()), joint);
        let days = sheet(&mut book, language, "days");
        assert_eq!(column(&days, language, "kwh"), r.days.iter().map(|d| d.kwh).collect::<Vec<_>>());
        let curves = sheet(&mut book, language, "curves");
        assert_eq!(curves.get((1, 1)), r.typical_days[0].mean_kw[0].map(Data::Float).as_ref());
    }
}

/// Formulas computed here by hand, as a spreadsheet would, give the stored results.
#[test]
fn amounts_are_formulas_that_give_what_is_stored() {
    let language = Language::En;
    let (mut book, r) = customer(&Sample::default(), language, |_| ());
    let formulas = book.worksheet_formula("Bill").unwrap();
    let bill = sheet(&mut book, language, "bill");
    let [q, p, a] = ["quantity", "price", "amount"].map(|key| first(&bill, language, key, r.bill.len()));
    let mut n = 0;
    for row in 0..r.bill.len() {
        let at = row as u32 + 1;
        if formulas.get_value((at, 8)).is_some_and(|f| *f == format!("ROUND(F{0}*H{0},2)", at + 1)) {
            let product = (q[row].unwrap() * p[row].unwrap() * 100.0).round() / 100.0;
            assert!((product - a[row].unwrap()).abs() < 0.005, "row {at}");
            n += 1;
        }
    }
    assert_eq!(n, r.bill.len(), "every line of the sample is quantity × price");
    let derivation = book.worksheet_formula("Derivation").unwrap();
    let written = derivation.used_cells().filter(|(_, _, f)| f.contains("SUM(F")).count();
    assert_eq!(written, r.advice.len(), "one difference a recommendation");
}

#[test]
fn every_sheet_has_the_reservation_and_a_draft_says_so() {
    let (mut book, r) = customer(&Sample::default(), Language::Zh, |ctx| {
        if let Some(t) = &mut ctx.tariff {
            t.verified = false;
        }
    });
    let summary = sheet(&mut book, Language::Zh, "summary");
    let said = |s: &str| summary.used_cells().any(|(_, _, c)| *c == Data::String(s.to_owned()));
    assert!(r.draft && said("草稿") && said(&r.reservation) && said(&r.answer.sentence));
}

#[test]
fn a_workbook_carries_the_brand() {
    let png = include_bytes!("../../../tests/browser/logo.png");
    let logo = Logo { bytes: png.as_slice().into(), kind: LogoKind::Png };
    let brand = Brand {
        organisation: Some("云岭供电公司".into()),
        foreword: Some("谨呈。".into()),
        logo: Some(logo),
        ..Brand::default()
    };
    let (mut book, _) = customer(&Sample::default(), Language::Zh, |ctx| ctx.brand = Arc::new(brand));
    let summary = sheet(&mut book, Language::Zh, "summary");
    for words in ["云岭供电公司", "谨呈。"] {
        assert!(summary.used_cells().any(|(_, _, c)| *c == Data::String(words.into())), "{words}");
    }
}

#[test]
fn workbooks_of_customers_with_little_open_too() {
    let full = Sample::default();
    for sample in [
        Sample { tariff: false, ..full.clone() },
        Sample { advice: false, ..full.clone() },
        Sample { gap_days: 0..400, tariff: false, ..full.clone() },
        Sample { days: 1, gap_days: 0..0, tariff: false, ..full.clone() },
        Sample { zone: "Europe/Berlin", reactive: false, ..full },
    ] {
        for language in Language::ALL {
            let (mut book, r) = customer(&sample, language, |_| ());
            assert_eq!(book.sheet_names().len(), 9, "{sample:?}");
            assert_eq!(sheet(&mut book, language, "days").height(), r.days.len() + 1);
        }
    }
}

#[test]
fn internal_facts_stand_in_a_sheet_of_their_own() {
    let (book, _) = customer(&Sample::default(), Language::En, |ctx| ctx.audience = Audience::Internal);
    assert!(book.sheet_names().contains(&"Internal".to_owned()));
    let (book, _) = customer(&Sample::default(), Language::En, |_| ());
    assert!(!book.sheet_names().contains(&"Internal".to_owned()));
}

#[test]
fn the_fleets_workbook_has_a_row_a_customer() {
    let row = |i: usize| FleetRow {
        id: format!("{i:04}").into(),
        name: Some(format!("=Works {i}")),
        status: if i == 3 { crate::analysis::Status::Failed } else { crate::analysis::Status::Ok },
        reason: (i == 3).then(|| "no usable interval".into()),
        bill_total: Money::from_f64_rounded(1000.25 + i as f64),
        saving_total: Money::from_f64_rounded(150.0),
        saving_headline: Money::from_f64_rounded(100.0),
        currency: Some("CNY".into()),
        advice: vec![FleetAdvice {
            code: "R04",
            saving_joint: Money::from_f64_rounded(100.0),
            certainty: Some("high"),
            headline: true,
            tier: crate::rule::Tier::Counter,
            awaits_sector: false,
        }],
        reconciled: (i == 2).then_some(false),
        standing: (i != 3).then(|| FleetStanding { grade: "B", visit: Some(9 - i), peak_share: Some(0.125) }),
        ..FleetRow::default()
    };
    let rows: Vec<FleetRow> = (0..5).map(row).collect();
    let ctx = FleetContext::new(Language::En, Date(20_000));
    let (name, bytes) = writer("xlsx").fleet(&rows, &ctx).unwrap().unwrap();
    assert_eq!(name, "fleet.xlsx");
    let mut book = open(bytes);
    let customers = sheet(&mut book, Language::En, "customers");
    assert_eq!(
        column(&customers, Language::En, "bill_total"),
        (0..5).map(|i| Some(1000.25 + f64::from(i))).collect::<Vec<_>>()
    );
    assert_eq!(customers.get((1, 0)), Some(&Data::String("0000".into())), "ids stay text");
    assert_eq!(customers.get((1, 1)), Some(&Data::String("=Works 0".into())), "a name is never a formula");
    assert_eq!(column(&customers, Language::En, "saving_headline")[1], Some(100.0));
    assert_eq!(column(&customers, Language::En, "saving_total")[1], Some(150.0));
    // The share's formula names the columns that it divides.
    let text = Text::of(Language::En);
    let heading: Vec<String> = customers.rows().next().unwrap().iter().map(ToString::to_string).collect();
    let at = |key: &str| heading.iter().position(|h| *h == text.get(&format!("column.{key}")).unwrap()).unwrap();
    let letter = |key: &str| char::from(b'A' + at(key) as u8);
    let formulas = book.worksheet_formula(text.t("sheet.customers")).unwrap();
    let share = formulas.get_value((2, at("saving_share") as u32)).cloned().unwrap_or_default();
    assert_eq!(share, format!("{}3/{}3", letter("saving_headline"), letter("bill_total")));
    assert_eq!(column(&customers, Language::En, "peak_share")[1..4], [Some(0.125), Some(0.125), None]);
    let visits = sheet(&mut book, Language::En, "visits");
    assert_eq!(column(&visits, Language::En, "visit"), [5.0, 7.0, 8.0, 9.0].map(Some));
    let line =
        |row: u32| (0..8).filter_map(|c| visits.get((row as usize, c))).map(ToString::to_string).collect::<Vec<_>>();
    let first = ["5", "0004", "=Works 4", "B", "100", "CNY", "High", "Change the basis of the basic charge"];
    assert_eq!(line(1), first);
    let kinds = sheet(&mut book, Language::En, "kinds");
    assert_eq!((kinds.height(), column(&kinds, Language::En, "saving_joint")), (2, vec![Some(500.0)]));
}

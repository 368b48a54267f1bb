//! The forms of a report beside the tables: every figure is the table's, a customer's files hold
//! nothing internal and nobody else, and their contents are kept as snapshots in both languages.

use super::forbidden::{INTERNAL, banned};
use super::support::{Outcome, Rows, arg, demo, run};
use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use peakwise::text::{Language, Text};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// One with all kinds of advice, one well run, one from metering alone.
const CUSTOMERS: [&str; 3] = ["4200000015855", "4200000039612", "SB-H0-A-LV5.201-71"];

/// The demonstration's fleet with internal columns, in every form of both audiences and a language.
struct Forms {
    _dir: tempfile::TempDir,
    out: PathBuf,
}

fn forms(language: Language) -> &'static Forms {
    static EN: OnceLock<Forms> = OnceLock::new();
    static ZH: OnceLock<Forms> = OnceLock::new();
    let cell = if language == Language::En { &EN } else { &ZH };
    cell.get_or_init(|| write(language).expect("the forms are written"))
}

fn write(language: Language) -> Outcome<Forms> {
    let dir = tempfile::tempdir()?;
    let input = demo().out.join("input");
    let register = fs::read_to_string(input.join("customers.csv"))?;
    let more = |values: Vec<&str>| values.join(",");
    let (names, values) = (INTERNAL.map(|i| i.0).to_vec(), INTERNAL.map(|i| i.1).to_vec());
    let lines = register.lines().enumerate();
    let rows: Vec<String> =
        lines.map(|(i, l)| format!("{l},{}", more(if i == 0 { names.clone() } else { values.clone() }))).collect();
    let customers = dir.path().join("customers.csv");
    fs::write(&customers, rows.join("\n"))?;
    let brand = dir.path().join("brand.toml");
    let logo = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/logo.png");
    fs::write(
        &brand,
        format!(
            "organisation = \"云岭 Power & Sons\"\nlogo = \"{}\"\nforeword = \"<b>Dear</b> 客户\"\n[contact]\nperson = \"Ms Li\"\nphone = \"95598\"\n",
            arg(&logo)
        ),
    )?;
    let out = dir.path().join("out");
    let arguments =
        ["analyze", &arg(&input.join("readings")), "--customers", &arg(&customers), "--meters"].map(ToOwned::to_owned);
    let rest = ["--tariff", "demo-two-part", "--prices-as-of", "2025-01-01", "--format", "html,xlsx,json"];
    let last = [
        "--energy-bill",
        "latest",
        "--audience",
        "customer,internal",
        "--lang",
        language.code(),
        "--quiet",
        "--no-hash",
        "--brand",
    ];
    let mut all = arguments.to_vec();
    all.extend([arg(&input.join("meters.csv")), "--transformers".into(), arg(&input.join("transformers.csv"))]);
    all.extend(rest.into_iter().chain(last).map(ToOwned::to_owned));
    all.extend([arg(&brand), "--out".into(), arg(&out)]);
    let (code, _, errors) = run(all)?;
    if code != 0 {
        return Err(errors.into());
    }
    Ok(Forms { _dir: dir, out })
}

fn book(path: &Path) -> Outcome<Xlsx<Cursor<Vec<u8>>>> {
    Ok(open_workbook_from_rs(Cursor::new(fs::read(path)?))?)
}

/// Everything that can be read in a file: its text, or the cells and formulas of a workbook.
fn readable(path: &Path) -> Outcome<String> {
    if path.extension().is_none_or(|e| e != "xlsx") {
        return Ok(fs::read_to_string(path)?);
    }
    let mut book = book(path)?;
    let mut out = String::new();
    for name in book.sheet_names() {
        let _ = writeln!(out, "{name}");
        for row in book.worksheet_range(&name)?.rows() {
            for c in row {
                out.push_str(&c.to_string());
                out.push(' ');
            }
        }
        book.worksheet_formula(&name)?.used_cells().for_each(|(_, _, f)| out.push_str(f));
    }
    Ok(out)
}

fn files(dir: &Path) -> Outcome<Vec<PathBuf>> {
    let mut out = fs::read_dir(dir)?.map(|e| e.map(|e| e.path())).collect::<Result<Vec<_>, _>>()?;
    out.sort();
    Ok(out)
}

#[test]
fn a_customers_files_hold_nothing_internal_and_nobody_else() -> Outcome {
    for language in Language::ALL {
        let out = &forms(language).out;
        let ids = Rows::of(out, "customers")?.ids("customer_id")?;
        let advice = Rows::of(out, "advice")?;
        let codes = advice.ids("code")?.into_iter().zip(advice.ids("audience")?);
        let text = Text::of(language);
        let mut banned = banned(|key| text.get(key).unwrap_or_default().to_owned());
        // A rule is internal when none of its advice is for the customer.
        let mut audience: BTreeMap<String, bool> = BTreeMap::new();
        codes.for_each(|(c, a)| *audience.entry(c).or_default() |= a == "customer");
        banned.extend(
            audience.iter().filter(|(_, seen)| !**seen).flat_map(|(c, _)| [format!("{c} "), format!("\"{c}\"")]),
        );
        let mut all = files(&out.join("customers"))?;
        assert!(all.len() >= 3 * ids.len(), "{} files", all.len());
        let bills = files(&out.join("energy-bills"))?;
        assert!(bills.len() > ids.len() / 2, "{} energy bills", bills.len());
        all.extend(bills);
        for path in all {
            let words = readable(&path)?;
            let stem = path.file_stem().and_then(|s| s.to_str()).ok_or("a name")?;
            let own = ids.iter().filter(|id| stem.starts_with(id.as_str())).max_by_key(|id| id.len()).ok_or(stem)?;
            assert!(words.contains(own.as_str()), "{} does not name its customer", path.display());
            for other in ids.iter().filter(|id| !own.starts_with(id.as_str())) {
                assert!(!words.contains(other.as_str()), "{} names {other}", path.display());
            }
            for word in &banned {
                assert!(!words.contains(word.as_str()), "{} holds {word:?}", path.display());
            }
        }
    }
    Ok(())
}

#[test]
fn the_staffs_files_hold_what_is_internal_and_lead_to_the_fleet() -> Outcome {
    let out = &forms(Language::En).out;
    for path in files(&out.join("internal"))? {
        let words = readable(&path)?;
        for (_, word) in INTERNAL {
            assert!(words.contains(word), "{} lacks {word}", path.display());
        }
        assert!(path.extension().is_none_or(|e| e != "html") || words.contains("../index.html"), "{}", path.display());
    }
    let fleet = fs::read_to_string(out.join("index.html"))?;
    assert!(fleet.contains("internal/4200000015855.html") && !fleet.contains("\"customers/"));
    assert!(out.join("fleet.xlsx").exists());
    Ok(())
}

#[test]
fn audiences_choose_the_directories() -> Outcome {
    let dir = tempfile::tempdir()?;
    let input = demo().out.join("input");
    for (audience, there) in [
        (None, ["customers", "index.html"].as_slice()),
        (Some("customer"), &["customers"]),
        (Some("internal"), &["index.html", "internal"]),
    ] {
        let out = dir.path().join("out");
        let mut all =
            vec!["analyze".to_owned(), arg(&input.join("readings")), "--out".into(), arg(&out), "--force".into()];
        all.extend([
            "--customers".into(),
            arg(&input.join("customers.csv")),
            "--meters".into(),
            arg(&input.join("meters.csv")),
        ]);
        all.extend(["--only", CUSTOMERS[0], "--quiet", "--no-hash"].map(ToOwned::to_owned));
        all.extend(audience.iter().flat_map(|a| ["--audience".to_owned(), (*a).to_owned()]));
        let (code, _, errors) = run(all)?;
        assert_eq!(code, 0, "{errors}");
        let names: Vec<String> =
            files(&out)?.iter().filter_map(|p| Some(p.file_name()?.to_str()?.to_owned())).collect();
        let reports: Vec<&str> =
            names.iter().map(String::as_str).filter(|n| !["tables", "run.json"].contains(n)).collect();
        assert_eq!(reports, there, "{audience:?}");
    }
    Ok(())
}

/// The rows of a customer in a column.
fn of<T: Clone>(ids: &[String], id: &str, values: &[T]) -> Vec<T> {
    ids.iter().zip(values).filter(|(i, _)| *i == id).map(|(_, v)| v.clone()).collect()
}

fn numbers(list: &Value, key: &str) -> Vec<Option<f64>> {
    list.as_array().map(|l| l.iter().map(|v| v[key].as_f64()).collect()).unwrap_or_default()
}

/// Equal but for the last bit, which serde_json may lose when it reads a number.
fn assert_same(found: &[Option<f64>], wanted: &[Option<f64>], what: &str) {
    let same = |(a, b): (&Option<f64>, &Option<f64>)| match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 4.0 * f64::EPSILON * b.abs(),
        (None, None) => true,
        _ => false,
    };
    assert_eq!(found.len(), wanted.len(), "{what}");
    assert!(found.iter().zip(wanted).all(same), "{what}: {found:?} instead of {wanted:?}");
}

#[test]
fn every_figure_of_the_json_is_the_tables() -> Outcome {
    let out = &forms(Language::En).out;
    let columns: [(&str, &str, &[&str]); 5] = [
        ("monthly", "months", &["kwh", "kwh_peak", "kwh_valley", "kvarh", "max_kw", "load_factor", "power_factor"]),
        ("daily", "days", &["kwh", "max_kw", "min_kw", "mean_kw", "load_factor"]),
        ("peaks", "peaks", &["max_kw", "margin_kw", "kwh_above", "recurrence"]),
        ("bills", "bill", &["quantity", "price", "amount", "amount_exact"]),
        ("customers", "totals", &["kwh", "max_kw", "load_factor", "bill_total", "saving_total"]),
    ];
    let all = Rows::of(out, "customers")?.ids("customer_id")?;
    let read = |id: &str| -> Outcome<Value> {
        Ok(serde_json::from_slice(&fs::read(out.join(format!("customers/{id}.json")))?)?)
    };
    let reports: BTreeMap<&String, Value> = all.iter().map(|id| Ok((id, read(id)?))).collect::<Outcome<_>>()?;
    for (table, part, names) in columns {
        let rows = Rows::of(out, table)?;
        let ids = rows.ids("customer_id")?;
        for name in names {
            let values = rows.reals(name)?;
            for (id, report) in &reports {
                let list =
                    if part == "totals" { Value::Array(vec![report[part].clone()]) } else { report[part].clone() };
                assert_same(&numbers(&list, name), &of(&ids, id, &values), &format!("{id}: {part}.{name}"));
            }
        }
    }
    let advice = Rows::of(out, "advice")?;
    let keys: Vec<String> = advice
        .ids("customer_id")?
        .into_iter()
        .zip(advice.ids("verdict")?)
        .zip(advice.ids("audience")?)
        .map(|((i, v), a)| format!("{i} {v} {a}"))
        .collect();
    let mut n = 0;
    for name in ["saving_alone", "saving_joint", "saving_low", "saving_high", "kw_reduced", "confidence"] {
        let values = advice.reals(name)?;
        for (id, report) in &reports {
            let wanted = of(&keys, &format!("{id} advise customer"), &values);
            n += wanted.len();
            assert_same(&numbers(&report["advice"], name), &wanted, &format!("{id}: advice.{name}"));
        }
    }
    assert!(n > 50, "{n} figures of advice");
    Ok(())
}

#[test]
fn every_figure_of_the_workbooks_is_the_tables() -> Outcome {
    let out = &forms(Language::Zh).out;
    let text = Text::of(Language::Zh);
    let rows = Rows::of(out, "monthly")?;
    let (ids, bills) = (rows.ids("customer_id")?, Rows::of(out, "bills")?);
    let bill_ids = bills.ids("customer_id")?;
    for id in CUSTOMERS {
        let mut book = book(&out.join(format!("customers/{id}.xlsx")))?;
        let mut column = |sheet: &str, key: &str, n: usize| -> Outcome<Vec<Option<f64>>> {
            let range = book.worksheet_range(text.t(sheet))?;
            let label = text.get(key).ok_or("a label")?;
            let heading = range.rows().next().ok_or("a heading")?;
            let at =
                heading.iter().position(|c| *c == Data::String(label.to_owned())).ok_or_else(|| label.to_owned())?;
            Ok(range.rows().skip(1).take(n).map(|r| if let Data::Float(v) = r[at] { Some(v) } else { None }).collect())
        };
        for name in ["kwh", "max_kw", "power_factor"] {
            let wanted = of(&ids, id, &rows.reals(name)?);
            assert_eq!(column("sheet.months", &format!("column.{name}"), wanted.len())?, wanted, "{id} {name}");
        }
        let wanted = of(&bill_ids, id, &bills.reals("amount")?);
        assert_eq!(column("sheet.bill", "column.amount", wanted.len())?, wanted, "{id} bill");
    }
    let mut fleet = book(&out.join("fleet.xlsx"))?;
    let range = fleet.worksheet_range(text.t("sheet.customers"))?;
    let customers = Rows::of(out, "customers")?;
    assert_eq!(range.height(), customers.len() + 1);
    let label = text.t("column.bill_total");
    let at =
        range.rows().next().and_then(|h| h.iter().position(|c| *c == Data::String(label.to_owned()))).ok_or("bills")?;
    let found: Vec<Option<f64>> =
        range.rows().skip(1).map(|r| if let Data::Float(v) = r[at] { Some(v) } else { None }).collect();
    assert_eq!(found, customers.reals("bill_total")?);
    Ok(())
}

/// Numbers to five figures, so that the last bits of another machine's arithmetic do not show.
fn rounded(value: &mut Value) {
    match value {
        Value::Number(n) if n.is_f64() => {
            let rounded = n.as_f64().and_then(|v| format!("{v:.4e}").parse::<f64>().ok());
            *value = rounded.map_or(Value::Null, Value::from);
        }
        // Long lists by their beginning: the tables' own snapshots have the rest.
        Value::Array(list) => {
            list.truncate(4);
            list.iter_mut().for_each(rounded);
        }
        Value::Object(map) => map.values_mut().for_each(rounded),
        _ => {}
    }
}

#[test]
fn json_snapshots() -> Outcome {
    for language in Language::ALL {
        let path = forms(language).out.join(format!("customers/{}.json", CUSTOMERS[0]));
        let mut report: Value = serde_json::from_slice(&fs::read(path)?)?;
        rounded(&mut report);
        report["run_date"] = "[date]".into();
        insta::assert_snapshot!(format!("json-{}", language.code()), serde_json::to_string_pretty(&report)?);
    }
    Ok(())
}

#[test]
fn workbook_snapshots() -> Outcome {
    for language in Language::ALL {
        let mut book = book(&forms(language).out.join(format!("customers/{}.xlsx", CUSTOMERS[0])))?;
        let mut out = String::new();
        for name in book.sheet_names() {
            let range = book.worksheet_range(&name)?;
            let _ = writeln!(out, "## {name}: {} rows, {} columns", range.height(), range.width());
            for row in range.rows().take(6) {
                let cell = |c: &Data| match c {
                    Data::Float(v) => {
                        format!("{v:.4e}").parse::<f64>().map_or_else(|e| e.to_string(), |v| v.to_string())
                    }
                    other => other.to_string(),
                };
                let line: Vec<String> = row.iter().map(cell).collect();
                let _ = writeln!(out, "{}", line.join(" | ").trim_end_matches([' ', '|']));
            }
        }
        let made = Text::of(language).t("head.made");
        let out: Vec<&str> = out.lines().filter(|l| !l.starts_with(made)).collect();
        insta::assert_snapshot!(format!("xlsx-{}", language.code()), out.join("\n"));
    }
    Ok(())
}

/// What a reader sees of a page, block by block; cells of a row stand on one line.
fn shown(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html.split_once("<body>").map_or(html, |(_, body)| body);
    while let Some((text, after)) = rest.split_once('<') {
        out.push_str(&text.replace('\n', " "));
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        let name = tag.split([' ', '/']).find(|n| !n.is_empty()).unwrap_or_default();
        rest = after;
        if ["script", "style", "svg"].contains(&name) && !tag.starts_with('/') {
            rest = after.split_once(&format!("</{name}>")).map_or("", |(_, after)| after);
        }
        match name {
            "td" | "th" | "dd" | "span" | "strong" if tag.starts_with('/') => out.push_str(" | "),
            "a" | "i" | "b" | "strong" | "span" | "code" | "td" | "th" | "dd" => {}
            _ => out.push('\n'),
        }
    }
    let entities = [("&#38;", "&"), ("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'")];
    let out = entities.iter().fold(out, |s, (from, to)| s.replace(from, to));
    let lines = out.lines().map(|l| l.trim_matches(|c: char| c.is_whitespace() || c == '|'));
    lines.filter(|l| !l.is_empty()).map(|l| format!("{l}\n")).collect()
}

/// A page's words without the day of the run.
fn page(out: &Path, name: &str) -> Outcome<String> {
    let html = fs::read_to_string(out.join(name))?;
    let run: Value = serde_json::from_slice(&fs::read(out.join(format!("customers/{}.json", CUSTOMERS[0])))?)?;
    let today = run["run_date"].as_str().ok_or("a day")?;
    let dir = out.parent().map(|d| format!("{}/", d.display())).unwrap_or_default();
    Ok(shown(&html).replace(today, "[date]").replace(&dir, ""))
}

fn html(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "html")
}

#[test]
fn page_snapshots() -> Outcome {
    for language in Language::ALL {
        let (out, code) = (&forms(language).out, language.code());
        let one = format!("{}.html", CUSTOMERS[0]);
        insta::assert_snapshot!(format!("html-{code}"), page(out, &format!("customers/{one}"))?);
        // Of the others the first page.
        let mut rest = String::new();
        let usage = format!("\n{}\n", Text::of(language).t("usage.part"));
        for path in files(&out.join("customers"))?.iter().filter(|p| html(p)) {
            let name = path.file_name().and_then(|n| n.to_str()).ok_or("a name")?;
            let text = page(out, &format!("customers/{name}"))?;
            let _ = writeln!(rest, "=== {name}\n{}", text.split(&usage).next().unwrap_or_default());
        }
        insta::assert_snapshot!(format!("html-first-{code}"), rest);
        let bills = files(&out.join("energy-bills"))?;
        let bill = bills.iter().filter_map(|p| p.file_name()?.to_str()).find(|n| n.starts_with(CUSTOMERS[0]));
        insta::assert_snapshot!(
            format!("html-month-{code}"),
            page(out, &format!("energy-bills/{}", bill.ok_or("a bill")?))?
        );
        insta::assert_snapshot!(format!("html-index-{code}"), page(out, "index.html")?);
    }
    Ok(())
}

/// Names, ids, commands and what a tariff's publisher wrote are no words of a page.
#[test]
fn a_chinese_page_says_nothing_in_english() -> Outcome {
    let out = &forms(Language::Zh).out;
    let english = ["the", "is", "are", "with", "not", "per", "than", "without", "for", "from", "which"];
    let register = fs::read_to_string(demo().out.join("input/customers.csv"))?;
    let mut all = files(&out.join("customers"))?;
    all.extend(files(&out.join("energy-bills"))?);
    let mut told = Vec::new();
    for path in all.iter().filter(|p| html(p)) {
        let shown = shown(&fs::read_to_string(path)?);
        let own = register.split([',', '\n']).filter(|cell| cell.contains(' '));
        let shown =
            own.fold(shown.replace("Illustrative two-part tariff with five periods", ""), |s, c| s.replace(c, ""));
        for line in shown.lines().filter(|l| !l.contains("in the proportions of published tables")) {
            let found = line.split(|c: char| !c.is_ascii_alphabetic()).find(|w| english.contains(w));
            told.extend(found.map(|_| format!("{}: {line}", path.display())));
        }
    }
    assert!(told.is_empty(), "{} lines: {:#?}", told.len(), told.iter().take(20).collect::<Vec<_>>());
    Ok(())
}

#[test]
fn show_tells_the_fleet_and_a_customer_in_both_languages() -> Outcome {
    let out = arg(&demo().out.join("report"));
    let (code, fleet, _) = run(["show", &out, "--width", "120"])?;
    assert_eq!(code, 0);
    assert!(fleet.contains("32 customers: 32 analysed") && fleet.contains("4200000047531"), "{fleet}");
    for lang in ["en", "zh"] {
        let (code, one, _) = run(["show", &out, CUSTOMERS[0], "--lang", lang, "--width", "90"])?;
        assert_eq!(code, 0);
        assert!(one.contains('█') && one.contains("2025-12") && one.contains("R05"), "{one}");
        insta::assert_snapshot!(format!("show-{lang}"), one);
    }
    let (code, _, message) = run(["show", &out, "nobody"])?;
    assert!(code == 1 && message.contains("nobody") && message.contains("peakwise show OUT"), "{message}");
    Ok(())
}

#[test]
fn no_vendor_is_named_in_any_sentence_or_card() -> Outcome {
    // Makers of drives, capacitors, storage and controls, and sellers of electricity.
    let vendors = [
        "siemens",
        "schneider",
        "abb ",
        "huawei",
        "catl",
        "byd",
        "eaton",
        "danfoss",
        "honeywell",
        "tesla",
        "sungrow",
        "西门子",
        "施耐德",
        "华为",
        "宁德时代",
        "比亚迪",
        "阳光电源",
        "正泰",
        "德力西",
        "汇川",
        "霍尼韦尔",
        "丹佛斯",
        "售电公司",
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    for folder in ["rule", "indicator", "text"] {
        all.extend(files(&root.join(folder))?);
    }
    let mut n = 0;
    for path in all.iter().filter(|p| p.extension().is_some_and(|e| e == "md" || e == "toml")) {
        let words = fs::read_to_string(path)?.to_lowercase();
        n += 1;
        for vendor in vendors {
            assert!(!words.contains(vendor), "{} names {vendor}", path.display());
        }
    }
    assert!(n > 50, "{n} files");
    Ok(())
}

//! Reads the demonstration's pages back: every figure in their tables is that of the Parquet tables.

use super::support::{Outcome, Rows, arg, demo, run};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The text between two marks, after the first of them.
fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    text.split_once(from)?.1.split_once(to).map(|(inside, _)| inside)
}

/// Text without tags, with its entities resolved.
fn plain(html: &str) -> String {
    let mut out = String::new();
    for part in html.split('<') {
        out.push_str(part.split_once('>').map_or(part, |(_, text)| text));
    }
    ["&#38;=&", "&amp;=&", "&#60;=<", "&lt;=<", "&#62;=>", "&gt;=>", "&#34;=\"", "&quot;=\"", "&#39;='"]
        .iter()
        .filter_map(|pair| pair.rsplit_once('='))
        .fold(out, |s, (from, to)| s.replace(from, to))
        .trim()
        .to_owned()
}

/// The rows of the first table after a mark, cell by cell.
fn rows(html: &str, after: &str) -> Vec<Vec<String>> {
    let Some(body) = html.split_once(after).and_then(|(_, rest)| between(rest, "<tbody>", "</tbody>")) else {
        return Vec::new();
    };
    let cells = |row: &str| -> Vec<String> {
        let row = row.replace("</th>", "</td>");
        row.split("</td>").map(plain).take_while(|c| !c.starts_with("</tr")).collect()
    };
    body.split("<tr>").skip(1).map(cells).collect()
}

/// `Jan 2025 …` as `2025-01`.
fn month(cell: &str) -> Option<String> {
    let (name, year) = cell.split_once(' ')?;
    let number = MONTHS.iter().position(|m| *m == name)? + 1;
    Some(format!("{}-{number:02}", year.get(..4)?))
}

/// A shown number and half a unit of its last digit; `None` for a dash.
fn number(cell: &str) -> Option<(f64, f64)> {
    let digits: String = cell.replace('−', "-").chars().filter(|c| c.is_ascii_digit() || "-.".contains(*c)).collect();
    let value: f64 = digits.parse().ok()?;
    let decimals = digits.split_once('.').map_or(0, |(_, d)| d.len());
    Some((value, 0.5 * 10f64.powi(-(decimals as i32)) * (1.0 + 1e-9)))
}

#[expect(clippy::panic, reason = "a test fails by it")]
fn assert_shown(cell: &str, value: Option<f64>, what: &str) {
    match (number(cell), value) {
        (None, None) => {}
        (Some((shown, half)), Some(value)) => assert!((shown - value).abs() <= half, "{what}: {cell} is not {value}"),
        other => panic!("{what}: {cell} beside {value:?}: {other:?}"),
    }
}

fn pages() -> Outcome<Vec<(String, String)>> {
    let ids = demo().table("customers")?.ids("customer_id")?;
    let folder = demo().out.join("report/customers");
    ids.into_iter().map(|id| Ok((id.clone(), fs::read_to_string(folder.join(format!("{id}.html")))?))).collect()
}

/// Rows of a table by two text columns.
fn by(table: &Rows, first: &str, second: &str) -> Outcome<BTreeMap<(String, String), Vec<usize>>> {
    let mut out: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    let (a, b) = (table.text(first)?, table.text(second)?);
    for (row, (a, b)) in a.into_iter().zip(b).enumerate() {
        out.entry((a.unwrap_or_default(), b.unwrap_or_default())).or_default().push(row);
    }
    Ok(out)
}

#[test]
fn months_on_the_page_are_those_of_the_table() -> Outcome {
    let table = demo().table("monthly")?;
    let at = by(&table, "customer_id", "month")?;
    let [kwh, max, factor, power] =
        ["kwh", "max_kw", "load_factor", "power_factor"].map(|c| table.reals(c).expect("a column"));
    let starts = table.instants("max_at")?;
    let mut seen = 0;
    for (id, html) in pages()? {
        let usage = html.split_once("id=\"usage\"").ok_or("a section")?.1;
        for row in rows(usage, ">Months<") {
            let month = month(&row[0]).ok_or("a month")?;
            let what = format!("{id} {month}");
            let i = at[&(id.clone(), month)][0];
            assert_shown(&row[1], kwh[i], &what);
            assert_shown(&row[2], max[i], &what);
            assert_eq!(row[3], starts[i].clone().unwrap_or_default(), "{what}");
            assert_shown(&row[4], factor[i], &what);
            assert_shown(&row[5], power[i], &what);
            seen += 1;
        }
    }
    assert_eq!(seen, table.len(), "every month of every customer stands on a page");
    Ok(())
}

#[test]
fn peaks_on_the_page_are_those_of_the_table() -> Outcome {
    let table = demo().table("peaks")?;
    let at = by(&table, "customer_id", "month")?;
    let kinds = table.ids("kind")?;
    let [kw, margin, above] = ["max_kw", "margin_kw", "kwh_above"].map(|c| table.reals(c).expect("a column"));
    let starts = table.instants("start")?;
    let mut seen = 0;
    for (id, html) in pages()? {
        for row in rows(&html, ">Ledger of monthly peaks<") {
            let month = month(&row[0]).ok_or("a month")?;
            let what = format!("{id} {month}");
            let i = *at[&(id.clone(), month)].iter().find(|i| kinds[**i] == "billing").ok_or("a billing peak")?;
            assert_eq!(Some(&row[1]), starts[i].as_ref(), "{what}");
            assert_shown(&row[2], kw[i], &what);
            assert_shown(&row[3], margin[i], &what);
            assert_shown(&row[6], above[i], &what);
            seen += 1;
        }
    }
    assert_eq!(seen, kinds.iter().filter(|k| *k == "billing").count());
    Ok(())
}

#[test]
fn bills_on_the_page_are_those_of_the_table() -> Outcome {
    let table = demo().table("bills")?;
    let at = by(&table, "customer_id", "month")?;
    let [amount, quantity, price] = ["amount", "quantity", "price"].map(|c| table.reals(c).expect("a column"));
    let mut seen = 0;
    for (id, html) in pages()? {
        let Some((_, bill)) = html.split_once("id=\"bill\"") else { continue };
        let details = between(bill, "<details>", "</details>").unwrap_or_default();
        for part in details.split("<h4>").skip(1) {
            let head = plain(part.split("</h4>").next().unwrap_or_default());
            let mut words = head.split(" · ");
            let (month, total) =
                (month(words.next().unwrap_or_default()).ok_or("a month")?, words.next().unwrap_or_default());
            let what = format!("{id} {month}");
            let lines = &at[&(id.clone(), month)];
            let sum: f64 = lines.iter().filter_map(|i| amount[*i]).sum();
            assert_shown(total, Some((sum * 100.0).round() / 100.0), &what);
            let shown = rows(part, "<table");
            assert_eq!(shown.len(), lines.len(), "{what}");
            for (row, i) in shown.iter().zip(lines) {
                assert_shown(row[1].split(' ').next().unwrap_or_default(), quantity[*i], &what);
                assert_shown(&row[2], price[*i], &what);
                assert_shown(&row[3], amount[*i], &what);
                seen += 1;
            }
        }
    }
    assert!(seen > table.len() / 2, "{seen} of {} lines stand on pages", table.len());
    Ok(())
}

/// Two significant figures, rounded down.
fn floor_two(value: f64) -> f64 {
    let unit = 10f64.powi((value.abs().log10().floor() as i32 - 1).max(0));
    (value / unit).trunc() * unit
}

#[test]
fn savings_on_the_page_are_those_of_the_table() -> Outcome {
    let table = demo().table("advice")?;
    let at = by(&table, "customer_id", "code")?;
    let [low, high] = ["saving_low", "saving_high"].map(|c| table.reals(c).expect("a column"));
    let told = ["saving_headline", "saving_joint", "saving_alone"].map(|c| table.reals(c).expect("a column"));
    let verdicts = table.ids("verdict")?;
    let customers = demo().table("customers")?;
    let bills = customers.ids("customer_id")?.into_iter().zip(customers.reals("bill_total")?);
    let bills: BTreeMap<String, f64> = bills.filter_map(|(id, bill)| Some((id, bill?))).collect();
    let (mut seen, mut small) = (0, 0);
    for (id, html) in pages()? {
        // Below the greater of 5,000 and half a percent of the bill nothing is worth mentioning.
        let least = bills.get(&id).map_or(0.0, |bill| 0.005 * bill).max(5_000.0);
        for article in html.split("<article").skip(1) {
            let code = plain(between(article, "class=\"code\">", "</span>").ok_or("a code")?);
            let saving = plain(
                between(article, "<p class=\"saving", "</p>").and_then(|s| s.split_once('>')).ok_or("a saving")?.1,
            );
            let i = *at[&(id.clone(), code)].iter().find(|i| verdicts[**i] == "advise").ok_or("a row")?;
            let (Some(low), Some(high)) = (low[i], high[i]) else { continue };
            let amounts = saving.split(" a year").next().unwrap_or_default();
            let ends: Vec<f64> = amounts.split('–').filter_map(|s| number(s).map(|n| n.0)).collect();
            let up_to = low < least && low < high;
            let (low, high) = (floor_two(low), floor_two(high));
            // Where the lower end is too small to be told, the saving itself leads and not the upper end.
            let own = told.iter().find_map(|c| c[i]).map(floor_two).ok_or("a saving")?;
            let expected = match (up_to, low < high) {
                (true, _) => vec![own],
                (false, true) => vec![low, high],
                (false, false) => vec![high],
            };
            assert_eq!(ends, expected, "{id}: {saving}");
            assert_eq!(saving.starts_with("up to "), up_to, "{id}: {saving}");
            (seen, small) = (seen + 1, small + usize::from(up_to));
        }
    }
    assert!(small >= 1, "the demonstration has a saving that may be too small");
    assert!(seen >= 15, "the demonstration has advice: {seen}");
    Ok(())
}

#[test]
fn the_first_page_shows_the_yearly_bill_of_the_table() -> Outcome {
    let table = demo().table("customers")?;
    let (ids, bills) = (table.ids("customer_id")?, table.reals("bill_total")?);
    for (id, html) in pages()? {
        let i = ids.iter().position(|x| *x == id).ok_or("a customer")?;
        let tile = plain(
            between(&html, "class=\"tile money\"", "</strong>")
                .and_then(|t| t.split_once("<strong>"))
                .ok_or("a tile")?
                .1,
        );
        assert_shown(&tile, bills[i], &id);
    }
    Ok(())
}

/// Two works of the demonstration with issued bills, some of them wrong, and a list of equipment.
fn checked() -> &'static Path {
    static CHECKED: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    &CHECKED.get_or_init(|| check().expect("the run with issued bills and equipment")).1
}

const WORKS: [&str; 2] = ["4200000015855", "4200000110883"];

fn check() -> Outcome<(tempfile::TempDir, PathBuf)> {
    let dir = tempfile::tempdir()?;
    let bills = demo().table("bills")?;
    let [ids, months, lines] = ["customer_id", "month", "line"].map(|c| bills.ids(c).expect("a column"));
    let (periods, quantities, amounts) = (bills.text("period")?, bills.reals("quantity")?, bills.reals("amount")?);
    let mut issued = String::from("customer_id,month,line,quantity,amount\n");
    for i in (0..bills.len()).filter(|i| WORKS.contains(&ids[*i].as_str())) {
        let energy = lines[i] == "energy";
        // A wrong multiplier in one month, another price in another, a line left out in a third.
        let (quantity, amount) = match (ids[i] == WORKS[1], months[i].as_str()) {
            (true, "2025-11") if energy => (2.0, 2.0),
            (false, "2025-07") if energy => (1.0, 0.93),
            (false, "2025-09") if lines[i] == "power_factor" => continue,
            _ => (1.0, 1.0),
        };
        let (q, a) = (quantities[i].unwrap_or_default() * quantity, amounts[i].unwrap_or_default() * amount);
        let name = format!("{} {}", lines[i], periods[i].clone().unwrap_or_default());
        let _ = writeln!(issued, "{},{},{},{q:.4},{a:.2}", ids[i], months[i], name.trim());
    }
    let equipment = format!(
        "customer_id,equipment,kw,run_minutes_per_day,usual_start\n{0},球磨机 <Ball mill>,690,540,08:00\n{0},Press,90,120,09:00\n",
        WORKS[1]
    );
    let input = demo().out.join("input");
    let file = |name: &str, text: &str| -> Outcome<String> {
        let path = dir.path().join(name);
        fs::write(&path, text)?;
        Ok(arg(&path))
    };
    let (issued, equipment) = (file("issued.csv", &issued)?, file("equipment.csv", &equipment)?);
    let out = dir.path().join("out");
    let side = |name: &str| arg(&input.join(name));
    let all = [
        vec!["analyze".into(), side("readings"), "--customers".into(), side("customers.csv")],
        vec!["--meters".into(), side("meters.csv"), "--transformers".into(), side("transformers.csv")],
        vec!["--issued".into(), issued, "--equipment".into(), equipment, "--out".into(), arg(&out)],
        ["--tariff", "demo-two-part", "--prices-as-of", "2025-01-01", "--quiet", "--no-hash"].map(Into::into).to_vec(),
        vec!["--only".into(), WORKS.join(","), "--format".into(), "html,xlsx,json".into()],
    ];
    let (code, _, errors) = run(all.concat())?;
    if code == 0 { Ok((dir, out)) } else { Err(errors.into()) }
}

fn checked_page(id: &str) -> Outcome<String> {
    Ok(fs::read_to_string(checked().join(format!("customers/{id}.html")))?)
}

#[test]
fn issued_bills_on_the_page_are_those_of_the_table() -> Outcome {
    let table = Rows::of(checked(), "reconciliation")?;
    let at = by(&table, "customer_id", "month")?;
    let [issued, recomputed, difference, share] =
        ["amount_issued", "amount_recomputed", "difference", "share"].map(|c| table.reals(c).expect("a column"));
    let (quantity_issued, quantity) = (table.reals("quantity_issued")?, table.reals("quantity_recomputed")?);
    let (names, causes) = (table.ids("line")?, table.text("cause")?);
    let (mut months, mut lines) = (0, 0);
    for id in WORKS {
        let html = checked_page(id)?;
        let part = html.split_once(">Issued and recomputed, side by side<").ok_or("a part")?.1;
        let part = part.split("<h3>").next().unwrap_or_default();
        for row in rows(part, "<p>") {
            let month = month(&row[0]).ok_or("a month")?;
            let what = format!("{id} {month}");
            let i = *at[&(id.into(), month)].iter().find(|i| names[**i] == "total").ok_or("a total")?;
            assert_shown(&row[1], issued[i], &what);
            assert_shown(&row[2], recomputed[i], &what);
            assert_shown(&row[3].replace('+', ""), difference[i], &what);
            assert_shown(&row[4], share[i].map(|s| 100.0 * s), &what);
            months += 1;
        }
        for part in part.split("<h4>Lines that differ, ").skip(1) {
            let month = month(part.split("</h4>").next().unwrap_or_default()).ok_or("a month")?;
            let differ = |i: &&usize| causes[**i].as_ref().is_some_and(|c| c != "rounding");
            let wanted: Vec<usize> = at[&(id.into(), month.clone())].iter().filter(differ).copied().collect();
            let shown = rows(part, "<table");
            assert_eq!(shown.len(), wanted.len(), "{id} {month}");
            for (row, i) in shown.iter().zip(wanted) {
                let what = format!("{id} {month} {}", row[0]);
                assert_eq!(row[0], names[i]);
                assert_shown(row[1].split(' ').next().unwrap_or_default(), quantity_issued[i], &what);
                assert_shown(&row[2], issued[i], &what);
                assert_shown(row[3].split(' ').next().unwrap_or_default(), quantity[i], &what);
                assert_shown(&row[4], recomputed[i], &what);
                assert_shown(&row[5].replace('+', ""), difference[i], &what);
                assert!(!row[6].is_empty(), "{what}: explained");
                lines += 1;
            }
        }
    }
    assert_eq!(months, names.iter().filter(|n| *n == "total").count());
    assert!(lines > 5, "{lines} lines differ");
    let fleet = fs::read_to_string(checked().join("index.html"))?;
    assert!(fleet.contains("Reconciled"), "the fleet's page tells who reconciles");
    Ok(())
}

#[test]
fn the_schedule_on_the_page_is_that_of_the_table() -> Outcome {
    let table = Rows::of(checked(), "schedule")?;
    let [kinds, names, froms, starts, ends] =
        ["day_kind", "equipment", "from", "start", "end"].map(|c| table.ids(c).expect("a column"));
    let (runs, days, savings) = (table.wholes("run")?, table.wholes("n_days")?, table.reals("saving_observed")?);
    let powers = table.reals("kw")?;
    // Moves of several months that are the same stand in one row of the page; each power that the load shows by itself.
    let mut wanted: BTreeMap<[String; 5], (i64, f64)> = BTreeMap::new();
    for i in (0..table.len()).filter(|i| runs[*i] == Some(1)) {
        let more = (i + 1..table.len()).take_while(|k| runs[*k] != Some(1));
        let to: Vec<String> = std::iter::once(i).chain(more).map(|k| format!("{}–{}", starts[k], ends[k])).collect();
        let kind = match kinds[i].as_str() {
            "workday" => "working days",
            "restday" => "rest days",
            _ => "holidays",
        };
        let kw = powers[i].ok_or("a power")?.to_string();
        let key = [kind.to_owned(), names[i].clone(), froms[i].clone(), to.join(", "), kw];
        let sum = wanted.entry(key).or_default();
        *sum = (sum.0 + days[i].unwrap_or_default(), sum.1 + savings[i].unwrap_or_default());
    }
    let html = checked_page(WORKS[1])?;
    let shown = rows(&html, "id=\"schedule\"");
    assert!(!wanted.is_empty());
    assert_eq!(shown.len(), wanted.len());
    for row in shown {
        let kind = wanted.keys().map(|k| k[0].clone()).find(|k| row[0].starts_with(k.as_str())).ok_or("a kind")?;
        let of = [kind, row[1].clone(), row[3].clone(), row[4].clone()];
        let whole = |kw: &str| kw.parse::<f64>().is_ok_and(|kw| row[2] == format!("{kw:.0} kW"));
        let told = |k: &&[String; 5]| k[..4] == of && whole(&k[4]) && row[5] == wanted[*k].0.to_string();
        let (n, saving) = wanted[wanted.keys().find(told).ok_or_else(|| row.join(" "))?];
        assert_shown(&row[5], Some(n as f64), &row.join(" "));
        assert_shown(&row[6], Some(floor_two(saving)), &row.join(" "));
    }
    assert!(!html.contains("<Ball mill>"), "a name full of markup stays text");
    assert!(html.contains("the load shows no run of their power there: Press."), "stated, and not in the load");
    let (_, total) = html.split_once("would have saved ").ok_or("a sum")?;
    let sum = floor_two(savings.iter().flatten().sum());
    assert_shown(total.split(" in all").next().unwrap_or_default(), Some(sum), "the sum");
    Ok(())
}

//! Reads the demonstration's pages back: every figure in their tables is that of the Parquet tables.

use super::support::{Outcome, Rows, demo};
use std::collections::BTreeMap;
use std::fs;

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
    ["&#38;=&", "&amp;=&", "&#60;=<", "&lt;=<", "&#34;=\"", "&quot;=\"", "&#39;='"]
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
    let verdicts = table.ids("verdict")?;
    let mut seen = 0;
    for (id, html) in pages()? {
        for article in html.split("<article").skip(1) {
            let code = plain(between(article, "class=\"code\">", "</span>").ok_or("a code")?);
            let saving = plain(
                between(article, "<p class=\"saving", "</p>").and_then(|s| s.split_once('>')).ok_or("a saving")?.1,
            );
            let i = *at[&(id.clone(), code)].iter().find(|i| verdicts[**i] == "advise").ok_or("a row")?;
            let (Some(low), Some(high)) = (low[i], high[i]) else { continue };
            let amounts = saving.split(" a year").next().unwrap_or_default();
            let ends: Vec<f64> = amounts.split('–').filter_map(|s| number(s).map(|n| n.0)).collect();
            let (low, high) = (floor_two(low), floor_two(high));
            let expected = if low < high { vec![low, high] } else { vec![high] };
            assert_eq!(ends, expected, "{id}: {saving}");
            seen += 1;
        }
    }
    assert!(seen > 20, "the demonstration has advice: {seen}");
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

//! What the data could not tell: readings, issues, inputs that are missing and what they unlock.

use super::{Section, View, render};
use crate::error::Result;
use crate::quality::{Issue, Severity};
use crate::report::advice_title;
use askama::Template;
use std::collections::{BTreeMap, BTreeSet};

/// See the module.
#[derive(Debug)]
pub struct Limits;

/// Findings that stay with the utility until its metering staff has confirmed them: zeros that may
/// be outages, and jumps that may be a wrong multiplier.
pub(in crate::report) const INTERNAL_ISSUES: [&str; 2] = ["V08", "V13"];

struct IssueRow {
    code: &'static str,
    name: String,
    severity: &'static str,
    n: String,
    intervals: String,
    first: String,
    last: String,
}

struct Unlock {
    need: String,
    how: String,
    advice: String,
}

#[derive(Template)]
#[template(path = "customer/limits.html")]
struct Page<'a> {
    v: View<'a>,
    lead: String,
    counts: Vec<(&'static str, String)>,
    issues: Vec<IssueRow>,
    unlocks: Vec<Unlock>,
}

impl Section for Limits {
    fn id(&self) -> &'static str {
        "limits"
    }

    fn render(&self, v: &View) -> Result<Option<String>> {
        let page = Page { v: *v, lead: lead(v), counts: counts(v), issues: issues(v), unlocks: unlocks(v) };
        render(&page, v).map(Some)
    }
}

fn lead(v: &View) -> String {
    let t = &v.a.totals;
    let share = t.n_valid as f64 / t.n_expected.max(1) as f64;
    // Rounded down: a year with one gap is not called complete.
    let percent = v.numbers.percent((share * 1000.0).floor() / 1000.0, 1);
    let key = if t.n_valid == t.n_expected { "limits.lead_complete" } else { "limits.lead" };
    v.text.fill(key, &[("percent", &percent), ("n", &v.numbers.fixed(t.n_expected as f64, 0))])
}

fn counts(v: &View) -> Vec<(&'static str, String)> {
    let t = &v.a.totals;
    [
        ("limits.expected", t.n_expected),
        ("limits.valid", t.n_valid),
        ("limits.missing", t.n_missing),
        ("limits.invalid", t.n_invalid),
        ("limits.duplicate", t.n_duplicate),
        ("limits.estimated", t.n_estimated),
    ]
    .into_iter()
    .map(|(key, n)| (v.text.t(key), v.numbers.fixed(n as f64, 0)))
    .collect()
}

/// One row a code: how often, how many intervals, from when to when.
fn issues(v: &View) -> Vec<IssueRow> {
    let mut by_code: BTreeMap<&'static str, Vec<&Issue>> = BTreeMap::new();
    for issue in v.a.issues.iter().filter(|i| !INTERNAL_ISSUES.contains(&i.code)) {
        by_code.entry(issue.code).or_default().push(issue);
    }
    let at = |index: Option<usize>| index.map(|i| v.at(i)).unwrap_or_default();
    by_code
        .into_iter()
        .map(|(code, list)| {
            let blocking = list.iter().any(|i| i.severity == Severity::Blocking);
            let key = if blocking { "severity.blocking" } else { "severity.advisory" };
            IssueRow {
                code,
                name: v.text.get(&format!("issue.{code}")).unwrap_or(code).to_owned(),
                severity: v.text.t(key),
                n: v.numbers.fixed(list.len() as f64, 0),
                intervals: v.numbers.fixed(list.iter().map(|i| i.n_intervals).sum::<usize>() as f64, 0),
                first: at(list.iter().filter_map(|i| i.first).min()),
                last: at(list.iter().filter_map(|i| i.last).max()),
            }
        })
        .collect()
}

/// One row an input: what it is, how to give it, which advice waits for it.
fn unlocks(v: &View) -> Vec<Unlock> {
    let mut by_need: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for advice in v.missing() {
        for need in &advice.needs {
            by_need.entry(need).or_default().insert(advice.code);
        }
    }
    by_need
        .into_iter()
        .map(|(need, codes)| {
            let titles: Vec<String> = codes.iter().map(|c| advice_title(c, v.language())).collect();
            Unlock {
                need: v.text.get(&format!("need.{need}")).unwrap_or(need).to_owned(),
                how: v.text.get(&format!("supply.{need}")).unwrap_or_else(|| v.text.t("supply.other")).to_owned(),
                advice: titles.join(v.text.t("word.list")),
            }
        })
        .collect()
}

//! Annex: the tariff with its source and validity, the method, how the files were read.

use super::{Section, View, render};
use crate::error::Result;
use askama::Template;

/// See the module.
#[derive(Debug)]
pub struct Annex;

#[derive(Template)]
#[template(path = "customer/annex.html")]
struct Page<'a> {
    v: View<'a>,
    tariff: Vec<(&'static str, String)>,
    method: Vec<&'static str>,
}

/// Sentences of the method, in order.
const METHOD: [&str; 6] =
    ["annex.curves", "annex.gaps", "annex.peaks", "annex.billing", "annex.savings", "annex.certainty"];

impl Section for Annex {
    fn id(&self) -> &'static str {
        "annex"
    }

    fn render(&self, v: &View) -> Result<Option<String>> {
        let page = Page { v: *v, tariff: tariff(v), method: METHOD.iter().map(|key| v.text.t(key)).collect() };
        render(&page, v).map(Some)
    }
}

fn tariff(v: &View) -> Vec<(&'static str, String)> {
    let Some(t) = &v.ctx.tariff else { return Vec::new() };
    let text = v.text;
    let open = |d: Option<crate::time::Date>| d.map_or_else(|| text.t("annex.open").to_owned(), |d| d.to_string());
    let state = text.t(if t.verified { "annex.verified" } else { "annex.unverified" });
    vec![
        (text.t("head.tariff"), t.name.clone()),
        (text.t("annex.id"), t.id.clone()),
        (text.t("annex.version"), t.version.clone()),
        (text.t("annex.validity"), format!("{} – {}", open(t.effective_from), open(t.effective_to))),
        (text.t("annex.source"), t.source.clone()),
        (text.t("annex.state"), state.to_owned()),
    ]
}

//! A customer's page: a chain of sections, each one file and one template.

mod actions;
mod annex;
mod answer;
mod bill;
mod figure;
mod head;
mod limits;
mod peaks;
mod usage;
mod view;
mod worth;

pub(super) use actions::{need_names, rejected};
#[cfg(feature = "pdf")]
pub(super) use annex::METHOD;
pub(super) use answer::lead;
pub(super) use bill::explanation;
pub(super) use head::Head;
pub(super) use limits::INTERNAL_ISSUES;

pub use view::{Typical, View};

use super::PageContext;
use super::script::{bare, packed, policy_hash};
use crate::analysis::Analysis;
use crate::error::{Error, Result};
use askama::Template;
use std::sync::LazyLock;

/// A section of the customer's page. Its heading is `{id}.title` of the text files, and the part of
/// the service it belongs to (consultation, monitoring, diagnosis, recommendation, evaluation) is
/// `{id}.part`.
pub trait Section: Sync {
    /// Anchor and key of its sentences.
    fn id(&self) -> &'static str;

    /// The section's HTML below its heading; `None` leaves it out.
    ///
    /// # Errors
    /// When a template or picture cannot be written.
    fn render(&self, view: &View) -> Result<Option<String>>;
}

/// All sections in the order of the page.
pub static SECTIONS: &[&dyn Section] = &[
    &answer::Answer,
    &usage::Usage,
    &peaks::Peaks,
    &bill::BillSection,
    &actions::Actions,
    &limits::Limits,
    &annex::Annex,
];

struct Rendered {
    id: &'static str,
    part: &'static str,
    title: &'static str,
    html: String,
}

#[derive(Template)]
#[template(path = "customer/page.html")]
struct Page<'a> {
    v: View<'a>,
    head: head::Head,
    sections: Vec<Rendered>,
    uplot: &'static str,
    script: &'static str,
    hashes: &'static [String; 2],
}

/// uPlot (MIT, `templates/vendor`), which draws the plots.
const UPLOT: &str = include_str!("../../../templates/vendor/uPlot.iife.min.js");
/// What puts the plots over the pictures.
const PLOT: &str = include_str!("../../../templates/customer/plot.js");

/// The scripts as a page carries them.
struct Scripts {
    uplot: String,
    plot: String,
    /// Of both, for the policy.
    hashes: [String; 2],
}

static SCRIPTS: LazyLock<Scripts> = LazyLock::new(|| {
    let plot = bare(PLOT);
    Scripts { uplot: packed(UPLOT), hashes: [policy_hash(UPLOT), policy_hash(&plot)], plot }
});

/// The whole page of one customer, self-contained: style, pictures and the scripts for hover and
/// zoom are inside; its content security policy forbids every request and every other script.
///
/// # Errors
/// When a template or picture cannot be written.
pub fn customer_page(a: &Analysis, ctx: &PageContext) -> Result<String> {
    let v = View::new(a, ctx);
    let page = page(v)?;
    if page.len() <= MOST_BYTES { Ok(page) } else { self::page(View { slim: true, ..v }) }
}

/// Bytes of a customer's page at most: beyond that hover, zoom and the details are left out.
const MOST_BYTES: usize = 250_000;

fn page(v: View<'_>) -> Result<String> {
    let mut sections = Vec::new();
    for section in SECTIONS {
        if let Some(html) = section.render(&v)? {
            let key = |part: &str| v.text.get(&format!("{}.{part}", section.id())).unwrap_or_default();
            let html = if v.slim { without_data(&html) } else { html };
            sections.push(Rendered { id: section.id(), part: key("part"), title: key("title"), html });
        }
    }
    let Scripts { uplot, plot: script, hashes } = &*SCRIPTS;
    let page = Page { v, head: head::Head::new(&v), sections, uplot, script, hashes };
    render(&page, &v)
}

/// A section without the data of hover and zoom.
fn without_data(html: &str) -> String {
    let mut parts = html.split("<script type=\"application/json\">");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.filter_map(|p| p.split_once("</script>")).fold(first, |out, (_, rest)| out + rest)
}

/// A picture of the page.
#[cfg(feature = "pdf")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its section.
    pub section: &'static str,
    /// The drawing, whose colours the style sheet has.
    pub svg: String,
    /// Below it.
    pub caption: String,
    /// Over the whole width.
    pub wide: bool,
}

/// The pictures of a page in their order, for forms that have no sections of their own. They are taken
/// from the sections as these are written: what stands on the page stands in every form.
///
/// # Errors
/// When a section cannot be written.
#[cfg(feature = "pdf")]
pub fn pictures(v: &View) -> Result<Vec<Picture>> {
    let mut out = Vec::new();
    for section in SECTIONS {
        let html = section.render(v)?.unwrap_or_default();
        for figure in html.split("<figure").skip(1) {
            let between = |from: &str, to: &str| Some(figure.split_once(from)?.1.split_once(to)?.0.to_owned());
            let (Some(inner), Some(caption)) = (between("<svg ", "</svg>"), between("<figcaption>", "</figcaption>"))
            else {
                continue;
            };
            let wide = figure.starts_with(" class=\"wide\"");
            let entities = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
            let caption = entities.iter().fold(caption, |s, (from, to)| s.replace(from, to));
            out.push(Picture { section: section.id(), svg: format!("<svg {inner}</svg>"), caption, wide });
        }
    }
    Ok(out)
}

/// Writes a template; an error names the customer.
fn render(template: &impl Template, view: &View) -> Result<String> {
    template
        .render()
        .map_err(|e| Error::Customer { customer: view.a.customer.id.to_string(), what: format!("page: {e}") })
}

#[cfg(test)]
mod tests;

//! A customer's page: a chain of sections, each one file and one template.

mod actions;
mod annex;
mod answer;
mod bill;
mod head;
mod limits;
mod peaks;
mod usage;
mod view;

pub use view::certainty;

pub use view::{Typical, View};

use super::PageContext;
use crate::analysis::Analysis;
use crate::error::{Error, Result};
use askama::Template;

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
}

/// The whole page of one customer, self-contained: style and pictures are inside, there is no
/// script, and its content security policy forbids every request.
///
/// # Errors
/// When a template or picture cannot be written.
pub fn customer_page(a: &Analysis, ctx: &PageContext) -> Result<String> {
    let v = View::new(a, ctx);
    let mut sections = Vec::new();
    for section in SECTIONS {
        if let Some(html) = section.render(&v)? {
            let key = |part: &str| v.text.get(&format!("{}.{part}", section.id())).unwrap_or_default();
            sections.push(Rendered { id: section.id(), part: key("part"), title: key("title"), html });
        }
    }
    let page = Page { v, head: head::Head::new(&v), sections };
    render(&page, &v)
}

/// Writes a template; an error names the customer.
fn render(template: &impl Template, view: &View) -> Result<String> {
    template
        .render()
        .map_err(|e| Error::Customer { customer: view.a.customer.id.to_string(), what: format!("page: {e}") })
}

#[cfg(test)]
mod tests;

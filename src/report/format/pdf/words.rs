//! The labels of the PDF, from the text files.

use super::pictures::color;
use crate::report::customer::Picture;
use crate::report::{Logo, LogoKind, PageContext, Report, Text};
use crate::tariff::Period;
use serde_json::{Map, Value, json};

/// Name of the logo's file within the template.
pub const fn logo_name(logo: &Logo) -> &'static str {
    match logo.kind {
        LogoKind::Png => "logo.png",
        LogoKind::Jpeg => "logo.jpg",
    }
}

/// Label of the template and key of the text files.
const LABELS: [(&str, &str); 60] = [
    ("draft", "page.draft"),
    ("reservation_short", "page.reservation_short"),
    ("internal", "page.internal"),
    ("answer", "answer.title"),
    ("usage", "usage.title"),
    ("range", "usage.range"),
    ("indicators", "usage.indicators_title"),
    ("indicator", "usage.indicator"),
    ("value", "usage.value"),
    ("definition", "usage.definition"),
    ("peaks", "peaks.title"),
    ("month", "peaks.month"),
    ("at_time", "peaks.at"),
    ("margin", "peaks.margin"),
    ("shape_label", "peaks.shape"),
    ("day_label", "peaks.day_kind"),
    ("recurrence", "peaks.recurrence"),
    ("bill", "bill.title"),
    ("total", "bill.total"),
    ("partial", "bill.partial"),
    ("no_bill", "tile.bill_none"),
    ("line_label", "bill.line"),
    ("quantity", "bill.quantity"),
    ("price", "bill.price"),
    ("amount", "bill.amount"),
    ("actions", "actions.title"),
    ("saving", "action.range"),
    ("alone", "action.alone"),
    ("joint", "action.joint"),
    ("certainty", "action.certainty"),
    ("before", "evidence.before"),
    ("after", "evidence.after"),
    ("limits", "limits.title"),
    ("issue", "limits.issue"),
    ("first", "limits.first"),
    ("last", "limits.last"),
    ("intervals", "limits.intervals"),
    ("need", "limits.need"),
    ("unlocks", "limits.unlocks"),
    ("effort", "action.effort"),
    ("issued_title", "issued.title"),
    ("issued", "issued.issued"),
    ("recomputed", "issued.recomputed"),
    ("difference", "issued.difference"),
    ("cause", "issued.cause"),
    ("issued_note", "issued.note"),
    ("schedule", "schedule.title"),
    ("schedule_on", "schedule.kind"),
    ("machine", "schedule.machine"),
    ("runs_from", "schedule.from"),
    ("runs_to", "schedule.to"),
    ("schedule_saving", "schedule.saving"),
    ("schedule_read", "schedule.read_off"),
    ("now", "answer.before"),
    ("after_advice", "answer.after"),
    ("after_all", "answer.after_all"),
    ("with", "schedule.with"),
    ("rejected", "rejected.title"),
    ("rejected_what", "rejected.what"),
    ("rejected_why", "rejected.why"),
];

/// Families of codes that the template puts into words.
const FAMILIES: [(&str, &[&str]); 4] = [
    ("tier", &["counter", "operate", "invest", "inform"]),
    ("day_kind", &["workday", "restday", "holiday"]),
    ("shape", &["needle", "plateau", "other"]),
    ("line", &["energy", "demand", "capacity", "power_factor", "fund", "fixed"]),
];

/// Everything that the template says but for the report itself.
pub fn words(r: &Report, ctx: &PageContext, fonts: &[String], pictures: &[Picture]) -> Value {
    let text = Text::of(ctx.language);
    let mut out = Map::new();
    out.extend(LABELS.map(|(name, key)| (name.to_owned(), text.t(key).into())));
    for (family, codes) in FAMILIES {
        let words = codes.iter().map(|c| ((*c).to_owned(), Value::from(text.t(&format!("{family}.{c}")))));
        out.insert(family.to_owned(), Value::Object(words.collect()));
    }
    let period = r.period.as_ref().map(|p| format!("{} – {}", p.from, p.to)).unwrap_or_default();
    let t = &r.totals;
    let counts = [
        ("limits.expected", t.n_expected),
        ("limits.valid", t.n_valid),
        ("limits.missing", t.n_missing),
        ("limits.invalid", t.n_invalid),
        ("limits.duplicate", t.n_duplicate),
        ("limits.estimated", t.n_estimated),
    ];
    let more = [
        ("fonts", json!(fonts)),
        ("pictures", pictures_of(pictures)),
        ("bands", json!(bands(ctx, text))),
        ("name", json!(r.customer.name.as_ref().unwrap_or(&r.customer.id))),
        ("organisation", json!(ctx.brand.organisation)),
        ("logo", json!(ctx.brand.logo.as_ref().map(logo_name))),
        ("facts", json!(facts(r, text, &period))),
        ("nothing", json!(text.fill("actions.nothing", &[("period", &period)]))),
        ("counts", json!(counts.map(|(key, n)| (text.t(key).to_owned(), n)))),
        ("tariff", json!(tariff(r, text))),
        ("annex", json!(text.t("annex.title"))),
        ("method", json!(crate::report::customer::METHOD.map(|key| text.t(key).to_owned()))),
    ];
    out.extend(more.map(|(name, value)| (name.to_owned(), value)));
    Value::Object(out)
}

/// Section, file, caption and width of each picture.
fn pictures_of(pictures: &[Picture]) -> Value {
    let one = |(i, p): (usize, &Picture)| json!({ "section": p.section, "file": format!("{i}.svg"), "caption": p.caption, "wide": p.wide });
    pictures.iter().enumerate().map(one).collect()
}

/// Colour and name of the periods that the tariff has.
fn bands(ctx: &PageContext, text: &Text) -> Vec<(&'static str, String)> {
    let spans = || ctx.tariff.iter().flat_map(|t| &t.bands).flat_map(|b| &b.spans);
    let used = Period::ALL.into_iter().filter(|p| spans().any(|s| s.period == *p));
    used.map(|p| (color(p.name()), text.t(&format!("period.{}", p.name())).to_owned())).collect()
}

fn facts(r: &Report, text: &Text, period: &str) -> Vec<(String, String)> {
    let c = &r.customer;
    let fact = |key: &str, value: Option<String>| value.map(|v| (text.t(key).to_owned(), v));
    let number = |v: f64, unit: &str| format!("{v} {unit}");
    [
        fact("head.account", Some(c.id.clone())),
        fact("head.period", Some(period.to_owned())),
        fact("head.industry", c.industry.clone()),
        fact("head.voltage", c.voltage_kv.map(|v| number(v, "kV"))),
        fact("head.capacity", c.capacity_kva.map(|v| number(v, "kVA"))),
        fact("head.mode", c.billing_mode.as_ref().map(|m| text.t(&format!("mode.{m}")).to_owned())),
        fact("head.tariff", r.tariff.as_ref().map(|t| t.name.clone())),
        fact("head.contact", r.brand.as_ref().and_then(|b| b.contact.clone())),
    ]
    .into_iter()
    .chain(r.internal.iter().flat_map(|i| {
        [
            fact("column.value_class", i.value_class.clone()),
            fact("column.risk_class", i.risk_class.clone()),
            fact("column.opinion_class", i.opinion_class.clone()),
            fact("column.arrears_days", i.arrears_days.map(|d| d.to_string())),
            fact("column.manager", i.manager.clone()),
        ]
    }))
    .flatten()
    .collect()
}

fn tariff(r: &Report, text: &Text) -> Vec<(String, String)> {
    let Some(t) = &r.tariff else { return Vec::new() };
    let open = |d: &Option<String>| d.clone().unwrap_or_else(|| text.t("annex.open").to_owned());
    let state = text.t(if t.verified { "annex.verified" } else { "annex.unverified" });
    let fact = |key: &str, value: String| (text.t(key).to_owned(), value);
    vec![
        fact("head.tariff", t.name.clone()),
        fact("annex.id", t.id.clone()),
        fact("annex.version", t.version.clone()),
        fact("annex.validity", format!("{} – {}", open(&t.effective_from), open(&t.effective_to))),
        fact("annex.source", t.source.clone()),
        fact("annex.state", state.to_owned()),
    ]
}

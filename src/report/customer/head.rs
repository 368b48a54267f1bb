//! The masthead: who, when, under which terms, and what must be said before anything else.

use super::View;
use crate::curve::PowerKind;
use crate::tariff::{Reconciliation, ReconciliationState};

/// The masthead's facts and notices.
#[derive(Debug)]
pub struct Head {
    /// The customer's name, or its id when it has none.
    pub name: String,
    /// Label and value.
    pub facts: Vec<(&'static str, String)>,
    /// Class (`warn`, `note`) and sentence.
    pub notices: Vec<(&'static str, String)>,
}

impl Head {
    /// Gathers them.
    #[must_use]
    pub fn new(v: &View) -> Self {
        let c = &v.a.customer;
        let name = c.name.clone().unwrap_or_else(|| v.text.fill("head.unnamed", &[("id", &c.id)]));
        Self { name, facts: facts(v), notices: notices(v) }
    }
}

fn facts(v: &View) -> Vec<(&'static str, String)> {
    let (c, text) = (&v.a.customer, v.text);
    let mut out = vec![(text.t("head.account"), c.id.to_string()), (text.t("head.period"), v.period_text())];
    if let Some(industry) = &c.industry {
        out.push((text.t("head.industry"), industry.clone()));
    }
    if let Some(kv) = c.contract.voltage_kv {
        out.push((text.t("head.voltage"), format!("{kv} kV")));
    }
    if let Some(kva) = c.contract.capacity {
        out.push((text.t("head.capacity"), format!("{} kVA", v.numbers.auto(kva.get()))));
    }
    if let Some(mode) = c.contract.billing_mode {
        out.push((text.t("head.mode"), text.t(&format!("mode.{mode:?}").to_lowercase()).to_owned()));
    }
    let tariff = match &v.ctx.tariff {
        Some(t) => t.name.clone(),
        None => text.t("head.no_tariff").to_owned(),
    };
    out.push((text.t("head.tariff"), tariff));
    if let Some(contact) = v.ctx.brand.contact() {
        out.push((text.t("head.contact"), contact));
    }
    if v.internal() {
        let arrears = c.arrears_days.map(|d| d.to_string());
        let known = [
            ("column.value_class", &c.value_class),
            ("column.risk_class", &c.risk_class),
            ("column.opinion_class", &c.opinion_class),
            ("column.arrears_days", &arrears),
            ("column.manager", &c.manager),
        ];
        out.extend(known.into_iter().filter_map(|(key, value)| Some((text.t(key), value.clone()?))));
    }
    out
}

fn notices(v: &View) -> Vec<(&'static str, String)> {
    let (a, text) = (v.a, v.text);
    let mut out = Vec::new();
    let mut notice = |class, sentence: String| out.push((class, sentence));
    match &v.ctx.tariff {
        Some(t) if !t.verified => notice("warn", text.t("notice.unverified").to_owned()),
        Some(_) if v.draft() => notice("warn", text.t("notice.outdated").to_owned()),
        Some(_) => {}
        None => notice("note", text.t("notice.no_tariff").to_owned()),
    }
    if a.bill.is_some() {
        let (class, sentence) = reconciliation(v);
        notice(class, sentence);
    }
    if a.plan.bill_now.is_some() && a.plan.short {
        notice("note", text.t("notice.short").to_owned());
    }
    if a.load.power_kind() == PowerKind::Instant {
        notice("note", text.t("notice.instant").to_owned());
    }
    if a.totals.n_valid == 0 {
        notice("warn", text.t("notice.empty").to_owned());
    }
    out
}

/// Whether issued bills bear the recomputed ones out: a class and a sentence.
pub(super) fn reconciliation(v: &View) -> (&'static str, String) {
    let found = v.a.reconciliation.as_ref();
    let worst = found.and_then(Reconciliation::worst_recent_share);
    let (Some(found), Some(worst)) = (found, worst) else {
        return ("note", v.text.t("notice.unreconciled").to_owned());
    };
    let recent: Vec<String> = found.months.iter().filter(|m| m.recent).map(|m| m.month.to_string()).collect();
    let percent = v.numbers.percent(worst, 2);
    let values = [("months", recent.join(v.text.t("word.list"))), ("percent", percent)];
    let values: Vec<(&str, &str)> = values.iter().map(|(k, t)| (*k, t.as_str())).collect();
    match found.state {
        ReconciliationState::Reconciled => ("note", v.text.fill("notice.reconciled", &values)),
        _ => ("warn", v.text.fill("notice.unreconciled_difference", &values)),
    }
}

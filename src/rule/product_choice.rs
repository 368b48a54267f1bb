//! R22: another product that the customer may choose would cost less.

use super::stress::{counted, mode_name, saved};
use super::{Audience, Facts, Model, Need, PRODUCT_GROUP, Proposal, Rule, Stage, Tier, Verdict};
use crate::register::Product;
use crate::text::{said, say};
use crate::units::{Kva, Money};
use crate::whatif::{Change, ChangeTariff};
use std::sync::Arc;

/// Single-part or two-part, or another package.
#[derive(Debug)]
pub struct ProductChoice;

impl Rule for ProductChoice {
    fn code(&self) -> &'static str {
        "R22"
    }

    fn card(&self) -> &'static str {
        include_str!("product_choice.md")
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Tariff, Need::Products, Need::MarketStatus, Need::Capacity, Need::BilledCycle]
    }

    fn tier(&self) -> Tier {
        Tier::Counter
    }

    fn drawn_by_season(&self) -> bool {
        true
    }

    fn judge(&self, facts: &Facts<'_>) -> Verdict {
        let cycles = match counted(facts) {
            Ok(cycles) => cycles,
            Err(why) => return Verdict::Nothing(why),
        };
        let products = facts.side.terms.map_or(&[][..], |t| &t.product);
        let mut reasons = Vec::new();
        let priced = products.iter().filter_map(|p| match price(facts, p, &cycles) {
            Ok((change, saving)) => Some((p, change, saving)),
            Err(why) => {
                reasons.push(why);
                None
            }
        });
        match priced.reduce(|a, b| if b.2 > a.2 { b } else { a }) {
            Some((product, change, saving)) => {
                Verdict::Advise(Box::new(proposal(facts, product, change, (saving, products.len()))))
            }
            None => Verdict::Nothing(reasons.join("; ")),
        }
    }
}

/// The change to a product and what it saves over the counted cycles; or why it cannot be had, or
/// saves nothing.
fn price(facts: &Facts<'_>, product: &Product, counted: &[usize]) -> Result<(ChangeTariff, Money), String> {
    let capacity = facts.state.contract().capacity.map_or(0.0, Kva::get);
    if let Some([least, most]) = product.capacity_kva
        && !(least..=most).contains(&capacity)
    {
        return Err(say("rule.may_not_choose", &[("capacity", &capacity)]));
    }
    let tariff = facts.side.tariff(&product.tariff).ok_or_else(|| said("rule.no_price_table"))?;
    let change = ChangeTariff { tariff: Arc::clone(tariff), billing_mode: product.billing_mode, voltage_kv: None };
    let after = change.apply(facts.state);
    let saving = saved(facts, &after, counted)?;
    if saving > Money::ZERO { Ok((change, saving)) } else { Err(said("rule.no_less").into()) }
}

fn proposal(facts: &Facts<'_>, product: &Product, change: ChangeTariff, found: (Money, usize)) -> Proposal {
    let mut evidence = facts.evidence();
    evidence.figure("saving_counted_months", found.0.to_f64(), "currency");
    evidence.figure("lock_in_months", f64::from(product.lock_in_months), "");
    evidence.figure("products_compared", found.1 as f64, "");
    let table = change.tariff.tariff();
    // The id may be a retailer's name: it has no name in the text files, so that no page prints it.
    evidence.note("price_table", table.id.to_string());
    evidence.note("price_validity", table.validity());
    evidence.note("from_mode", mode_name(facts.state.contract().billing_mode));
    evidence.note("to_mode", mode_name(product.billing_mode.or(facts.state.contract().billing_mode)));
    evidence.note("condition", said("rule.prices_hold"));
    Proposal {
        change: Arc::new(change),
        stage: Stage::Product,
        tier: Tier::Counter,
        audience: Audience::Customer,
        headline: true,
        group: Some(PRODUCT_GROUP),
        kept: None,
        model: Model::of_bills(facts),
        evidence,
    }
}

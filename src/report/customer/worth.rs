//! What a recommendation's saving counts for: in the headline, as a technical potential, after spending,
//! or only in place of another.

use crate::report::Worth;
use crate::rule::{Advice, CONTRACT_GROUP, PRODUCT_GROUP, Tier};
use crate::units::Money;

/// Whether a saving stands in the headline.
#[must_use]
pub fn in_headline(advice: &Advice) -> bool {
    advice.headline && advice.saving_headline.is_some() && matches!(advice.tier, Tier::Counter | Tier::Operate)
}

/// Whether a priced recommendation is no part of the plan.
#[must_use]
pub fn outside_plan(advice: &Advice) -> bool {
    advice.saving_joint.is_none() && !advice.headline && advice.saving_alone.is_some()
}

/// Key of how a saving is told: as one that counts, or as a potential, an investment, an alternative, as
/// one that waits for the industry, or as one that is past.
#[must_use]
pub fn standing(advice: &Advice) -> &'static str {
    match advice.tier {
        _ if advice.has_left() => "action.left",
        _ if advice.has_ended() => "action.ended",
        _ if outside_plan(advice) => "action.alone_only",
        _ if advice.headline => "action.a_year",
        Tier::Invest => "action.invest",
        Tier::Counter | Tier::Operate if advice.awaits_sector() => "action.sector",
        Tier::Counter => "action.condition",
        Tier::Operate => "action.potential",
        Tier::Inform => "action.a_year",
    }
}

/// Whether nothing of it counts in what could be saved.
#[must_use]
pub fn is_no_promise(advice: &Advice) -> bool {
    range(advice).is_none() || standing(advice) != "action.a_year"
}

/// Whether what is taken of the two can only be one: they are of one group, or a product that is billed in a
/// way of its own has taken the place of another contract.
#[must_use]
pub fn excludes(taken: &Advice, other: &Advice) -> bool {
    let (Some(a), Some(b)) = (taken.exclusive_group, other.exclusive_group) else { return false };
    a == b || [(CONTRACT_GROUP, PRODUCT_GROUP), (PRODUCT_GROUP, CONTRACT_GROUP)].contains(&(a, b))
}

/// A yearly saving and its ends; all the saving that is told where there is no range. `None` without a price.
#[must_use]
pub fn range(advice: &Advice) -> Option<Worth> {
    let low = advice.saving_low.map(Money::to_f64);
    let told = advice.saving_headline.or(advice.saving_joint).or(advice.saving_alone);
    let high = advice.saving_high.or(told)?.to_f64();
    Some(Worth { low, told: told.map_or(high, Money::to_f64), high })
}

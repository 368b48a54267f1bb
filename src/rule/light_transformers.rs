//! R11: transformers that the load does not need.

use super::apparent::{Apparent, reads_reactive};
use super::borne_out::{Asked, Doubt, Past, Stays, daily};
use super::heavy_transformers::OverRating;
use super::stress::{counted, mode_name};
use super::suspension::{Offer, Suspension, YEAR, best_without, modes};
use super::suspension_dates::{listed, state_contracts, state_dates};
use super::{Audience, CONTRACT_GROUP, Evidence, Facts, Model, Need, Proposal, Rule, Stage, Tier, Verdict};
use crate::customer::{BillingMode, MeterRole, MeteringSide, Transformer, UnitState};
use crate::tariff::Bill;
use crate::text::said;
use crate::time::Date;
use crate::units::{Kva, Money};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

/// Supply level of loads that need a reserve (供电营业规则: level 2).
const RESERVED_LEVEL: u8 = 2;

/// Transformers to suspend.
#[derive(Debug)]
pub struct LightTransformers;

impl Rule for LightTransformers {
    fn code(&self) -> &'static str {
        "R11"
    }

    fn card(&self) -> &'static str {
        include_str!("light_transformers.md")
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Tariff, Need::BillingMode, Need::Transformers, Need::SupplyLevel, Need::BilledCycle]
    }

    fn tier(&self) -> Tier {
        Tier::Counter
    }

    fn seasonal(&self) -> bool {
        true
    }

    fn silence(&self, facts: &Facts<'_>) -> Option<String> {
        let one_way = facts.tariff().is_some_and(|t| t.tariff().capacity.is_none());
        match facts.state.contract().billing_mode {
            _ if facts.customer.supply_level == Some(1) => Some(said("rule.reserve").into()),
            _ if facts.state.points().len() > 1 => Some(said("rule.feeds").into()),
            Some(BillingMode::Single) => Some(said("rule.no_capacity").into()),
            _ if one_way => Some(said("rule.tariff_capacity").into()),
            _ => None,
        }
    }

    fn judge(&self, facts: &Facts<'_>) -> Verdict {
        let cycles = facts.bill().map(Bill::latest).unwrap_or_default();
        let bank = match Bank::of(facts, &cycles) {
            Ok(bank) => bank,
            Err(why) => return Verdict::Nothing(why),
        };
        let sets = bank.sets(facts);
        if sets.iter().all(|set| set.cycles.is_empty()) {
            let needed = if sets.is_empty() { said("rule.all_needed") } else { said("rule.other_years") };
            return Verdict::Nothing(needed.into());
        }
        if cycles.len() < facts.thresholds.suspend_least_months {
            return Verdict::Missing(vec!["year".into()]);
        }
        let cycles = match counted(facts) {
            Ok(cycles) => cycles,
            Err(why) => return Verdict::Nothing(why),
        };
        let mut reasons = Vec::new();
        let mut found: Vec<Found<'_>> = Vec::new();
        for mode in modes(facts, &cycles) {
            let mut best: Option<Found<'_>> = None;
            let sets = sets.iter().take(facts.thresholds.suspend_most_sets);
            for (set, months) in sets.flat_map(|set| set.offered().map(move |months| (set, months))) {
                match mode.suspend(&bank.offer(facts, set, months), &cycles) {
                    Ok(way) => {
                        let found = Found { set, against: bank.against(facts, set, &way), way };
                        best = best.filter(|b| b.worth() >= found.worth()).or(Some(found));
                    }
                    Err(why) if !reasons.contains(&why) => reasons.push(why),
                    Err(_) => {}
                }
            }
            found.extend(best);
        }
        if !found.is_empty() {
            // What is found and not chosen saves less than another way of billing alone.
            reasons = vec![said("rule.mode").into()];
        }
        let best = chosen(found, facts, &cycles);
        let none = || match &reasons[..] {
            [] => Verdict::Nothing(said("rule.losses_alone").into()),
            reasons => Verdict::Nothing(reasons.join("; ")),
        };
        best.map_or_else(none, |found| Verdict::Advise(Box::new(bank.proposal(facts, found))))
    }
}

/// Units, and the months in which they rest.
struct Found<'a> {
    set: &'a Choice,
    way: Suspension,
    against: Against,
}

impl Found<'_> {
    /// What is promised comes before what is not, then what saves more.
    fn worth(&self) -> (bool, Money) {
        (self.against.none(), self.way.saving)
    }
}

/// What speaks against a promise.
struct Against {
    /// The months may not come again.
    doubt: Option<Doubt>,
    /// Capacity billing is led to by a register that the load contradicts.
    over: Option<OverRating>,
}

impl Against {
    const fn none(&self) -> bool {
        self.doubt.is_none() && self.over.is_none()
    }
}

/// Of the best suspensions under each way of billing, those that can be promised where there are any: the one that
/// saves most where it also saves more than every other way of billing without a suspension; else the one under
/// today's way, which is offered beside that other way; none where there is none.
fn chosen<'a>(mut found: Vec<Found<'a>>, facts: &Facts<'_>, counted: &[usize]) -> Option<Found<'a>> {
    let most = found.iter().map(Found::worth).max()?;
    found.retain(|f| f.worth().0 == most.0);
    let wins = best_without(facts, counted).is_none_or(|other| most.1 > other);
    found.retain(|f| if wins { f.worth() == most } else { f.way.way.billing_mode.is_none() });
    found.into_iter().next()
}

/// The transformers in service, and what each counted cycle asks of them.
struct Bank {
    units: Vec<Transformer>,
    /// The counted cycles.
    cycles: Vec<Asked>,
    /// All that were read.
    read: Vec<Asked>,
    /// Each day's greatest load, kVA.
    days: Vec<(Date, f64)>,
    /// How far the load goes above what is registered.
    over: Option<OverRating>,
    losses: bool,
}

/// Units that may be suspended, and when.
struct Choice {
    /// Places in [`Bank::units`].
    units: Vec<usize>,
    /// Places in [`Bank::cycles`] that the others carry, of the least load first.
    cycles: Vec<usize>,
    /// Those of them that the others carried the year before too.
    borne_out: Vec<usize>,
    stays: Stays,
}

impl Choice {
    /// Months to rest in: those without a doubt, and all where they are more.
    fn offered(&self) -> impl Iterator<Item = &[usize]> {
        let doubted = self.borne_out.len() < self.cycles.len();
        [Some(&self.borne_out), doubted.then_some(&self.cycles)]
            .into_iter()
            .flatten()
            .map(Vec::as_slice)
            .filter(|m| !m.is_empty())
    }
}

impl Bank {
    fn of(facts: &Facts<'_>, counted: &[usize]) -> Result<Self, String> {
        let cycles: Vec<&crate::time::Cycle> = counted.iter().filter_map(|i| facts.cycles().get(*i)).collect();
        let (first, last) = cycles.first().zip(cycles.last()).ok_or_else(|| said("rule.no_billed_cycle"))?;
        let (from, to) = (first.dates.start, last.dates.end);
        let during = |t: &&Transformer| t.valid_to.is_none_or(|d| d > from) && t.valid_from.is_none_or(|d| d < to);
        let lines: Vec<&Transformer> = facts.state.transformers().iter().filter(during).collect();
        let on = |t: &&Transformer| matches!(t.state, UnitState::Running | UnitState::HotStandby);
        let whole = |t: &&Transformer| t.valid_to.is_none_or(|d| d >= to) && t.valid_from.is_none_or(|d| d <= from);
        if lines.iter().any(|t| !whole(t)) {
            return Err(said("rule.fleet_changed").into());
        }
        let units: Vec<Transformer> = lines.into_iter().filter(on).cloned().collect();
        if units.len() < 2 {
            return Err(said("rule.one_transformer").into());
        }
        let (apparent, cos_phi) = (Apparent::of(facts.load()), facts.thresholds.suspend_power_factor);
        let asked = |c: &crate::time::Cycle| Asked::of(&apparent, c, cos_phi);
        let cycles: Option<Vec<Asked>> = cycles.into_iter().map(asked).collect();
        let cycles = cycles.ok_or_else(|| said("rule.cycle_gap"))?;
        let read = facts.cycles().iter().filter_map(asked).collect();
        let days = daily(&apparent, facts.load().days(), cos_phi);
        let high = facts.side.meters.iter().filter(|m| m.role == MeterRole::Main);
        let high = high.clone().count() > 0 && high.into_iter().all(|m| m.metering_side == Some(MeteringSide::High));
        let losses = high && units.iter().all(|t| t.p0_kw.is_some() && t.pk_kw.is_some());
        Ok(Self { units, cycles, read, days, over: OverRating::of(facts, counted), losses })
    }

    fn rating(&self, unit: usize) -> f64 {
        self.units.get(unit).map_or(0.0, |u| u.rating.get())
    }

    /// The sets of units that may go, with the cycles that allow it; what takes most capacity out of
    /// the bill first. Units that back each other up stay together; all others may go, as long as the
    /// rest carries the load. Of sets of like units one stands for all.
    fn sets(&self, facts: &Facts<'_>) -> Vec<Choice> {
        let mut free: Vec<usize> =
            (0..self.units.len()).filter(|u| self.units.get(*u).is_some_and(|u| u.interlock_group.is_none())).collect();
        free.sort_by(|a, b| self.rating(*a).total_cmp(&self.rating(*b)));
        free.truncate(facts.thresholds.suspend_most_units);
        let sets = (1..1_usize << free.len()).map(|bits| {
            free.iter().enumerate().filter(|(k, _)| bits & 1 << k != 0).map(|(_, u)| *u).collect::<Vec<_>>()
        });
        let like = |u: usize| {
            let bits = |v: Option<f64>| v.map(f64::to_bits);
            self.units.get(u).map(|u| (u.rating.get().to_bits(), u.state as u8, bits(u.p0_kw), bits(u.pk_kw)))
        };
        let mut known = BTreeSet::new();
        let unlike = sets.filter(|set| {
            let mut key: Vec<_> = set.iter().map(|u| like(*u)).collect();
            key.sort_unstable();
            known.insert(key)
        });
        let worth = |c: &Choice| {
            let months = c.cycles.len().min(facts.thresholds.suspend_most_months);
            c.units.iter().map(|u| self.rating(*u)).sum::<f64>() * months as f64
        };
        let mut out: Vec<Choice> = unlike.filter_map(|units| self.choice(facts, units)).collect();
        out.sort_by(|a, b| worth(b).total_cmp(&worth(a)).then(a.units.cmp(&b.units)));
        out
    }

    /// The cycles in which a set of units may be suspended; `None` when there is none.
    fn choice(&self, facts: &Facts<'_>, units: Vec<usize>) -> Option<Choice> {
        let t = facts.thresholds;
        let stay = || (0..self.units.len()).filter(|u| !units.contains(u));
        let mut groups: BTreeMap<&str, f64> = BTreeMap::new();
        let (mut remaining, mut largest) = (0.0, 0.0_f64);
        for unit in stay().filter_map(|u| self.units.get(u)) {
            let rating = unit.rating.get();
            largest = largest.max(rating);
            match unit.interlock_group.as_deref() {
                Some(group) => {
                    let one = groups.entry(group).or_default();
                    *one = one.max(rating);
                }
                None => remaining += rating,
            }
        }
        remaining += groups.values().sum::<f64>();
        let reserve = facts.customer.supply_level == Some(RESERVED_LEVEL);
        let stays = Stays { remaining, largest, loading: t.suspend_loading, reserve };
        let carried = |c: &Asked| stays.carry(c.kva);
        let fits = |c: &Asked| carried(c) && c.days() >= t.suspend_least_days;
        if t.suspend_most_months == 0 || !self.cycles.iter().any(fits) {
            return None;
        }
        // A load that a whole year has not seen is of the plant as it was.
        let (past, all) = (self.past(facts, stays), self.cycles.len() >= YEAR && self.cycles.iter().all(carried));
        let mut fitting: Vec<(usize, &Asked)> =
            self.cycles.iter().enumerate().filter(|(_, c)| fits(c) && (all || past.allows(c))).collect();
        fitting.sort_by(|a, b| a.1.kva.total_cmp(&b.1.kva).then(b.0.cmp(&a.0)));
        let cycles = fitting.iter().map(|f| f.0).collect();
        let borne_out = fitting.into_iter().filter(|(_, c)| past.before(c).is_none()).map(|f| f.0).collect();
        Some(Choice { units, cycles, borne_out, stays })
    }

    fn past(&self, facts: &Facts<'_>, stays: Stays) -> Past<'_> {
        Past { cycles: &self.read, days: &self.days, stays, least_days: facts.thresholds.suspend_least_days }
    }

    fn asked(&self, places: &[usize]) -> Vec<&Asked> {
        places.iter().filter_map(|c| self.cycles.get(*c)).collect()
    }

    /// What speaks against a suspension's being promised.
    fn against(&self, facts: &Facts<'_>, choice: &Choice, found: &Suspension) -> Against {
        let capacity = found.way.billing_mode == Some(BillingMode::Capacity);
        Against {
            doubt: self.past(facts, choice.stays).doubt(&self.asked(&found.cycles)),
            over: self.over.clone().filter(|_| capacity),
        }
    }

    /// A set as the modes of billing are offered it.
    fn offer(&self, facts: &Facts<'_>, set: &Choice, months: &[usize]) -> Offer {
        let t = facts.thresholds;
        Offer {
            units: set.units.iter().filter_map(|u| Some(self.units.get(*u)?.unit.clone())).collect(),
            cycles: months.to_vec(),
            dates: self.cycles.iter().map(|c| c.dates.clone()).collect(),
            most: t.suspend_most_months,
            two_part_least: Kva::new(t.two_part_least_kva),
            losses: self.losses,
        }
    }

    fn proposal(&self, facts: &Facts<'_>, found: Found<'_>) -> Proposal {
        let Found { set: choice, way: Suspension { way, cycles, saving, without }, against } = found;
        let t = facts.thresholds;
        let units = || choice.units.iter().filter_map(|u| self.units.get(*u));
        let (asked, stays) = (self.asked(&cycles), choice.stays);
        let highest = asked.iter().map(|c| c.kva).fold(0.0, f64::max);
        let mut evidence = facts.evidence();
        evidence.figure("saving_counted_months", saving.to_f64(), "currency");
        evidence.figure("saving_by_the_mode_alone", without.to_f64(), "currency");
        evidence.figure("suspended_kva", units().map(|u| u.rating.get()).sum(), "kVA");
        evidence.figure("remaining_kva", stays.remaining, "kVA");
        evidence.figure("suspended_months", cycles.len() as f64, "");
        evidence.figure("highest_kva", highest, "kVA");
        evidence.figure("remaining_loading", highest / stays.remaining.max(1.0), "");
        evidence.figure("without_largest_kva", stays.remaining - stays.largest, "kVA");
        evidence.constant("most_loading", t.suspend_loading, "");
        evidence.constant("most_months_a_year", t.suspend_most_months as f64, "");
        evidence.constant("least_days", f64::from(t.suspend_least_days), "d");
        evidence.constant("restoration_workdays", t.contract_lead_workdays as f64, "");
        evidence.note("units", way.units.join(", "));
        evidence.note("periods", listed(&way.periods));
        let one_out = if highest <= stays.remaining - stays.largest { "yes" } else { "no" };
        evidence.note("carries_with_one_out", one_out);
        let losses = if self.losses { said("rule.losses_counted") } else { said("rule.losses_not") };
        evidence.note("losses", losses);
        evidence.note("from_mode", mode_name(facts.state.contract().billing_mode));
        evidence.note("to_mode", mode_name(way.billing_mode.or(facts.state.contract().billing_mode)));
        let dates: Vec<&Range<Date>> = asked.iter().map(|c| &c.dates).collect();
        state_dates(facts, &way, &dates, &mut evidence);
        let contracts = state_contracts(facts, &way, &dates, &mut evidence);
        evidence.note("ask", said("rule.ask_production"));
        let mut model = state_reactive(facts, (stays, &asked, highest), &mut evidence);
        if let Some(foretold) = contracts {
            model = model.or_less(foretold);
        }
        if let Some(doubt) = &against.doubt {
            doubt.state(stays, &mut evidence);
            model = model.or_less(Model::untested(said("model.one_year")));
        }
        if let Some(over) = &against.over {
            over.state(&mut evidence);
        }
        Proposal {
            change: Arc::new(way),
            stage: Stage::Contract,
            tier: Tier::Counter,
            audience: Audience::Customer,
            headline: against.none(),
            group: Some(CONTRACT_GROUP),
            kept: None,
            model,
            evidence,
        }
    }
}

/// States the power factor that was assumed where no reactive power was read. Returns how sure bills and loading
/// are.
fn state_reactive(
    facts: &Facts<'_>,
    (stays, asked, highest): (Stays, &[&Asked], f64),
    evidence: &mut Evidence,
) -> Model {
    let t = facts.thresholds;
    let bills = Model::of_bills(facts);
    let assumed = asked.iter().map(|c| c.assumed).fold(0.0, f64::max);
    if assumed > 0.0 {
        let cos_phi = t.suspend_power_factor;
        evidence.constant("power_factor_assumed", cos_phi, "");
        // Below this cos φ the load would be more than what stays may carry.
        let least = cos_phi * assumed / (t.suspend_loading * stays.remaining).max(f64::MIN_POSITIVE);
        evidence.figure("power_factor_least", least, "");
        let partly = reads_reactive(facts.load());
        let how = if partly { said("rule.reactive_partly") } else { said("rule.reactive_assumed") };
        evidence.note("reactive", how);
    }
    if assumed < highest {
        return bills;
    }
    // Of two that are equally unsure the one that a transformer could suffer from is told.
    Model::untested(said("model.power_factor")).or_less(bills)
}

//! R11: transformers that the load does not need.

use super::ahead::{Earliest, again, last_day};
use super::apparent::{Apparent, reads_reactive};
use super::contract_demand::{foretold, state_age, state_months};
use super::stress::{counted, mode_name};
use super::suspension::{Offer, Suspension, best_without, modes};
use super::{Audience, CONTRACT_GROUP, Evidence, Facts, Model, Need, Proposal, Rule, Stage, Tier, Verdict};
use crate::customer::{BillingMode, MeterRole, MeteringSide, Transformer, UnitState};
use crate::text::said;
use crate::time::{Date, Month};
use crate::units::Kva;
use crate::whatif::{Change, Suspend};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

/// Months in a year.
const YEAR: f64 = 12.0;
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
        let cycles = match counted(facts) {
            Ok(cycles) => cycles,
            Err(why) => return Verdict::Nothing(why),
        };
        let bank = match Bank::of(facts, &cycles) {
            Ok(bank) => bank,
            Err(why) => return Verdict::Nothing(why),
        };
        let sets = bank.sets(facts);
        if sets.is_empty() {
            return Verdict::Nothing(said("rule.all_needed").into());
        }
        let mut reasons = Vec::new();
        let mut found: Vec<(&Choice, Suspension)> = Vec::new();
        for mode in modes(facts, &cycles) {
            let mut best: Option<(&Choice, Suspension)> = None;
            for set in sets.iter().take(facts.thresholds.suspend_most_sets) {
                match mode.suspend(&bank.offer(facts, set), &cycles) {
                    Ok(found) if best.as_ref().is_none_or(|b| found.saving > b.1.saving) => best = Some((set, found)),
                    Err(why) if !reasons.contains(&why) => reasons.push(why),
                    Ok(_) | Err(_) => {}
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
        best.map_or_else(none, |(set, found)| Verdict::Advise(Box::new(bank.proposal(facts, set, found))))
    }
}

/// Of the best suspensions under each way of billing: the one that saves most where it also saves more than
/// every other way of billing without a suspension; else the one under today's way, which is offered beside that
/// other way; none where there is none.
fn chosen<'a>(
    mut found: Vec<(&'a Choice, Suspension)>,
    facts: &Facts<'_>,
    counted: &[usize],
) -> Option<(&'a Choice, Suspension)> {
    let most = found.iter().map(|f| f.1.saving).max()?;
    let wins = best_without(facts, counted).is_none_or(|other| most > other);
    found.retain(|f| if wins { f.1.saving == most } else { f.1.way.billing_mode.is_none() });
    found.into_iter().next()
}

/// The transformers in service, and what each counted cycle asks of them.
struct Bank {
    units: Vec<Transformer>,
    /// Dates and greatest apparent power of each counted cycle.
    cycles: Vec<(Range<Date>, f64)>,
    /// The greatest of each that rests on the assumed power factor; 0 where none does.
    assumed: Vec<f64>,
    losses: bool,
}

/// Units that may be suspended, and when.
struct Choice {
    /// Places in [`Bank::units`].
    units: Vec<usize>,
    /// Places in [`Bank::cycles`] that the others carry, of the least load first.
    cycles: Vec<usize>,
    /// Capacity that stays.
    remaining: f64,
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
        let needed = |c: &&crate::time::Cycle| {
            let (most, assumed) = apparent_kva(&apparent, c.days.clone(), cos_phi)?;
            Some(((c.dates.clone(), most), assumed))
        };
        let needed = cycles.iter().map(needed).collect::<Option<Vec<_>>>().ok_or_else(|| said("rule.cycle_gap"))?;
        let (cycles, assumed) = needed.into_iter().unzip();
        let high = facts.side.meters.iter().filter(|m| m.role == MeterRole::Main);
        let high = high.clone().count() > 0 && high.into_iter().all(|m| m.metering_side == Some(MeteringSide::High));
        let losses = high && units.iter().all(|t| t.p0_kw.is_some() && t.pk_kw.is_some());
        Ok(Self { units, cycles, assumed, losses })
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
            let months = c.cycles.len().min(self.most(facts));
            c.units.iter().map(|u| self.rating(*u)).sum::<f64>() * months as f64
        };
        let mut out: Vec<Choice> = unlike.filter_map(|units| self.choice(facts, units)).collect();
        out.sort_by(|a, b| worth(b).total_cmp(&worth(a)).then(a.units.cmp(&b.units)));
        out
    }

    /// Most cycles of suspension: six months a year, in proportion when less is counted.
    fn most(&self, facts: &Facts<'_>) -> usize {
        (facts.thresholds.suspend_most_months as f64 * self.cycles.len() as f64 / YEAR) as usize
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
        let carries = |kva: f64| kva <= t.suspend_loading * remaining && (!reserve || kva <= remaining - largest);
        let long = |d: &Range<Date>| d.end.0 - d.start.0 >= t.suspend_least_days;
        let fits = |(_, (d, kva)): &(usize, &(Range<Date>, f64))| carries(*kva) && long(d);
        let mut fitting: Vec<(usize, f64)> =
            self.cycles.iter().enumerate().filter(fits).map(|(i, (_, kva))| (i, *kva)).collect();
        fitting.sort_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        let cycles: Vec<usize> = fitting.into_iter().map(|f| f.0).collect();
        (!cycles.is_empty() && self.most(facts) > 0).then_some(Choice { units, cycles, remaining })
    }

    /// A set as the modes of billing are offered it.
    fn offer(&self, facts: &Facts<'_>, set: &Choice) -> Offer {
        let t = facts.thresholds;
        Offer {
            units: set.units.iter().filter_map(|u| Some(self.units.get(*u)?.unit.clone())).collect(),
            cycles: set.cycles.clone(),
            dates: self.cycles.iter().map(|c| c.0.clone()).collect(),
            most: (self.most(facts), t.suspend_most_months),
            two_part_least: Kva::new(t.two_part_least_kva),
            losses: self.losses,
        }
    }

    fn proposal(&self, facts: &Facts<'_>, choice: &Choice, found: Suspension) -> Proposal {
        let Suspension { way, cycles, saving, without } = found;
        let t = facts.thresholds;
        let units = || choice.units.iter().filter_map(|u| self.units.get(*u));
        let highest = cycles.iter().filter_map(|c| self.cycles.get(*c)).map(|c| c.1).fold(0.0, f64::max);
        let largest =
            (0..self.units.len()).filter(|u| !choice.units.contains(u)).map(|u| self.rating(u)).fold(0.0, f64::max);
        let mut evidence = facts.evidence();
        evidence.figure("saving_counted_months", saving.to_f64(), "currency");
        evidence.figure("saving_by_the_mode_alone", without.to_f64(), "currency");
        evidence.figure("suspended_kva", units().map(|u| u.rating.get()).sum(), "kVA");
        evidence.figure("remaining_kva", choice.remaining, "kVA");
        evidence.figure("suspended_months", cycles.len() as f64, "");
        evidence.figure("highest_kva", highest, "kVA");
        evidence.figure("remaining_loading", highest / choice.remaining.max(1.0), "");
        evidence.figure("without_largest_kva", choice.remaining - largest, "kVA");
        evidence.constant("most_loading", t.suspend_loading, "");
        evidence.constant("most_months_a_year", t.suspend_most_months as f64, "");
        evidence.constant("least_days", f64::from(t.suspend_least_days), "d");
        evidence.constant("restoration_workdays", t.contract_lead_workdays as f64, "");
        evidence.note("units", way.units.join(", "));
        evidence.note("periods", listed(&way.periods));
        let one_out = if highest <= choice.remaining - largest { "yes" } else { "no" };
        evidence.note("carries_with_one_out", one_out);
        let losses = if self.losses { said("rule.losses_counted") } else { said("rule.losses_not") };
        evidence.note("losses", losses);
        evidence.note("from_mode", mode_name(facts.state.contract().billing_mode));
        evidence.note("to_mode", mode_name(way.billing_mode.or(facts.state.contract().billing_mode)));
        let dates: Vec<&Range<Date>> = cycles.iter().filter_map(|c| self.cycles.get(*c)).map(|c| &c.0).collect();
        state_dates(facts, &way, &dates, &mut evidence);
        let contracts = state_contracts(facts, &way, &dates, &mut evidence);
        evidence.note("ask", said("rule.ask_production"));
        let mut model = self.state_reactive(facts, (choice, &cycles, highest), &mut evidence);
        if let Some(foretold) = contracts {
            model = model.or_less(foretold);
        }
        Proposal {
            change: Arc::new(way),
            stage: Stage::Contract,
            tier: Tier::Counter,
            audience: Audience::Customer,
            headline: true,
            group: Some(CONTRACT_GROUP),
            kept: None,
            model,
            evidence,
        }
    }

    /// States the power factor that was assumed where no reactive power was read. Returns how sure bills and loading
    /// are.
    fn state_reactive(
        &self,
        facts: &Facts<'_>,
        (choice, cycles, highest): (&Choice, &[usize], f64),
        evidence: &mut Evidence,
    ) -> Model {
        let t = facts.thresholds;
        let bills = Model::of_bills(facts);
        let assumed = cycles.iter().filter_map(|c| self.assumed.get(*c)).copied().fold(0.0, f64::max);
        if assumed > 0.0 {
            let cos_phi = t.suspend_power_factor;
            evidence.constant("power_factor_assumed", cos_phi, "");
            // Below this cos φ the load would be more than what stays may carry.
            let least = cos_phi * assumed / (t.suspend_loading * choice.remaining).max(f64::MIN_POSITIVE);
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
}

/// Spans of dates, the last day of each included.
fn listed(dates: &[Range<Date>]) -> String {
    dates.iter().map(|p| format!("{} – {}", p.start, p.end.plus(-1))).collect::<Vec<_>>().join(", ")
}

/// States when to suspend: the same months, each when it next begins and can still be applied for, and until when
/// to apply. Another way of billing is taken from a quarter's first day.
fn state_dates(facts: &Facts<'_>, way: &Suspend, dates: &[&Range<Date>], evidence: &mut Evidence) {
    let t = facts.thresholds;
    let Some(earliest) = Earliest::of(facts, way.billing_mode) else { return };
    if way.billing_mode.is_some() {
        evidence.note("mode_from", earliest.from.to_string());
    }
    if way.billing_mode.is_some_and(|mode| facts.state.contract().billing_mode != Some(mode)) {
        evidence.constant("mode_workdays", t.basis_lead_workdays as f64, "");
    }
    let next = again(dates, earliest.from);
    let Some(first) = next.first() else { return };
    evidence.note("suspend_dates", listed(&next));
    let last = || Some(last_day(facts.side.calendar?, first.start, t.contract_lead_workdays));
    let by = earliest.by.or_else(last);
    if let Some(by) = by {
        evidence.note("apply_by", by.to_string());
    }
}

/// States the way of billing where it is another than today's, and the contracts where demand is contracted anew: each month's
/// as it is billed, beside its maximum, and the greatest of the months in which units rest and of the others. Returns
/// how sure such contracts are.
fn state_contracts(facts: &Facts<'_>, way: &Suspend, dates: &[&Range<Date>], evidence: &mut Evidence) -> Option<Model> {
    let mode = way.billing_mode?;
    if facts.state.contract().billing_mode != Some(mode) {
        evidence.note("new_mode", mode_name(Some(mode)));
    }
    let sized = way.size.as_ref()?.of(&way.apply(facts.state))?;
    state_months(&sized, evidence);
    let month = |d: &&Range<Date>| facts.cycles().iter().find(|c| c.dates == **d).map(|c| c.month);
    let resting: Vec<Month> = dates.iter().filter_map(month).collect();
    for (name, rests) in [("contract_resting_most", true), ("contract_working_most", false)] {
        let of = sized.months.iter().filter(|m| resting.contains(&m.month) == rests).map(|m| m.contract.get());
        if let Some(most) = of.reduce(f64::max) {
            evidence.figure(name, most, "kW");
        }
    }
    state_age(facts, evidence);
    Some(foretold(&sized))
}

/// Greatest apparent power of days, kVA, and the greatest of it that is assumed: √(P² + Q²) where reactive power was
/// read, elsewhere P over an assumed power factor. `None` without load.
fn apparent_kva(apparent: &Apparent<'_>, days: Range<usize>, cos_phi: f64) -> Option<(f64, f64)> {
    let (mut read, mut assumed) = (0.0_f64, 0.0_f64);
    for power in days.flat_map(|day| apparent.of_day(day)) {
        match power.kvar {
            Some(_) => read = read.max(power.square()),
            None => assumed = assumed.max(power.kw.abs()),
        }
    }
    let (read, assumed) = (read.sqrt(), assumed / cos_phi);
    (read > 0.0 || assumed > 0.0).then(|| (read.max(assumed), assumed))
}

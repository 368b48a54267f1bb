//! R21: maintenance in hours when much runs at high prices.

use super::{Facts, Finding, Model, Need, Rule, Tier, Verdict};
use crate::customer::{Event, EventKind};
use crate::text::said;
use crate::time::{Date, DayKind, Season};

const DAY_SECONDS: i64 = crate::time::DAY_SECONDS;
/// Kinds of day that are looked at for a better window.
const KINDS: [DayKind; 3] = [DayKind::Workday, DayKind::Restday, DayKind::Holiday];

/// Windows for maintenance.
#[derive(Debug)]
pub struct MaintenanceWindow;

impl Rule for MaintenanceWindow {
    fn code(&self) -> &'static str {
        "R21"
    }

    fn card(&self) -> &'static str {
        include_str!("maintenance_window.md")
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Tariff, Need::Maintenance]
    }

    fn tier(&self) -> Tier {
        Tier::Inform
    }

    fn judge(&self, facts: &Facts<'_>) -> Verdict {
        let t = facts.thresholds;
        let done = facts.customer.events.iter().filter(|e| e.kind == EventKind::Maintenance);
        let compared: Vec<Compared> = done.filter_map(|e| Compared::of(facts, e)).collect();
        if compared.is_empty() {
            return Verdict::Nothing(said("rule.no_maintenance").into());
        }
        let dear: Vec<&Compared> =
            compared.iter().filter(|c| c.weight > t.window_least_ratio * c.best.weight).collect();
        let Some(last) = dear.last() else {
            return Verdict::Nothing(said("rule.maintenance").into());
        };
        let clock = |slot: usize| facts.load().interval().clock(slot);
        let mut evidence = facts.evidence();
        evidence.figure("maintenances", compared.len() as f64, "");
        evidence.figure("maintenances_dear", dear.len() as f64, "");
        evidence.figure("window_hours", last.slots as f64 * facts.load().interval().hours(), "h");
        evidence.figure("load_then", last.kw, "kW");
        evidence.figure("load_in_window", last.best.kw, "kW");
        evidence.constant("least_window_ratio", t.window_least_ratio, "");
        evidence.note("then", last.at.clone());
        evidence.note("window_kind", last.best.kind.name());
        evidence.note("window", format!("{}–{}", clock(last.best.start), clock(last.best.start + last.slots)));
        let model = Model::succession(dear.len(), compared.len(), said("model.maintenances"));
        Verdict::Inform(Box::new(Finding { tier: Tier::Inform, priority: 3, kw: None, model, evidence }))
    }
}

/// A maintenance beside the best window of its length.
struct Compared {
    at: String,
    slots: usize,
    weight: f64,
    kw: f64,
    best: Window,
}

/// A window of a typical day.
struct Window {
    kind: DayKind,
    start: usize,
    weight: f64,
    kw: f64,
}

impl Compared {
    fn of(facts: &Facts<'_>, event: &Event) -> Option<Self> {
        let clock = event.clock.as_ref()?;
        let load = facts.load();
        let seconds = load.interval().seconds();
        let date = Date(clock.start.div_euclid(DAY_SECONDS) as i32);
        let start = clock.start.rem_euclid(DAY_SECONDS).div_euclid(seconds) as usize;
        let slots = ((clock.end - clock.start) as f64 / seconds as f64).ceil() as usize;
        let n = load.interval().slots();
        let day = load.days().day_of(date)?;
        if slots == 0 || start + slots > n {
            return None;
        }
        let (kind, season) = (*facts.labels.kinds.get(day)?, *facts.labels.seasons.get(day)?);
        let (weight, kw) = Typical::of(facts, kind, season, date)?.window(start, slots)?;
        let windows = KINDS.into_iter().filter_map(|kind| {
            let near = nearest(facts, day, kind, season)?;
            let typical = Typical::of(facts, kind, season, load.date(near))?;
            let each = (0..=n - slots)
                .filter_map(|s| typical.window(s, slots).map(|(weight, kw)| Window { kind, start: s, weight, kw }));
            each.reduce(|a, b| if b.weight < a.weight { b } else { a })
        });
        let best = windows.reduce(|a, b| if b.weight < a.weight { b } else { a })?;
        Some(Self { at: load.instant(load.days().range(day).start + start).to_string(), slots, weight, kw, best })
    }
}

/// The day of a kind and season nearest to another.
fn nearest(facts: &Facts<'_>, day: usize, kind: DayKind, season: Season) -> Option<usize> {
    let same = |d: &usize| facts.labels.kinds.get(*d) == Some(&kind) && facts.labels.seasons.get(*d) == Some(&season);
    (0..facts.load().days().len()).filter(same).min_by_key(|d| d.abs_diff(day))
}

/// A typical day's load with the prices of a date.
struct Typical {
    /// Running sums over slots of kW and of kW × price.
    sums: Vec<(f64, f64)>,
}

impl Typical {
    fn of(facts: &Facts<'_>, kind: DayKind, season: Season, date: Date) -> Option<Self> {
        let tariff = facts.tariff()?;
        let rows = facts.typical.iter().filter(|r| r.day_kind == kind && r.season == season);
        let prices = tariff.slot_prices(date);
        let mut sums = vec![(0.0, 0.0)];
        for row in rows {
            if row.slot + 1 != sums.len() {
                return None;
            }
            let price = prices.get(row.slot)?;
            let (kw, weighted) = *sums.last()?;
            sums.push((kw + row.mean_kw, weighted + row.mean_kw * price));
        }
        (sums.len() > facts.load().interval().slots()).then_some(Self { sums })
    }

    /// Weight and mean load of a window.
    fn window(&self, start: usize, slots: usize) -> Option<(f64, f64)> {
        let (a, b) = (self.sums.get(start)?, self.sums.get(start + slots)?);
        Some((b.1 - a.1, (b.0 - a.0) / slots as f64))
    }
}

//! Whom to visit first, what it takes and what it brings, and until when to apply.

use super::facts::{CustomerFacts, Offer};
use super::settings::{Apply, Work};
use crate::rule::Tier;
use crate::time::{Calendar, Date, DayKind};
use crate::units::Money;

/// Months of a quarter.
const QUARTER: u8 = 3;
/// Months of a year.
const YEAR: u8 = 12;

/// What advising a customer takes and brings.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Effort {
    /// Hours of work, the way included; `None` when there is nothing to visit for.
    pub hours: Option<f64>,
    /// Lower ends of the promised savings a year, together; those that are not worth mentioning count nothing.
    pub saving: Option<f64>,
    /// What the hours cost; `None` in a currency without an hour's cost.
    pub cost: Option<f64>,
}

impl Effort {
    /// Of a customer; `asked` when its load is to be asked about.
    #[must_use]
    pub fn of(facts: &CustomerFacts, asked: bool, work: &Work) -> Self {
        if facts.offers.is_empty() && !asked {
            return Self::default();
        }
        let hours = |o: &Offer| match o.tier {
            Tier::Counter => work.counter_hours,
            Tier::Operate => work.operate_hours,
            Tier::Invest => work.invest_hours,
            Tier::Inform => work.inform_hours,
        };
        let question = if asked { work.inform_hours } else { 0.0 };
        let total = work.travel_hours + question + facts.offers.iter().map(hours).sum::<f64>();
        let lower = facts.offers.iter().filter_map(|o| o.visited_for);
        let saving = lower.reduce(|a, b| a + b).map(Money::to_f64);
        let an_hour = facts.currency.as_deref().and_then(|c| work.hour_cost.get(c));
        Self { hours: Some(total), saving, cost: an_hour.map(|c| c * total) }
    }

    /// Saving a year by hour of work.
    #[must_use]
    pub fn saving_per_hour(&self) -> Option<f64> {
        let (saving, hours) = self.saving.zip(self.hours)?;
        (saving > 0.0 && hours > 0.0).then(|| saving / hours)
    }

    /// Delivered value: saving offered less the cost of offering it.
    #[must_use]
    pub fn delivered(&self) -> Option<f64> {
        self.saving.zip(self.cost).map(|(s, c)| s - c)
    }
}

/// The last day on which the counter takes an application for the next effect: of a changed mode or
/// product from a quarter's first day, of a contracted demand or suspension from a month's; the day that the
/// advice itself names, where it does. `None` for advice that nobody applies for.
#[must_use]
pub fn apply_by(offer: &Offer, today: Date, calendar: &Calendar, apply: &Apply) -> Option<Date> {
    if offer.apply_by.is_some() {
        return offer.apply_by;
    }
    let (months, ahead) = match offer.code {
        "R04" | "R17" | "R22" => (QUARTER, apply.mode_working_days),
        "R10" | "R11" => (1, apply.contract_working_days),
        _ => return None,
    };
    let mut effect = first_after(today, months)?;
    // The next effect whose last day has not passed.
    for _ in 0..YEAR {
        let last = working_days_before(effect, ahead, calendar);
        if last >= today {
            return Some(last);
        }
        effect = first_after(effect, months)?;
    }
    None
}

/// The first day of the next span of `months` months.
fn first_after(date: Date, months: u8) -> Option<Date> {
    let (year, month, _) = date.ymd();
    let next = (month - 1) / months * months + months + 1;
    if next > YEAR { Date::from_ymd(year + 1, next - YEAR, 1) } else { Date::from_ymd(year, next, 1) }
}

/// The day that lies so many working days before a date.
fn working_days_before(date: Date, days: u32, calendar: &Calendar) -> Date {
    let (mut at, mut left) = (date, days);
    while left > 0 {
        at = at.plus(-1);
        left -= u32::from(calendar.kind(at) == DayKind::Workday);
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Result;

    fn offer(code: &'static str) -> Offer {
        Offer {
            advice_id: code.into(),
            code,
            tier: Tier::Counter,
            headline: true,
            range: None,
            told: None,
            visited_for: None,
            awaits_sector: false,
            least: 0.0,
            kw: None,
            to_mode: None,
            apply_by: None,
            asks: false,
        }
    }

    #[test]
    fn an_application_is_due_so_many_working_days_before_its_effect() -> Result<()> {
        let calendar = Calendar::china()?;
        let by = |code, today: &str| {
            Ok::<_, crate::error::Error>(apply_by(&offer(code), today.parse()?, &calendar, &Apply::default()))
        };
        // 2026-04-01 is a Wednesday; 15 working days before it is Wednesday 2026-03-11.
        assert_eq!(by("R04", "2026-02-10")?, Some("2026-03-11".parse()?));
        assert_eq!(by("R04", "2026-03-11")?, Some("2026-03-11".parse()?), "the last day itself");
        assert_eq!(by("R04", "2026-03-12")?.map(|d| d.ymd().1), Some(6), "the next quarter");
        // Before 1 March 2026: 02-28 is a make-up working day, the holiday lasts to 02-23.
        assert_eq!(by("R10", "2026-02-01")?, Some("2026-02-24".parse()?));
        assert_eq!(by("R03", "2026-02-01")?, None);
        let named = Offer { apply_by: Some("2026-12-25".parse()?), ..offer("R10") };
        let date = apply_by(&named, "2026-11-27".parse()?, &calendar, &Apply::default());
        assert_eq!(date, named.apply_by, "one date, that of the advice");
        Ok(())
    }

    #[test]
    fn an_effort_without_an_hours_cost_has_no_delivered_value() {
        let mut f = crate::portfolio::testing::facts(1, 1e6, 0.5);
        f.offers = vec![offer("R04")];
        let amount = |v: f64| Money::from_f64_rounded(v).unwrap();
        f.offers[0].visited_for = Some(amount(30_000.0));
        let effort = Effort::of(&f, false, &Work::default());
        assert_eq!((effort.hours, effort.saving_per_hour()), (Some(3.0), Some(10_000.0)));
        assert_eq!(effort.delivered(), Some(29_400.0));
        f.currency = Some("XXX".into());
        assert_eq!(Effort::of(&f, false, &Work::default()).delivered(), None);
        f.offers.clear();
        assert_eq!(Effort::of(&f, false, &Work::default()), Effort::default());
        assert!(Effort::of(&f, true, &Work::default()).hours.is_some(), "a question is a visit");
    }
}

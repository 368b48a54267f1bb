//! What all sections share: the analysis, the language, and figures that stand in several of them.

use super::worth::{in_headline, outside_plan, range, standing};
use crate::analysis::Analysis;
use crate::curve::TypicalDay;
use crate::report::{AdviceText, Language, Numbers, PageContext, Text, Worth};
use crate::rule::{Advice, Audience, Outcome, Tier};
use crate::text::{said, tell};
use crate::time::{Date, DayKind, Instant, Season};
use crate::units::Money;

/// Coverage below which gaps are named as the reason for doubt: the threshold of indicators that
/// rest on extremes.
const COVERAGE: f64 = 0.95;

/// The advice that begins with an inspection of what is there.
const INSPECTION: &str = "R05";

/// The factor that lowers a confidence most, as the evidence states them.
fn weakest(advice: &Advice) -> Option<&'static str> {
    let value = |name: &&str| advice.evidence.figures.get(&format!("confidence_{name}")).map(|f| f.value);
    let factors = ["coverage", "stability", "model", "data"].into_iter().filter_map(|n| Some((n, value(&n)?)));
    factors.reduce(|a, b| if b.1 < a.1 { b } else { a }).map(|f| f.0)
}

/// Of what follows the season, the months in which it changes the bill; `None` where these are all.
fn changed(advice: &Advice) -> Option<usize> {
    let (n, billed) = advice.holds?;
    let arithmetic = advice.evidence.arithmetic.as_ref()?;
    let seasonal = crate::rule::find(advice.code).is_some_and(|r| r.seasonal());
    let changed = arithmetic.monthly_saving.iter().filter(|m| **m != Money::ZERO).count();
    Some(changed).filter(|c| seasonal && (n..billed).contains(c))
}

/// One customer's page under construction.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The analysis.
    pub a: &'a Analysis,
    /// Language, tariff, run.
    pub ctx: &'a PageContext,
    /// Sentences.
    pub text: &'static Text,
    /// Numbers.
    pub numbers: Numbers,
    /// Details that the other forms have too are left out, so that the page stays small.
    pub slim: bool,
}

/// A typical day of one kind and season, as curves by slot.
#[derive(Debug, Clone, PartialEq)]
pub struct Typical {
    /// Kind of day.
    pub day_kind: DayKind,
    /// Season.
    pub season: Season,
    /// Most days that a slot rests on.
    pub n_days: usize,
    /// Mean kW.
    pub mean: Vec<Option<f64>>,
    /// 10th percentile.
    pub p10: Vec<Option<f64>>,
    /// 90th percentile.
    pub p90: Vec<Option<f64>>,
}

impl<'a> View<'a> {
    /// A view in the context's language.
    #[must_use]
    pub fn new(a: &'a Analysis, ctx: &'a PageContext) -> Self {
        Self { a, ctx, text: Text::of(ctx.language), numbers: Numbers(ctx.language), slim: false }
    }

    /// A sentence.
    #[must_use]
    pub fn t<'k>(&self, key: &'k str) -> &'k str
    where
        'static: 'k,
    {
        self.text.t(key)
    }

    /// Whether the page is for the utility's staff alone.
    #[must_use]
    pub fn internal(&self) -> bool {
        self.ctx.audience == Audience::Internal
    }

    /// The language.
    #[must_use]
    pub const fn language(&self) -> Language {
        self.ctx.language
    }

    /// The start of an interval; `None` beyond the load.
    #[must_use]
    pub fn instant(&self, index: usize) -> Option<Instant> {
        (index < self.a.load.kw().len()).then(|| self.a.load.instant(index))
    }

    /// The start of an interval as text; empty beyond the load.
    #[must_use]
    pub fn at(&self, index: usize) -> String {
        self.instant(index).map(|t| t.to_string()).unwrap_or_default()
    }

    /// The day of an interval and the minute of the wall clock in the interval's middle.
    #[must_use]
    pub fn day_and_minute(&self, index: usize) -> Option<(usize, f64)> {
        let load = &self.a.load;
        let minute = f64::from(self.instant(index)?.minute_of_day()) + f64::from(load.interval().minutes()) / 2.0;
        Some((load.days().day_at(index), minute))
    }

    /// First and last date with expected readings.
    #[must_use]
    pub fn period(&self) -> Option<(Date, Date)> {
        let (days, span) = (self.a.load.days(), self.a.load.span());
        if span.is_empty() || days.is_empty() {
            return None;
        }
        Some((days.date(days.day_at(span.start)), days.date(days.day_at(span.end - 1))))
    }

    /// `2025-01-01 – 2025-12-31`, or a dash.
    #[must_use]
    pub fn period_text(&self) -> String {
        self.period().map_or_else(|| super::super::number::ABSENT.into(), |(from, to)| format!("{from} – {to}"))
    }

    /// Whether the page is a draft: its tariff is unverified or does not cover the period.
    #[must_use]
    pub fn draft(&self) -> bool {
        let Some(tariff) = &self.ctx.tariff else { return false };
        !tariff.verified || self.period().is_some_and(|(from, to)| !tariff.covers(from, to))
    }

    /// The currency of the bill; empty without one.
    #[must_use]
    pub fn currency(&self) -> &'a str {
        self.a.bill.as_ref().map_or("", |b| &b.currency)
    }

    /// An amount, whole.
    #[must_use]
    pub fn money(&self, amount: Money) -> String {
        self.numbers.money(amount.to_f64(), self.currency())
    }

    /// A reason or note of the bill in the page's language: `missing: column` names the input.
    #[must_use]
    pub fn phrase(&self, raw: &str) -> String {
        if let Some(need) = raw.strip_prefix("missing: ").and_then(|n| self.text.get(&format!("need.{n}"))) {
            return self.text.fill("bill.missing", &[("need", need)]);
        }
        tell(raw, self.text)
    }

    /// A unit in the page's language.
    #[must_use]
    pub fn unit(&self, unit: &'static str) -> &'static str {
        if unit == "base" { self.t("bill.base") } else { unit }
    }

    /// The quarter among similar customers in which an indicator lies, and that in words.
    #[must_use]
    pub fn peer_quarter(&self, code: &str, value: Option<f64>) -> Option<(u32, &'static str)> {
        let quarter = self.ctx.peers?.quarter(code, value?)?;
        Some((quarter, self.text.get(&format!("peer.q{quarter}"))?))
    }

    /// What following a recommendation takes: a grade and why.
    #[must_use]
    pub fn effort(&self, advice: &Advice) -> String {
        if advice.has_ended() {
            return self.text.t("effort.inform").to_owned();
        }
        let of = |suffix: &str| self.text.get(&format!("effort.{}{suffix}", advice.code));
        let own = of(if advice.tier == Tier::Invest { "_buy" } else { "" }).or_else(|| of(""));
        let tier = || {
            self.text.t(match advice.tier {
                Tier::Counter => "effort.counter",
                Tier::Operate => "effort.operate",
                Tier::Invest => "effort.invest",
                Tier::Inform => "effort.inform",
            })
        };
        own.unwrap_or_else(tier).to_owned()
    }

    /// What to mind: a schedule of listed machines has other conditions than a potential, a charge by capacity
    /// another risk than one by demand, and of the weather less is open where it was read; what a test on unseen
    /// months kept, and a sector that is not known, are told of each.
    #[must_use]
    pub fn caveat(&self, advice: &Advice) -> String {
        let e = &advice.evidence;
        let is = |note: &str, text: &str| e.notes.get(note).is_some_and(|n| n == text);
        let case = match () {
            () if e.figures.contains_key("machines_moved") => "_listed",
            () if is("to_mode", "capacity") => "_capacity",
            () if is("baseline", said("rule.drift_weather")) => "_weather",
            () => "",
        };
        let caveat = |case: &str| self.text.get(&format!("advice.{}.caveat{case}", advice.code));
        let own = caveat(case).or_else(|| caveat("")).map(str::to_owned);
        let share = e.figures.get("backtest_share").map(|f| self.numbers.percent(f.value, 0));
        let kept = share.map(|share| self.text.fill("action.caveat_kept", &[("share", &share)]));
        let unknown =
            advice.sector_doubt().and_then(|asks| self.text.get(&format!("action.caveat_sector_{}", asks.name())));
        let unknown = unknown.map(str::to_owned);
        let joined = |a: String, b: String| self.text.fill("action.caveats", &[("a", &a), ("b", &b)]);
        [own, kept, unknown].into_iter().flatten().reduce(joined).unwrap_or_default()
    }

    /// What the customer may read and do, in order of rank.
    #[must_use]
    pub fn actions(&self) -> Vec<&'a Advice> {
        self.for_customer(Outcome::Advise)
    }

    /// What stands on the first page, in order of rank: neither what only informs, nor what is outside
    /// the plan because another recommendation takes its place or leaves it too little.
    #[must_use]
    pub fn first_actions(&self) -> Vec<&'a Advice> {
        self.actions().into_iter().filter(|a| a.tier != Tier::Inform && !outside_plan(a)).collect()
    }

    /// What could not be judged for lack of inputs.
    #[must_use]
    pub fn missing(&self) -> Vec<&'a Advice> {
        self.for_customer(Outcome::Missing)
    }

    fn for_customer(&self, verdict: Outcome) -> Vec<&'a Advice> {
        let mut out: Vec<&Advice> =
            self.a.advice.iter().filter(|a| self.ctx.may_show(a.audience) && a.verdict == verdict).collect();
        out.sort_by_key(|a| a.rank.unwrap_or(u32::MAX));
        out
    }

    /// What could be saved a year, lower and upper end: advice that costs nothing or changes
    /// operation, that is in the plan and is not a mere technical potential.
    #[must_use]
    pub fn could_save(&self) -> Option<Worth> {
        self.sum_of(in_headline)
    }

    /// Whether the plan has an investment in it.
    #[must_use]
    pub fn invests(&self) -> bool {
        self.actions().into_iter().any(|a| a.tier == Tier::Invest && a.saving_joint.is_some())
    }

    /// What the plan's advice that begins with an inspection could save a year, lower and upper end. Of what has
    /// to be bought there is no sum: it is never a promise.
    #[must_use]
    pub fn by_inspecting(&self) -> Option<Worth> {
        self.sum_of(|a| a.code == INSPECTION && a.tier == Tier::Invest && a.saving_joint.is_some())
    }

    /// Below this a yearly saving is not worth mentioning.
    #[must_use]
    pub fn least_saving(&self) -> f64 {
        self.a.plan.least_saving(&self.ctx.thresholds)
    }

    /// A yearly saving, lower end first; the saving itself where the lower end is not worth mentioning.
    #[must_use]
    pub fn saving(&self, worth: Worth) -> String {
        self.numbers.saving_from(self.least_saving(), worth, self.currency())
    }

    fn sum_of(&self, counts: fn(&Advice) -> bool) -> Option<Worth> {
        self.actions().into_iter().filter(|a| counts(a)).filter_map(range).reduce(Worth::and)
    }

    /// A yearly saving as text: range, one figure, or words when it has no price.
    #[must_use]
    pub fn saving_text(&self, advice: &Advice) -> String {
        match range(advice) {
            Some(worth) => self.text.fill(standing(advice), &[("saving", &self.saving(worth))]),
            None => self.t("action.unpriced").to_owned(),
        }
    }

    /// `high`, `medium` or `low`; `None` without a confidence.
    #[must_use]
    pub const fn certainty(&self, advice: &Advice) -> Option<&'static str> {
        advice.certainty
    }

    /// The certainty with its reason, in words.
    #[must_use]
    pub fn certainty_text(&self, advice: &Advice) -> String {
        let Some(grade) = self.certainty(advice) else { return String::new() };
        let totals = &self.a.totals;
        let coverage = totals.n_valid as f64 / totals.n_expected.max(1) as f64;
        let reason = if let Some(doubt) = weakest(advice).filter(|_| grade != "high") {
            self.doubt(doubt, advice, coverage)
        } else if self.a.plan.short {
            self.t("certainty.short").to_owned()
        } else if coverage < COVERAGE {
            self.text.fill("certainty.gaps", &[("percent", &self.numbers.percent(1.0 - coverage, 0))])
        } else {
            self.held(advice).unwrap_or_else(|| self.t("certainty.data").to_owned())
        };
        let word = format!("certainty.{grade}");
        // Rounded down, so that no share reads as one of the next grade.
        let share = advice.confidence.map_or(0.0, |c| (100.0 * c.get()).floor() / 100.0);
        let percent = self.numbers.percent(share, 0);
        let key = if share > 0.0 { "certainty.line_share" } else { "certainty.line" };
        self.text.fill(key, &[("grade", self.text.t(&word)), ("percent", &percent), ("reason", &reason)])
    }

    /// In how many months it saves, in words.
    fn held(&self, advice: &Advice) -> Option<String> {
        let (n, billed) = advice.holds?;
        let (of, key) = match changed(advice) {
            Some(changed) => (changed, "certainty.holds_season"),
            None => (billed, "certainty.holds"),
        };
        Some(self.text.fill(key, &[("n", &n.to_string()), ("m", &of.to_string())]))
    }

    /// What the factor that lowers a certainty most means.
    fn doubt(&self, factor: &str, advice: &Advice, coverage: f64) -> String {
        match (factor, advice.holds) {
            ("coverage", _) => {
                self.text.fill("certainty.gaps", &[("percent", &self.numbers.percent(1.0 - coverage, 0))])
            }
            ("stability", Some((n, m))) if n < changed(advice).unwrap_or(m) => self.held(advice).unwrap_or_default(),
            ("stability", _) => self.t("certainty.uneven").to_owned(),
            ("model", _) => {
                let share = advice.evidence.figures.get("confidence_model").map_or(0.0, |f| f.value);
                let by = advice.evidence.notes.get("confidence_by").map_or_else(String::new, |by| tell(by, self.text));
                if share <= 0.0 {
                    return self.text.fill("certainty.model_none", &[("by", &by)]);
                }
                self.text.fill("certainty.model", &[("percent", &self.numbers.percent(share, 0)), ("by", &by)])
            }
            _ => self.t("certainty.readings").to_owned(),
        }
    }

    /// The recommendation in words.
    #[must_use]
    pub fn words(&self, advice: &Advice) -> AdviceText {
        AdviceText::new(advice, self.ctx.language)
    }

    /// The typical days as curves, in the order of kinds and seasons.
    #[must_use]
    pub fn typical(&self) -> Vec<Typical> {
        let slots = self.a.load.interval().slots();
        let mut out: Vec<Typical> = Vec::new();
        for t in &self.a.typical {
            let same = |x: &Typical| x.day_kind == t.day_kind && x.season == t.season;
            if !out.last().is_some_and(same) {
                let empty = vec![None; slots];
                let (mean, p10, p90) = (empty.clone(), empty.clone(), empty);
                out.push(Typical { day_kind: t.day_kind, season: t.season, n_days: 0, mean, p10, p90 });
            }
            if let Some(curve) = out.last_mut() {
                put(curve, t);
            }
        }
        out
    }
}

fn put(curve: &mut Typical, t: &TypicalDay) {
    curve.n_days = curve.n_days.max(t.n_days);
    for (values, v) in [(&mut curve.mean, t.mean_kw), (&mut curve.p10, t.p10_kw), (&mut curve.p90, t.p90_kw)] {
        if let Some(cell) = values.get_mut(t.slot) {
            *cell = Some(v);
        }
    }
}

//! The sentences of a recommendation: title, finding with its figures, action.

use super::{Language, Numbers, Text};
use crate::rule::{Advice, Figure};
use crate::text::{placeholders, tell};
use crate::time::{Date, Month};

/// A recommendation in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdviceText {
    /// What it is about.
    pub title: String,
    /// What was seen, with figures.
    pub finding: String,
    /// What to do.
    pub action: String,
}

/// The title of a rule's recommendation; a general one for a code without sentences of its own.
#[must_use]
pub fn advice_title(code: &str, language: Language) -> String {
    let text = Text::of(language);
    match text.get(&format!("advice.{code}.title")) {
        Some(title) => title.to_owned(),
        None => text.fill("advice.other.title", &[("code", code)]),
    }
}

/// The title of a recommendation that asks: the question, where the rule has one.
#[must_use]
pub fn advice_question(code: &str, language: Language) -> String {
    let question = Text::of(language).get(&format!("advice.{code}.question"));
    question.map_or_else(|| advice_title(code, language), str::to_owned)
}

impl AdviceText {
    /// Puts a recommendation into words. Of the alternatives of a sentence the first is taken whose
    /// names are all known: figures, constants and notes of the evidence, `kw_reduced`,
    /// `kwh_saved`, `kwh_shifted`, `months_saving`, `months_billed`, `from`, `to`. `name%` is a share in per cent. What must
    /// hold first stands before what to do, and before that what is left of a saving that has become less.
    #[must_use]
    pub fn new(advice: &Advice, language: Language) -> Self {
        let text = Text::of(language);
        let find = |key: &str| text.alternatives(key).iter().find_map(|s| resolve(s, advice, Numbers(language)));
        let own = |part: &str| find(&format!("advice.{}.{part}", advice.code));
        let pick = |part: &str| own(part).or_else(|| find(&format!("advice.other.{part}"))).unwrap_or_default();
        let after = |first: Option<String>, what: String| match first {
            Some(first) => text.fill("action.caveats", &[("a", &first), ("b", &what)]),
            None => what,
        };
        let action = if advice.has_ended() && !advice.has_left() {
            pick("ended")
        } else {
            after(find("advice.other.left").filter(|_| advice.has_left()), after(own("first"), pick("action")))
        };
        let title = if advice.asks() { advice_question } else { advice_title };
        Self { title: title(advice.code, language), finding: pick("finding"), action }
    }
}

/// The sentence with every name replaced; `None` when one is unknown.
fn resolve(sentence: &str, advice: &Advice, numbers: Numbers) -> Option<String> {
    placeholders(sentence).into_iter().try_fold(sentence.to_owned(), |s, name| {
        Some(s.replace(&format!("{{{name}}}"), &value(name, advice, numbers)?))
    })
}

/// How figures begin that are savings: in a sentence they have two figures, rounded down; the evidence has them whole.
const SAVING: &str = "saving_";
/// Figures that have another name where they are negative: then what costs more saves, or the other way round.
const RENAMED: [(&str, &str); 2] = [
    ("worst_month_extra_cost", "figure.worst_month_saving"),
    ("saving_by_the_mode_alone", "figure.extra_cost_of_the_mode"),
];

fn value(name: &str, advice: &Advice, numbers: Numbers) -> Option<String> {
    let e = &advice.evidence;
    if let Some(share) = name.strip_suffix('%') {
        let share = e.figures.get(share).or_else(|| e.constants.get(share))?;
        return Some(numbers.share(share.value));
    }
    if let Some(f) = e.figures.get(name).or_else(|| e.constants.get(name)) {
        return Some(if name.starts_with(SAVING) {
            numbers.saving(None, f.value, currency(advice))
        } else {
            figure(f, currency(advice), numbers)
        });
    }
    match name {
        "kw_reduced" => advice.kw_reduced.map(|v| numbers.kw(v.get())),
        "kwh_saved" => advice.kwh_saved.map(|v| numbers.kwh(v.get())),
        "kwh_shifted" => advice.kwh_shifted.map(|v| numbers.kwh(v.get())),
        "months_saving" => advice.holds.map(|(n, _)| n.to_string()),
        "months_billed" => advice.holds.map(|(_, m)| m.to_string()),
        "from" => (!e.from.is_empty()).then(|| e.from.clone()),
        "to" => (!e.to.is_empty()).then(|| e.to.clone()),
        "season" => e.notes.get(name).map(|s| Text::of(numbers.0).t(&format!("season_in.{s}")).to_owned()),
        _ => e.notes.get(name).map(|n| note(name, n, numbers.0)),
    }
}

/// The currency of a recommendation's money; empty without a price.
pub(super) fn currency(advice: &Advice) -> &str {
    advice.evidence.arithmetic.as_ref().map_or("", |a| &a.currency)
}

/// A note's text; billing modes, kinds of day, seasons and answers in words.
pub(super) fn note(name: &str, note: &str, language: Language) -> String {
    let text = Text::of(language);
    let family = match name {
        _ if name.ends_with("_mode") => "mode",
        "window_kind" => "day_kind",
        "season" => "season",
        "carries_with_one_out" => "word",
        _ => return tell(note, text),
    };
    text.get(&format!("{family}.{note}")).unwrap_or(note).to_owned()
}

/// The name of a figure or note in words, with the month that its code may end in
/// (`max_2025-03`); `None` when the text files do not have it.
pub(super) fn figure_name(code: &str, numbers: Numbers) -> Option<String> {
    let text = Text::of(numbers.0);
    let named = |code: &str| text.get(&format!("figure.{code}")).map(str::to_owned);
    named(code).or_else(|| {
        let (base, month) = code.split_at_checked(code.len().checked_sub(8)?)?;
        let month = month.strip_prefix('_')?;
        let date: Date = format!("{month}-01").parse().ok()?;
        Some(format!("{}{}{}", named(base)?, text.t("word.of"), numbers.month(Month::of(date))))
    })
}

/// A figure of the evidence with its name: what a month costs more is, where negative, what it saves; what a way of
/// billing saves, what it costs more.
pub(super) fn named_figure(code: &str, f: &Figure, currency: &str, numbers: Numbers) -> (String, String) {
    if let Some((_, key)) = RENAMED.iter().find(|(c, _)| *c == code && f.value < 0.0) {
        let other = Figure { value: -f.value, unit: f.unit };
        return (Text::of(numbers.0).t(key).to_owned(), figure(&other, currency, numbers));
    }
    let name = figure_name(code, numbers).unwrap_or_else(|| code.replace('_', " "));
    (name, figure(f, currency, numbers))
}

/// A figure with its unit; ratios and counts as they are.
pub(super) fn figure(figure: &Figure, currency: &str, numbers: Numbers) -> String {
    match figure.unit {
        "currency" => numbers.money(figure.value, currency),
        "per kWh" => numbers.price(figure.value, currency),
        "" if figure.value.fract() == 0.0 => numbers.fixed(figure.value, 0),
        "" => numbers.auto(figure.value),
        // A voltage level is a name: 35 kV, not 35.0.
        "kV" => format!("{} kV", numbers.short(figure.value)),
        // A bank's size too.
        "kvar" if figure.value.fract() == 0.0 => format!("{} kvar", numbers.fixed(figure.value, 0)),
        "°C" | "h" => format!("{} {}", numbers.short(figure.value), figure.unit),
        "%" => format!("{}%", numbers.short(figure.value)),
        "d" => Text::of(numbers.0).fill("word.days", &[("n", &numbers.short(figure.value))]),
        unit => format!("{} {unit}", numbers.auto(figure.value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_richest_sentence_whose_figures_are_there_is_taken() {
        let mut advice = sample::advice("R06");
        advice.kw_reduced = None;
        let numbers = Numbers(Language::En);
        assert_eq!(resolve("{kw_reduced} less", &advice, numbers), None);
        advice.evidence.figures.insert("base_kw".into(), Figure { value: 310.4, unit: "kW" });
        assert_eq!(resolve("a base of {base_kw}", &advice, numbers), Some("a base of 310 kW".into()));
        // A share in a sentence, a duration, and the season that a sentence goes on with.
        assert_eq!(resolve("from {least_ratio%} on", &advice, numbers), Some("from 30% on".into()));
        advice.evidence.figures.insert("drift_days".into(), Figure { value: 46.0, unit: "d" });
        advice.evidence.note("season", "autumn");
        assert_eq!(resolve("{drift_days} in {season}", &advice, numbers), Some("46 days in autumn".into()));
        assert_eq!(resolve("{no_such_share%}", &advice, numbers), None);
    }

    #[test]
    fn no_sentence_shows_a_name_in_braces() {
        for code in ["R01", "R03", "R04", "R05", "R06", "R99"] {
            for language in Language::ALL {
                let mut advice = sample::advice("R06");
                advice.code = code;
                for evidence in [advice.evidence.clone(), crate::rule::Evidence::default()] {
                    advice.evidence = evidence;
                    let t = AdviceText::new(&advice, language);
                    for s in [&t.title, &t.finding, &t.action] {
                        assert!(!s.is_empty() && !s.contains('{'), "{code} {language:?}: {s}");
                    }
                }
            }
        }
    }

    /// The naive case: it opened with an inspection where there is nothing to inspect.
    #[test]
    fn a_bank_that_must_be_bought_is_not_only_inspected() {
        for language in Language::ALL {
            let mut advice = sample::advice("R06");
            advice.code = "R05";
            let opens = |advice: &Advice, key: usize| {
                let sentence = &Text::of(language).alternatives("advice.R05.action")[key];
                let told = AdviceText::new(advice, language).action;
                let fixed = sentence.split('{').next().unwrap_or_default();
                assert!(!fixed.is_empty() && told.starts_with(fixed), "{told}");
            };
            opens(&advice, 9);
            for (name, kvar) in [("kvar_needed", 480.0), ("step", 60.0), ("kvar_to_buy", 480.0)] {
                advice.evidence.figure(name, kvar, "kvar");
            }
            opens(&advice, 7);
            advice.evidence.figure("kvar_shown", 180.0, "kvar");
            advice.evidence.figure("idle_hours", 2_000.0, "h");
            opens(&advice, 4);
        }
    }

    /// The naive case: the text said one degree whatever the file of thresholds sets.
    #[test]
    fn a_set_point_rises_by_what_was_reckoned() {
        let mut advice = sample::advice("R06");
        advice.code = "R08";
        for (degrees, en, zh) in [(1.0, "point by 1 °C,", "提高 1 °C，"), (2.5, "point by 2.5 °C,", "提高 2.5 °C，")]
        {
            advice.evidence.constant("degrees", degrees, "°C");
            let told = |language| AdviceText::new(&advice, language).action;
            assert!(told(Language::En).contains(en), "{}", told(Language::En));
            assert!(told(Language::Zh).contains(zh), "{}", told(Language::Zh));
        }
    }

    #[test]
    fn a_product_is_not_named() {
        for language in Language::ALL {
            let mut advice = sample::advice("R06");
            advice.code = "R22";
            advice.evidence.figure("saving_counted_months", 60_000.0, "currency");
            advice.evidence.figure("lock_in_months", 12.0, "");
            advice.evidence.figure("products_compared", 3.0, "");
            advice.evidence.note("price_table", "retailer-smart-96");
            advice.evidence.note("price_validity", "2025-01-01");
            let t = AdviceText::new(&advice, language);
            assert!(t.finding.contains('3') && t.finding.contains("2025-01-01"), "{}", t.finding);
            for s in [&t.title, &t.finding, &t.action] {
                assert!(!s.contains("retailer"), "{language:?}: {s}");
            }
        }
    }

    #[test]
    fn a_figure_of_a_month_has_a_name() {
        let name = |code| figure_name(code, Numbers(Language::En));
        assert_eq!(name("max_2025-03").as_deref(), Some("Highest load, Mar 2025"));
        let kv = |value| figure(&Figure { value, unit: "kV" }, "CNY", Numbers(Language::En));
        assert_eq!((kv(35.0), kv(0.4)), ("35 kV".into(), "0.4 kV".into()));
        let kvar = |value| figure(&Figure { value, unit: "kvar" }, "CNY", Numbers(Language::En));
        assert_eq!([kvar(60.0), kvar(960.0), kvar(272.25)], ["60 kvar", "960 kvar", "272 kvar"]);
        assert_eq!((name("max_2025-13"), name("of_no_meaning"), name("é")), (None, None, None));
        assert_eq!(note("from_mode", "demand", Language::En), "by actual maximum demand");
    }

    #[test]
    fn a_saving_in_a_sentence_has_two_figures_and_a_month_without_loss_saves() {
        let mut advice = sample::advice("R22");
        for code in ["saving_counted_months", "saving_a_year"] {
            advice.evidence.figure(code, 530_946.0, "currency");
            let told = resolve(&format!("{{{code}}} less"), &advice, Numbers(Language::En)).unwrap_or_default();
            assert!(told.ends_with("530,000 less"), "{told}");
        }
        let named =
            |code, value, language| named_figure(code, &Figure { value, unit: "currency" }, "CNY", Numbers(language));
        let worst = |value, language| named("worst_month_extra_cost", value, language);
        let [en, zh] = Language::ALL.map(|l| worst(-151_559.0, l));
        assert_eq!(en, ("In the worst month it still saves".into(), "CNY 151,559".into()));
        assert_eq!(zh, ("最差月份仍可节省".into(), "15.16 万元".into()));
        assert_eq!(worst(1_234.0, Language::En), ("Extra cost of the worst month".into(), "CNY 1,234".into()));
        let mode = |value, language| named("saving_by_the_mode_alone", value, language);
        let dearer = ("The way of billing alone would cost more by".into(), "CNY 178,340".into());
        assert_eq!(mode(-178_340.0, Language::En), dearer);
        assert_eq!(mode(-178_340.0, Language::Zh), ("仅改变计费方式反而多支出".into(), "17.83 万元".into()));
        assert_eq!(mode(500.0, Language::En).0, "Saving by the way of billing alone");
    }

    /// Notes that the text files put into sentences of their own, or that only `explain` prints: the id of a price
    /// table may be a retailer's name.
    const UNNAMED: [&str; 6] = ["missing", "unseen", "stated_unseen", "lapsed", "short", "price_table"];

    #[test]
    fn everything_that_a_rule_measures_has_a_name() -> std::io::Result<()> {
        let mut n = 0;
        for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/rule"))? {
            let path = entry?.path();
            let source = std::fs::read_to_string(&path).unwrap_or_default();
            for call in ["evidence.figure(\"", "evidence.constant(\"", "evidence.note(\""] {
                for name in source.split(call).skip(1).filter_map(|s| s.split_once('"')).map(|(name, _)| name) {
                    n += 1;
                    let named = figure_name(name, Numbers(Language::Zh)).is_some() || UNNAMED.contains(&name);
                    assert!(named, "{}: {name} has no name in the text files", path.display());
                }
            }
        }
        assert!(n > 100, "the search finds the calls: {n}");
        Ok(())
    }

    #[test]
    fn an_unknown_code_has_a_general_title() {
        assert!(advice_title("R77", Language::En).contains("R77"));
        assert_ne!(advice_title("R04", Language::En), advice_title("R04", Language::Zh));
    }
}

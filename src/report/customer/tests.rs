mod certainty;

use super::*;
use crate::report::sample::{self, Sample};
use crate::report::{Language, Text, Worth};
use crate::text::said;
use crate::time::{Date, Interval};
use crate::units::Money;
use std::collections::BTreeSet;
use std::path::Path;

/// Bytes of a customer's page at most.
const LIMIT: usize = 250_000;

fn page(sample: &Sample, language: Language) -> (Analysis, String) {
    let mut a = sample::analysis(sample);
    if sample.checked {
        sample::check(&mut a);
    }
    let ctx = sample::context(sample, &a, language);
    let html = customer_page(&a, &ctx).unwrap();
    (a, html)
}

fn variants() -> Vec<(&'static str, Sample)> {
    let full = Sample::default();
    vec![
        ("full", full.clone()),
        ("checked", Sample { checked: true, ..full.clone() }),
        ("no-tariff", Sample { tariff: false, ..full.clone() }),
        ("no-reactive", Sample { reactive: false, ..full.clone() }),
        ("gaps", Sample { gap_days: 40..115, ..full.clone() }),
        ("one-month", Sample { days: 31, gap_days: 0..0, ..full.clone() }),
        ("three-years", Sample { first: "2023-01-01", days: 1096, checked: true, ..full.clone() }),
        (
            "five-minutes",
            Sample { first: "2023-01-01", days: 1096, interval: Interval::M5, checked: true, ..full.clone() },
        ),
        ("nothing", Sample { advice: false, gap_days: 0..0, ..full.clone() }),
        ("clock-change", Sample { zone: "Europe/Berlin", ..full.clone() }),
        ("back-feed", Sample { back_feed: true, ..full.clone() }),
        ("empty", Sample { gap_days: 0..400, tariff: false, ..full.clone() }),
        ("one-day", Sample { days: 1, tariff: false, gap_days: 0..0, ..full }),
    ]
}

/// A page without what its scripts hold.
fn without_scripts(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some((before, script)) = rest.split_once("<script") {
        out.push_str(before);
        rest = script.split_once("</script>").map_or("", |(_, after)| after);
    }
    out + rest
}

/// Every element is closed in order; attributes hold no stray quote.
fn assert_well_formed(html: &str, name: &str) {
    let html = without_scripts(html);
    let void = ["meta", "input", "br", "link", "!doctype"];
    let mut open: Vec<String> = Vec::new();
    let mut rest = html.as_str();
    while let Some(start) = rest.find('<') {
        let tag = &rest[start + 1..];
        let end = tag.find('>').unwrap();
        let inner = &tag[..end];
        let element: String = inner
            .chars()
            .take_while(|c| !c.is_whitespace() && *c != '/' || *c == '/' && inner.starts_with('/'))
            .collect();
        if let Some(closed) = element.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(closed), "{name}: {inner}");
        } else if !inner.ends_with('/') && !void.contains(&element.to_lowercase().as_str()) {
            open.push(element);
        }
        assert_eq!(inner.matches('"').count() % 2, 0, "{name}: {inner}");
        rest = &tag[end..];
    }
    assert!(open.is_empty(), "{name}: {open:?}");
}

#[test]
fn every_kind_of_customer_has_a_page_within_its_limits() {
    for (name, sample) in variants() {
        for language in Language::ALL {
            let (_, html) = page(&sample, language);
            assert!(html.len() <= LIMIT, "{name}: {} bytes", html.len());
            assert_well_formed(&html, name);
            let text = Text::of(language);
            assert!(html.contains(text.t("page.reservation")), "{name}");
            let body = without_scripts(html.split("</style>").nth(1).unwrap());
            for wrong in ["NaN", "inf ", "http://", "https://", "{n}"] {
                assert!(!body.contains(wrong), "{name}: {wrong}");
            }
            assert_eq!(html.matches("<script>").count(), 1, "{name}: one program");
            assert_data_and_policy(&html, name);
            if let Some(dir) = std::env::var_os("PEAKWISE_PAGES") {
                std::fs::write(Path::new(&dir).join(format!("{name}-{}.html", language.code())), &html).unwrap();
            }
        }
    }
}

/// Three years, every rule with advice, issued bills and a schedule: more than a page may hold.
#[test]
fn a_page_that_would_be_too_large_leaves_details_to_the_other_forms() {
    let sample = Sample { first: "2023-01-01", days: 1096, checked: true, ..Sample::default() };
    let mut a = sample::analysis(&sample);
    sample::check(&mut a);
    let rules = crate::rule::RULES.iter().filter(|r| r.audience() == crate::rule::Audience::Customer);
    a.advice.extend(rules.map(|r| sample::advice(r.code())));
    for language in Language::ALL {
        let html = customer_page(&a, &sample::context(&sample, &a, language)).unwrap();
        assert!(html.len() <= LIMIT, "{} bytes", html.len());
        assert!(html.contains(Text::of(language).t("annex.slim")));
        assert!(!html.contains("class=\"ev\"") && !html.contains("class=\"lines\""));
        for rule in crate::rule::RULES.iter().filter(|r| r.audience() == crate::rule::Audience::Customer) {
            let code = rule.code();
            assert!(
                Text::of(language).get(&format!("method.{code}.looks")).is_some_and(|s| {
                    // Between the constants, which the page fills in.
                    let told = s.split(['{', '}']).max_by_key(|part| part.len());
                    told.is_some_and(|part| html.contains(part))
                }),
                "{code}"
            );
        }
        assert_well_formed(&html, "slim");
    }
    let (_, html) = page(&Sample::default(), Language::En);
    assert!(!html.contains(Text::of(Language::En).t("annex.slim")) && html.contains("class=\"ev\""));
}

/// The data of every picture is JSON, and the policy names the program that is there.
fn assert_data_and_policy(html: &str, name: &str) {
    for data in html.split("<script type=\"application/json\">").skip(1) {
        let data = data.split("</script>").next().unwrap();
        let value: serde_json::Value = serde_json::from_str(data).unwrap();
        assert!(value["k"].is_string(), "{name}: {data}");
    }
    let program = html.rsplit_once("<script>").and_then(|(_, s)| s.split_once("</script>")).map(|(s, _)| s).unwrap();
    let policy = html.split("script-src").nth(1).and_then(|p| p.split('>').next()).unwrap();
    for script in [program, UPLOT] {
        assert!(policy.contains(&format!("'sha256-{}'", policy_hash(script))), "{name}: {policy}");
    }
}

#[test]
fn the_same_analysis_gives_the_same_bytes() {
    let (a, html) = page(&Sample::default(), Language::En);
    assert_eq!(customer_page(&a, &sample::context(&Sample::default(), &a, Language::En)).unwrap(), html);
}

#[test]
fn internal_findings_stay_off_the_customers_page() {
    let sample = Sample::default();
    for language in Language::ALL {
        let (mut a, html) = page(&sample, language);
        for internal in ["R18", "V13", "Internal Manager", "index.html", "fleet"] {
            assert!(!html.contains(internal), "{internal}");
        }
        assert!(html.contains("V02") && html.contains("R04"));
        // Readings of zero under load may be an outage: the staff confirms it first.
        a.issues.iter_mut().filter(|i| i.code == "V13").for_each(|i| i.code = "V08");
        assert!(a.issues.iter().any(|i| i.code == "V08"));
        let html = customer_page(&a, &sample::context(&sample, &a, language)).unwrap();
        assert!(!html.contains("V08") && html.contains("V02"));
    }
}

#[test]
fn what_a_customer_gives_stays_text() {
    let sample = Sample::default();
    let mut a = sample::analysis(&sample);
    let evil = "<script>alert('x')</script>\"><img src=x onerror=y>";
    let mut customer = (*a.customer).clone();
    (customer.name, customer.industry) = (Some(evil.into()), Some(evil.into()));
    a.customer = customer.into();
    a.advice[0].evidence.notes.insert(evil.into(), evil.into());
    let mut ctx = sample::context(&sample, &a, Language::En);
    ctx.data_notes.push(evil.into());
    if let Some(t) = &mut ctx.tariff {
        (t.name, t.source) = (evil.into(), evil.into());
        for s in t.bands.iter_mut().flat_map(|b| &mut b.spans) {
            s.name = evil.into();
        }
    }
    let html = customer_page(&a, &ctx).unwrap();
    assert!(!html.contains("<script>alert") && !html.contains("<img"));
    assert_eq!(html.matches("<script>").count(), 1);
    assert_data_and_policy(&html, "evil");
    assert_well_formed(&html, "evil");
}

#[test]
fn the_quarter_among_similar_customers_is_told_and_no_figure_of_theirs() {
    let sample = Sample::default();
    let a = sample::analysis(&sample);
    let own = a.totals.load_factor.unwrap().get();
    for (quarter, load_factor) in [
        (1, [own + 0.1, own + 0.2, own + 0.3]),
        (2, [own, own + 0.2, own + 0.3]),
        (3, [own - 0.2, own - 0.1, own + 0.37777]),
        (4, [own - 0.3, own - 0.2, own - 0.1]),
    ] {
        let mut ctx = sample::context(&sample, &a, Language::En);
        ctx.peers = Some(crate::report::PeerQuartiles { load_factor, base_to_peak: None });
        let html = customer_page(&a, &ctx).unwrap();
        for q in 1..=4 {
            let words = Text::of(Language::En).get(&format!("peer.q{q}")).unwrap();
            assert_eq!(html.matches(words).count(), usize::from(q == quarter), "{q} of {quarter}");
        }
        assert!(!html.contains(&format!("{:.3}", load_factor[2])));
    }
}

#[test]
fn an_unverified_or_outdated_tariff_makes_a_draft() {
    let sample = Sample::default();
    let a = sample::analysis(&sample);
    let mut ctx = sample::context(&sample, &a, Language::Zh);
    let mark = "class=\"watermark\"";
    assert!(!customer_page(&a, &ctx).unwrap().contains(mark));
    if let Some(t) = &mut ctx.tariff {
        t.effective_to = "2025-06-30".parse::<Date>().ok();
    }
    let html = customer_page(&a, &ctx).unwrap();
    assert!(html.contains(mark) && html.contains(Text::of(Language::Zh).t("notice.outdated")));
    if let Some(t) = &mut ctx.tariff {
        (t.effective_to, t.verified) = (None, false);
    }
    let html = customer_page(&a, &ctx).unwrap();
    assert!(html.contains(mark) && html.contains(Text::of(Language::Zh).t("notice.unverified")));
    if let Some(dir) = std::env::var_os("PEAKWISE_PAGES") {
        std::fs::write(Path::new(&dir).join("draft-zh.html"), &html).unwrap();
    }
}

/// A saving of the sample in the middle of its range.
fn both(low: f64, high: f64) -> Worth {
    Worth { low: Some(low), told: f64::midpoint(low, high), high }
}

#[test]
fn the_headline_counts_what_costs_nothing_and_is_no_mere_potential() {
    let sample = Sample::default();
    let a = sample::analysis(&sample);
    let ctx = sample::context(&sample, &a, Language::En);
    let v = View::new(&a, &ctx);
    // R04 and R06; neither R01 (technical potential) nor R05 (investment).
    assert_eq!(v.could_save(), Some(both(91_234.0 + 48_700.0, 118_765.0 + 77_900.0)));
    let html = customer_page(&a, &ctx).unwrap();
    assert!(html.contains("CNY 130,000–190,000"));
    assert!(html.contains(Text::of(Language::En).t("notice.unreconciled")));
}

#[test]
fn at_most_three_actions_stand_in_the_answer_and_all_below() {
    let (a, html) = page(&Sample::default(), Language::En);
    let answer = html.split("<section id=\"usage\"").next().unwrap();
    assert_eq!(answer.matches("class=\"tier ").count(), 3);
    assert_eq!(html.matches("<article").count(), 4);
    assert!(a.advice.len() > 4, "the internal one and the missing one are left out");
}

/// A priced recommendation without a part in the plan stands below, marked, and never on the first page.
#[test]
fn what_is_outside_the_plan_is_no_part_of_the_answer() {
    let sample = Sample::default();
    let mut a = sample::analysis(&sample);
    let r06 = a.advice.iter_mut().find(|r| r.code == "R06").unwrap();
    (r06.saving_joint, r06.saving_joint_observed) = (None, None);
    (r06.headline, r06.saving_headline) = (false, None);
    for language in Language::ALL {
        let ctx = sample::context(&sample, &a, language);
        let (v, text) = (View::new(&a, &ctx), Text::of(language));
        assert_eq!(v.first_actions().iter().map(|a| a.code).collect::<Vec<_>>(), ["R04", "R01", "R05"]);
        assert_eq!(v.could_save(), Some(both(91_234.0, 118_765.0)));
        let html = customer_page(&a, &ctx).unwrap();
        let (answer, below) = html.split_once("<section id=\"usage\"").unwrap();
        let title = text.t("advice.R06.title");
        assert!(!answer.contains(title) && below.contains(title), "{language:?}");
        let alone = text.fill("action.alone_only", &[("saving", &v.numbers.saving(Some(48_700.0), 77_900.0, "CNY"))]);
        assert!(below.contains(&alone) && below.contains(text.t("action.too_little")), "{alone}");
        let invest = text.t("action.invest").split("{saving}").last().unwrap_or_default();
        assert!(answer.contains(invest), "an investment is marked on the first page");
        let at = |part: &str| answer.find(part).unwrap_or_else(|| panic!("{part}"));
        let (counted, invest) = (at(text.t("advice.R04.title")), at(text.t("advice.R05.title")));
        let apart = at(text.t("answer.apart"));
        assert!(counted < apart && apart < invest, "what is not in the sum stands apart from what is");
    }
}

/// Neither the page nor the other forms name a product: the id of its price table may be a retailer's name. The range
/// beside two savings says of which it is.
#[test]
fn a_page_names_no_product_and_says_what_its_range_is_of() {
    let sample = Sample::default();
    let mut a = sample::analysis(&sample);
    let r22 = a.advice.iter_mut().find(|r| r.code == "R04").unwrap();
    (r22.code, r22.saving_joint) = ("R22", Money::from_f64_rounded(610_000.0));
    r22.evidence.figure("saving_counted_months", 530_946.0, "currency");
    r22.evidence.figure("products_compared", 3.0, "");
    r22.evidence.note("price_table", "retailer-smart-96");
    r22.evidence.note("price_validity", "2025-01-01");
    for (language, rounded) in [(Language::En, "CNY 530,000 less"), (Language::Zh, "53 万元")] {
        let text = Text::of(language);
        let html = customer_page(&a, &sample::context(&sample, &a, language)).unwrap();
        let article = html.split("<article").skip(1).find(|s| s.contains(text.t("advice.R22.title"))).unwrap();
        assert!(!html.contains("retailer-smart") && article.contains(rounded), "{language:?}");
        assert!(article.contains(text.t("action.joint")) && article.contains(text.t("action.range_free")));
    }
}

/// What has to be bought is never a sum of the lead; what begins with an inspection may be.
#[test]
fn the_lead_sums_inspections_and_no_purchase() {
    let sample = Sample::default();
    let mut a = sample::analysis(&sample);
    a.advice.retain(|r| r.code == "R05");
    let said = |a: &Analysis, language| {
        let ctx = sample::context(&sample, a, language);
        super::lead(&View::new(a, &ctx))
    };
    assert!(said(&a, Language::En).contains("inspection") && said(&a, Language::En).contains("CNY 36,000–52,000"));
    assert!(said(&a, Language::Zh).contains("检查") && said(&a, Language::Zh).contains("3.6–5.2 万元"));
    for code in ["R13", "R14", "R17"] {
        a.advice[0].code = code;
        let (en, zh) = (said(&a, Language::En), said(&a, Language::Zh));
        assert!(!en.contains("inspection") && !en.contains("52,000") && en.contains("on your terms"), "{en}");
        assert!(!zh.contains("检查") && !zh.contains("5.2 万元") && zh.contains("投资"), "{zh}");
    }
}

/// A saving of an industry that is not known is told as that; of one whose lower end is not worth mentioning
/// the saving itself leads.
#[test]
fn an_unknown_industry_and_a_small_lower_end_are_told_as_such() {
    let sample = Sample::default();
    let mut a = sample::analysis(&sample);
    let r06 = a.advice.iter_mut().find(|r| r.code == "R06").unwrap();
    (r06.headline, r06.saving_headline) = (false, None);
    r06.evidence.note("sector", "unknown");
    let r04 = a.advice.iter_mut().find(|r| r.code == "R04").unwrap();
    r04.saving_low = Money::from_f64_rounded(1_400.0);
    let ctx = sample::context(&sample, &a, Language::En);
    let v = View::new(&a, &ctx);
    let told = |code: &str| v.saving_text(a.advice.iter().find(|r| r.code == code).unwrap());
    assert!(told("R06").contains("industry not known") && !told("R06").contains("potential"), "{}", told("R06"));
    // The saving itself leads, not the upper end of 118,765.
    assert_eq!(told("R04"), "up to CNY 100,000 a year");
    let tile = customer_page(&a, &ctx).unwrap();
    let percent = v.numbers.fixed((104_999.5 / a.plan.bill_now.unwrap().to_f64() * 1000.0_f64).floor() / 10.0, 1);
    assert!(tile.contains("up to CNY 100,000") && tile.contains(&format!("up to {percent}% of the bill")));
    assert!(told("R01").contains("technical potential"));
    let caveat = v.caveat(a.advice.iter().find(|r| r.code == "R06").unwrap());
    assert!(caveat.contains("cold stores"), "{caveat}");
}

#[test]
fn a_caveat_speaks_of_the_case_at_hand() {
    let sample = Sample::default();
    let a = sample::analysis(&sample);
    let ctx = sample::context(&sample, &a, Language::En);
    let v = View::new(&a, &ctx);
    let told = |code: &'static str, notes: &[(&str, &str)]| {
        let mut advice = sample::advice("R04");
        advice.code = code;
        for (name, text) in notes {
            advice.evidence.note(name, *text);
        }
        v.caveat(&advice)
    };
    assert!(told("R04", &[("to_mode", "demand")]).contains("a higher peak makes billing by demand dearer"));
    assert!(told("R04", &[("to_mode", "capacity")]).contains("does not fall with a lower peak"));
    assert_eq!(told("R11", &[("to_mode", "capacity")]), told("R11", &[]), "that is a suspension's all the same");
    assert!(told("R09", &[("baseline", said("rule.drift_plain"))]).contains("output and weather are not known"));
    assert!(told("R09", &[("baseline", said("rule.drift_weather"))]).contains("The weather is accounted for"));
}

#[test]
fn a_good_customer_hears_that_nothing_is_worth_doing() {
    let sample = Sample { advice: false, ..Sample::default() };
    let (_, html) = page(&sample, Language::En);
    assert!(html.contains("We found nothing worth doing in 2025-01-01 – 2025-12-31"));
    assert!(!html.contains("<article"));
}

#[test]
fn without_a_tariff_each_rule_says_what_it_waits_for() {
    let (_, html) = page(&Sample { tariff: false, ..Sample::default() }, Language::En);
    let text = Text::of(Language::En);
    for sentence in ["notice.no_tariff", "need.tariff", "supply.tariff", "advice.R04.title"] {
        let shown = text.t(sentence);
        assert!(html.contains(shown), "{sentence}");
    }
    assert!(!html.contains("id=\"bill\""));
}

#[test]
fn sections_are_told_apart_and_have_headings() {
    let ids: BTreeSet<&str> = SECTIONS.iter().map(|s| s.id()).collect();
    assert_eq!(ids.len(), SECTIONS.len());
    for id in ids {
        for part in ["part", "title"] {
            assert!(Text::of(Language::Zh).get(&format!("{id}.{part}")).is_some(), "{id}.{part}");
        }
    }
}

#[test]
fn every_indicator_has_a_name_and_a_definition() {
    for indicator in crate::indicator::INDICATORS {
        for part in ["name", "definition"] {
            let key = format!("indicator.{}.{part}", indicator.code());
            assert!(Text::of(Language::Zh).get(&key).is_some(), "{key}");
        }
    }
}

#[test]
fn every_rule_has_sentences() {
    for rule in crate::rule::RULES {
        for part in ["title", "finding", "action", "caveat"] {
            let key = format!("advice.{}.{part}", rule.code());
            assert!(Text::of(Language::En).get(&key).is_some(), "{key}");
        }
    }
}

/// The reason that stands behind a certainty is what made it so, and never that it holds everywhere.
#[test]
fn a_doubt_is_given_its_own_reason() {
    let a = sample::analysis(&Sample::default());
    for language in Language::ALL {
        let ctx = sample::context(&Sample::default(), &a, language);
        let (v, text) = (View::new(&a, &ctx), Text::of(language));
        let told = |factors: [f64; 4], holds: (usize, usize)| {
            let mut advice = sample::advice("R06");
            for (name, value) in ["coverage", "stability", "model", "data"].iter().zip(factors) {
                advice.evidence.figure(&format!("confidence_{name}"), value, "");
            }
            advice.evidence.note("confidence_by", crate::text::said("model.seasons"));
            advice.holds = Some(holds);
            let confidence = crate::units::Ratio::new(factors.iter().product());
            advice.certainty = Some(crate::rule::Thresholds::default().certainty(confidence));
            v.certainty_text(&advice)
        };
        let holds = |n: &str, m: &str| text.fill("certainty.holds", &[("n", n), ("m", m)]);
        let by = text
            .fill("certainty.model", &[("percent", &v.numbers.percent(0.4, 0)), ("by", text.t("said.model.seasons"))]);
        assert!(told([1.0, 0.9, 0.4, 1.0], (12, 12)).ends_with(&by));
        assert!(told([1.0, 0.3, 0.9, 1.0], (12, 12)).ends_with(text.t("certainty.uneven")), "in all months, unevenly");
        assert!(told([1.0, 0.3, 0.9, 1.0], (4, 12)).ends_with(&holds("4", "12")));
        assert!(told([1.0, 0.9, 0.9, 0.5], (12, 12)).ends_with(text.t("certainty.readings")));
        assert!(told([1.0, 0.95, 0.9, 1.0], (12, 12)).ends_with(&holds("12", "12")), "nothing lowers it");
    }
}

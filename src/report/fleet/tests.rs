use super::lists::{first, kinds};
use super::*;
use crate::report::number::ABSENT;

fn row(i: usize) -> FleetRow {
    FleetRow {
        id: format!("{i:010}").into(),
        name: Some(format!("Works <b>{i}</b> & Söhne")),
        status: if i % 50 == 7 { Status::Failed } else { Status::Ok },
        reason: (i % 50 == 7).then(|| "no usable interval".into()),
        kwh: Some(Kwh::new(1_234_567.8 + i as f64)),
        max_kw: Some(Kw::new(850.25)),
        load_factor: Some(Ratio::new(0.45678)),
        power_factor: (!i.is_multiple_of(3)).then(|| Ratio::new(0.91234)),
        bill_total: Money::from_f64_rounded(1_000_000.0 + i as f64),
        saving_total: Money::from_f64_rounded((i * 100) as f64),
        saving_headline: Money::from_f64_rounded((i * 100) as f64),
        currency: Some("CNY".into()),
        advice: vec![
            FleetAdvice {
                code: "R04",
                saving_joint: Money::from_f64_rounded(100.0),
                certainty: Some("high"),
                headline: true,
                tier: Tier::Counter,
                awaits_sector: false,
            },
            FleetAdvice {
                code: "R05",
                saving_joint: None,
                certainty: None,
                headline: false,
                tier: Tier::Operate,
                awaits_sector: false,
            },
        ],
        n_valid: 35_000,
        n_expected: 35_040,
        withheld: i.is_multiple_of(9),
        reconciled: (i % 4 != 1).then_some(i % 4 == 2),
        standing: Some(FleetStanding {
            grade: ["A", "B", "C", "D"][i % 4],
            visit: Some(i + 1),
            peak_share: Some(1e-4),
        }),
        href: format!("customers/{i:010}.html"),
    }
}

fn ctx(language: Language) -> FleetContext {
    FleetContext::new(language, Date(20_000))
}

#[test]
fn ten_thousand_customers_stay_under_six_megabytes() -> Result<()> {
    let rows: Vec<FleetRow> = (0..10_000).map(row).collect();
    let html = fleet_page(&rows, &ctx(Language::En))?;
    assert!(html.len() < 6_000_000, "{} bytes", html.len());
    if let Some(dir) = std::env::var_os("PEAKWISE_PAGES") {
        std::fs::write(std::path::Path::new(&dir).join("fleet.html"), &html).unwrap();
    }
    Ok(())
}

#[test]
fn the_peak_names_who_makes_it() -> Result<()> {
    let mut context = ctx(Language::En);
    context.peak = Some(FleetPeak {
        day_kind: crate::time::DayKind::Workday,
        season: crate::time::Season::Summer,
        kw: (0..24).map(|h| Some(1000.0 + f64::from(h))).collect(),
        hour: 23,
        makers: vec![Maker { name: "<b>Works</b>".into(), href: String::new(), kw: 512.0, share: 0.5 }],
    });
    let html = fleet_page(&[row(1)], &context)?;
    assert!(html.contains("1,023 kW") && html.contains("50.0%") && !html.contains("<b>Works"));
    Ok(())
}

#[test]
fn every_cluster_has_a_word_and_a_curve() -> Result<()> {
    let day =
        |from: usize| (0..24).map(|h| if (from..from + 9).contains(&h) { 1.8 } else { 0.5 }).collect::<Vec<f64>>();
    let cluster = |number, named, patterns: &[(&'static str, f64)]| FleetCluster {
        number,
        size: 25,
        patterns: patterns.to_vec(),
        named,
        work: day(8),
        rest: day(0),
    };
    for (language, words) in [
        (
            Language::En,
            [
                "1 · one shift (1)",
                "2 · mixed: commercial day 40%, continuous, day and night 28%",
                "3 · one shift (2)",
                "of whom 80% fit",
                "the groups are not firm",
            ],
        ),
        (Language::Zh, ["1 · 一班制（1）", "2 · 混合：", "3 · 一班制（2）", "其中 80%", "分组不够稳定"]),
    ] {
        let mut context = ctx(language);
        assert!(!fleet_page(&[row(1)], &context)?.contains("h-clusters"), "none without clusters");
        context.clusters.stability = Some(0.587);
        context.clusters.stable_from = Some(0.8);
        context.clusters.clusters = vec![
            cluster(1, true, &[("one_shift", 0.8)]),
            cluster(2, false, &[("commercial", 0.4), ("continuous", 0.28)]),
            cluster(3, true, &[("one_shift", 1.0)]),
        ];
        let html = fleet_page(&[row(1)], &context)?;
        for word in words {
            assert!(html.contains(word), "{language:?}: no {word}");
        }
        let section = html.split("h-clusters").last().and_then(|s| s.split("</section>").next()).unwrap_or_default();
        assert_eq!((section.matches("<svg").count(), section.matches("ln now").count()), (3, 3));
        let all = ["of whom 100%", "其中 100%"];
        assert!(all.iter().all(|s| !section.contains(s)), "of whom all is not worth a word");
        assert!(section.contains("0.59") && section.contains("0.80"), "how stable they are, and from where on firm");
        context.clusters.stability = Some(0.8);
        assert!(!fleet_page(&[row(1)], &context)?.contains(words[4]), "firm groups need no warning");
        assert!(section.contains(">%<") && !section.contains(">kW<"), "the axis is in percent of the mean");
    }
    Ok(())
}

#[test]
fn whom_no_visit_is_worth_while_is_not_named_to_be_visited() {
    let mut rows: Vec<FleetRow> = (1..4).map(row).collect();
    rows[0].standing = rows[0].standing.map(|s| FleetStanding { visit: None, ..s });
    let names = |rows: &[FleetRow]| first(rows, Numbers(Language::En)).into_iter().map(|f| f.href).collect::<Vec<_>>();
    assert_eq!(names(&rows), ["customers/0000000002.html", "customers/0000000003.html"]);
    for row in &mut rows {
        row.standing = None;
    }
    assert_eq!(names(&rows).len(), 3, "a fleet that was not judged is in the order of savings");
}

#[test]
fn names_with_markup_stay_text() -> Result<()> {
    let mut rows: Vec<FleetRow> = (1..4).map(row).collect();
    rows[0].name = Some("</script><script>alert(1)</script>".into());
    rows[1].status = Status::Failed;
    rows[1].reason = Some("<img src=x>".into());
    let html = fleet_page(&rows, &ctx(Language::Zh))?;
    assert_eq!(html.matches("<script").count(), 2, "the data and the program");
    assert!(!html.contains("<img") && !html.contains("<b>"));
    Ok(())
}

#[test]
fn the_policy_names_the_hash_of_the_script_that_is_there() -> Result<()> {
    let html = fleet_page(&[row(1)], &ctx(Language::En))?;
    let script = html.rsplit_once("<script>").and_then(|(_, s)| s.split_once("</script>")).map(|(s, _)| s).unwrap();
    let hash = policy_hash(script);
    let policy = html.split("script-src").nth(1).unwrap();
    assert!(policy.contains(&hash) || policy.contains(&hash.replace('+', "&#43;")), "{hash}");
    Ok(())
}

#[test]
fn savings_add_up_by_code_and_by_currency() {
    let mut rows: Vec<FleetRow> = (1..4).map(row).collect();
    rows[2].currency = Some("EUR".into());
    let k = kinds(&rows, Numbers(Language::En));
    assert_eq!((k[0].code, k[0].saving.as_str(), k[0].customers.as_str()), ("R04", "CNY 200 + EUR 100", "3"));
    assert_eq!((k[1].code, k[1].saving.as_str()), ("R05", ABSENT));
    let f = first(&rows, Numbers(Language::En));
    assert_eq!(f[0].saving, "CNY 100", "the first place among visits");
    for r in &mut rows {
        r.standing = None;
    }
    assert_eq!(first(&rows, Numbers(Language::En))[0].saving, "EUR 300", "the greatest saving where nobody judged");
}

/// A technical potential and an investment are in no sum of what could be saved, and marked where they stand.
#[test]
fn what_is_no_promise_is_apart_and_marked() {
    let mut works = row(3);
    let advice = |code, joint: f64, tier| FleetAdvice {
        code,
        saving_joint: Money::from_f64_rounded(joint),
        certainty: Some("high"),
        headline: false,
        tier,
        awaits_sector: code == "R06",
    };
    let unpromised = [("R01", 900.0, Tier::Operate), ("R06", 800.0, Tier::Operate), ("R13", 5000.0, Tier::Invest)];
    works.advice.extend(unpromised.map(|(code, joint, tier)| advice(code, joint, tier)));
    works.saving_headline = Money::from_f64_rounded(100.0);
    works.saving_total = Money::from_f64_rounded(6000.0);
    for language in Language::ALL {
        let text = Text::of(language);
        let marks: Vec<(&str, &str)> =
            kinds(std::slice::from_ref(&works), Numbers(language)).iter().map(|k| (k.code, k.mark)).collect();
        let [potential, invest, sector] =
            ["fleet.mark_potential", "fleet.mark_invest", "fleet.mark_sector"].map(|k| text.get(k).unwrap());
        assert_eq!(marks, [("R04", ""), ("R05", ""), ("R13", invest), ("R01", potential), ("R06", sector)]);
        let html = fleet_page(std::slice::from_ref(&works), &ctx(language)).unwrap();
        let rows = html.split("id=\"rows\">").nth(1).and_then(|r| r.split('<').next()).unwrap();
        let row: serde_json::Value = serde_json::from_str(rows).unwrap();
        assert_eq!((row[0][8].as_f64(), row[0][20].as_f64()), (Some(100.0), Some(6000.0)));
        assert_eq!(row[0][15], 3, "the certainty is that of what is promised");
    }
    assert_eq!(first(&[works], Numbers(Language::En))[0].saving, "CNY 100");
}

#[test]
fn an_empty_fleet_is_a_page() -> Result<()> {
    let html = fleet_page(&[], &ctx(Language::En))?;
    assert!(html.contains(Text::of(Language::En).t("fleet.none")));
    Ok(())
}

//! The portfolio of the demonstration: shares that add up, lists that agree with the tables they are
//! made from, words that say how customers were made to work.

use super::support::{Outcome, Rows, arg, demo, run, tables};
use std::collections::BTreeMap;

fn by_id(rows: &Rows, column: &str) -> Outcome<BTreeMap<String, Option<f64>>> {
    Ok(rows.ids("customer_id")?.into_iter().zip(rows.reals(column)?).collect())
}

#[test]
fn shares_add_up_and_grades_fill_the_four_quadrants() -> Outcome {
    let p = demo().table("portfolio")?;
    let customers = demo().table("customers")?;
    let analysed = customers.ids("status")?.iter().filter(|s| *s == "ok").count();
    assert_eq!(p.len(), analysed);
    let sum = |column: &str| Ok::<f64, Box<dyn std::error::Error>>(p.reals(column)?.into_iter().flatten().sum());
    assert!((sum("revenue_share")? - 1.0).abs() < 1e-9 && (sum("peak_share")? - 1.0).abs() < 1e-9);
    let pareto = p.reals("pareto_share")?.into_iter().flatten().fold(0.0, f64::max);
    assert!((pareto - 1.0).abs() < 1e-9);
    let revenue = by_id(&p, "revenue")?;
    let bills = by_id(&customers, "bill_total")?;
    assert!(revenue.iter().all(|(id, r)| bills.get(id) == Some(r)), "revenue is the bill");
    for (value, risk) in p.reals("value_score")?.into_iter().zip(p.reals("risk_score")?) {
        assert!([value, risk].into_iter().flatten().all(|v| (0.0..=100.0).contains(&v)));
    }
    for share in p.reals("coincidence")?.into_iter().flatten() {
        assert!((-1.0..=1.0 + 1e-9).contains(&share), "an hour's mean is no more than the greatest interval: {share}");
    }
    let grades = p.text("grade")?;
    let count = |g: &str| grades.iter().flatten().filter(|x| *x == g).count();
    assert!(["A", "B", "C", "D"].iter().all(|g| count(g) > 0), "{grades:?}");
    Ok(())
}

#[test]
fn the_fleets_hours_are_the_sum_of_typical_days() -> Outcome {
    let hours = demo().table("fleet_hours")?;
    let typical = demo().table("typical_days")?;
    let customers = demo().table("customers")?;
    let minutes: BTreeMap<String, i64> = customers
        .ids("customer_id")?
        .into_iter()
        .zip(customers.wholes("interval_min")?)
        .filter_map(|(id, m)| Some((id, m?)))
        .collect();
    let mut means: BTreeMap<(String, String, i64, String), (f64, f64)> = BTreeMap::new();
    let (ids, kinds, seasons) = (typical.ids("customer_id")?, typical.ids("day_kind")?, typical.ids("season")?);
    let (slots, kw) = (typical.wholes("slot")?, typical.reals("mean_kw")?);
    for i in 0..typical.len() {
        let hour = slots[i].ok_or("slot")? * minutes[&ids[i]] / 60;
        let cell = means.entry((kinds[i].clone(), seasons[i].clone(), hour, ids[i].clone())).or_default();
        *cell = (cell.0 + kw[i].ok_or("kw")?, cell.1 + 1.0);
    }
    let mut sums: BTreeMap<(String, String, i64), f64> = BTreeMap::new();
    for ((kind, season, hour, _), (sum, n)) in means {
        *sums.entry((kind, season, hour)).or_default() += sum / n;
    }
    let (kinds, seasons, at) = (hours.ids("day_kind")?, hours.ids("season")?, hours.wholes("hour")?);
    let (kw, peaks) = (hours.reals("kw")?, hours.text("peak")?);
    let mut highest = (0.0, 0);
    for i in 0..hours.len() {
        let expected = sums[&(kinds[i].clone(), seasons[i].clone(), at[i].ok_or("hour")?)];
        let ours = kw[i].ok_or("kw")?;
        // Facts keep a typical day to 1/32,000 of its greatest value.
        assert!((ours - expected).abs() < 1e-4 * expected.abs().max(1.0), "{ours} is not {expected}");
        if ours > highest.0 {
            highest = (ours, i);
        }
    }
    let peak: Vec<usize> = (0..hours.len()).filter(|i| peaks[*i].as_deref() == Some("true")).collect();
    assert_eq!(peak, [highest.1]);
    Ok(())
}

#[test]
fn the_managers_list_has_every_recommendation_once() -> Outcome {
    let (visits, advice) = (demo().table("visits")?, demo().table("advice")?);
    let (ids, verdicts, joint) = (advice.ids("advice_id")?, advice.ids("verdict")?, advice.reals("saving_joint")?);
    let alone = advice.reals("saving_alone")?;
    let planned = |i: &usize| verdicts[*i] == "advise" && (alone[*i].is_none() || joint[*i].is_some());
    let mut expected: Vec<String> = (0..advice.len()).filter(planned).map(|i| ids[i].clone()).collect();
    let mut listed: Vec<String> = visits.text("advice_id")?.into_iter().flatten().collect();
    expected.sort();
    listed.sort();
    assert_eq!(listed, expected);
    let orders: Vec<i64> = visits.wholes("visit_order")?.into_iter().map(|o| o.unwrap_or(i64::MAX)).collect();
    assert!(orders.is_sorted(), "whom to visit first stands first");
    for language in ["say_en", "say_zh"] {
        assert!(visits.ids(language)?.iter().all(|s| !s.is_empty() && !s.contains(['{', '\n'])));
    }
    let per_hour = by_id(&demo().table("portfolio")?, "saving_per_hour")?;
    let mut worth: Vec<f64> = visits.ids("customer_id")?.iter().filter_map(|id| per_hour[id]).collect();
    worth.dedup();
    assert!(worth.windows(2).all(|w| w[0] >= w[1]), "by saving per hour");
    Ok(())
}

/// What each synthetic archetype is in plain words; two feeds may be told as two or three shifts.
const WORDS: &[(&str, &[&str])] = &[
    ("one_shift", &["one_shift"]),
    ("two_shift", &["two_shifts"]),
    ("three_shift", &["three_shifts"]),
    ("continuous", &["continuous"]),
    ("data_centre", &["continuous"]),
    ("cold_store", &["continuous"]),
    ("hospital", &["continuous", "commercial"]),
    ("mall", &["commercial"]),
    ("office", &["commercial"]),
    ("school", &["commercial", "seasonal"]),
    ("seasonal", &["seasonal"]),
    ("night_heavy", &["night_heavy"]),
    ("pv_backfeed", &["pv"]),
    ("two_feeds", &["two_shifts", "three_shifts"]),
];

#[test]
fn patterns_say_how_customers_were_made_to_work() -> Outcome {
    let dir = tempfile::tempdir()?;
    let (fleet, truth, out) = (dir.path().join("fleet"), dir.path().join("truth.json"), dir.path().join("out"));
    let synth = ["synth", &arg(&fleet), "--customers", "104", "--interval", "60", "--truth", &arg(&truth)];
    let (code, _, errors) = run(synth)?;
    assert_eq!(code, 0, "{errors}");
    let file = |name: &str| arg(&fleet.join(name));
    let peaks = dir.path().join("peaks.csv");
    std::fs::write(&peaks, "at,source\n2025-07-22 14:00,dispatch\n2025-01-14 18:00,dispatch\n")?;
    let (readings, customers, meters) = (file("readings"), file("customers.csv"), file("meters.csv"));
    let analyse = |threads: &str, out: &std::path::Path| {
        let inputs = ["analyze", &readings, "--customers", &customers, "--meters", &meters];
        let with = ["--tariff", "demo-two-part", "--system-peaks", &arg(&peaks), "--as-of", "2026-02-10"];
        let what = ["--tables", "portfolio,visits,fleet_hours", "--format", "none", "--quiet", "--threads", threads];
        run(inputs.into_iter().chain(with).chain(what).chain(["--out", &arg(out)]))
    };
    let (code, _, errors) = analyse("2", &out)?;
    assert_eq!(code, 0, "{errors}");
    let again = dir.path().join("again");
    assert_eq!(analyse("1", &again)?.0, 0);
    assert!(tables(&out)? == tables(&again)?, "threads change no byte");
    let truth: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&truth)?)?;
    let archetypes: BTreeMap<&str, &str> = truth["customers"]
        .as_array()
        .ok_or("customers")?
        .iter()
        .filter_map(|c| Some((c["customer_id"].as_str()?, c["archetype"].as_str()?)))
        .collect();
    let p = Rows::of(&out, "portfolio")?;
    let (mut right, mut told, mut wrong) = (0, 0, Vec::new());
    for (id, pattern) in p.ids("customer_id")?.iter().zip(p.ids("pattern")?) {
        let archetype = archetypes[id.as_str()];
        let Some((_, words)) = WORDS.iter().find(|w| w.0 == archetype) else { continue };
        told += 1;
        if words.contains(&pattern.as_str()) {
            right += 1;
        } else {
            wrong.push(format!("{archetype} is called {pattern}"));
        }
    }
    println!("{right} of {told} patterns; {wrong:?}");
    assert!(f64::from(right) >= 0.95 * f64::from(told), "{right} of {told}: {wrong:?}");
    // Customers of one archetype are together.
    let clusters = p.wholes("cluster")?;
    assert!(clusters.iter().all(Option::is_some));
    let numbers: std::collections::BTreeSet<i64> = clusters.iter().flatten().copied().collect();
    assert!(numbers.len() >= 3, "{numbers:?}");
    let visits = Rows::of(&out, "visits")?;
    let mut applied = 0;
    for (code, by) in visits.text("code")?.iter().zip(visits.text("apply_by")?) {
        match code.as_deref() {
            // 15 working days before the second quarter of 2026.
            Some("R04") => assert_eq!(by.as_deref(), Some("2026-03-11")),
            Some("R03" | "R05" | "R06") => assert_eq!(by, None),
            _ => continue,
        }
        applied += usize::from(code.as_deref() == Some("R04"));
    }
    assert!(applied > 0);
    Ok(())
}

/// Lower and upper ends of what is promised, by customer, in a run's tables.
fn promised(out: &std::path::Path) -> Outcome<Vec<(String, f64, f64)>> {
    let advice = Rows::of(out, "advice")?;
    let (ids, counts) = (advice.ids("customer_id")?, advice.flags("headline")?);
    let (low, alone) = (advice.reals("saving_low")?, advice.reals("saving_headline")?);
    let rows = (0..advice.len()).filter(|i| counts[*i]);
    rows.map(|i| Ok((ids[i].clone(), low[i].ok_or("low")?, alone[i].ok_or("saving")?))).collect()
}

#[test]
fn nobody_is_visited_for_less_than_is_worth_mentioning() -> Outcome {
    let dir = tempfile::tempdir()?;
    let (fleet, usual, strict) = (dir.path().join("fleet"), dir.path().join("usual"), dir.path().join("strict"));
    let (code, _, errors) = run(["synth", &arg(&fleet), "--customers", "26", "--interval", "60"])?;
    assert_eq!(code, 0, "{errors}");
    let file = |name: &str| arg(&fleet.join(name));
    let (readings, customers, meters) = (file("readings"), file("customers.csv"), file("meters.csv"));
    let analyse = |out: &std::path::Path, more: &[&str]| -> Outcome {
        let inputs = ["analyze", &readings, "--customers", &customers, "--meters", &meters];
        let what = ["--tariff", "demo-two-part", "--tables", "advice,portfolio", "--format", "none", "--quiet"];
        let (code, _, errors) =
            run(inputs.into_iter().chain(what).chain(["--out", &arg(out)]).chain(more.iter().copied()))?;
        assert_eq!(code, 0, "{errors}");
        Ok(())
    };
    analyse(&usual, &[])?;
    // The least that is worth mentioning between the lower end of a saving and the saving itself.
    let (who, low, saving) = promised(&usual)?.into_iter().min_by(|a, b| a.2.total_cmp(&b.2)).ok_or("no promise")?;
    let least = f64::midpoint(low, saving);
    let thresholds = dir.path().join("thresholds.toml");
    std::fs::write(&thresholds, format!("noise_money = {least}\nnoise_share = 0.0\n"))?;
    analyse(&strict, &["--thresholds", &arg(&thresholds)])?;
    let again = promised(&strict)?;
    assert!(again.iter().any(|(id, ..)| *id == who), "it is worth mentioning still");
    let p = Rows::of(&strict, "portfolio")?;
    let (ids, orders) = (p.ids("customer_id")?, p.wholes("visit_order")?);
    for (i, offered) in p.reals("saving_offered")?.into_iter().enumerate() {
        let lower = again.iter().filter(|(id, low, _)| *id == ids[i] && *low >= least).map(|(_, low, _)| *low);
        let expected = lower.reduce(|a, b| a + b);
        assert_eq!((offered.is_some(), orders[i].is_some()), (expected.is_some(), expected.is_some()), "{}", ids[i]);
        assert!((offered.unwrap_or(0.0) - expected.unwrap_or(0.0)).abs() < 0.005, "{}: {offered:?}", ids[i]);
        assert!(ids[i] != who || offered.is_none(), "the naive list visits for {low} at least");
    }
    Ok(())
}

#[test]
fn every_cluster_of_the_demonstration_has_a_word() -> Outcome {
    let p = demo().table("portfolio")?;
    let (numbers, words, patterns) = (p.wholes("cluster")?, p.text("cluster_pattern")?, p.ids("pattern")?);
    for (number, word) in numbers.iter().zip(&words) {
        let (number, word) = (number.ok_or("no cluster")?, word.as_deref().ok_or("a cluster without a word")?);
        let of = |pattern: &str| {
            let here = (0..p.len()).filter(|i| numbers[*i] == Some(number));
            let (same, all): (Vec<usize>, Vec<usize>) = here.partition(|i| patterns[*i] == pattern);
            same.len() as f64 / (same.len() + all.len()) as f64
        };
        match word.strip_prefix("mixed: ") {
            Some(several) => {
                let shares: Vec<f64> = several.split(", ").map(of).collect();
                assert!(shares.len() > 1 && shares.is_sorted_by(|a, b| a >= b), "{word}: {shares:?}");
                assert!(shares.iter().all(|s| (0.15..0.5).contains(s)), "{word}: {shares:?}");
            }
            None => assert!(of(word) >= 0.5, "{word}: {}", of(word)),
        }
    }
    Ok(())
}

#[test]
fn limits_of_the_file_change_the_judgement() -> Outcome {
    let dir = tempfile::tempdir()?;
    let (fleet, usual, otherwise) = (dir.path().join("fleet"), dir.path().join("usual"), dir.path().join("otherwise"));
    let (code, _, errors) = run(["synth", &arg(&fleet), "--customers", "26", "--interval", "60"])?;
    assert_eq!(code, 0, "{errors}");
    let limits = dir.path().join("limits.toml");
    std::fs::write(
        &limits,
        "[pattern]\nseason_ratio = 1.0001\n[facts]\nflexible_cap = 0.0\n[cluster]\nleast_customers = 100\n\
         [collapse]\nusual_days = 7\nrecent_days = 7\n[sensitivity]\nweight = 0.5\n",
    )?;
    let (readings, customers) = (arg(&fleet.join("readings")), arg(&fleet.join("customers.csv")));
    let analyse = |out: &std::path::Path, more: &[&str]| {
        let what = ["analyze", &readings, "--customers", &customers, "--tables", "portfolio", "--format", "none"];
        run(what.into_iter().chain(["--quiet", "--out", &arg(out)]).chain(more.iter().copied()))
    };
    for (out, more) in [(&usual, &[][..]), (&otherwise, &["--portfolio", &arg(&limits)][..])] {
        let (code, _, errors) = analyse(out, more)?;
        assert_eq!(code, 0, "{errors}");
    }
    let (usual, other) = (Rows::of(&usual, "portfolio")?, Rows::of(&otherwise, "portfolio")?);
    let count = |rows: &Rows, word: &str| {
        Ok::<_, Box<dyn std::error::Error>>(rows.ids("pattern")?.iter().filter(|p| *p == word).count())
    };
    assert!(count(&usual, "two_shifts")? > 0 && count(&usual, "seasonal")? < usual.len() / 2);
    assert_eq!(count(&other, "seasonal")? + count(&other, "pv")?, other.len());
    let most = |rows: &Rows| {
        Ok::<_, Box<dyn std::error::Error>>(rows.reals("flexible_kw")?.into_iter().flatten().fold(0.0, f64::max))
    };
    assert!(most(&usual)? > 0.0 && most(&other)? == 0.0);
    let clustered = |rows: &Rows| Ok::<_, Box<dyn std::error::Error>>(rows.wholes("cluster")?.iter().flatten().count());
    assert!(clustered(&usual)? > 0 && clustered(&other)? == 0);
    assert_eq!(other.reals("recent_share")?, vec![None; other.len()], "seven days do not say what is usual");
    let manifest: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(otherwise.join("run.json"))?)?;
    let told = &manifest["portfolio"];
    assert_eq!(told["settings"]["pattern"]["season_ratio"], 1.0001);
    let changes: Vec<f64> =
        told["sensitivity"].as_array().ok_or("sensitivity")?.iter().filter_map(|s| s["change"].as_f64()).collect();
    assert!(changes.iter().filter(|c| c.abs() == 0.5).count() == 20, "{changes:?}");
    Ok(())
}

//! The work schedule of the demonstration's customer who has listed a machine, from the list to the table that
//! a shift supervisor follows.

use super::support::{Outcome, Rows, arg, demo, run};
use std::collections::BTreeMap;

/// The customer of the demonstration's list, and when its machine runs today.
fn listed() -> Outcome<(String, f64)> {
    let list = std::fs::read_to_string(demo().out.join("input/equipment.csv"))?;
    let row = list.lines().nth(1).ok_or("a machine")?;
    let cells: Vec<&str> = row.split(',').collect();
    assert_eq!((cells[3], cells[4], cells[5], cells[8]), ("180.0", "00:00", "24:00", "18:00"), "{row}");
    Ok((cells[0].to_owned(), cells[2].parse()?))
}

#[test]
fn a_list_of_machines_becomes_a_schedule_that_adds_up_to_its_saving() -> Outcome {
    let (id, kw) = listed()?;
    let schedule = demo().table("schedule")?;
    assert!(schedule.ids("customer_id")?.iter().all(|c| *c == id), "only who has a list has a schedule");
    assert!(schedule.reals("kw")?.iter().all(|v| *v == Some(kw)));
    assert!(schedule.ids("from")?.iter().all(|f| f == "18:00–21:00"), "as the list says that it runs today");
    let saved: f64 = schedule.reals("saving_observed")?.into_iter().flatten().sum();
    let advice = demo().table("advice")?;
    let (ids, codes, alone) = (advice.ids("customer_id")?, advice.ids("code")?, advice.reals("saving_alone")?);
    let row = (0..advice.len()).find(|i| ids[*i] == id && codes[*i] == "R01").ok_or("its R01")?;
    // Twelve billed months are a year; each move is rounded by the bill's lines.
    assert!((alone[row].ok_or("a saving")? - saved).abs() < 0.01, "{:?} against {saved}", alone[row]);
    assert!(saved > 50_000.0, "{saved}");
    Ok(())
}

/// The mean days before and after carry the same energy, and differ by the machine's power where it leaves.
#[test]
fn the_days_of_a_schedule_keep_their_energy() -> Outcome {
    let (_, kw) = listed()?;
    let curves = demo().table("schedule_curves")?;
    let (months, kinds) = (curves.ids("months")?, curves.ids("day_kind")?);
    let (before, after) = (curves.reals("before_kw")?, curves.reals("after_kw")?);
    let mut sums: BTreeMap<(String, String), (f64, f64)> = BTreeMap::new();
    for i in 0..curves.len() {
        let (b, a) = before[i].zip(after[i]).ok_or("a slot without power")?;
        let sum = sums.entry((months[i].clone(), kinds[i].clone())).or_default();
        (sum.0, sum.1) = (sum.0 + b - a, sum.1.max((b - a).abs()));
    }
    assert!(sums.len() >= 4, "{} kinds of day", sums.len());
    for (group, (difference, most)) in sums {
        assert!(difference.abs() < 1e-6 * 96.0 * kw, "{group:?}: {difference} kW of slots are lost");
        assert!(most <= kw + 1e-6 && most > 0.5 * kw, "{group:?}: {most} of {kw} kW move on the mean day");
    }
    Ok(())
}

#[test]
fn the_schedule_is_printed_as_a_shift_supervisor_reads_it() -> Outcome {
    let (id, _) = listed()?;
    let out = demo().out.join("report");
    let (code, printed, errors) = run(["schedule", &arg(&out), &id])?;
    assert_eq!(code, 0, "{errors}");
    let parts = ["working days, 2025-01", "batch furnace 1", "18:00–21:00", "00:00–03:00", "With the schedule"];
    for part in parts.into_iter().chain(["No other schedule within these conditions saves more."]) {
        assert!(printed.contains(part), "{part} is not in\n{printed}");
    }
    let (code, chinese, errors) = run(["schedule", &arg(&out), &id, "--lang", "zh"])?;
    assert!(code == 0 && chinese.contains("改为运行") && chinese.contains("00:00–03:00"), "{errors}{chinese}");
    let total: f64 = Rows::of(&out, "schedule")?.reals("saving_observed")?.into_iter().flatten().sum();
    // As on the pages: two figures, rounded down, and no cents.
    let two = |v: f64| peakwise::report::Numbers(peakwise::text::Language::En).saving(None, v, "CNY");
    let lead = printed.lines().next().unwrap_or_default();
    assert!(lead.contains(&format!("saved {} in all, two figures rounded down", two(total))), "{lead}");
    let amounts: Vec<&str> = printed.split("CNY ").skip(1).filter_map(|s| s.split_whitespace().next()).collect();
    assert!(amounts.len() > 2 && amounts.iter().all(|a| !a.contains('.')), "{amounts:?}");
    let (code, _, errors) = run(["schedule", &arg(&out), "nobody"])?;
    assert!(code == 1 && errors.contains("--equipment"), "{errors}");
    Ok(())
}

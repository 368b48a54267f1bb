//! What one recommendation's absence does to the others.

use super::offered::offered_customers;
use super::tests::{all_customers, row, run_with, with_facts};
use super::*;

/// Places in the waterfall; members of a group are decided together, where the first stands.
fn place(code: &'static str, group: Option<&'static str>) -> (u8, &'static str) {
    let stage = match code {
        "R06" | "R07" | "R08" => 0,
        "R01" | "R02" | "R03" | "R13" | "R14" => 1,
        "R05" => 2,
        "R04" | "R10" | "R11" => 3,
        _ => 4,
    };
    match group {
        Some("peak-shaving") => (1, "R03"),
        // A product and the contract under it are one choice.
        Some("contract" | "product") => (3, "R04"),
        Some(other) => panic!("{other}"),
        None => (stage, code),
    }
}

/// Whether a group is a choice of how one is billed.
fn is_choice(group: Option<&str>) -> bool {
    [Some("contract"), Some("product")].contains(&group)
}

/// Of every fixture: the proposals, priced once, are placed without each one in turn.
#[test]
fn a_proposal_less_changes_the_price_of_none_that_comes_before_it() {
    let mut left_out = 0;
    for (i, (f, more)) in all_customers().iter().enumerate() {
        with_facts(f, more, |facts| {
            let year = Year::of(facts.state).unwrap();
            let propose = |rule: &'static dyn Rule| match ask(rule, facts) {
                Verdict::Advise(p) => candidate(rule, *p, facts, &year),
                _ => None,
            };
            let all: Vec<Candidate<'_>> = RULES.iter().filter_map(|r| propose(*r)).collect();
            let placed = |out: Option<&str>| {
                let kept = all.iter().filter(|c| Some(c.rule.code()) != out).cloned().collect();
                let waterfall::Fall { placed, plan: last, .. } = waterfall::place(kept, facts, &year);
                let joint = |p: &Placed<'_>| (p.candidate.rule.code(), p.joint.as_ref().map(|j| j.priced.clone()));
                (placed.iter().map(joint).collect::<Vec<_>>(), last.bill().unwrap().observed())
            };
            let (whole, _) = placed(None);
            for out in &all {
                let (rest, after) = placed(Some(out.rule.code()));
                let sum: Money = rest.iter().filter_map(|r| r.1.as_ref()).map(|p| p.observed).sum();
                let before = facts.bill().unwrap().observed();
                assert_eq!(sum, before - after, "customer {i} without {}", out.rule.code());
                // What the chosen contract leaves nothing of is an alternative to it: without it, it is back, and what
                // stands after it is priced on top of it.
                let is_back = |c: &&Candidate<'_>| {
                    let of =
                        |rows: &[(&str, Option<Priced>)]| rows.iter().any(|r| r.0 == c.rule.code() && r.1.is_some());
                    of(&rest) && !of(&whole)
                };
                let back = all.iter().filter(is_back).map(|c| place(c.rule.code(), c.proposal.group)).min();
                for kept in all
                    .iter()
                    .filter(|c| place(c.rule.code(), c.proposal.group) < place(out.rule.code(), out.proposal.group))
                {
                    let of = |rows: &[(&str, Option<Priced>)]| {
                        rows.iter().find(|r| r.0 == kept.rule.code()).map(|r| r.1.clone())
                    };
                    let what = format!("customer {i}: {} comes before {}", kept.rule.code(), out.rule.code());
                    let on_top = is_choice(out.proposal.group)
                        && back.is_some_and(|b| b <= place(kept.rule.code(), kept.proposal.group));
                    assert!(on_top || of(&whole) == of(&rest), "{what}");
                }
                left_out += 1;
            }
        });
    }
    assert!(left_out >= 20, "{left_out} proposals");
}

/// The same through the front door, of customers with all that could be bought or chosen: a battery shares a
/// group with shaving, a voltage and a product with the contract.
#[test]
fn leaving_one_out_changes_no_other_saving_alone_and_only_later_joint_ones() {
    let mut left_out = std::collections::BTreeSet::new();
    for (f, more) in offered_customers().into_iter().take(2) {
        let (all, _, state) = run_with(&f, &more, RULES);
        let priced: Vec<&Advice> = all.iter().filter(|r| r.holds.is_some()).collect();
        assert!(priced.len() >= 5, "{priced:?}");
        left_out.extend(priced.iter().map(|r| r.code));
        for out in &priced {
            let rules: Vec<&dyn Rule> = RULES.iter().filter(|r| r.code() != out.code).copied().collect();
            let (rest, _, again) = run_with(&f, &more, &rules);
            assert_eq!(state.bill(), again.bill());
            let is_back =
                |r: &&Advice| r.saving_joint.is_some() && row(&all, r.code).is_some_and(|r| r.saving_joint.is_none());
            let back = rest.iter().filter(is_back).map(|r| place(r.code, r.exclusive_group)).min();
            for kept in priced.iter().filter(|r| r.code != out.code) {
                let now = row(&rest, kept.code).unwrap();
                assert_eq!(kept.saving_alone, now.saving_alone, "{} without {}", kept.code, out.code);
                if place(kept.code, kept.exclusive_group) < place(out.code, out.exclusive_group) {
                    let on_top = is_choice(out.exclusive_group)
                        && back.is_some_and(|b| b <= place(kept.code, kept.exclusive_group));
                    assert!(on_top || kept.saving_joint == now.saving_joint, "{} comes before {}", kept.code, out.code);
                }
            }
        }
    }
    assert!(["R13", "R14", "R17", "R22"].iter().all(|code| left_out.contains(code)), "{left_out:?}");
}

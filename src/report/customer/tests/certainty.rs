//! A word of certainty, and what stands beside it.

use super::*;

/// The naive lines: "Low: … 58 %" beside "Medium: … 50 %", of the model alone; "High: saves in 6 of 12 months" of what
/// cannot save in more; "certainty is 0 %" of a question.
#[test]
fn a_word_of_certainty_and_the_percentages_beside_it_agree() {
    let sample = Sample::default();
    let mut a = sample::analysis(&sample);
    let said = |a: &Analysis, code: &str| {
        let ctx = sample::context(&sample, a, Language::En);
        View::new(a, &ctx).certainty_text(a.advice.iter().find(|r| r.code == code).unwrap())
    };
    let thresholds = crate::rule::Thresholds::default();
    let set = |a: &mut Analysis, share: f64, model: f64| {
        let r = a.advice.iter_mut().find(|r| r.code == "R04").unwrap();
        let confidence = crate::units::Ratio::new(share);
        (r.confidence, r.certainty) = (Some(confidence), Some(thresholds.certainty(confidence)));
        for (name, value) in
            [("coverage", 1.0), ("stability", share / model.max(share)), ("model", model), ("data", 1.0)]
        {
            r.evidence.figure(&format!("confidence_{name}"), value, "");
        }
        r.evidence.note("confidence_by", crate::text::said("model.unseen"));
    };
    set(&mut a, 0.35, 0.58);
    assert!(said(&a, "R04").starts_with("Low (35%): "), "{}", said(&a, "R04"));
    set(&mut a, 0.3, 0.3);
    assert!(said(&a, "R04").starts_with("Low (30%): the method's own part of it is 30% (what"), "{}", said(&a, "R04"));
    set(&mut a, 0.7499, 0.7499);
    assert!(said(&a, "R04").starts_with("Medium (74%): "), "not the 75% of high: {}", said(&a, "R04"));
    set(&mut a, 0.0, 0.0);
    assert!(!said(&a, "R04").contains('%') && said(&a, "R04").contains("nothing bears it out"), "{}", said(&a, "R04"));
    // Units rest in six months: that it saves in all of these is what makes it certain.
    set(&mut a, 0.9, 0.9);
    let r = a.advice.iter_mut().find(|r| r.code == "R04").unwrap();
    (r.code, r.holds) = ("R11", Some((6, 12)));
    let months = &mut r.evidence.arithmetic.as_mut().unwrap().monthly_saving;
    months.iter_mut().skip(6).for_each(|m| *m = Money::ZERO);
    let told = said(&a, "R11");
    assert!(told.starts_with("High (90%): saves in 6 of the 6 months in which it changes the bill"), "{told}");
    let r = a.advice.iter_mut().find(|r| r.code == "R11").unwrap();
    (r.confidence, r.certainty) = (Some(crate::units::Ratio::new(0.5)), Some("medium"));
    r.evidence.figure("confidence_stability", 0.5, "");
    let told = said(&a, "R11");
    assert!(told.starts_with("Medium (50%): the saving differs"), "what is no reason for doubt is not named: {told}");
}

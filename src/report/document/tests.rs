use super::*;
use crate::analysis::Outcome;
use crate::report::customer::View;
use crate::report::sample::{self, Sample};
use crate::report::{Language, PageContext};
use crate::rule::Audience;
use serde_json::Value;
use std::sync::Arc;

/// What of a value the schema does not allow. Knows the keywords that schemars writes here and stops at
/// any other; `.ci/run` validates real files with a validator of its own.
fn faults(root: &Value, schema: &Value, value: &Value, path: &str) -> Vec<String> {
    let mut out = Vec::new();
    let Some(keywords) = schema.as_object() else { return out };
    for (keyword, rule) in keywords {
        match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" | "default" | "format" | "properties" => {}
            "$ref" => {
                let pointer = rule.as_str().unwrap().trim_start_matches('#');
                out.extend(faults(root, root.pointer(pointer).unwrap(), value, path));
            }
            "anyOf" => {
                if !rule.as_array().unwrap().iter().any(|s| faults(root, s, value, path).is_empty()) {
                    out.push(format!("{path}: none of {rule}"));
                }
            }
            "type" => {
                let allowed = rule.as_array().cloned().unwrap_or_else(|| vec![rule.clone()]);
                if !allowed.iter().any(|t| is_of(value, t.as_str().unwrap())) {
                    out.push(format!("{path}: {value} is no {rule}"));
                }
            }
            "minimum" => {
                out.extend(value.as_f64().filter(|v| *v < rule.as_f64().unwrap()).map(|v| format!("{path}: {v}")));
            }
            "required" => {
                let lacks = |k: &&Value| value.is_object() && value.get(k.as_str().unwrap()).is_none();
                out.extend(rule.as_array().unwrap().iter().filter(lacks).map(|k| format!("{path}: lacks {k}")));
            }
            "items" => {
                let items = value.as_array().into_iter().flatten().enumerate();
                out.extend(items.flat_map(|(i, v)| faults(root, rule, v, &format!("{path}/{i}"))));
            }
            "additionalProperties" => {
                let known = |k: &String| keywords.get("properties").is_some_and(|p| p.get(k).is_some());
                let more = value.as_object().into_iter().flatten().filter(|(k, _)| !known(k));
                out.extend(more.flat_map(|(k, v)| faults(root, rule, v, &format!("{path}/{k}"))));
            }
            other => panic!("{path}: keyword {other} is not known to this test"),
        }
    }
    let properties = keywords.get("properties").and_then(Value::as_object).into_iter().flatten();
    for (key, rule) in properties {
        out.extend(value.get(key).into_iter().flat_map(|v| faults(root, rule, v, &format!("{path}/{key}"))));
    }
    out
}

fn is_of(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

fn report(sample: &Sample, change: impl FnOnce(&mut PageContext)) -> (Outcome, Report) {
    let a = sample::analysis(sample);
    let mut ctx = sample::context(sample, &a, Language::En);
    change(&mut ctx);
    let outcome = Outcome::ok(a);
    let report = Report::of(&outcome, &View::new(outcome.analysis.as_ref().unwrap(), &ctx)).unwrap();
    (outcome, report)
}

#[test]
fn the_schema_in_docs_is_that_of_the_code() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/report.schema.json");
    let schema = json_schema().unwrap();
    if std::env::var_os("INSTA_UPDATE").is_some() {
        std::fs::write(path, &schema).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(kept == schema, "docs/report.schema.json is out of date: peakwise schema > docs/report.schema.json");
}

#[test]
fn every_kind_of_report_is_valid_under_the_schema_and_reads_back_the_same() {
    let schema: Value = serde_json::from_str(&json_schema().unwrap()).unwrap();
    let full = Sample::default();
    let variants = [
        full.clone(),
        Sample { tariff: false, reactive: false, ..full.clone() },
        Sample { days: 31, gap_days: 3..9, ..full.clone() },
        Sample { gap_days: 0..400, tariff: false, ..full.clone() },
        Sample { advice: false, back_feed: true, ..full },
    ];
    for sample in variants {
        for audience in [Audience::Customer, Audience::Internal] {
            let (_, report) = report(&sample, |ctx| ctx.audience = audience);
            let json = serde_json::to_value(&report).unwrap();
            let wrong = faults(&schema, &schema, &json, "");
            assert!(wrong.is_empty(), "{sample:?}: {wrong:?}");
            assert_eq!(serde_json::from_value::<Report>(json).unwrap(), report);
        }
    }
}

#[test]
fn the_schema_refuses_what_is_no_report() {
    let schema: Value = serde_json::from_str(&json_schema().unwrap()).unwrap();
    let (_, report) = report(&Sample::default(), |_| ());
    let mut json = serde_json::to_value(&report).unwrap();
    json["totals"]["kwh"] = "many".into();
    assert_eq!(faults(&schema, &schema, &json, "").len(), 1);
}

#[test]
fn nothing_of_the_evidence_is_lost() {
    let (outcome, report) = report(&Sample::default(), |_| ());
    let all = &outcome.analysis.as_ref().unwrap().advice;
    for advice in &report.advice {
        let rule = all.iter().find(|a| a.advice_id == advice.advice_id).unwrap();
        assert_eq!(serde_json::to_value(&rule.evidence).unwrap(), serde_json::to_value(&advice.evidence).unwrap());
    }
    assert_eq!(report.advice.len(), 4);
}

#[test]
fn what_is_internal_stands_in_the_internal_report_alone() {
    let tell = |a: &mut crate::analysis::Analysis| {
        let mut c = (*a.customer).clone();
        c.risk_class = Some("RISK-Z".into());
        c.arrears_days = Some(4711);
        a.customer = Arc::new(c);
    };
    for (audience, seen) in [(Audience::Customer, false), (Audience::Internal, true)] {
        let sample = Sample::default();
        let mut a = sample::analysis(&sample);
        tell(&mut a);
        let ctx = PageContext { audience, ..sample::context(&sample, &a, Language::Zh) };
        let outcome = Outcome::ok(a);
        let report = Report::of(&outcome, &View::new(outcome.analysis.as_ref().unwrap(), &ctx)).unwrap();
        let json = serde_json::to_string(&report).unwrap();
        for word in ["RISK-Z", "\"arrears_days\":4711", "\"R18\"", "\"V13\""] {
            assert_eq!(json.contains(word), seen, "{word} for {audience:?}");
        }
    }
}

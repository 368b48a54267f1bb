//! Fixed and minimum charges, and what no tariff file stands for.

use super::energy::price;
use super::fields::Fields;
use rust_decimal::Decimal;
use serde_json::Value;
use std::fmt::Write;

/// All other tables.
pub(super) fn write(fields: &mut Fields<'_>) -> String {
    let mut out = String::new();
    fixed(fields, &mut out);
    minimum(fields, &mut out);
    if fields.number("fixedchargeeaaddl").is_some_and(|v| !v.is_zero()) {
        fields.refuse("fixedchargeeaaddl", "a charge for each further meter is not expressed");
    }
    if fields.take("usenetmetering").and_then(Value::as_bool) == Some(true) {
        fields.refuse("usenetmetering", "netting export against import over the month is not expressed");
    }
    if fields.text("dgrules").is_some() {
        fields.refuse("dgrules", "rules for own generation are not expressed");
    }
    for name in ["coincidentratestructure", "coincidentrateschedule", "coincidentrateunit"] {
        if fields.take(name).is_some() {
            let what = "coincident peaks come by list (--system-peaks) and a [[coincident]] table, not by the hour";
            fields.refuse(name, what);
        }
    }
    out
}

fn fixed(fields: &mut Fields<'_>, out: &mut String) {
    let names = ["fixedchargefirstmeter", "fixedmonthlycharge"];
    let Some((name, value)) = names.iter().find_map(|n| Some((*n, fields.number(n)?))).filter(|v| !v.1.is_zero())
    else {
        let _ = fields.text("fixedchargeunits");
        return;
    };
    let every = match fields.text("fixedchargeunits").unwrap_or("$/month") {
        "$/month" => "month",
        "$/day" => "day",
        other => {
            fields.refuse(name, format!("a charge in {other} is not expressed"));
            "month"
        }
    };
    let _ = write!(out, "\n[[fixed]]\nname = \"fixed charge\"\nprice = {}\nevery = \"{every}\"\n", price(value));
}

fn minimum(fields: &mut Fields<'_>, out: &mut String) {
    let mut add = |value: Decimal, per: &str| {
        let _ = write!(out, "\n[[minimum]]\nname = \"minimum charge\"\namount = {}\nper = \"{per}\"\n", price(value));
    };
    let unit = fields.text("minchargeunits").unwrap_or("$/month");
    match (fields.number("mincharge").filter(|v| !v.is_zero()), unit) {
        (None, _) => {}
        (Some(value), "$/month") => add(value, "month"),
        (Some(value), "$/year") => add(value, "year"),
        (Some(_), other) => fields.refuse("mincharge", format!("a minimum in {other} is not expressed")),
    }
    if let Some(value) = fields.number("minmonthlycharge").filter(|v| !v.is_zero()) {
        add(value, "month");
    }
    if let Some(value) = fields.number("annualmincharge").filter(|v| !v.is_zero()) {
        add(value, "year");
    }
}

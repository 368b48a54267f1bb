//! Demand: charges on any hour and on the hours of periods, their tiers, windows and ratchets.

use super::energy::{Grid, price, real};
use super::fields::{Fields, decimal, month_list, quoted};
use rust_decimal::Decimal;
use serde_json::Value;
use std::fmt::Write;

/// kW of a horsepower.
const KW_OF_HP: Decimal = Decimal::from_parts(7457, 0, 0, false, 4);

/// What a demand charge counts.
struct Unit {
    name: &'static str,
    daily: bool,
    /// Prices and ceilings are of horsepower.
    horsepower: bool,
}

/// All demand charges.
pub(super) fn write(grid: &Grid, fields: &mut Fields<'_>) -> String {
    let mut out = String::new();
    let window = window(fields);
    let ratchet = ratchet(fields);
    let flat = fields.take("flatdemandstructure").and_then(Value::as_array);
    let unit = unit(fields, &["flatdemandunit", "flatdemandunits"]);
    let months = fields.months("flatdemandmonths");
    for (k, tiers) in flat.into_iter().flatten().enumerate() {
        let list = months.as_ref().map_or_else(
            || month_list(|_| true),
            |m| month_list(|i| m.get(i).is_some_and(|p| *p == Decimal::from(k as u64))),
        );
        let name = if k == 0 { "demand".to_owned() } else { format!("demand, season {}", k + 1) };
        let here = format!("flatdemandstructure[{k}]");
        if let Some(tiers) = priced(tiers, &here, &unit, fields).filter(|_| list != "[]") {
            charge(&mut out, &name, &format!("months = {list}\n{window}{ratchet}"), &unit, &tiers);
        }
    }
    // A ratchet holds for the charge on any hour, or, without one, for those of periods.
    let ratchet = if flat.is_some() { String::new() } else { ratchet };
    by_period(grid, fields, &format!("{window}{ratchet}"), &mut out);
    reactive(fields, &window, &mut out);
    out
}

/// Charges on the hours of the demand schedule's periods.
fn by_period(grid: &Grid, fields: &mut Fields<'_>, terms: &str, out: &mut String) {
    let unit = unit(fields, &["demandunits", "demandrateunit", "demandunit"]);
    let periods = fields.take("demandratestructure").and_then(Value::as_array);
    for (p, tiers) in periods.into_iter().flatten().enumerate() {
        let here = format!("demandratestructure[{p}]");
        let Some(tiers) = priced(tiers, &here, &unit, fields) else { continue };
        if !grid.has_demand(p) {
            fields.refuse(&here, "it has a price, and the demand schedules have no hour of it");
            continue;
        }
        let bands: Vec<String> = grid.bands_of_demand(p).iter().map(|b| quoted(b)).collect();
        let months = grid.months_of_demand(p);
        let terms = format!("bands = [{}]\nmonths = {months}\n{terms}", bands.join(", "));
        charge(out, &format!("demand, period {}", p + 1), &terms, &unit, &tiers);
    }
}

fn charge(out: &mut String, name: &str, terms: &str, unit: &Unit, tiers: &[(Option<Decimal>, Decimal)]) {
    let _ = write!(out, "\n[[demand_charge]]\nname = {}\n", quoted(name));
    if let [(_, one)] = tiers {
        let _ = writeln!(out, "price = {}", price(*one));
    }
    let _ = write!(out, "{terms}");
    if unit.name != "kw" {
        let _ = writeln!(out, "unit = \"{}\"", unit.name);
    }
    if unit.daily {
        let _ = writeln!(out, "per = \"day\"");
    }
    if tiers.len() > 1 {
        for (t, (up_to, p)) in tiers.iter().enumerate() {
            let _ = write!(out, "\n[[demand_charge.tier]]\n");
            if let Some(up_to) = up_to.filter(|_| t + 1 < tiers.len()) {
                let _ = writeln!(out, "up_to = {}", real(up_to));
            }
            let _ = writeln!(out, "price = {}", price(*p));
        }
    }
}

/// Ceilings and prices of a period's tiers; `None` when nothing is charged.
fn priced(tiers: &Value, here: &str, unit: &Unit, fields: &mut Fields<'_>) -> Option<Vec<(Option<Decimal>, Decimal)>> {
    let mut out = Vec::new();
    for (t, tier) in tiers.as_array().into_iter().flatten().enumerate() {
        let Some(tier) = tier.as_object() else { continue };
        for key in tier.keys().filter(|k| !["rate", "adj", "max", "unit"].contains(&k.as_str())) {
            fields.refuse(&format!("{here}[{t}].{key}"), "no part of a demand tier stands for it");
        }
        let stated = tier.get("unit").and_then(Value::as_str);
        if let Some(other) =
            stated.filter(|s| parse_unit(s).is_none_or(|u| u.name != unit.name || u.daily != unit.daily))
        {
            fields.refuse(&format!("{here}[{t}].unit"), format!("{other:?} differs from the unit of the charge"));
        }
        let number = |key: &str| tier.get(key).filter(|v| !v.is_null()).and_then(decimal);
        let scale = if unit.horsepower { KW_OF_HP } else { Decimal::ONE };
        let p = number("rate").unwrap_or_default() + number("adj").unwrap_or_default();
        out.push((number("max").map(|m| m * scale), (p / scale).round_dp(9)));
    }
    out.iter().any(|(_, p)| !p.is_zero()).then_some(out)
}

fn parse_unit(text: &str) -> Option<Unit> {
    let (name, daily) = match text.strip_suffix(" daily") {
        Some(name) => (name, true),
        None => (text, false),
    };
    let (name, horsepower) = match name.to_ascii_lowercase().as_str() {
        "kw" => ("kw", false),
        "kva" => ("kva", false),
        "hp" => ("kw", true),
        _ => return None,
    };
    Some(Unit { name, daily, horsepower })
}

/// The unit of a structure; kW when it is not stated.
fn unit(fields: &mut Fields<'_>, names: &[&str]) -> Unit {
    let plain = Unit { name: "kw", daily: false, horsepower: false };
    for name in names {
        if let Some(text) = fields.text(name) {
            return parse_unit(text).unwrap_or_else(|| {
                fields.refuse(name, format!("{text:?} is no unit of demand here"));
                plain
            });
        }
    }
    plain
}

fn window(fields: &mut Fields<'_>) -> String {
    match fields.number("demandwindow") {
        None => String::new(),
        Some(w) if [5, 15, 30, 60].iter().any(|m| w == Decimal::from(*m)) => {
            format!("window_minutes = {}\n", w.normalize())
        }
        Some(w) => {
            fields.refuse("demandwindow", format!("{w} minutes is no window here (5, 15, 30, 60)"));
            String::new()
        }
    }
}

/// Shares above 1 are percentages.
fn share(value: Decimal) -> Decimal {
    if value > Decimal::ONE { value / Decimal::ONE_HUNDRED } else { value }
}

fn ratchet(fields: &mut Fields<'_>) -> String {
    let monthly = fields.months("demandratchetpercentage").filter(|m| m.iter().any(|v| !v.is_zero()));
    let names = ["lookbackpercent", "lookbackPercent"];
    let percent = names.iter().find_map(|n| fields.number(n)).filter(|v| !v.is_zero());
    let names = ["lookbackmonths", "lookbackMonths"];
    let months = names.iter().find_map(|n| fields.months(n));
    let names = ["lookbackrange", "lookbackRange"];
    let range = names.iter().find_map(|n| fields.number(n)).filter(|v| !v.is_zero());
    match (monthly, percent) {
        (Some(_), Some(_)) => {
            fields.refuse("demandratchetpercentage", "it stands beside lookbackPercent; one ratchet can be stated");
            String::new()
        }
        (Some(shares), None) => {
            let percents = shares.iter().any(|s| *s > Decimal::ONE);
            let shares: Vec<String> =
                shares.iter().map(|s| real(if percents { *s / Decimal::ONE_HUNDRED } else { *s })).collect();
            format!("ratchet = {{ shares = [{}] }}\n", shares.join(", "))
        }
        (None, Some(percent)) => {
            let listed = months.filter(|m| m.iter().any(|v| !v.is_zero()));
            let months = listed.map_or_else(String::new, |m| {
                format!(", months = {}", month_list(|i| m.get(i).is_some_and(|v| !v.is_zero())))
            });
            let back = range.map_or_else(String::new, |r| format!(", months_back = {}", r.normalize()));
            format!("ratchet = {{ share = {}{months}{back} }}\n", real(share(percent)))
        }
        (None, None) => String::new(),
    }
}

/// A charge on the highest reactive power.
fn reactive(fields: &mut Fields<'_>, window: &str, out: &mut String) {
    if let Some(p) = fields.number("demandreactivepowercharge").filter(|p| !p.is_zero()) {
        let _ = write!(
            out,
            "\n[[demand_charge]]\nname = \"reactive power\"\nprice = {}\n{window}unit = \"kvar\"\n",
            price(p)
        );
    }
}

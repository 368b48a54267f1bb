//! What a row holds, from the text of its data kind.

use super::columns::Channel;

/// The quantity that a data kind names, English or Chinese, as a word or by its unit; `None` for a
/// quantity that is not read (voltage, current, power factor, apparent power) and for a word that says
/// none. Where it does not say power or energy, the column does: `energy`.
#[must_use]
pub fn kind_of_row(text: &str, energy: bool) -> Option<Channel> {
    let t: String = text.chars().filter(|c| !matches!(c, ' ' | '_' | '-' | '.')).flat_map(char::to_lowercase).collect();
    let has = |words: &[&str]| words.iter().any(|w| t.contains(w));
    if has(&["因数", "factor", "视在", "apparent"]) {
        return None;
    }
    // "kvarh" is reactive before the "h" makes it energy; "reactive" contains "active".
    let reactive = has(&["无功", "reactive", "kvar", "varh", "mvar"]) || matches!(t.as_str(), "q" | "var");
    let active = has(&["有功", "kw", "负荷", "功率"])
        || (t.contains("active") && !reactive)
        || matches!(t.as_str(), "p" | "w" | "mw" | "power" | "load" | "demand");
    let power = has(&["功率", "负荷", "power", "load", "demand", "kw", "kvar", "mw"]);
    let says_energy = has(&["电量", "energy", "wh", "varh", "consumption"]);
    let active = active || (says_energy && !reactive);
    let energy = says_energy || (energy && !power);
    let reverse = has(&["反向", "export", "上网"]);
    let leading = reverse || has(&["lead", "capacitive", "容性", "超前"]);
    match (reactive, active, energy) {
        (true, _, false) => Some(if leading { Channel::KvarLead } else { Channel::Kvar }),
        (true, _, true) => Some(if leading { Channel::KvarhLead } else { Channel::Kvarh }),
        (false, true, true) => Some(if reverse { Channel::ExportKwh } else { Channel::Kwh }),
        (false, true, false) => Some(if reverse { Channel::ExportKw } else { Channel::Kw }),
        (false, false, _) => None,
    }
}

/// Whether a data kind names a quantity at all, read or not. In a long file a column of words that do not
/// tells something else, a sector or a channel number.
#[must_use]
pub fn names_quantity(text: &str) -> bool {
    const OTHERS: &[&str] = &[
        "电压",
        "电流",
        "因数",
        "视在",
        "频率",
        "温度",
        "需量",
        "示数",
        "voltage",
        "current",
        "factor",
        "apparent",
        "frequency",
        "temperature",
    ];
    const UNITS: &[&str] = &["v", "kv", "a", "u", "i", "kva", "pf", "hz", "s"];
    let t = text.trim().to_lowercase();
    kind_of_row(text, true).is_some() || UNITS.contains(&t.as_str()) || OTHERS.iter().any(|w| t.contains(w))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_units_name_the_quantity() {
        let of = |words: &[&str], channel: Option<Channel>| {
            for word in words {
                assert_eq!(kind_of_row(word, false), channel, "{word}");
            }
        };
        of(
            &["有功功率", "正向有功功率", "P", "kW", "active power", "功率", "负荷", "active_power_kw"],
            Some(Channel::Kw),
        );
        of(&["有功电量", "正向有功电量", "用电量", "kWh", "active energy", "energy", "kwh import"], Some(Channel::Kwh));
        of(&["反向有功功率", "kW export", "上网功率", "export active power"], Some(Channel::ExportKw));
        of(&["反向有功电量", "kWh export", "上网电量"], Some(Channel::ExportKwh));
        of(&["无功功率", "正向无功功率", "Q", "kvar", "kvar lag", "reactive power", "kVAr"], Some(Channel::Kvar));
        of(&["反向无功功率", "kvar lead", "kvar_lead", "capacitive kvar"], Some(Channel::KvarLead));
        of(&["无功电量", "kvarh", "kvarh lag", "Kvarh_lag", "reactive energy", "varh"], Some(Channel::Kvarh));
        of(&["反向无功电量", "kvarh lead", "kvarh_lead", "容性无功电量"], Some(Channel::KvarhLead));
        of(&["电压", "电流", "功率因数", "power factor", "视在功率", "kVA", "export", "1", ""], None);
    }

    #[test]
    fn the_column_says_power_or_energy_where_the_kind_does_not() {
        let of = |word| (kind_of_row(word, false), kind_of_row(word, true));
        assert_eq!(of("有功"), (Some(Channel::Kw), Some(Channel::Kwh)));
        assert_eq!(of("reactive"), (Some(Channel::Kvar), Some(Channel::Kvarh)));
        assert_eq!(of("kvar"), (Some(Channel::Kvar), Some(Channel::Kvar)));
        assert_eq!(of("export"), (None, None));
    }

    #[test]
    fn some_words_name_no_quantity() {
        assert!(["kW", "有功", "电压", "A", "power factor"].into_iter().all(names_quantity));
        assert!(!["1", "工业", "import", "main", ""].into_iter().any(names_quantity));
    }
}

//! Finding columns by their names, English and Chinese.

use super::options::InputOptions;
use crate::error::{Error, Result};
use crate::text::say;
use std::path::Path;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The customer's id.
    Customer,
    /// The meter's id.
    Meter,
    /// The instant of a long row.
    Stamp,
    /// The date of a wide row.
    Date,
    /// Active or reactive, of a wide row.
    Kind,
    /// CT × PT of the row.
    Multiplier,
    /// A quantity.
    Value(Channel),
}

/// A quantity of a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Active power.
    Kw,
    /// Active energy per interval.
    Kwh,
    /// Exported power.
    ExportKw,
    /// Exported energy per interval.
    ExportKwh,
    /// Reactive power, signed or lagging.
    Kvar,
    /// Leading reactive power.
    KvarLead,
    /// Reactive energy per interval, signed or lagging.
    Kvarh,
    /// Leading reactive energy per interval.
    KvarhLead,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Kw,
        Self::Kwh,
        Self::ExportKw,
        Self::ExportKwh,
        Self::Kvar,
        Self::KvarLead,
        Self::Kvarh,
        Self::KvarhLead,
    ];

    /// Energy per interval rather than power.
    #[must_use]
    pub const fn is_energy(self) -> bool {
        matches!(self, Self::Kwh | Self::ExportKwh | Self::Kvarh | Self::KvarhLead)
    }

    /// The same quantity as energy per interval where this is power, and the reverse.
    #[must_use]
    pub const fn twin(self) -> Self {
        match self {
            Self::Kw => Self::Kwh,
            Self::Kwh => Self::Kw,
            Self::ExportKw => Self::ExportKwh,
            Self::ExportKwh => Self::ExportKw,
            Self::Kvar => Self::Kvarh,
            Self::Kvarh => Self::Kvar,
            Self::KvarLead => Self::KvarhLead,
            Self::KvarhLead => Self::KvarLead,
        }
    }

    /// Active import, which decides whether a row counts as a reading.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Kw | Self::Kwh)
    }

    /// Reactive of either sign.
    #[must_use]
    pub const fn is_reactive(self) -> bool {
        matches!(self, Self::Kvar | Self::KvarLead | Self::Kvarh | Self::KvarhLead)
    }
}

/// Role, the name it has in `--column`, and the aliases by which it is found; compared in lower
/// case without blanks, underscores, dashes, dots and brackets.
const ALIASES: &[(Role, &str, &[&str])] = &[
    (
        Role::Customer,
        "customer_id",
        &[
            "customerid",
            "customer",
            "custid",
            "accountid",
            "accountno",
            "account",
            "consumerid",
            "clientid",
            "buildingid",
            "siteid",
            "用户编号",
            "户号",
            "客户编号",
            "用户号",
            "用电户号",
            "consno",
        ],
    ),
    (
        Role::Meter,
        "meter_id",
        &[
            "meterid",
            "meter",
            "meterno",
            "meterpointid",
            "mpan",
            "nmi",
            "电能表号",
            "电表号",
            "表号",
            "计量点编号",
            "电能表资产号",
        ],
    ),
    (
        Role::Stamp,
        "ts",
        &[
            "ts",
            "time",
            "timestamp",
            "datetime",
            "instant",
            "readat",
            "readingtime",
            "datatime",
            "intervalstart",
            "intervalend",
            "starttime",
            "endtime",
            "数据时间",
            "时间",
            "采集时间",
            "日期时间",
            "抄表时间",
        ],
    ),
    (Role::Date, "date", &["date", "day", "dt", "datadate", "日期", "数据日期", "抄表日期"]),
    (
        Role::Kind,
        "kind",
        &["datatype", "datakind", "kind", "quantity", "channel", "数据类型", "数据项", "数据项名称", "类型"],
    ),
    (Role::Multiplier, "multiplier", &["multiplier", "ctpt", "倍率", "综合倍率"]),
    (
        Role::Value(Channel::Kw),
        "kw",
        &[
            "kw",
            "kwactive",
            "activekw",
            "activepower",
            "activepowerkw",
            "powerkw",
            "demandkw",
            "loadkw",
            "power",
            "load",
            "有功功率",
            "有功",
            "功率",
            "负荷",
            "有功功率kw",
            "负荷kw",
        ],
    ),
    (
        Role::Value(Channel::Kwh),
        "kwh",
        &[
            "kwh",
            "activeenergy",
            "energykwh",
            "energy",
            "consumption",
            "importkwh",
            "kwhimport",
            "usagekwh",
            "usage",
            "电量",
            "有功电量",
            "用电量",
            "正向有功电量",
        ],
    ),
    (Role::Value(Channel::ExportKw), "export_kw", &["exportkw", "kwexport", "反向有功功率", "反向有功", "上网功率"]),
    (
        Role::Value(Channel::ExportKwh),
        "export_kwh",
        &["exportkwh", "kwhexport", "exportenergy", "反向有功电量", "上网电量"],
    ),
    (
        Role::Value(Channel::Kvar),
        "kvar",
        &[
            "kvar",
            "kvarlag",
            "reactivepower",
            "reactivekvar",
            "kvarreactive",
            "无功功率",
            "无功",
            "正向无功功率",
            "无功功率kvar",
        ],
    ),
    (Role::Value(Channel::KvarLead), "kvar_lead", &["kvarlead", "leadkvar", "反向无功功率"]),
    (
        Role::Value(Channel::Kvarh),
        "kvarh",
        &["kvarh", "kvarhlag", "reactiveenergy", "laggingcurrentreactivepowerkvarh", "无功电量", "正向无功电量"],
    ),
    (Role::Value(Channel::KvarhLead), "kvarh_lead", &["kvarhlead", "leadkvarh", "反向无功电量"]),
];

/// A wide point column: its channel and 0-based position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// `P…` is active, `Q…` reactive.
    pub channel: Channel,
    /// 0 for P1.
    pub position: usize,
}

/// Lower case without what writers vary.
fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, ' ' | '_' | '-' | '.' | '(' | ')' | '（' | '）' | '/'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// `P17`, `q3`, `有功17`: a point of a wide row.
fn point(name: &str) -> Option<Point> {
    let folded = fold(name);
    let digits = folded.find(|c: char| c.is_ascii_digit())?;
    let (head, number) = folded.split_at(digits);
    let channel = match head {
        "p" | "point" | "点" | "有功" | "kw" | "v" => Channel::Kw,
        "q" | "无功" | "kvar" => Channel::Kvar,
        "kwh" | "e" => Channel::Kwh,
        _ => return None,
    };
    let position = number.parse::<usize>().ok()?.checked_sub(1)?;
    (position < 288).then_some(Point { channel, position })
}

/// What each column of one file is; `None` for columns that are not used.
///
/// # Errors
/// When `--column` names an unknown role or a column that the file lacks.
pub fn assign(path: &Path, names: &[&str], options: &InputOptions) -> Result<Vec<Option<Assigned>>> {
    let mut out: Vec<Option<Assigned>> = vec![None; names.len()];
    for (key, column) in &options.columns {
        let role = ALIASES.iter().find(|a| a.1 == key).map(|a| a.0).ok_or_else(|| {
            let known: Vec<&str> = ALIASES.iter().map(|a| a.1).collect();
            Error::option(
                say("readings.no_role", &[("key", &key), ("name", &column), ("same", &format_args!("{key:?}"))]),
                say("tariff.one_of", &[("names", &known.join(", "))]),
            )
        })?;
        if let Some(i) = names.iter().position(|n| n == column) {
            out[i] = Some(Assigned::Role(role));
        }
    }
    let named = |out: &[Option<Assigned>], role| out.contains(&Some(Assigned::Role(role)));
    for (i, name) in names.iter().enumerate() {
        if out[i].is_some() {
            continue;
        }
        if let Some(p) = point(name) {
            out[i] = Some(Assigned::Point(p));
            continue;
        }
        let folded = fold(name);
        let Some(role) = ALIASES.iter().find(|a| a.2.contains(&folded.as_str())).map(|a| a.0) else { continue };
        let overridden = options.columns.contains_key(ALIASES.iter().find(|a| a.0 == role).map_or("", |a| a.1));
        if named(&out, role) {
            if !overridden {
                return Err(Error::Columns {
                    path: path.to_owned(),
                    what: say("readings.two_columns", &[("role", &role_name(role))]),
                    cure: say("readings.two_columns_cure", &[("role", &role_name(role))]),
                });
            }
        } else if !overridden {
            out[i] = Some(Assigned::Role(role));
        }
    }
    Ok(out)
}

/// A column's use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assigned {
    /// A named role.
    Role(Role),
    /// A point of a wide row.
    Point(Point),
}

/// The name of a role in `--column` and in messages.
#[must_use]
pub fn role_name(role: Role) -> &'static str {
    ALIASES.iter().find(|a| a.0 == role).map_or("", |a| a.1)
}

/// The role that a hive partition key plays.
#[must_use]
pub fn partition_role(key: &str) -> Option<Role> {
    let folded = fold(key);
    ALIASES.iter().find(|a| a.2.contains(&folded.as_str())).map(|a| a.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(names: &[&str]) -> Vec<Option<Assigned>> {
        assign(Path::new("x"), names, &InputOptions::default()).unwrap()
    }

    #[test]
    fn long_in_english_and_wide_in_chinese() {
        use Assigned::{Point as P, Role as R};
        assert_eq!(
            roles(&["customer_id", "ts", "kw_active", "kvar", "note"]),
            [
                Some(R(Role::Customer)),
                Some(R(Role::Stamp)),
                Some(R(Role::Value(Channel::Kw))),
                Some(R(Role::Value(Channel::Kvar))),
                None
            ]
        );
        assert_eq!(
            roles(&["用户编号", "日期", "数据类型", "P1", "P96", "Q2"]),
            [
                Some(R(Role::Customer)),
                Some(R(Role::Date)),
                Some(R(Role::Kind)),
                Some(P(Point { channel: Channel::Kw, position: 0 })),
                Some(P(Point { channel: Channel::Kw, position: 95 })),
                Some(P(Point { channel: Channel::Kvar, position: 1 }))
            ]
        );
    }

    #[test]
    fn two_candidates_are_an_error_that_names_the_cure() {
        let e = assign(Path::new("x.parquet"), &["kw", "Demand_kW"], &InputOptions::default()).unwrap_err();
        assert!(e.to_string().contains("--column kw=NAME"), "{e}");
        let options =
            InputOptions { columns: [("kw".to_string(), "Demand_kW".to_string())].into(), ..InputOptions::default() };
        let got = assign(Path::new("x.parquet"), &["kw", "Demand_kW"], &options).unwrap();
        assert_eq!(got, [None, Some(Assigned::Role(Role::Value(Channel::Kw)))]);
    }
}

//! The equipment file: machines that may run at other hours.

use super::{Column, Register, Row, Table};
use crate::customer::Equipment;
use crate::error::Result;
use crate::text::{said, say};
use crate::units::Kw;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

const CUSTOMER: Column =
    Column { name: "customer_id", aliases: &["account_id", "用户编号", "户号", "客户编号", "用户号"] };
const NAME: Column = Column { name: "equipment", aliases: &["machine", "设备", "设备名称", "设备编号"] };
const POWER: Column = Column { name: "kw", aliases: &["rating_kw", "功率", "额定功率", "运行功率"] };
const COLUMNS: &[Column] = &[
    CUSTOMER,
    NAME,
    POWER,
    Column { name: "run_minutes_per_day", aliases: &["run_minutes", "日运行分钟", "每日运行时间"] },
    Column { name: "kwh_per_day", aliases: &["日用电量", "日电量"] },
    Column { name: "run_minutes_per_batch", aliases: &["batch_minutes", "每批运行分钟"] },
    Column { name: "kwh_per_batch", aliases: &["batch_kwh", "每批用电量"] },
    Column { name: "batches_per_day", aliases: &["batches", "每日批数", "日批次"] },
    Column { name: "earliest", aliases: &["最早开始", "最早时间"] },
    Column { name: "latest", aliases: &["最晚结束", "最晚时间"] },
    Column { name: "interruptible", aliases: &["可中断", "可间断"] },
    Column { name: "min_run_minutes", aliases: &["最短运行分钟", "最短运行时间"] },
    Column { name: "precedes", aliases: &["before", "后续设备", "先于"] },
    Column { name: "crew", aliases: &["team", "班组", "人员班组"] },
    Column { name: "usual_start", aliases: &["present_start", "现开始时间", "通常开始"] },
];

/// Minutes of a day.
const DAY: u32 = 1440;

/// Batches that a day may have.
const MOST_BATCHES: u32 = 24;

/// Reads the file into the customers of the register.
pub(super) fn load(path: &Path, register: &mut Register, notes: &mut Vec<String>) -> Result<()> {
    let table = Table::read(path, COLUMNS)?;
    for column in [&CUSTOMER, &NAME, &POWER] {
        table.require(column)?;
    }
    notes.extend_from_slice(table.notes());
    let mut rows: BTreeMap<(&str, Arc<str>), Row<'_>> = BTreeMap::new();
    let mut machines = Vec::new();
    for row in table.rows() {
        let id = row.id("customer_id")?;
        let machine = machine(row)?;
        if let Some(other) = rows.insert((id, Arc::clone(&machine.name)), row) {
            let what = say(
                "side.machine_twice",
                &[
                    ("name", &format_args!("{:?}", machine.name)),
                    ("id", &format_args!("{id:?}")),
                    ("row", &other.line()),
                ],
            );
            return Err(row.wrong("equipment", what, said("side.machine_twice_cure")));
        }
        machines.push((id, machine, batches(row)?, row));
    }
    for ((id, _), row) in &rows {
        for next in names(row.text("precedes")) {
            if !rows.contains_key(&(*id, Arc::clone(&next))) {
                let what =
                    say("side.no_machine", &[("id", &format_args!("{id:?}")), ("name", &format_args!("{next:?}"))]);
                return Err(row.wrong("precedes", what, said("side.no_machine_cure")));
            }
        }
    }
    for ((id, name), row) in &rows {
        if precedes_itself(&rows, id, name) {
            let what =
                say("side.machine_cycle", &[("name", &format_args!("{name:?}")), ("id", &format_args!("{id:?}"))]);
            return Err(row.wrong("precedes", what, said("side.machine_cycle_cure")));
        }
    }
    let batches_of: BTreeMap<(&str, Arc<str>), u32> =
        machines.iter().map(|(id, machine, n, _)| ((*id, Arc::clone(&machine.name)), *n)).collect();
    for (id, machine, n, row) in machines {
        // What stands before a machine stands before its first batch.
        let first = |next: &Arc<str>| batch(next, 1, batches_of.get(&(id, Arc::clone(next))).copied().unwrap_or(1));
        let machine = Equipment { precedes: machine.precedes.iter().map(first).collect(), ..machine };
        register.entry(id).equipment.extend(in_batches(&machine, n, row)?);
    }
    Ok(())
}

/// The name of a batch of a machine.
fn batch(name: &Arc<str>, k: u32, n: u32) -> Arc<str> {
    if n == 1 { Arc::clone(name) } else { format!("{name} {k}/{n}").into() }
}

/// The batches of a machine, one after another in any distance, each like a machine of its own.
fn in_batches(machine: &Equipment, n: u32, row: Row<'_>) -> Result<Vec<Equipment>> {
    let starts = clocks(row, "usual_start")?;
    let of = |k: u32| {
        let next = (k < n).then(|| batch(&machine.name, k + 1, n));
        Equipment {
            name: batch(&machine.name, k, n),
            precedes: next.into_iter().chain(machine.precedes.iter().cloned()).collect(),
            usual_start: starts.get(k as usize - 1).map(|m| m % DAY),
            ..machine.clone()
        }
    };
    Ok((1..=n).map(of).collect())
}

fn batches(row: Row<'_>) -> Result<u32> {
    Ok(row.whole("batches_per_day", 1, MOST_BATCHES)?.unwrap_or(1))
}

/// Whether a machine is reached from itself by way of what it precedes.
fn precedes_itself(rows: &BTreeMap<(&str, Arc<str>), Row<'_>>, id: &str, name: &Arc<str>) -> bool {
    let next =
        |name: &Arc<str>| rows.get(&(id, Arc::clone(name))).into_iter().flat_map(|row| names(row.text("precedes")));
    let (mut seen, mut open) = (BTreeSet::new(), next(name).collect::<Vec<_>>());
    while let Some(reached) = open.pop() {
        if reached == *name {
            return true;
        }
        if seen.insert(Arc::clone(&reached)) {
            open.extend(next(&reached));
        }
    }
    false
}

fn machine(row: Row<'_>) -> Result<Equipment> {
    let name =
        row.text("equipment").ok_or_else(|| row.wrong("equipment", said("side.no_name"), said("side.no_name_cure")))?;
    let kw = row.positive("kw")?.ok_or_else(|| row.wrong("kw", said("side.no_power"), said("side.no_power_cure")))?;
    let run_minutes = run_minutes(row, kw)?;
    let earliest = clock(row, "earliest")?.unwrap_or(0) % DAY;
    let latest = clock(row, "latest")?.unwrap_or(DAY);
    let window = if latest > earliest { latest - earliest } else { DAY - earliest + latest };
    let all = run_minutes * f64::from(batches(row)?);
    if all > f64::from(window) {
        let what = say("side.run_fits", &[("minutes", &format_args!("{all:.0}")), ("window", &window)]);
        return Err(row.wrong("run_minutes_per_day", what, said("side.run_fits_cure")));
    }
    Ok(Equipment {
        name: name.into(),
        rating: Kw::new(kw),
        run_minutes,
        earliest,
        latest,
        interruptible: row.flag("interruptible")?.unwrap_or(false),
        min_run_minutes: row.whole("min_run_minutes", 0, DAY)?.unwrap_or(0),
        precedes: names(row.text("precedes")).collect(),
        crew: row.text("crew").map(Arc::from),
        usual_start: None,
    })
}

/// Run time of a batch, of which a day has one unless the row says more.
fn run_minutes(row: Row<'_>, kw: f64) -> Result<f64> {
    let n = f64::from(batches(row)?);
    let of_energy = |kwh: f64| kwh / kw * 60.0;
    let given = [
        row.positive("run_minutes_per_batch")?,
        row.positive("kwh_per_batch")?.map(of_energy),
        row.positive("run_minutes_per_day")?.map(|minutes| minutes / n),
        row.positive("kwh_per_day")?.map(|kwh| of_energy(kwh) / n),
    ];
    given
        .into_iter()
        .flatten()
        .next()
        .ok_or_else(|| row.wrong("run_minutes_per_day", said("side.no_run_time"), said("side.run_time_cure")))
}

/// Names apart by a semicolon.
fn names(text: Option<&str>) -> impl Iterator<Item = Arc<str>> {
    text.into_iter().flat_map(|t| t.split([';', '；', '、'])).map(str::trim).filter(|n| !n.is_empty()).map(Arc::from)
}

/// A clock time `HH:MM` in minutes after midnight; 24:00 is the end of the day.
fn clock(row: Row<'_>, column: &str) -> Result<Option<u32>> {
    row.text(column).map(|text| parsed(row, column, text)).transpose()
}

/// Clock times apart by a semicolon.
fn clocks(row: Row<'_>, column: &str) -> Result<Vec<u32>> {
    names(row.text(column)).map(|text| parsed(row, column, &text)).collect()
}

fn parsed(row: Row<'_>, column: &str, text: &str) -> Result<u32> {
    let parse = || {
        let mut parts = text.split(':');
        let (h, m) = (parts.next()?.parse::<u32>().ok()?, parts.next()?.parse::<u32>().ok()?);
        let seconds = parts.next().is_none_or(|s| s == "00");
        (m < 60 && h * 60 + m <= DAY && seconds && parts.next().is_none()).then_some(h * 60 + m)
    };
    parse().ok_or_else(|| {
        row.wrong(column, say("side.no_clock", &[("text", &format_args!("{text:?}"))]), said("side.clock_cure"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::RegisterPaths;

    fn read(text: &str) -> std::result::Result<Register, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("e.csv");
        std::fs::write(&path, text).unwrap();
        let paths = RegisterPaths { equipment: Some(path), ..RegisterPaths::default() };
        Register::load(&paths).map(|r| r.0).map_err(|e| e.to_string())
    }

    #[test]
    fn a_list_of_machines() {
        let text = "户号,设备名称,额定功率,run_minutes_per_day,kwh_per_day,earliest,latest,可中断,min_run_minutes,precedes,crew\n\
                    7,crusher,160,240,,,,是,60,mill;kiln,A\n7,mill,90,,180,22:00,06:00,,,,A\n7,kiln,200,300,,08:00,24:00,否,,,\n";
        let machines = read(text).unwrap().customer(&"7".into()).equipment.clone();
        let (crusher, mill) = (&machines[0], &machines[1]);
        assert_eq!((crusher.run_minutes, crusher.interruptible, crusher.min_run_minutes), (240.0, true, 60));
        assert_eq!(crusher.precedes, ["mill".into(), "kiln".into()]);
        assert_eq!((crusher.earliest, crusher.latest, crusher.crew.as_deref()), (0, 1440, Some("A")));
        assert_eq!((mill.run_minutes, mill.earliest, mill.latest), (120.0, 1320, 360));
        assert_eq!((machines[2].latest, machines[2].usual_start), (1440, None));
    }

    #[test]
    fn batches_are_machines_one_after_another() {
        let text = "customer_id,equipment,kw,run_minutes_per_batch,kwh_per_day,batches_per_day,precedes,usual_start\n\
                    7,kiln,200,90,,3,,08:00;13:00\n7,mill,60,,120,2,kiln,\n";
        let machines = read(text).unwrap().customer(&"7".into()).equipment.clone();
        let seen: Vec<_> = machines.iter().map(|m| (&*m.name, m.run_minutes, m.usual_start)).collect();
        let starts = [Some(480), Some(780), None];
        let kilns =
            ["kiln 1/3", "kiln 2/3", "kiln 3/3"].into_iter().zip(starts).map(|(name, start)| (name, 90.0, start));
        assert_eq!(seen, kilns.chain([("mill 1/2", 60.0, None), ("mill 2/2", 60.0, None)]).collect::<Vec<_>>());
        assert_eq!(machines[0].precedes, ["kiln 2/3".into()]);
        assert_eq!(machines[3].precedes, ["mill 2/2".into(), "kiln 1/3".into()]);
        assert!(machines[2].precedes.is_empty());
    }

    #[test]
    fn a_wrong_row_is_named_with_its_cure() {
        let head = "customer_id,equipment,kw,run_minutes_per_day,earliest,latest,precedes\n";
        for (rows, part) in [
            ("1,a,100,,,,\n", "row 2, column run_minutes_per_day: how long it runs"),
            ("1,a,100,240,08:00,10:00,\n", "240 minutes a day do not fit the 120"),
            ("1,a,100,240,8am,,\n", "column earliest: \"8am\" is not a clock time"),
            ("1,a,100,240,,,b\n", "customer \"1\" has no equipment \"b\""),
            ("1,a,100,240,,,\n1,a,100,240,,,\n", "is there twice; the other is row 2"),
            (
                "1,a,100,240,,,b\n1,b,100,240,,,c\n1,c,100,240,,,b\n",
                "row 3, column precedes: \"b\" of customer \"1\" is to end before itself",
            ),
        ] {
            let e = read(&format!("{head}{rows}")).unwrap_err();
            assert!(e.contains(part), "{e}");
        }
    }
}

//! The command: exit codes, messages that name the place and the cure, and nothing half written.

use super::support::{Outcome, Rows, arg, demo, peakwise, run};
use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use parquet::arrow::ArrowWriter;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// A folder with good readings of two customers, three days of quarter hours.
struct Place {
    dir: TempDir,
    readings: PathBuf,
}

impl Place {
    fn new() -> Outcome<Self> {
        let dir = tempfile::tempdir()?;
        let readings = dir.path().join("readings.parquet");
        write(&readings, "customer_id", &["kw"])?;
        Ok(Self { dir, readings })
    }

    fn out(&self) -> PathBuf {
        self.dir.path().join("out")
    }

    fn file(&self, name: &str, text: &str) -> Outcome<String> {
        let path = self.dir.path().join(name);
        fs::write(&path, text)?;
        Ok(arg(&path))
    }

    fn analyze(&self, more: &[&str]) -> Outcome<(i32, String, String)> {
        let mut all = vec!["analyze".to_owned(), arg(&self.readings), "--out".into(), arg(&self.out())];
        all.extend(more.iter().map(|s| (*s).to_owned()));
        run(all)
    }

    /// Runs, expects exit code 1 and a message with all of `parts`; nothing may be left behind.
    fn refuses(&self, more: &[&str], parts: &[&str]) -> Outcome {
        let before = self.names()?;
        let (code, printed, message) = self.analyze(more)?;
        assert_eq!(code, 1, "{more:?}: {printed}{message}");
        assert!(message.starts_with("error: "), "{message}");
        for part in parts {
            assert!(message.contains(part), "{more:?}: {message:?} does not say {part:?}");
        }
        assert_eq!(self.names()?, before, "{more:?} left something behind");
        Ok(())
    }

    fn names(&self) -> Outcome<Vec<String>> {
        let mut names: Vec<String> = Vec::new();
        for entry in fs::read_dir(self.dir.path())? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }
}

/// Three days of customers A and B.
fn write(path: &Path, id: &str, values: &[&str]) -> Outcome {
    let n = 3 * 96;
    let ids: StringArray = (0..2 * n).map(|i| Some(if i < n { "A" } else { "B" })).collect();
    let ts: TimestampMicrosecondArray = (0..2 * n).map(|i| Some((1_735_689_600 + (i % n) * 900) * 1_000_000)).collect();
    let kw: Float64Array = (0..2 * n).map(|i| Some(100.0 + (i % 96) as f64)).collect();
    let mut columns: Vec<(&str, ArrayRef)> = vec![(id, Arc::new(ids)), ("ts", Arc::new(ts))];
    columns.extend(values.iter().map(|v| (*v, Arc::new(kw.clone()) as ArrayRef)));
    let batch = RecordBatch::try_from_iter(columns)?;
    let mut writer = ArrowWriter::try_new(File::create(path)?, batch.schema(), None)?;
    writer.write(&batch)?;
    writer.close()?;
    Ok(())
}

#[test]
fn a_good_run_exits_with_0_and_leaves_one_directory() -> Outcome {
    let place = Place::new()?;
    let (code, printed, message) = place.analyze(&[])?;
    assert_eq!((code, message.as_str()), (0, ""));
    assert!(printed.contains("2 customers: 2 analysed, 0 skipped, 0 failed"), "{printed}");
    assert!(printed.contains("missing") || printed.contains("With these, more could be told"), "{printed}");
    assert!(!printed.contains("Currents of the phases"), "no file can carry them: {printed}");
    assert!(!printed.contains('\u{1b}'), "escape codes in {printed:?}");
    assert_eq!(place.names()?, ["out", "readings.parquet"]);
    let customers = Rows::of(&place.out(), "customers")?;
    assert_eq!(customers.ids("customer_id")?, ["A", "B"]);
    assert_eq!(customers.reals("max_kw")?, [Some(195.0), Some(195.0)]);
    Ok(())
}

#[test]
fn quiet_prints_nothing_and_no_argument_prints_help() -> Outcome {
    let place = Place::new()?;
    let (code, printed, message) = place.analyze(&["--quiet"])?;
    assert_eq!((code, printed.as_str(), message.as_str()), (0, "", ""));
    let (code, printed, message) = run::<&str>([])?;
    assert!(code != 0 && (printed + &message).contains("Usage: peakwise"), "help instead of silence");
    Ok(())
}

#[test]
fn wrong_arguments_exit_with_1() -> Outcome {
    for arguments in
        [vec!["analyze"], vec!["analyze", "x.parquet", "--interval", "7"], vec!["nothing"], vec!["explain"]]
    {
        let (code, _, message) = run(&arguments)?;
        assert_eq!(code, 1, "{arguments:?}: {message}");
        assert!(message.contains("error:") || message.contains("Usage"), "{message}");
    }
    Ok(())
}

#[test]
fn unreadable_readings_are_named_with_a_cure() -> Outcome {
    let mut place = Place::new()?;
    let good = place.readings.clone();
    place.readings = place.dir.path().join("nowhere.parquet");
    place.refuses(&[], &["nowhere.parquet", "no such file", "check the path"])?;
    place.readings = place.dir.path().join("text.parquet");
    fs::write(&place.readings, "customer_id,ts,kw\nA,2025-01-01,1\n")?;
    place.refuses(&[], &["text.parquet", "Parquet"])?;
    place.readings = place.dir.path().join("cut.parquet");
    let bytes = fs::read(&good)?;
    fs::write(&place.readings, &bytes[..bytes.len() * 2 / 3])?;
    place.refuses(&[], &["cut.parquet", "complete Parquet file"])?;
    place.readings = place.dir.path().join("*.none");
    place.refuses(&[], &["*.none", "no such file"])?;
    place.readings = place.dir.path().join("empty");
    fs::create_dir(&place.readings)?;
    place.refuses(&[], &["empty", "no .parquet file"])?;
    Ok(())
}

#[test]
fn columns_that_cannot_be_found_are_named_with_the_option_that_names_them() -> Outcome {
    let mut place = Place::new()?;
    place.readings = place.dir.path().join("r.parquet");
    write(&place.readings, "wem", &["kw"])?;
    place.refuses(&[], &["r.parquet", "wem, ts, kw", "--column customer_id=NAME"])?;
    write(&place.readings, "customer_id", &["kw", "Demand_kW"])?;
    place.refuses(&[], &["r.parquet", "two columns", "--column kw=NAME"])?;
    let (code, _, message) = place.analyze(&["--column", "kw=Demand_kW"])?;
    assert_eq!(code, 0, "{message}");
    fs::remove_dir_all(place.out())?;
    write(&place.readings, "customer_id", &["temperature"])?;
    place.refuses(&[], &["r.parquet", "temperature", "--column kw=NAME"])?;
    write(&place.readings, "customer_id", &["kw"])?;
    place.refuses(&["--column", "watt=kw"], &["watt", "no role", "export_kw"])?;
    place.refuses(&["--column", "kw=Wirkleistung"], &["r.parquet", "--column kw=Wirkleistung", "does not have"])?;
    Ok(())
}

#[test]
fn options_that_make_no_sense_are_refused() -> Outcome {
    let place = Place::new()?;
    place.refuses(&["--tables", "dayly"], &["dayly", "daily", "customers"])?;
    place.refuses(&["--only", "Z"], &["--only Z", "no such customer"])?;
    place.refuses(&["--from", "2025-02-01", "--to", "2025-01-01"], &["2025-02-01", "2025-01-01", "--to"])?;
    place.refuses(&["--midnight", "same"], &["--midnight same", "--stamp end"])?;
    place.refuses(&["--format", "pdf"], &["--format pdf", "html"])?;
    place.refuses(&["--calendar", "mars"], &["--calendar mars", "cn"])?;
    place.refuses(&["--tz", "Mars/Olympus"], &["Mars/Olympus", "--tz"])?;
    place.refuses(&["--tariff", "no-such-tariff"], &["no-such-tariff"])?;
    Ok(())
}

#[test]
fn an_existing_directory_is_replaced_only_by_force() -> Outcome {
    let place = Place::new()?;
    fs::create_dir(place.out())?;
    fs::write(place.out().join("mine.txt"), "kept")?;
    place.refuses(&[], &["out exists already", "--force"])?;
    assert_eq!(fs::read_to_string(place.out().join("mine.txt"))?, "kept");
    // A forced run that fails leaves the old directory alone.
    place.refuses(&["--force", "--only", "Z"], &["no such customer"])?;
    assert_eq!(fs::read_to_string(place.out().join("mine.txt"))?, "kept");
    let (code, _, message) = place.analyze(&["--force"])?;
    assert_eq!(code, 0, "{message}");
    assert!(!place.out().join("mine.txt").exists());
    assert_eq!(place.names()?, ["out", "readings.parquet"]);
    Ok(())
}

#[test]
fn a_wrong_cell_of_a_side_file_is_named_by_row_and_column() -> Outcome {
    let place = Place::new()?;
    for (column, value) in [
        ("capacity_kva", "much"),
        ("capacity_kva", "-5"),
        ("reading_day", "32"),
        ("pf_standard", "0.77"),
        ("billing_mode", "free"),
        ("voltage_kv", "high"),
    ] {
        let file = place.file("c.csv", &format!("customer_id,{column}\nA,\nB,{value}\n"))?;
        place.refuses(&["--customers", &file], &["c.csv", "row 3", column])?;
    }
    let file = place.file("c.csv", "customer_id,name\nA,x\nA,y\n")?;
    place.refuses(&["--customers", &file], &["c.csv", "row 3", "customer_id", "row 2"])?;
    let file = place.file("c.csv", "name\nx\n")?;
    place.refuses(&["--customers", &file], &["c.csv", "customer_id"])?;
    let file = place.file("m.csv", "meter_id,customer_id,multiplier\nA,K,zero\n")?;
    place.refuses(&["--meters", &file], &["m.csv", "row 2", "multiplier"])?;
    let file = arg(&place.dir.path().join("absent.csv"));
    place.refuses(&["--customers", &file], &["absent.csv"])?;
    Ok(())
}

#[test]
fn a_wrong_tariff_file_is_named_with_its_line_or_key() -> Outcome {
    let place = Place::new()?;
    let file = place.file("t.toml", "id = \"t\"\nname = \n")?;
    place.refuses(&["--tariff", &file], &["t.toml", "line 2"])?;
    let shipped = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tariffs/demo-two-part.toml"))?;
    let file = place.file("t.toml", &format!("colour = \"red\"\n{shipped}"))?;
    place.refuses(&["--tariff", &file], &["t.toml", "colour"])?;
    Ok(())
}

#[test]
fn a_bad_customer_is_a_row_and_the_exit_code_is_2() -> Outcome {
    let place = Place::new()?;
    let file = place.file("c.csv", "customer_id,tz\nA,Mars/Olympus\nB,Asia/Shanghai\nC,\n")?;
    let (code, printed, message) = place.analyze(&["--customers", &file])?;
    assert_eq!(code, 2, "{printed}{message}");
    assert!(printed.contains("1 analysed, 1 skipped, 1 failed") && printed.contains("failed A"), "{printed}");
    let customers = Rows::of(&place.out(), "customers")?;
    assert_eq!(customers.ids("customer_id")?, ["A", "B", "C"]);
    assert_eq!(customers.ids("status")?, ["failed", "ok", "skipped"]);
    let reasons = customers.text("reason")?;
    assert!(reasons[0].as_deref().is_some_and(|r| r.contains("Mars/Olympus")), "{reasons:?}");
    assert!(reasons[1].is_none() && reasons[2].is_some(), "{reasons:?}");
    let manifest: serde_json::Value = serde_json::from_str(&fs::read_to_string(place.out().join("run.json"))?)?;
    assert_eq!(manifest["counts"]["failed"], 1);
    assert_eq!(manifest["failures"].as_array().map(Vec::len), Some(2));
    // A run without failures, but with a skipped customer, is a success.
    let file = place.file("c.csv", "customer_id\nC\n")?;
    let (code, printed, _) = place.analyze(&["--customers", &file, "--force"])?;
    assert_eq!(code, 0, "{printed}");
    Ok(())
}

/// What ends a run, and what ends a customer, is told in the language of the run, with the file; what others
/// said, the parquet crate here, stands as a detail within it.
#[test]
fn a_chinese_run_tells_its_errors_in_chinese() -> Outcome {
    let mut place = Place::new()?;
    let good = place.readings.clone();
    let zh = |place: &Place, more: &[&str]| place.analyze(&[more, &["--lang", "zh", "--force"]].concat());
    let ends = |place: &Place, more: &[&str], parts: &[&str]| -> Outcome {
        let (code, _, message) = zh(place, more)?;
        let told = message.starts_with("错误：") && parts.iter().all(|p| message.contains(p));
        assert!(code == 1 && told, "{more:?}: {message}");
        Ok(())
    };
    ends(&place, &["--customers", "absent.csv"], &["absent.csv：没有这个文件或目录；请检查路径"])?;
    let shipped = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tariffs/demo-two-part.toml"))?;
    let tariff = place.file("t.toml", &shipped.replace("currency = \"CNY\"", "currency = \"yuan\""))?;
    ends(&place, &["--tariff", &tariff], &["t.toml：第 ", " 列，currency：\"yuan\"：请用 ISO 代码，如 CNY"])?;
    let mut bytes = fs::read(&good)?;
    place.readings = place.dir.path().join("cut.parquet");
    fs::write(&place.readings, &bytes[..bytes.len() * 2 / 3])?;
    ends(&place, &[], &["cut.parquet：无法按 Parquet 读取（", "）；文件是否完整？"])?;

    let customers = place.file("c.csv", "customer_id,tz,tariff\nA,Mars/Olympus,\nB,,nowhere\nC,,\n")?;
    place.readings = good;
    let (code, printed, _) = zh(&place, &["--customers", &customers])?;
    assert!(code == 2 && printed.contains("3 户：已分析 0，跳过 1，失败 2"), "{printed}");
    let page = fs::read_to_string(place.out().join("index.html"))?;
    for part in ["未知时区", "档案所列电价", "既未提供也未随附", "已建档但没有读数"] {
        assert!(printed.contains(part) && page.contains(part), "{part}: {printed}");
    }
    for at in 200..bytes.len() / 2 {
        bytes[at] = 0xff;
    }
    fs::write(&place.readings, bytes)?;
    let (code, printed, _) = zh(&place, &[])?;
    let page = fs::read_to_string(place.out().join("index.html"))?;
    let path = arg(&place.readings);
    assert!(code == 2 && printed.contains(&format!("{path}：第 0 行组的列 ")), "{printed}");
    assert!(page.contains("readings.parquet：第 0 行组的列 ") && !page.contains(&path), "a page names the file alone");
    let reasons = Rows::of(&place.out(), "customers")?.text("reason")?;
    assert!(reasons.iter().flatten().all(|r| r.contains("row group 0, column")), "tables stay English: {reasons:?}");
    Ok(())
}

#[test]
fn the_manifest_has_its_keys() -> Outcome {
    let place = Place::new()?;
    place.analyze(&["--format", "none", "--tariff", "demo-two-part"])?;
    let manifest: serde_json::Value = serde_json::from_str(&fs::read_to_string(place.out().join("run.json"))?)?;
    for key in [
        "peakwise",
        "arguments",
        "inputs",
        "form",
        "options",
        "calendar",
        "seasons",
        "tariffs",
        "prices_as_of",
        "thresholds",
        "counts",
        "failures",
        "notes",
        "seconds",
        "peak_memory_mib",
    ] {
        assert!(manifest.get(key).is_some(), "run.json lacks {key}");
    }
    let input = &manifest["inputs"][0];
    assert_eq!(input["rows"], 576);
    assert_eq!(input["bytes"], fs::metadata(&place.readings)?.len());
    assert_eq!(input["sha256"].as_str().map(str::len), Some(64));
    assert_eq!(manifest["counts"]["customers"], 2);
    assert_eq!(manifest["arguments"][0], "analyze");
    assert!(!place.out().join("index.html").exists(), "no page was asked for");
    Ok(())
}

#[test]
fn from_and_to_restrict_the_run() -> Outcome {
    let place = Place::new()?;
    place.analyze(&["--from", "2025-01-02", "--to", "2025-01-03", "--format", "none"])?;
    let daily = Rows::of(&place.out(), "daily")?;
    assert_eq!(daily.ids("date")?, ["2025-01-02", "2025-01-02"]);
    assert_eq!(daily.wholes("n_valid")?, [Some(96), Some(96)]);
    Ok(())
}

/// The naive case: pages told an upper end alone, the terminal a lower end that is not worth mentioning.
#[test]
fn a_lower_end_below_what_is_worth_mentioning_is_not_printed() -> Outcome {
    let advice = demo().table("advice")?;
    let (low, told) = (advice.reals("saving_low")?, advice.reals("saving_headline")?);
    let best = (0..advice.len()).filter_map(|row| Some((row, low[row]?, told[row]?)));
    let (row, low, told) = best.max_by(|a, b| a.2.total_cmp(&b.2)).ok_or("the demonstration saves something")?;
    let id = &advice.ids("customer_id")?[row];
    let dir = tempfile::tempdir()?;
    let thresholds = dir.path().join("t.toml");
    fs::write(&thresholds, format!("noise_money = {:.2}\nnoise_share = 0.0", f64::midpoint(low, told)))?;
    let (input, out) = (demo().out.join("input"), arg(&dir.path().join("out")));
    let [readings, customers, meters] = ["readings", "customers.csv", "meters.csv"].map(|n| arg(&input.join(n)));
    let given = ["--customers", &customers, "--meters", &meters, "--tariff", "demo-two-part", "--only", id];
    let limits = ["--prices-as-of", "2025-01-01", "--thresholds", &arg(&thresholds), "--format", "none", "--out", &out];
    let (code, printed, message) = run([&["analyze", &readings][..], &given, &limits].concat())?;
    assert_eq!(code, 0, "{message}");
    let (_, shown, _) = run(["show", &out, id])?;
    for text in [printed, shown] {
        let code = &advice.ids("code")?[row];
        let line = text.lines().find(|l| l.contains(&format!("{code} "))).unwrap_or_default();
        assert!(line.contains("up to CNY "), "{text}");
    }
    fs::write(Path::new(&out).join("run.json"), "{}")?;
    let (code, _, message) = run(["show", &out, id])?;
    assert!(code == 1 && message.contains("run.json") && message.contains("thresholds"), "{message}");
    Ok(())
}

#[test]
fn cards_and_recommendations_are_explained() -> Outcome {
    let (code, printed, _) = run(["explain", "R05"])?;
    assert!(code == 0 && printed.starts_with("# R05"), "{printed}");
    let (code, _, message) = run(["explain", "R99"])?;
    assert!(code == 1 && message.contains("R99") && message.contains("R05") && message.contains("V02"), "{message}");
    let out = arg(&demo().out.join("report"));
    let advice = demo().table("advice")?;
    let (ids, codes) = (advice.ids("customer_id")?, advice.ids("code")?);
    let (verdicts, alone) = (advice.ids("verdict")?, advice.reals("saving_alone")?);
    let physical = [("kwh_saved", "kWh"), ("kwh_shifted", "kWh"), ("kw_reduced", "kW")];
    let mut seen = std::collections::BTreeSet::new();
    for row in (0..advice.len()).filter(|r| verdicts[*r] == "advise") {
        if !seen.insert(codes[row].clone()) {
            continue;
        }
        let (code, printed, message) = run(["explain", &out, &ids[row], &codes[row]])?;
        assert_eq!(code, 0, "{message}");
        if let Some(saving) = alone[row] {
            assert!(printed.contains(&format!("{saving:.2}")), "{printed} does not say {saving:.2}");
        }
        for (column, unit) in physical {
            let Some(figure) = advice.reals(column)?[row].filter(|_| alone[row].is_some()) else { continue };
            let shown = format!(" {} {unit}", (figure * 1e3).round() / 1e3);
            assert!(printed.replace(',', "").contains(&shown), "{printed} does not derive{shown}");
        }
    }
    assert!(seen.len() >= 4, "the demonstration advises only {seen:?}");
    let (code, _, message) = run(["explain", &out, "nobody", "R05"])?;
    assert!(code == 1 && message.contains("nobody"), "{message}");
    let (code, _, message) = run(["explain", "no/such/dir", "x", "R05"])?;
    assert!(code == 1 && message.contains("no/such/dir"), "{message}");
    Ok(())
}

#[test]
fn help_has_examples_and_completions_exist_for_every_shell() -> Outcome {
    for command in ["analyze", "check", "synth", "explain", "completions"] {
        let (code, printed, _) = run([command, "--help"])?;
        assert!(
            code == 0 && printed.contains("Example") && printed.contains(&format!("peakwise {command}")),
            "{printed}"
        );
        assert!(!printed.contains('\u{1b}'), "escape codes when piped: {printed:?}");
    }
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (code, printed, _) = run(["completions", shell])?;
        assert!(code == 0 && printed.contains("analyze"), "{shell}: {printed}");
    }
    Ok(())
}

#[test]
fn check_tells_the_form_and_a_closed_pipe_is_no_error() -> Outcome {
    let place = Place::new()?;
    let (code, printed, _) = run(["check", &arg(&place.readings)])?;
    assert!(code == 0 && printed.contains("576 rows") && printed.contains("2 meters"), "{printed}");
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_peakwise"))
        .args(["completions", "zsh"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()?;
    drop(child.stdout.take());
    let ended = child.wait_with_output()?;
    let message = String::from_utf8(ended.stderr)?;
    assert!(ended.status.success() && message.is_empty(), "{:?}: {message}", ended.status);
    Ok(())
}

#[test]
fn synthetic_fleets_can_be_made_and_a_used_directory_is_refused() -> Outcome {
    let dir = tempfile::tempdir()?;
    let out = arg(&dir.path().join("fleet"));
    let arguments = ["synth", &out, "--customers", "2", "--days", "3"];
    let (code, printed, message) = run(arguments)?;
    assert!(code == 0 && printed.starts_with("2 customers"), "{printed}{message}");
    let (code, _, message) = run(arguments)?;
    assert!(code == 1 && message.contains("not empty"), "{message}");
    peakwise(["synth", &out, "--layout", "spiral"])
        .assert()
        .code(1)
        .stderr(predicates::str::contains("long, monthly, daily, wide"));
    Ok(())
}

#[test]
fn the_demonstration_says_where_its_pages_are_and_the_five_best_pieces_of_advice() {
    let printed = &demo().printed;
    assert!(printed.contains("32 customers: "), "{printed}");
    let page = demo().out.join("report/index.html");
    assert!(printed.contains(&format!("Fleet page: {}", page.display())) && page.exists(), "{printed}");
    for rank in 1..=5 {
        assert!(printed.lines().any(|l| l.trim_start().starts_with(&format!("{rank} "))), "{printed}");
    }
    // The demonstration has an investment that saves more than the fourth of these: what is promised comes first.
    let best =
        printed.lines().filter(|l| l.trim_start().starts_with(|c: char| ('1'..='5').contains(&c)) && l.contains("CNY"));
    assert!(best.clone().count() == 5 && best.clone().all(|l| !l.contains("asks for investment")), "{printed}");
    assert!(!printed.contains('\u{1b}'), "escape codes when piped");
}

#[test]
fn customers_may_label_clock_changes_differently() {
    // The spring day of Berlin, hourly: one source leaves 02:00 out, the other gives every date 24 hours.
    let dir = tempfile::tempdir().unwrap();
    let table = dir.path().join("customers.csv");
    std::fs::write(&table, "customer_id,tz,dst_labels\nwall,Europe/Berlin,\nstandard,Europe/Berlin,none\n").unwrap();
    let first = 1_459_036_800i64; // 2016-03-27 00:00 on the wall
    let mut rows: Vec<(&str, i64)> = Vec::new();
    rows.extend((0..24).filter(|h| *h != 2).map(|h| ("wall", first + h * 3600)));
    rows.extend((0..24).map(|h| ("standard", first + h * 3600)));
    let ids = arrow::array::StringArray::from_iter_values(rows.iter().map(|r| r.0));
    let stamps = arrow::array::TimestampMillisecondArray::from_iter_values(rows.iter().map(|r| r.1 * 1000));
    let kw = arrow::array::Float64Array::from(vec![1.0; rows.len()]);
    let columns: Vec<(&str, arrow::array::ArrayRef)> = vec![
        ("customer_id", std::sync::Arc::new(ids)),
        ("ts", std::sync::Arc::new(stamps)),
        ("kw", std::sync::Arc::new(kw)),
    ];
    let batch = arrow::array::RecordBatch::try_from_iter(columns).unwrap();
    let file = dir.path().join("readings.parquet");
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(std::fs::File::create(&file).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let out = dir.path().join("out");
    assert_cmd::Command::cargo_bin("peakwise")
        .unwrap()
        .args(["analyze", "-q", "--format", "none", "--tables", "customers"])
        .arg(&file)
        .arg("--customers")
        .arg(&table)
        .arg("--out")
        .arg(&out)
        .assert()
        .success();
    let file = std::fs::File::open(out.join("tables/customers.parquet")).unwrap();
    let mut reader =
        parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let batch = reader.next().unwrap().unwrap();
    let count = |name: &str| {
        use arrow::array::AsArray;
        let column = batch.column_by_name(name).unwrap().as_primitive::<arrow::datatypes::Int32Type>();
        column.values().to_vec()
    };
    assert_eq!(count("n_expected"), [24, 23], "standard, wall");
    assert_eq!(count("n_valid"), [24, 23]);
}

#[test]
fn a_decoder_that_breaks_is_an_error_and_no_panic_on_the_terminal() -> Outcome {
    let place = Place::new()?;
    let ids: Vec<String> = (0..300).map(|i| format!("customer {}", i / 150)).collect();
    let ts: Vec<i64> = (0..300).map(|i| 1_735_689_600_000_000 + (i % 150) * 900_000_000).collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("customer_id", Arc::new(StringArray::from(ids))),
        ("ts", Arc::new(TimestampMicrosecondArray::from(ts))),
        ("kw", Arc::new(Float64Array::from(vec![5.0; 300]))),
    ];
    let batch = RecordBatch::try_from_iter(columns)?;
    let properties = parquet::file::properties::WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_column_encoding("customer_id".into(), parquet::basic::Encoding::DELTA_BYTE_ARRAY)
        .build();
    let mut good = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut good, batch.schema(), Some(properties))?;
    writer.write(&batch)?;
    writer.close()?;
    // Damage after damage until the decoder breaks; which byte does it is the decoder's affair.
    for at in 30..200 {
        let mut bytes = good.clone();
        bytes[at] = 127;
        fs::write(&place.readings, bytes)?;
        let (code, _, err) = run(["check".to_owned(), arg(&place.readings)])?;
        assert!(!err.contains("panicked"), "{err}");
        if err.contains("cannot be decoded") {
            assert_eq!(code, 1);
            assert!(err.contains("row group 0, column customer_id cannot be decoded"), "{err}");
            return Ok(());
        }
    }
    panic!("no damage broke the decoder");
}

use super::*;
use crate::customer::{BillingMode, EventKind, MarketStatus, MeterRole, Sector, UnitState};
use crate::time::Date;
use crate::units::Kw;
use arrow::array::{ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;

struct Files(tempfile::TempDir);

#[expect(clippy::unnecessary_wraps, reason = "as optional as in RegisterPaths")]
impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
    fn put(&self, name: &str, text: &str) -> Option<PathBuf> {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        Some(path)
    }
    fn parquet(&self, name: &str, columns: Vec<(&str, ArrayRef)>) -> Option<PathBuf> {
        let path = self.0.path().join(name);
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut writer = ArrowWriter::try_new(std::fs::File::create(&path).unwrap(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        Some(path)
    }
}

fn message(paths: &RegisterPaths) -> String {
    Register::load(paths).map_or_else(|e| e.to_string(), |_| "no error".into())
}

#[test]
fn a_chinese_customers_file() -> Result<()> {
    let files = Files::new();
    let customers = files.put(
        "c.csv",
        "\u{feff}户号,用户名称,行业,电压等级,合同容量,计费方式,功率因数标准,购电方式,抄表例日,时区\n\
         0012,某机械厂,机械加工,交流10kV,1250,需量,0.9,代理购电,20,Asia/Shanghai\n\
         0013,,,380V,,,,,,unknown\n",
    );
    let (register, notes) = Register::load(&RegisterPaths { customers, ..RegisterPaths::default() })?;
    let c = register.customer(&"0012".into());
    assert_eq!(c.sector, Some(Sector::DiscreteManufacturing));
    assert_eq!(c.contract.billing_mode, Some(BillingMode::Demand));
    assert_eq!(c.contract.market_status, Some(MarketStatus::Agency));
    assert_eq!((c.contract.voltage_kv, c.contract.reading_day), (Some(10.0), 20));
    let d = register.customer(&"0013".into());
    assert_eq!(
        (d.tz.as_ref(), d.contract.voltage_kv, d.contract.capacity, d.contract.reading_day),
        (None, Some(0.38), None, 1)
    );
    assert!(notes.is_empty(), "{notes:?}");
    assert_eq!(register.customer(&"other".into()), Customer::unknown("other".into()).into());
    Ok(())
}

#[test]
fn parquet_gives_the_same_as_csv() -> Result<()> {
    let files = Files::new();
    let csv = files.put("c.csv", "customer_id,capacity_kva,pf_standard\n101,630,0.85\n102,,\n");
    let parquet = files.parquet(
        "c.parquet",
        vec![
            ("customer_id", Arc::new(Int64Array::from(vec![101, 102]))),
            ("capacity_kva", Arc::new(Float64Array::from(vec![Some(630.0), None]))),
            ("pf_standard", Arc::new(Float64Array::from(vec![0.85, f64::NAN]))),
        ],
    );
    let load = |customers| Register::load(&RegisterPaths { customers, ..RegisterPaths::default() });
    assert_eq!(load(csv)?.0, load(parquet)?.0);
    let calendar = files.parquet(
        "k.parquet",
        vec![
            ("date", Arc::new(Date32Array::from(vec![20_454]))),
            ("kind", Arc::new(StringArray::from(vec!["holiday"]))),
        ],
    );
    let (register, _) = Register::load(&RegisterPaths { calendar, ..RegisterPaths::default() })?;
    let kind = register.calendar.map(|c| c.kind(Date(20_454)));
    assert_eq!(kind, Some(crate::time::DayKind::Holiday));
    Ok(())
}

#[test]
fn wrong_customers_are_named_with_their_cure() {
    let files = Files::new();
    for (rows, expected) in [
        ("a,630,0.9\na,630,0.9", "row 3, column customer_id: customer \"a\" is there twice; the other is row 2"),
        ("a,0,0.9", "row 2, column capacity_kva: 0 must be above 0"),
        ("a,630,0.92", "row 2, column pf_standard: 0.92 is no power-factor standard; write 0.80, 0.85 or 0.90"),
        (",630,0.9", "row 2, column customer_id: the id is empty"),
    ] {
        let customers = files.put("c.csv", &format!("customer_id,capacity_kva,pf_standard\n{rows}\n"));
        let message = message(&RegisterPaths { customers, ..RegisterPaths::default() });
        assert!(message.contains(expected), "{message}");
    }
    let customers = files.put("c.csv", "name\nx\n");
    assert!(message(&RegisterPaths { customers, ..RegisterPaths::default() }).contains("no column \"customer_id\""));
}

#[test]
fn a_meter_is_no_customer_when_meters_are_given() {
    let files = Files::new();
    let customers = files.put("c.csv", "meter_id,name\nm1,x\n");
    let alone = RegisterPaths { customers: customers.clone(), ..RegisterPaths::default() };
    assert_eq!(message(&alone), "no error");
    let meters = files.put("m.csv", "meter_id,customer_id\nm1,a\n");
    assert!(message(&RegisterPaths { customers, meters, ..alone }).contains("no column \"customer_id\""));
}

#[test]
fn meters_with_ratios_roles_and_a_change_of_meter() -> Result<()> {
    let files = Files::new();
    let meters = files.put(
        "m.csv",
        "meter_id,customer_id,role,multiplier,ct_ratio,pt_ratio,valid_from,valid_to,values_multiplied\n\
         m1,a,main,,600/5,10000/100,,2026-01-15,no\n\
         m2,a,主表,3000,,,2026-01-15,,是\n\
         m1,b,check,,,,2026-02-01,,\n",
    );
    let (register, notes) = Register::load(&RegisterPaths { meters, ..RegisterPaths::default() })?;
    let a = register.meters_of(&"a".into());
    assert_eq!(a.iter().map(|m| m.multiplier).collect::<Vec<_>>(), [12_000.0, 3000.0]);
    assert_eq!(a.iter().map(|m| m.values_multiplied).collect::<Vec<_>>(), [false, true]);
    assert_eq!(&*a[0].supply_point, "a");
    assert_eq!(register.meters_of(&"b".into())[0].role, MeterRole::Check);
    assert_eq!(register.customers.len(), 2);
    assert_eq!(notes.len(), 1, "{notes:?}");
    let meters = files.put("m.csv", "meter_id,customer_id,valid_to\nm1,a,2026-02-01\nm1,b,\n");
    let e = message(&RegisterPaths { meters, ..RegisterPaths::default() });
    assert!(e.contains("row 3") && e.contains("the other is row 2"), "{e}");
    let meters = files.put("m.csv", "meter_id,customer_id,multiplier,ct_ratio,pt_ratio\nm1,a,100,120,1\n");
    assert!(message(&RegisterPaths { meters, ..RegisterPaths::default() }).contains("100 is not ct_ratio"));
    Ok(())
}

#[test]
fn a_meter_is_changed_on_a_date_or_at_a_time() -> Result<()> {
    let files = Files::new();
    let of = |rows: &str| files.put("m.csv", &format!("meter_id,customer_id,valid_from,valid_to\n{rows}"));
    let meters = of("m1,a,,2026-01-20 12:00\nm2,a,2026-01-20T12:00:00,2026/1/31\nm2,b,2026-01-31,\n");
    let (register, _) = Register::load(&RegisterPaths { meters, ..RegisterPaths::default() })?;
    let noon = i64::from("2026-01-20".parse::<Date>()?.0) * 86_400 + 43_200;
    let last = i64::from("2026-01-31".parse::<Date>()?.0) * 86_400;
    let spans: Vec<_> = register.meters.iter().map(|(m, _)| (m.valid.from, m.valid.to)).collect();
    assert_eq!(spans, [(None, Some(noon)), (Some(noon), Some(last)), (Some(last), None)]);
    assert!(register.meters[1].0.valid.contains(noon) && !register.meters[0].0.valid.contains(noon));
    for (rows, says) in [
        ("m1,a,2026-01-20 12:00,2026-01-20 08:00\n", "2026-01-20 08:00 is not after valid_from 2026-01-20 12:00"),
        ("m1,a,,2026-01-20 12:00\nm1,b,2026-01-20 11:00,\n", "the other is row 2"),
        ("m1,a,noon,\n", "\"noon\" is not a date or time"),
    ] {
        let meters = of(rows);
        let e = message(&RegisterPaths { meters, ..RegisterPaths::default() });
        assert!(e.contains(says), "{e}");
    }
    Ok(())
}

#[test]
fn transformers_events_and_registers_join_their_customers() -> Result<()> {
    let files = Files::new();
    let paths = RegisterPaths {
        customers: files.put("c.csv", "customer_id,industry\na,unheard of\n"),
        transformers: files
            .put("t.csv", "customer_id,unit,kva,state,p0_kw\na,#1,630,运行,0.8\na,#2,630,hot standby,\nz,,400,,\n"),
        events: files.put(
            "e.csv",
            "customer_id,from,to,kind,note\n\
             a,2026-05-02,2026-05-04,own rest day,\n\
             a,2026-05-01 08:00,2026-05-01 10:30,outage,feeder\n",
        ),
        registers: files.put(
            "r.csv",
            "meter_id,read_at,total_kwh,max_demand_kw\n\
             m,2026-02-01,20,\nm,2026-01-01,10,3.5\nm,2026-01-01,10,3.5\n",
        ),
        ..RegisterPaths::default()
    };
    let (register, notes) = Register::load(&paths)?;
    let a = register.customer(&"a".into());
    assert_eq!(a.transformers.iter().map(|t| t.state).collect::<Vec<_>>(), [UnitState::Running, UnitState::HotStandby]);
    assert_eq!(register.customer(&"z".into()).transformers[0].unit, "#1");
    assert_eq!(a.events.iter().map(|e| e.kind).collect::<Vec<_>>(), [EventKind::Outage, EventKind::OwnRestDay]);
    assert_eq!(a.events[0].dates, "2026-05-01".parse()?.."2026-05-02".parse()?);
    assert_eq!(a.events[0].local().end - a.events[0].local().start, 9000);
    assert_eq!(a.own_rest_days().len(), 1);
    let totals: Vec<_> = register.registers["m"].iter().map(|r| r.total_kwh).collect();
    assert_eq!(totals, [Some(10.0), Some(20.0)]);
    assert_eq!(notes.len(), 2, "unmapped industry and a customer that is not listed: {notes:?}");
    let events = files.put("e.csv", "customer_id,from,to,kind\na,2026-05-01,2026-05-01,outage\n");
    assert!(message(&RegisterPaths { events, ..RegisterPaths::default() }).contains("is not after `from`"));
    Ok(())
}

#[test]
fn contract_demands_come_by_month() -> Result<()> {
    let files = Files::new();
    let load = |text: &str| {
        let contracts = files.put("k.csv", text);
        Register::load(&RegisterPaths { contracts, ..RegisterPaths::default() })
    };
    let (register, _) = load("customer_id,month,contract_demand_kw\na,2026-01,600\na,2026-02,800\n")?;
    let contract = &register.customer(&"a".into()).contract;
    let at = |date: &str| date.parse().map(|d| contract.contract_demand_in(crate::time::Month::of(d)).map(Kw::get));
    assert_eq!((at("2026-02-01")?, at("2026-03-01")?), (Some(800.0), None));
    let message = |text| load(text).map_or_else(|e| e.to_string(), |_| "no error".into());
    assert!(message("customer_id,month,contract_demand_kw\na,01/2026,600\n").contains("write it as 2026-01"));
    let twice = message("customer_id,month,contract_demand_kw\na,2026-01,600\na,2026-01,700\n");
    assert!(twice.contains("2026-01 is there twice with another value"), "{twice}");
    Ok(())
}

#[test]
fn real_customer_files_load() -> Result<()> {
    let Some(data) = std::env::var_os("PEAKWISE_DATA").map(PathBuf::from) else { return Ok(()) };
    for (set, n) in [("bdg2", 96), ("simbench_de", 60), ("steel_kr", 1), ("nmecr_school", 1)] {
        let customers = Some(data.join(set).join("customers.csv"));
        let (register, _) = Register::load(&RegisterPaths { customers, ..RegisterPaths::default() })?;
        assert_eq!(register.customers.len(), n, "{set}");
    }
    Ok(())
}

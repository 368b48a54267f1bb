//! Tables of the fleet: written once, when every customer has been analysed. They are internal.

use super::advice::tier_name;
use super::column::{Kind, batch, count, flag, maybe_count, maybe_day, maybe_flag, owned, real, text};
use crate::error::{Error, Result};
use crate::portfolio::{HOURS, Portfolio};
use crate::time::{Date, DayKind};
use crate::units::{Kw, Kwh, Money};
use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// A line of the manager's list: one recommendation or question of one customer.
#[derive(Debug, Clone, PartialEq)]
pub struct VisitLine {
    /// The customer, as an index into the portfolio.
    pub customer: usize,
    /// The recommendation, as an index into its offers; `None` is a question about its load.
    pub offer: Option<usize>,
    /// What to say in one line, in English and in Chinese.
    pub say: [String; 2],
    /// The last day to apply.
    pub apply_by: Option<Date>,
}

/// What the fleet's tables are made of.
#[derive(Debug, Clone, Copy)]
pub struct FleetRows<'a> {
    /// The judged fleet.
    pub portfolio: &'a Portfolio,
    /// The manager's list, in its order.
    pub visits: &'a [VisitLine],
}

/// A table of the fleet.
pub trait FleetTable: Sync {
    /// File stem in `tables/`, and the name in `--tables`.
    fn name(&self) -> &'static str;
    /// Columns in order.
    fn schema(&self) -> SchemaRef;
    /// All rows.
    ///
    /// # Errors
    /// When a value does not fit its column.
    fn rows(&self, fleet: FleetRows<'_>) -> Result<RecordBatch>;
}

/// All tables of the fleet, in the order of the contract.
pub static FLEET_TABLES: &[&dyn FleetTable] = &[&Standings, &Visits, &FleetHours];

/// Writes a table into the directory of tables.
///
/// # Errors
/// When a value does not fit or the file cannot be written.
pub fn write_fleet_table(dir: &Path, table: &dyn FleetTable, fleet: FleetRows<'_>) -> Result<()> {
    let path = dir.join(format!("{}.parquet", table.name()));
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1).unwrap_or_default()))
        .set_created_by(concat!("peakwise ", env!("CARGO_PKG_VERSION")).to_owned())
        .build();
    let file = File::create(&path).map_err(Error::io(&path))?;
    let mut writer = ArrowWriter::try_new(file, table.schema(), Some(properties)).map_err(Error::parquet(&path))?;
    writer.write(&table.rows(fleet)?).map_err(Error::parquet(&path))?;
    writer.close().map_err(Error::parquet(&path))?;
    Ok(())
}

fn nullable(columns: &[(&str, Kind)]) -> SchemaRef {
    // The first column of these tables is no key.
    let fields = super::column::schema(columns);
    Arc::new(Schema::new(
        fields.fields().iter().map(|f| f.as_ref().clone().with_nullable(true)).collect::<Vec<Field>>(),
    ))
}

/// `portfolio`: a customer's standing.
struct Standings;

impl FleetTable for Standings {
    fn name(&self) -> &'static str {
        "portfolio"
    }

    fn schema(&self) -> SchemaRef {
        super::column::schema(&[
            ("customer_id", Kind::Text),
            ("name", Kind::Text),
            ("manager", Kind::Text),
            ("large", Kind::Flag),
            ("large_by", Kind::Text),
            ("kwh_year", Kind::Real),
            ("revenue", Kind::Real),
            ("currency", Kind::Text),
            ("revenue_share", Kind::Real),
            ("pareto_share", Kind::Real),
            ("pattern", Kind::Text),
            ("cluster", Kind::Count),
            ("cluster_pattern", Kind::Text),
            ("value_score", Kind::Real),
            ("risk_score", Kind::Real),
            ("grade", Kind::Text),
            ("drivers", Kind::Text),
            ("peak_kw", Kind::Real),
            ("coincidence", Kind::Real),
            ("peak_share", Kind::Real),
            ("flexible_kw", Kind::Real),
            ("saving_offered", Kind::Real),
            ("work_hours", Kind::Real),
            ("work_cost", Kind::Real),
            ("delivered_value", Kind::Real),
            ("saving_per_hour", Kind::Real),
            ("visit_order", Kind::Count),
            ("recent_share", Kind::Real),
            ("question", Kind::Flag),
        ])
    }

    fn rows(&self, fleet: FleetRows<'_>) -> Result<RecordBatch> {
        let p = fleet.portfolio;
        let (f, s) = (|| p.facts.iter(), || p.standings.iter());
        let clusters = || (0..p.facts.len()).map(|i| p.cluster(i));
        batch(
            &self.schema(),
            &[
                text(f().map(|f| Some(f.id.as_ref()))),
                text(f().map(|f| f.name.as_deref())),
                text(f().map(|f| f.manager.as_deref())),
                maybe_flag(s().map(|s| s.large)),
                owned(s().map(|s| Some(s.large_by.join(",")).filter(|l| !l.is_empty()))),
                real(f().map(|f| f.kwh_year.map(Kwh::get))),
                real(f().map(|f| f.revenue.map(Money::to_f64))),
                text(f().map(|f| f.currency.as_deref())),
                real(s().map(|s| s.revenue_share)),
                real(s().map(|s| s.pareto_share)),
                text(f().map(|f| Some(f.pattern.name()))),
                maybe_count(clusters().map(|c| c.map(|c| c.number))),
                owned(clusters().map(|c| c.map(crate::portfolio::Cluster::word))),
                real(s().map(|s| s.score.value)),
                real(s().map(|s| s.score.risk)),
                text(s().map(|s| s.score.grade.map(crate::portfolio::Grade::name))),
                owned(s().map(|s| serde_json::to_string(&s.score.drivers).ok())),
                real(s().map(|s| s.peak_kw.map(Kw::get))),
                real(s().map(|s| s.coincidence)),
                real(s().map(|s| s.peak_share)),
                real(f().map(|f| Some(f.typical.most_flexible_kw()))),
                real(s().map(|s| s.effort.saving)),
                real(s().map(|s| s.effort.hours)),
                real(s().map(|s| s.effort.cost)),
                real(s().map(|s| s.effort.delivered())),
                real(s().map(|s| s.effort.saving_per_hour())),
                maybe_count(s().map(|s| s.visit_order)),
                real(f().map(|f| f.collapse.share)),
                flag(s().map(|s| s.asked)),
            ],
        )
    }
}

/// `visits`: the manager's list.
struct Visits;

impl FleetTable for Visits {
    fn name(&self) -> &'static str {
        "visits"
    }

    fn schema(&self) -> SchemaRef {
        nullable(&[
            ("manager", Kind::Text),
            ("customer_id", Kind::Text),
            ("name", Kind::Text),
            ("visit_order", Kind::Count),
            ("kind", Kind::Text),
            ("advice_id", Kind::Text),
            ("code", Kind::Text),
            ("tier", Kind::Text),
            ("saving_low", Kind::Real),
            ("saving_high", Kind::Real),
            ("currency", Kind::Text),
            ("say_en", Kind::Text),
            ("say_zh", Kind::Text),
            ("apply_by", Kind::Day),
        ])
    }

    fn rows(&self, fleet: FleetRows<'_>) -> Result<RecordBatch> {
        let p = fleet.portfolio;
        let v = || fleet.visits.iter();
        let facts = || v().map(|v| &p.facts[v.customer]);
        let offers = || v().map(|v| v.offer.and_then(|o| p.facts[v.customer].offers.get(o)));
        let range = |of: fn((Money, Money)) -> Money| real(offers().map(move |o| o?.range.map(of).map(Money::to_f64)));
        batch(
            &self.schema(),
            &[
                text(facts().map(|f| f.manager.as_deref())),
                text(facts().map(|f| Some(f.id.as_ref()))),
                text(facts().map(|f| f.name.as_deref())),
                maybe_count(v().map(|v| p.standings[v.customer].visit_order)),
                text(v().map(|v| Some(if v.offer.is_some() { "advice" } else { "question" }))),
                text(offers().map(|o| o.map(|o| o.advice_id.as_ref()))),
                text(offers().map(|o| o.map(|o| o.code))),
                text(offers().map(|o| o.map(|o| tier_name(o.tier)))),
                range(|r| r.0),
                range(|r| r.1),
                text(facts().map(|f| f.currency.as_deref())),
                text(v().map(|v| Some(v.say[0].as_str()))),
                text(v().map(|v| Some(v.say[1].as_str()))),
                maybe_day(v().map(|v| v.apply_by)),
            ],
        )
    }
}

/// `fleet_hours`: the fleet's typical days.
struct FleetHours;

impl FleetTable for FleetHours {
    fn name(&self) -> &'static str {
        "fleet_hours"
    }

    fn schema(&self) -> SchemaRef {
        nullable(&[
            ("day_kind", Kind::Text),
            ("season", Kind::Text),
            ("hour", Kind::Count),
            ("customers", Kind::Count),
            ("kw", Kind::Real),
            ("peak", Kind::Flag),
            ("flexible_kw", Kind::Real),
        ])
    }

    fn rows(&self, fleet: FleetRows<'_>) -> Result<RecordBatch> {
        let curve = &fleet.portfolio.curve;
        let hours = || curve.hours.iter();
        // Known of working days alone, all seasons together.
        let flexible = |h: &crate::portfolio::FleetHour| {
            (h.day_kind == DayKind::Workday).then(|| curve.flexible_kw[h.hour.min(HOURS - 1)])
        };
        batch(
            &self.schema(),
            &[
                text(hours().map(|h| Some(h.day_kind.name()))),
                text(hours().map(|h| Some(h.season.name()))),
                count(hours().map(|h| h.hour)),
                count(hours().map(|h| h.customers)),
                real(hours().map(|h| Some(h.kw))),
                flag((0..curve.hours.len()).map(|i| curve.peak == Some(i))),
                real(hours().map(flexible)),
            ],
        )
    }
}

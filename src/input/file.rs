//! One readings file: its footer, its shape, and which column is what.

use super::columns::{Assigned, Channel, Role, assign, partition_role, role_name};
use super::discover::SourceFile;
use super::options::InputOptions;
use crate::error::{Error, Result};
use crate::text::{said, say};
use crate::time::{Date, Interval};
use arrow::datatypes::{DataType, Schema, TimeUnit};
use parquet::arrow::parquet_to_arrow_schema;
use parquet::basic::Type as Physical;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use parquet::schema::types::SchemaDescriptor;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

/// Where one kind of id comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum IdPart {
    /// A leaf column.
    Column(usize),
    /// The same for the whole file: a hive partition.
    Constant(Arc<str>),
}

/// Where ids come from.
#[derive(Debug, Clone, PartialEq)]
pub enum IdSource {
    /// One id.
    One(IdPart),
    /// Customer and meter.
    Pair(IdPart, IdPart),
}

impl IdSource {
    /// The leaf columns that hold ids.
    pub fn leaves(&self) -> impl Iterator<Item = usize> + '_ {
        let (first, second) = match self {
            Self::One(part) => (part, None),
            Self::Pair(customer, meter) => (customer, Some(meter)),
        };
        std::iter::once(first).chain(second).filter_map(|part| match part {
            IdPart::Column(leaf) => Some(*leaf),
            IdPart::Constant(_) => None,
        })
    }
}

/// Where instants or dates come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StampSource {
    /// Stored as a count since the epoch: leaf and counts per second; `utc` when the file states a
    /// zone.
    Ticks {
        /// Leaf column.
        leaf: usize,
        /// 1, 1,000, 10⁶ or 10⁹.
        per_second: i64,
        /// Instants rather than wall-clock labels.
        utc: bool,
    },
    /// Any other type, converted row by row: text, INT96, DATE.
    Converted {
        /// Leaf column.
        leaf: usize,
    },
    /// The date of a hive partition.
    Partition(Date),
}

/// A quantity's column or columns: one for long, one per point for wide.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelColumns {
    /// What it is.
    pub channel: Channel,
    /// Leaf columns in the order of points.
    pub leaves: Vec<usize>,
}

/// A column that is not read because another holds the same quantity, one as power, one as energy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Twin {
    /// What is read, and its leaf column.
    pub read: (Channel, usize),
    /// What is not.
    pub left: (Channel, usize),
}

/// An opened readings file.
#[derive(Debug)]
pub struct ReadingsFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its footer.
    pub metadata: Arc<ParquetMetaData>,
    /// Arrow's view of the columns.
    pub schema: Arc<Schema>,
    /// Values in a row: 1 long, else points of a day.
    pub points: usize,
    /// Ids.
    pub id: IdSource,
    /// Whose id it is where there is one: a customer's or a meter's.
    pub id_role: Role,
    /// Instants.
    pub stamp: StampSource,
    /// Quantities to read.
    pub channels: Vec<ChannelColumns>,
    /// Quantities left out because the same is read as power or as energy: leaf and what is read instead.
    pub twins: Vec<Twin>,
    /// Column that tells what a row holds: active, reactive, export.
    pub kind: Option<usize>,
    /// Column of CT × PT.
    pub multiplier: Option<usize>,
    /// Rows in all.
    pub rows: u64,
}

impl ReadingsFile {
    /// Reads the footer and finds the columns.
    ///
    /// # Errors
    /// When the file is no Parquet, or lacks an id, an instant or a quantity.
    pub fn open(source: &SourceFile, options: &InputOptions) -> Result<Self> {
        let path = &source.path;
        let file = File::open(path).map_err(Error::io(path))?;
        let metadata = ParquetMetaDataReader::new()
            .parse_and_finish(&file)
            .map_err(|e| Error::Parquet { path: path.clone(), what: say("readings.incomplete", &[("detail", &e)]) })?;
        let descr = metadata.file_metadata().schema_descr();
        let schema = parquet_to_arrow_schema(descr, None).map_err(Error::parquet(path))?;
        let leaves: Vec<(usize, &str)> = (0..descr.num_columns())
            .filter(|i| descr.column(*i).path().parts().len() == 1)
            .map(|i| (i, descr.get_column_root(i).name()))
            .collect();
        let names: Vec<&str> = leaves.iter().map(|l| l.1).collect();
        let assigned = assign(path, &names, options)?;
        let found = Found { source, descr, leaves: &leaves, assigned: &assigned, options };
        let (points, channels, twins) = found.channels(options)?;
        let (id, id_role) = found.id(options)?;
        // Parquet has no type for stamps in seconds: only Arrow's own note of the schema tells them.
        let noted = parquet_to_arrow_schema(descr, metadata.file_metadata().key_value_metadata());
        let stamp = found.stamp(noted.as_ref().unwrap_or(&schema), points)?;
        let rows = u64::try_from(metadata.file_metadata().num_rows()).unwrap_or(0);
        // Several columns of long rows say themselves what they hold.
        let kind = found.role(Role::Kind).filter(|_| points > 1 || channels.len() == 1);
        Ok(Self {
            path: path.clone(),
            points,
            id,
            id_role,
            stamp,
            channels,
            twins,
            kind,
            multiplier: if options.values_multiplied { None } else { found.role(Role::Multiplier) },
            rows,
            schema: Arc::new(schema),
            metadata: Arc::new(metadata),
        })
    }

    /// The name of a leaf column.
    #[must_use]
    pub fn column_name(&self, leaf: usize) -> &str {
        self.metadata.file_metadata().schema_descr().get_column_root(leaf).name()
    }

    /// Interval length when the file's shape tells it.
    #[must_use]
    pub const fn interval(&self) -> Option<Interval> {
        Interval::from_points(self.points)
    }
}

/// What `assign` found, for picking.
/// Columns that an error names.
const NAMED: usize = 12;

struct Found<'a> {
    source: &'a SourceFile,
    descr: &'a SchemaDescriptor,
    leaves: &'a [(usize, &'a str)],
    assigned: &'a [Option<Assigned>],
    options: &'a InputOptions,
}

impl Found<'_> {
    fn role(&self, role: Role) -> Option<usize> {
        self.assigned.iter().position(|a| *a == Some(Assigned::Role(role))).map(|i| self.leaves[i].0)
    }

    fn error(&self, what: &str, role: &str) -> Error {
        let names: Vec<&str> = self.leaves.iter().map(|l| l.1).collect();
        let more = if names.len() > NAMED { ", …" } else { "" };
        let among = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ") + more;
        Error::Columns {
            path: self.source.path.clone(),
            what: say("readings.no_column", &[("what", &what), ("names", &among)]),
            cure: match self.options.columns.get(role).filter(|n| !names.contains(&n.as_str())) {
                Some(named) => say("readings.column_named", &[("role", &role), ("name", &named)]),
                None => say("readings.name_column", &[("role", &role)]),
            },
        }
    }

    fn partition(&self, roles: &[Role]) -> Option<&str> {
        let hit =
            self.source.partitions.iter().rev().find(|(k, _)| partition_role(k).is_some_and(|r| roles.contains(&r)));
        hit.map(|(_, v)| v.as_str())
    }

    fn id(&self, options: &InputOptions) -> Result<(IdSource, Role)> {
        let part = |role| {
            let column = self.role(role).map(IdPart::Column);
            column.or_else(|| self.partition(&[role]).map(|v| IdPart::Constant(v.into())))
        };
        match (part(Role::Customer), part(Role::Meter)) {
            (Some(_), Some(m)) if options.meters_given => Ok((IdSource::One(m), Role::Meter)),
            (Some(c), Some(m)) => Ok((IdSource::Pair(c, m), Role::Customer)),
            (Some(id), None) => Ok((IdSource::One(id), Role::Customer)),
            (None, Some(id)) => Ok((IdSource::One(id), Role::Meter)),
            (None, None) => Err(self.error(said("part.the_id"), role_name(Role::Customer))),
        }
    }

    fn stamp(&self, schema: &Schema, points: usize) -> Result<StampSource> {
        let (role, what) =
            if points > 1 { (Role::Date, said("part.the_date")) } else { (Role::Stamp, said("part.the_instant")) };
        let column = self.role(role).or_else(|| self.role(if points > 1 { Role::Stamp } else { Role::Date }));
        let Some(leaf) = column else {
            let date = self.partition(&[Role::Date, Role::Stamp]).filter(|_| points > 1);
            return date
                .map(str::parse)
                .transpose()?
                .map(StampSource::Partition)
                .ok_or_else(|| self.error(what, role_name(role)));
        };
        let name = self.leaves.iter().find(|l| l.0 == leaf).map_or("", |l| l.1);
        let kind = schema.field_with_name(name).map_err(Error::parquet(&self.source.path))?.data_type().clone();
        Ok(match kind {
            // INT96 also reads as nanoseconds, but is not stored as a count.
            DataType::Timestamp(unit, zone) if self.descr.column(leaf).physical_type() == Physical::INT64 => {
                StampSource::Ticks {
                    leaf,
                    per_second: match unit {
                        TimeUnit::Second => 1,
                        TimeUnit::Millisecond => 1_000,
                        TimeUnit::Microsecond => 1_000_000,
                        TimeUnit::Nanosecond => 1_000_000_000,
                    },
                    utc: zone.is_some(),
                }
            }
            _ => StampSource::Converted { leaf },
        })
    }

    fn channels(&self, options: &InputOptions) -> Result<(usize, Vec<ChannelColumns>, Vec<Twin>)> {
        let wanted = |c: Channel| options.reactive || !c.is_reactive();
        let mut points: Vec<(Channel, usize, usize)> = Vec::new();
        let mut single: Vec<(Channel, usize)> = Vec::new();
        for (a, (leaf, _)) in self.assigned.iter().zip(self.leaves) {
            match a {
                Some(Assigned::Point(p)) => points.push((p.channel, p.position, *leaf)),
                Some(Assigned::Role(Role::Value(c))) => single.push((*c, *leaf)),
                _ => {}
            }
        }
        // A lone P1 or V1 beside a power column is not a wide row.
        if points.len() >= 24 {
            let (n, columns) = self.wide(&mut points)?;
            return Ok((n, columns.into_iter().filter(|c| wanted(c.channel)).collect(), Vec::new()));
        }
        single.sort_unstable();
        let leaf_of = |c| single.iter().find(|s| s.0 == c).map(|s| s.1);
        // Power and energy of one quantity: the one that --column names, else power, unless that is a
        // sample and the energy is not.
        let prefer_energy = options.power_kind == crate::curve::PowerKind::Instant;
        let named = |c| options.columns.contains_key(role_name(Role::Value(c)));
        let (mut out, mut twins) = (Vec::new(), Vec::new());
        for (channel, leaf) in single.iter().copied().filter(|(c, _)| wanted(*c)) {
            let other = channel.twin();
            let chosen = match (named(channel), named(other)) {
                (a, b) if a != b => a,
                _ => channel.is_energy() == prefer_energy,
            };
            match leaf_of(other).filter(|_| !chosen) {
                Some(read) => twins.push(Twin { read: (other, read), left: (channel, leaf) }),
                None => out.push(ChannelColumns { channel, leaves: vec![leaf] }),
            }
        }
        if out.is_empty() {
            return Err(self.error(said("part.the_value"), "kw"));
        }
        Ok((1, out, twins))
    }

    fn wide(&self, points: &mut [(Channel, usize, usize)]) -> Result<(usize, Vec<ChannelColumns>)> {
        points.sort_unstable();
        let mut out: Vec<ChannelColumns> = Vec::new();
        for (channel, position, leaf) in points.iter().copied() {
            match out.last_mut() {
                Some(c) if c.channel == channel && c.leaves.len() == position => c.leaves.push(leaf),
                _ if position == 0 => out.push(ChannelColumns { channel, leaves: vec![leaf] }),
                _ => return Err(self.error(&say("part.the_point", &[("n", &position)]), "kw")),
            }
        }
        let n = out.first().map_or(0, |c| c.leaves.len());
        if Interval::from_points(n).is_none() || out.iter().any(|c| c.leaves.len() != n) {
            return Err(Error::Columns {
                path: self.source.path.clone(),
                what: say("readings.wide_points", &[("n", &n)]),
                cure: said("readings.wide_cure").into(),
            });
        }
        Ok((n, out))
    }
}

//! What the files look like: shape, columns, types, encodings, and how rows lie in row groups.

use crate::input::Readings;
use crate::input::columns::Channel;
use crate::input::file::{IdPart, IdSource, ReadingsFile, StampSource};
use crate::input::index::{GroupIndex, RowOrder};
use arrow::datatypes::{DataType, TimeUnit};
use parquet::basic::{Encoding, EncodingMask, Type as Physical};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Files that have the same columns of the same types.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Form {
    /// Files.
    pub files: usize,
    /// The first of them.
    pub first_file: String,
    /// Rows.
    pub rows: u64,
    /// Row groups.
    pub row_groups: usize,
    /// Rows of the smallest and of the greatest row group.
    pub group_rows: (u64, u64),
    /// `long` or `wide`.
    pub shape: &'static str,
    /// Values in a row: 1 long, else points of a day.
    pub points: usize,
    /// How customers lie in the rows.
    pub row_order: &'static str,
    /// How instants follow each other within a meter.
    pub time_order: String,
    /// Row groups that begin with the meter that the one before ends with.
    pub groups_cut: usize,
    /// Columns that are read: ids, instants, then quantities.
    pub columns: Vec<ColumnForm>,
}

/// A column that is read, or the point columns of one quantity.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ColumnForm {
    /// What it holds.
    pub role: String,
    /// Its name in the file, `P1…P96` for points.
    pub name: String,
    /// Its type.
    pub kind: String,
    /// Unit of its numbers, as they are understood.
    pub unit: Option<&'static str>,
    /// Encodings of its pages.
    pub encodings: Vec<&'static str>,
    /// Compression of its pages.
    pub compression: Vec<String>,
    /// Compressed bytes, all files and row groups.
    pub bytes: u64,
    /// Bytes when decompressed.
    pub bytes_plain: u64,
    /// Nulls, where the files' statistics tell.
    pub nulls: Option<u64>,
}

impl ColumnForm {
    /// Whether its pages are coded through a dictionary.
    #[must_use]
    pub fn dictionary(&self) -> bool {
        self.encodings.contains(&DICTIONARY)
    }
}

/// Name of the dictionary encoding.
const DICTIONARY: &str = "dictionary";

/// The forms of a data set, in the order of their first files, and the form of each file.
pub fn forms(readings: &Readings) -> (Vec<Form>, Vec<usize>) {
    let mut forms: Vec<Form> = Vec::new();
    let mut of_file = Vec::with_capacity(readings.files.len());
    let mut groups: Vec<&[GroupIndex]> = Vec::new();
    let mut rest = readings.index.groups.as_slice();
    for (i, _) in readings.files.iter().enumerate() {
        let n = rest.iter().take_while(|g| g.file == i).count();
        let (head, tail) = rest.split_at(n);
        groups.push(head);
        rest = tail;
    }
    for (file, groups) in readings.files.iter().zip(groups) {
        let form = form(file, groups, readings);
        let key = |f: &Form| -> Vec<(String, String, String)> {
            f.columns.iter().map(|c| (c.role.clone(), c.name.clone(), c.kind.clone())).collect()
        };
        if let Some(at) = forms.iter().position(|f| key(f) == key(&form) && f.row_order == form.row_order) {
            of_file.push(at);
            forms.iter_mut().skip(at).take(1).for_each(|f| f.add(form.clone()));
        } else {
            of_file.push(forms.len());
            forms.push(form);
        }
    }
    (forms, of_file)
}

impl Form {
    fn add(&mut self, other: Self) {
        self.files += other.files;
        self.rows += other.rows;
        self.row_groups += other.row_groups;
        self.groups_cut += other.groups_cut;
        self.group_rows = (self.group_rows.0.min(other.group_rows.0), self.group_rows.1.max(other.group_rows.1));
        for (a, b) in self.columns.iter_mut().zip(other.columns) {
            a.bytes += b.bytes;
            a.bytes_plain += b.bytes_plain;
            a.nulls = a.nulls.zip(b.nulls).map(|(a, b)| a + b);
            a.encodings = union(&a.encodings, &b.encodings);
            a.compression = union(&a.compression, &b.compression);
        }
    }
}

fn union<T: Ord + Clone>(a: &[T], b: &[T]) -> Vec<T> {
    a.iter().chain(b).cloned().collect::<BTreeSet<_>>().into_iter().collect()
}

fn form(file: &ReadingsFile, groups: &[GroupIndex], readings: &Readings) -> Form {
    let rows: Vec<u64> = file.metadata.row_groups().iter().map(|g| u64::try_from(g.num_rows()).unwrap_or(0)).collect();
    let interleaved = groups.iter().filter(|g| g.order.interleaves()).count();
    let ends = |g: &GroupIndex| match &g.order {
        RowOrder::Runs(runs) => Some((runs.first()?.meter, runs.last()?.meter)),
        RowOrder::Cycle(_) | RowOrder::Interleaved(_) => None,
    };
    let cut = |w: &[GroupIndex]| matches!(w, [a, b] if ends(a).zip(ends(b)).is_some_and(|(a, b)| a.1 == b.0));
    Form {
        files: 1,
        first_file: file.path.display().to_string(),
        rows: file.rows,
        row_groups: rows.len(),
        group_rows: (rows.iter().copied().min().unwrap_or(0), rows.iter().copied().max().unwrap_or(0)),
        shape: if file.points > 1 { "wide" } else { "long" },
        points: file.points,
        row_order: match &file.id {
            IdSource::One(IdPart::Constant(_)) => "one customer a folder",
            _ if interleaved * 2 > groups.len() => "customers interleaved",
            _ => "customer by customer",
        },
        time_order: String::new(),
        groups_cut: groups.windows(2).filter(|w| cut(w)).count(),
        columns: columns(file, readings),
    }
}

fn columns(file: &ReadingsFile, readings: &Readings) -> Vec<ColumnForm> {
    let mut out = Vec::new();
    let partition = |role: &str, value: String| ColumnForm {
        role: role.into(),
        name: value,
        kind: "folder name".into(),
        ..ColumnForm::default()
    };
    // Each folder is another customer: the name of one would split the form.
    let mut id = |role: &str, part: &IdPart| match part {
        IdPart::Column(leaf) => out.push(column(file, role, &[*leaf])),
        IdPart::Constant(_) => out.push(partition(role, "key=value".into())),
    };
    match &file.id {
        IdSource::One(part) => id("id", part),
        IdSource::Pair(customer, meter) => {
            id("customer id", customer);
            id("meter id", meter);
        }
    }
    let what = if file.points > 1 { "date" } else { "instant" };
    match file.stamp {
        StampSource::Ticks { leaf, .. } | StampSource::Converted { leaf } => out.push(column(file, what, &[leaf])),
        StampSource::Partition(_) => out.push(partition(what, "key=value".into())),
    }
    out.extend(file.kind.map(|leaf| column(file, "data kind", &[leaf])));
    out.extend(file.multiplier.map(|leaf| column(file, "multiplier", &[leaf])));
    for channel in &file.channels {
        let form = column(file, name(channel.channel), &channel.leaves);
        out.push(ColumnForm { unit: Some(unit(channel.channel, readings.options.scale.to_kilo())), ..form });
    }
    out
}

fn column(file: &ReadingsFile, role: &str, leaves: &[usize]) -> ColumnForm {
    let descr = file.metadata.file_metadata().schema_descr();
    let root = |leaf: &usize| descr.get_column_root(*leaf).name().to_owned();
    let name = match leaves {
        [first, .., last] => format!("{}…{}", root(first), root(last)),
        [only] => root(only),
        [] => String::new(),
    };
    let (mut encodings, mut compression) = (BTreeSet::new(), BTreeSet::new());
    let (mut bytes, mut bytes_plain, mut nulls) = (0, 0, Some(0));
    for chunk in file.metadata.row_groups().iter().flat_map(|g| leaves.iter().map(|leaf| g.column(*leaf))) {
        let pages = chunk.page_encoding_stats_mask().copied();
        encodings.extend(encoding_names(pages, *chunk.encodings_mask()));
        let codec = chunk.compression().to_string().to_lowercase();
        compression.insert(codec.split('(').next().unwrap_or_default().to_owned());
        bytes += u64::try_from(chunk.compressed_size()).unwrap_or(0);
        bytes_plain += u64::try_from(chunk.uncompressed_size()).unwrap_or(0);
        let here = chunk.statistics().and_then(parquet::file::statistics::Statistics::null_count_opt);
        nulls = nulls.zip(here).map(|(a, b)| a + b);
    }
    let kind = leaves.first().map_or_else(String::new, |leaf| {
        if descr.column(*leaf).physical_type() == Physical::INT96 {
            return "timestamp (INT96), naive".to_owned();
        }
        file.schema.field_with_name(&root(leaf)).map_or_else(|_| String::new(), |f| type_name(f.data_type()))
    });
    ColumnForm {
        role: role.into(),
        name,
        kind,
        unit: None,
        encodings: encodings.into_iter().collect(),
        compression: compression.into_iter().collect(),
        bytes,
        bytes_plain,
        nulls,
    }
}

/// Encodings of data pages where the file tells them apart, else of all pages: then levels (RLE) and
/// the dictionary's own page (plain) are left out.
fn encoding_names(pages: Option<EncodingMask>, all: EncodingMask) -> BTreeSet<&'static str> {
    let mask = pages.unwrap_or(all);
    let dictionary = mask.is_set(Encoding::RLE_DICTIONARY) || mask.all_set([Encoding::PLAIN_DICTIONARY].iter());
    let of_data = |e: &Encoding| match e {
        Encoding::RLE => pages.is_some() && !dictionary,
        Encoding::PLAIN => pages.is_some() || !dictionary,
        _ => true,
    };
    mask.encodings()
        .filter(of_data)
        .map(|e| match e {
            Encoding::PLAIN => "plain",
            Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY => DICTIONARY,
            Encoding::DELTA_BINARY_PACKED | Encoding::DELTA_LENGTH_BYTE_ARRAY | Encoding::DELTA_BYTE_ARRAY => "delta",
            Encoding::BYTE_STREAM_SPLIT => "byte stream split",
            _ => "rle",
        })
        .collect()
}

fn type_name(kind: &DataType) -> String {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text".into(),
        DataType::Dictionary(_, value) => format!("dictionary of {}", type_name(value)),
        DataType::Float64 => "double".into(),
        DataType::Float32 => "float".into(),
        DataType::Date32 | DataType::Date64 => "date".into(),
        DataType::Timestamp(unit, zone) => {
            let unit = match unit {
                TimeUnit::Second => "s",
                TimeUnit::Millisecond => "ms",
                TimeUnit::Microsecond => "us",
                TimeUnit::Nanosecond => "ns",
            };
            zone.as_ref()
                .map_or_else(|| format!("timestamp[{unit}], naive"), |z| format!("timestamp[{unit}], zone {z}"))
        }
        other => other.to_string().to_lowercase(),
    }
}

fn name(channel: Channel) -> &'static str {
    match channel {
        Channel::Kw => "active power",
        Channel::Kwh => "active energy",
        Channel::ExportKw => "export power",
        Channel::ExportKwh => "export energy",
        Channel::Kvar => "reactive power",
        Channel::KvarLead => "leading reactive power",
        Channel::Kvarh => "reactive energy",
        Channel::KvarhLead => "leading reactive energy",
    }
}

fn unit(channel: Channel, to_kilo: f64) -> &'static str {
    let units = match (channel.is_reactive(), channel.is_energy()) {
        (false, false) => ["W", "kW", "MW"],
        (false, true) => ["Wh", "kWh", "MWh"],
        (true, false) => ["var", "kvar", "Mvar"],
        (true, true) => ["varh", "kvarh", "Mvarh"],
    };
    units[if to_kilo < 1.0 { 0 } else { usize::from(to_kilo > 1.0) + 1 }]
}

/// How instants follow each other, from the steps ahead and back between a meter's rows by form.
pub fn time_order(ahead: u64, back: u64) -> String {
    match (ahead, back) {
        (0, 0) => "one row a meter".into(),
        (_, 0) => "oldest first".into(),
        (0, _) => "newest first".into(),
        (a, b) if a >= b => format!("oldest first, {b} of {} steps go back", a + b),
        (a, b) => format!("newest first, {a} of {} steps go ahead", a + b),
    }
}

/// Bytes that the readings take in memory when all customers are complete only at the end.
pub fn bytes_held(readings: &Readings) -> u64 {
    let per_file = |f: &ReadingsFile| {
        let values = f.channels.len() * f.points + 1;
        f.rows * (values * size_of::<f64>()) as u64
    };
    readings.files.iter().map(per_file).sum()
}

/// Meters by the number of row groups that hold them.
pub fn groups_by_meter(readings: &Readings) -> BTreeMap<usize, usize> {
    let mut groups = vec![0usize; readings.index.meters.len()];
    for group in &readings.index.groups {
        for meter in group.meters() {
            if let Some(n) = groups.get_mut(meter as usize) {
                *n += 1;
            }
        }
    }
    let mut out = BTreeMap::new();
    for n in groups {
        *out.entry(n).or_default() += 1;
    }
    out
}

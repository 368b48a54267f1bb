//! Which meters a data set has and where their rows are, from the id columns alone.

use super::decode::RowGroup;
use super::file::{IdPart, IdSource, ReadingsFile};
use super::guard::guarded;
use super::keys::{KeyRuns, add_run};
use crate::error::Result;
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// A meter as the readings name it; the customer only where the file has both columns.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MeterKey {
    /// The customer, when the readings say it.
    pub customer: Option<Arc<str>>,
    /// The metering point.
    pub meter: Arc<str>,
}

/// Consecutive rows of one meter in a row group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Index into [`Index::meters`].
    pub meter: u32,
    /// First row.
    pub start: u32,
    /// Rows.
    pub len: u32,
}

/// How meters lie in a row group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowOrder {
    /// Meter by meter.
    Runs(Vec<Run>),
    /// Interleaved: the meters present. Rows are sorted by meter when they are decoded.
    Interleaved(Vec<u32>),
}

/// One row group of the data set.
#[derive(Debug, Clone)]
pub struct GroupIndex {
    /// Index of the file.
    pub file: usize,
    /// Index of the row group in it.
    pub group: usize,
    /// Where its meters are.
    pub order: RowOrder,
}

impl GroupIndex {
    /// The meters in the order of their rows, some more than once; ascending where they interleave.
    pub fn in_order(&self) -> impl Iterator<Item = u32> + '_ {
        let (runs, present): (&[Run], &[u32]) = match &self.order {
            RowOrder::Runs(runs) => (runs, &[]),
            RowOrder::Interleaved(meters) => (&[], meters),
        };
        runs.iter().map(|r| r.meter).chain(present.iter().copied())
    }

    /// The meters present, each once, ascending.
    #[must_use]
    pub fn meters(&self) -> Vec<u32> {
        self.in_order().collect::<BTreeSet<_>>().into_iter().collect()
    }
}

/// All meters and all row groups.
#[derive(Debug, Clone)]
pub struct Index {
    /// Sorted.
    pub meters: Vec<MeterKey>,
    /// In the order of files and row groups.
    pub groups: Vec<GroupIndex>,
    /// Rows whose id is null.
    pub rows_without_id: u64,
}

/// Rows of a run below which a row group counts as interleaved: sorting it costs less than
/// handling its runs one by one (judgement, measured on 96-row runs).
const SHORT_RUN_VALUES: usize = 24;

/// A row group before its meters have their places in the sorted list.
struct Local {
    names: Vec<MeterKey>,
    runs: Vec<Run>,
    interleaved: bool,
    rows_without_id: u64,
}

/// Reads the id columns of all files, in parallel.
///
/// # Errors
/// When an id column is damaged.
pub fn build(files: &[ReadingsFile]) -> Result<Index> {
    let places: Vec<(usize, usize)> = files
        .iter()
        .enumerate()
        .flat_map(|(f, file)| (0..file.metadata.num_row_groups()).map(move |g| (f, g)))
        .collect();
    let locals: Vec<Local> =
        places.par_iter().map(|(f, g)| guarded(&files[*f], *g, || local(&files[*f], *g))).collect::<Result<_>>()?;
    let meters: Vec<MeterKey> =
        locals.iter().flat_map(|l| &l.names).collect::<BTreeSet<_>>().into_iter().cloned().collect();
    let position: HashMap<&MeterKey, u32> = meters.iter().zip(0..).collect();
    let rows_without_id = locals.iter().map(|l| l.rows_without_id).sum();
    let mut groups = Vec::with_capacity(places.len());
    for ((file, group), local) in places.into_iter().zip(&locals) {
        let global: Vec<u32> = local.names.iter().filter_map(|n| position.get(n).copied()).collect();
        let runs = local.runs.iter().filter_map(|r| Some(Run { meter: *global.get(r.meter as usize)?, ..*r }));
        let order = if local.interleaved {
            let mut present = global;
            present.sort_unstable();
            RowOrder::Interleaved(present)
        } else {
            RowOrder::Runs(runs.collect())
        };
        groups.push(GroupIndex { file, group, order });
    }
    Ok(Index { meters, groups, rows_without_id })
}

fn local(file: &ReadingsFile, group: usize) -> Result<Local> {
    let (keys, names) = keys(file, group)?;
    let mut runs: Vec<Run> = Vec::with_capacity(keys.len());
    let mut used = vec![false; names.len()];
    let mut rows_without_id = 0;
    let mut start = 0;
    for (key, len) in keys {
        match usize::try_from(key) {
            Ok(meter) => {
                used[meter] = true;
                runs.push(Run { meter: meter as u32, start, len });
            }
            Err(_) => rows_without_id += u64::from(len),
        }
        start += len;
    }
    let interleaved = runs.len() * SHORT_RUN_VALUES > start as usize * file.points;
    // A dictionary may hold names that no row uses, or one name twice.
    let mut order: HashMap<&MeterKey, u32> = HashMap::new();
    let mut kept = Vec::new();
    let mut map = vec![0; names.len()];
    for (i, name) in names.iter().enumerate().filter(|(i, _)| used[*i]) {
        map[i] = *order.entry(name).or_insert_with(|| {
            kept.push(name.clone());
            kept.len() as u32 - 1
        });
    }
    for run in &mut runs {
        run.meter = map[run.meter as usize];
    }
    if interleaved {
        runs = Vec::new();
    }
    Ok(Local { names: kept, runs, interleaved, rows_without_id })
}

/// Runs of rows of one meter, by its index in the names, −1 where the id is null.
///
/// # Errors
/// When an id column is damaged.
pub fn keys(file: &ReadingsFile, group: usize) -> Result<(KeyRuns, Vec<MeterKey>)> {
    let single = |meter: &Arc<str>| MeterKey { customer: None, meter: Arc::clone(meter) };
    let reader = RowGroup::open(file, group)?;
    match &file.id {
        IdSource::One(id) => {
            let (keys, names) = part(&reader, id)?;
            Ok((keys, names.iter().map(single).collect()))
        }
        IdSource::Pair(customer, meter) => {
            let (c_keys, c_names) = part(&reader, customer)?;
            let (m_keys, m_names) = part(&reader, meter)?;
            Ok(pairs((&c_keys, &c_names), (&m_keys, &m_names)))
        }
    }
}

/// Ids of a column without the blanks that fixed-width exports pad them with; what is then empty
/// is null.
fn part(reader: &RowGroup<'_>, source: &IdPart) -> Result<(KeyRuns, Vec<Arc<str>>)> {
    let leaf = match source {
        IdPart::Constant(id) => return Ok((vec![(0, reader.rows() as u32)], vec![Arc::clone(id)])),
        IdPart::Column(leaf) => *leaf,
    };
    let (mut keys, mut names) = reader.texts(leaf)?;
    for name in names.iter_mut().filter(|n| n.trim().len() != n.len()) {
        *name = name.trim().into();
    }
    if names.iter().any(|n| n.is_empty()) {
        let empty = |key: i32| usize::try_from(key).ok().and_then(|k| names.get(k)).is_none_or(|n| n.is_empty());
        for (key, _) in &mut keys {
            *key = if empty(*key) { -1 } else { *key };
        }
    }
    Ok((keys, names))
}

/// Runs and names of two columns of ids, joined.
type Keyed<'a> = (&'a [(i32, u32)], &'a [Arc<str>]);

fn pairs(customers: Keyed<'_>, meters: Keyed<'_>) -> (KeyRuns, Vec<MeterKey>) {
    let mut seen: HashMap<(i32, i32), i32> = HashMap::new();
    let mut names: Vec<MeterKey> = Vec::new();
    let mut runs = KeyRuns::new();
    let name = |k: i32, names: &[Arc<str>]| usize::try_from(k).ok().and_then(|k| names.get(k).cloned());
    let (mut c_runs, mut m_runs) = (customers.0.iter().copied(), meters.0.iter().copied());
    let (mut c, mut m) = ((-1, 0), (-1, 0));
    loop {
        // A run of both columns lasts as long as the shorter.
        if c.1 == 0 {
            c = c_runs.next().unwrap_or_default();
        }
        if m.1 == 0 {
            m = m_runs.next().unwrap_or_default();
        }
        let n = c.1.min(m.1);
        if n == 0 {
            return (runs, names);
        }
        let key = name(c.0, customers.1).map_or(-1, |customer| {
            *seen.entry((c.0, m.0)).or_insert_with(|| {
                let meter = name(m.0, meters.1).unwrap_or_else(|| Arc::clone(&customer));
                names.push(MeterKey { customer: Some(customer), meter });
                names.len() as i32 - 1
            })
        });
        add_run(&mut runs, key, n);
        c.1 -= n;
        m.1 -= n;
    }
}

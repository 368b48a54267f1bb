//! Customers one after another: every row group is decoded once, and a customer is handed on as
//! soon as its last row group has come.

use super::block::{Decoded, Segment, decode};
use super::discover::discover;
use super::file::ReadingsFile;
use super::guard::guarded;
use super::hold::{Held, Pending, bring};
use super::index::{GroupIndex, Index, MeterKey, build};
use super::options::InputOptions;
use crate::error::{Error, Result};
use crate::text::{said, say};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// An opened data set.
#[derive(Debug)]
pub struct Readings {
    /// Its files, sorted by path.
    pub files: Vec<ReadingsFile>,
    /// Its meters and where their rows are.
    pub index: Index,
    /// How it is read.
    pub options: InputOptions,
}

/// A customer's meters with their segments, or why they could not be read.
pub type MeterSegments = Result<Vec<(u32, Vec<Segment>)>, String>;

/// The same before rows are brought back from the temporary file.
type MetersHeld = Result<Vec<(u32, Vec<Held>)>, String>;

fn brought(held: Vec<(u32, Vec<Held>)>) -> MeterSegments {
    let meter = |(m, held)| Ok((m, bring(held).map_err(|e| say("customer.lost", &[("detail", &e)]))?));
    held.into_iter().map(meter).collect()
}

impl Readings {
    /// Finds the files, reads their footers and indexes their ids.
    ///
    /// # Errors
    /// When nothing is found, a footer is damaged, or columns lack.
    pub fn open(inputs: &[String], options: InputOptions) -> Result<Self> {
        options.validate()?;
        let sources = discover(inputs)?;
        let files: Vec<ReadingsFile> =
            sources.par_iter().map(|s| ReadingsFile::open(s, &options)).collect::<Result<_>>()?;
        check_columns_used(&files, &options)?;
        let index = build(&files)?;
        Ok(Self { files, index, options })
    }

    /// Meters, sorted.
    #[must_use]
    pub fn meters(&self) -> &[MeterKey] {
        &self.index.meters
    }

    /// Rows in all files.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|f| f.rows).sum()
    }

    /// Calls `each` once for every customer that has a row, in parallel on the current thread pool,
    /// and `progress` with the rows of each row group that is done. `customers[i]` lists the meters
    /// of customer `i`; meters in no list are not read.
    pub fn for_each_customer<F, P>(&self, customers: &[Vec<u32>], each: F, progress: P)
    where
        F: Fn(usize, MeterSegments) + Sync,
        P: Fn(u64) + Sync,
    {
        let owners = owners(customers, self.index.meters.len());
        let schedule = self.schedule(&owners);
        let waiting = Mutex::new(Waiting::new(customers, &owners, &schedule, self));
        let changed = Condvar::new();
        let work = || {
            loop {
                match next_job(&waiting, &changed) {
                    Some(Job::Analyse(customer, held)) => each(customer, held.and_then(brought)),
                    Some(Job::Decode(turn, place)) => {
                        let file = &self.files[place.file];
                        let wanted = |m: u32| owners.get(m as usize).is_some_and(|o| !o.is_empty());
                        let decoded = guarded(file, place.group, || decode(file, place, &self.index, &wanted));
                        lock(&waiting).arrive(turn, decoded);
                        changed.notify_all();
                        progress(u64::try_from(file.metadata.row_group(place.group).num_rows()).unwrap_or(0));
                    }
                    None => return,
                }
            }
        };
        rayon::scope(|scope| {
            for _ in 0..rayon::current_num_threads() {
                scope.spawn(|_| work());
            }
        });
    }

    /// Row groups that hold a wanted meter, in the order that completes customers soonest: by the
    /// customer in them that appears first in the files, whatever its id, then by file.
    fn schedule(&self, owners: &[Vec<usize>]) -> Vec<usize> {
        let mut appeared: HashMap<usize, usize> = HashMap::new();
        let mut order = Vec::with_capacity(self.index.groups.len());
        for (g, group) in self.index.groups.iter().enumerate() {
            let here = group.in_order().filter_map(|m| owners.get(m as usize)).flatten();
            let ranks = here.map(|customer| {
                let next = appeared.len();
                *appeared.entry(*customer).or_insert(next)
            });
            order.extend(ranks.min().map(|first| (first, g)));
        }
        order.sort_unstable();
        order.into_iter().map(|o| o.1).collect()
    }

    /// For each customer its turn in the order in which their last row groups are read, which does not
    /// depend on threads.
    #[must_use]
    pub fn turns(&self, customers: &[Vec<u32>]) -> Vec<usize> {
        let owners = owners(customers, self.index.meters.len());
        let mut last = vec![0; customers.len()];
        for (position, g) in self.schedule(&owners).into_iter().enumerate() {
            for c in customers_of(&self.index.groups[g].meters(), &owners) {
                last[c] = position;
            }
        }
        let mut order: Vec<usize> = (0..customers.len()).collect();
        order.sort_by_key(|c| last[*c]);
        let mut turns = vec![0; customers.len()];
        for (turn, c) in order.into_iter().enumerate() {
            turns[c] = turn;
        }
        turns
    }

    /// How the rows lie, in words, for `check` and the manifest.
    #[must_use]
    pub fn form(&self) -> &'static str {
        let interleaved = self.index.groups.iter().filter(|g| g.order.interleaves()).count();
        match (interleaved * 2 > self.index.groups.len(), self.files.iter().any(|f| f.points > 1)) {
            (false, false) => "long, customer by customer",
            (true, false) => "long, customers interleaved",
            (false, true) => "wide, customer by customer",
            (true, true) => "wide, customers interleaved",
        }
    }
}

fn check_columns_used(files: &[ReadingsFile], options: &InputOptions) -> Result<()> {
    for (role, column) in &options.columns {
        let has = |f: &ReadingsFile| f.schema.fields().iter().any(|field| field.name() == column);
        if let (false, Some(first)) = (files.iter().any(has), files.first()) {
            return Err(Error::Columns {
                path: first.path.clone(),
                what: say(
                    "readings.column_gone",
                    &[("name", &format_args!("{column:?}")), ("role", &role), ("same", &column)],
                ),
                cure: said("readings.column_gone_cure").into(),
            });
        }
    }
    Ok(())
}

/// For each meter the customers that list it.
fn owners(customers: &[Vec<u32>], n_meters: usize) -> Vec<Vec<usize>> {
    let mut owners = vec![Vec::new(); n_meters];
    for (c, meters) in customers.iter().enumerate() {
        for m in meters {
            if let Some(list) = owners.get_mut(*m as usize) {
                list.push(c);
            }
        }
    }
    owners
}

/// What a thread does next.
enum Job<'a> {
    Analyse(usize, MetersHeld),
    /// A row group and its turn in the schedule.
    Decode(usize, &'a GroupIndex),
}

fn lock<'l, 'a>(waiting: &'l Mutex<Waiting<'a>>) -> MutexGuard<'l, Waiting<'a>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A complete customer first, so that its memory is freed; else the next row group; `None` when
/// all is done.
fn next_job<'a>(waiting: &Mutex<Waiting<'a>>, changed: &Condvar) -> Option<Job<'a>> {
    let mut w = lock(waiting);
    loop {
        if let Some((customer, segments)) = w.ready.pop_front() {
            return Some(Job::Analyse(customer, segments));
        }
        if let Some(g) = w.schedule.get(w.next) {
            let turn = w.next;
            w.next += 1;
            w.decoding += 1;
            return Some(Job::Decode(turn, &w.readings.index.groups[*g]));
        }
        if w.decoding == 0 {
            return None;
        }
        w = changed.wait(w).unwrap_or_else(PoisonError::into_inner);
    }
}

/// What has come and what is still awaited.
struct Waiting<'a> {
    readings: &'a Readings,
    customers: &'a [Vec<u32>],
    owners: &'a [Vec<usize>],
    schedule: &'a [usize],
    /// Position in the schedule.
    next: usize,
    /// Row groups being decoded.
    decoding: usize,
    /// Row groups that came before their turn: they are taken in as scheduled, whatever the threads.
    early: BTreeMap<usize, Result<Decoded>>,
    /// Row groups taken in.
    taken_in: usize,
    /// Complete customers, in order.
    ready: VecDeque<(usize, MetersHeld)>,
    pending: Pending,
    /// Row groups still to come, by customer.
    left: Vec<usize>,
    /// By customer its first row group that could not be read, in the order of files, and why.
    failed: BTreeMap<usize, ((usize, usize), String)>,
    /// By meter, how many of its customers have taken its segments; only of meters that were taken.
    taken: HashMap<u32, usize>,
}

impl<'a> Waiting<'a> {
    fn new(customers: &'a [Vec<u32>], owners: &'a [Vec<usize>], schedule: &'a [usize], readings: &'a Readings) -> Self {
        let mut left = vec![0; customers.len()];
        for g in schedule {
            for c in customers_of(&readings.index.groups[*g].meters(), owners) {
                left[c] += 1;
            }
        }
        let scratch = readings.options.scratch.clone().unwrap_or_else(std::env::temp_dir);
        Self {
            readings,
            customers,
            owners,
            schedule,
            next: 0,
            decoding: 0,
            early: BTreeMap::new(),
            taken_in: 0,
            ready: VecDeque::new(),
            pending: Pending::new(readings.options.waiting_bytes(), rows_of_meters(readings), scratch),
            left,
            failed: BTreeMap::new(),
            taken: HashMap::new(),
        }
    }

    /// Takes in decoded row groups whose turn has come and queues the customers that are complete.
    fn arrive(&mut self, turn: usize, decoded: Result<Decoded>) {
        self.decoding -= 1;
        self.early.insert(turn, decoded);
        while let Some(decoded) = self.early.remove(&self.taken_in) {
            if let Some(g) = self.schedule.get(self.taken_in) {
                self.take_in(&self.readings.index.groups[*g], decoded);
            }
            self.taken_in += 1;
        }
    }

    fn take_in(&mut self, place: &GroupIndex, decoded: Result<Decoded>) {
        let owners = self.owners;
        let here = customers_of(&place.meters(), owners);
        let wanted = |m: u32| owners.get(m as usize).is_some_and(|o| !o.is_empty());
        match decoded {
            Ok(Decoded { segments, failed }) => {
                self.pending.add(segments.into_iter().filter(|(m, _)| wanted(*m)).collect());
                for (meter, what) in failed {
                    for c in owners.get(meter as usize).into_iter().flatten() {
                        self.fail(*c, place, &what);
                    }
                }
            }
            Err(e) => {
                for c in &here {
                    self.fail(*c, place, &e.to_string());
                }
            }
        }
        for c in here {
            self.left[c] -= 1;
            if self.left[c] == 0 {
                let held = self.customers[c].iter().map(|m| Ok((*m, self.take(*m)?))).collect();
                self.ready.push_back((c, self.failed.remove(&c).map_or(held, |f| Err(f.1))));
            }
        }
    }

    /// Keeps the fault that comes first in the files, whichever thread finds it first.
    fn fail(&mut self, customer: usize, place: &GroupIndex, what: &str) {
        let fault = ((place.file, place.group), what.to_owned());
        let kept = self.failed.entry(customer).or_insert_with(|| fault.clone());
        if fault.0 < kept.0 {
            *kept = fault;
        }
    }

    /// A meter's segments; kept while another of its customers still waits (a meter may serve
    /// several, one after another).
    fn take(&mut self, meter: u32) -> Result<Vec<Held>, String> {
        let taken = self.taken.entry(meter).or_default();
        *taken += 1;
        let last = self.owners.get(meter as usize).is_none_or(|o| o.len() <= *taken);
        self.pending.take(meter, last)
    }
}

/// Rows of each meter as far as the index tells them.
fn rows_of_meters(readings: &Readings) -> Vec<usize> {
    let mut rows = vec![0; readings.index.meters.len()];
    for group in &readings.index.groups {
        let file = &readings.files[group.file];
        let of_group = usize::try_from(file.metadata.row_group(group.group).num_rows()).unwrap_or(0);
        group.order.count(of_group, &mut |meter, n| rows[meter as usize] += n);
    }
    rows
}

/// The customers that own any of these meters, each once, ascending.
fn customers_of(meters: &[u32], owners: &[Vec<usize>]) -> Vec<usize> {
    let mut out: Vec<usize> = meters.iter().filter_map(|m| owners.get(*m as usize)).flatten().copied().collect();
    out.sort_unstable();
    out.dedup();
    out
}

//! A linear program with binary variables, and the solvers that take it.

/// A variable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Var {
    pub cost: f64,
    pub low: f64,
    pub high: f64,
    pub binary: bool,
}

/// `Σ coefficient · variable` against a right-hand side.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub terms: Vec<(usize, f64)>,
    pub sense: Sense,
    pub right: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sense {
    AtMost,
    Equal,
}

/// To be minimised.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Model {
    pub vars: Vec<Var>,
    pub rows: Vec<Row>,
}

/// What a solver found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    /// Values of the variables; `None` when there is none, or none was found.
    pub values: Option<Vec<f64>>,
    /// No solution costs less; infinite where there is none.
    pub bound: f64,
    /// The whole tree was searched.
    pub proved: bool,
    /// Nodes of the tree besides the root.
    pub nodes: u64,
}

impl Found {
    const NOTHING: Self = Self { values: None, bound: f64::NEG_INFINITY, proved: false, nodes: 0 };
    const IMPOSSIBLE: Self = Self { values: None, bound: f64::INFINITY, proved: true, nodes: 0 };
}

impl Model {
    pub fn var(&mut self, cost: f64, low: f64, high: f64) -> usize {
        self.vars.push(Var { cost, low, high, binary: false });
        self.vars.len() - 1
    }

    pub fn binary(&mut self, cost: f64) -> usize {
        self.vars.push(Var { cost, low: 0.0, high: 1.0, binary: true });
        self.vars.len() - 1
    }

    pub fn row(&mut self, terms: Vec<(usize, f64)>, sense: Sense, right: f64) {
        self.rows.push(Row { terms, sense, right });
    }

    /// Narrows what a variable may be.
    pub fn bound(&mut self, at: usize, low: f64, high: f64) {
        if let Some(v) = self.vars.get_mut(at) {
            (v.low, v.high) = (v.low.max(low), v.high.min(high));
        }
    }

    /// Lets all that must be done be left undone for a price: only solutions that cost less are then looked for.
    /// Returns the solution that pays it.
    pub fn or_pay(&mut self, price: f64) -> Vec<f64> {
        let undone: f64 = self.vars.iter().map(|v| v.cost * v.low).sum();
        let pays = self.binary(price - undone);
        let whole = |row: &Row| row.terms.iter().all(|(i, _)| self.vars.get(*i).is_some_and(|v| v.binary));
        let must: Vec<bool> = self.rows.iter().map(|r| r.sense == Sense::Equal && whole(r)).collect();
        for (row, _) in self.rows.iter_mut().zip(must).filter(|(_, must)| *must) {
            row.terms.push((pays, row.right));
        }
        let mut values: Vec<f64> = self.vars.iter().map(|v| v.low).collect();
        values.last_mut().into_iter().for_each(|v| *v = 1.0);
        values
    }

    pub fn binaries(&self) -> usize {
        self.vars.iter().filter(|v| v.binary).count()
    }

    /// The same without the demand that binaries be whole.
    pub fn relaxed(&self) -> Self {
        let vars = self.vars.iter().map(|v| Var { binary: false, ..*v }).collect();
        Self { vars, rows: self.rows.clone() }
    }

    /// Searches at most so many nodes; `start` is a solution to begin with.
    pub fn solve(&self, start: Option<&[f64]>, nodes: u64) -> Found {
        #[cfg(feature = "highs")]
        {
            // Given a solution to begin with, HiGHS was seen to prove a cost below any schedule's.
            let _ = start;
            self.by_highs(nodes)
        }
        #[cfg(not(feature = "highs"))]
        self.by_microlp(start, nodes)
    }

    /// By the solver in pure Rust.
    #[cfg(any(test, not(feature = "highs")))]
    fn by_microlp(&self, start: Option<&[f64]>, nodes: u64) -> Found {
        use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, SolveOptions};
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let vars: Vec<_> = self
            .vars
            .iter()
            .map(|v| {
                let free = v.binary && v.low < v.high;
                if free { problem.add_binary_var(v.cost) } else { problem.add_var(v.cost, (v.low, v.high)) }
            })
            .collect();
        for row in &self.rows {
            let terms = row.terms.iter().filter_map(|(i, c)| Some((*vars.get(*i)?, *c)));
            let sense = match row.sense {
                Sense::AtMost => ComparisonOp::Le,
                Sense::Equal => ComparisonOp::Eq,
            };
            problem.add_constraint(terms.into_iter().collect::<LinearExpr>(), sense, row.right);
        }
        let mut options = SolveOptions::default();
        options.node_limit = Some(nodes);
        options.warm_start = start.map(|s| vars.iter().copied().zip(s.iter().copied()).collect());
        let outcome = match problem.solve_with(options) {
            Ok(outcome) => outcome,
            Err(microlp::Error::Infeasible) => return Found::IMPOSSIBLE,
            Err(_) => return Found::NOTHING,
        };
        let bound = outcome.stats().best_bound.unwrap_or(f64::NEG_INFINITY);
        let (proved, solution) = (outcome.is_optimal(), outcome.solution());
        let values = solution.map(|s| vars.iter().map(|v| s.var_value(*v)).collect());
        let bound = if proved { solution.map_or(bound, |s| s.objective()) } else { bound };
        Found { values, bound, proved, nodes: outcome.stats().nodes_solved }
    }
}

#[cfg(feature = "highs")]
impl Model {
    /// By HiGHS on one thread.
    fn by_highs(&self, nodes: u64) -> Found {
        use highs::{HighsModelStatus, HighsSolutionStatus, RowProblem};
        let mut problem = RowProblem::default();
        let vars: Vec<_> = self
            .vars
            .iter()
            .map(|v| {
                if v.binary {
                    problem.add_integer_column(v.cost, v.low..=v.high)
                } else {
                    problem.add_column(v.cost, v.low..=v.high)
                }
            })
            .collect();
        for row in &self.rows {
            let terms = row.terms.iter().filter_map(|(i, c)| Some((*vars.get(*i)?, *c)));
            match row.sense {
                Sense::AtMost => problem.add_row(..=row.right, terms),
                Sense::Equal => problem.add_row(row.right..=row.right, terms),
            }
        }
        let Ok(mut model) = problem.try_optimise(highs::Sense::Minimise) else { return Found::NOTHING };
        model.make_quiet();
        model.set_threads(std::num::NonZeroU32::MIN);
        model.set_option("mip_max_nodes", i32::try_from(nodes).unwrap_or(i32::MAX));
        model.set_option("mip_rel_gap", 0.0);
        let Ok(solved) = model.try_solve() else { return Found::NOTHING };
        if solved.status() == HighsModelStatus::Infeasible {
            return Found::IMPOSSIBLE;
        }
        let proved = solved.status() == HighsModelStatus::Optimal;
        let whole = self.binaries() > 0;
        let bound = match solved.double_info_value(c"mip_dual_bound") {
            Ok(bound) if whole => bound,
            _ if proved => solved.objective_value(),
            _ => f64::NEG_INFINITY,
        };
        let feasible = solved.primal_solution_status() == HighsSolutionStatus::Feasible;
        let values = feasible.then(|| solved.get_solution().columns().to_vec());
        let nodes = solved.int_info_value(c"mip_node_count").map_or(0, |n| n.max(0) as u64);
        Found { values, bound, proved, nodes }
    }
}

#[cfg(all(test, feature = "highs"))]
mod tests {
    use super::*;

    /// A seeded stream of numbers in 0..1.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self) -> f64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 11) as f64 / (1u64 << 53) as f64
        }
    }

    /// Machines that each run once in one of some slots, under a common maximum that has a price.
    fn random(seed: u64) -> Model {
        let mut d = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let (slots, machines) = (4 + (d.roll() * 5.0) as usize, 2 + (d.roll() * 4.0) as usize);
        let mut model = Model::default();
        let level = model.var(5.0 * d.roll(), 0.0, f64::INFINITY);
        let mut power: Vec<Vec<(usize, f64)>> = vec![vec![(level, -1.0)]; slots];
        for _ in 0..machines {
            let kw = 10.0 + 90.0 * d.roll();
            let runs: Vec<usize> = (0..slots).map(|_| model.binary(kw * d.roll())).collect();
            power.iter_mut().zip(&runs).for_each(|(row, run)| row.push((*run, kw)));
            model.row(runs.iter().map(|r| (*r, 1.0)).collect(), Sense::Equal, 1.0);
        }
        for row in power {
            model.row(row, Sense::AtMost, -100.0 * d.roll());
        }
        model
    }

    #[test]
    fn both_solvers_find_the_same_least_cost() {
        for seed in 0..200 {
            let model = random(seed);
            for model in [model.relaxed(), model] {
                let (a, b) = (model.by_microlp(None, 1_000_000), model.by_highs(1_000_000));
                let cost = |f: &Found| -> f64 {
                    f.values.as_ref().unwrap().iter().zip(&model.vars).map(|(x, v)| x * v.cost).sum()
                };
                assert!(a.proved && b.proved, "seed {seed}: {a:?} {b:?}");
                let (x, y) = (cost(&a), cost(&b));
                assert!((x - y).abs() <= 1e-6 * x.abs().max(1.0), "seed {seed}: {x} by microlp, {y} by HiGHS");
                assert!((b.bound - y).abs() <= 1e-6 * y.abs().max(1.0), "seed {seed}: bound {} of {y}", b.bound);
            }
        }
    }
}

//! What stands beside the sample where its bills were checked.

use super::money;
use crate::analysis::Analysis;
use crate::tariff::{
    Cause, Line, LineKind, LineReconciliation, MonthReconciliation, Reconciliation, ReconciliationState, Side,
};
use crate::units::{Kw, Money};
use crate::whatif::{DayPlan, Move, WorkSchedule};
use std::sync::Arc;

/// Adds issued bills beside the recomputed ones and a work schedule.
pub fn check(a: &mut Analysis) {
    let cycles = a.bill.iter().flat_map(|b| &b.cycles).filter(|c| c.is_billed());
    let line = |l: &Line, off: f64, cause| LineReconciliation {
        line: Arc::clone(&l.name),
        unit: l.unit,
        issued: Some(Side { quantity: Some(l.quantity), amount: money(l.amount.to_f64() * (1.0 - off)) }),
        recomputed: Some(Side { quantity: Some(l.quantity), amount: l.amount }),
        difference: l.amount - money(l.amount.to_f64() * (1.0 - off)),
        cause,
    };
    let months = cycles.enumerate().map(|(i, c)| {
        let beyond = i % 5 == 4;
        let price = |l: &Line| Cause::Price { issued: l.price * 0.9, recomputed: l.price };
        let lines: Vec<LineReconciliation> =
            c.lines
                .iter()
                .map(|l| {
                    if beyond && l.kind == LineKind::Energy { line(l, 0.1, Some(price(l))) } else { line(l, 0.0, None) }
                })
                .collect();
        let difference: Money = lines.iter().map(|l| l.difference).sum();
        MonthReconciliation {
            month: c.month,
            issued: c.total() - difference,
            recomputed: Some(c.total()),
            difference: Some(difference),
            share: Some(difference.to_f64().abs() / (c.total() - difference).to_f64()),
            recent: true,
            lines,
            reason: None,
        }
    });
    a.reconciliation = Some(Reconciliation { state: ReconciliationState::Unreconciled, months: months.collect() });
    let moves = [("球磨机 Ball mill", 120.0, 480..720, 0..240), ("空压站 Compressors", 45.0, 600..660, 1380..1440)];
    let moves = moves.into_iter().map(|(name, kw, from, to)| Move {
        equipment: name.into(),
        kw: Kw::new(kw),
        n_days: 58,
        from: vec![from],
        to: vec![to],
        saving: money(kw * 101.5),
    });
    let day = |add: f64| (0..96).map(|s| 300.0 + add * f64::from(s % 7)).collect();
    let plan = DayPlan {
        months: a.monthly.iter().map(|m| m.month).take(3).collect(),
        day_kind: crate::time::DayKind::Workday,
        n_days: 61,
        moves: moves.collect(),
        before_kw: day(20.0),
        after_kw: day(10.0),
    };
    let unseen = vec!["破碎机".into()];
    a.plan.schedule = Some(Arc::new(WorkSchedule {
        plans: vec![plan],
        gap: 812.0,
        exact: false,
        unseen,
        stated_unseen: Vec::new(),
        lapsed: Vec::new(),
        saving: money(16_747.5),
    }));
}

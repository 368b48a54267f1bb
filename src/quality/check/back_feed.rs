//! V11: power that flows back.

use super::{Check, Inspection, Issue};
use crate::quality::Severity::Advisory;
use crate::quality::runs::Run;
use serde_json::json;

/// Negative intervals.
#[derive(Debug)]
pub(super) struct BackFeed;

impl Check for BackFeed {
    fn code(&self) -> &'static str {
        "V11"
    }

    fn name(&self) -> &'static str {
        "back-feed"
    }

    fn card(&self) -> &'static str {
        "What: negative power: own generation that feeds back, or a meter wired the wrong way round.
Threshold: any; nothing below 3 register quanta.
Action: valid; counted as export, never as import. All negative intervals are one finding.
Source: utility practice (import and export are channels of their own)."
    }

    fn run(&self, inspection: &Inspection<'_>) -> Vec<Issue> {
        let (load, kw) = (inspection.load, inspection.load.kw());
        let days: Vec<usize> = (0..load.days().len()).filter(|d| load.day_min(*d) < 0.0).collect();
        let least = days.iter().map(|d| load.day_min(*d)).fold(0.0, f64::min);
        if least >= 0.0 || -least < inspection.noise_kw() {
            return Vec::new();
        }
        let negative = days
            .iter()
            .flat_map(|d| load.days().range(*d))
            .filter_map(|i| kw.get(i).filter(|v| **v < 0.0).map(|v| (i, *v)));
        let (mut n, mut sum, mut first, mut last) = (0, 0.0, None, 0);
        for (i, v) in negative {
            n += 1;
            sum -= v;
            first.get_or_insert(i);
            last = i;
        }
        let share = n as f64 / load.n_valid().max(1) as f64;
        let evidence = json!({
            "finding": "negative power",
            "kwh": sum * load.interval().hours(),
            "min_kw": least,
            "days": days.len(),
            "share": share,
            "export_channel": load.channels().export_kw.is_some(),
        });
        first
            .map(|f| inspection.issue(self.code(), Advisory, Run { range: Some(f..last + 1), n, evidence }))
            .into_iter()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Case;

    #[test]
    fn back_feed_is_one_finding_with_its_energy() {
        let mut case = Case::one_shift(30);
        case.kw[48] = -100.0;
        case.kw[96 + 48] = -20.0;
        let issues = case.issues("V11");
        assert_eq!(
            issues.iter().map(|i| (i.first, i.last, i.n_intervals)).collect::<Vec<_>>(),
            [(Some(48), Some(144), 2)]
        );
        assert_eq!(issues[0].evidence["kwh"], 30.0);
    }
}

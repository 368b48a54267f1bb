//! Limits by which a load's behaviour is told: its pattern, its cluster, its fall.

use serde::{Deserialize, Serialize};

/// A span of hours of the day, from one to before the other, over midnight where the second is less.
pub type Hours = [usize; 2];

/// When a way of working has its word. All judgement.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PatternLimits {
    /// Export over import from which own generation shows.
    pub pv_export: f64,
    /// Noon below this share of the hours around it, on working days and on rest days: own generation.
    pub pv_noon: f64,
    /// Hours of noon.
    pub noon_hours: Hours,
    /// Hours before and after noon of which the lesser mean is compared with it.
    pub around_noon_hours: [Hours; 2],
    /// Greatest over least successive months beyond which the year has a season.
    pub season_ratio: f64,
    /// So many successive months.
    pub season_months: usize,
    /// A working day below this share of a busy one, the median of those above the mean, stands still.
    pub idle_share: f64,
    /// Share of working days that stand still beyond which work is intermittent.
    pub idle_days: f64,
    /// Night over day beyond which the night is heavy.
    pub night_ratio: f64,
    /// Hours of the night.
    pub night_hours: Hours,
    /// Hours of the day.
    pub day_hours: Hours,
    /// Least over greatest hour of a day without a pause.
    pub flat: f64,
    /// The same for loads that do not rest at weekends either: hospitals, cold stores.
    pub never_off: f64,
    /// Rest day over working day from which rest days are no rest.
    pub no_rest: f64,
    /// Share of the hours worked in that are worked in on rest days, too, from which it is a shop.
    pub open_on_rest_days: f64,
    /// An hour is worked in above this share of the way from the day's least hour to its greatest.
    pub worked: f64,
    /// Hours worked in from which there are three shifts: a shift has 8 h, its ends and breaks apart.
    pub three_shift_hours: usize,
    /// Hours worked in from which there are two shifts; fewer are one.
    pub two_shift_hours: usize,
}

impl Default for PatternLimits {
    fn default() -> Self {
        Self {
            pv_export: 0.01,
            pv_noon: 0.55,
            noon_hours: [11, 14],
            around_noon_hours: [[7, 9], [16, 18]],
            season_ratio: 2.5,
            season_months: 3,
            idle_share: 0.25,
            idle_days: 0.20,
            night_ratio: 1.2,
            night_hours: [22, 6],
            day_hours: [8, 20],
            flat: 0.75,
            never_off: 0.5,
            no_rest: 0.85,
            open_on_rest_days: 0.75,
            worked: 0.5,
            three_shift_hours: 20,
            two_shift_hours: 13,
        }
    }
}

impl PatternLimits {
    /// The spans of hours by name, each within the day and not empty.
    pub(super) const fn spans(&self) -> [(&'static str, Hours); 5] {
        let [before, after] = self.around_noon_hours;
        [
            ("noon_hours", self.noon_hours),
            ("around_noon_hours", before),
            ("around_noon_hours", after),
            ("night_hours", self.night_hours),
            ("day_hours", self.day_hours),
        ]
    }
}

/// When a fall of the load is asked about (classification of customers, shutdown hazard: 14 and 90 days, 30 %,
/// 15 % three weeks in a row).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CollapseLimits {
    /// Days that are recent.
    pub recent_days: usize,
    /// Days that show what is usual.
    pub usual_days: usize,
    /// Working days among the recent ones, and half of those among the usual ones, below which nothing is
    /// told. Judgement.
    pub least_days: usize,
    /// Recent mean below this share of the usual day.
    pub share: f64,
    /// Fall from week to week, as a share.
    pub weekly_fall: f64,
    /// Successive falls, at most four.
    pub weeks: usize,
}

impl Default for CollapseLimits {
    fn default() -> Self {
        Self { recent_days: 14, usual_days: 90, least_days: 5, share: 0.30, weekly_fall: 0.15, weeks: 3 }
    }
}

/// How behaviour clusters are formed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClusterLimits {
    /// Fewer customers are not clustered. Judgement.
    pub least_customers: usize,
    /// Most clusters tried. Judgement: more than patterns, because one pattern may have several shapes.
    pub most: usize,
    /// Customers a cluster at the most clusters tried. Judgement.
    pub least_size: usize,
    /// Resampled fits by which stability is measured. Judgement.
    pub bootstraps: usize,
    /// Least mean adjusted Rand index of a stable number of clusters (classification of customers: 0.8).
    pub stable: f64,
    /// Weight of summer over winter beside one hour of a day: as much as a few hours. Judgement.
    pub season_weight: f64,
    /// Most customers that a fit looks at; others join the nearest cluster. Judgement: a silhouette needs
    /// all pairs.
    pub most_fitted: usize,
    /// Starts of a fit, of which the best is kept. Judgement.
    pub starts: usize,
    /// Share of a cluster's customers from which their most frequent pattern is the cluster's. Judgement.
    pub named_share: f64,
}

impl Default for ClusterLimits {
    fn default() -> Self {
        Self {
            least_customers: 12,
            most: 14,
            least_size: 3,
            bootstraps: 10,
            stable: 0.8,
            season_weight: 3.0,
            most_fitted: 400,
            starts: 3,
            named_share: 0.5,
        }
    }
}

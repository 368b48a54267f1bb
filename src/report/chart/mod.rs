//! Static SVG charts. Colours come from classes that the page's style sheet defines, so that light
//! and dark, screen and paper need one picture; nothing here depends on a clock or a seed.

mod axis;
mod bars;
mod color;
mod day;
mod duration;
mod heat;
mod hours;
mod month_lines;
mod spark;
mod svg;
mod waterfall;
mod year;

pub use axis::{Frame, Scale, ticks};
pub use bars::{Bar, Bars, Part};
pub use color::Ramp;
use day::paint_bands;
pub use day::{DayChart, Mark, Series};
pub use duration::{duration_chart, sample as duration_sample};
pub use heat::{HeatChart, Week, week_chart};
pub use hours::{Hours, HoursRow};
pub use month_lines::{MonthLine, MonthLines};
pub use spark::{small_bars, sparkline};
pub use svg::{Svg, Trace};
pub use waterfall::{Step, Waterfall};
pub use year::{DayLevels, DayValues, year_chart};

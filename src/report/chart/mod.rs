//! Static SVG charts. Colours come from classes that the page's style sheet defines, so that light
//! and dark, screen and paper need one picture; nothing here depends on a clock or a seed.

mod axis;
mod bars;
mod color;
mod day;
mod duration;
mod heat;
mod spark;
mod svg;

pub use axis::{Frame, Scale, ticks};
pub use bars::{Bar, Bars, Part};
pub use color::Ramp;
pub use day::{DayChart, Mark, Series};
pub use duration::duration_chart;
pub use heat::{HeatChart, Week, week_chart};
pub use spark::sparkline;
pub use svg::{Svg, Trace};

//! A progress bar with rate and time left; nothing when standard error is no terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use peakwise::pipeline::Progress;
use peakwise::text::{Language, Text};

/// Rows read so far.
#[derive(Debug)]
pub struct Bar(ProgressBar);

impl Bar {
    /// In a language; hidden when `quiet`, or when standard error is piped.
    pub fn new(quiet: bool, language: Language) -> Self {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template(Text::of(language).t("summary.progress")) {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// Takes the bar off the screen.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Bar {
    fn start(&self, rows: u64) {
        self.0.set_length(rows);
    }

    fn advance(&self, rows: u64) {
        self.0.inc(rows);
    }
}

//! What a maximum costs: linear pieces, with jumps between them where a rule has one.

/// Levels that differ by less than this share are one.
const SAME_LEVEL: f64 = 1e-12;

/// A linear piece of the cost of a maximum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Piece {
    /// First level.
    pub from: f64,
    /// Last level.
    pub to: f64,
    /// Cost at `from`.
    pub cost: f64,
    /// Cost of a unit of the level more.
    pub slope: f64,
}

impl Piece {
    /// Cost at a level.
    #[must_use]
    pub fn at(&self, level: f64) -> f64 {
        self.cost + self.slope * (level - self.from)
    }

    /// The same piece with its level in another unit, of which the old one is `unit`.
    #[must_use]
    pub fn scaled(&self, unit: f64) -> Self {
        Self { from: self.from * unit, to: self.to * unit, cost: self.cost, slope: self.slope / unit }
    }
}

/// Cost of a maximum at a level; 0 without pieces, infinite beyond the last one.
#[must_use]
pub fn cost_at(pieces: &[Piece], level: f64) -> f64 {
    if pieces.is_empty() {
        return 0.0;
    }
    pieces.iter().find(|p| level <= p.to * (1.0 + SAME_LEVEL)).map_or(f64::INFINITY, |p| p.at(level))
}

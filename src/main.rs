//! The peakwise command.

fn main() {}

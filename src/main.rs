//! The peakwise command.

mod cli;

use std::hint::black_box;
use std::process::ExitCode;

/// The greatest block that glibc takes as a hint, but for its head.
const HINT_BYTES: usize = (32 << 20) - (1 << 16);

fn main() -> ExitCode {
    keep_large_blocks();
    cli::run()
}

/// Makes glibc keep blocks of megabytes for reuse: once one of a size was given back to the system, smaller ones come
/// from the heap. Else those that a row group needs, all of one size, are mapped and cleared anew each time (files of
/// a day: 283,000 page faults, 72,000 so, a sixth of the job's time; `cargo bench --bench pipeline`). Other
/// allocators take no notice; no page of the block is touched.
fn keep_large_blocks() {
    drop(black_box(Vec::<u8>::with_capacity(HINT_BYTES)));
}

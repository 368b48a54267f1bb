//! Kernels compiled twice: for every machine of the architecture, and for those with vectors of four
//! doubles, chosen at run time.

/// Defines a function that runs a kernel with the widest vectors that the machine has. The kernel and all
/// that it calls are `#[inline(always)]`, so that they are compiled anew for those vectors. Wider vectors
/// do the same operations in the same order: results do not depend on the machine.
///
/// What it buys: `cargo bench --bench curve` prints the ratio for sorting columns.
macro_rules! wide {
    ($(#[$doc:meta])* $vis:vis fn $name:ident($($arg:ident: $type:ty),*) $(-> $out:ty)? = $kernel:path;) => {
        $(#[$doc])*
        $vis fn $name($($arg: $type),*) $(-> $out)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn avx2($($arg: $type),*) $(-> $out)? {
                    $kernel($($arg),*)
                }
                if std::arch::is_x86_feature_detected!("avx2") {
                    #[expect(unsafe_code, reason = "the processor has what the function is compiled for")]
                    // SAFETY: AVX2 is there; nothing else is asked of the caller.
                    return unsafe { avx2($($arg),*) };
                }
            }
            $kernel($($arg),*)
        }
    };
}

pub(crate) use wide;

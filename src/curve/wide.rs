//! Kernels compiled several times: for every machine of the architecture, and for those with vectors of
//! four and of eight doubles, chosen at run time.

/// Defines a function that runs a kernel with the widest vectors that the machine has. The kernel and all
/// that it calls are `#[inline(always)]`, so that they are compiled anew for those vectors. Wider vectors
/// do the same operations in the same order: results do not depend on the machine.
///
/// What it buys: `cargo bench --bench curve` prints the ratio for sorting columns.
macro_rules! wide {
    ($(#[$doc:meta])* $vis:vis fn $name:ident $(<$g:ident: $bound:path>)? ($($arg:ident: $type:ty),*) $(-> $out:ty)? = $kernel:path;) => {
        $(#[$doc])*
        $vis fn $name $(<$g: $bound>)? ($($arg: $type),*) $(-> $out)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
                fn avx512 $(<$g: $bound>)? ($($arg: $type),*) $(-> $out)? {
                    $kernel($($arg),*)
                }
                #[target_feature(enable = "avx2,bmi2")]
                fn avx2 $(<$g: $bound>)? ($($arg: $type),*) $(-> $out)? {
                    $kernel($($arg),*)
                }
                if std::arch::is_x86_feature_detected!("avx512f")
                    && std::arch::is_x86_feature_detected!("avx512bw")
                    && std::arch::is_x86_feature_detected!("avx512dq")
                    && std::arch::is_x86_feature_detected!("avx512vl")
                {
                    #[expect(unsafe_code, reason = "the processor has what the function is compiled for")]
                    // SAFETY: these parts of AVX-512 are there; nothing else is asked of the caller.
                    return unsafe { avx512($($arg),*) };
                }
                if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("bmi2") {
                    #[expect(unsafe_code, reason = "the processor has what the function is compiled for")]
                    // SAFETY: AVX2 and BMI2 are there; nothing else is asked of the caller.
                    return unsafe { avx2($($arg),*) };
                }
            }
            $kernel($($arg),*)
        }
    };
}

pub(crate) use wide;

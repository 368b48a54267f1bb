//! Kernels compiled several times: for every machine of the architecture, and for those with vectors of
//! four and of eight doubles, chosen at run time.

/// Defines a function that runs a kernel with the widest vectors that the machine has. The kernel and all
/// that it calls are `#[inline(always)]`, so that they are compiled anew for those vectors. Wider vectors
/// do the same operations in the same order: results do not depend on the machine.
///
/// A kernel of its own for machines with AVX2 stands behind `or`.
///
/// What it buys: `cargo bench --bench curve` prints the ratio for sorting columns.
macro_rules! wide {
    ($(#[$doc:meta])* $vis:vis fn $name:ident $(<$g:ident: $bound:path>)? ($($arg:ident: $type:ty),*) $(-> $out:ty)? = $kernel:path;) => {
        wide! { $(#[$doc])* $vis fn $name $(<$g: $bound>)? ($($arg: $type),*) $(-> $out)? = $kernel, or $kernel; }
    };
    ($(#[$doc:meta])* $vis:vis fn $name:ident $(<$g:ident: $bound:path>)? ($($arg:ident: $type:ty),*) $(-> $out:ty)? = $kernel:path, or $wider:path;) => {
        $(#[$doc])*
        $vis fn $name $(<$g: $bound>)? ($($arg: $type),*) $(-> $out)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
                fn avx512 $(<$g: $bound>)? ($($arg: $type),*) $(-> $out)? {
                    $wider($($arg),*)
                }
                #[target_feature(enable = "avx2,bmi2")]
                fn avx2 $(<$g: $bound>)? ($($arg: $type),*) $(-> $out)? {
                    $wider($($arg),*)
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

/// The first sixteen bytes as a vector; zeros where there are fewer.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn vector(bytes: &[u8]) -> std::arch::x86_64::__m128i {
    let Some(sixteen) = bytes.first_chunk::<16>() else { return std::arch::x86_64::_mm_setzero_si128() };
    #[expect(unsafe_code, reason = "the compiler does not see that sixteen bytes are one load")]
    // SAFETY: sixteen bytes are read from where sixteen bytes stand; the load asks for no alignment.
    unsafe {
        std::arch::x86_64::_mm_loadu_si128(sixteen.as_ptr().cast())
    }
}

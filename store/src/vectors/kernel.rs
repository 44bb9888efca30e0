//! Kernels: sums of products of one question with many rows, by the widest instructions at hand.
//!
//! Every kernel adds integers and so finds the very same sums. This is the second place of this
//! crate with `unsafe`: the instructions can be named in no other way.
#![allow(unsafe_code, reason = "vector instructions are the point of this module")]

use super::quantise::VectorQuery;

/// A way of computing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// Plain Rust.
    Portable,
    /// 256 bits of x86-64.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// 512 bits of x86-64.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// 128 bits of AArch64.
    #[cfg(target_arch = "aarch64")]
    Neon,
}

impl Kernel {
    /// The kernels that this machine can run, the quickest last.
    pub fn available() -> Vec<Self> {
        let mut kernels = vec![Self::Portable];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") {
                kernels.push(Self::Avx2);
            }
            if is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("avx512f") {
                kernels.push(Self::Avx512);
            }
        }
        #[cfg(target_arch = "aarch64")]
        if std::arch::is_aarch64_feature_detected!("neon") {
            kernels.push(Self::Neon);
        }
        kernels
    }

    /// The quickest kernel of this machine.
    pub fn best() -> Self {
        Self::available().pop().unwrap_or(Self::Portable)
    }

    /// Puts into `sums` the sum of products of `query` with each of `rows`, which lie one after
    /// the other, as long as the query when padded.
    ///
    /// # Panics
    ///
    /// If there are not as many rows as sums, or the machine does not know the instructions.
    pub fn sums(self, query: &VectorQuery, rows: &[u8], sums: &mut [i64]) {
        let query = query.numbers();
        assert_eq!(rows.len(), sums.len() * query.len(), "a sum for each whole row");
        debug_assert!(Self::available().contains(&self));
        match self {
            Self::Portable => portable(query, rows, sums),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: only `available` names this kernel, after asking the processor.
            Self::Avx2 => unsafe { x86::avx2(query, rows, sums) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Self::Avx512 => unsafe { x86::avx512(query, rows, sums) },
            #[cfg(target_arch = "aarch64")]
            // SAFETY: as above.
            Self::Neon => unsafe { arm::neon(query, rows, sums) },
        }
    }
}

/// The sum of products of two rows.
pub(super) fn product(one: &[u8], other: &[u8]) -> i64 {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor knows the instructions.
        return unsafe { x86::product(one, other) };
    }
    portable_product(one, other)
}

/// Numbers that portable code takes at a time, so that compilers find lanes in it.
const LANES: usize = 16;

#[inline(always)]
fn portable_product(one: &[u8], other: &[u8]) -> i64 {
    let mut lanes = [0_i32; LANES];
    for (one, other) in one.chunks_exact(LANES).zip(other.chunks_exact(LANES)) {
        for ((lane, one), other) in lanes.iter_mut().zip(one).zip(other) {
            *lane += i32::from(one.cast_signed()) * i32::from(other.cast_signed());
        }
    }
    lanes.iter().map(|&lane| i64::from(lane)).sum()
}

fn portable(query: &[i16], rows: &[u8], sums: &mut [i64]) {
    for (row, sum) in rows.chunks_exact(query.len()).zip(sums) {
        let mut lanes = [0_i32; LANES];
        for (numbers, part) in query.chunks_exact(LANES).zip(row.chunks_exact(LANES)) {
            for ((lane, &number), &byte) in lanes.iter_mut().zip(numbers).zip(part) {
                *lane += i32::from(number) * i32::from(byte.cast_signed());
            }
        }
        *sum = lanes.iter().map(|&lane| i64::from(lane)).sum();
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m128i, __m256i, _mm_loadu_si128, _mm256_add_epi32, _mm256_add_epi64,
        _mm256_castsi256_si128, _mm256_cvtepi8_epi16, _mm256_cvtepi32_epi64,
        _mm256_extracti128_si256, _mm256_loadu_si256, _mm256_madd_epi16, _mm256_setzero_si256,
        _mm256_storeu_si256, _mm512_add_epi32, _mm512_add_epi64, _mm512_castsi512_si256,
        _mm512_cvtepi8_epi16, _mm512_cvtepi32_epi64, _mm512_extracti64x4_epi64, _mm512_loadu_si512,
        _mm512_madd_epi16, _mm512_reduce_add_epi64, _mm512_setzero_si512,
    };

    /// The portable code, for the compiler to put wider instructions into.
    #[target_feature(enable = "avx2")]
    pub(super) fn product(one: &[u8], other: &[u8]) -> i64 {
        super::portable_product(one, other)
    }

    /// # Safety
    ///
    /// The processor must know AVX2, and the query's length be a multiple of 64.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn avx2(query: &[i16], rows: &[u8], sums: &mut [i64]) {
        for (row, sum) in rows.chunks_exact(query.len()).zip(sums) {
            let mut lanes = [_mm256_setzero_si256(); 2];
            for (numbers, part) in query.chunks_exact(32).zip(row.chunks_exact(32)) {
                for (half, lanes) in lanes.iter_mut().enumerate() {
                    // SAFETY: 16 bytes and 16 numbers from a multiple of 16 below 32 on lie
                    // within the parts.
                    let (bytes, numbers) = unsafe {
                        (
                            _mm_loadu_si128(part.as_ptr().add(half * 16).cast::<__m128i>()),
                            _mm256_loadu_si256(numbers.as_ptr().add(half * 16).cast::<__m256i>()),
                        )
                    };
                    let products = _mm256_madd_epi16(_mm256_cvtepi8_epi16(bytes), numbers);
                    *lanes = _mm256_add_epi32(*lanes, products);
                }
            }
            *sum = lanes.into_iter().map(|lanes| sum_256(lanes)).sum();
        }
    }

    /// Adds eight lanes without overflow.
    #[target_feature(enable = "avx2")]
    fn sum_256(lanes: __m256i) -> i64 {
        let low = _mm256_cvtepi32_epi64(_mm256_castsi256_si128(lanes));
        let high = _mm256_cvtepi32_epi64(_mm256_extracti128_si256::<1>(lanes));
        let mut four = [0_i64; 4];
        // SAFETY: four numbers of 64 bits take 32 bytes.
        unsafe {
            _mm256_storeu_si256(four.as_mut_ptr().cast::<__m256i>(), _mm256_add_epi64(low, high));
        }
        four.iter().sum()
    }

    /// # Safety
    ///
    /// The processor must know AVX-512 F and BW, and the query's length be a multiple of 64.
    #[target_feature(enable = "avx512f,avx512bw")]
    pub(super) unsafe fn avx512(query: &[i16], rows: &[u8], sums: &mut [i64]) {
        for (row, sum) in rows.chunks_exact(query.len()).zip(sums) {
            let mut lanes = [_mm512_setzero_si512(); 2];
            for (numbers, part) in query.chunks_exact(64).zip(row.chunks_exact(64)) {
                for (half, lanes) in lanes.iter_mut().enumerate() {
                    // SAFETY: 32 bytes and 32 numbers from a multiple of 32 below 64 on lie
                    // within the parts.
                    let (bytes, numbers) = unsafe {
                        (
                            _mm256_loadu_si256(part.as_ptr().add(half * 32).cast::<__m256i>()),
                            _mm512_loadu_si512(numbers.as_ptr().add(half * 32).cast()),
                        )
                    };
                    let products = _mm512_madd_epi16(_mm512_cvtepi8_epi16(bytes), numbers);
                    *lanes = _mm512_add_epi32(*lanes, products);
                }
            }
            let wide = lanes.map(|lanes| {
                _mm512_add_epi64(
                    _mm512_cvtepi32_epi64(_mm512_castsi512_si256(lanes)),
                    _mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64::<1>(lanes)),
                )
            });
            *sum = _mm512_reduce_add_epi64(_mm512_add_epi64(wide[0], wide[1]));
        }
    }
}

#[cfg(target_arch = "aarch64")]
mod arm {
    use std::arch::aarch64::{
        vaddlvq_s32, vdupq_n_s32, vget_high_s16, vget_low_s16, vld1_s8, vld1q_s16, vmlal_s16,
        vmovl_s8,
    };

    /// # Safety
    ///
    /// The processor must know NEON, and the query's length be a multiple of 64.
    #[target_feature(enable = "neon")]
    pub(super) unsafe fn neon(query: &[i16], rows: &[u8], sums: &mut [i64]) {
        for (row, sum) in rows.chunks_exact(query.len()).zip(sums) {
            let mut lanes = [vdupq_n_s32(0); 2];
            for (numbers, part) in query.chunks_exact(8).zip(row.chunks_exact(8)) {
                // SAFETY: eight bytes and eight numbers are read from parts of that length.
                let (bytes, numbers) =
                    unsafe { (vld1_s8(part.as_ptr().cast::<i8>()), vld1q_s16(numbers.as_ptr())) };
                let bytes = vmovl_s8(bytes);
                lanes[0] = vmlal_s16(lanes[0], vget_low_s16(bytes), vget_low_s16(numbers));
                lanes[1] = vmlal_s16(lanes[1], vget_high_s16(bytes), vget_high_s16(numbers));
            }
            *sum = vaddlvq_s32(lanes[0]) + vaddlvq_s32(lanes[1]);
        }
    }
}

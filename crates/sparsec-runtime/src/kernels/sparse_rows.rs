//! Combinations of the rows of a matrix with mostly zero factors.

use super::Float;

/// Rows that one pass adds.
const ADDED: usize = 8;

/// `out_j = ((0 + x_i a_ij) + x_k a_kj) + …` over the rows whose factor is not 0, in their order. Shapes: a rows×cols, x rows, out cols.
///
/// With the transpose of a dictionary this is `D y` at the cost of the atoms in use. A row with a factor of 0 is not looked at, so
/// an infinity in it goes unseen; a NaN among the factors is not 0 and is seen.
#[inline(always)]
#[allow(clippy::needless_range_loop)] // Iterators hide from the compiler that all slices have one length.
pub fn combine_rows<T: Float>(rows: usize, cols: usize, a: &[T], x: &[T], out: &mut [T]) {
    let (a, x, out) = (&a[..rows * cols], &x[..rows], &mut out[..cols]);
    out.fill(T::ZERO);
    let mut picked = [0; ADDED];
    let mut count = 0;
    for i in 0..rows {
        picked[count] = i;
        // Without a branch: the place is taken only where the factor is not 0.
        count += usize::from(x[i] != T::ZERO);
        if count == ADDED {
            let [r0, r1, r2, r3, r4, r5, r6, r7] = picked.map(|i| (&a[i * cols..][..cols], x[i]));
            for j in 0..cols {
                let first = (((out[j] + r0.1 * r0.0[j]) + r1.1 * r1.0[j]) + r2.1 * r2.0[j]) + r3.1 * r3.0[j];
                out[j] = (((first + r4.1 * r4.0[j]) + r5.1 * r5.0[j]) + r6.1 * r6.0[j]) + r7.1 * r7.0[j];
            }
            count = 0;
        }
    }
    for &i in &picked[..count] {
        let (row, x) = (&a[i * cols..][..cols], x[i]);
        for j in 0..cols {
            out[j] += x * row[j];
        }
    }
}

//! Differences of an image with its neighbours.

use super::Float;

/// Above, `y_{i+1,j} − y_ij` (last row 0); below, `y_{i,j+1} − y_ij` (last column 0). Shapes: y rows×cols, out 2·rows×cols.
#[inline(always)]
pub fn grad2<T: Float>(rows: usize, cols: usize, y: &[T], out: &mut [T]) {
    let y = &y[..rows * cols];
    let (down, along) = out[..2 * rows * cols].split_at_mut(rows * cols);
    let (inner, last) = down.split_at_mut((rows - 1) * cols);
    for ((d, &next), &here) in inner.iter_mut().zip(&y[cols..]).zip(y) {
        *d = next - here;
    }
    last.fill(T::ZERO);
    for (along, y) in along.chunks_exact_mut(cols).zip(y.chunks_exact(cols)) {
        for ((a, &next), &here) in along.iter_mut().zip(&y[1..]).zip(y) {
            *a = next - here;
        }
        along[cols - 1] = T::ZERO;
    }
}

/// The transpose of [`grad2`]; the parts of z at the last row and column count for nothing. Shapes: z 2·rows×cols, out rows×cols.
#[inline(always)]
pub fn grad2_t<T: Float>(rows: usize, cols: usize, z: &[T], out: &mut [T]) {
    let (down, along) = z[..2 * rows * cols].split_at(rows * cols);
    let out = &mut out[..rows * cols];
    out.fill(T::ZERO);
    let inner = &down[..(rows - 1) * cols];
    for (out, &d) in out.iter_mut().zip(inner) {
        *out -= d;
    }
    for (out, &d) in out[cols..].iter_mut().zip(inner) {
        *out += d;
    }
    for (out, along) in out.chunks_exact_mut(cols).zip(along.chunks_exact(cols)) {
        for (out, &a) in out.iter_mut().zip(&along[..cols - 1]) {
            *out -= a;
        }
        for (out, &a) in out[1..].iter_mut().zip(&along[..cols - 1]) {
            *out += a;
        }
    }
}

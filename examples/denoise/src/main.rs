//! Denoises an image by sparse coding of its 8×8 patches.
//!
//! Every patch, less its mean, is coded with a learned dictionary by a solver that `sparse_solver!` made at compile time; what few
//! atoms express is image, what they don't is noise. The patches overlap and are averaged. Run it with
//!
//! ```text
//! cargo run --release -p denoise -- denoised.png
//! ```
//!
//! It writes the noisy and the denoised image side by side and prints the signal-to-noise ratio of both.

use sparsec::sparse_solver;
use sparsec_data::{Array, formats};
use std::error::Error;
use std::path::{Path, PathBuf};

sparse_solver! {
    <f64; m = 64, n = 256>
    /// Sparse coding of 8×8 image patches.
    problem patch_coder {
        /// Atoms of unit norm, one per column.
        const D: matrix[m, n]
        /// The patch, its mean removed.
        param x: vector[m]
        /// About 2.4 noise deviations: then the soft threshold of a pure-noise coefficient is almost always 0.
        param lambda: scalar >= 0 = 0.24
        var y: vector[n]
        minimize ||x - D*y||^2 + lambda*||y||_1
        solve with fista(tol = 1e-4)
    }
}

const SIDE: usize = 8;
/// Distance of neighbouring patches.
const STRIDE: usize = 2;

fn main() -> Result<(), Box<dyn Error>> {
    let target = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("denoised.png"), PathBuf::from);
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
    let load = |name: &str| -> Result<Array, Box<dyn Error>> {
        let bytes = std::fs::read(data.join(name))?;
        Ok(formats::npy::read(&bytes).map_err(|e| format!("{name}: {e}"))?)
    };
    let (dictionary, clean, noisy) = (load("dictionary.npy")?, load("image.npy")?, load("image_noisy.npy")?);
    let (height, width) = (noisy.shape[0], noisy.shape[1]);

    let denoised = denoise(&dictionary.data, &noisy.data, height, width)?;
    println!("noisy:    {:.2} dB", psnr(&clean.data, &noisy.data));
    println!("denoised: {:.2} dB", psnr(&clean.data, &denoised));
    write_side_by_side(&target, &noisy.data, &denoised, height, width)?;
    println!("written to {}", target.display());
    Ok(())
}

/// The image, every pixel the mean of its approximations by the patches that hold it.
fn denoise(dictionary: &[f64], image: &[f64], height: usize, width: usize) -> Result<Vec<f64>, Box<dyn Error>> {
    let coder = PatchCoder::new(dictionary)?;
    let (mut sum, mut count) = (vec![0.0; image.len()], vec![0.0; image.len()]);
    let mut patch = vec![0.0; SIDE * SIDE];
    for top in starts(height) {
        for left in starts(width) {
            let pixels = || (0..SIDE * SIDE).map(move |i| (top + i / SIDE) * width + left + i % SIDE);
            let mean = pixels().map(|p| image[p]).sum::<f64>() / patch.len() as f64;
            for (x, p) in patch.iter_mut().zip(pixels()) {
                *x = image[p] - mean;
            }
            let code = coder.solve(&patch)?;
            for (row, p) in dictionary.chunks(code.y.len()).zip(pixels()) {
                let approximation: f64 = row.iter().zip(&code.y).map(|(d, y)| d * y).sum();
                sum[p] += mean + approximation;
                count[p] += 1.0;
            }
        }
    }
    Ok(sum.iter().zip(&count).map(|(s, c)| s / c).collect())
}

/// First pixels of the patches along a side, the last patch at the edge.
fn starts(len: usize) -> Vec<usize> {
    let last = len - SIDE;
    let mut starts: Vec<usize> = (0..=last).step_by(STRIDE).collect();
    if starts.last() != Some(&last) {
        starts.push(last);
    }
    starts
}

/// Peak signal-to-noise ratio in dB of an image in [0, 1].
fn psnr(clean: &[f64], image: &[f64]) -> f64 {
    let error: f64 = clean.iter().zip(image).map(|(a, b)| (a - b) * (a - b)).sum::<f64>() / clean.len() as f64;
    -10.0 * error.log10()
}

fn write_side_by_side(
    path: &Path,
    left: &[f64],
    right: &[f64],
    height: usize,
    width: usize,
) -> Result<(), Box<dyn Error>> {
    let byte = |v: f64| (v.clamp(0.0, 1.0) * 255.0).round() as u8;
    let rows = left.chunks(width).zip(right.chunks(width));
    let pixels: Vec<u8> = rows.flat_map(|(l, r)| l.iter().chain(r)).map(|v| byte(*v)).collect();
    let file = std::io::BufWriter::new(std::fs::File::create(path)?);
    let mut encoder = png::Encoder::new(file, 2 * width as u32, height as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(())
}

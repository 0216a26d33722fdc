//! The procedural macro [`sparse_solver!`]; all work is done in `sparsec-rust`.

use proc_macro::TokenStream;
use std::io::Read;
use std::path::Path;

/// A solver as a type, from the statement of an optimisation problem.
///
/// # Forms
///
/// The head names the element type and, where the problem leaves them open, the sizes. Then come a visibility and the problem,
/// as tokens, as a string, or as a file of the crate:
///
/// ```
/// use sparsec::sparse_solver;
///
/// sparse_solver! {
///     <f64; m = 2, n = 3>
///     /// Sparse coding of image patches.
///     pub problem patch_coder {
///         const D: matrix[m, n]
///         param x: vector[m]
///         param lambda: scalar >= 0 = 0.1
///         var y: vector[n]
///         minimize ||x - D*y||^2 + lambda*||y||_1
///     }
/// }
/// sparse_solver! { <f32> pub "problem tiny { var y: vector[2]  minimize ‖y − ones(2)‖² }" }
/// sparse_solver! { <f64> pub file = "problems/ridge.sparse" }
///
/// fn main() -> Result<(), PatchCoderError> {
///     let coder = PatchCoder::new(&[1.0, 0.0, 0.5, 0.0, 1.0, 0.5])?;
///     let solution = coder.with_lambda(0.2).solve(&[1.0, 0.2])?;
///     println!("{}: {:?} with a relative gap of {:e}", solution.status, solution.y, solution.gap);
/// #   assert_eq!(solution.status.as_str(), "optimal");
///     Ok(())
/// }
/// ```
///
/// Rust reads the tokens first, and refuses `‖ ′ ² ₁ ≤ ∈ −`, `Dᵀ` and `D'`: there the ASCII spelling is used, or the string
/// form. Sizes are integer literals, because constants have no value yet when macros are expanded. A file is named from the
/// manifest's folder, lies within it, and the crate is rebuilt when it changes.
///
/// # What is generated
///
/// For a problem `patch_coder`:
///
/// * `PatchCoder::new(&d)?` takes the consts that have no value in the text, in the order declared, as row-major slices
///   (scalars by value). A `load("…")` is not read at compile time: such a const is an argument too. Its path may not be
///   absolute or lead out of the crate's folder.
/// * `coder.solve(&x)?` takes the params without a default; `coder.with_lambda(0.2).solve(&x)?` sets the others. `with_tol`,
///   `with_max_iter` and `with_start_y` are there as well. The result has a field for each unknown, and `status`, `objective`,
///   `gap`, `certificate`, `violation`, `iterations`.
/// * `coder.solve_into(&x, &mut y, &mut workspace)?` allocates nothing; `PatchCoder::WORKSPACE` is the length of the memory it
///   works in. A solver of `f32` takes a further `&mut [f64]` of length `PatchCoder::CHECK`, in which its answer is judged.
/// * `PatchCoder::new_in(&mut storage, &d)?` makes a solver in memory of the caller's, of length `PatchCoder::STORAGE`. Without
///   the feature `alloc` this is the way: then `new` and `solve` are not there.
///
/// An unknown whose name is a field of the result already (`status`, `gap`, …) gets a `_` behind it.
///
/// An attribute `#[runtime(some::path)]` before the visibility names the runtime where `::sparsec::runtime` is not its path.
#[proc_macro]
pub fn sparse_solver(input: TokenStream) -> TokenStream {
    sparsec_rust::expand(input.into(), &read).into()
}

/// A file of the crate that is being compiled.
fn read(path: &str) -> Result<Vec<u8>, String> {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").ok_or("there is no CARGO_MANIFEST_DIR to find it from")?;
    read_in(Path::new(&root), path)
}

/// A file within a folder, to which links may lead only from the folder itself.
fn read_in(root: &Path, path: &str) -> Result<Vec<u8>, String> {
    let failed = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        _ => e.to_string(),
    };
    let root = root.canonicalize().map_err(failed)?;
    let file = root.join(path).canonicalize().map_err(failed)?;
    if !file.starts_with(&root) {
        return Err("it leads out of the crate's folder".to_owned());
    }
    if !file.metadata().map_err(failed)?.is_file() {
        return Err("it is no file".to_owned());
    }
    let mut bytes = Vec::new();
    let limit = sparsec_rust::MAX_FILE_BYTES as u64 + 1;
    let file = std::fs::File::open(file).map_err(failed)?;
    file.take(limit).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::read_in;

    // Fault 78.
    #[test]
    #[cfg(unix)]
    fn links_lead_nowhere_else() {
        use std::os::unix::fs::symlink;
        let folder = std::env::temp_dir().join(format!("sparsec-macro-{}", std::process::id()));
        let (root, outside) = (folder.join("crate"), folder.join("outside"));
        std::fs::create_dir_all(root.join("problems")).unwrap();
        std::fs::create_dir_all(&outside).unwrap();
        std::fs::write(root.join("problems/p.sparse"), b"inside").unwrap();
        std::fs::write(outside.join("p.sparse"), b"outside").unwrap();
        symlink(outside.join("p.sparse"), root.join("link.sparse")).unwrap();
        symlink(&outside, root.join("folder")).unwrap();
        symlink("problems/p.sparse", root.join("within.sparse")).unwrap();
        symlink("/dev/zero", root.join("device.sparse")).unwrap();
        assert_eq!(read_in(&root, "problems/p.sparse").unwrap(), b"inside");
        assert_eq!(read_in(&root, "within.sparse").unwrap(), b"inside");
        for path in ["link.sparse", "folder/p.sparse", "device.sparse", "/etc/passwd", "../outside/p.sparse"] {
            let error = read_in(&root, path).unwrap_err();
            assert_eq!(error, "it leads out of the crate's folder", "{path}");
        }
        assert_eq!(read_in(&root, "absent.sparse").unwrap_err(), "there is no such file");
        assert_eq!(read_in(&root, "problems").unwrap_err(), "it is no file");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

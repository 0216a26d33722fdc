//! `--out`: unknowns to files.

use crate::write::Pending;
use sparsec::data::formats::{csv, npy, npz};
use sparsec::data::{Array, by_extension};
use sparsec::program::solver::Output;
use sparsec::syntax::diagnostic::Diagnostic;
use sparsec::syntax::diagnostics::E0901;
use sparsec::syntax::names;
use sparsec::{Error, Shape, Solution};
use std::path::{Path, PathBuf};

/// A file for an unknown.
pub struct OutFile {
    /// Canonical name of the unknown.
    canonical: String,
    shape: Shape,
    format: &'static str,
    pending: Pending,
    /// Member of a container.
    key: String,
    /// Rows of a container, which can only be written at once.
    held: Option<Vec<f64>>,
    /// Number of solves of a batch.
    rows: Option<usize>,
}

/// Which unknown goes to which file.
pub struct Plan {
    name: String,
    path: PathBuf,
    key: Option<String>,
    format: &'static str,
}

/// Reads `--out` arguments; whether the unknowns exist is known after compilation.
pub fn plan(args: &[(String, String)]) -> Result<Vec<Plan>, Error> {
    let mut plans: Vec<Plan> = Vec::new();
    for (name, file) in args {
        let (path, key) = match file.rsplit_once(':') {
            Some((path, key)) if path.ends_with(".npz") => (path, Some(key.to_owned())),
            _ => (file.as_str(), None),
        };
        let path = PathBuf::from(path);
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
        // A device or pipe has no extension; it gets npy.
        let format = match by_extension(extension) {
            Some(format) => format.name,
            None if extension.is_empty() && is_special(&path) => npy::FORMAT.name,
            None => {
                let message = format!("--out {name}={file}: the file name says no format");
                return Err(Diagnostic::new(E0901, message).help("write .npy, .npz or .csv").into());
            }
        };
        if plans.iter().any(|p| p.path == path) {
            let other = path.with_file_name(format!("{}.{extension}", names::canonical(name)));
            let help = format!("each unknown goes to a file of its own: --out {name}={}", other.display());
            return Err(Diagnostic::new(E0901, format!("--out writes `{}` twice", path.display())).help(help).into());
        }
        plans.push(Plan { name: name.clone(), path, key, format });
    }
    Ok(plans)
}

fn is_special(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|m| !m.is_file() && !m.is_dir())
}

/// Opens all files; `rows` is the number of solves of a batch.
pub fn open(plans: Vec<Plan>, outputs: &[Output], rows: Option<usize>) -> Result<Vec<OutFile>, Error> {
    plans
        .into_iter()
        .map(|plan| {
            let canonical = names::canonical(&plan.name);
            let output = outputs.iter().find(|o| o.canonical == canonical).ok_or_else(|| {
                let names: Vec<String> = outputs.iter().map(|o| format!("`{}`", o.name)).collect();
                let message = format!("--out: the problem has no unknown `{}`", plan.name);
                Diagnostic::new(E0901, message).help(format!("there is {}", names.join(", ")))
            })?;
            if plan.format == csv::FORMAT.name && rows.is_some() && matches!(output.shape, Shape::Matrix(..)) {
                let message = format!("--out: a batch of matrices (`{}`) is no table", output.name);
                return Err(Diagnostic::new(E0901, message).help("write .npy or .npz").into());
            }
            let mut file = OutFile {
                canonical,
                shape: output.shape,
                format: plan.format,
                pending: Pending::create(&plan.path)?,
                key: plan.key.unwrap_or_else(|| output.canonical.clone()),
                held: (plan.format == npz::FORMAT.name).then(Vec::new),
                rows,
            };
            if file.format == npy::FORMAT.name {
                let header = npy::write_header(&file.array_shape());
                file.pending.write(&header)?;
            }
            Ok(file)
        })
        .collect()
}

impl OutFile {
    fn array_shape(&self) -> Vec<usize> {
        let own = match self.shape {
            Shape::Scalar => vec![],
            Shape::Vector(n) => vec![n],
            Shape::Matrix(m, n) => vec![m, n],
        };
        self.rows.into_iter().chain(own).collect()
    }

    /// Writes the answer of one solve; a row that failed is NaN.
    pub fn write<T: sparsec::Real>(&mut self, solution: Option<&Solution<T>>) -> Result<(), Error> {
        let values: Vec<f64> = match solution.and_then(|s| s.get(&self.canonical)) {
            Some(values) => values.iter().map(|v| v.to_f64()).collect(),
            None => vec![f64::NAN; self.shape.len()],
        };
        if let Some(held) = &mut self.held {
            held.extend(values);
            return Ok(());
        }
        if self.format == npy::FORMAT.name {
            let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
            return self.pending.write(&bytes);
        }
        let shape = match (self.shape, self.rows) {
            // One row of the table per solve.
            (Shape::Vector(n), Some(_)) => vec![1, n],
            (Shape::Scalar, _) => vec![],
            (Shape::Vector(n), None) => vec![n],
            (Shape::Matrix(m, n), _) => vec![m, n],
        };
        let text = csv::write(&Array { shape, data: values }).map_err(internal)?;
        self.pending.write(&text)
    }

    /// Everything to the disk, under the temporary name.
    pub fn flush(&mut self) -> Result<(), Error> {
        if let Some(held) = self.held.take() {
            let array = Array::new(self.array_shape(), held).map_err(internal)?;
            let bytes = npz::write(&[(&self.key, &array)]).map_err(|e| {
                Diagnostic::new(sparsec::syntax::diagnostics::E1001, format!("cannot write `{}`: {e}", self.key))
            })?;
            self.pending.write(&bytes)?;
        }
        self.pending.flush()
    }
}

/// The answer of one solve to all files.
pub fn write_all<T: sparsec::Real>(mut files: Vec<OutFile>, solution: &Solution<T>) -> Result<(), Error> {
    files.iter_mut().try_for_each(|file| file.write(Some(solution)))?;
    finish(files)
}

/// Flushes all files, then gives each its name.
pub fn finish(mut files: Vec<OutFile>) -> Result<(), Error> {
    for file in &mut files {
        file.flush()?;
    }
    files.into_iter().try_for_each(|file| file.pending.finish())
}

fn internal(error: sparsec::data::Error) -> Error {
    Error::internal(format!("a result cannot be written out: {error}"))
}

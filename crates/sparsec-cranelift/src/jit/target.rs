//! The machine to compile for.

use crate::Error;
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};

/// Settings of Cranelift. Stack frames are probed inline, which needs no function of the host.
const SETTINGS: &[(&str, &str)] = &[
    ("opt_level", "speed"),
    ("enable_verifier", "true"),
    ("is_pic", "false"),
    ("use_colocated_libcalls", "false"),
    ("unwind_info", "false"),
    ("enable_probestack", "true"),
    ("probestack_strategy", "inline"),
];

/// Which instructions of the processor are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Features {
    /// All that it has.
    Native,
    /// Those that every processor of its kind has.
    #[cfg(test)]
    Baseline,
}

/// Cranelift's description of this machine.
pub(super) fn isa(features: Features) -> Result<OwnedTargetIsa, Error> {
    let builder = match features {
        Features::Native => cranelift_native::builder(),
        #[cfg(test)]
        Features::Baseline => cranelift_native::builder_with_options(false),
    };
    let builder = builder.map_err(|why| Error::Unsupported(why.to_owned()))?;
    let mut flags = settings::builder();
    for (name, value) in SETTINGS {
        flags.set(name, value).map_err(|e| Error::Internal(format!("setting {name}: {e}")))?;
    }
    builder.finish(settings::Flags::new(flags)).map_err(|e| Error::Unsupported(e.to_string()))
}

/// Whether programs can be compiled on this machine, or why not.
pub fn supported() -> Result<(), String> {
    isa(Features::Native).map(|_| ()).map_err(|e| e.to_string())
}

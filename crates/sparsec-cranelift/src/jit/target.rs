//! The machine to compile for.

use crate::Error;
use cranelift_codegen::isa::{self, OwnedTargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_jit::{JITMemoryProvider, SystemMemoryProvider};

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

/// What code is compiled for and where it is put; other than the default in tests only.
pub(super) struct Host {
    /// Use all instructions of the processor, not only those that every one of its kind has.
    pub native: bool,
    /// Gives the memory of a module.
    pub memory: fn() -> Box<dyn JITMemoryProvider + Send>,
}

impl Default for Host {
    fn default() -> Self {
        Host { native: true, memory: || Box::new(SystemMemoryProvider::new()) }
    }
}

impl Host {
    /// Cranelift's description of the processor.
    pub fn isa(&self) -> Result<OwnedTargetIsa, Error> {
        let builder = cranelift_native::builder_with_options(self.native);
        finish(builder.map_err(|why| Error::Unsupported(why.to_owned()))?)
    }
}

/// A processor with this crate's settings.
pub(super) fn finish(processor: isa::Builder) -> Result<OwnedTargetIsa, Error> {
    let mut flags = settings::builder();
    for (name, value) in SETTINGS {
        flags.set(name, value).map_err(|e| Error::Internal(format!("setting {name}: {e}")))?;
    }
    processor.finish(settings::Flags::new(flags)).map_err(|e| Error::Unsupported(e.to_string()))
}

/// Whether programs can be compiled on this machine, or why not.
pub fn supported() -> Result<(), String> {
    Host::default().isa().map(|_| ()).map_err(|e| e.to_string())
}

//! What every way of running a program offers.

use crate::program::BlockKind;

/// Runs the blocks of one verified program.
///
/// The host makes a storage and one workspace per thread, with the lengths of the program's [`Layout`](crate::layout::Layout);
/// it writes consts and tables to the storage and calls [`setup`](Executor::setup) once. Before each solve it clears the
/// workspace ([`Layout::clear`](crate::layout::Layout::clear)) and writes the params. Then it drives the other blocks.
pub trait Executor<T>: Send + Sync {
    /// Runs the block `setup`, which fills the derived buffers.
    ///
    /// # Panics
    /// If a slice is shorter than the layout asks for.
    fn setup(&self, storage: &mut [T], workspace: &mut [T]);

    /// Runs another block. [`BlockKind::Setup`] does nothing here: it needs the storage to write to.
    ///
    /// # Panics
    /// If a slice is shorter than the layout asks for.
    fn run(&self, block: BlockKind, storage: &[T], workspace: &mut [T]);

    /// Name of the way it runs (`interpreter`).
    fn backend(&self) -> &'static str;
}

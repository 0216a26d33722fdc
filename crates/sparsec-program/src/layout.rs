//! Where each buffer lies.

use crate::program::{BufferId, Program, Role, View};
use crate::verify::Verified;
use sparsec_runtime::Float;

/// Every buffer starts at a multiple of this many elements.
pub const ALIGN: usize = 16;

/// The most elements that storage or workspace may have together: 2⁴⁰.
pub const MAX_LEN: usize = 1 << 40;

/// Which of the two memories a buffer lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Region {
    /// Consts, tables and what `setup` derived: shared by all threads, read-only after `setup`.
    Storage,
    /// Everything else: one per thread.
    Workspace,
}

/// The place of every buffer of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    places: Vec<(Region, usize)>,
    storage_len: usize,
    workspace_len: usize,
}

impl Layout {
    /// Places the buffers in their order, each region without gaps except for alignment.
    pub fn of(program: &Verified) -> Layout {
        // The verifier has checked that the lengths add up.
        Self::checked(program.program()).unwrap_or(Layout { places: Vec::new(), storage_len: 0, workspace_len: 0 })
    }

    /// The layout, or `None` if a length overflows or a region is longer than [`MAX_LEN`].
    pub(crate) fn checked(program: &Program) -> Option<Layout> {
        let mut layout = Layout { places: Vec::new(), storage_len: 0, workspace_len: 0 };
        for buffer in &program.buffers {
            let region = region(&buffer.role);
            let end = match region {
                Region::Storage => &mut layout.storage_len,
                Region::Workspace => &mut layout.workspace_len,
            };
            layout.places.push((region, *end));
            let len = buffer.rows.checked_mul(buffer.cols)?.checked_next_multiple_of(ALIGN)?;
            *end = end.checked_add(len).filter(|&end| end <= MAX_LEN)?;
        }
        Some(layout)
    }

    /// Number of elements of the storage.
    pub fn storage_len(&self) -> usize {
        self.storage_len
    }

    /// Number of elements of a workspace.
    pub fn workspace_len(&self) -> usize {
        self.workspace_len
    }

    /// Region and first element of a buffer of the program that this layout is of.
    ///
    /// # Panics
    /// If the program has no such buffer.
    pub fn place(&self, buffer: BufferId) -> (Region, usize) {
        self.places[buffer.0 as usize]
    }

    /// Region and first element of a view.
    ///
    /// # Panics
    /// If the program has no such buffer.
    pub fn place_view(&self, view: View) -> (Region, usize) {
        let (region, start) = self.place(view.buffer);
        (region, start + view.offset)
    }

    /// Writes the tables' numbers to the storage.
    ///
    /// # Panics
    /// If the storage is too short.
    pub fn write_tables<T: Float>(&self, program: &Verified, storage: &mut [T]) {
        for (buffer, &(_, start)) in program.program().buffers.iter().zip(&self.places) {
            if let Role::Table(values) = &buffer.role {
                for (to, &value) in storage[start..start + values.len()].iter_mut().zip(values) {
                    *to = T::from_f64(value);
                }
            }
        }
    }

    /// Zeroes a workspace, as is due before the params are written and `prepare` runs.
    pub fn clear<T: Float>(&self, workspace: &mut [T]) {
        workspace.fill(T::ZERO);
    }
}

/// The region of a role.
pub fn region(role: &Role) -> Region {
    match role {
        Role::Const | Role::Table(_) | Role::Derived => Region::Storage,
        Role::Param | Role::State | Role::Scratch | Role::Output => Region::Workspace,
    }
}

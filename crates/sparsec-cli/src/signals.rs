//! Ctrl-C: the first asks the solver for its best point, the second ends at once. Outside a solve, the first ends.

#[cfg(unix)]
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

/// True once the user has asked to stop.
pub static INTERRUPTED: AtomicBool = AtomicBool::new(false);

static PHASE: AtomicU8 = AtomicU8::new(READING);
const READING: u8 = 0;
const SOLVING: u8 = 1;

/// The exit code of an interrupted run.
pub const EXIT: u8 = 130;

/// Called when the user ends the program while nothing is being solved.
pub type Farewell = fn();

/// A write beyond the limit of a file's size becomes an error like any other, where the system would end the program and leave
/// its temporary files behind.
#[cfg(unix)]
pub fn report_long_files() {
    // With a handler, whatever it does, the write returns an error. Where none can be set, the signal keeps its usual meaning.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
}

/// There is no such signal here.
#[cfg(not(unix))]
pub fn report_long_files() {}

/// Watches for Ctrl-C. `farewell` prints what has to be printed where the program ends before its answer.
pub fn watch(farewell: Farewell) {
    // Where no handler can be set, Ctrl-C keeps its usual meaning.
    let _ = ctrlc::set_handler(move || {
        let first = !INTERRUPTED.swap(true, Ordering::SeqCst);
        if first && PHASE.load(Ordering::SeqCst) == SOLVING {
            return;
        }
        crate::write::remove_unfinished();
        if first {
            farewell();
        }
        std::process::exit(i32::from(EXIT));
    });
}

/// From here on the first Ctrl-C is left to the solver.
pub fn solving() {
    PHASE.store(SOLVING, Ordering::SeqCst);
}

/// True once the user has asked to stop.
pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

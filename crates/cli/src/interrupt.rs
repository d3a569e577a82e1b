//! Ctrl-C: the first one ends a generation and keeps what came out, the next one ends the program.

use std::{
    io::{self, IsTerminal, Write},
    ops::ControlFlow,
    process,
    sync::atomic::{AtomicBool, Ordering},
};

use anyhow::Context;

use crate::exit::Exit;

static ASKED: AtomicBool = AtomicBool::new(false);
static HEEDED: AtomicBool = AtomicBool::new(false);

/// Takes over Ctrl-C from the system.
pub(crate) fn install() -> anyhow::Result<()> {
    ctrlc::set_handler(|| {
        let again = ASKED.swap(true, Ordering::SeqCst);
        if HEEDED.load(Ordering::SeqCst) && !again {
            return;
        }
        if io::stderr().is_terminal() {
            // What follows does not begin in the middle of a progress bar.
            let _ = writeln!(io::stderr());
        }
        process::exit(Exit::Interrupted as i32);
    })
    .context("cannot take over Ctrl-C")
}

/// Whether Ctrl-C was pressed.
pub(crate) fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}

/// What a sink says that heeds Ctrl-C.
pub(crate) fn flow() -> ControlFlow<()> {
    if asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

/// Forgets a Ctrl-C that was heeded, so that the next one is a first one again.
pub(crate) fn forget() {
    ASKED.store(false, Ordering::SeqCst);
}

/// While this lives, somebody looks at [`asked`]; otherwise Ctrl-C ends the program at once.
pub(crate) struct Heeded(());

impl Heeded {
    pub(crate) fn begin() -> Self {
        HEEDED.store(true, Ordering::SeqCst);
        Self(())
    }
}

impl Drop for Heeded {
    fn drop(&mut self) {
        HEEDED.store(false, Ordering::SeqCst);
    }
}

/// Ctrl-C came when there was nothing to keep. Ends the program without a message.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

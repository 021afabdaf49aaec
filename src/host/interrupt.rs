//! Interruption: Ctrl-C and its like, noticed between two pieces of work so that nothing half-written stays.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result, ensure};
use signal_hook::consts::{SIGHUP, SIGXFSZ, TERM_SIGNALS};
use signal_hook::flag;

/// Exit status when a second signal comes before the first one was noticed.
const IMPATIENT: i32 = 130;

/// Listeners stay for as long as the process does, so one has to do for all images that it packs.
static LISTENING: OnceLock<Interrupt> = OnceLock::new();

/// Whether somebody asked the program to end.
#[derive(Debug, Clone)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens to the signals that ask a program to end. The second one ends it at once.
    pub fn listen() -> Result<Self> {
        if let Some(listening) = LISTENING.get() {
            return Ok(listening.clone());
        }
        let asked = Arc::new(AtomicBool::new(false));
        for &signal in TERM_SIGNALS.iter().chain(&[SIGHUP]) {
            flag::register_conditional_shutdown(signal, IMPATIENT, Arc::clone(&asked))
                .and_then(|_| flag::register(signal, Arc::clone(&asked)))
                .with_context(|| format!("listening to signal {signal}"))?;
        }
        // Past a limit on file sizes, the write that fails tells more than the death it would bring.
        flag::register(SIGXFSZ, Arc::default()).context("listening to signal SIGXFSZ")?;
        Ok(LISTENING.get_or_init(|| Self(asked)).clone())
    }

    /// An error as soon as a signal has come.
    pub fn check(&self) -> Result<()> {
        ensure!(
            !self.0.load(Ordering::Relaxed),
            "interrupted; no image was written"
        );
        Ok(())
    }
}

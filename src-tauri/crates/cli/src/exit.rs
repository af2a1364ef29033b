//! The one table of exit codes.

use std::{panic, process::ExitCode};

use crate::output::text;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// 0: proven, or done.
    Done,
    /// 4: everything works and something needs attention, with `--strict`.
    Attention,
    /// 3: could not check, partial, gave up waiting, cancelled, or the result could not be written.
    Incomplete,
    /// 1: broken, or denied.
    Broken,
    /// 2: the command line, a file or an environment variable cannot be used.
    Usage,
    /// 70: a fault of ours.
    Fault,
}

impl Exit {
    /// The number that scripts see.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Broken => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
            Self::Attention => 4,
            Self::Fault => 70,
        }
    }
}

/// Runs the program; a panic becomes one calm sentence and the code for a fault of ours. A result that could not be
/// written is incomplete, whatever it says.
pub(crate) fn run(program: impl FnOnce() -> Exit + panic::UnwindSafe) -> ExitCode {
    panic::set_hook(Box::new(|_| {}));
    let ended = panic::catch_unwind(program).unwrap_or_else(|_| {
        text::complain(
            "Gatehouse met a fault of its own and stopped. Nothing was left half-written. Please report it.",
        );
        Exit::Fault
    });
    let Some(error) = text::lost() else { return ExitCode::from(ended.code()) };
    text::complain(&format!(
        "The result could not be written to standard output: {error}. Make room there, or send it to another place."
    ));
    ExitCode::from(ended.max(Exit::Incomplete).code())
}

//! How states are shown: one word each, one glyph each, and the names that the page's styles know.

use super::Paper;
use crate::diagnosis::{LinkState, Severity, Verdict};

/// The look of a state.
pub(super) struct Look {
    /// Class in the style sheet.
    pub(super) class: &'static str,
    /// Shown beside the word where there is no drawing.
    pub(super) glyph: &'static str,
    /// Paths of the drawing, on 24 by 24.
    pub(super) paths: &'static [&'static str],
    /// The word.
    pub(super) word: &'static str,
}

const PROVEN: Look = Look { class: "proven", glyph: "✓", paths: &["M20 6 9 17l-5-5"], word: "Proven" };
const ATTENTION: Look =
    Look { class: "warn", glyph: "!", paths: &["M12 4.5v9", "M12 19.2v.1"], word: "Works, but…" };
const BROKEN: Look =
    Look { class: "broken", glyph: "×", paths: &["M18 6 6 18", "m6 6 12 12"], word: "Broken" };
const IDLE: Look = Look { class: "idle", glyph: "–", paths: &["M5 12h14"], word: "Not tried" };
const UNKNOWN: Look = Look {
    class: "unknown",
    glyph: "?",
    paths: &["M8.5 8.2a3.6 3.6 0 0 1 7 1.2c0 2.4-3.5 3.1-3.5 5.4", "M12 20v.1"],
    word: "Could not tell",
};

pub(super) fn of_state(state: LinkState) -> &'static Look {
    match state {
        LinkState::Proven => &PROVEN,
        LinkState::Attention => &ATTENTION,
        LinkState::Broken => &BROKEN,
        LinkState::Unknown => &UNKNOWN,
        LinkState::Skipped | LinkState::NotTried => &IDLE,
    }
}

pub(super) fn of_severity(severity: Severity) -> &'static Look {
    match severity {
        Severity::Broken => &BROKEN,
        Severity::Attention => &ATTENTION,
        Severity::Unknown => &UNKNOWN,
    }
}

pub(super) fn of_verdict(verdict: Verdict) -> &'static Look {
    match verdict {
        Verdict::Proven => &PROVEN,
        Verdict::Attention => &ATTENTION,
        Verdict::Broken => &BROKEN,
        Verdict::Incomplete => &UNKNOWN,
    }
}

/// What the document comes to, in a word and a sentence.
pub(super) fn conclusion(paper: &Paper) -> (&'static str, &'static str) {
    if paper.checked_at.is_none() {
        return ("Never checked", "Nothing was tried yet, so nothing is known about this connection.");
    }
    match paper.verdict {
        Verdict::Proven => ("Proven", "Every link was tried for real."),
        Verdict::Attention => ("Works, but…", "Everything works, and something needs attention."),
        Verdict::Incomplete => ("Could not tell", "Not everything could be checked."),
        Verdict::Broken => ("Broken", "The first broken link is the one to mend; what follows waits for it."),
    }
}

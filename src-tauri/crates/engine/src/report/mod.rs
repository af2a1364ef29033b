//! The report about a connection: one typed document, written as HTML, Markdown or JSON.
//!
//! It holds what a colleague or a support request needs: the chain, every finding with its proof and its fix, what
//! changed since the last good run. Secrets and tokens are in none of it; people, groups, folders and a service's own
//! words only when [`Names::Shown`] is chosen, and whole ids only with [`Ids::Full`].

mod compose;
mod html;
mod json;
mod look;
mod markdown;
mod marks;
mod paper;
mod place;
mod redaction;
mod save;

pub use compose::of;
pub use paper::{Paper, PaperChanges, PaperFinding, PaperLink, PaperRun, Subject, SupportIds};
pub use place::Place;
pub(crate) use redaction::Redaction;
pub use save::save;

use crate::history::{Comparison, Run};

/// What a report may tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportOptions {
    /// Names of people, groups and folders, and what services say in their own words.
    pub names: Names,
    /// Tenant, client and object ids.
    pub ids: Ids,
}

/// Whether names are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Names {
    /// They are left out.
    #[default]
    Masked,
    /// They are told.
    Shown,
}

/// How ids are told. What Microsoft's support asks for (trace, correlation and request ids) is always whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ids {
    /// The first and last group of each.
    #[default]
    Short,
    /// Whole.
    Full,
}

/// What is known from earlier.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// Earlier runs, the newest first.
    pub runs: Vec<Run>,
    /// What is different from the last good run; none without one.
    pub changed: Option<Comparison>,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One file without scripts and outside resources; prints on A4.
    Html,
    /// For a ticket or a wiki.
    Markdown,
    /// For programs, `gatehouse.report/1`.
    Json,
}

impl Format {
    /// The usual ending of such a file, without the dot.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Markdown => "md",
            Self::Json => "json",
        }
    }
}

impl Paper {
    /// The document as text that ends with a line break.
    pub fn write(&self, format: Format) -> String {
        match format {
            Format::Html => html::write(self),
            Format::Markdown => markdown::write(self),
            Format::Json => json::write(self),
        }
    }
}

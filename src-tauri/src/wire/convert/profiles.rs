use engine::profile::{ProfileProblem, Shelf};

use super::small;
use crate::wire::{ProfileProblemView, UnusableProfile};

impl UnusableProfile {
    pub(crate) fn all(shelf: &Shelf) -> Vec<Self> {
        let unusable = shelf.problems.iter().map(|unusable| Self {
            file: unusable.file.display().to_string(),
            problems: unusable.problems.iter().map(ProfileProblemView::from).collect(),
        });
        unusable.collect()
    }
}

impl From<&ProfileProblem> for ProfileProblemView {
    fn from(problem: &ProfileProblem) -> Self {
        Self {
            line: problem.line.map(|line| small(line as u64)),
            field: (!problem.field.is_empty()).then(|| problem.field.clone()),
            what: problem.what.clone(),
            fix: problem.fix.clone(),
        }
    }
}

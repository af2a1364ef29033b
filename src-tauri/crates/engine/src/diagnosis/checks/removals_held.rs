//! The last sync was read to its end, and would take so much away that it waits for the admin's word.

use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    words,
};

pub(super) static CHECK: Check = Check {
    id: "removals-held",
    link: Link::Directory,
    words: Words {
        title: "The last sync would remove too much, so it is held back",
        meaning: "What is known of the directory stays as it was, and no gateway loses anybody. So many people, groups or memberships seldom go at once: often a filter, a permission or a deleted group is the cause.",
        fix: &[
            "Find out in Entra whether so much was really removed.",
            "If it was not, mend the cause and run the sync again.",
            "If it was, accept the removals by typing their number.",
        ],
        who: Who::You,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    let Some(sync) = &case.evidence.sync else { return Outcome::Skipped };
    let Some(held) = &sync.held else { return Outcome::Pass };
    let removals = words::number(held.removals);
    let mut problem = Problem::attention(Saw::new(
        Source::Graph,
        format!(
            "Users, groups and memberships that would go, and people who would lose a role, in all: {removals}."
        ),
    ));
    for reason in &held.reasons {
        problem = problem.and_saw(Saw::new(Source::Graph, reason.clone()));
    }
    if !held.may_be_accepted {
        problem = problem.and_saw(Saw::new(Source::Graph, "A directory without people is never accepted."));
    }
    problem.word("Held back").found()
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        diagnosis::{Outcome, Severity, checks::fixture},
        evidence::Held,
    };

    #[test]
    fn a_held_sync_gives_its_number_and_every_reason() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        let reasons = vec!["Too many users.".to_owned(), "Nobody administers.".to_owned()];
        let held = Held { reasons, removals: 1_204, may_be_accepted: true };
        connection.evidence.sync.as_mut().unwrap().held = Some(held);
        let found = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(found.severity, Severity::Attention);
        let saw: Vec<&str> = found.saw.iter().map(|saw| saw.text.as_str()).collect();
        assert_eq!(
            saw,
            [
                "Users, groups and memberships that would go, and people who would lose a role, in all: 1,204.",
                "Too many users.",
                "Nobody administers."
            ]
        );
        connection.evidence.sync.as_mut().unwrap().held.as_mut().unwrap().may_be_accepted = false;
        assert_eq!(fixture::finding(&connection, &CHECK).unwrap().saw.len(), 4);
    }

    #[test]
    fn nothing_read_is_nothing_held() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}

//! A token was issued, and its claims cannot be read: nothing in it can be proven before Graph is asked.

use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
};

pub(super) static CHECK: Check = Check {
    id: "token-unreadable",
    link: Link::Token,
    words: Words {
        title: "A token was issued, and its claims cannot be read",
        meaning: "The token may still work for the gateways, but its audience, tenant, roles and lifetime \
                  cannot be shown, so they are not proven. Waiting does not help.",
        fix: &[
            "Check again: a second token shows whether this one was spoiled on its way.",
            "If it stays, have the network checked for something that changes answers of the sign-in host.",
            "If nothing does, give Microsoft support the request ID and the time.",
        ],
        who: Who::You,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    let Some(token) = case.token() else { return Outcome::Skipped };
    if token.claims.is_some() {
        return Outcome::Pass;
    }
    let because = token.unreadable.as_deref().unwrap_or("its form is not known");
    let mut problem = Problem::unknown(Saw::new(Source::Token, format!("Not readable: {because}.")));
    if let Some(id) = &token.request_id {
        problem = problem.and_saw(Saw::new(Source::TokenEndpoint, format!("Request ID `{id}`.")));
    }
    problem.word("Not readable").found()
}

/// The claims of a healthy connection's token, to be changed.
#[cfg(test)]
pub(super) fn claims_of(connection: &mut crate::connection::Connection) -> &mut entra::Claims {
    let crate::evidence::Fact::Seen(token) = &mut connection.evidence.token else {
        panic!("a healthy connection has a token")
    };
    token.value.claims.as_mut().expect("with claims")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        diagnosis::{Severity, checks::fixture},
        evidence::Fact,
    };

    #[test]
    fn a_token_without_claims_is_never_proven() {
        let mut connection = fixture::healthy();
        let Fact::Seen(token) = &mut connection.evidence.token else { panic!("healthy has a token") };
        token.value.claims = None;
        token.value.unreadable = Some("the token is encrypted".to_owned());
        let Outcome::Problem(found) = fixture::judge(&connection, &CHECK) else { panic!("it is a finding") };
        assert_eq!(found.severity, Severity::Unknown);
        assert_eq!(found.saw[0].text, "Not readable: the token is encrypted.");
    }

    #[test]
    fn readable_claims_pass_and_no_token_is_skipped() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.evidence.token = Fact::NotTried;
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped));
    }
}

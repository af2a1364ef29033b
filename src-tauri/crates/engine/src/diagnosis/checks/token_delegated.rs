//! The token speaks for a user, not for the app: `scp`, or `idtyp` `user`.
//! Source: <https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>.

use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
};

pub(super) static CHECK: Check = Check {
    id: "token-delegated",
    link: Link::Token,
    words: Words {
        title: "The token speaks for a user, not for the app",
        meaning: "A gateway that signs in as itself needs a token with application roles. This one can do \
                  only what its user may do, and ends with the user’s sign-in. Waiting does not help.",
        fix: &[
            "Check that the sign-in host is Microsoft’s own and that nothing between answers in its place.",
            "Check again with the app’s own client secret or certificate; no user signs in here.",
        ],
        who: Who::You,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    let Some(claims) = case.token().and_then(|token| token.claims.as_ref()) else { return Outcome::Skipped };
    let scopes = claims.scp.as_deref();
    let user = claims.idtyp.as_deref().filter(|kind| kind.eq_ignore_ascii_case("user"));
    let seen = match (scopes, user) {
        (Some(scopes), _) => format!("`scp` is `{scopes}`; an app’s own token has none."),
        (None, Some(kind)) => format!("`idtyp` is `{kind}`; an app’s own token says `app`."),
        (None, None) => return Outcome::Pass,
    };
    Problem::broken(Saw::new(Source::Token, seen)).word("For a user").found()
}

#[cfg(test)]
mod tests {
    use super::{super::token_unreadable::claims_of, *};
    use crate::{
        diagnosis::{Severity, checks::fixture},
        evidence::Fact,
    };

    #[test]
    fn scopes_or_a_user_s_type_give_it_away() {
        let mut scoped = fixture::healthy();
        claims_of(&mut scoped).scp = Some("User.Read".to_owned());
        let mut typed = fixture::healthy();
        claims_of(&mut typed).idtyp = Some("user".to_owned());
        for (connection, claim) in [(scoped, "`scp`"), (typed, "`idtyp`")] {
            let Outcome::Problem(found) = fixture::judge(&connection, &CHECK) else {
                panic!("{claim} is a finding")
            };
            assert_eq!(found.severity, Severity::Broken);
            assert!(found.saw[0].text.starts_with(claim));
        }
    }

    #[test]
    fn an_app_s_token_passes_with_and_without_its_type() {
        let mut connection = fixture::healthy();
        for idtyp in [Some("app".to_owned()), None] {
            claims_of(&mut connection).idtyp = idtyp;
            assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        }
        connection.evidence.token = Fact::NotTried;
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped));
    }
}

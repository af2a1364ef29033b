//! The refusal of a sign-in account; shared by the checks that explain one.

use entra::{Fault, FaultKind};

use super::refused_request::codes;
use crate::{
    diagnosis::{Case, Outcome, Problem, Saw, aadsts},
    evidence::Source,
};

/// A refused account is attention: the app's own sign-in goes on. The same number on the app's own token request breaks
/// the link.
pub(super) fn outcome(case: &Case<'_>, finding: &str, word: &str) -> Outcome {
    if let Some(fault) = case.refusal_leading_to(finding) {
        let saw = super::refused_request::saw(fault);
        return Problem::broken(saw).because_of(fault).word(word).found();
    }
    if let Some(fault) = case.account_refusal_leading_to(finding) {
        return problem(fault, word).found();
    }
    if case.evidence.account.is_untried() { Outcome::Skipped } else { Outcome::Pass }
}

/// Findings that speak of a refused account. What leads to none of them is `error-unknown`'s.
pub(super) const SPOKEN_OF: &[&str] = &[
    "account-disabled",
    "account-locked",
    "conditional-access-blocked",
    "federated-account",
    "guest-account",
    "mfa-required",
    "password-expired",
    "password-wrong",
    "public-client-off",
    "resource-without-delegated-permission",
    "session-revoked",
    "symmetric-signing-key",
    "user-consent-disabled",
];

/// A refusal of the account that no other finding speaks of.
pub(super) fn unspoken_of<'a>(case: &Case<'a>) -> Option<&'a Fault> {
    let fault = &case.evidence.account.refusal()?.fault;
    let finding = aadsts::finding_of_account(fault);
    finding.is_none_or(|finding| !SPOKEN_OF.contains(&finding)).then_some(fault)
}

/// Attention, with the refusal of the account as its fact.
pub(super) fn problem(fault: &Fault, word: &str) -> Problem {
    let text = match fault.kind {
        FaultKind::Refused => format!("The sign-in account was refused: {}.", codes(fault)),
        _ => format!("The sign-in account could not be tried: {}", fault.detail),
    };
    Problem::attention(Saw::new(Source::TokenEndpoint, text)).because_of(fault).word(word)
}

#[cfg(test)]
use crate::diagnosis::{Check, Severity};

/// Every number is attention for the account, and nothing is found without one.
#[cfg(test)]
pub(super) fn assert_fires_on(check: &Check, numbers: &[u32], oauth_error: &str) {
    use super::fixture;
    use crate::evidence::{AccountMethod, AccountSeen};
    use entra::{FaultKind, Operation};

    let mut connection = fixture::healthy();
    assert!(matches!(fixture::judge(&connection, check), Outcome::Skipped));
    connection.evidence.account =
        fixture::seen(AccountSeen { by: AccountMethod::Password }, Source::TokenEndpoint);
    assert!(matches!(fixture::judge(&connection, check), Outcome::Pass));
    for number in numbers {
        let mut fault = fixture::refusal(FaultKind::Refused, Operation::Token);
        (fault.aadsts, fault.oauth_error) = (Some(*number), Some(oauth_error.to_owned()));
        connection.evidence.account = fixture::refused_with(fault);
        let finding = fixture::finding(&connection, check).unwrap_or_else(|| panic!("AADSTS{number}"));
        assert_eq!(finding.severity, Severity::Attention);
        assert!(finding.saw[0].text.contains(&format!("AADSTS{number}")), "{}", finding.saw[0].text);
        assert_eq!(finding.fault.unwrap().aadsts, Some(*number));
    }
}

#[cfg(test)]
mod tests {
    use super::super::{TABLE, fixture};

    #[test]
    fn no_refusal_of_an_account_is_lost() {
        let mut silent = Vec::new();
        for code in crate::catalogue::entra_codes() {
            let mut connection = fixture::healthy();
            connection.profile = "gespage-print".to_owned();
            connection.evidence.public_client = crate::evidence::Fact::NotTried;
            fixture::account_refused(&mut connection, code.number);
            let told = TABLE.iter().any(|check| {
                fixture::finding(&connection, check).is_some_and(|finding| {
                    finding.fault.is_some_and(|fault| fault.aadsts == Some(code.number))
                })
            });
            if !told && code.number != 7_000_218 {
                silent.push(code.number);
            }
        }
        assert!(silent.is_empty(), "nothing speaks of {silent:?}");
    }
}

//! What a rehearsal of each state brings, so that its check meets the state.

use engine::diagnosis::checks;

use Brings::{Account, AnotherName, Certificate, ConsentAnswer, Nothing, Proxy};

/// What the connection for rehearsals is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rehearsal {
    /// Id of its profile.
    pub(crate) profile: &'static str,
    pub(crate) credential: CredentialKind,
    pub(crate) way: Way,
    /// The AADSTS number that the browser came back with from the consent page.
    pub(crate) consent_refusal: Option<u32>,
}

/// What the app of a rehearsal proves itself with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CredentialKind {
    /// The secret that the practice portal shows.
    Secret,
    /// The practice tenant's throwaway certificate.
    Certificate,
}

/// How the requests of a rehearsal reach the practice tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// As the computer's settings say.
    Usual,
    /// Through the practice tenant's proxy.
    Proxy,
}

impl Rehearsal {
    const PLAIN: Self = Self {
        profile: "least-privilege",
        credential: CredentialKind::Secret,
        way: Way::Usual,
        consent_refusal: None,
    };

    /// The one for a scenario of the practice tenant.
    pub(crate) fn of(scenario: &str) -> Self {
        match brings(scenario) {
            None | Some(AnotherName { .. } | Nothing { .. }) => Self::PLAIN,
            Some(Certificate) => Self { credential: CredentialKind::Certificate, ..Self::PLAIN },
            Some(Account) => Self { profile: "gespage-print", ..Self::PLAIN },
            Some(Proxy) => Self { way: Way::Proxy, ..Self::PLAIN },
            Some(ConsentAnswer { aadsts }) => Self { consent_refusal: Some(*aadsts), ..Self::PLAIN },
        }
    }
}

/// Whether a rehearsal's check meets this scenario.
pub(crate) fn is_rehearsable(scenario: &str) -> bool {
    !matches!(brings(scenario), Some(Nothing { .. }))
}

/// What an admin should know of the rehearsal before it begins, or why there is none.
pub(crate) fn remark(scenario: &str) -> Option<String> {
    Some(match brings(scenario)? {
        Certificate => {
            "The rehearsal signs in with a throwaway certificate, whose private key stays in memory.".to_owned()
        }
        Account => {
            "The rehearsal is of a print server that also signs in with an account: the practice tenant’s own."
                .to_owned()
        }
        Proxy => "The rehearsal’s requests go through the practice tenant’s proxy.".to_owned(),
        ConsentAnswer { aadsts } => {
            format!("The rehearsal begins with the browser back from the consent page, with `AADSTS{aadsts}`.")
        }
        AnotherName { finding, because } => format!("{because} {}", called(finding)),
        Nothing { because } => format!("{because} Played, it is there for other programs."),
    })
}

fn called(finding: &str) -> String {
    let check = checks::TABLE.iter().find(|check| check.id == finding);
    check.map_or_else(String::new, |check| format!("The check calls this **{}**.", check.words.title))
}

/// What a rehearsal needs besides the ids and the secret.
enum Brings {
    /// A certificate in place of the secret.
    Certificate,
    /// A profile whose gateway signs in with an account, and the practice tenant's account.
    Account,
    /// The practice tenant's proxy.
    Proxy,
    /// How the consent page sent the browser back, as the practice tenant's own page does in this state.
    ConsentAnswer { aadsts: u32 },
    /// Nothing, and the check knows the state by a finding of another name.
    AnotherName { finding: &'static str, because: &'static str },
    /// Nothing would help.
    Nothing { because: &'static str },
}

fn brings(scenario: &str) -> Option<&'static Brings> {
    BRINGS.iter().find(|(id, _)| *id == scenario).map(|(_, brings)| brings)
}

/// Scenarios that ids and a secret do not meet under their own name.
const BRINGS: &[(&str, Brings)] = &[
    ("proxy-required", Proxy),
    ("proxy-refused", Proxy),
    ("public-client-off", Account),
    (
        "object-id-pasted",
        AnotherName { finding: "app-unknown", because: "As a client ID, nobody knows the Object ID." },
    ),
    (
        "secret-not-yet",
        AnotherName {
            finding: "secret-wrong",
            because: "Outside the practice tenant, a secret that was pasted a moment ago is given a minute.",
        },
    ),
    ("certificate-unknown", Certificate),
    ("certificate-expired", Certificate),
    ("certificate-signature", Certificate),
    ("password-wrong", Account),
    ("password-expired", Account),
    ("account-disabled", Account),
    ("account-locked", Account),
    ("mfa-required", Account),
    ("federated-account", Account),
    ("guest-account", Account),
    ("resource-without-delegated-permission", Account),
    (
        "delegated-only",
        AnotherName {
            finding: "consent-missing",
            because: "An app that may not read its own registration cannot tell delegated permissions from none.",
        },
    ),
    ("consent-callback-refused", ConsentAnswer { aadsts: 65_004 }),
    ("user-consent-disabled", ConsentAnswer { aadsts: 90_094 }),
    (
        "session-revoked",
        Nothing {
            because: "A check signs the account in anew and keeps no sign-in that could be revoked, so no rehearsal meets this state.",
        },
    ),
    (
        "delta-expired",
        Nothing {
            because: "A check reads no changes. Run the test sync in step 8 twice, the second time for what changed.",
        },
    ),
    (
        "credential-forbidden-by-policy",
        Nothing {
            because: "The policy speaks when a secret is added, and a check adds none, so no rehearsal meets this state.",
        },
    ),
];

#[cfg(test)]
mod tests {
    use practice::Scenario;

    use super::*;

    #[test]
    fn every_row_is_of_a_scenario_and_says_something() {
        for (id, _) in BRINGS {
            assert!(id.parse::<Scenario>().is_ok(), "{id}");
            assert!(remark(id).is_some_and(|remark| remark.ends_with('.')), "{id}");
        }
        for (_, brings) in BRINGS {
            if let AnotherName { finding, .. } = brings {
                assert!(called(finding).contains("**"), "{finding} is no check");
            }
        }
        assert!(remark("user-consent-disabled").unwrap().contains("AADSTS90094"));
    }

    #[test]
    fn what_cannot_be_rehearsed_is_little() {
        let left: Vec<&str> =
            Scenario::ALL.iter().map(|scenario| scenario.id()).filter(|id| !is_rehearsable(id)).collect();
        assert_eq!(left, ["credential-forbidden-by-policy", "session-revoked", "delta-expired"]);
        assert_eq!(Rehearsal::of("healthy"), Rehearsal::PLAIN);
        assert_eq!(remark("healthy"), None);
    }
}

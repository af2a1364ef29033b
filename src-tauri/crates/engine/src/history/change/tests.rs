//! Every kind of change, one at a time.

use jiff::civil::date;

use super::*;
use crate::{
    diagnosis::{Severity, Verdict},
    history::{HostFact, RunLink, RunRecord},
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn finding(id: &str, link: Link, title: &str) -> RunFinding {
    RunFinding { id: id.to_owned(), link, severity: Severity::Attention, title: title.to_owned() }
}

fn good() -> Run {
    let facts = Facts {
        tenant: Some("contoso.com".to_owned()),
        client_id: Some("22222222-2222-4222-8222-222222222222".to_owned()),
        hosts: vec![HostFact {
            host: "login.microsoftonline.com".to_owned(),
            took_ms: 80,
            issuer: Some("DigiCert Global G2 CA1, DigiCert Inc".to_owned()),
        }],
        credential: Some(CredentialFact {
            kind: CredentialKind::Secret,
            entered_at: at("2026-05-19T09:00:00Z"),
            hint: Some("AbC".to_owned()),
            ends_on: Some(date(2026, 11, 19)),
        }),
        registered_secrets: Some(vec![RegisteredSecret {
            key_id: "77777777-7777-4777-8777-777777777777".to_owned(),
            hint: Some("AbC".to_owned()),
            ends: Some(at("2026-11-19T09:00:00Z")),
        }]),
        token: Some(TokenFact {
            roles: Some(names(&["Group.Read.All", "User.Read.All"])),
            delegated: false,
            lifetime_seconds: 3_600,
        }),
        requested: Some(names(&["Group.Read.All", "User.Read.All"])),
        assigned: Some(names(&["Group.Read.All", "User.Read.All"])),
        public_client: Some(false),
        sign_in_enabled: Some(true),
        directory: Some(DirectoryFact { complete: true, users: 240, groups: 12, memberships: 1_700 }),
    };
    let links = Link::ALL.into_iter().map(|link| RunLink {
        link,
        state: LinkState::Proven,
        word: "Proven".to_owned(),
        evidence: Vec::new(),
    });
    Run {
        id: 1,
        record: RunRecord {
            connection_id: "contoso".to_owned(),
            started_at: at("2026-11-17T08:00:00Z"),
            seconds: 0.5,
            verdict: Verdict::Proven,
            profile: "least-privilege".to_owned(),
            links: links.collect(),
            findings: Vec::new(),
            facts,
        },
    }
}

/// What is said after the good run was changed like this.
fn said(change: impl FnOnce(&mut RunRecord)) -> Vec<String> {
    said_since(&good(), change)
}

fn said_since(before: &Run, change: impl FnOnce(&mut RunRecord)) -> Vec<String> {
    let mut now = Run { id: 2, ..before.clone() };
    now.record.started_at = at("2026-11-18T08:00:00Z");
    change(&mut now.record);
    changed_since(before, &now).iter().map(Change::words).collect()
}

#[test]
fn nothing_is_said_when_nothing_changed() {
    assert_eq!(said(|_| {}), Vec::<String>::new());
    assert_eq!(said(|now| now.seconds = 12.0), Vec::<String>::new());
}

#[test]
fn what_only_one_run_saw_is_not_compared() {
    assert_eq!(said(|now| now.facts = Facts::default()), Vec::<String>::new());
    let blind = Run { record: RunRecord { facts: Facts::default(), ..good().record }, ..good() };
    assert_eq!(said_since(&blind, |now| now.facts = good().record.facts), Vec::<String>::new());
}

#[test]
fn other_inputs_are_named() {
    let said = said(|now| {
        now.facts.tenant = Some("fabrikam.com".to_owned());
        now.facts.client_id = Some("33333333-3333-4333-8333-333333333333".to_owned());
        now.profile = "custom".to_owned();
    });
    assert_eq!(
        said,
        [
            "Another tenant is asked: `contoso.com` → `fabrikam.com`.",
            "Another app is used: client ID `22222222-2222-4222-8222-222222222222` → `33333333-3333-4333-8333-333333333333`.",
            "Another gateway profile is used: least-privilege → custom.",
        ]
    );
}

#[test]
fn a_host_with_another_issuer_or_a_slow_one_is_named() {
    let issuer = said(|now| now.facts.hosts[0].issuer = Some("Fabrikam Inspection CA".to_owned()));
    assert_eq!(
        issuer,
        [
            "`login.microsoftonline.com` shows a certificate of Fabrikam Inspection CA; it was one of DigiCert Global G2 CA1, DigiCert Inc."
        ]
    );
    let next = said(|now| now.facts.hosts[0].issuer = Some("DigiCert EV CA, DigiCert Inc".to_owned()));
    assert_eq!(next, Vec::<String>::new(), "the same authority, another of its certificates");
    assert_eq!(
        said(|now| now.facts.hosts[0].took_ms = 1_400),
        ["`login.microsoftonline.com` takes longer: 80 ms → 1400 ms."]
    );
    assert_eq!(said(|now| now.facts.hosts[0].took_ms = 900), Vec::<String>::new());
}

#[test]
fn a_secret_that_ended_in_between_is_named_with_its_day() {
    let ended = |now: &mut RunRecord| now.started_at = at("2026-11-20T08:00:00Z");
    assert_eq!(said(ended), ["The secret ended on 19 Nov 2026."]);
    let mut before = good();
    before.record.started_at = at("2026-11-19T08:00:00Z");
    assert_eq!(said_since(&before, ended), Vec::<String>::new(), "it had ended before the good run");
}

#[test]
fn another_secret_and_another_end_are_named() {
    let replaced = said(|now| {
        let secret = now.facts.credential.as_mut().unwrap();
        secret.entered_at = at("2026-11-18T07:00:00Z");
        secret.hint = Some("XyZ".to_owned());
        secret.ends_on = Some(date(2027, 5, 19));
    });
    assert_eq!(replaced, ["Another secret is in use: `AbC…` → `XyZ…`."]);
    assert_eq!(
        said(|now| now.facts.credential.as_mut().unwrap().ends_on = Some(date(2027, 5, 19))),
        ["The end date kept with the secret is another: 19 Nov 2026 → 19 May 2027."]
    );
    let certificate = said(|now| now.facts.credential.as_mut().unwrap().kind = CredentialKind::Certificate);
    assert_eq!(certificate, ["A certificate is in use now, and no longer a secret."]);
    let listed = said(|now| {
        now.facts.registered_secrets = Some(vec![RegisteredSecret {
            key_id: "88888888-8888-4888-8888-888888888888".to_owned(),
            hint: Some("XyZ".to_owned()),
            ends: None,
        }]);
    });
    assert_eq!(
        listed,
        [
            "The registration no longer has the secret `AbC…` (end date 19 Nov 2026).",
            "The registration has a new secret `XyZ…`.",
        ]
    );
}

#[test]
fn roles_requests_and_assignments_are_named() {
    let lost = said(|now| {
        now.facts.token.as_mut().unwrap().roles = Some(names(&["User.Read.All"]));
        now.facts.assigned = Some(names(&[]));
        now.facts.requested = Some(names(&["Directory.Read.All", "Group.Read.All", "User.Read.All"]));
    });
    assert_eq!(
        lost,
        [
            "The token no longer carries Group.Read.All.",
            "The service principal no longer has Group.Read.All and User.Read.All assigned.",
            "The registration now requests Directory.Read.All.",
        ]
    );
    let gained = said(|now| {
        let roles = names(&["A", "B", "C", "Group.Read.All", "User.Read.All"]);
        now.facts.token.as_mut().unwrap().roles = Some(roles.clone());
        now.facts.assigned = Some(roles);
        now.facts.requested = Some(names(&["User.Read.All"]));
    });
    assert_eq!(
        gained,
        [
            "The token now carries A, B and C.",
            "The service principal now has A, B and C assigned.",
            "The registration no longer requests Group.Read.All.",
        ]
    );
}

#[test]
fn the_tokens_kind_and_lifetime_are_named() {
    let token = |change: fn(&mut TokenFact)| said(|now| change(now.facts.token.as_mut().unwrap()));
    assert_eq!(token(|token| token.delegated = true), ["The token speaks for a user now, not for the app."]);
    assert_eq!(
        token(|token| token.lifetime_seconds = 86_400),
        ["The token lives 24 hours; it was 60 minutes."]
    );
    assert_eq!(token(|token| token.lifetime_seconds = 5_400), Vec::<String>::new());
    let mut delegated = good();
    delegated.record.facts.token.as_mut().unwrap().delegated = true;
    let back = said_since(&delegated, |now| now.facts.token.as_mut().unwrap().delegated = false);
    assert_eq!(back, ["The token speaks for the app again."]);
}

#[test]
fn switches_are_named() {
    let switched = said(|now| {
        now.facts.public_client = Some(true);
        now.facts.sign_in_enabled = Some(false);
    });
    assert_eq!(
        switched,
        [
            "**Allow public client flows** was switched on.",
            "Sign-in of the enterprise application was switched off.",
        ]
    );
}

#[test]
fn counts_are_compared_when_both_reads_were_whole() {
    let directory = |users, complete| DirectoryFact { complete, users, groups: 3, memberships: 40 };
    assert_eq!(
        said(|now| now.facts.directory = Some(directory(12, true))),
        ["Users: 240 → 12.", "Groups: 12 → 3.", "Memberships: 1,700 → 40."]
    );
    assert_eq!(
        said(|now| now.facts.directory = Some(directory(12, false))),
        ["The last test sync did not read the directory to its end."]
    );
    let mut partial = good();
    partial.record.facts.directory = Some(directory(12, false));
    let whole = said_since(&partial, |now| now.facts.directory = Some(directory(240, true)));
    assert_eq!(whole, ["The directory is read to its end again."]);
}

#[test]
fn findings_come_and_go_but_only_where_somebody_looked() {
    let mut before = good();
    before.record.findings = vec![
        finding("clock-skewed", Link::Network, "This computer’s clock is ahead"),
        finding("secret-ending", Link::Credential, "The client secret ends in 1 day"),
        finding("hidden-membership", Link::Directory, "Some groups hide their members"),
    ];
    let said = said_since(&before, |now| {
        now.findings = vec![finding("secret-expired", Link::Credential, "The client secret has ended")];
        now.links[Link::Credential as usize].state = LinkState::Broken;
        now.links[Link::Directory as usize].state = LinkState::Skipped;
    });
    assert_eq!(
        said,
        ["New: The client secret has ended.", "No longer found: This computer’s clock is ahead."]
    );
}

#[test]
fn every_kind_has_an_id_of_its_own() {
    let mut before = good();
    before.record.findings = vec![finding("clock-skewed", Link::Network, "This computer’s clock is ahead")];
    let mut now = good();
    now.record.facts.public_client = Some(true);
    now.record.findings = vec![finding("secret-ending", Link::Credential, "The client secret ends soon")];
    let ids: Vec<&str> = changed_since(&before, &now).iter().map(Change::id).collect();
    assert_eq!(ids, ["public-client", "finding-appeared", "finding-gone"]);
}

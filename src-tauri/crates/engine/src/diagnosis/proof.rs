//! What proves a link: the positive half of the judgement. A link without proof is not tried, whatever else is fine.

use jiff::Timestamp;

use super::{Case, Link, checks::is_left_to_directory};
use crate::{
    evidence::{Fact, Source},
    gateways::{Gateway, GatewayStanding},
    words,
};

/// What is known in favour of a link.
pub(super) enum Proof {
    /// It was seen for real.
    Proven { word: String, evidence: Vec<String>, at: Timestamp, source: Source },
    /// It need not be told.
    Skipped(String),
    /// Nothing speaks for it yet.
    NotTried,
}

pub(super) fn of(case: &Case<'_>, link: Link) -> Proof {
    let proven = match link {
        Link::Network => network(case),
        Link::Tenant => tenant(case),
        Link::App => app(case),
        Link::Credential => credential(case),
        Link::Token => token(case),
        Link::Consent => consent(case),
        Link::Directory => directory(case),
        Link::Gateway => return gateway(case),
    };
    proven.unwrap_or(Proof::NotTried)
}

fn proven(evidence: Vec<String>, at: Timestamp, source: Source) -> Proof {
    Proof::Proven { word: "Proven".to_owned(), evidence, at, source }
}

fn network(case: &Case<'_>) -> Option<Proof> {
    let Fact::Seen(authority) = &case.evidence.authority else { return None };
    let graph = match &case.evidence.graph {
        Fact::Seen(graph) => graph,
        Fact::Refused(graph) if is_left_to_directory(case, graph) => {
            let lines = vec!["1 of 2 hosts".to_owned(), "Graph: see Directory".to_owned()];
            return Some(proven(lines, authority.at, Source::Network));
        }
        _ => return None,
    };
    let slowest = authority.took_ms.max(graph.took_ms);
    let through = if case.evidence.network.is_proxied() { " through a proxy" } else { "" };
    let lines = vec!["2 of 2 hosts".to_owned(), format!("{slowest} ms{through}")];
    Some(proven(lines, authority.at, Source::Network))
}

fn tenant(case: &Case<'_>) -> Option<Proof> {
    let Fact::Seen(tenant) = &case.evidence.tenant else { return None };
    let found = tenant.value.id.to_string();
    let mut lines = vec![case.tenant_words()];
    if lines[0] != found {
        lines.push(words::short_id(&found));
    }
    Some(proven(lines, tenant.at, tenant.source))
}

fn app(case: &Case<'_>) -> Option<Proof> {
    let at = case.evidence.token.at()?;
    let accepted = case.token().is_some();
    let known = case.evidence.token.refusal().is_some_and(|refused| {
        super::aadsts::finding(&refused.fault).is_some_and(|finding| {
            finding.starts_with("secret-")
                || finding == "credential-refused"
                || finding == "conditional-access-blocked"
        })
    });
    (accepted || known)
        .then(|| proven(vec![format!("{} found", case.client_words())], at, Source::TokenEndpoint))
}

fn credential(case: &Case<'_>) -> Option<Proof> {
    // Policies are asked only after the credential was accepted.
    if case.token().is_none() && case.refusal_leading_to("conditional-access-blocked").is_none() {
        return None;
    }
    let at = case.evidence.token.at()?;
    let credential = case.connection.credential.as_ref()?;
    let noun = credential.noun();
    let line = credential
        .ends_on
        .map_or_else(|| format!("{noun} accepted"), |day| format!("{noun}, ends {}", words::day(day)));
    let mut lines = vec![line];
    if case.evidence.account.value().is_some() {
        lines.push("sign-in account accepted".to_owned());
    }
    Some(proven(lines, at, Source::TokenEndpoint))
}

fn token(case: &Case<'_>) -> Option<Proof> {
    let token = case.token()?;
    let at = case.evidence.token.at()?;
    token.claims.as_ref()?;
    let minutes = token.expires_in / 60;
    Some(proven(vec![format!("{minutes} min long"), "app-only".to_owned()], at, Source::Token))
}

fn consent(case: &Case<'_>) -> Option<Proof> {
    let missing = case.missing_roles()?;
    let at = case.evidence.token.at()?;
    let wanted = case.required().len();
    (wanted > 0 && missing.is_empty()).then(|| {
        proven(vec![format!("{wanted} of {wanted} roles"), "in the token".to_owned()], at, Source::Token)
    })
}

fn directory(case: &Case<'_>) -> Option<Proof> {
    if let Some(sync) = case.evidence.sync.as_ref().filter(|sync| sync.complete) {
        let lines = vec![
            format!("{} users", words::number(sync.users.read)),
            format!("{} groups read", words::number(sync.groups.read)),
        ];
        return Some(proven(lines, sync.finished_at, Source::Graph));
    }
    let Fact::Seen(sample) = &case.evidence.directory else { return None };
    let lines = vec!["Users and groups".to_owned(), "can be read".to_owned()];
    (sample.value.users && sample.value.groups).then(|| proven(lines, sample.at, sample.source))
}

fn gateway(case: &Case<'_>) -> Proof {
    match &case.evidence.written {
        Fact::Seen(written) if written.value.unreadable.is_none() => proven(
            vec!["Config written".to_owned(), words::moment(written.value.written_at)],
            written.at,
            Source::Computer,
        ),
        Fact::Seen(_) => Proof::NotTried,
        _ => sealed(case)
            .unwrap_or_else(|| Proof::Skipped("no gateway config has been written yet".to_owned())),
    }
}

/// Bundles are the other way for a config to get to its gateways.
fn sealed(case: &Case<'_>) -> Option<Proof> {
    let of = case.gateways.len();
    let newest =
        case.gateways.iter().filter_map(|gateway| gateway.newest()).map(|known| known.sealed_at).max()?;
    let confirmed = |gateway: &&Gateway| gateway.standing(case.connection) == GatewayStanding::Confirmed;
    let confirmed = case.gateways.iter().filter(confirmed).count();
    let lines = vec![format!("{confirmed} of {of} confirmed"), words::moment(newest)];
    Some(proven(lines, newest, Source::Computer))
}

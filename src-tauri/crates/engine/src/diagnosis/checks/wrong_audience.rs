//! The token is for another service than this connection's Microsoft Graph.
//! Source: <https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>, `aud`.

use entra::Cloud;
use url::{Host, Url};

use crate::{
    connection::Connection,
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
};

pub(super) static CHECK: Check = Check {
    id: "wrong-audience",
    link: Link::Token,
    words: Words {
        title: "The token is not for this cloud’s Microsoft Graph",
        meaning: "Graph refuses a token that names another audience, so the gateways read nothing. Waiting \
                  does not help.",
        fix: &[
            "Check on the step **Prepare** that the cloud is the tenant’s own.",
            "Check that nothing between this computer and the sign-in host changes the request.",
        ],
        who: Who::You,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    let Some(claims) = case.token().and_then(|token| token.claims.as_ref()) else { return Outcome::Skipped };
    if is_graph(case.connection, &claims.aud) {
        return Outcome::Pass;
    }
    let expected = case.connection.cloud().unwrap_or(Cloud::Global).graph();
    let text = format!("`aud` is `{}`, expected `{expected}`.", claims.aud);
    Problem::broken(Saw::new(Source::Token, text)).found()
}

/// Graph's address or its app id; for loopback endpoints those of the global cloud, or their own address.
fn is_graph(connection: &Connection, audience: &str) -> bool {
    let cloud = connection.cloud().unwrap_or(Cloud::Global);
    let bare = |text: &str| text.trim_end_matches('/').to_ascii_lowercase();
    if cloud.audiences().iter().any(|known| bare(known) == bare(audience)) {
        return true;
    }
    connection.endpoints.is_loopback()
        && Url::parse(audience).is_ok_and(|url| {
            url.path() == "/" && url.query().is_none() && same_on_loopback(&url, connection.endpoints.graph())
        })
}

/// Two HTTPS addresses of one port on this machine, whatever name each of them uses for it.
pub(super) fn same_on_loopback(one: &Url, other: &Url) -> bool {
    let here = |url: &Url| match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    [one, other].iter().all(|url| url.scheme() == "https" && here(url))
        && one.port_or_known_default() == other.port_or_known_default()
}

#[cfg(test)]
mod tests {
    use entra::Endpoints;

    use super::{super::token_unreadable::claims_of, *};
    use crate::{
        diagnosis::{Severity, checks::fixture},
        evidence::Fact,
    };

    fn judged(endpoints: &Endpoints, audience: &str) -> Outcome {
        let mut connection = fixture::healthy();
        connection.endpoints = endpoints.clone();
        claims_of(&mut connection).aud = audience.to_owned();
        fixture::judge(&connection, &CHECK)
    }

    #[test]
    fn a_cloud_takes_its_own_graph_in_every_form_and_no_other() {
        let global = Endpoints::of(Cloud::Global);
        for right in [
            "https://graph.microsoft.com",
            "https://graph.microsoft.com/",
            "00000003-0000-0000-c000-000000000000",
        ] {
            assert!(matches!(judged(&global, right), Outcome::Pass), "{right}");
        }
        for wrong in [
            "https://graph.windows.net",
            "https://graph.microsoft.us",
            "https://localhost:8444",
            "00000002-0000-0000-c000-000000000000",
        ] {
            let Outcome::Problem(found) = judged(&global, wrong) else { panic!("{wrong} is a finding") };
            assert_eq!(found.severity, Severity::Broken);
            assert!(found.saw[0].text.contains(wrong));
        }
    }

    #[test]
    fn loopback_takes_the_global_form_and_its_own() {
        let loopback = Endpoints::custom("https://localhost:8443", "https://127.0.0.1:8444").unwrap();
        for right in ["https://graph.microsoft.com", "https://127.0.0.1:8444/", "https://localhost:8444"] {
            assert!(matches!(judged(&loopback, right), Outcome::Pass), "{right}");
        }
        for wrong in ["https://localhost:8443", "http://localhost:8444", "https://localhost:8444/x"] {
            assert!(matches!(judged(&loopback, wrong), Outcome::Problem(_)), "{wrong}");
        }
    }

    #[test]
    fn a_healthy_token_passes_and_no_token_is_skipped() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.evidence.token = Fact::NotTried;
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped));
    }
}

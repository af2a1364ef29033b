//! The token was issued by somebody else than this tenant in this cloud.
//! Source: <https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>, `iss`.

use entra::Cloud;
use url::Url;
use uuid::Uuid;

use super::wrong_audience::same_on_loopback;
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
};

pub(super) static CHECK: Check = Check {
    id: "wrong-issuer",
    link: Link::Token,
    words: Words {
        title: "The token was not issued by this tenant in this cloud",
        meaning: "Graph takes tokens of its own cloud and tenant only, so what this one can do is not what \
                  the gateways will meet. Waiting does not help.",
        fix: &[
            "Compare the tenant with **Directory (tenant) ID** on the registration’s **Overview**.",
            "Check on the step **Prepare** that the cloud is the tenant’s own.",
            "Check that nothing between this computer and the sign-in host answers in its place.",
        ],
        who: Who::You,
        page: Some(crate::portal::PortalPage::Overview),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    let Some(claims) = case.token().and_then(|token| token.claims.as_ref()) else { return Outcome::Skipped };
    if is_own_issuer(case, &claims.iss) {
        return Outcome::Pass;
    }
    let host = case.connection.cloud().unwrap_or(Cloud::Global).issuer_hosts()[0];
    let tenant = case.connection.tenant_id().unwrap_or_else(|| case.tenant_words());
    let text = format!("`iss` is `{}`, expected `https://{host}/{tenant}/` or its v2.0 form.", claims.iss);
    Problem::broken(Saw::new(Source::Token, text)).found()
}

/// The v1.0 or the v2.0 form, `https://{host}/{tenant id}/` or `https://{host}/{tenant id}/v2.0`, or exactly
/// what the discovery document says.
fn is_own_issuer(case: &Case<'_>, issuer: &str) -> bool {
    let published = case.evidence.tenant.value().map(|tenant| tenant.issuer.trim_end_matches('/'));
    if published == Some(issuer.trim_end_matches('/')) {
        return true;
    }
    Url::parse(issuer).is_ok_and(|url| {
        is_own_host(case, &url) && url.query().is_none() && names_own_tenant(case, url.path())
    })
}

fn is_own_host(case: &Case<'_>, url: &Url) -> bool {
    let endpoints = &case.connection.endpoints;
    let known = endpoints.cloud().unwrap_or(Cloud::Global).issuer_hosts();
    let in_cloud = url.scheme() == "https"
        && url.port().is_none()
        && url.host_str().is_some_and(|host| known.contains(&host));
    in_cloud || (endpoints.is_loopback() && same_on_loopback(url, endpoints.authority()))
}

fn names_own_tenant(case: &Case<'_>, path: &str) -> bool {
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let (Some(named), version, None) = (segments.next(), segments.next(), segments.next()) else {
        return false;
    };
    let own = case.connection.tenant_id();
    version.is_none_or(|version| version == "v2.0")
        && Uuid::try_parse(named).is_ok()
        && own.is_none_or(|own| own.eq_ignore_ascii_case(named))
}

#[cfg(test)]
mod tests {
    use entra::Endpoints;

    use super::{super::token_unreadable::claims_of, *};
    use crate::{
        diagnosis::{Severity, checks::fixture},
        evidence::Fact,
    };

    fn judged(endpoints: &Endpoints, issuer: &str) -> Outcome {
        let mut connection = fixture::healthy();
        let tenant = connection.tenant_id().expect("a healthy connection knows its tenant");
        connection.endpoints = endpoints.clone();
        claims_of(&mut connection).iss = issuer.replace("{tenant}", &tenant);
        fixture::judge(&connection, &CHECK)
    }

    #[test]
    fn both_forms_of_the_own_cloud_are_right() {
        let global = Endpoints::of(Cloud::Global);
        for right in [
            "https://sts.windows.net/{tenant}/",
            "https://login.microsoftonline.com/{tenant}/v2.0",
            "https://login.microsoftonline.com/{tenant}",
        ] {
            assert!(matches!(judged(&global, right), Outcome::Pass), "{right}");
        }
    }

    #[test]
    fn other_tenants_hosts_and_shapes_are_wrong() {
        let global = Endpoints::of(Cloud::Global);
        for wrong in [
            "https://sts.windows.net/22222222-2222-4222-8222-222222222222/",
            "https://sts.chinacloudapi.cn/{tenant}/",
            "https://login.example.com/{tenant}/v2.0",
            "https://localhost:8443/{tenant}/v2.0",
            "http://sts.windows.net/{tenant}/",
            "https://sts.windows.net/{tenant}/v3.0",
            "https://sts.windows.net/",
            "not an address",
        ] {
            let Outcome::Problem(found) = judged(&global, wrong) else { panic!("{wrong} is a finding") };
            assert_eq!(found.severity, Severity::Broken);
            assert!(found.saw[0].text.starts_with("`iss` is"));
        }
    }

    #[test]
    fn loopback_takes_the_global_forms_and_its_own() {
        let loopback = Endpoints::custom("https://127.0.0.1:8443", "https://127.0.0.1:8444").unwrap();
        for right in [
            "https://sts.windows.net/{tenant}/",
            "https://localhost:8443/{tenant}/v2.0",
            "https://127.0.0.1:8443/{tenant}/",
        ] {
            assert!(matches!(judged(&loopback, right), Outcome::Pass), "{right}");
        }
        let other_port = "https://localhost:8444/{tenant}/v2.0";
        assert!(matches!(judged(&loopback, other_port), Outcome::Problem(_)));
    }

    #[test]
    fn a_healthy_token_passes_and_no_token_is_skipped() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.evidence.token = Fact::NotTried;
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped));
    }
}

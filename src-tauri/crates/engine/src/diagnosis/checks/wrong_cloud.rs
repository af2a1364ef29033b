//! The tenant exists, and lives in another of Microsoft’s clouds.

use entra::{Cloud, Fault, FaultKind, Tenant};

use super::{refused_request, tenant_unknown};
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words, aadsts},
    evidence::Source,
};

pub(super) static CHECK: Check = Check {
    id: "wrong-cloud",
    link: Link::Tenant,
    words: Words {
        title: "This tenant lives in another Microsoft cloud",
        meaning: "The clouds share nothing, so a gateway set up for this one gets no token. Waiting does not help.",
        fix: &[
            "Choose {found} as the cloud in the first step.",
            "Enter the tenant and the client ID from that cloud’s portal.",
        ],
        who: Who::You,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    let evidence = case.evidence;
    let refusals = [evidence.tenant.refusal(), evidence.token.refusal()];
    let refusals = refusals.into_iter().flatten().map(|refused| &refused.fault);
    if let Some(fault) = refusals.into_iter().find(|fault| aadsts::finding(fault) == Some("wrong-cloud")) {
        return problem(refused_request::saw(fault), None).because_of(fault).found();
    }
    let Some(own) = case.connection.cloud() else { return Outcome::Skipped };
    if let (Some(fault), false) = (tenant_unknown::refusal(case), evidence.other_clouds.is_empty()) {
        return known_elsewhere(case, fault, &evidence.other_clouds);
    }
    if let Some(fault) = evidence.authority.refusal().map(|refused| &refused.fault)
        && fault.kind == FaultKind::ForeignEndpoint
    {
        let found = Cloud::ALL.into_iter().find(|cloud| fault.detail.contains(cloud.authority()));
        return problem(Saw::new(Source::TokenEndpoint, fault.detail.clone()), found)
            .because_of(fault)
            .found();
    }
    let Some(tenant) = evidence.tenant.value() else { return Outcome::Skipped };
    match cloud_of(tenant, own) {
        Some(found) if found != own => {
            let graph = tenant.graph_host.as_deref().unwrap_or("not named");
            let instance = tenant.cloud_instance.as_deref().unwrap_or("not named");
            let text = format!(
                "The tenant’s discovery document: `msgraph_host` {graph}, `cloud_instance_name` {instance}. This connection is for {}.",
                own.name()
            );
            problem(Saw::new(Source::TokenEndpoint, text), Some(found)).found()
        }
        _ => Outcome::Pass,
    }
}

/// The own cloud does not have the tenant, and others that were asked do.
fn known_elsewhere(case: &Case<'_>, fault: &Fault, clouds: &[Cloud]) -> Outcome {
    let host = |cloud: &Cloud| cloud.authority().trim_start_matches("https://").to_owned();
    let mut hosts: Vec<String> = clouds.iter().map(|cloud| format!("`{}`", host(cloud))).collect();
    hosts.dedup();
    let text = format!(
        "`{}` does not know {}; asked for the same tenant, {} answered for it.",
        fault.host,
        case.tenant_words(),
        hosts.join(" and ")
    );
    let names: Vec<&str> = clouds.iter().map(|cloud| cloud.name()).collect();
    Problem::broken(Saw::new(Source::TokenEndpoint, text))
        .and_saw(refused_request::saw(fault))
        .because_of(fault)
        .with("found", names.join(" or "))
        .word("Other cloud")
        .found()
}

fn problem(saw: Saw, found: Option<Cloud>) -> Problem {
    Problem::broken(saw)
        .with("found", found.map_or("the tenant’s own cloud", Cloud::name))
        .word("Other cloud")
}

/// The cloud whose Graph, or else whose name, the discovery document gives; none when it gives neither that is known.
/// The US Government clouds share a name, so a name that fits the connection’s own cloud means that one.
fn cloud_of(tenant: &Tenant, own: Cloud) -> Option<Cloud> {
    let graph = tenant.graph_host.as_deref().and_then(|host| {
        Cloud::ALL.into_iter().find(|cloud| cloud.graph().strip_prefix("https://") == Some(host))
    });
    graph.or_else(|| {
        let name = tenant.cloud_instance.as_deref()?;
        let fits = |cloud: &Cloud| instance_names(*cloud).contains(&name);
        [own].into_iter().chain(Cloud::ALL).find(fits)
    })
}

/// Source: the discovery documents of the clouds.
fn instance_names(cloud: Cloud) -> &'static [&'static str] {
    match cloud {
        Cloud::Global => &["microsoftonline.com"],
        Cloud::UsgovL4 | Cloud::UsgovL5 => &["microsoftonline.us"],
        Cloud::China => &["partner.microsoftonline.cn", "chinacloudapi.cn"],
    }
}

#[cfg(test)]
mod tests {
    use entra::{Cloud, Endpoints, FaultKind, Operation};

    use super::CHECK;
    use crate::diagnosis::{Outcome, checks::fixture};
    use crate::{connection::Connection, evidence::Fact};

    fn named(graph: Option<&str>, instance: Option<&str>) -> Connection {
        let mut connection = fixture::healthy();
        if let Fact::Seen(seen) = &mut connection.evidence.tenant {
            seen.value.graph_host = graph.map(str::to_owned);
            seen.value.cloud_instance = instance.map(str::to_owned);
        }
        connection
    }

    #[test]
    fn it_fires_when_discovery_names_another_cloud() {
        assert!(matches!(fixture::judge(&fixture::healthy(), &CHECK), Outcome::Pass));
        let connection = named(Some("dod-graph.microsoft.us"), Some("microsoftonline.us"));
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(finding.fix[0], "Choose US Government DoD as the cloud in the first step.");
        let connection = named(None, Some("partner.microsoftonline.cn"));
        assert!(fixture::finding(&connection, &CHECK).is_some());
        let connection = named(Some("graph.example.com"), None);
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
    }

    #[test]
    fn the_two_us_government_clouds_share_a_name() {
        let mut connection = named(None, Some("microsoftonline.us"));
        connection.endpoints = Endpoints::of(Cloud::UsgovL5);
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
    }

    #[test]
    fn a_token_endpoint_of_another_cloud_and_a_refusal_that_says_so_count() {
        let mut connection = fixture::healthy();
        let mut fault = fixture::refusal(FaultKind::ForeignEndpoint, Operation::Discovery);
        fault.detail =
            "The OpenID configuration names a token endpoint at https://login.microsoftonline.us.".to_owned();
        connection.evidence.authority = fixture::refused_with(fault);
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert!(finding.fix[0].contains("US Government"));
        let mut connection = fixture::healthy();
        fixture::token_refused(&mut connection, 900_382, "invalid_request");
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(finding.fix[0], "Choose the tenant’s own cloud as the cloud in the first step.");
    }

    #[test]
    fn a_cloud_that_knows_the_tenant_when_its_own_does_not_is_named() {
        let mut connection = fixture::healthy();
        fixture::token_refused(&mut connection, 90_002, "invalid_request");
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass | Outcome::Skipped));
        connection.evidence.other_clouds = vec![Cloud::UsgovL4];
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(finding.fix[0], "Choose US Government GCC High as the cloud in the first step.");
        assert_eq!(
            finding.saw[0].text,
            "`login.microsoftonline.com` does not know contoso.com; asked for the same tenant, `login.microsoftonline.us` answered for it."
        );
        assert!(finding.fault.is_some());
    }

    #[test]
    fn loopback_endpoints_belong_to_no_cloud() {
        let mut connection = named(Some("localhost:2"), Some("microsoftonline.us"));
        connection.endpoints = Endpoints::custom("https://localhost:1", "https://localhost:2").unwrap();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped));
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}

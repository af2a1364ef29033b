//! Round trips 3 and 4: what the app may read about itself, and about the directory.

use std::time::Duration;

use entra::{AccessToken, Answered, Fault, Graph};
use futures_util::future::{join, join4};
use jiff::Timestamp;

use super::{Probing, account, refused, registration, seen};
use crate::{
    clock::Clock,
    connection::Connection,
    diagnosis::aadsts,
    evidence::{CouldNotTell, DirectorySample, Fact, PublicClient, Source},
};

pub(super) async fn look(probing: Probing<'_>, connection: &mut Connection, token: Option<&AccessToken>) {
    let (entra, clock) = (probing.entra(), probing.clock);
    let (Some(tenant), Some(client_id)) = (connection.tenant_ref(), connection.client_id.clone()) else {
        return;
    };
    // What an earlier token let in or kept out is not this one's.
    let evidence = &mut connection.evidence;
    (evidence.account, evidence.account_realm) = (Fact::NotTried, None);
    (evidence.public_client, evidence.directory) = (Fact::NotTried, Fact::NotTried);
    let Some(token) = token else {
        let known = connection.evidence.token.refusal().is_some_and(|refused| {
            aadsts::finding(&refused.fault).is_some_and(|finding| finding.starts_with("secret-"))
        });
        if known {
            let told = entra.public_client_probe(&tenant, &client_id).await;
            connection.evidence.public_client = public_client(told, clock.now());
        }
        return;
    };
    let graph = entra.graph(token);
    let roles = connection.evidence.token.value().and_then(|read| read.claims.as_ref());
    let roles: Vec<String> = roles.map(|claims| claims.roles.clone()).unwrap_or_default();
    let may_read_itself = [
        "Directory.Read.All",
        "Directory.ReadWrite.All",
        "Application.Read.All",
        "Application.ReadWrite.All",
    ]
    .iter()
    .any(|role| roles.iter().any(|held| held == role));
    let itself = async {
        if may_read_itself {
            Some(
                join(
                    registration::read(&graph, &client_id, clock),
                    registration::principal(&graph, &client_id, clock),
                )
                .await,
            )
        } else {
            None
        }
    };
    let reads = join(first_reads(&graph, clock), graph.organization());
    let (told, itself, (sample, organization), account) = join4(
        entra.public_client_probe(&tenant, &client_id),
        itself,
        reads,
        account::sign_in(probing, connection),
    )
    .await;
    let now = clock.now();
    let evidence = &mut connection.evidence;
    (evidence.account, evidence.account_realm) = account;
    evidence.public_client = public_client(told, now);
    (evidence.registration, evidence.principal) = itself.unwrap_or_else(|| {
        let because =
            "The app’s roles do not let it read its own registration. Application.Read.All would.".to_owned();
        let untold = CouldNotTell { because, at: now };
        (Fact::CouldNotTell(untold.clone()), Fact::CouldNotTell(untold))
    });
    if let Some(registration) = evidence.registration.value() {
        let on = registration.is_fallback_public_client.unwrap_or(false);
        evidence.public_client = seen(PublicClient { on }, Source::Graph, now, Duration::ZERO);
    }
    evidence.directory = sample;
    if let (Fact::Seen(sample), Ok(organization)) = (&mut evidence.directory, organization) {
        sample.value.organization = organization.display_name;
    }
    registration::adopt_end_date(connection);
}

async fn first_reads(graph: &Graph, clock: &dyn Clock) -> Fact<DirectorySample> {
    let (user, group) = join(graph.first_user(), graph.first_group()).await;
    let (user, group) = match (user, group) {
        (Ok(user), Ok(group)) => (user, group),
        (Err(fault), _) | (_, Err(fault)) => return refused(fault, Source::Graph, clock.now()),
    };
    let took = user.took.max(group.took);
    let members = match &group.value {
        Some(group) => match graph.first_member(&group.id).await {
            Ok(_) => Some(true),
            Err(fault) => return refused(fault, Source::Graph, clock.now()),
        },
        None => None,
    };
    let sample = DirectorySample { organization: None, users: true, groups: true, members };
    seen(sample, Source::Graph, clock.now(), took)
}

fn public_client(
    told: Result<Answered<entra::PublicClientProbe>, Fault>,
    now: Timestamp,
) -> Fact<PublicClient> {
    use entra::PublicClientProbe;
    match told {
        Ok(Answered { value: PublicClientProbe::On, took, .. }) => {
            seen(PublicClient { on: true }, Source::TokenEndpoint, now, took)
        }
        Ok(Answered { value: PublicClientProbe::Off, took, .. }) => {
            seen(PublicClient { on: false }, Source::TokenEndpoint, now, took)
        }
        Ok(Answered { value: PublicClientProbe::Unclear(fault), .. }) => Fact::CouldNotTell(CouldNotTell {
            because: format!("The token endpoint’s answer leaves it open: {fault}"),
            at: now,
        }),
        Err(fault) => Fact::CouldNotTell(CouldNotTell { because: fault.to_string(), at: now }),
    }
}

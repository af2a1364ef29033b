//! Which other clouds know a tenant that its own cloud does not.

use futures_util::future::join_all;
use tokio::time::timeout;

use crate::discovery::issuer_tenant;
use crate::exchange::Reply;
use crate::wire::OpenIdConfiguration;
use crate::{Cloud, Entra, TenantRef};

impl Entra {
    /// Asks the authorities of the other clouds for the tenant's OpenID configuration, side by side, within the connect
    /// deadline. Nothing but that GET is sent there: no token, no secret. Empty for loopback endpoints, which ask
    /// nobody; a cloud that could not be asked is left out.
    /// Source: <https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud>.
    pub async fn other_clouds_knowing(&self, tenant: &TenantRef) -> Vec<Cloud> {
        let Some(own) = self.endpoints().cloud() else { return Vec::new() };
        let mut asked: Vec<Cloud> = Vec::new();
        for cloud in Cloud::ALL {
            if [own].iter().chain(&asked).all(|known| known.authority() != cloud.authority()) {
                asked.push(cloud);
            }
        }
        let answers = asked.iter().map(|cloud| async {
            let answer = timeout(self.ways.deadline, self.exchange.discovery_in(*cloud, tenant)).await;
            named_in(&answer.ok()?.ok()?, *cloud)
        });
        let mut knowing: Vec<Cloud> = Vec::new();
        for cloud in join_all(answers).await.into_iter().flatten() {
            if cloud != own && !knowing.contains(&cloud) {
                knowing.push(cloud);
            }
        }
        knowing
    }
}

/// The cloud that an OpenID configuration names by its Graph host, else by its region (both US Government clouds share
/// an authority), else the one that was asked.
fn named_in(reply: &Reply, asked: Cloud) -> Option<Cloud> {
    if reply.status != 200 {
        return None;
    }
    let document: OpenIdConfiguration = serde_json::from_slice(&reply.body).ok()?;
    issuer_tenant(&document.issuer)?;
    let by_graph = document.msgraph_host.as_deref().and_then(|host| {
        Cloud::ALL.into_iter().find(|cloud| cloud.graph().strip_prefix("https://") == Some(host))
    });
    let by_region = || match document.tenant_region_sub_scope.as_deref() {
        Some("DODCON") => Some(Cloud::UsgovL4),
        Some("DOD") => Some(Cloud::UsgovL5),
        _ => None,
    };
    by_graph.or_else(by_region).or(Some(asked))
}

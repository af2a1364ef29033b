//! The two origins a connection may speak to.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::cloud::Cloud;

/// The authority and the Graph of one connection: a known cloud, or two origins on loopback.
///
/// Serialised as `{"cloud": "global"}` or `{"authority": "https://localhost:8443", "graph": "https://localhost:8444"}`;
/// the rules for custom endpoints hold when it is read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "StoredEndpoints", into = "StoredEndpoints")]
pub struct Endpoints {
    cloud: Option<Cloud>,
    authority: Url,
    graph: Url,
}

impl Endpoints {
    /// The endpoints of a known cloud.
    pub fn of(cloud: Cloud) -> Self {
        Self {
            cloud: Some(cloud),
            authority: known_origin(cloud.authority()),
            graph: known_origin(cloud.graph()),
        }
    }

    /// Two loopback origins, such as `https://localhost:8443`: `localhost`, `127.0.0.0/8` or `[::1]`, HTTPS only,
    /// without path, query or user name.
    ///
    /// # Errors
    /// Says which of the two is wrong, and why.
    pub fn custom(authority: &str, graph: &str) -> Result<Self, EndpointProblem> {
        Ok(Self {
            cloud: None,
            authority: loopback_origin(EndpointField::Authority, authority)?,
            graph: loopback_origin(EndpointField::Graph, graph)?,
        })
    }

    /// The cloud named by `AZURE_AUTHORITY_HOST`: its authority or an alias of it, as a host or as an HTTPS origin.
    /// The authority that both US Government clouds share gives GCC High.
    ///
    /// # Errors
    /// Anything but HTTPS, anything with a path, and hosts of no known cloud.
    pub fn from_authority_host(host: &str) -> Result<Self, EndpointProblem> {
        let field = EndpointField::AuthorityHost;
        let trimmed = host.trim();
        let absolute =
            if trimmed.contains("://") { trimmed.to_owned() } else { format!("https://{trimmed}") };
        let url = https_origin(field, &absolute)?;
        let unknown = EndpointProblem { field, reason: EndpointReason::UnknownCloud };
        if url.port().is_some() {
            return Err(unknown);
        }
        let named = url.host_str().unwrap_or_default();
        Cloud::ALL
            .into_iter()
            .find(|cloud| {
                cloud.authority().strip_prefix("https://") == Some(named)
                    || cloud.authority_aliases().contains(&named)
            })
            .map(Self::of)
            .ok_or(unknown)
    }

    /// The known cloud, or none for loopback endpoints.
    pub fn cloud(&self) -> Option<Cloud> {
        self.cloud
    }

    /// True for custom endpoints, which are always on this machine.
    pub fn is_loopback(&self) -> bool {
        self.cloud.is_none()
    }

    /// The origin that gives tokens.
    pub fn authority(&self) -> &Url {
        &self.authority
    }

    /// The origin of Microsoft Graph.
    pub fn graph(&self) -> &Url {
        &self.graph
    }

    /// The scope that asks for every permission granted on Graph. Loopback endpoints use the global cloud's.
    pub fn scope(&self) -> String {
        let resource = self.cloud.unwrap_or(Cloud::Global).graph();
        format!("{resource}/.default")
    }

    /// True when the address lies on the authority's or on Graph's own origin and carries no user name.
    pub fn allows(&self, url: &Url) -> bool {
        is_plain(url) && (url.origin() == self.authority.origin() || url.origin() == self.graph.origin())
    }

    /// True when the address lies on Graph's own origin and carries no user name.
    pub(crate) fn allows_graph(&self, url: &Url) -> bool {
        is_plain(url) && url.origin() == self.graph.origin()
    }

    /// True when the address lies on the authority's own origin and carries no user name.
    pub(crate) fn allows_authority(&self, url: &Url) -> bool {
        is_plain(url) && url.origin() == self.authority.origin()
    }
}

fn is_plain(url: &Url) -> bool {
    url.scheme() == "https" && url.username().is_empty() && url.password().is_none()
}

#[expect(clippy::expect_used, reason = "the origins of the known clouds are constants, parsed in the tests")]
fn known_origin(origin: &'static str) -> Url {
    Url::parse(origin).expect("a constant origin")
}

fn loopback_origin(field: EndpointField, text: &str) -> Result<Url, EndpointProblem> {
    let url = https_origin(field, text.trim())?;
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if loopback { Ok(url) } else { Err(EndpointProblem { field, reason: EndpointReason::NotLoopback }) }
}

fn https_origin(field: EndpointField, text: &str) -> Result<Url, EndpointProblem> {
    let problem = |reason| EndpointProblem { field, reason };
    if text.is_empty() {
        return Err(problem(EndpointReason::Empty));
    }
    let url = Url::parse(text).map_err(|_| problem(EndpointReason::NotAnAddress))?;
    if url.scheme() != "https" {
        return Err(problem(EndpointReason::NotHttps));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(problem(EndpointReason::HasUserName));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(problem(EndpointReason::HasPath));
    }
    Ok(url)
}

/// Which endpoint a problem is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointField {
    /// The authority's origin.
    Authority,
    /// Graph's origin.
    Graph,
    /// The value of `AZURE_AUTHORITY_HOST`.
    AuthorityHost,
}

impl fmt::Display for EndpointField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            EndpointField::Authority => "the authority",
            EndpointField::Graph => "the Graph endpoint",
            EndpointField::AuthorityHost => "AZURE_AUTHORITY_HOST",
        })
    }
}

/// What is wrong with an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointReason {
    /// Nothing was given.
    #[error("is empty")]
    Empty,
    /// It cannot be parsed.
    #[error("is not an address; expected something like https://localhost:8443")]
    NotAnAddress,
    /// Another scheme than `https`.
    #[error("must start with https://")]
    NotHttps,
    /// A custom endpoint that is not on this machine.
    #[error("must be on this machine: localhost, 127.0.0.1 or [::1]")]
    NotLoopback,
    /// It has a path, a query or a fragment.
    #[error("must be an origin only, without a path or a query")]
    HasPath,
    /// It has a user name or a password in it.
    #[error("must not carry a user name or a password")]
    HasUserName,
    /// No known cloud signs in there.
    #[error("does not name the authority of a known Microsoft cloud")]
    UnknownCloud,
}

/// An endpoint that cannot be used: which one, and why. Never repeats the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {reason}")]
pub struct EndpointProblem {
    /// The endpoint in question.
    pub field: EndpointField,
    /// What is wrong with it.
    pub reason: EndpointReason,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum StoredEndpoints {
    Cloud { cloud: Cloud },
    Custom { authority: String, graph: String },
}

impl From<Endpoints> for StoredEndpoints {
    fn from(endpoints: Endpoints) -> Self {
        match endpoints.cloud {
            Some(cloud) => StoredEndpoints::Cloud { cloud },
            None => StoredEndpoints::Custom {
                authority: endpoints.authority.origin().ascii_serialization(),
                graph: endpoints.graph.origin().ascii_serialization(),
            },
        }
    }
}

impl TryFrom<StoredEndpoints> for Endpoints {
    type Error = EndpointProblem;

    fn try_from(stored: StoredEndpoints) -> Result<Self, EndpointProblem> {
        match stored {
            StoredEndpoints::Cloud { cloud } => Ok(Endpoints::of(cloud)),
            StoredEndpoints::Custom { authority, graph } => Endpoints::custom(&authority, &graph),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn custom_problem(authority: &str, graph: &str) -> EndpointProblem {
        Endpoints::custom(authority, graph).unwrap_err()
    }

    #[test]
    fn every_known_cloud_has_endpoints() {
        for cloud in Cloud::ALL {
            let endpoints = Endpoints::of(cloud);
            assert_eq!(endpoints.cloud(), Some(cloud));
            assert!(!endpoints.is_loopback());
            assert_eq!(endpoints.scope(), format!("{}/.default", cloud.graph()));
        }
    }

    #[test]
    fn custom_endpoints_stay_on_this_machine() {
        for origin in ["https://localhost:1", "https://127.0.0.1:2", "https://127.9.8.7", "https://[::1]:3/"]
        {
            let endpoints = Endpoints::custom(origin, "https://localhost:4").unwrap();
            assert!(endpoints.is_loopback());
            assert_eq!(endpoints.scope(), "https://graph.microsoft.com/.default");
        }
        let ok = "https://localhost:1";
        for origin in [
            "https://graph.microsoft.com",
            "https://localhost.example.com",
            "https://10.0.0.1",
            "https://[::ffff:7f00:1]",
            "https://0.0.0.0",
        ] {
            let expected =
                EndpointProblem { field: EndpointField::Graph, reason: EndpointReason::NotLoopback };
            assert_eq!(custom_problem(ok, origin), expected, "{origin}");
        }
    }

    #[test]
    fn a_problem_names_its_field() {
        let ok = "https://localhost:1";
        let problem = |field, reason| EndpointProblem { field, reason };
        assert_eq!(
            custom_problem("http://localhost", ok),
            problem(EndpointField::Authority, EndpointReason::NotHttps)
        );
        assert_eq!(
            custom_problem(ok, "localhost"),
            problem(EndpointField::Graph, EndpointReason::NotAnAddress)
        );
        assert_eq!(custom_problem(ok, " "), problem(EndpointField::Graph, EndpointReason::Empty));
        assert_eq!(
            custom_problem("https://localhost/tenant", ok),
            problem(EndpointField::Authority, EndpointReason::HasPath)
        );
        assert_eq!(
            custom_problem("https://me@localhost", ok),
            problem(EndpointField::Authority, EndpointReason::HasUserName)
        );
        assert_eq!(
            custom_problem("http://localhost", ok).to_string(),
            "the authority must start with https://"
        );
    }

    #[test]
    fn azure_authority_host_names_a_cloud() {
        let of = |text: &str| Endpoints::from_authority_host(text).map(|found| found.cloud());
        assert_eq!(of("https://login.microsoftonline.com/"), Ok(Some(Cloud::Global)));
        assert_eq!(of("login.microsoftonline.us"), Ok(Some(Cloud::UsgovL4)));
        assert_eq!(of("https://login.chinacloudapi.cn"), Ok(Some(Cloud::China)));
        assert_eq!(of("https://login.windows.net"), Ok(Some(Cloud::Global)));
        let reason = |text: &str| of(text).unwrap_err().reason;
        assert_eq!(reason("http://login.microsoftonline.com"), EndpointReason::NotHttps);
        assert_eq!(reason("https://login.example.com"), EndpointReason::UnknownCloud);
        assert_eq!(reason("https://login.microsoftonline.com:8443"), EndpointReason::UnknownCloud);
        assert_eq!(reason("https://login.microsoftonline.com/common"), EndpointReason::HasPath);
    }

    #[test]
    fn only_the_two_origins_are_allowed() {
        let endpoints = Endpoints::of(Cloud::Global);
        let allows = |text: &str| endpoints.allows(&Url::parse(text).unwrap());
        assert!(allows("https://graph.microsoft.com/v1.0/users?$skiptoken=x"));
        assert!(allows("https://login.microsoftonline.com/x/oauth2/v2.0/token"));
        assert!(!allows("http://graph.microsoft.com/v1.0/users"));
        assert!(!allows("https://graph.microsoft.com:8443/v1.0/users"));
        assert!(!allows("https://graph.microsoft.com.example.net/"));
        assert!(!allows("https://graph.microsoft.us/"));
        assert!(!allows("https://me@graph.microsoft.com/v1.0/users"));
    }

    #[test]
    fn stored_endpoints_keep_the_rules() {
        for endpoints in [
            Endpoints::of(Cloud::China),
            Endpoints::custom("https://localhost:1", "https://127.0.0.1:2").unwrap(),
        ] {
            let json = serde_json::to_string(&endpoints).unwrap();
            assert_eq!(serde_json::from_str::<Endpoints>(&json).unwrap(), endpoints);
        }
        let outside = r#"{"authority":"https://login.example.com","graph":"https://localhost:1"}"#;
        assert!(serde_json::from_str::<Endpoints>(outside).is_err());
    }
}

//! Facts first: what was seen, where, and when. Nothing here judges; `diagnosis` and `journey` do.
//!
//! Evidence is saved with its connection so that a journey can be resumed, and it is dropped as soon as
//! the input it was gathered with changes.

mod network;
mod sync;

use entra::{Claims, Cloud, Fault, Tenant, UserRealm};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use network::{NetworkSeen, host_of};
pub use sync::{Changed, Changes, Held, SyncMode, SyncRecord, Tally};

/// Everything that is known about one connection.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// The sign-in host answered.
    pub authority: Fact<HostAnswer>,
    /// The Graph host answered without a token.
    pub graph: Fact<HostAnswer>,
    /// The ways to both hosts, and to those that list revoked certificates.
    pub network: NetworkSeen,
    /// The tenant's discovery document.
    pub tenant: Fact<Tenant>,
    /// Other clouds that know the tenant; asked when its own does not.
    pub other_clouds: Vec<Cloud>,
    /// The newest token's claims, or the token endpoint's refusal.
    pub token: Fact<TokenRead>,
    /// The wait for roles to arrive in a fresh token.
    pub consent_watch: Option<ConsentWatch>,
    /// The app registration, read from Graph with the app's own roles.
    pub registration: Fact<Registration>,
    /// The service principal and what it was granted, read from Graph with the app's own roles.
    pub principal: Fact<Principal>,
    /// Whether public client flows are on.
    pub public_client: Fact<PublicClient>,
    /// What came of trying the sign-in account, for a profile whose gateway uses one.
    pub account: Fact<AccountSeen>,
    /// Who checks the sign-in account's password; asked when it was refused.
    pub account_realm: Option<UserRealm>,
    /// How Microsoft's consent page sent the admin back; unsigned, so it is a hint only.
    pub consent_answer: Option<ConsentAnswer>,
    /// The first users, groups and members.
    pub directory: Fact<DirectorySample>,
    /// The last test sync.
    pub sync: Option<SyncRecord>,
    /// The config that was written last, read back from disk.
    pub written: Fact<WrittenConfig>,
}

impl Evidence {
    /// Forgets what the tenant's address decides: everything but the gateway's own files.
    pub fn forget_from_network(&mut self) {
        *self = Self { written: std::mem::take(&mut self.written), ..Self::default() };
    }

    /// Forgets what was learned about the app, and what follows from it.
    pub fn forget_from_app(&mut self) {
        let (authority, graph) = (std::mem::take(&mut self.authority), std::mem::take(&mut self.graph));
        let (tenant, other_clouds) =
            (std::mem::take(&mut self.tenant), std::mem::take(&mut self.other_clouds));
        let network = std::mem::take(&mut self.network);
        self.forget_from_network();
        (self.authority, self.graph, self.network) = (authority, graph, network);
        (self.tenant, self.other_clouds) = (tenant, other_clouds);
    }
}

/// One thing that was tried, or not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::large_enum_variant, reason = "a connection holds about ten facts; none is copied in bulk")]
pub enum Fact<T> {
    /// Nobody has looked yet.
    #[default]
    NotTried,
    /// It was seen.
    Seen(Seen<T>),
    /// A service refused, or could not be reached.
    Refused(Refused),
    /// It cannot be told with the rights at hand.
    CouldNotTell(CouldNotTell),
}

impl<T> Fact<T> {
    /// The value, if it was seen.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Seen(seen) => Some(&seen.value),
            _ => None,
        }
    }

    /// The refusal, if there was one.
    pub fn refusal(&self) -> Option<&Refused> {
        match self {
            Self::Refused(refused) => Some(refused),
            _ => None,
        }
    }

    /// Whether nobody has looked yet.
    pub fn is_untried(&self) -> bool {
        matches!(self, Self::NotTried)
    }

    /// When it was seen, refused or found untellable.
    pub fn at(&self) -> Option<Timestamp> {
        match self {
            Self::NotTried => None,
            Self::Seen(seen) => Some(seen.at),
            Self::Refused(refused) => Some(refused.at),
            Self::CouldNotTell(untold) => Some(untold.at),
        }
    }
}

/// A value with its source and time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen<T> {
    /// What was seen.
    pub value: T,
    /// Where it was seen.
    pub source: Source,
    /// When.
    pub at: Timestamp,
    /// How long the answer took, in milliseconds.
    pub took_ms: u32,
}

/// A refusal or a failure on the way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refused {
    /// What happened, with the service's own codes.
    pub fault: Fault,
    /// Who refused.
    pub source: Source,
    /// When.
    pub at: Timestamp,
}

/// Something that could not be told, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CouldNotTell {
    /// The reason, as a sentence, with the way to get it.
    pub because: String,
    /// When this was found.
    pub at: Timestamp,
}

/// Where evidence comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The network and the TLS handshake.
    Network,
    /// The token endpoint and the tenant's discovery document; needs no rights.
    TokenEndpoint,
    /// The claims of a token.
    Token,
    /// Microsoft Graph, with the app's own roles.
    Graph,
    /// What the admin pasted or typed.
    Pasted,
    /// This computer: its clock, its files, its keychain.
    Computer,
}

impl Source {
    /// The source in words, as findings show it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Network => "Network",
            Self::TokenEndpoint => "Token endpoint",
            Self::Token => "Token",
            Self::Graph => "Graph, with the app’s own roles",
            Self::Pasted => "What you entered",
            Self::Computer => "This computer",
        }
    }
}

/// A host that answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HostAnswer {
    /// Host name, with the port when it is not 443.
    pub host: String,
    /// This computer's clock minus the host's, in seconds; absent when the host sent no date.
    pub clock_ahead_seconds: Option<i64>,
}

/// A token that was fetched, without the token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TokenRead {
    /// Its claims; absent when the token could not be read.
    pub claims: Option<Claims>,
    /// Why the claims could not be read.
    pub unreadable: Option<String>,
    /// Lifetime in seconds as the token endpoint said.
    pub expires_in: u64,
    /// `x-ms-request-id` of the answer.
    pub request_id: Option<String>,
}

/// Asking for fresh tokens until the roles are in one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConsentWatch {
    /// When the first token without the roles was read.
    pub since: Timestamp,
    /// Fresh tokens fetched.
    pub tries: u32,
    /// The wait came to its end and roles were still missing.
    pub given_up: bool,
    /// Seconds waited.
    pub waited_seconds: u32,
}

/// The app registration, as far as diagnosis needs it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Registration {
    /// Object ID of the application, which is not its client ID.
    pub object_id: String,
    /// Name in the portal.
    pub display_name: Option<String>,
    /// Permission names requested as application permissions of Microsoft Graph.
    pub application: Vec<String>,
    /// Permission names requested as delegated permissions of Microsoft Graph.
    pub delegated: Vec<String>,
    /// `isFallbackPublicClient`; absent means off.
    pub is_fallback_public_client: Option<bool>,
    /// The application is deactivated.
    pub is_disabled: Option<bool>,
    /// The client secrets' ids, three-character hints and end dates.
    pub secrets: Vec<SecretSeen>,
    /// Its certificates, by their SHA-1 thumbprints in upper-case hexadecimal.
    #[serde(default)]
    pub certificates: Vec<String>,
    /// Keys of type Symmetric and usage Sign.
    #[serde(default)]
    pub symmetric_signing_keys: usize,
    /// A consent page may lead back to this computer: `http://localhost` is among the redirect addresses.
    #[serde(default)]
    pub leads_back_to_localhost: bool,
}

/// A client secret as the registration lists it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecretSeen {
    /// The Secret ID.
    pub key_id: String,
    /// The first three characters, as Entra shows them.
    pub hint: Option<String>,
    /// End of its validity.
    pub ends: Option<Timestamp>,
}

/// The service principal (enterprise application) and its app role assignments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Principal {
    /// Object ID of the service principal.
    pub object_id: String,
    /// Whether sign-in is enabled.
    pub account_enabled: Option<bool>,
    /// Names of the Microsoft Graph roles that are assigned.
    pub granted: Vec<String>,
    /// When the newest assignment was made.
    pub newest_grant: Option<Timestamp>,
    /// Keys of type Symmetric and usage Sign.
    #[serde(default)]
    pub symmetric_signing_keys: usize,
}

/// The public-client setting, and how it was told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PublicClient {
    /// **Allow public client flows** is on.
    pub on: bool,
}

/// A sign-in account that was let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSeen {
    /// How it signed in.
    pub by: AccountMethod,
}

/// How a sign-in account signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccountMethod {
    /// Somebody entered a code in a browser (RFC 8628).
    DeviceCode,
    /// User name and password were sent (RFC 6749, section 4.3).
    Password,
}

/// The redirect from the admin consent page.
/// Source: <https://learn.microsoft.com/entra/identity-platform/v2-admin-consent>.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentAnswer {
    /// When the browser came back.
    pub at: Timestamp,
    /// The value of `error`; absent when it was none. `admin_consent` says True in refusals too, so it is not kept.
    pub error: Option<String>,
    /// The AADSTS number in its description.
    pub aadsts: Option<u32>,
}

/// What the first reads of the directory returned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DirectorySample {
    /// Tenant name and domains; absent when the roles do not allow reading it.
    pub organization: Option<String>,
    /// A user could be read.
    pub users: bool,
    /// A group could be read.
    pub groups: bool,
    /// A group's members could be read; absent when there is no group.
    pub members: Option<bool>,
}

/// A gateway config on disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WrittenConfig {
    /// When it was written.
    pub written_at: Timestamp,
    /// The folder.
    pub folder: String,
    /// Its files.
    pub files: Vec<WrittenFile>,
    /// Fingerprint of the settings it was written from.
    pub settings: String,
    /// Why it could not be read back; absent when it could.
    pub unreadable: Option<String>,
}

/// One file of a written config.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WrittenFile {
    /// File name.
    pub name: String,
    /// Size.
    pub bytes: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    /// The client secret stands in it.
    pub holds_secret: bool,
}

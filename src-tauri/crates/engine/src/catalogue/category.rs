//! What a number of Entra ID's is about, for numbers that have no words of their own.

/// The part of signing in that a refusal concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// A client secret, a certificate or an assertion.
    Credential,
    /// What kind of client the app is.
    ClientType,
    /// Whether somebody agreed to what the app asks for.
    Consent,
    /// The device that somebody signs in from.
    Device,
    /// Another identity provider.
    Federation,
    /// The way to Entra ID.
    Network,
    /// An assignment or a right that is missing.
    Permission,
    /// A rule of the tenant, such as Conditional Access.
    Policy,
    /// How the request is made up.
    Request,
    /// The API that the token is for.
    Resource,
    /// A fault inside Microsoft's services.
    Server,
    /// A saved sign-in.
    Session,
    /// The tenant.
    Tenant,
    /// Too many requests.
    Throttling,
    /// The account that signs in.
    User,
}

impl Category {
    /// The category of an id in the data.
    pub(super) fn of(id: &str) -> Option<Self> {
        ALL.iter().copied().find(|category| category.id() == id)
    }

    /// The category of most known numbers of the same family: a guess, for a number that is not known.
    pub fn near(number: u32) -> Option<Self> {
        let family = FAMILIES.iter().find(|(from, to, _)| (*from..=*to).contains(&number));
        family.map(|(_, _, category)| *category)
    }

    /// The id in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Credential => "credential",
            Self::ClientType => "client-type",
            Self::Consent => "consent",
            Self::Device => "device",
            Self::Federation => "federation",
            Self::Network => "network",
            Self::Permission => "permission",
            Self::Policy => "policy",
            Self::Request => "request",
            Self::Resource => "resource",
            Self::Server => "server",
            Self::Session => "session",
            Self::Tenant => "tenant",
            Self::Throttling => "throttling",
            Self::User => "user",
        }
    }

    /// What it concerns, to stand after "It concerns".
    pub fn concerns(self) -> &'static str {
        match self {
            Self::Credential => "the client secret, the certificate or the assertion",
            Self::ClientType => "the kind of client that the app is",
            Self::Consent => "consent",
            Self::Device => "the device that somebody signs in from",
            Self::Federation => "a sign-in at another identity provider",
            Self::Network => "the way to Entra ID",
            Self::Permission => "an assignment or a right that is missing",
            Self::Policy => "a policy of the tenant",
            Self::Request => "the way the request is made up",
            Self::Resource => "the API that the token is for",
            Self::Server => "a fault inside Microsoft’s services",
            Self::Session => "a saved sign-in",
            Self::Tenant => "the tenant",
            Self::Throttling => "the number of requests",
            Self::User => "the account that signs in",
        }
    }

    /// What such a refusal means for a gateway that signs in as itself.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Credential | Self::ClientType => {
                "No token is issued with this credential. Waiting does not help."
            }
            Self::Consent | Self::Permission => "Nothing was granted, so the app may not do what was asked.",
            Self::Device | Self::User | Self::Federation => {
                "It comes from a person’s sign-in. A gateway that signs in as itself does not meet it."
            }
            Self::Session => "A saved sign-in cannot be used further. Somebody has to sign in again.",
            Self::Network => "The request did not get through as it should.",
            Self::Policy => "A rule of the tenant decides, so only its administrator can allow it.",
            Self::Request => "The request itself is wrong; no other credential will change that.",
            Self::Resource => "No token is issued for this API. Waiting does not help.",
            Self::Server => "The fault is on Microsoft’s side and mostly passes within minutes.",
            Self::Tenant => "The tenant does not take the request. Waiting does not help.",
            Self::Throttling => "The answers come late, not wrong. Waiting helps.",
        }
    }

    /// What to try.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Credential => "Compare the credential with the list under Certificates & secrets.",
            Self::ClientType => {
                "Look at Authentication on the registration: platforms, and Allow public client flows."
            }
            Self::Consent => "Look at API permissions: type, and whether consent is granted.",
            Self::Permission => {
                "Look at the enterprise application’s Users and groups and at its permissions."
            }
            Self::Device => {
                "Sign in from a device that the tenant knows, or find the sign-in in Sign-in logs."
            }
            Self::User | Self::Federation => {
                "Find the sign-in by its correlation ID in Sign-in logs, or let the gateway sign in as itself."
            }
            Self::Session => "Sign in again.",
            Self::Network => "Look at the proxy, at TLS and at the clock between the gateway and Entra ID.",
            Self::Policy => "Find the sign-in by its correlation ID in Sign-in logs; it names the policy.",
            Self::Request => {
                "Compare the request with the documentation of the program that sends it, and bring that program up to date."
            }
            Self::Resource => "Compare the scope with the address of the cloud’s own Microsoft Graph.",
            Self::Server => {
                "Try again, waiting a little longer each time; if it stays, give Microsoft the trace ID and the time."
            }
            Self::Tenant => "Compare the tenant and the cloud with the registration’s Overview.",
            Self::Throttling => "Wait some minutes, and keep tokens until shortly before they end.",
        }
    }
}

const ALL: [Category; 15] = [
    Category::Credential,
    Category::ClientType,
    Category::Consent,
    Category::Device,
    Category::Federation,
    Category::Network,
    Category::Permission,
    Category::Policy,
    Category::Request,
    Category::Resource,
    Category::Server,
    Category::Session,
    Category::Tenant,
    Category::Throttling,
    Category::User,
];

/// Families of numbers in which one category is by far the most frequent.
const FAMILIES: &[(u32, u32, Category)] = &[
    (16_000, 16_999, Category::Session),
    (20_000, 21_999, Category::Federation),
    (40_000, 40_999, Category::Federation),
    (50_000, 52_999, Category::User),
    (53_000, 53_999, Category::Policy),
    (65_000, 65_999, Category::Consent),
    (75_000, 76_999, Category::Federation),
    (80_000, 81_999, Category::Federation),
    (90_000, 90_999, Category::Request),
    (120_000, 120_999, Category::User),
    (130_000, 135_999, Category::Device),
    (530_000, 530_999, Category::Policy),
    (650_000, 650_999, Category::Consent),
    (700_000, 700_999, Category::Credential),
    (750_000, 750_999, Category::Federation),
    (900_000, 909_999, Category::Request),
    (7_000_000, 7_000_999, Category::Credential),
    (7_500_000, 7_500_999, Category::Federation),
    (9_000_000, 9_009_999, Category::Request),
];

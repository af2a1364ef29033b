//! What the rooms of the server play in a scenario. A row of the table sets the fields that it needs.

/// Everything that is played. `None` is the healthy way in each room.
#[derive(Clone, Copy)]
pub(crate) struct Plays {
    /// How the authority is reached.
    pub(crate) network: Option<Network>,
    /// The authority does not serve the tenant, and says this.
    pub(crate) tenant: Option<&'static Refusal>,
    /// The app cannot sign in at all.
    pub(crate) app: Option<App>,
    /// What the facts show differs from what the app has.
    pub(crate) printed: Option<Printed>,
    /// The app's secret, or all of its credentials.
    pub(crate) credential: Option<Credential>,
    /// The certificate of the options.
    pub(crate) certificate: Option<Certificate>,
    /// "Allow public client flows".
    pub(crate) public_client: Option<bool>,
    /// Permission that lets the app read its own registration.
    pub(crate) reads_itself_by: Option<&'static str>,
    /// What is asked for, and what of it is granted.
    pub(crate) grants: Option<Grants>,
    /// What the admin meets at the consent link.
    pub(crate) consent: Option<ConsentPage>,
    /// The token endpoint refuses a good request of the app.
    pub(crate) token: Option<Token>,
    /// The app's token is issued, with something wrong in it.
    pub(crate) claims: Option<Claims>,
    /// A key on the service principal that spoils the tokens of people.
    pub(crate) symmetric_key: Option<&'static Refusal>,
    /// The gateway's account.
    pub(crate) account: Option<Account>,
    /// Microsoft Graph.
    pub(crate) graph: Option<Graph>,
}

/// How the authority is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Network {
    /// Nothing listens on the authority's port.
    PortClosed,
    /// The proxy asks for a user and a password.
    ProxyAsks,
    /// The proxy does not connect.
    ProxyRefuses,
    /// The certificate is of a CA that nobody trusts.
    OtherIssuer,
    /// The certificate is for another name.
    OtherName,
    /// The certificate has ended.
    Ended,
    /// No version of TLS is new enough.
    TlsTooOld,
    /// The server's clock is this many seconds ahead.
    ClockAhead(i64),
    /// Every answer is an HTML page.
    Html,
    /// Every answer is a redirect.
    Redirect,
    /// Every answer is 503.
    Unavailable,
}

/// Why the app cannot sign in.
#[derive(Clone, Copy)]
pub(crate) enum App {
    /// The directory has no such app.
    Unknown,
    /// The directory has it, and refuses.
    Refused(&'static Refusal),
}

/// What the facts show in place of the right value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Printed {
    /// The Object ID as the client ID.
    ObjectId,
    /// The Secret ID as the secret.
    SecretId,
    /// The secret with its special characters written as HTML has them.
    HtmlSecret,
}

/// The state of the app's secret.
#[derive(Clone, Copy)]
pub(crate) enum Credential {
    /// The app has another one.
    OtherSecret,
    /// It ended yesterday.
    Ended,
    /// It ends in this many days.
    EndsIn(i64),
    /// It was made just now and works after a while.
    NotYet,
    /// Every credential is refused.
    Refused(&'static Refusal),
    /// The tenant's policy forbids new secrets.
    NoNewSecrets,
}

/// The state of the registered certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Certificate {
    /// It is not on the app.
    Unknown,
    /// It ended yesterday.
    Ended,
    /// Its thumbprint is on the app, with the key of another one.
    OtherKey,
}

/// What is asked for, and what of it is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grants {
    /// Nothing is granted.
    Nothing,
    /// Everything is asked for as delegated permissions.
    AskedAsDelegated,
    /// Only the first permission is granted.
    First,
    /// Everything is granted, and arrives after a while.
    Slow,
    /// Everything was granted just now.
    JustNow,
    /// Everything is granted, and this as well.
    AndAlso(&'static str),
}

/// What the admin meets at the consent link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConsentPage {
    /// Whatever is pressed, the answer is a refusal, with `admin_consent=True` beside it.
    Refuses,
    /// The person at the keyboard may not consent.
    NeedsAdmin,
}

/// What the token endpoint says to a good request.
#[derive(Clone, Copy)]
pub(crate) enum Token {
    /// This refusal.
    Refused(&'static Refusal),
    /// 429 in plain text.
    TooMany,
}

/// What is wrong in a token of the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claims {
    /// It is a person's: `scp` in place of `roles`.
    Delegated,
    /// `tid` and `iss` name another tenant.
    OtherTenant,
    /// `aud` is another API.
    OtherAudience,
    /// `iss` is nobody's.
    OtherIssuer,
    /// `exp` has passed.
    Ended,
    /// It is no JWT.
    Opaque,
    /// It was issued half an hour ago, with the roles of then.
    Older,
}

/// What is wrong with the gateway's account.
#[derive(Clone, Copy)]
pub(crate) struct Account {
    pub(crate) refusal: &'static Refusal,
    /// Where it is refused; elsewhere the account works.
    pub(crate) refused_at: &'static [SignIn],
    /// Whether its password is kept by another identity provider.
    pub(crate) federated: bool,
}

/// How a person comes to a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignIn {
    /// By the password in the request.
    Password,
    /// On a page, where a device code is approved.
    Page,
    /// By a refresh token.
    RefreshToken,
    /// In whatever way.
    Anyhow,
}

/// What Microsoft Graph does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Graph {
    /// 403 on the members of every group.
    MembersForbidden,
    /// 403: it does not know the app.
    IdentityNotFound,
    /// 429 with a Retry-After of this many seconds.
    Throttled(u64),
    /// One group hides its members.
    HiddenMembership,
    /// Of the users, only the first page is answered.
    BrokenPage,
    /// No page token is good.
    ExpiredPages,
    /// No delta link is good.
    ExpiredDeltaLinks,
    /// Every answer is an HTML page.
    Html,
    /// Every answer is a redirect.
    Redirect,
    /// Every answer is 503.
    Unavailable,
}

/// A refusal of the authority as data. In the text, `{client}`, `{app}`, `{tenant}` and `{graph}` stand for ids and names.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The AADSTS number.
    pub(crate) code: u32,
    /// The `error` value.
    pub(crate) error: &'static str,
    /// HTTP status.
    pub(crate) status: u16,
    /// The sentence without number and tail.
    pub(crate) text: &'static str,
    /// Further members of the answer, each with its value.
    pub(crate) more: &'static [(&'static str, &'static str)],
}

impl Plays {
    /// Everything is healthy.
    pub(crate) const NOTHING: Self = Self {
        network: None,
        tenant: None,
        app: None,
        printed: None,
        credential: None,
        certificate: None,
        public_client: None,
        reads_itself_by: None,
        grants: None,
        consent: None,
        token: None,
        claims: None,
        symmetric_key: None,
        account: None,
        graph: None,
    };

    /// Both at once; `None` when they want different things in one room.
    pub(crate) fn and(self, other: Self) -> Option<Self> {
        Some(Self {
            network: either(self.network, other.network)?,
            tenant: either(self.tenant, other.tenant)?,
            app: either(self.app, other.app)?,
            printed: either(self.printed, other.printed)?,
            credential: either(self.credential, other.credential)?,
            certificate: either(self.certificate, other.certificate)?,
            public_client: either(self.public_client, other.public_client)?,
            reads_itself_by: self.reads_itself_by.or(other.reads_itself_by),
            grants: either(self.grants, other.grants)?,
            consent: either(self.consent, other.consent)?,
            token: either(self.token, other.token)?,
            claims: either(self.claims, other.claims)?,
            symmetric_key: either(self.symmetric_key, other.symmetric_key)?,
            account: either(self.account, other.account)?,
            graph: either(self.graph, other.graph)?,
        })
    }
}

fn either<T>(one: Option<T>, other: Option<T>) -> Option<Option<T>> {
    match (one, other) {
        (Some(_), Some(_)) => None,
        (one, other) => Some(one.or(other)),
    }
}

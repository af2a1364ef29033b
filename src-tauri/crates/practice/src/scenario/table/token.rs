//! Token: the credential is good, and what comes back is not.

use super::{READS_ITSELF, Row};
use crate::scenario::{Account, Claims, Plays, Refusal, SignIn, Token};

const fn row(id: &'static str, title: &'static str, story: &'static str, plays: Plays) -> Row {
    Row { id, link: "token", title, story, plays }
}

const fn claims(claims: Claims) -> Plays {
    Plays { claims: Some(claims), ..Plays::NOTHING }
}

const fn token(token: Token) -> Plays {
    Plays { token: Some(token), ..Plays::NOTHING }
}

static NOT_ISSUED: Refusal = Refusal {
    code: 50_000,
    error: "invalid_request",
    status: 400,
    text: "There was an error issuing a token or an issue with our sign-in service.",
    more: &[],
};

static CONDITIONAL_ACCESS: Refusal = Refusal {
    code: 53_003,
    error: "invalid_grant",
    status: 400,
    text: "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
    more: &[
        ("suberror", "message_only"),
        (
            "claims",
            r#"{"access_token":{"capolids":{"essential":true,"values":["0f0f0f0f-0000-4000-8000-000000000004"]}}}"#,
        ),
    ],
};

static RESOURCE_UNKNOWN: Refusal = Refusal {
    code: 500_011,
    error: "invalid_resource",
    status: 400,
    text: "The resource principal named https://graph.microsoft.com was not found in the tenant named Contoso (practice). This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.",
    more: &[],
};

static NUMBER_OF_NOTHING: Refusal = Refusal {
    code: 9_999_999,
    error: "invalid_request",
    status: 400,
    text: "The request was refused by a rule that did not exist yesterday.",
    more: &[],
};

pub(super) const ROWS: &[Row] = &[
    row(
        "token-delegated",
        "The token is a person’s",
        "The gateway signs in as a person, so its token has that person’s scopes and no roles.",
        claims(Claims::Delegated),
    ),
    row(
        "wrong-audience",
        "The token is for another API",
        "The gateway was built years ago and asks for the old directory API, which has been retired.",
        claims(Claims::OtherAudience),
    ),
    row(
        "wrong-issuer",
        "The token is from another issuer",
        "A broker in between issues tokens of its own. Its name is in them, not Microsoft’s.",
        claims(Claims::OtherIssuer),
    ),
    row(
        "token-expired",
        "The token has ended when it arrives",
        "A cache in between hands out the same token again and again. It ended an hour ago.",
        claims(Claims::Ended),
    ),
    row(
        "token-unreadable",
        "The token cannot be read",
        "Tokens are encrypted here, and only Graph can open them. It takes them all the same.",
        claims(Claims::Opaque),
    ),
    row(
        "symmetric-signing-key",
        "A symmetric key spoils the tokens of people",
        "Somebody tried single sign-on with SAML and left a symmetric signing key on the enterprise application.",
        Plays { symmetric_key: Some(&NOT_ISSUED), reads_itself_by: READS_ITSELF, ..Plays::NOTHING },
    ),
    row(
        "conditional-access-blocked",
        "A Conditional Access policy blocks the app",
        "A new policy lets apps sign in from the headquarters only. The gateway stands in a branch office.",
        token(Token::Refused(&CONDITIONAL_ACCESS)),
    ),
    row(
        "resource-unknown",
        "Microsoft Graph is not known in the tenant",
        "A clean-up script deleted enterprise applications that nobody seemed to use, Microsoft Graph’s as well.",
        token(Token::Refused(&RESOURCE_UNKNOWN)),
    ),
    row(
        "resource-without-delegated-permission",
        "The app asks for no delegated permission",
        "The gateway’s account should sign in. The app lists application permissions only, so no token is issued for it.",
        Plays {
            account: Some(Account { refusal: &NOT_ISSUED, refused_at: &[SignIn::Anyhow], federated: false }),
            public_client: Some(true),
            reads_itself_by: READS_ITSELF,
            ..Plays::NOTHING
        },
    ),
    row(
        "token-endpoint-throttled",
        "Tokens are asked for too often",
        "A gateway with a fault asks for a new token for every request. Now nobody gets one for a minute.",
        token(Token::TooMany),
    ),
    row(
        "error-unknown",
        "A refusal that nobody knows",
        "Since today the sign-in service refuses, and its number is in no list.",
        token(Token::Refused(&NUMBER_OF_NOTHING)),
    ),
];

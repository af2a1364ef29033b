//! Credential: the app's secret and certificate, and the gateway's account.

use super::{READS_ITSELF, Row};
use crate::scenario::{Account, Certificate, Credential, Plays, Printed, Refusal, SignIn};

const fn row(id: &'static str, title: &'static str, story: &'static str, plays: Plays) -> Row {
    Row { id, link: "credential", title, story, plays }
}

const fn credential(credential: Credential) -> Plays {
    Plays { credential: Some(credential), ..Plays::NOTHING }
}

const fn certificate(certificate: Certificate) -> Plays {
    Plays { certificate: Some(certificate), ..Plays::NOTHING }
}

const fn account(refusal: &'static Refusal, refused_at: &'static [SignIn]) -> Plays {
    let account = Account { refusal, refused_at, federated: false };
    Plays { account: Some(account), public_client: Some(true), ..Plays::NOTHING }
}

const fn refusal(code: u32, error: &'static str, status: u16, text: &'static str) -> Refusal {
    Refusal { code, error, status, text, more: &[] }
}

static UNKNOWN_CREDENTIAL_FAULT: Refusal =
    refusal(7_009_998, "invalid_client", 401, "The client credential was not accepted.");
static PUBLIC_CLIENT: Refusal = refusal(
    700_025,
    "invalid_client",
    401,
    "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
);
static PASSWORD_WRONG: Refusal = refusal(
    50_126,
    "invalid_grant",
    400,
    "Error validating credentials due to invalid username or password.",
);
static PASSWORD_EXPIRED: Refusal = Refusal {
    more: &[
        ("suberror", "user_password_expired"),
        ("password_change_url", "https://portal.microsoftonline.com/ChangePassword.aspx"),
    ],
    ..refusal(50_055, "user_password_expired", 400, "Password is expired.")
};
static ACCOUNT_DISABLED: Refusal = refusal(50_057, "invalid_grant", 400, "The user account is disabled.");
static ACCOUNT_LOCKED: Refusal = refusal(
    50_053,
    "invalid_grant",
    400,
    "You've tried to sign in too many times with an incorrect user ID or password.",
);
static MFA_REQUIRED: Refusal = Refusal {
    more: &[("suberror", "basic_action")],
    ..refusal(
        50_076,
        "invalid_grant",
        400,
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '{graph}'.",
    )
};
static SESSION_REVOKED: Refusal = refusal(
    50_173,
    "invalid_grant",
    400,
    "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.",
);
static FOREIGN_ACCOUNT: Refusal = refusal(
    50_020,
    "invalid_grant",
    400,
    "User account '{EmailHidden}' from identity provider 'live.com' does not exist in tenant '{tenant}' and cannot access the application '{client}'({app}) in that tenant. The account needs to be added as an external user in the tenant first. Sign out and sign in again with a different Azure Active Directory user account.",
);

pub(super) const ROWS: &[Row] = &[
    row(
        "secret-wrong",
        "The secret is not the right one",
        "The secret came in a chat message, and it is not a secret of this app any more.",
        credential(Credential::OtherSecret),
    ),
    row(
        "secret-id-pasted",
        "The Secret ID was copied in place of the value",
        "The value is shown once only. A day later, all that could still be copied was the Secret ID.",
        Plays { printed: Some(Printed::SecretId), ..Plays::NOTHING },
    ),
    row(
        "secret-expired",
        "The secret has ended",
        "The gateway worked for a year. Yesterday its client secret ended, and sign-in with it.",
        credential(Credential::Ended),
    ),
    row(
        "secret-ending",
        "The secret ends in twelve days",
        "Everything works. The secret was made almost a year ago, and ends in twelve days.",
        Plays { reads_itself_by: READS_ITSELF, ..credential(Credential::EndsIn(12)) },
    ),
    row(
        "secret-mangled",
        "The secret was spoiled on the way",
        "The secret went through a ticket system, which turned its special characters into HTML.",
        Plays { printed: Some(Printed::HtmlSecret), ..Plays::NOTHING },
    ),
    row(
        "secret-not-yet",
        "The new secret does not work yet",
        "The secret was made a moment ago. It takes some seconds until it is accepted everywhere.",
        credential(Credential::NotYet),
    ),
    row(
        "credential-refused",
        "The credential is refused without a known reason",
        "Nothing was changed at the app. The service refuses its credential with a number that nobody knows.",
        credential(Credential::Refused(&UNKNOWN_CREDENTIAL_FAULT)),
    ),
    row(
        "credential-forbidden-by-policy",
        "The tenant forbids new secrets",
        "The old secret works. A policy of the tenant forbids to add another one, so it cannot be renewed.",
        Plays { reads_itself_by: Some("Application.ReadWrite.All"), ..credential(Credential::NoNewSecrets) },
    ),
    row(
        "certificate-unknown",
        "The certificate is not on the app",
        "The gateway got a new certificate. Nobody uploaded its public half to the app.",
        certificate(Certificate::Unknown),
    ),
    row(
        "certificate-expired",
        "The certificate has ended",
        "The gateway’s certificate was made for one year, and the year was over yesterday.",
        certificate(Certificate::Ended),
    ),
    row(
        "certificate-signature",
        "The private key belongs to another certificate",
        "The certificate was renewed with a new key. The gateway shows one and signs with the other.",
        certificate(Certificate::OtherKey),
    ),
    row(
        "public-client-breaks-certificate",
        "The app counts as public and takes no credential",
        "Public client flows were allowed for a test. Since then every credential of the app is refused.",
        Plays { public_client: Some(true), ..credential(Credential::Refused(&PUBLIC_CLIENT)) },
    ),
    row(
        "password-wrong",
        "The account’s password is wrong",
        "Somebody changed the password of the gateway’s account and told nobody.",
        account(&PASSWORD_WRONG, &[SignIn::Password]),
    ),
    row(
        "password-expired",
        "The account’s password has run out",
        "Passwords last 90 days at Contoso. That of the gateway’s account is 91 days old.",
        account(&PASSWORD_EXPIRED, &[SignIn::Password]),
    ),
    row(
        "account-disabled",
        "The account is switched off",
        "The colleague whose account the gateway used has left, and the account was switched off.",
        account(&ACCOUNT_DISABLED, &[SignIn::Password, SignIn::Page, SignIn::RefreshToken]),
    ),
    row(
        "account-locked",
        "The account is locked",
        "Another gateway kept trying with the old password, until the account was locked.",
        account(&ACCOUNT_LOCKED, &[SignIn::Password, SignIn::Page]),
    ),
    row(
        "mfa-required",
        "The account needs a second factor",
        "Contoso asks everybody for a second factor since this week, the gateway’s account too.",
        account(&MFA_REQUIRED, &[SignIn::Password, SignIn::RefreshToken]),
    ),
    row(
        "session-revoked",
        "The account’s sign-in was revoked",
        "After a security alert all sign-ins were revoked. The gateway still holds the old refresh token.",
        account(&SESSION_REVOKED, &[SignIn::RefreshToken]),
    ),
    row(
        "federated-account",
        "The account’s password is kept elsewhere",
        "Contoso’s people sign in at a server of their own. The directory has no password to compare with.",
        Plays {
            account: Some(Account {
                refusal: &PASSWORD_WRONG,
                refused_at: &[SignIn::Password],
                federated: true,
            }),
            public_client: Some(true),
            ..Plays::NOTHING
        },
    ),
    row(
        "guest-account",
        "The account belongs to another directory",
        "The gateway was given the personal account of a contractor, which is no member of the tenant.",
        account(&FOREIGN_ACCOUNT, &[SignIn::Password, SignIn::Page]),
    ),
];

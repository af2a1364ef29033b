//! Consent: what the app asks for, and what was granted.

use super::{READS_ITSELF, Row};
use crate::scenario::{Claims, ConsentPage, Grants, Plays};

const fn row(id: &'static str, title: &'static str, story: &'static str, plays: Plays) -> Row {
    Row { id, link: "consent", title, story, plays }
}

const fn grants(grants: Grants) -> Plays {
    Plays { grants: Some(grants), ..Plays::NOTHING }
}

pub(super) const ROWS: &[Row] = &[
    row(
        "delegated-only",
        "Delegated permissions in place of application permissions",
        "The names of the permissions are right, but they were added as delegated ones, so the app alone gets none.",
        grants(Grants::AskedAsDelegated),
    ),
    row(
        "permission-delegated-type",
        "Delegated permissions, and the app can read that",
        "The app may read its own registration. Its other permissions were added as delegated ones.",
        Plays { reads_itself_by: READS_ITSELF, ..grants(Grants::AskedAsDelegated) },
    ),
    row(
        "consent-missing",
        "Admin consent was never given",
        "Somebody added the permissions and went home. They are listed on the app, and nobody has granted them.",
        grants(Grants::Nothing),
    ),
    row(
        "consent-partial",
        "Only some permissions were granted",
        "The second permission was added after consent had been given. Nobody has granted it yet.",
        grants(Grants::First),
    ),
    row(
        "consent-on-registration-only",
        "Listed on the registration, granted nowhere",
        "The list on the registration looks complete. The enterprise application has none of it.",
        Plays { reads_itself_by: READS_ITSELF, ..grants(Grants::Nothing) },
    ),
    row(
        "consent-slow",
        "Admin consent arrives late",
        "An administrator has just given consent. The directory needs a moment until tokens carry the roles.",
        grants(Grants::Slow),
    ),
    row(
        "token-older-than-consent",
        "The token is older than the consent",
        "Consent was given a minute ago. The token still comes from a cache and knows nothing of it.",
        Plays { claims: Some(Claims::Older), reads_itself_by: READS_ITSELF, ..grants(Grants::JustNow) },
    ),
    row(
        "permission-excessive",
        "The app may do more than it needs",
        "Somebody was in a hurry and granted everything. The app may write the whole directory now.",
        grants(Grants::AndAlso("Directory.ReadWrite.All")),
    ),
    row(
        "consent-callback-refused",
        "The consent page comes back with a refusal",
        "The administrator follows the link, and it comes back with an error, whatever is pressed.",
        Plays { consent: Some(ConsentPage::Refuses), ..grants(Grants::Nothing) },
    ),
    row(
        "user-consent-disabled",
        "People may not consent for themselves",
        "The person at the keyboard is no administrator, and people may not consent to anything here.",
        Plays { consent: Some(ConsentPage::NeedsAdmin), ..grants(Grants::Nothing) },
    ),
];

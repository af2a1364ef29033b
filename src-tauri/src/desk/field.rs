//! Single fields, judged while they are typed. Nothing is sent anywhere.

use std::path::Path;

use engine::{
    connection::{Connection, Credential, SecretShape},
    diagnosis::{Words, checks},
    gateways::SealOutlook,
    input::{self, ThumbprintVerdict, Verdict},
};
use jiff::{Timestamp, tz::TimeZone};
use secrecy::SecretString;

use super::Desk;
use crate::wire::{FieldFinding, FieldId, FieldState, FieldVerdict, Problem};

impl Desk {
    pub(crate) async fn judge_field(
        &self,
        connection: String,
        field: FieldId,
        text: String,
    ) -> Result<FieldVerdict, Problem> {
        let known = self.engine.connection(&connection)?;
        let client = known.client_id.clone().unwrap_or_default();
        let tenant = known.tenant.as_ref().map(|tenant| tenant.text.clone()).unwrap_or_default();
        Ok(match field {
            FieldId::Tenant => verdict(input::tenant(&text, &client)),
            FieldId::ClientId => verdict(input::client_id(&text, &tenant, known.tenant_id().as_deref())),
            FieldId::Name => verdict(input::name(&text)),
            FieldId::EndsOn => verdict(input::day(&text, self.engine.now())),
            FieldId::BundlesEnd => {
                bundles_end(&text, &self.engine.seal_outlook(&connection)?, self.engine.now())
            }
            FieldId::Folder => folder(&text),
            FieldId::Secret => secret(text),
            FieldId::Thumbprint => thumbprint(&known, &text),
        })
    }
}

fn verdict<T>(verdict: Verdict<T>) -> FieldVerdict {
    match verdict {
        Verdict::Empty => plain(FieldState::Empty, String::new()),
        Verdict::Fine { says, .. } => {
            FieldVerdict { trimmed: !says.is_empty(), ..plain(FieldState::Fine, says) }
        }
        Verdict::Wrong { what, fix } => plain(FieldState::Wrong, format!("{what} {fix}")),
    }
}

fn bundles_end(text: &str, outlook: &SealOutlook, now: Timestamp) -> FieldVerdict {
    let (value, says) = match input::day(text, now) {
        Verdict::Empty => return plain(FieldState::Empty, String::new()),
        Verdict::Wrong { what, .. } => {
            return plain(
                FieldState::Wrong,
                format!("{what} Write it as year-month-day, such as `2027-05-19`."),
            );
        }
        Verdict::Fine { value, says } => (value, says),
    };
    let Ok(end) = value.tomorrow().and_then(|next| next.to_zoned(TimeZone::UTC)) else {
        return plain(FieldState::Wrong, "This is not a day.".to_owned());
    };
    match outlook.ends_at.filter(|_| outlook.with_credential) {
        _ if end.timestamp() <= now => plain(FieldState::Wrong, "This day is past.".to_owned()),
        Some(latest) if latest < end.timestamp() => {
            plain(FieldState::Doubtful, "The credential ends before, and the bundles end with it.".to_owned())
        }
        _ => plain(FieldState::Fine, says),
    }
}

fn folder(text: &str) -> FieldVerdict {
    let path = Path::new(text.trim());
    if text.trim().is_empty() {
        plain(FieldState::Empty, String::new())
    } else if !path.is_absolute() {
        plain(FieldState::Wrong, "Give the path from the root on.".to_owned())
    } else if path.is_file() {
        plain(FieldState::Wrong, "This is a file. Choose a folder.".to_owned())
    } else if path.join("gateway.json").exists() {
        plain(FieldState::Doubtful, "There is a gateway config in this folder already.".to_owned())
    } else if path.is_dir() {
        plain(FieldState::Fine, String::new())
    } else {
        plain(FieldState::Fine, "The folder will be made.".to_owned())
    }
}

fn thumbprint(known: &Connection, text: &str) -> FieldVerdict {
    let look = known.credential.as_ref().and_then(Credential::certificate);
    let verdict = look.map(|look| input::thumbprint(text, &look.thumbprint, &look.sha256));
    let state = match verdict {
        None | Some(ThumbprintVerdict::Empty) => FieldState::Empty,
        Some(ThumbprintVerdict::Equal) => FieldState::Fine,
        Some(ThumbprintVerdict::Different { .. } | ThumbprintVerdict::Unreadable { .. }) => FieldState::Wrong,
    };
    plain(state, verdict.map(|verdict| verdict.says()).unwrap_or_default())
}

fn secret(text: String) -> FieldVerdict {
    let quoted = text.trim().starts_with(['"', '\'', '`', '“', '‘', '«']);
    let Some(looked) = input::secret(&SecretString::from(text)) else {
        return plain(FieldState::Empty, String::new());
    };
    let said = |state, says: &str| FieldVerdict { trimmed: looked.trimmed, ..plain(state, says.to_owned()) };
    match looked.shape {
        SecretShape::Usual if looked.trimmed => {
            let around = if quoted { "The quotation marks" } else { "White space or invisible characters" };
            said(
                FieldState::Fine,
                &format!("Looks like a secret’s value. {around} around it were taken away."),
            )
        }
        SecretShape::Usual => said(FieldState::Fine, "Looks like a secret’s value."),
        SecretShape::Unusual => said(FieldState::Doubtful, &looked.says),
        SecretShape::Guid => FieldVerdict {
            finding: finding(
                "secret-id-pasted",
                "The text has the shape of a GUID. A value is about 40 characters long.",
            ),
            ..said(FieldState::Wrong, &looked.says)
        },
        SecretShape::Mangled => FieldVerdict {
            finding: finding("secret-mangled", "The text holds characters that a secret’s value never has."),
            ..said(FieldState::Wrong, &looked.says)
        },
    }
}

fn finding(id: &str, saw: &str) -> Option<FieldFinding> {
    let check = checks::TABLE.iter().find(|check| check.id == id)?;
    let Words { title, meaning, fix, .. } = &check.words;
    Some(FieldFinding {
        id: id.to_owned(),
        title: (*title).to_owned(),
        saw: saw.to_owned(),
        meaning: (*meaning).to_owned(),
        fix: fix.iter().map(|step| (*step).to_owned()).collect(),
    })
}

fn plain(state: FieldState, says: String) -> FieldVerdict {
    FieldVerdict { state, says, trimmed: false, finding: None }
}

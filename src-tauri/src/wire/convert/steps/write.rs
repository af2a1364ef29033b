use engine::{
    Cloud, Gatehouse, Report,
    connection::Credential,
    diagnosis::{Link, LinkState},
    export, settings, words,
};

use crate::wire::{GatewayCounts, WriteFact, WriteView, WrittenFile, WrittenView, convert::small};

impl WriteView {
    pub(crate) fn of(report: &Report, engine: &Gatehouse) -> Self {
        let connection = &report.connection;
        let fact = |label: &str, value: String, caption: String| WriteFact {
            label: label.to_owned(),
            value,
            caption,
        };
        let place = connection.cloud().map_or("Practice tenant", Cloud::name);
        let credential = connection.credential.as_ref();
        let ends = credential.and_then(|credential| credential.ends_on);
        let noun = match credential.and_then(Credential::certificate) {
            Some(_) => "Certificate",
            None => "Client secret",
        };
        let permissions = report.profile.required(&connection.custom_permissions);
        let facts = vec![
            fact(
                "Tenant",
                connection.tenant.as_ref().map(|t| t.text.clone()).unwrap_or_default(),
                place.to_owned(),
            ),
            fact(
                "App",
                connection.name.clone(),
                connection.client_id.as_deref().map(words::short_id).unwrap_or_default(),
            ),
            fact(
                "Credential",
                noun.to_owned(),
                ends.map_or_else(|| "end not known".to_owned(), |day| format!("ends {}", words::day(day))),
            ),
            fact(
                "Proven",
                connection.checked_at.map_or_else(|| "Not yet".to_owned(), words::moment),
                proven_by(report).to_owned(),
            ),
            fact("Permissions", permissions.len().to_string(), permissions.join(", ")),
            fact(
                "Access",
                words::count(connection.access.len(), "group mapped", "groups mapped"),
                report
                    .effect
                    .as_ref()
                    .map_or_else(String::new, |effect| format!("{} people", words::number(effect.granted))),
            ),
        ];
        let written = connection.evidence.written.value().map(|written| WrittenView {
            at: written.written_at.to_string(),
            folder: written.folder.clone(),
            files: written
                .files
                .iter()
                .map(|file| WrittenFile {
                    name: file.name.clone(),
                    bytes: small(file.bytes),
                    sha256: file.sha256.clone(),
                    holds_secret: file.holds_secret,
                })
                .collect(),
            outdated: written.settings != export::fingerprint(connection),
        });
        Self {
            suggested_folder: settings::documents_folder(engine.home())
                .join(&connection.id)
                .to_string_lossy()
                .into_owned(),
            facts,
            gateways: GatewayCounts::in_list(engine, connection),
            preview: engine.preview_config(connection).ok().and_then(|bytes| String::from_utf8(bytes).ok()),
            written,
        }
    }
}

/// What the links up to the directory rest on.
fn proven_by(report: &Report) -> &'static str {
    let works =
        |link: Link| matches!(report.chain.link(link).state, LinkState::Proven | LinkState::Attention);
    let synced = report.connection.evidence.sync.as_ref().is_some_and(|sync| sync.complete);
    match (works(Link::Token) && works(Link::Consent), works(Link::Directory) && synced) {
        (true, true) => "by a real token and a full sync",
        (true, false) => "by a real token; no full sync yet",
        (false, _) => "no token proves it now",
    }
}

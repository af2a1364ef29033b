use engine::{
    Gatehouse,
    bundle::{Recipient, RecipientKind, SelfTest},
    connection::Connection,
    gateways::{
        Gateway, GatewayStanding, KeyChange, KeyPreview, KeyTarget, KeysApplied, SharedKey, TablePreview,
    },
    outputs::Output,
    settings, words,
};

use super::small;
use crate::wire::{
    BundleView, GatewayCounts, GatewayKeyView, GatewayRow, GatewaysView, KeyChangeView, KeyLineView,
    KeyTargetId, KeysPreview, LineProblem, OutputChoice, Problem, ReceiptView, SelfTestId, StandingId,
    TablePreviewView, TableRowView,
};

impl GatewaysView {
    pub(crate) fn of(engine: &Gatehouse, id: &str) -> Result<Self, Problem> {
        let (connection, list) = (engine.connection(id)?, engine.gateways(id)?);
        let now = engine.now();
        let aside = list.set_aside.iter().map(|aside| {
            format!(
                "A list of gateways could not be used ({}). The file was kept as `{}`, and nothing in it was changed.",
                aside.because,
                aside.path.display()
            )
        });
        let profile = engine.profiles().get(&connection.profile);
        let of_profile = profile.map(|profile| profile.outputs.clone()).unwrap_or_default();
        Ok(Self {
            connection: connection.id.clone(),
            rows: list.gateways.iter().map(|gateway| GatewayRow::of(gateway, &connection, now)).collect(),
            counts: GatewayCounts::of(&list.gateways, &connection),
            profile_outputs: of_profile.iter().map(|output| output.id().to_owned()).collect(),
            outputs: Output::ALL.into_iter().map(OutputChoice::from).collect(),
            suggested_folder: folder(engine, &connection, &list.gateways),
            notices: aside.collect(),
        })
    }
}

/// Where bundles were written last, or beside the connection's config.
fn folder(engine: &Gatehouse, connection: &Connection, gateways: &[Gateway]) -> String {
    let newest = gateways.iter().filter_map(Gateway::newest).max_by_key(|newest| newest.sealed_at);
    let last = newest.and_then(|newest| std::path::Path::new(&newest.file).parent());
    let folder = last.map_or_else(
        || settings::documents_folder(engine.home()).join(&connection.id),
        std::path::Path::to_path_buf,
    );
    folder.to_string_lossy().into_owned()
}

impl GatewayCounts {
    /// None for a connection without gateways. A list that cannot be read has refused the report already.
    pub(crate) fn in_list(engine: &Gatehouse, connection: &Connection) -> Option<Self> {
        let gateways = engine.gateways(&connection.id).map(|list| list.gateways).unwrap_or_default();
        (!gateways.is_empty()).then(|| Self::of(&gateways, connection))
    }

    pub(crate) fn of(gateways: &[Gateway], connection: &Connection) -> Self {
        let mut counts = Self::default();
        for gateway in gateways {
            let standing = gateway.standing(connection);
            counts.total += 1;
            counts.with_key += u32::from(gateway.recipient.is_some());
            counts.confirmed += u32::from(standing == GatewayStanding::Confirmed);
            counts.waiting += u32::from(standing == GatewayStanding::Unconfirmed);
            counts.unconfirmed += u32::from(standing != GatewayStanding::Confirmed);
        }
        counts
    }
}

impl GatewayRow {
    fn of(gateway: &Gateway, connection: &Connection, now: jiff::Timestamp) -> Self {
        let standing = gateway.standing(connection);
        Self {
            name: gateway.name.to_string(),
            address: gateway.address.clone().unwrap_or_default(),
            key: gateway.key().as_ref().map(GatewayKeyView::from),
            outputs: gateway.outputs.iter().map(|output| output.id().to_owned()).collect(),
            code: match &standing {
                GatewayStanding::Failed(code) | GatewayStanding::HeldBack(code) => Some(code.clone()),
                _ => None,
            },
            standing: standing.into(),
            newest: gateway.newest().map(|newest| BundleView {
                sequence: small(newest.sequence),
                sealed_at: newest.sealed_at.to_string(),
                ends_at: newest.ends_at.to_string(),
                ended: newest.ends_at <= now,
            }),
            receipt: gateway.confirmed.as_ref().map(|confirmed| ReceiptView {
                sequence: small(confirmed.sequence),
                received_at: confirmed.received_at.to_string(),
                opened_at: confirmed.opened_at.to_string(),
                tested: match confirmed.self_test {
                    SelfTest::Ok => SelfTestId::Ok,
                    SelfTest::NotRun => SelfTestId::NotRun,
                    SelfTest::Failed { .. } => SelfTestId::Failed,
                },
            }),
        }
    }
}

impl From<&Recipient> for GatewayKeyView {
    fn from(key: &Recipient) -> Self {
        let kind = match key.kind() {
            RecipientKind::SshEd25519 => "ED25519",
            RecipientKind::SshRsa => "RSA",
            RecipientKind::X25519 => "age",
        };
        Self { kind: kind.to_owned(), fingerprint: key.fingerprint().to_owned() }
    }
}

impl From<GatewayStanding> for StandingId {
    fn from(standing: GatewayStanding) -> Self {
        match standing {
            GatewayStanding::NoKey => Self::NoKey,
            GatewayStanding::NotSealed => Self::NotSealed,
            GatewayStanding::Outdated => Self::Outdated,
            GatewayStanding::Unconfirmed => Self::Unconfirmed,
            GatewayStanding::CannotConfirm => Self::CannotConfirm,
            GatewayStanding::Confirmed => Self::Confirmed,
            GatewayStanding::CouldNotTell => Self::CouldNotTell,
            GatewayStanding::Failed(_) => Self::Failed,
            GatewayStanding::HeldBack(_) => Self::HeldBack,
        }
    }
}

impl From<Output> for OutputChoice {
    fn from(output: Output) -> Self {
        let (title, says) = match output {
            Output::Systemd => ("systemd", "credential files and a drop-in for the unit"),
            Output::Kubernetes => ("Kubernetes", "a Secret to apply"),
            Output::OAuth2Proxy => ("oauth2-proxy", "its configuration file"),
            Output::IotEdge => ("Azure IoT Edge", "the environment block of a module"),
            Output::AnsibleRole => ("Ansible role", "a role that installs the files"),
        };
        Self { id: output.id().to_owned(), title: title.to_owned(), says: says.to_owned() }
    }
}

impl From<&KeyChange> for KeyChangeView {
    fn from(change: &KeyChange) -> Self {
        Self { gateway: change.gateway.to_string(), from: change.from.clone(), to: change.to.clone() }
    }
}

impl From<KeyPreview> for KeysPreview {
    fn from(preview: KeyPreview) -> Self {
        let lines = preview.found.iter().map(|found| {
            let (target, gateway, replaces) = match &found.target {
                KeyTarget::Gives(gateway) => (KeyTargetId::Gives, Some(gateway), None),
                KeyTarget::Has(gateway) => (KeyTargetId::Has, Some(gateway), None),
                KeyTarget::Changes(change) => {
                    (KeyTargetId::Changes, Some(&change.gateway), Some(change.from.clone()))
                }
                KeyTarget::Makes { gateway, .. } => (KeyTargetId::Makes, Some(gateway), None),
                KeyTarget::Spare(gateway) => (KeyTargetId::Spare, Some(gateway), None),
                KeyTarget::Ambiguous(gateway) => (KeyTargetId::Ambiguous, Some(gateway), None),
                KeyTarget::Nameless => (KeyTargetId::Nameless, None, None),
            };
            let comment = || found.recipient.comment().to_owned();
            KeyLineView {
                line: small(found.line as u64),
                host: found.hosts.first().cloned().unwrap_or_else(comment),
                key: (&found.recipient).into(),
                target,
                gateway: gateway.map(ToString::to_string),
                replaces,
            }
        });
        let problems = preview.problems.iter().map(|problem| LineProblem {
            line: small(problem.line as u64),
            at: problem.hosts.first().cloned(),
            what: problem.what.clone(),
            fix: String::new(),
        });
        let notes = preview.shared.iter().map(SharedKey::says);
        Self { lines: lines.collect(), problems: problems.collect(), notes: notes.collect() }
    }
}

impl From<&TablePreview> for TablePreviewView {
    fn from(preview: &TablePreview) -> Self {
        let rows = preview.rows.iter().map(|row| TableRowView {
            line: small(row.line),
            gateway: row.gateway.to_string(),
            known: row.known,
            changes: row.changes.iter().map(|column| (*column).to_owned()).collect(),
        });
        let problems = preview.problems.iter().map(|problem| LineProblem {
            line: small(problem.line),
            at: problem.column.map(str::to_owned),
            what: problem.what.clone(),
            fix: problem.fix.clone(),
        });
        Self {
            rows: rows.collect(),
            problems: problems.collect(),
            key_changes: preview.key_changes.iter().map(KeyChangeView::from).collect(),
            notes: preview.shared.iter().map(SharedKey::says).collect(),
            new: small(preview.new as u64),
            changed: small(preview.changed as u64),
            unchanged: small(preview.unchanged as u64),
        }
    }
}

/// What giving keys did, in a sentence.
pub(crate) fn keys_given(applied: &KeysApplied) -> String {
    let parts = [
        (applied.made.len(), "gateway added", "gateways added"),
        (applied.given.len(), "key given", "keys given"),
        (applied.changed.len(), "key replaced", "keys replaced"),
        (applied.same.len(), "as before", "as before"),
    ];
    sentence(&parts, "Nothing was changed.")
}

/// What an import did, in a sentence.
pub(crate) fn table_taken(preview: &TablePreview) -> String {
    let parts = [
        (preview.new, "gateway added", "gateways added"),
        (preview.changed, "changed", "changed"),
        (preview.unchanged, "as before", "as before"),
        (preview.problems.len(), "line left out", "lines left out"),
    ];
    sentence(&parts, "Nothing was changed.")
}

fn sentence(parts: &[(usize, &str, &str)], nothing: &str) -> String {
    let said: Vec<String> = parts
        .iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, more)| words::count(*count, one, more))
        .collect();
    if said.is_empty() { nothing.to_owned() } else { format!("{}.", said.join(", ")) }
}

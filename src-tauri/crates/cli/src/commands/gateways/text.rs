//! What people read about gateways.

use engine::{
    connection::Connection,
    gateways::{Gateway, GatewayStanding, KeyPreview, KeyTarget, KeysApplied, SharedKey, TablePreview},
    words,
};

use crate::output::text::{line, note};

pub(super) fn list(connection: &Connection, gateways: &[Gateway]) {
    if gateways.is_empty() {
        line(
            "This connection has no gateways yet. Add them with add, key or import: gatehouse gateways --help",
        );
        return;
    }
    let width = gateways.iter().map(|gateway| gateway.name.as_str().len()).max().unwrap_or(0);
    for gateway in gateways {
        let key = gateway.key().map_or_else(|| "no key".to_owned(), |key| key.fingerprint().to_owned());
        let bundle = gateway.newest().map_or_else(String::new, |newest| {
            format!(" · bundle {} of {}", newest.sequence, words::moment(newest.sealed_at))
        });
        line(&format!(
            "  {:<width$}  {}  {key}{bundle}",
            gateway.name.as_str(),
            standing(&gateway.standing(connection))
        ));
    }
    let confirmed = gateways.iter().filter(|known| known.standing(connection) == GatewayStanding::Confirmed);
    let (confirmed, all) = (confirmed.count(), words::count(gateways.len(), "gateway", "gateways"));
    line(&format!("{confirmed} of {all} confirmed the current credential."));
    if connection.credential.is_none() {
        note("No credential is given: that of the newest bundle counts as the current one.");
    }
}

fn standing(standing: &GatewayStanding) -> String {
    match standing {
        GatewayStanding::NoKey => "– no key       ".to_owned(),
        GatewayStanding::NotSealed => "– not sealed   ".to_owned(),
        GatewayStanding::Outdated => "! outdated     ".to_owned(),
        GatewayStanding::Unconfirmed => "! unconfirmed  ".to_owned(),
        GatewayStanding::CannotConfirm => "? cannot answer".to_owned(),
        GatewayStanding::Confirmed => "✓ confirmed    ".to_owned(),
        GatewayStanding::CouldNotTell => "? cannot tell  ".to_owned(),
        GatewayStanding::Failed(code) => format!("× test failed: {code}"),
        GatewayStanding::HeldBack(code) => format!("× not installed, test failed: {code}"),
    }
}

pub(super) fn one(gateway: &Gateway) -> String {
    let key = gateway.key().map_or_else(|| "no key yet".to_owned(), |key| key.fingerprint_line());
    format!("{} is in the list: {key}.", gateway.name)
}

pub(super) fn keys(preview: &KeyPreview) {
    for found in &preview.found {
        let what = match &found.target {
            KeyTarget::Gives(gateway) => format!("→ {gateway}"),
            KeyTarget::Has(gateway) => format!("= {gateway} has it"),
            KeyTarget::Changes(change) => format!("! {} has another: {}", change.gateway, change.from),
            KeyTarget::Makes { gateway, .. } => format!("+ {gateway}, a new gateway"),
            KeyTarget::Spare(gateway) => format!("– {gateway} has a better one"),
            KeyTarget::Ambiguous(gateway) => {
                format!("? one of several for {gateway}; name the right one alone")
            }
            KeyTarget::Nameless => "? names no gateway; say which with --gateway".to_owned(),
        };
        line(&format!("  {}  {what}", found.recipient.fingerprint_line()));
    }
    for problem in &preview.problems {
        line(&format!("  Line {}: {}", problem.line, problem.what));
    }
    shared(&preview.shared);
}

fn shared(keys: &[SharedKey]) {
    for key in keys {
        line(&format!("  ! {}", key.says()));
    }
}

pub(super) fn applied(applied: &KeysApplied) {
    line(&format!(
        "{} made, {} given a key, {} changed, {} as before.",
        words::count(applied.made.len(), "gateway", "gateways"),
        applied.given.len(),
        applied.changed.len(),
        applied.same.len()
    ));
}

pub(super) fn table(preview: &TablePreview, taken: bool) {
    for problem in &preview.problems {
        let column = problem.column.map(|column| format!(", {column}")).unwrap_or_default();
        line(&format!("  Line {}{column}: {} {}", problem.line, problem.what, problem.fix));
    }
    shared(&preview.shared);
    line(&format!(
        "{} new, {} changed, {} unchanged, {}{}",
        preview.new,
        preview.changed,
        preview.unchanged,
        words::count(preview.problems.len(), "fault.", "faults."),
        if taken { "" } else { " Nothing was changed." }
    ));
}

//! Where a rotation stands, for people.

use engine::{
    connection::{Connection, Credential},
    rotation::{Holder, Holds, Locked, OldCredential, RemovedGateway, RotationStanding, Stage},
    words,
};

use crate::output::text::line;

/// The four steps, both credentials, the gateways, and what is next.
pub(super) fn tell(connection: &Connection, standing: Option<&RotationStanding>) {
    let Some(standing) = standing else { return none(connection) };
    line(&format!("{} · rotation since {}", connection.name, words::moment(standing.rotation.started_at)));
    credential("Old", &standing.old);
    credential("New", &standing.new);
    let name = &connection.id;
    match &standing.rotation.stage {
        Stage::Entered { tried } => {
            if let Some(at) = standing.rotation.went_back_at {
                line(&format!(
                    "  Went back   {}, though it could not be told whether the old one works",
                    words::moment(at)
                ));
            }
            if let Some(trial) = tried {
                let title = trial.title.as_deref().unwrap_or("It was not proven.");
                line(&format!("  Tried       {}: {title}", words::moment(trial.at)));
            }
            line(&format!("Next: gatehouse rotate {name} prove"));
        }
        Stage::HandingOut { proven_at, removal, .. } => {
            line(&format!("  Proven      {}", words::moment(*proven_at)));
            if !standing.holders.is_empty() {
                let all = words::count(standing.holders.len(), "gateway", "gateways");
                line(&format!(
                    "  Confirmed   {} of {all} confirmed the new credential",
                    standing.confirmed()
                ));
            }
            for holder in &standing.holders {
                line(&format!("  {}", gateway(holder)));
            }
            removed(&standing.removed);
            if let Some(removal) = removal {
                line(&format!("  Looked      {}: {}", words::moment(removal.at), seen(&removal.seen)));
            }
            elsewhere(standing);
            next(name, standing);
        }
    }
}

fn none(connection: &Connection) {
    match &connection.last_rotation {
        None => line(&format!("{}: no rotation is under way.", connection.name)),
        Some(last) => {
            line(&format!(
                "{}: no rotation is under way. The last one ended {}{}.",
                connection.name,
                words::moment(last.finished_at),
                if last.seen_refused {
                    ", with Entra ID refusing the old credential"
                } else {
                    ", on your word"
                },
            ));
            removed(&last.removed);
        }
    }
}

fn removed(gateways: &[RemovedGateway]) {
    for RemovedGateway { gateway, at } in gateways {
        line(&format!("  – {gateway:<20} removed {} without an answer", words::moment(*at)));
    }
}

fn elsewhere(standing: &RotationStanding) {
    for other in &standing.elsewhere {
        let uses = if other.uses_old { ", signs in with the old one too" } else { "" };
        line(&format!("  {} ({}), another connection of this app{uses}", other.name, other.connection));
        for gateway in &other.gateways {
            line(&format!("  ! {:<20} may hold the old one", other.label(gateway)));
        }
    }
}

fn credential(label: &str, credential: &Credential) {
    let ends = credential
        .ends_on
        .map_or_else(|| "end not known".to_owned(), |day| format!("ends {}", words::day(day)));
    line(&format!("  {label:<11} {} {} · {ends}", credential.noun(), credential.id()));
}

fn gateway(holder: &Holder) -> String {
    let (glyph, holds) = match &holder.holds {
        Holds::New => ("✓", "works with the new one".to_owned()),
        Holds::NewUntested => ("!", "has the new one, and did not try it".to_owned()),
        Holds::NewFailed(code) => ("×", format!("its test with the new one failed: {code}")),
        Holds::HeldBack(code) => (
            "×",
            format!(
                "did not install the new one, because its test failed: {code}; works on with what it had"
            ),
        ),
        Holds::Old => ("!", "holds the old one".to_owned()),
        Holds::Unknown => ("–", "has never answered".to_owned()),
    };
    let sealed = if !matches!(holder.holds, Holds::New | Holds::NewUntested) && holder.sealed {
        ", a bundle with the new one is sealed"
    } else {
        ""
    };
    let silent = if holder.cannot_answer { ", its key cannot sign a receipt" } else { "" };
    let excepted = if holder.excepted && holder.holds != Holds::New { ", not waited for" } else { "" };
    format!("{glyph} {:<20} {holds}{sealed}{silent}{excepted}", holder.gateway)
}

fn seen(old: &OldCredential) -> String {
    match old {
        OldCredential::Accepted => "Entra ID still takes the old one".to_owned(),
        OldCredential::Refused { .. } => "Entra ID refuses the old one".to_owned(),
        OldCredential::CouldNotTell { because } => format!("it could not be told, because {because}"),
    }
}

fn next(name: &str, standing: &RotationStanding) {
    match &standing.locked {
        Some(Locked::Unconfirmed(waiting)) => {
            line(&format!(
                "The old one stays until {} answered: {}.",
                words::count(waiting.len(), "gateway has", "gateways have"),
                waiting.join(", ")
            ));
            line(&format!(
                "Next: gatehouse gateways {name} receipt FILE, or gatehouse rotate {name} except GATEWAY"
            ));
        }
        Some(Locked::ListLost(lost)) => {
            line(&format!("The list of gateways was damaged and kept as {}.", lost.path.display()));
            line(&format!(
                "Next: enter the missing gateways again, then gatehouse gateways {} whole",
                lost.connection
            ));
        }
        Some(Locked::NotProven) => line(&format!("Next: gatehouse rotate {name} prove")),
        None => line(&format!(
            "Remove the old one in the portal, under Certificates & secrets. Next: gatehouse rotate {name} look"
        )),
    }
}

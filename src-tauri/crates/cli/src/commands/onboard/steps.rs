//! The steps themselves: ask, try for real, show what was found, offer another try.

use std::{path::PathBuf, time::Duration};

use engine::{
    CheckRequest, Cloud, Endpoints, Fault, FaultCode, Keep, Registration, SecretEntry, SyncRequest,
    access::GroupHit,
    connection::AccessRule,
    diagnosis::{Link, LinkState},
    export::{Existing, SecretInEnv, WriteRequest},
    hand_off, input,
    portal::{self, PortalPage},
    settings,
};
use jiff::civil::Date;
use secrecy::SecretString;

use super::{Journey, ask};
use crate::{
    exit::Exit,
    output::{
        progress::{Spinner, SyncBars},
        text,
    },
};

pub(super) async fn walk(journey: &Journey) -> Result<Exit, Fault> {
    prepare(journey).await?;
    registration(journey).await?;
    credential(journey).await?;
    consent(journey).await?;
    for number in [4, 5, 6, 7] {
        journey.say(number)?;
    }
    sync(journey).await?;
    access(journey)?;
    write(journey)
}

async fn prepare(journey: &Journey) -> Result<(), Fault> {
    let known = journey.engine.connection(&journey.id)?;
    let mut endpoints = known.endpoints.clone();
    let mut profile = known.profile.clone();
    if !journey.yes {
        if !known.practice {
            let clouds = Cloud::ALL.iter().map(|cloud| cloud.name().to_owned()).collect();
            endpoints =
                Endpoints::of(Cloud::ALL[ask::choice("Which Microsoft cloud is the tenant in?", clouds)?]);
        }
        let profiles = journey.engine.profiles().profiles;
        let named = profiles.iter().map(|profile| format!("{}: {}", profile.name, profile.summary)).collect();
        profile.clone_from(&profiles[ask::choice("What may the gateways read?", named)?].id);
    }
    journey.engine.save_prepare(&journey.id, endpoints, &profile)?;
    if journey.engine.profiles().get(&profile)?.custom {
        let names = ask::text(
            "Permissions, separated by spaces",
            "User.Read.All GroupMember.Read.All",
            "application permissions of Microsoft Graph",
        )?;
        journey
            .engine
            .save_permissions(&journey.id, names.split_whitespace().map(str::to_owned).collect())?;
    }
    check(journey, Link::Network, Duration::ZERO).await?;
    journey.say(1)?;
    Ok(())
}

async fn registration(journey: &Journey) -> Result<(), Fault> {
    loop {
        let known = journey.engine.connection(&journey.id)?;
        let entered = match &journey.practice {
            Some(facts) if journey.yes => Registration {
                tenant: facts.domain.clone(),
                client_id: facts.client_id.clone(),
                name: known.name.clone(),
            },
            practice => {
                let proposal = practice.as_ref().map(|facts| (facts.domain.clone(), facts.client_id.clone()));
                let (tenant, client_id) = proposal.unwrap_or_else(|| {
                    let tenant = known.tenant.as_ref().map(|tenant| tenant.text.clone());
                    (tenant.unwrap_or_default(), known.client_id.clone().unwrap_or_default())
                });
                Registration {
                    tenant: ask::text(
                        "Tenant ID or domain",
                        &tenant,
                        "Directory (tenant) ID in the registration’s Overview",
                    )?,
                    client_id: ask::text("Application (client) ID", &client_id, "not the Object ID")?,
                    name: ask::text("Name", &known.name, "for your own lists")?,
                }
            }
        };
        match journey.engine.save_registration(&journey.id, &entered) {
            Ok(_) => {}
            Err(fault) if fault.code == FaultCode::InvalidInput && !journey.yes => {
                text::complain(&fault.to_string());
                continue;
            }
            Err(fault) => return Err(fault),
        }
        check(journey, Link::Tenant, Duration::ZERO).await?;
        let report = journey.engine.report(&journey.id)?;
        journey.say(2)?;
        let broken =
            report.chain.links[..=Link::Tenant as usize].iter().any(|link| link.state == LinkState::Broken);
        if !broken || !again(journey)? {
            return Ok(());
        }
    }
}

async fn credential(journey: &Journey) -> Result<(), Fault> {
    loop {
        let keep = if journey.engine.keychain().unusable.is_none() {
            Keep::Keychain
        } else {
            text::note(
                "There is no usable keychain on this computer: the secret is kept for this session only.",
            );
            Keep::Session
        };
        let (secret, ends_on) = match &journey.practice {
            Some(facts) if journey.yes => (SecretString::from(facts.client_secret.clone()), None),
            practice => {
                if let Some(facts) = practice {
                    text::line(&format!("The practice tenant’s secret value is {}", facts.client_secret));
                }
                (asked_secret()?, asked_day(journey)?)
            }
        };
        match journey.engine.save_secret(&journey.id, &SecretEntry { secret, ends_on, keep }) {
            Ok(_) => {}
            Err(fault) if fault.field == Some("secret") && !journey.yes => {
                text::complain(&fault.to_string());
                continue;
            }
            Err(fault) => return Err(fault),
        }
        check(journey, Link::Credential, Duration::ZERO).await?;
        let report = journey.engine.report(&journey.id)?;
        journey.say(3)?;
        let broken = report.chain.links[..=Link::Credential as usize]
            .iter()
            .any(|link| link.state == LinkState::Broken);
        if !broken || !again(journey)? {
            return Ok(());
        }
    }
}

/// Asks until something was entered.
fn asked_secret() -> Result<SecretString, Fault> {
    loop {
        let secret = ask::secret("Client secret value", "the Value, not the Secret ID; it is not shown")?;
        if input::secret(&secret).is_some() {
            return Ok(secret);
        }
        text::complain("The secret is empty. Paste the Value of the client secret.");
    }
}

/// Asks until it is a day, or nothing.
fn asked_day(journey: &Journey) -> Result<Option<Date>, Fault> {
    loop {
        let day = ask::text("Ends on (year-month-day, may stay empty)", "", "the Expires column")?;
        match input::day(&day, journey.engine.now()) {
            input::Verdict::Wrong { what, fix } => text::complain(&format!("{what} {fix}")),
            entered => return Ok(entered.value()),
        }
    }
}

/// Steps 4 to 7 come from the same tokens.
async fn consent(journey: &Journey) -> Result<(), Fault> {
    if !journey.yes {
        let report = journey.engine.report(&journey.id)?;
        let missing = report.chain.link(Link::Consent).state != LinkState::Proven;
        if let Some(link) = portal::address(&report.connection, PortalPage::AdminConsent).filter(|_| missing)
        {
            text::line(&format!("Consent link: {link}"));
            if let Some(message) = hand_off::consent(&report.connection, &report.profile) {
                text::line(&format!(
                    "\nTo send to somebody who may consent:\n{}\n{}",
                    message.subject, message.body
                ));
            }
        }
    }
    loop {
        check(journey, Link::Gateway, Duration::from_secs(20)).await?;
        let report = journey.engine.report(&journey.id)?;
        let broken = report
            .chain
            .links
            .iter()
            .any(|link| matches!(link.state, LinkState::Broken | LinkState::Unknown));
        if !broken || !again(journey)? {
            return Ok(());
        }
    }
}

async fn sync(journey: &Journey) -> Result<(), Fault> {
    loop {
        let bars = SyncBars::start(false);
        journey.engine.test_sync(&journey.id, SyncRequest::default(), &bars).await?;
        drop(bars);
        journey.say(8)?;
        let report = journey.engine.report(&journey.id)?;
        let complete = report.connection.evidence.sync.as_ref().is_some_and(|sync| sync.complete);
        if complete || !again(journey)? {
            return Ok(());
        }
    }
}

fn access(journey: &Journey) -> Result<(), Fault> {
    let report = journey.engine.report(&journey.id)?;
    let roles = &report.profile.roles;
    let mut rules: Vec<AccessRule> = report.connection.access.clone();
    if journey.yes {
        let highest = roles.iter().max_by_key(|role| role.rank);
        let lowest = roles.iter().min_by_key(|role| role.rank);
        let wanted = [("Print – Administrators", highest), ("Print – Everyone", lowest)];
        rules.clear();
        for (name, role) in wanted {
            let found = journey.engine.search_groups(&journey.id, name)?;
            if let (Some(group), Some(role)) = (found.into_iter().next(), role) {
                rules.push(AccessRule { group_id: group.id, group_name: group.name, role: role.id.clone() });
            }
        }
    } else {
        while ask::yes("Map a group to a role?", false)? {
            if let Some(rule) = asked_rule(journey, roles)? {
                rules.retain(|known| known.group_id != rule.group_id);
                rules.push(rule);
            }
        }
    }
    journey.engine.save_access(&journey.id, rules)?;
    journey.say(9)?;
    Ok(())
}

fn asked_rule(
    journey: &Journey,
    roles: &[engine::profile::ProfileRole],
) -> Result<Option<AccessRule>, Fault> {
    let query = ask::text("Group’s name or object ID", "", "part of the name is enough; empty to go back")?;
    if query.trim().is_empty() {
        return Ok(None);
    }
    let found = journey.engine.search_groups(&journey.id, &query)?;
    if found.is_empty() {
        text::line("No group matches.");
        return Ok(None);
    }
    let shown = found
        .iter()
        .map(|hit: &GroupHit| format!("{} ({} members, {})", hit.name, hit.members, hit.id))
        .collect();
    let group = &found[ask::choice("Which group?", shown)?];
    // The least powerful role comes first, so that pressing Enter gives nobody much.
    let mut roles: Vec<&engine::profile::ProfileRole> = roles.iter().collect();
    roles.sort_by_key(|role| role.rank);
    let mut named: Vec<String> = roles.iter().map(|role| role.name.clone()).collect();
    named.push("No access".to_owned());
    let chosen = ask::choice("Role on the gateway", named)?;
    let role = roles.get(chosen);
    if role.is_some_and(|role| role.administers) {
        let sure = format!(
            "{} people of {} become administrators of the gateway. Is that right?",
            group.members, group.name
        );
        if !ask::yes(&sure, false)? {
            return Ok(None);
        }
    }
    let role = role.map_or(engine::access::NO_ACCESS, |role| role.id.as_str()).to_owned();
    Ok(Some(AccessRule { group_id: group.id.clone(), group_name: group.name.clone(), role }))
}

fn write(journey: &Journey) -> Result<Exit, Fault> {
    let usual = settings::documents_folder(journey.engine.home()).join(&journey.id);
    let folder = match &journey.to {
        Some(folder) => folder.clone(),
        None if journey.yes => usual,
        None => {
            PathBuf::from(ask::text("Folder to write to", &usual.to_string_lossy(), "it is made if needed")?)
        }
    };
    let folder = std::path::absolute(&folder)
        .map_err(|error| Fault::field("--to", format!("It cannot be used: {error}."), "Give a folder."))?;
    let with_secret = !journey.yes && ask::yes("Put the client secret into gateway.env?", false)?;
    let secret = if with_secret { SecretInEnv::Include } else { SecretInEnv::LeaveOut };
    let existing = if journey.yes && holds_practice(&folder) { Existing::Replace } else { Existing::Keep };
    let mut request = WriteRequest { folder, secret, existing };
    let connection = match journey.engine.write_config(&journey.id, &request) {
        Err(fault) if fault.code == FaultCode::AlreadyThere && !journey.yes => {
            if !ask::yes(&format!("{} Replace it?", fault.what), false)? {
                return Err(Fault::new(FaultCode::Cancelled, fault.what, fault.fix));
            }
            request.existing = Existing::Replace;
            journey.engine.write_config(&journey.id, &request)?
        }
        written => written?,
    };
    journey.say(10)?;
    let report = journey.engine.judge(connection)?;
    if let Some(written) = report.connection.evidence.written.value() {
        text::written(written);
    }
    Ok(super::super::check::exit(&report, false))
}

/// Whether the folder's config is a practice one, which may be replaced without asking.
fn holds_practice(folder: &std::path::Path) -> bool {
    std::fs::read(folder.join("gateway.json"))
        .ok()
        .and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok())
        .is_some_and(|config| config["practice"] == true)
}

async fn check(journey: &Journey, through: Link, consent_wait: Duration) -> Result<(), Fault> {
    let spinner = Spinner::start(false);
    let request = CheckRequest { through, consent_wait, ..CheckRequest::default() };
    journey.engine.check(&journey.id, request, &spinner).await?;
    Ok(())
}

/// Shows what is wrong and offers another try; without a keyboard it stays as it is.
fn again(journey: &Journey) -> Result<bool, Fault> {
    let report = journey.engine.report(&journey.id)?;
    report.chain.findings.iter().for_each(text::finding);
    if journey.yes { Ok(false) } else { ask::yes("Try again?", true) }
}

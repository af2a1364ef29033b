//! One view for each step.

use engine::{
    Cloud, Gatehouse, Report,
    access::{Directory, NO_ACCESS},
    connection::{CertificateLook, Credential, Kept},
    diagnosis::{Link, LinkState},
    evidence::{Fact, HostAnswer, Source},
    export, hand_off,
    portal::{self, PortalPage},
    profile::covered,
    settings,
    vault::VaultState,
    words,
};

use super::{access::role_name, home::days_left, small};
use crate::wire::{
    AccessRuleView, AccessTotals, AccessView, CertificateView, CloudChoice, ConsentRole, ConsentView,
    CredentialView, GatewayCounts, HandOff, HostView, PermissionChoice, PermissionRow, PermissionState,
    PermissionsView, PrepareView, Problem, ProfileChoice, PublicClientView, RegistrationView, RoleView,
    SecretKept, WriteFact, WriteView, WrittenFile, WrittenView,
};

impl PrepareView {
    pub(super) fn of(report: &Report, engine: &Gatehouse) -> Self {
        let evidence = &report.connection.evidence;
        let endpoints = &report.connection.endpoints;
        let host = |purpose: &str, url: &url::Url, fact: &Fact<HostAnswer>| HostView {
            purpose: purpose.to_owned(),
            host: match (url.host_str(), url.port()) {
                (Some(host), Some(port)) => format!("{host}:{port}"),
                (host, _) => host.unwrap_or_default().to_owned(),
            },
            answered: match fact {
                Fact::NotTried | Fact::CouldNotTell(_) => None,
                Fact::Seen(_) => Some(true),
                Fact::Refused(_) => Some(false),
            },
            took_ms: match fact {
                Fact::Seen(seen) if seen.took_ms > 0 => Some(seen.took_ms),
                _ => None,
            },
        };
        let ahead = |fact: &Fact<HostAnswer>| fact.value().and_then(|answer| answer.clock_ahead_seconds);
        Self {
            clouds: Cloud::ALL
                .into_iter()
                .map(|cloud| CloudChoice {
                    id: cloud.id().to_owned(),
                    name: cloud.name().to_owned(),
                    graph_host: cloud.graph().trim_start_matches("https://").to_owned(),
                })
                .collect(),
            profiles: engine
                .profiles()
                .profiles
                .iter()
                .map(|profile| ProfileChoice {
                    id: profile.id.clone(),
                    name: profile.name.clone(),
                    summary: profile.summary.clone(),
                    permissions: u8::try_from(if profile.custom { 0 } else { profile.permissions.len() })
                        .unwrap_or(u8::MAX),
                })
                .collect(),
            profile: report.profile.id.clone(),
            hosts: vec![
                host("Sign-in", endpoints.authority(), &evidence.authority),
                host("Directory", endpoints.graph(), &evidence.graph),
            ],
            clock: ahead(&evidence.graph).or(ahead(&evidence.authority)).map(clock_words),
        }
    }
}

fn clock_words(ahead: i64) -> String {
    match ahead {
        -2..=2 => "Right within 2 s".to_owned(),
        3.. => format!("{ahead} s fast"),
        _ => format!("{} s slow", -ahead),
    }
}

impl RegistrationView {
    pub(super) fn of(report: &Report) -> Self {
        let connection = &report.connection;
        let tenant = connection.evidence.tenant.value();
        let proven = |link| report.chain.link(link).state == engine::diagnosis::LinkState::Proven;
        let organization =
            connection.evidence.directory.value().and_then(|sample| sample.organization.clone());
        Self {
            tenant: connection.tenant.as_ref().map(|tenant| tenant.text.clone()).unwrap_or_default(),
            client_id: connection.client_id.clone().unwrap_or_default(),
            name: connection.name.clone(),
            tenant_id: tenant.map(|tenant| tenant.id.to_string()),
            tenant_says: tenant.map(|tenant| {
                let place = connection.cloud().map_or("practice tenant, as chosen".to_owned(), |cloud| {
                    format!("{}, as chosen", cloud.name())
                });
                let name = organization.map(|name| format!("{name} · ")).unwrap_or_default();
                format!("{name}{} · {place}", tenant.id)
            }),
            app_says: proven(Link::App).then(|| "Exists in this tenant.".to_owned()),
        }
    }
}

impl CredentialView {
    pub(super) fn of(report: &Report, keychain: &VaultState) -> Self {
        let credential = report.connection.credential.as_ref();
        let ends_on = credential.and_then(|credential| credential.ends_on);
        Self {
            noun: credential.map(|credential| credential.noun().to_owned()),
            kept: match credential.map(|credential| credential.kept) {
                None => SecretKept::Nowhere,
                Some(Kept::Keychain) => SecretKept::Keychain,
                Some(Kept::Session | Kept::Caller) => SecretKept::Session,
                Some(Kept::File) => SecretKept::File,
            },
            entered_at: credential.map(|credential| credential.entered_at.to_string()),
            ends_on: ends_on.map(|day| day.to_string()),
            days_left: ends_on.map(|day| days_left(report, day)),
            certificate: credential.and_then(|credential| {
                let registered = credential.is_registered(&report.connection.evidence);
                Some(CertificateView::of(credential.certificate()?, registered))
            }),
            keychain: keychain.into(),
        }
    }
}

impl CertificateView {
    fn of(look: &CertificateLook, registered: Option<bool>) -> Self {
        let days = look.ends.duration_since(look.starts).as_hours() / 24;
        Self {
            name: look.subject.trim_start_matches("CN=").to_owned(),
            thumbprint: look.thumbprint.clone(),
            starts: look.starts.to_string(),
            ends: look.ends.to_string(),
            days: i32::try_from(days).unwrap_or(i32::MAX),
            key_bits: look.held.as_ref().map(|held| held.key_bits),
            key_file: look.held.as_ref().and_then(|held| held.key_file.clone()),
            registered,
            has_public_part: look.held.is_some(),
        }
    }
}

impl PermissionsView {
    pub(super) fn of(report: &Report) -> Self {
        let connection = &report.connection;
        let evidence = &connection.evidence;
        let wanted = report.profile.required(&connection.custom_permissions);
        let held = evidence.token.value().and_then(|read| read.claims.as_ref()).map(|claims| &claims.roles);
        let registration = evidence.registration.value();
        let state = |name: &str| {
            let listed = |list: &[String]| list.iter().any(|known| known == name);
            match (held, registration) {
                (Some(held), _) if listed(held) => PermissionState::InToken,
                (_, Some(registration)) if listed(&registration.application) => PermissionState::Requested,
                (_, Some(registration)) if listed(&registration.delegated) => PermissionState::DelegatedOnly,
                (_, Some(_)) | (Some(_), None) => PermissionState::Missing,
                (None, None) => PermissionState::Unknown,
            }
        };
        let mut rows: Vec<PermissionRow> = wanted
            .iter()
            .map(|name| PermissionRow {
                name: (*name).to_owned(),
                required: true,
                why: report.profile.reason(name).unwrap_or("Chosen by you").to_owned(),
                state: state(name),
            })
            .collect();
        let beyond = held.into_iter().flatten().filter(|role| !wanted.contains(&role.as_str()));
        rows.extend(beyond.map(|role| PermissionRow {
            name: role.clone(),
            required: false,
            why: "The profile does not ask for it".to_owned(),
            state: PermissionState::NotNeeded,
        }));
        let idle: Vec<&str> = report
            .profile
            .permissions
            .iter()
            .filter(|permission| !report.profile.custom && permission.calls.is_empty())
            .map(|permission| permission.name.as_str())
            .collect();
        let choices = if report.profile.custom { report.profile.permissions.as_slice() } else { &[] };
        Self {
            rows,
            choices: choices
                .iter()
                .map(|permission| PermissionChoice {
                    name: permission.name.clone(),
                    why: permission.reason.clone(),
                    chosen: wanted.contains(&permission.name.as_str()),
                })
                .collect(),
            source: evidence
                .token
                .at()
                .filter(|_| held.is_some())
                .map(|at| format!("Read from the token, {}", words::moment(at))),
            excess: (!idle.is_empty())
                .then(|| format!("This profile asks for more than its calls need: {}.", idle.join(", "))),
        }
    }
}

impl ConsentView {
    pub(super) fn of(report: &Report) -> Self {
        let connection = &report.connection;
        let held = connection
            .evidence
            .token
            .value()
            .and_then(|read| read.claims.as_ref())
            .map(|claims| &claims.roles);
        let proven = report.chain.link(Link::Consent);
        Self {
            link: portal::address(connection, PortalPage::AdminConsent).map(String::from),
            roles: report
                .profile
                .required(&connection.custom_permissions)
                .into_iter()
                .map(|name| ConsentRole {
                    name: name.to_owned(),
                    arrived: held.map(|held| covered(held, name)),
                })
                .collect(),
            hand_off: hand_off::consent(connection, &report.profile)
                .map(|message| HandOff { subject: message.subject, body: message.body }),
            granted_at: (proven.state == engine::diagnosis::LinkState::Proven)
                .then(|| proven.at.map(|at| at.to_string()))
                .flatten(),
        }
    }
}

impl PublicClientView {
    pub(super) fn of(report: &Report) -> Self {
        let need = &report.profile.public_client;
        let (on, says, source) = match &report.connection.evidence.public_client {
            Fact::NotTried => (None, None, None),
            Fact::Seen(seen) => {
                let says = match (seen.source, seen.value.on) {
                    (Source::Graph, true) => "The registration says `isFallbackPublicClient` is true.",
                    (Source::Graph, false) => {
                        "The registration says `isFallbackPublicClient` is false or not set."
                    }
                    (_, true) => {
                        "A request without a secret was not refused for the lack of one, so it is on."
                    }
                    (_, false) => {
                        "A request without a secret was refused with `AADSTS7000218`, so it is off."
                    }
                };
                (Some(seen.value.on), Some(says.to_owned()), Some(seen.source.words().to_owned()))
            }
            Fact::Refused(refused) => {
                (None, Some(refused.fault.to_string()), Some(refused.source.words().to_owned()))
            }
            Fact::CouldNotTell(untold) => (None, Some(untold.because.clone()), None),
        };
        Self { needed: need.needed, why: need.reason.clone(), on, says, source }
    }
}

impl AccessView {
    pub(super) fn of(report: &Report, directory: Option<&Directory>) -> Result<Self, Problem> {
        let groups = directory.map(Directory::groups).transpose();
        let groups = groups.map_err(|problem| Problem::internal(&problem.to_string()))?;
        let role =
            |id: &str, denies| RoleView { id: id.to_owned(), name: role_name(&report.profile, id), denies };
        let mut roles: Vec<RoleView> =
            report.profile.roles.iter().map(|known| role(&known.id, false)).collect();
        roles.push(role(NO_ACCESS, true));
        let rules = report
            .connection
            .access
            .iter()
            .map(|rule| {
                let effect = report
                    .effect
                    .as_ref()
                    .and_then(|effect| effect.rules.iter().find(|effect| effect.group_id == rule.group_id));
                AccessRuleView {
                    group_id: rule.group_id.clone(),
                    group_name: rule.group_name.clone(),
                    role: rule.role.clone(),
                    people: effect.map_or(0, |effect| small(effect.people)),
                    nested_groups: effect.map_or(0, |effect| small(effect.nested_groups)),
                    in_several: effect.map_or(0, |effect| small(effect.in_several)),
                    vanished: effect.is_some_and(|effect| effect.vanished),
                }
            })
            .collect();
        let warning = report.effect.as_ref().and_then(|effect| {
            if effect.granted == 0 {
                Some("These rules let nobody in.".to_owned())
            } else if effect.administrators == 0 {
                Some("Nobody could administer the gateway: no rule gives an administrator.".to_owned())
            } else {
                None
            }
        });
        Ok(Self {
            roles,
            rules,
            totals: report.effect.as_ref().map(|effect| AccessTotals {
                granted: small(effect.granted),
                kept_out: small(effect.kept_out),
                unnamed: small(effect.unnamed),
            }),
            groups_known: small(groups.unwrap_or(0)),
            warning,
        })
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

impl WriteView {
    pub(super) fn of(report: &Report, engine: &Gatehouse) -> Self {
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

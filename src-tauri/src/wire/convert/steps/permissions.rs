use engine::{Report, words};

use crate::wire::{PermissionChoice, PermissionRow, PermissionState, PermissionsView};

impl PermissionsView {
    pub(crate) fn of(report: &Report) -> Self {
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

use engine::{
    Report,
    access::{Directory, NO_ACCESS},
};

use crate::wire::{
    AccessRuleView, AccessTotals, AccessView, Problem, RoleView,
    convert::{access::role_name, small},
};

impl AccessView {
    pub(crate) fn of(report: &Report, directory: Option<&Directory>) -> Result<Self, Problem> {
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

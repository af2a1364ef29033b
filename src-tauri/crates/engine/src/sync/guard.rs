//! Refuses a result that would take too much away: mass loss looks like any other change until somebody is locked out.

use crate::{
    evidence::{Changes, Held},
    words,
};

/// How much may go in one run without anybody's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuardLimits {
    /// Of the people and of the groups, in per cent.
    pub percent: u64,
    /// Of the people and of the groups, in all. Entra's own provisioning stops at 500 by default.
    pub objects: u64,
    /// Of the memberships, in per cent.
    pub memberships_percent: u64,
    /// So few may always go, whatever share they are, but never more than half.
    pub always: u64,
}

impl Default for GuardLimits {
    /// A tenth of the people or groups, 500 of either, a third of the memberships; ten may always go, or half of fewer than twenty.
    fn default() -> Self {
        Self { percent: 10, objects: 500, memberships_percent: 33, always: 10 }
    }
}

/// How many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// People.
    pub users: u64,
    /// Groups.
    pub groups: u64,
    /// Distinct direct pairs of group and member.
    pub memberships: u64,
}

/// How many people have a role of the gateway, before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleHolders {
    /// The role's name for people.
    pub name: String,
    /// Whether it administers the gateway.
    pub administers: bool,
    /// People who have it now.
    pub before: u64,
    /// People who would have it.
    pub after: u64,
    /// People who have it now and would keep it.
    pub kept: u64,
}

/// What a run would do to the directory that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// What is known now.
    pub before: Amounts,
    /// What would be known.
    pub after: Amounts,
    /// The difference.
    pub changes: Changes,
    /// What it means for the gateway's roles, as far as groups are mapped to them.
    pub roles: Vec<RoleHolders>,
}

/// Judges a plan. None lets it through; `accepted` is the number that the admin has agreed to, which has to be the one of
/// this plan.
pub fn guard(plan: &Plan, limits: &GuardLimits, accepted: Option<u64>) -> Option<Held> {
    let mut reasons = emptied(plan);
    if reasons.is_empty() {
        reasons = too_much(plan, limits);
    }
    // The tenant has at least the people who look after it: no users at all is no answer.
    let may_be_accepted = plan.after.users > 0 || plan.before.users == 0;
    let lost: u64 = plan.roles.iter().filter(|role| role.kept == 0).map(|role| role.before).sum();
    let removals = plan.changes.removed() + lost;
    if reasons.is_empty() || (may_be_accepted && accepted == Some(removals)) {
        return None;
    }
    Some(Held { reasons, removals, may_be_accepted })
}

/// An answer without anything in it is never a reason to delete by itself.
fn emptied(plan: &Plan) -> Vec<String> {
    let Plan { before, after, .. } = plan;
    [
        ("users", before.users, after.users),
        ("groups", before.groups, after.groups),
        ("memberships", before.memberships, after.memberships),
    ]
    .into_iter()
    .filter(|(_, before, after)| *before > 0 && *after == 0)
    .map(|(name, before, _)| {
        format!("Graph showed no {name} at all, and {} are known.", words::number(before))
    })
    .collect()
}

fn too_much(plan: &Plan, limits: &GuardLimits) -> Vec<String> {
    let Plan { before, changes, .. } = plan;
    let mut reasons = Vec::new();
    let kinds = [
        ("users", before.users, changes.users.removed, limits.percent, Some(limits.objects)),
        ("groups", before.groups, changes.groups.removed, limits.percent, Some(limits.objects)),
        ("memberships", before.memberships, changes.memberships.removed, limits.memberships_percent, None),
    ];
    for (name, before, removed, percent, objects) in kinds {
        let share = u128::from(removed) * 100 > u128::from(before) * u128::from(percent);
        let many = objects.is_some_and(|objects| removed > objects);
        if removed > limits.always.min(before / 2) && (share || many) {
            let (removed, before) = (words::number(removed), words::number(before));
            let limit = match objects {
                Some(objects) if many => words::number(objects),
                _ => format!("{percent} %"),
            };
            reasons.push(format!("{removed} of {before} {name} would go; the limit is {limit}."));
        }
    }
    let holders = |administers: bool| {
        let of = plan.roles.iter().filter(move |role| role.administers == administers);
        of.clone().map(|role| role.before).sum::<u64>() > 0 && of.map(|role| role.after).sum::<u64>() == 0
    };
    let nobody = holders(true);
    if nobody {
        reasons.push("Nobody would be left who administers the gateway.".to_owned());
    }
    let told = |role: &&RoleHolders| role.administers && nobody;
    for role in plan.roles.iter().filter(|role| role.before > 0 && role.kept == 0 && !told(role)) {
        let (before, after) = (words::number(role.before), words::number(role.after));
        let others =
            if role.after > 0 { format!(", and {after} others would get it") } else { String::new() };
        reasons.push(format!(
            "Everybody with the role {} would lose it; {before} have it now{others}.",
            role.name
        ));
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Changed;

    fn removing(users: u64, of: u64) -> Plan {
        Plan {
            before: Amounts { users: of, groups: 50, memberships: 10_000 },
            after: Amounts { users: of - users, groups: 50, memberships: 10_000 },
            changes: Changes {
                users: Changed { removed: users, ..Changed::default() },
                ..Changes::default()
            },
            roles: Vec::new(),
        }
    }

    fn held(plan: &Plan) -> Option<Held> {
        guard(plan, &GuardLimits::default(), None)
    }

    #[test]
    fn a_few_may_go_and_a_tenth_may_not() {
        assert_eq!(held(&removing(0, 100)), None);
        assert_eq!(held(&removing(6, 12)), None, "so few may always go");
        assert!(held(&removing(7, 12)).is_some(), "but never more than half");
        assert_eq!(held(&removing(20, 200)), None);
        let refused = held(&removing(21, 200)).unwrap();
        assert_eq!(refused.reasons, ["21 of 200 users would go; the limit is 10 %."]);
        assert_eq!((refused.removals, refused.may_be_accepted), (21, true));
        assert_eq!(held(&removing(500, 1_000_000)), None);
        assert_eq!(
            held(&removing(501, 1_000_000)).unwrap().reasons,
            ["501 of 1,000,000 users would go; the limit is 500."]
        );
    }

    #[test]
    fn groups_and_memberships_have_limits_too() {
        let mut plan = removing(0, 100);
        plan.before.groups = 200;
        plan.changes.groups.removed = 21;
        assert_eq!(held(&plan).unwrap().reasons, ["21 of 200 groups would go; the limit is 10 %."]);
        let mut plan = removing(0, 100);
        plan.changes.memberships.removed = 3_300;
        assert_eq!(held(&plan), None);
        plan.changes.memberships.removed = 3_301;
        assert_eq!(
            held(&plan).unwrap().reasons,
            ["3,301 of 10,000 memberships would go; the limit is 33 %."]
        );
    }

    #[test]
    fn only_the_number_itself_lets_it_through() {
        let plan = removing(60, 100);
        let limits = GuardLimits::default();
        assert!(guard(&plan, &limits, Some(59)).is_some());
        assert!(guard(&plan, &limits, Some(61)).is_some());
        assert_eq!(guard(&plan, &limits, Some(60)), None);
    }

    #[test]
    fn an_empty_answer_never_deletes_whatever_the_admin_types() {
        let refused = guard(&removing(5, 5), &GuardLimits::default(), Some(5)).unwrap();
        assert!(!refused.may_be_accepted);
        assert_eq!(refused.reasons, ["Graph showed no users at all, and 5 are known."]);
        let mut plan = removing(0, 5);
        (plan.before.memberships, plan.after.memberships) = (3, 0);
        plan.changes.memberships.removed = 3;
        assert!(held(&plan).unwrap().may_be_accepted, "groups can be emptied on purpose");
        assert_eq!(guard(&plan, &GuardLimits::default(), Some(3)), None);
    }

    #[test]
    fn nobody_loses_a_whole_role_or_every_administrator_in_silence() {
        let role = |name: &str, administers, before, after| RoleHolders {
            name: name.to_owned(),
            administers,
            before,
            after,
            kept: before.min(after),
        };
        let mut plan = removing(1, 100);
        plan.roles = vec![role("Administrator", true, 2, 1), role("Print", false, 0, 0)];
        assert_eq!(held(&plan), None);
        plan.roles = vec![role("Administrator", true, 2, 0), role("Owner", true, 1, 1)];
        let refused = held(&plan).unwrap();
        assert_eq!(refused.reasons, ["Everybody with the role Administrator would lose it; 2 have it now."]);
        assert_eq!(refused.removals, 3, "one person goes, and two lose the role");
        plan.roles = vec![role("Administrator", true, 2, 0), role("Print", false, 9, 0)];
        let refused = held(&plan).unwrap();
        assert_eq!(
            refused.reasons,
            [
                "Nobody would be left who administers the gateway.",
                "Everybody with the role Print would lose it; 9 have it now."
            ]
        );
        assert_eq!(guard(&plan, &GuardLimits::default(), Some(12)), None);
    }

    #[test]
    fn other_people_in_a_role_do_not_make_up_for_those_who_lose_it() {
        let administrators = |kept| RoleHolders {
            name: "Administrator".to_owned(),
            administers: true,
            before: 2,
            after: 3,
            kept,
        };
        let mut plan = removing(0, 100);
        plan.roles = vec![administrators(1)];
        assert_eq!(held(&plan), None);
        plan.roles = vec![administrators(0)];
        let refused = held(&plan).unwrap();
        assert_eq!(
            refused.reasons,
            [
                "Everybody with the role Administrator would lose it; 2 have it now, and 3 others would get it."
            ]
        );
        assert_eq!(refused.removals, 2);
        assert_eq!(guard(&plan, &GuardLimits::default(), Some(2)), None);
    }
}

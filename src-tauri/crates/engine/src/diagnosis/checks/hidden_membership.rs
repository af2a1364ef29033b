//! Groups hide their members from apps that may not see hidden membership.
//! Source: <https://learn.microsoft.com/graph/api/group-list-members>.

use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    portal::PortalPage,
    words,
};

pub(super) static CHECK: Check = Check {
    id: "hidden-membership",
    link: Link::Directory,
    words: Words {
        title: "Some groups hide their members from the app",
        meaning: "To the gateways these groups look empty: a rule that gives access through one of them lets \
                  nobody in. Everything else is read. Waiting does not help.",
        fix: &[
            "Use other groups for the gateways’ access, if you can.",
            "Otherwise open **API permissions**, add `Member.Read.Hidden` under **Application permissions** \
             and click **Grant admin consent for …**.",
            "Run the test sync again.",
        ],
        who: Who::PrivilegedRoleAdministrator,
        page: Some(PortalPage::ApiPermissions),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    let Some(sync) = &case.evidence.sync else { return Outcome::Skipped };
    if sync.hidden_groups == 0 {
        return Outcome::Pass;
    }
    let hidden = words::number(sync.hidden_groups);
    let text = format!(
        "{hidden} of {} groups with visibility `HiddenMembership` showed no members.",
        words::number(sync.groups.read)
    );
    Problem::attention(Saw::new(Source::Graph, text)).word(format!("{hidden} hidden")).found()
}

#[cfg(test)]
mod tests {
    use super::{super::partial_read::partial_sync, *};
    use crate::{
        diagnosis::{Severity, checks::fixture},
        evidence::SyncRecord,
    };

    #[test]
    fn hidden_groups_need_attention_in_a_complete_sync_too() {
        let mut connection = fixture::healthy();
        let whole = SyncRecord { complete: true, groups_unread: 0, fault: None, ..partial_sync() };
        connection.evidence.sync = Some(SyncRecord { hidden_groups: 2, ..whole.clone() });
        let Outcome::Problem(found) = fixture::judge(&connection, &CHECK) else { panic!("it is a finding") };
        assert_eq!(found.severity, Severity::Attention);
        assert!(found.saw[0].text.starts_with("2 of 12 groups"), "{}", found.saw[0].text);
        connection.evidence.sync = Some(SyncRecord { hidden_groups: 0, ..whole });
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.evidence.sync = None;
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped));
    }
}

//! The settings were changed after the gateway config was written from them.

use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    export, words,
};

pub(super) static CHECK: Check = Check {
    id: "config-outdated",
    link: Link::Gateway,
    words: Words {
        title: "The gateway config was written before the settings changed",
        meaning: "Gateways that hold it go on with the earlier settings, and stop working when those do, for \
                  example when an old secret ends. Waiting does not help.",
        fix: &[
            "Write the config again on the step **Write and export**.",
            "Hand it to every gateway that holds the earlier one.",
        ],
        who: Who::You,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    let Some(written) = case.evidence.written.value() else { return Outcome::Skipped };
    if written.settings == export::fingerprint(case.connection) {
        return Outcome::Pass;
    }
    let text = format!(
        "Written {} to `{}`, from settings that are no longer the current ones.",
        words::moment(written.written_at),
        written.folder
    );
    Problem::attention(Saw::new(Source::Computer, text)).word("Outdated").found()
}

#[cfg(test)]
mod tests {
    use super::{super::config_unreadable::written, *};
    use crate::{
        diagnosis::{Severity, checks::fixture},
        evidence::Fact,
    };

    #[test]
    fn changed_settings_make_a_config_outdated() {
        let mut connection = fixture::healthy();
        connection.evidence.written = written(export::fingerprint(&connection));
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.name.push_str(", renamed");
        let Outcome::Problem(found) = fixture::judge(&connection, &CHECK) else { panic!("it is a finding") };
        assert_eq!(found.severity, Severity::Attention);
        assert!(found.saw[0].text.contains("`gateway-a`"));
    }

    #[test]
    fn no_config_is_skipped() {
        let mut connection = fixture::healthy();
        connection.evidence.written = Fact::NotTried;
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped));
    }
}

//! A gateway config was written and could not be read back.

use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::{Fact, Source},
};

pub(super) static CHECK: Check = Check {
    id: "config-unreadable",
    link: Link::Gateway,
    words: Words {
        title: "The gateway config that was written cannot be read back",
        meaning: "A gateway that gets this config may not start with it. Gateways that hold an earlier one \
                  are not affected. Waiting does not help.",
        fix: &[
            "Check that the folder exists and that you may read and write in it.",
            "Write the config again on the step **Write and export**, into another folder if need be.",
        ],
        who: Who::You,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    let written = match &case.evidence.written {
        Fact::Seen(written) => &written.value,
        Fact::CouldNotTell(untold) => return Outcome::CouldNotTell(untold.because.clone()),
        Fact::NotTried | Fact::Refused(_) => return Outcome::Skipped,
    };
    let Some(because) = &written.unreadable else { return Outcome::Pass };
    Problem::broken(Saw::new(Source::Computer, format!("Folder `{}`: {because}", written.folder)))
        .word("Not readable")
        .found()
}

/// A config that was written from these settings and read back well.
#[cfg(test)]
pub(super) fn written(settings: String) -> Fact<crate::evidence::WrittenConfig> {
    use crate::evidence::{Seen, WrittenConfig};

    let at = super::fixture::now();
    let value = WrittenConfig {
        written_at: at,
        folder: "gateway-a".to_owned(),
        files: Vec::new(),
        settings,
        unreadable: None,
    };
    Fact::Seen(Seen { value, source: Source::Computer, at, took_ms: 1 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::{Severity, checks::fixture};

    #[test]
    fn a_config_that_cannot_be_read_back_is_broken() {
        let mut connection = fixture::healthy();
        connection.evidence.written = written(String::new());
        let Fact::Seen(config) = &mut connection.evidence.written else { panic!("it was written") };
        config.value.unreadable = Some("gateway.json is cut off.".to_owned());
        let Outcome::Problem(found) = fixture::judge(&connection, &CHECK) else { panic!("it is a finding") };
        assert_eq!(found.severity, Severity::Broken);
        assert_eq!(found.saw[0].text, "Folder `gateway-a`: gateway.json is cut off.");
    }

    #[test]
    fn a_readable_config_passes_and_none_is_skipped() {
        let mut connection = fixture::healthy();
        connection.evidence.written = written(String::new());
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.evidence.written = Fact::NotTried;
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped));
    }
}

use std::{fs, process::Command};

use super::*;

fn check() -> Unattended {
    Unattended { program: PathBuf::from("/usr/local/bin/gatehouse"), home: None }
}

fn awkward() -> Unattended {
    Unattended {
        program: PathBuf::from("/opt/Bob's & co/100 % $HOME \"x\"/gatehouse"),
        home: Some(PathBuf::from("/srv/gate house/50%")),
    }
}

#[test]
fn units_are_written_for_the_account_and_awkward_paths_stay_one_word() {
    let unit = service_unit(&check());
    assert!(unit.contains("ExecStart=\"/usr/local/bin/gatehouse\" check --all --strict --consent-wait 0\n"));
    assert!(!unit.contains("Environment=") && !unit.contains("User="));
    let unit = service_unit(&awkward());
    assert!(
        unit.contains(r#"ExecStart="/opt/Bob's & co/100 %% $$HOME \"x\"/gatehouse" check --all --strict --consent-wait 0"#),
        "{unit}"
    );
    assert!(unit.contains("Environment=\"GATEHOUSE_HOME=/srv/gate house/50%%\"\n"), "{unit}");
    for line in ["OnCalendar=daily", "RandomizedDelaySec=1h", "Persistent=true", "WantedBy=timers.target"] {
        assert!(timer_unit().lines().any(|found| found == line), "{line}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn systemd_itself_finds_nothing_wrong_with_the_units() {
    let folder = tempfile::tempdir().unwrap();
    // A program that is there: the verifier looks for it.
    let program = folder.path().join("a program");
    std::os::unix::fs::symlink("/bin/true", &program).unwrap();
    let check = Unattended { program, home: Some(folder.path().join("50%")) };
    crate::store::atomic::write_private(&folder.path().join(SERVICE), service_unit(&check).as_bytes())
        .unwrap();
    crate::store::atomic::write_private(&folder.path().join(TIMER), timer_unit().as_bytes()).unwrap();
    let output = Command::new("systemd-analyze")
        .args(["verify", "--user", "--recursive-errors=one", "--man=no", SERVICE, TIMER])
        .current_dir(folder.path())
        .env("XDG_RUNTIME_DIR", folder.path())
        .env("SYSTEMD_UNIT_PATH", format!("{}:", folder.path().display()))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let about_ours: Vec<&str> = said.lines().filter(|line| line.contains("gatehouse-check")).collect();
    assert!(output.status.success() && about_ours.is_empty(), "{said}");
}

#[test]
fn a_line_of_cron_keeps_its_words_together() {
    assert_eq!(
        cron_line(&check()),
        "17 8 * * * '/usr/local/bin/gatehouse' check --all --strict --consent-wait 0"
    );
    assert_eq!(
        cron_line(&awkward()),
        r#"17 8 * * * GATEHOUSE_HOME='/srv/gate house/50\%' '/opt/Bob'\''s & co/100 \% $HOME "x"/gatehouse' check --all --strict --consent-wait 0"#
    );
}

/// What a connection takes at the most when nothing answers: its deadline, as long again for the ways to its hosts, and two
/// seconds for the hosts of certificate revocation. It waits for nothing else without `--consent-wait`.
#[test]
fn hundreds_of_connections_that_do_not_answer_are_checked_within_the_limit() {
    assert_eq!(ARGUMENTS[3..], ["--consent-wait", "0"]);
    let request = crate::CheckRequest::default();
    assert_eq!(request.consent_wait, std::time::Duration::ZERO);
    let longest = 2 * request.deadline + std::time::Duration::from_secs(2);
    let limit = std::time::Duration::from_secs(3_600) * u32::from(LIMIT_HOURS);
    assert!(500 * longest < limit, "{longest:?} for each");
    assert!(service_unit(&check()).lines().any(|line| line == "TimeoutStartSec=6h"));
}

#[test]
fn the_task_has_its_parts_in_the_order_of_the_schema() {
    let xml = task_xml(&awkward(), "2026-11-20T14:27:00Z".parse().unwrap());
    assert!(
        xml.contains("<Command>/opt/Bob's &amp; co/100 % $HOME &quot;x&quot;/gatehouse</Command>"),
        "{xml}"
    );
    assert!(xml.contains("<StartBoundary>2026-11-21T08:00:00</StartBoundary>"));
    let order = [
        "<RegistrationInfo>",
        "<Description>",
        "<URI>",
        "<Triggers>",
        "<CalendarTrigger>",
        "<StartBoundary>",
        "<Enabled>",
        "<RandomDelay>",
        "<ScheduleByDay>",
        "<DaysInterval>1</DaysInterval>",
        "<Principals>",
        "<LogonType>InteractiveToken",
        "<RunLevel>LeastPrivilege",
        "<Settings>",
        "<StartWhenAvailable>true",
        "<ExecutionTimeLimit>PT6H</",
        "<Actions Context=\"Author\">",
        "<Exec>",
        "<Command>",
        "<Arguments>check --all --strict --consent-wait 0</Arguments>",
        "</Task>",
    ];
    let mut from = 0;
    for part in order {
        let found = xml[from..].find(part);
        assert!(found.is_some(), "{part} is missing or out of place");
        from += found.unwrap();
    }
    for open in xml.split('<').skip(2).filter(|tag| !tag.starts_with('/')) {
        let name = open.split([' ', '>']).next().unwrap();
        assert!(xml.contains(&format!("</{name}>")), "{name} is not closed");
    }
}

#[test]
fn the_task_is_utf_16_with_a_mark() {
    let bytes = utf16_with_mark("a\nä");
    assert_eq!(bytes, [0xFF, 0xFE, b'a', 0, b'\r', 0, b'\n', 0, 0xE4, 0]);
}

#[test]
fn a_path_that_leaves_its_line_is_refused() {
    assert!(check().is_writable() && awkward().is_writable());
    assert!(!Unattended { program: PathBuf::from("/a\nExecStartPre=/b"), home: None }.is_writable());
}

#[cfg(target_os = "linux")]
#[test]
fn an_enabled_timer_is_seen() {
    let config = tempfile::tempdir().unwrap();
    assert_eq!(is_set_up(config.path()), Some(false));
    let wants = config.path().join("systemd/user/timers.target.wants");
    fs::create_dir_all(&wants).unwrap();
    std::os::unix::fs::symlink(config.path().join(TIMER), wants.join(TIMER)).unwrap();
    assert_eq!(is_set_up(config.path()), Some(true));
}

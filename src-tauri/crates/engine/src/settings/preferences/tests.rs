use std::io::Write;

use super::*;

struct Room {
    folder: tempfile::TempDir,
}

impl Room {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self) -> PathBuf {
        settings_file(&self.folder.path().join("home"))
    }

    fn policy(&self) -> PathBuf {
        self.folder.path().join("policy.json")
    }

    fn with_policy(self, text: &str) -> Self {
        fs::File::create(self.policy()).unwrap().write_all(text.as_bytes()).unwrap();
        self
    }

    fn read(&self) -> Settings {
        Settings::read(&self.file(), &self.policy())
    }

    fn change(&self, mask_names: Option<MaskNames>, remind_days: Option<&[u16]>) -> Result<Settings, Fault> {
        let change = SettingsChange { mask_names, remind_days: remind_days.map(<[u16]>::to_vec) };
        Settings::change(&self.file(), &self.policy(), &change)
    }
}

#[test]
fn what_nobody_chose_is_what_gatehouse_begins_with() {
    let settings = Room::new().read();
    assert_eq!(settings.mask_names, Setting { value: MaskNames::Auto, decided_by: DecidedBy::Gatehouse });
    assert_eq!(settings.remind_days.value, [60, 30, 14, 7, 1]);
    assert!(settings.problems.is_empty());
}

#[test]
fn what_was_chosen_is_kept_and_each_setting_alone() {
    let room = Room::new();
    let settings = room.change(Some(MaskNames::Always), None).unwrap();
    assert_eq!(settings.mask_names, Setting { value: MaskNames::Always, decided_by: DecidedBy::You });
    assert_eq!(settings.remind_days.decided_by, DecidedBy::Gatehouse);
    let settings = room.change(None, Some(&[1, 90, 14, 90])).unwrap();
    assert_eq!(settings.remind_days, Setting { value: vec![90, 14, 1], decided_by: DecidedBy::You });
    assert_eq!(settings, room.read());
    assert_eq!(settings.mask_names.value, MaskNames::Always);
    assert_eq!(room.change(None, Some(&[])).unwrap().remind_days.value, [0; 0], "no reminders at all");
}

#[test]
fn days_that_mean_nothing_are_refused_and_nothing_is_written() {
    let room = Room::new();
    let many: Vec<u16> = (1..=13).collect();
    for days in [&[0][..], &[731], &many] {
        let fault = room.change(None, Some(days)).unwrap_err();
        assert_eq!(fault.field, Some("remindDays"), "{days:?}");
    }
    assert!(!room.file().exists());
}

#[test]
fn a_policy_wins_and_says_so() {
    let room = Room::new();
    room.change(Some(MaskNames::Never), Some(&[3])).unwrap();
    let room = room.with_policy(r#"{"format": "gatehouse.policy/1", "mask_names": "always"}"#);
    let settings = room.read();
    assert_eq!(settings.mask_names, Setting { value: MaskNames::Always, decided_by: DecidedBy::Policy });
    assert_eq!(settings.remind_days, Setting { value: vec![3], decided_by: DecidedBy::You });
    let fault = room.change(Some(MaskNames::Never), None).unwrap_err();
    assert_eq!(fault.field, Some("maskNames"));
    assert!(fault.what.contains("administrator of this computer"), "{}", fault.what);
    assert_eq!(room.change(None, Some(&[5])).unwrap().remind_days.value, [5], "the other one is free");
    fs::remove_file(room.policy()).unwrap();
    assert_eq!(room.read().mask_names.value, MaskNames::Never, "the choice was never lost");
}

#[test]
fn a_policy_that_cannot_be_read_is_as_strict_as_it_could_be() {
    for text in [
        "{",
        r#"{"mask_names": "never"}"#,
        r#"{"format": "gatehouse.policy/2", "mask_names": "never"}"#,
        r#"{"format": "gatehouse.policy/1", "mask_names": "nie"}"#,
    ] {
        let room = Room::new().with_policy(text);
        let settings = room.read();
        assert_eq!(settings.mask_names, Setting { value: MaskNames::Always, decided_by: DecidedBy::Policy });
        assert_eq!(settings.problems.len(), 1, "{text}: {:?}", settings.problems);
    }
}

#[test]
fn a_damaged_file_decides_nothing_and_is_not_overwritten() {
    let room = Room::new();
    fs::create_dir_all(room.file().parent().unwrap()).unwrap();
    fs::File::create(room.file()).unwrap().write_all(b"half").unwrap();
    let settings = room.read();
    assert_eq!(settings.mask_names.value, MaskNames::Auto);
    assert_eq!(settings.problems.len(), 1);
    assert_eq!(room.change(Some(MaskNames::Never), None).unwrap_err().code, FaultCode::StoreDamaged);
    assert_eq!(fs::read(room.file()).unwrap(), b"half");
}

#[test]
fn what_a_later_version_wrote_stays() {
    let room = Room::new();
    room.change(Some(MaskNames::Always), None).unwrap();
    let text = fs::read_to_string(room.file()).unwrap().replacen('{', r#"{"later": [1],"#, 1);
    fs::File::create(room.file()).unwrap().write_all(text.as_bytes()).unwrap();
    room.change(Some(MaskNames::Never), None).unwrap();
    assert!(fs::read_to_string(room.file()).unwrap().contains("later"));
}

#[test]
fn the_policy_stands_where_only_an_administrator_writes() {
    struct Set(&'static str, &'static str);
    impl Environment for Set {
        fn get(&self, name: &str) -> Option<String> {
            (name == self.0).then(|| self.1.to_owned())
        }
    }
    let read = policy_file(&Set("ProgramData", r"D:\Data"));
    #[cfg(unix)]
    assert_eq!(read, Path::new("/etc/gatehouse/policy.json"), "no variable leads anywhere else");
    #[cfg(windows)]
    assert_eq!(read, Path::new(r"D:\Data\Gatehouse\policy.json"));
}

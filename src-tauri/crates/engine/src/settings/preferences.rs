//! What somebody has chosen for this account, and what the administrator of this computer has decided for everybody.
//!
//! Both are JSON files with the same keys: `settings.json` in the data folder, and a policy. The policy wins, and what it
//! decides cannot be changed here. Keys of later versions stay in the file.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{Environment, names};
use crate::{
    fault::{Fault, FaultCode},
    store::atomic::write_private,
};

const FORMAT: &str = "gatehouse.settings/1";
const POLICY_FORMAT: &str = "gatehouse.policy/1";
const MASK_NAMES: &str = "mask_names";
const REMIND_DAYS: &str = "remind_days";

/// Days before a credential's end on which somebody is reminded, when nobody has chosen others.
pub const REMIND_DAYS_DEFAULT: [u16; 5] = [60, 30, 14, 7, 1];
/// Reminders at most.
pub const REMINDERS_AT_MOST: usize = 12;
/// The earliest reminder, in days.
pub const REMIND_AT_MOST: u16 = 730;

/// Every setting, with whoever has decided it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whether people's names are shown in full.
    pub mask_names: Setting<MaskNames>,
    /// Days before a credential's end on which somebody is reminded; the earliest first, none for no reminders.
    pub remind_days: Setting<Vec<u16>>,
    /// What could not be read, each as a sentence. What a policy says that cannot be read is decided as strictly as it
    /// could have been.
    pub problems: Vec<String>,
}

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    /// What counts.
    pub value: T,
    /// Who has decided it.
    pub decided_by: DecidedBy,
}

/// Who has decided a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecidedBy {
    /// Nobody; it is what Gatehouse begins with.
    Gatehouse,
    /// Somebody with this account.
    You,
    /// The administrator of this computer, for everybody.
    Policy,
}

/// Whether people's names are masked until somebody asks for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MaskNames {
    /// Those of real tenants; in the practice tenant there are none.
    #[default]
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

/// What somebody changes; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsChange {
    /// Whether names are masked.
    pub mask_names: Option<MaskNames>,
    /// Days before a credential's end.
    pub remind_days: Option<Vec<u16>>,
}

/// Where the settings of an account are kept.
pub fn settings_file(home: &Path) -> PathBuf {
    home.join("settings.json")
}

/// Where the administrator of this computer puts the policy: `/etc/gatehouse/policy.json`, on Windows
/// `%ProgramData%\Gatehouse\policy.json`.
pub fn policy_file(environment: &dyn Environment) -> PathBuf {
    if cfg!(windows) {
        let data = environment.get(names::PROGRAM_DATA).unwrap_or_else(|| r"C:\ProgramData".to_owned());
        return Path::new(&data).join("Gatehouse").join("policy.json");
    }
    PathBuf::from("/etc/gatehouse/policy.json")
}

impl Settings {
    /// What both files come to. A file that is not there decides nothing.
    pub fn read(file: &Path, policy: &Path) -> Self {
        let mut problems = Vec::new();
        let mut told = |read: Result<Keys, String>| {
            read.unwrap_or_else(|problem| {
                problems.push(problem);
                Keys::default()
            })
        };
        let chosen = told(Keys::read(file, FORMAT));
        let of_policy = Keys::read(policy, POLICY_FORMAT);
        let strict = of_policy.is_err();
        let decided = told(of_policy);
        let mut mask_names = choose(&decided, &chosen, MASK_NAMES, |_: &MaskNames| true, &mut problems);
        let remind_days =
            choose(&decided, &chosen, REMIND_DAYS, |days: &Vec<u16>| in_order(days).is_ok(), &mut problems);
        if strict || decided.is_unusable::<MaskNames>(MASK_NAMES) {
            mask_names = Setting { value: MaskNames::Always, decided_by: DecidedBy::Policy };
        }
        let remind_days = Setting { value: in_order(&remind_days.value).unwrap_or_default(), ..remind_days };
        Self { mask_names, remind_days, problems }
    }

    /// Saves a change, whole or not at all.
    ///
    /// # Errors
    /// A policy has decided the setting, the days cannot be used, or the file cannot be read or written. A file that cannot
    /// be read stays as it is.
    pub fn change(file: &Path, policy: &Path, change: &SettingsChange) -> Result<Self, Fault> {
        let now = Self::read(file, policy);
        if change.mask_names.is_some() {
            now.mask_names.may_be_changed("maskNames")?;
        }
        if change.remind_days.is_some() {
            now.remind_days.may_be_changed("remindDays")?;
        }
        let damaged = |what| Fault::new(FaultCode::StoreDamaged, what, "Mend the file, or move it away.");
        let mut keys = Keys::read(file, FORMAT).map_err(damaged)?;
        if let Some(mask_names) = change.mask_names {
            keys.put(MASK_NAMES, &mask_names)?;
        }
        if let Some(days) = &change.remind_days {
            let days = in_order(days).map_err(|what| {
                let fix = format!("Give up to {REMINDERS_AT_MOST} numbers from 1 to {REMIND_AT_MOST}.");
                Fault::field("remindDays", what, fix)
            })?;
            keys.put(REMIND_DAYS, &days)?;
        }
        keys.put("format", &FORMAT)?;
        let text = serde_json::to_vec_pretty(&keys.0).map_err(|error| internal(&error))?;
        write_private(file, &text).map_err(|error| Fault::storage("Could not write", file, &error))?;
        Ok(Self::read(file, policy))
    }
}

impl<T> Setting<T> {
    fn may_be_changed(&self, field: &'static str) -> Result<(), Fault> {
        if self.decided_by == DecidedBy::Policy {
            let what = "The administrator of this computer has decided this setting.";
            return Err(Fault::field(field, what, "Ask whoever looks after this computer."));
        }
        Ok(())
    }
}

/// What stands in one file.
#[derive(Default)]
struct Keys(Map<String, Value>);

impl Keys {
    fn read(file: &Path, format: &str) -> Result<Self, String> {
        let unreadable = |because: &str| format!("{} cannot be read: {because}.", file.display());
        let text = match fs::read(file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(unreadable(&error.to_string())),
        };
        let keys: Map<String, Value> = serde_json::from_slice(&text)
            .map_err(|error| unreadable(&format!("it is no JSON object ({error})")))?;
        match keys.get("format").and_then(Value::as_str) {
            Some(known) if known == format => Ok(Self(keys)),
            _ => Err(unreadable(&format!("its format is not {format}"))),
        }
    }

    fn get<T: DeserializeOwned>(&self, key: &str) -> Option<Result<T, serde_json::Error>> {
        Some(T::deserialize(self.0.get(key)?))
    }

    fn is_unusable<T: DeserializeOwned>(&self, key: &str) -> bool {
        self.get::<T>(key).is_some_and(|value| value.is_err())
    }

    fn put(&mut self, key: &str, value: &impl Serialize) -> Result<(), Fault> {
        self.0.insert(key.to_owned(), serde_json::to_value(value).map_err(|error| internal(&error))?);
        Ok(())
    }
}

trait Begin {
    fn begin() -> Self;
}

impl Begin for MaskNames {
    fn begin() -> Self {
        Self::default()
    }
}

impl Begin for Vec<u16> {
    fn begin() -> Self {
        REMIND_DAYS_DEFAULT.to_vec()
    }
}

fn choose<T: DeserializeOwned + Begin>(
    decided: &Keys,
    chosen: &Keys,
    key: &str,
    usable: impl Fn(&T) -> bool,
    problems: &mut Vec<String>,
) -> Setting<T> {
    for (keys, decided_by, whose) in
        [(decided, DecidedBy::Policy, "the policy"), (chosen, DecidedBy::You, "the settings")]
    {
        match keys.get::<T>(key) {
            Some(Ok(value)) if usable(&value) => return Setting { value, decided_by },
            Some(_) => problems.push(format!("`{key}` of {whose} cannot be used.")),
            None => {}
        }
    }
    Setting { value: T::begin(), decided_by: DecidedBy::Gatehouse }
}

/// The earliest reminder first, each once.
fn in_order(days: &[u16]) -> Result<Vec<u16>, String> {
    if let Some(day) = days.iter().find(|day| !(1..=REMIND_AT_MOST).contains(*day)) {
        return Err(format!("{day} is no number of days to be reminded at."));
    }
    let mut days = days.to_vec();
    days.sort_unstable_by(|one, other| other.cmp(one));
    days.dedup();
    if days.len() > REMINDERS_AT_MOST {
        return Err(format!("{} reminders are too many.", days.len()));
    }
    Ok(days)
}

fn internal(error: &serde_json::Error) -> Fault {
    Fault::new(FaultCode::Internal, error.to_string(), "Try again.")
}

#[cfg(test)]
mod tests;

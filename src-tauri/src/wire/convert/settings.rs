//! Settings and who has decided them.

use engine::{
    Fault, FaultCode, Gatehouse,
    settings::{self, SettingsChange},
};

use crate::wire::{DecidedBy, MaskNames, SettingsForm, SettingsView, UnusableProfile};

impl SettingsView {
    pub(crate) fn of(engine: &Gatehouse, policy_file: &std::path::Path) -> Self {
        let settings = engine.settings();
        Self {
            mask_names: settings.mask_names.value.into(),
            mask_names_by: settings.mask_names.decided_by.into(),
            remind_days: settings.remind_days.value,
            remind_days_by: settings.remind_days.decided_by.into(),
            problems: settings.problems,
            unusable_profiles: UnusableProfile::all(&engine.profiles()),
            policy_file: policy_file.display().to_string(),
        }
    }
}

impl TryFrom<SettingsForm> for SettingsChange {
    type Error = Fault;

    fn try_from(form: SettingsForm) -> Result<Self, Fault> {
        let days = |text: String| -> Result<Vec<u16>, Fault> {
            let words = text.split([',', ';', ' ']).filter(|word| !word.is_empty());
            words.map(|word| word.parse().map_err(|_| no_number(word))).collect()
        };
        Ok(Self {
            mask_names: form.mask_names.map(Into::into),
            remind_days: form.remind_days.map(days).transpose()?,
        })
    }
}

fn no_number(word: &str) -> Fault {
    Fault {
        code: FaultCode::InvalidInput,
        field: Some("remindDays"),
        what: format!("“{word}” is no number of days."),
        fix: "Write whole numbers with commas between them, such as 60, 30, 7.".to_owned(),
    }
}

impl From<settings::MaskNames> for MaskNames {
    fn from(mask: settings::MaskNames) -> Self {
        match mask {
            settings::MaskNames::Auto => Self::Auto,
            settings::MaskNames::Always => Self::Always,
            settings::MaskNames::Never => Self::Never,
        }
    }
}

impl From<MaskNames> for settings::MaskNames {
    fn from(mask: MaskNames) -> Self {
        match mask {
            MaskNames::Auto => Self::Auto,
            MaskNames::Always => Self::Always,
            MaskNames::Never => Self::Never,
        }
    }
}

impl From<settings::DecidedBy> for DecidedBy {
    fn from(decided_by: settings::DecidedBy) -> Self {
        match decided_by {
            settings::DecidedBy::Gatehouse => Self::Gatehouse,
            settings::DecidedBy::You => Self::You,
            settings::DecidedBy::Policy => Self::Policy,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_people_type_them() {
        let days = |text: &str| {
            let form = SettingsForm { mask_names: None, remind_days: Some(text.to_owned()) };
            SettingsChange::try_from(form).map(|change| change.remind_days.unwrap())
        };
        assert_eq!(days("60, 30;7 1,").unwrap(), [60, 30, 7, 1]);
        assert_eq!(days(" ").unwrap(), [0; 0]);
        for text in ["soon", "7 days", "-1", "1.5", "70000"] {
            assert_eq!(days(text).unwrap_err().field, Some("remindDays"), "{text}");
        }
    }
}

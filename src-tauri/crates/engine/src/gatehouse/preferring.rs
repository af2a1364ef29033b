//! What was chosen for this account, and what a policy has decided.

use super::Gatehouse;
use crate::{
    connection::Connection,
    fault::Fault,
    settings::{MaskNames, ProcessEnvironment, Settings, SettingsChange, policy_file, settings_file},
};

impl Gatehouse {
    /// Every setting, as it counts now.
    pub fn settings(&self) -> Settings {
        Settings::read(&settings_file(self.home()), &policy_file(&ProcessEnvironment))
    }

    /// Changes settings.
    ///
    /// # Errors
    /// As [`Settings::change`].
    pub fn change_settings(&self, change: &SettingsChange) -> Result<Settings, Fault> {
        Settings::change(&settings_file(self.home()), &policy_file(&ProcessEnvironment), change)
    }

    /// Whether the names of people in this connection's directory are masked until somebody asks for them.
    pub fn masks_names(&self, connection: &Connection) -> bool {
        match self.settings().mask_names.value {
            MaskNames::Auto => !connection.practice,
            MaskNames::Always => true,
            MaskNames::Never => false,
        }
    }
}

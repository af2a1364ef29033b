//! What was chosen for this account.

use engine::settings::{ProcessEnvironment, policy_file};

use super::Desk;
use crate::wire::{Problem, SettingsForm, SettingsView};

impl Desk {
    pub(crate) async fn settings(&self) -> Result<SettingsView, Problem> {
        Ok(SettingsView::of(&self.engine, &policy_file(&ProcessEnvironment)))
    }

    pub(crate) async fn save_settings(&self, form: SettingsForm) -> Result<SettingsView, Problem> {
        self.engine.change_settings(&form.try_into()?)?;
        self.settings().await
    }
}

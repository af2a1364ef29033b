//! What was chosen, where Gatehouse keeps its data, and every environment variable it reads.

mod environment;
mod home;
mod preferences;

pub use environment::{Environment, NoEnvironment, ProcessEnvironment, VARIABLES, Variable, names};
pub use home::{documents_folder, home_folder};
pub use preferences::{
    DecidedBy, MaskNames, REMIND_AT_MOST, REMIND_DAYS_DEFAULT, REMINDERS_AT_MOST, Setting, Settings,
    SettingsChange, policy_file, settings_file,
};

//! Questions on the terminal.

use engine::{Fault, FaultCode};
use inquire::{Confirm, InquireError, Password, PasswordDisplayMode, Select, Text};
use secrecy::SecretString;

/// One line of text, with a proposal.
pub(super) fn text(question: &str, proposal: &str, help: &str) -> Result<String, Fault> {
    Text::new(question)
        .with_initial_value(proposal)
        .with_help_message(help)
        .prompt()
        .map_err(|error| stopped(&error))
}

/// A secret, which is not shown while it is typed.
pub(in crate::commands) fn secret(question: &str, help: &str) -> Result<SecretString, Fault> {
    Password::new(question)
        .with_display_mode(PasswordDisplayMode::Hidden)
        .with_help_message(help)
        .without_confirmation()
        .prompt()
        .map(SecretString::from)
        .map_err(|error| stopped(&error))
}

/// Yes or no.
pub(super) fn yes(question: &str, proposal: bool) -> Result<bool, Fault> {
    Confirm::new(question).with_default(proposal).prompt().map_err(|error| stopped(&error))
}

/// One of several; its place in the list.
pub(super) fn choice(question: &str, options: Vec<String>) -> Result<usize, Fault> {
    Select::new(question, options).raw_prompt().map(|chosen| chosen.index).map_err(|error| stopped(&error))
}

fn stopped(error: &InquireError) -> Fault {
    match error {
        InquireError::OperationCanceled | InquireError::OperationInterrupted => {
            Fault::new(FaultCode::Cancelled, "You stopped.", "Go on whenever you like.")
        }
        other => Fault::new(
            FaultCode::Internal,
            format!("The terminal cannot be used: {other}."),
            "Try another one.",
        ),
    }
}

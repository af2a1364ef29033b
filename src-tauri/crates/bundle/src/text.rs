//! What may stand in a text that people read.

use crate::problem::ConfigProblem;

/// Refuses text that is longer than `most` characters, or that holds characters which change how a line is shown.
pub(crate) fn check(field: &str, text: &str, most: usize) -> Result<(), ConfigProblem> {
    if text.chars().count() > most {
        return Err(ConfigProblem::new(
            field,
            format!("has more than {most} characters"),
            "Use a shorter text.".to_owned(),
        ));
    }
    if text.chars().any(is_hidden) {
        return Err(ConfigProblem::new(
            field,
            "contains line breaks, control characters or invisible characters",
            "Type the text again without them.",
        ));
    }
    Ok(())
}

/// As [`check`], and the text must not be empty or start or end with white space.
pub(crate) fn check_name(field: &str, text: &str, most: usize) -> Result<(), ConfigProblem> {
    if text.trim().is_empty() {
        return Err(ConfigProblem::new(field, "is empty", "Give it a name."));
    }
    if text.trim().len() != text.len() {
        return Err(ConfigProblem::new(field, "starts or ends with white space", "Remove the white space."));
    }
    check(field, text, most)
}

/// Lower-case words joined by hyphens, at most 64 characters.
pub(crate) fn check_id(field: &str, text: &str) -> Result<(), ConfigProblem> {
    let good = text.len() <= 64
        && text.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        });
    if good {
        return Ok(());
    }
    Err(ConfigProblem::new(
        field,
        "is not an id of lower-case words joined by hyphens",
        "Write it like print-operator, with at most 64 characters.",
    ))
}

/// Control characters, and those that reorder or hide text (Unicode UAX #9, and zero-width characters).
/// The zero-width joiners are left alone: several scripts and emoji need them.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{061c}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
        )
}

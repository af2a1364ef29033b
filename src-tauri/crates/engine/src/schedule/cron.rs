//! One line of a crontab.

use super::{ARGUMENTS, Unattended};

/// A line for `crontab -e`: each day at 08:17. Whatever the check prints, cron sends by mail.
pub fn cron_line(check: &Unattended) -> String {
    let home = match &check.home {
        Some(home) => format!("GATEHOUSE_HOME={} ", quoted(&home.display().to_string())),
        None => String::new(),
    };
    let program = quoted(&check.program.display().to_string());
    // cron turns a bare percent sign into a line's end (crontab(5)).
    format!("17 8 * * * {home}{program} {}", ARGUMENTS.join(" ")).replace('%', "\\%")
}

/// A word of the POSIX shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

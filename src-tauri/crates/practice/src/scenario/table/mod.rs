//! The table of scenarios, one file for each part of the chain.

mod app;
mod consent;
mod credential;
mod directory;
mod network;
mod token;

use super::{Plays, Row};

/// How many scenarios there are.
pub(super) const COUNT: usize = {
    let mut count = 1;
    let mut part = 0;
    while part < PARTS.len() {
        count += PARTS[part].len();
        part += 1;
    }
    count
};

/// Healthy first, then along the chain of proof.
pub(super) static ROWS: [Row; COUNT] = {
    let mut rows = [HEALTHY; COUNT];
    let (mut filled, mut part) = (1, 0);
    while part < PARTS.len() {
        let mut row = 0;
        while row < PARTS[part].len() {
            rows[filled] = PARTS[part][row];
            filled += 1;
            row += 1;
        }
        part += 1;
    }
    rows
};

const PARTS: [&[Row]; 6] =
    [network::ROWS, app::ROWS, credential::ROWS, token::ROWS, consent::ROWS, directory::ROWS];

const HEALTHY: Row = Row {
    id: "healthy",
    link: "",
    title: "Everything works",
    story: "Contoso’s app is registered, its secret works and an administrator has given consent.",
    plays: Plays::NOTHING,
};

/// The narrowest permission by which an app reads its own registration.
const READS_ITSELF: Option<&str> = Some("Application.Read.All");

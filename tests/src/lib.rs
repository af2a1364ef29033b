//! The proving ground: what holds for the whole repository and the whole product, tested from outside.
//!
//! There is no code here. `tests/` holds the tests, `src/bin/bridge.rs` the program that lets a browser without
//! Tauri show the page with the real commands behind it.

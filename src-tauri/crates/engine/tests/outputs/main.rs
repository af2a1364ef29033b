//! Every output, read by the program that it is meant for. Needs what `make setup` installs.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]
#![expect(clippy::disallowed_methods, reason = "other programs are given files in temporary folders")]

mod ansible_role;
mod azure;
mod given;
mod parsers;
mod shell;
mod systemd;

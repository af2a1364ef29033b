//! Sealed bundles handed out by a real `ansible-playbook` over real `sshd`, and the script that opens them, against
//! everything that it has to refuse, with `gatehouse` on the host and without. Needs what `make setup` installs.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]
#![expect(clippy::disallowed_methods, reason = "other programs are given files in temporary folders")]

mod admin;
mod ansible;
mod given;
mod host;
mod script;
mod sshd;
mod trying;

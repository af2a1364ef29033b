//! `gatehouse bundle` as a process, in folders of its own.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![expect(clippy::disallowed_methods, reason = "the tests make the files that a gateway is given")]

mod accounts;
#[path = "../../../bundle/tests/sealed/archive.rs"]
mod archive;
mod gateway;
mod given;
mod hostile;
mod kill;
mod looking;
mod opening;
mod receipts;
mod self_test;
#[path = "../../../bundle/tests/sealed/vectors.rs"]
mod vectors;

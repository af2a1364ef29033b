//! What happens on a gateway: a sealed file is looked at, checked, opened into a folder, tried and answered for.
//!
//! ```text
//! INTO/current  -> releases/8     switched in one step; what the gateway reads
//! INTO/previous -> releases/7     what it read before
//! INTO/releases/8/                the files, manifest.json, manifest.json.sig, SHA256SUMS
//! ```
//!
//! A folder below `releases` is whole before a pointer names it, and is never changed while one does. So whatever stops
//! the program, `current` is the old bundle or the new one. Where there are no symbolic links (Windows), a pointer is a
//! file that holds the folder's name.

mod environment_file;
mod folder;
mod inputs;
mod install;
mod judge;
mod pointer;
mod readers;
mod receipt;
mod release;
mod rights;
mod self_test;

pub use bundle::{
    AllowedSigners, ConnectionIds, GatewayKey, GatewayName, Inspection, Manifest, RecipientKind, SealedTo,
};
pub use inputs::{SealedFile, gateway_key, host_keys, key_for, read_key, read_signers};
pub use install::{Installation, OpenRequest, Standing, TestPlan, open, roll_back};
pub use judge::{Judged, PracticeBundles, Refusal, Seen, Stopped, Trust, inspect, verify};
pub use receipt::{installed_manifest, receipt, write_receipt};
pub use self_test::{SelfTestOptions, Shortfall, TestRun, self_test};

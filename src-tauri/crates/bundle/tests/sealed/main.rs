//! Recipients, sealed bundles and receipts as their users see them.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![expect(clippy::disallowed_methods, reason = "stock programs are given files in temporary folders")]

mod archive;
mod flips;
mod given;
mod hostile;
mod receipts;
mod recipients;
mod round_trip;
#[cfg(unix)]
mod stock;
mod vectors;

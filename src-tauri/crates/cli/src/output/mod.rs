//! Everything the program prints. Results go to standard output, everything else to standard error.

pub(crate) mod json_v1;
pub(crate) mod progress;
pub(crate) mod text;

//! What the window and the headless program need of the crate `bundle`: names, keys, receipts and their problems.

pub use ::bundle::{
    AllowedSigners, GatewayName, KeyLines, MAX_RECEIPT_BYTES, Recipient, RecipientKind, RecipientProblem,
    SelfTest, VerifyingKey,
};

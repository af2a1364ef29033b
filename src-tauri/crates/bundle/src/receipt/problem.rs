use thiserror::Error;

use crate::{
    recipient::Recipient,
    sealed::{GatewayKeyProblem, sshsig::SignatureFault},
};

/// Why a receipt is not believed, or cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReceiptProblem {
    /// It is something else, or not in its one spelling.
    #[error(
        "receipt: is not a receipt. Take the file that ends in .gatehouse.receipt as the gateway wrote it."
    )]
    NotAReceipt,
    /// It is larger than a receipt can be.
    #[error("receipt: is larger than 16 KiB. Take the file that ends in .gatehouse.receipt.")]
    TooLarge,
    /// It is another version.
    #[error("format: is another version than gatehouse.receipt/1. Update Gatehouse here.")]
    UnknownVersion,
    /// A field breaks a rule.
    #[error("{field}: {what}. Make the receipt again on the gateway.")]
    Content {
        /// The field's name.
        field: String,
        /// What is true of it.
        what: String,
    },
    /// There is no signature after the first line.
    #[error("signature: is missing after the first line. Take the whole file.")]
    SignatureMissing,
    /// The signature is not one, or not in its one spelling.
    #[error(
        "signature: is not an SSH signature as ssh-keygen writes it. Take the file as the gateway wrote it."
    )]
    SignatureUnreadable,
    /// Another key signed.
    #[error(
        "signature: was made by {signer}; this gateway's key is {expected}. Choose the gateway that the receipt is \
         from; if its host key has changed, compare the new one at the gateway first."
    )]
    OtherSigner {
        /// The signing key's fingerprint.
        signer: String,
        /// The gateway's fingerprint.
        expected: String,
    },
    /// The signature was made for something else than a receipt.
    #[error("signature: was made for something else than a receipt. Make the receipt again on the gateway.")]
    WrongNamespace,
    /// The signature does not belong to the first line.
    #[error(
        "signature: does not belong to this receipt, which was altered. Make the receipt again on the gateway."
    )]
    SignatureWrong,
    /// The gateway's key is an age key, which cannot sign.
    #[error(
        "recipient: is an age key, and age keys cannot sign. Seal this gateway's bundles to its SSH host key if \
         receipts are wanted."
    )]
    AgeKey,
    /// The private key at hand cannot sign.
    #[error("{0}")]
    Key(GatewayKeyProblem),
}

impl ReceiptProblem {
    pub(crate) fn signature(fault: SignatureFault, recipient: &Recipient) -> Self {
        match fault {
            SignatureFault::Unreadable => Self::SignatureUnreadable,
            SignatureFault::WrongKey { fingerprint } => {
                Self::OtherSigner { signer: fingerprint, expected: recipient.fingerprint().to_owned() }
            }
            SignatureFault::WrongNamespace => Self::WrongNamespace,
            SignatureFault::Wrong => Self::SignatureWrong,
        }
    }
}

//! Receipts: what a gateway answers after it opened a bundle.

mod problem;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{
    gateway_name::GatewayName,
    problem::ConfigProblem,
    recipient::Recipient,
    sealed::{GatewayKey, OpenedBundle, is_sha256, sshsig},
    spelling, text,
};

pub use problem::ReceiptProblem;

/// The most that a receipt may hold, in bytes: 16 KiB.
pub const MAX_RECEIPT_BYTES: usize = 16 * 1024;

/// A gateway's answer: which bundle it opened, and whether that works. It holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Names the format and its version.
    pub format: ReceiptFormat,
    /// The gateway that answers.
    pub gateway: GatewayName,
    /// The sequence number of the bundle that it opened.
    pub bundle_sequence: u64,
    /// The SHA-256 of that bundle's manifest, 64 lower-case hex digits.
    pub manifest_sha256: String,
    /// The label of the credential that it has now.
    pub credential_id: String,
    /// When it opened the bundle, by its own clock.
    #[serde(with = "spelling::time")]
    pub opened_at: Timestamp,
    /// When the test was made, by its own clock; absent when none was.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "spelling::optional_time")]
    pub tested_at: Option<Timestamp>,
    /// What became of the test with the new credential.
    pub self_test: SelfTest,
}

/// What became of a gateway's test with the credential from the bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SelfTest {
    /// No test was made.
    NotRun,
    /// It got a token and read a page.
    Ok,
    /// It did not.
    Failed {
        /// A short name of the fault, such as `AADSTS7000222`: 1 to 64 letters, digits, dots, hyphens and underscores.
        code: String,
    },
}

/// The value of `format` in version 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReceiptFormat;

impl ReceiptFormat {
    /// The text in the file.
    pub const ID: &str = "gatehouse.receipt/1";
}

impl Receipt {
    /// The receipt for a bundle that was opened, without the time of its test.
    pub fn of(bundle: &OpenedBundle, opened_at: Timestamp, self_test: SelfTest) -> Self {
        let manifest = bundle.manifest();
        Self {
            format: ReceiptFormat,
            gateway: manifest.gateway.clone(),
            bundle_sequence: manifest.sequence,
            manifest_sha256: bundle.manifest_sha256(),
            credential_id: manifest.credential_id.clone(),
            opened_at,
            tested_at: None,
            self_test,
        }
    }

    /// The signed file: one line of JSON, and after it the signature over that line, its line break included.
    ///
    /// # Errors
    /// [`ReceiptProblem::Content`] when a field breaks a rule, [`ReceiptProblem::Key`] when the key cannot sign.
    pub fn sign(&self, key: &GatewayKey) -> Result<Vec<u8>, ReceiptProblem> {
        self.check()
            .map_err(|problem| ReceiptProblem::Content { field: problem.field, what: problem.what })?;
        let mut file = self.to_line();
        let signature = key.sign(sshsig::RECEIPT, &file).map_err(ReceiptProblem::Key)?;
        file.extend_from_slice(signature.as_bytes());
        Ok(file)
    }

    fn to_line(&self) -> Vec<u8> {
        #[expect(
            clippy::expect_used,
            reason = "string keys only, written to memory: there is nothing to fail"
        )]
        let mut line = serde_json::to_vec(self).expect("a receipt is always representable");
        line.push(b'\n');
        line
    }

    fn check(&self) -> Result<(), ConfigProblem> {
        text::check_name("credential_id", &self.credential_id, 128)?;
        if !is_sha256(&self.manifest_sha256) {
            return Err(ConfigProblem::new("manifest_sha256", "is not a SHA-256", ""));
        }
        if !(1..=9_007_199_254_740_991).contains(&self.bundle_sequence) {
            return Err(ConfigProblem::new("bundle_sequence", "is not between 1 and 9007199254740991", ""));
        }
        if self.self_test == SelfTest::NotRun && self.tested_at.is_some() {
            return Err(ConfigProblem::new("tested_at", "is the time of a test that was not made", ""));
        }
        if let SelfTest::Failed { code } = &self.self_test {
            let known = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
            if code.is_empty() || code.len() > 64 || !code.bytes().all(known) {
                return Err(ConfigProblem::new("self_test.code", "is not a short code", ""));
            }
        }
        Ok(())
    }
}

/// Checks that a receipt was signed by a gateway's host key, and reads it.
///
/// It does not know which bundle was sent: compare `gateway`, `bundle_sequence` and `manifest_sha256` with it.
///
/// # Errors
/// See [`ReceiptProblem`].
pub fn verify_receipt(file: &[u8], recipient: &Recipient) -> Result<Receipt, ReceiptProblem> {
    if file.len() > MAX_RECEIPT_BYTES {
        return Err(ReceiptProblem::TooLarge);
    }
    let key = recipient.ssh().ok_or(ReceiptProblem::AgeKey)?;
    let end = file.iter().position(|byte| *byte == b'\n').ok_or(ReceiptProblem::NotAReceipt)?;
    let (line, signature) = file.split_at_checked(end + 1).ok_or(ReceiptProblem::NotAReceipt)?;
    check_version(line)?;
    if signature.is_empty() {
        return Err(ReceiptProblem::SignatureMissing);
    }
    sshsig::verify(signature, line, sshsig::RECEIPT, [SshKey(key)])
        .map_err(|fault| ReceiptProblem::signature(fault, recipient))?;
    let receipt: Receipt = serde_json::from_slice(line).map_err(|_| ReceiptProblem::NotAReceipt)?;
    receipt
        .check()
        .map_err(|problem| ReceiptProblem::Content { field: problem.field, what: problem.what })?;
    if receipt.to_line() != line {
        return Err(ReceiptProblem::NotAReceipt);
    }
    Ok(receipt)
}

/// Gives the key to [`sshsig::verify`].
struct SshKey<'a>(&'a ssh_key::PublicKey);

impl AsRef<ssh_key::PublicKey> for SshKey<'_> {
    fn as_ref(&self) -> &ssh_key::PublicKey {
        self.0
    }
}

fn check_version(line: &[u8]) -> Result<(), ReceiptProblem> {
    #[derive(Deserialize)]
    struct Head {
        format: String,
    }
    match serde_json::from_slice::<Head>(line) {
        Ok(Head { format }) if format == ReceiptFormat::ID => Ok(()),
        Ok(Head { format }) if format.starts_with("gatehouse.receipt/") => {
            Err(ReceiptProblem::UnknownVersion)
        }
        _ => Err(ReceiptProblem::NotAReceipt),
    }
}

impl Serialize for ReceiptFormat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Self::ID)
    }
}

impl<'de> Deserialize<'de> for ReceiptFormat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let good = String::deserialize(deserializer)? == Self::ID;
        good.then_some(Self).ok_or_else(|| D::Error::custom("another format"))
    }
}

//! What receipts said, in sentences.

use engine::{
    Fault,
    gateways::{Answer, Received, ReceivedNews},
};

use crate::wire::{ReceiptAnswer, ReceiptLine};

impl ReceiptLine {
    pub(crate) fn of(from: String, received: &Result<Received, Fault>) -> Self {
        let received = match received {
            Ok(received) => received,
            Err(fault) => {
                let says = format!("{} {}", sentence(&fault.what), fault.fix).trim_end().to_owned();
                return Self { from, gateway: None, answer: ReceiptAnswer::Refused, says };
            }
        };
        let number = received.confirmed.sequence;
        let (answer, says) = match &received.answer {
            Answer::Current => {
                (ReceiptAnswer::Current, format!("It opened bundle {number} and has the current credential."))
            }
            Answer::Older => (
                ReceiptAnswer::Older,
                format!("It opened bundle {number}, which does not hold the current credential."),
            ),
            Answer::Failed(code) => {
                (ReceiptAnswer::Failed, format!("It opened bundle {number}, and its test failed: `{code}`."))
            }
            Answer::HeldBack(code) => (
                ReceiptAnswer::Failed,
                format!(
                    "It did not install bundle {number}, because its test failed (`{code}`). It goes on with what it had."
                ),
            ),
        };
        let news = match received.news {
            ReceivedNews::New => "",
            ReceivedNews::Repeated => " This receipt was here before.",
            ReceivedNews::Superseded => " A newer receipt of this gateway is known, and stays.",
        };
        Self { from, gateway: Some(received.gateway.to_string()), answer, says: format!("{says}{news}") }
    }
}

/// A fault of one field begins with the field's name and a colon; in a list of receipts it is a sentence.
fn sentence(what: &str) -> String {
    let is_field = |name: &str| name.bytes().all(|byte| byte.is_ascii_lowercase() || b"_.".contains(&byte));
    match what.split_once(": ") {
        Some(("receipt", rest)) => format!("The text {rest}"),
        Some((field, rest)) if is_field(field) => format!("Its `{field}` {rest}"),
        _ => what.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_fields_are_sentences() {
        assert_eq!(sentence("receipt: is not a receipt."), "The text is not a receipt.");
        assert_eq!(sentence("signature: is missing."), "Its `signature` is missing.");
        assert_eq!(
            sentence("This receipt was signed with another key."),
            "This receipt was signed with another key."
        );
    }
}

//! Opaque texts that only this run can make and read: skip tokens and delta tokens. Each is bound to one list.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

const CHECK: usize = 16;

/// Seals some bytes for a list.
pub(super) fn seal(key: &[u8; 32], list: &str, content: &[u8]) -> String {
    let mut bytes = check(key, list, content).to_vec();
    bytes.extend_from_slice(content);
    hide(key, &mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The opposite of [`seal`]; `None` for a text of another list or another run.
pub(super) fn open(key: &[u8; 32], list: &str, text: &str) -> Option<Vec<u8>> {
    let mut bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    if bytes.len() < CHECK {
        return None;
    }
    hide(key, &mut bytes);
    let content = bytes.split_off(CHECK);
    (check(key, list, &content) == *bytes).then_some(content)
}

fn check(key: &[u8; 32], list: &str, content: &[u8]) -> [u8; CHECK] {
    let length = (content.len() as u64).to_be_bytes();
    let digest: [u8; 32] = Sha256::new()
        .chain_update(key)
        .chain_update(length)
        .chain_update(content)
        .chain_update(list)
        .finalize()
        .into();
    std::array::from_fn(|index| digest[index])
}

/// Covers the content with a stream that follows from the check in front of it. Twice is not at all.
fn hide(key: &[u8; 32], bytes: &mut [u8]) {
    let (check, content) = bytes.split_at_mut(CHECK);
    for (block, covered) in content.chunks_mut(32).enumerate() {
        let pad = Sha256::new()
            .chain_update(&*check)
            .chain_update((block as u64).to_be_bytes())
            .chain_update(key)
            .finalize();
        covered.iter_mut().zip(pad).for_each(|(byte, pad)| *byte ^= pad);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_opens_for_its_list_and_run_only() {
        let (run, other_run) = ([1; 32], [2; 32]);
        for content in [&b""[..], b"999", &[7; 100]] {
            let text = seal(&run, "users?", content);
            assert_eq!(open(&run, "users?", &text).as_deref(), Some(content));
            assert_eq!(open(&run, "groups?", &text), None);
            assert_eq!(open(&other_run, "users?", &text), None);
        }
        assert_eq!(open(&run, "users?", "AAAA"), None);
        assert_eq!(open(&run, "users?", "not base64!"), None);
    }
}

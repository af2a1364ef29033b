//! Bytes that may be longer than one entry of a keychain: written over several entries, and read only as a whole.
//!
//! Each entry begins with a head of ten bytes: the version (1), the number of entries, and the first eight bytes of
//! the SHA-256 of the whole. The first entry is written last, so a set that was not finished is no set.

use secrecy::{ExposeSecret, SecretSlice};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::VaultFault;

/// Entries by name, each up to a limit.
pub(super) trait Entries {
    /// The most bytes that one entry takes.
    fn longest(&self) -> usize;
    fn write(&self, name: &str, bytes: &SecretSlice<u8>) -> Result<(), VaultFault>;
    fn read(&self, name: &str) -> Result<Option<SecretSlice<u8>>, VaultFault>;
    /// Nothing happens when there is none.
    fn erase(&self, name: &str) -> Result<(), VaultFault>;
}

const VERSION: u8 = 1;
const HEAD: usize = 10;
/// Enough for an RSA key of 16384 bits.
const MOST_ENTRIES: usize = 4;

pub(super) fn put(entries: &dyn Entries, name: &str, bytes: &SecretSlice<u8>) -> Result<(), VaultFault> {
    let bytes = bytes.expose_secret();
    let room = entries.longest().saturating_sub(HEAD).max(1);
    let count = bytes.len().div_ceil(room).max(1);
    if count > MOST_ENTRIES {
        let longest = MOST_ENTRIES * room;
        return Err(VaultFault::Refused(format!("the key is longer than {longest} bytes")));
    }
    let head = head(count, bytes);
    for number in (0..count).rev() {
        let from = number * room;
        let part = &bytes[from..bytes.len().min(from + room)];
        entries.write(&entry(name, number), &SecretSlice::from([&head[..], part].concat()))?;
    }
    (count..MOST_ENTRIES).try_for_each(|number| entries.erase(&entry(name, number)))
}

/// None when an entry is missing or belongs to another whole.
pub(super) fn get(entries: &dyn Entries, name: &str) -> Result<Option<SecretSlice<u8>>, VaultFault> {
    let mut whole = Zeroizing::new(Vec::new());
    let mut first_head = None;
    let mut number = 0;
    loop {
        let Some(part) = entries.read(&entry(name, number))? else { return Ok(None) };
        let Some((head, rest)) = part.expose_secret().split_first_chunk::<HEAD>() else { return Ok(None) };
        if head[0] != VERSION || *first_head.get_or_insert(*head) != *head {
            return Ok(None);
        }
        whole.extend_from_slice(rest);
        number += 1;
        if number >= usize::from(head[1]) {
            let is_whole = self::head(number, &whole) == *head;
            return Ok(is_whole.then(|| SecretSlice::from(whole.to_vec())));
        }
    }
}

pub(super) fn remove(entries: &dyn Entries, name: &str) -> Result<(), VaultFault> {
    (0..MOST_ENTRIES).rev().try_for_each(|number| entries.erase(&entry(name, number)))
}

fn entry(name: &str, number: usize) -> String {
    if number == 0 { name.to_owned() } else { format!("{name}.{}", number + 1) }
}

fn head(count: usize, whole: &[u8]) -> [u8; HEAD] {
    let mut head = [0; HEAD];
    head[0] = VERSION;
    head[1] = u8::try_from(count).unwrap_or(u8::MAX);
    head[2..].copy_from_slice(&Sha256::digest(whole)[..HEAD - 2]);
    head
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, collections::BTreeMap};

    use super::*;

    /// A keychain with the limit of Windows Credential Manager, which breaks down when it is told to.
    #[derive(Default)]
    struct Small {
        entries: RefCell<BTreeMap<String, Vec<u8>>>,
        writes_left: RefCell<Option<usize>>,
    }

    impl Small {
        fn names(&self) -> Vec<String> {
            self.entries.borrow().keys().cloned().collect()
        }
    }

    impl Entries for Small {
        fn longest(&self) -> usize {
            2560
        }

        fn write(&self, name: &str, bytes: &SecretSlice<u8>) -> Result<(), VaultFault> {
            if let Some(left) = self.writes_left.borrow_mut().as_mut() {
                *left = left.checked_sub(1).ok_or(VaultFault::Locked)?;
            }
            if bytes.expose_secret().len() > self.longest() {
                return Err(VaultFault::Refused("too long".to_owned()));
            }
            self.entries.borrow_mut().insert(name.to_owned(), bytes.expose_secret().to_vec());
            Ok(())
        }

        fn read(&self, name: &str) -> Result<Option<SecretSlice<u8>>, VaultFault> {
            Ok(self.entries.borrow().get(name).cloned().map(SecretSlice::from))
        }

        fn erase(&self, name: &str) -> Result<(), VaultFault> {
            self.entries.borrow_mut().remove(name);
            Ok(())
        }
    }

    fn bytes(length: usize, fill: u8) -> SecretSlice<u8> {
        SecretSlice::from(vec![fill; length])
    }

    fn kept(small: &Small) -> Option<(usize, u8)> {
        let bytes = get(small, "a.key").unwrap()?;
        Some((bytes.expose_secret().len(), bytes.expose_secret().first().copied().unwrap_or_default()))
    }

    #[test]
    fn every_length_comes_back_and_a_shorter_one_leaves_nothing_of_a_longer_one() {
        let small = Small::default();
        for (length, count) in [(10_200, 4), (5101, 3), (5100, 2), (2551, 2), (2550, 1), (1, 1), (0, 1)] {
            put(&small, "a.key", &bytes(length, 7)).unwrap();
            assert_eq!(small.names().len(), count, "{length}");
            assert_eq!(kept(&small).unwrap().0, length);
        }
        assert!(put(&small, "a.key", &bytes(10_201, 7)).is_err());
        put(&small, "a.key", &bytes(5000, 7)).unwrap();
        assert_eq!(small.names(), ["a.key", "a.key.2"]);
        remove(&small, "a.key").unwrap();
        assert!(small.names().is_empty() && kept(&small).is_none());
    }

    #[test]
    fn a_set_that_is_not_whole_is_none() {
        let small = Small::default();
        put(&small, "a.key", &bytes(5000, 1)).unwrap();
        *small.writes_left.borrow_mut() = Some(1);
        assert_eq!(put(&small, "a.key", &bytes(5000, 2)), Err(VaultFault::Locked));
        assert_eq!(kept(&small), None, "a part of the old and a part of the new");
        *small.writes_left.borrow_mut() = None;
        put(&small, "a.key", &bytes(5000, 3)).unwrap();
        assert_eq!(kept(&small), Some((5000, 3)));
        for name in ["a.key", "a.key.2"] {
            let whole = small.entries.borrow()[name].clone();
            for at in 0..whole.len() {
                small.entries.borrow_mut().get_mut(name).unwrap()[at] ^= 1;
                assert_eq!(kept(&small), None, "byte {at} of {name}");
                small.entries.borrow_mut().insert(name.to_owned(), whole.clone());
            }
        }
        small.entries.borrow_mut().remove("a.key.2");
        assert_eq!(kept(&small), None);
        small.entries.borrow_mut().insert("a.key".to_owned(), b"short".to_vec());
        assert_eq!(kept(&small), None);
    }
}

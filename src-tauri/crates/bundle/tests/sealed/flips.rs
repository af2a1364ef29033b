//! No bit of a bundle can change, and no byte can go, without a refusal.

use bundle::{AllowedSigners, Expectations};

use crate::{
    archive::{encrypt, members, resealed, tar},
    given::{ED25519, RSA, Random, X25519, expected, open, sealed, signers},
};

#[test]
fn every_single_bit_of_a_bundle_matters() {
    for pair in [ED25519, X25519] {
        let (good, key, signers) = (sealed(pair), pair.key(), signers());
        let expected = expected(&signers);
        bundle::open(&good, &key, &expected).unwrap();
        let refused = count_refused_flips(&good, |bytes| bundle::open(bytes, &key, &expected).is_err());
        assert_eq!(refused, good.len() * 8, "{}", pair.name);
        assert!(refused > 30_000, "{refused}");
    }
}

/// An RSA key takes long to open a file: one bit of every byte, and the payload, which is sealed like that of the
/// others, is passed over.
#[test]
fn every_byte_of_an_rsa_header_matters() {
    let (good, key) = (sealed(RSA), RSA.key());
    let payload = 48 + good.windows(5).position(|window| window == b"\n--- ").unwrap();
    for at in 0..payload {
        let mut bytes = good.clone();
        bytes[at] ^= 1 << (at % 8);
        assert!(open(&bytes, &key).is_err(), "byte {at}");
    }
}

#[test]
fn a_bundle_that_was_cut_anywhere_is_refused() {
    for pair in [ED25519, X25519] {
        let (good, key, signers) = (sealed(pair), pair.key(), signers());
        for length in 0..good.len() {
            assert!(
                bundle::open(&good[..length], &key, &expected(&signers)).is_err(),
                "{} {length}",
                pair.name
            );
        }
    }
}

#[test]
fn an_archive_that_was_cut_anywhere_and_sealed_again_is_refused() {
    let whole = tar(&members());
    let key = ED25519.key();
    for length in 0..whole.len() {
        assert!(open(&encrypt(&whole[..length], ED25519), &key).is_err(), "{length}");
    }
}

/// Somebody who may open the bundle changes what is inside, and seals it again to the same gateway.
#[test]
fn every_single_bit_of_the_archive_matters() {
    let whole = tar(&members());
    let (key, signers) = (ED25519.key(), signers());
    for bit in 0..whole.len() * 8 {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(bundle::open(&encrypt(&bytes, ED25519), &key, &expected(&signers)).is_err(), "bit {bit}");
    }
}

#[test]
fn members_changed_at_random_and_sealed_again_are_refused() {
    let (good, key, signers) = (members(), ED25519.key(), signers());
    let expected: Expectations<'_> = expected(&signers);
    let mut random = Random(0x5eed);
    let mut refused = 0;
    for _ in 0..2_000 {
        let mut changed = good.clone();
        for _ in 0..=random.below(2) {
            change_one(&mut changed, &mut random);
        }
        if tar(&changed) == tar(&good) {
            continue;
        }
        assert!(bundle::open(&resealed(&changed), &key, &expected).is_err(), "{:?}", names(&changed));
        refused += 1;
    }
    assert!(refused > 1_500, "{refused}");
}

#[test]
fn noise_is_refused() {
    let (mut random, key) = (Random(3), ED25519.key());
    for _ in 0..500 {
        let noise: Vec<u8> =
            (0..random.below(3_000)).map(|_| u8::try_from(random.below(256)).unwrap()).collect();
        assert!(open(&noise, &key).is_err());
        assert!(open(&encrypt(&noise, ED25519), &key).is_err());
        let headed = [b"age-encryption.org/v1\n-> ssh-ed25519 ", noise.as_slice()].concat();
        assert!(open(&headed, &key).is_err());
        let _ = AllowedSigners::from_text(&String::from_utf8_lossy(&noise));
    }
}

fn count_refused_flips(good: &[u8], refuses: impl Fn(&[u8]) -> bool) -> usize {
    let mut bytes = good.to_vec();
    let mut refused = 0;
    for bit in 0..good.len() * 8 {
        bytes[bit / 8] ^= 1 << (bit % 8);
        refused += usize::from(refuses(&bytes));
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    refused
}

fn change_one(members: &mut Vec<crate::archive::Member>, random: &mut Random) {
    let at = random.below(members.len());
    match random.below(6) {
        0 => drop(members.remove(at)),
        1 => {
            let other = random.below(members.len());
            members.swap(at, other);
        }
        2 => members.push(members[at].clone()),
        3 if !members[at].content.is_empty() => {
            let byte = random.below(members[at].content.len());
            members[at].content[byte] = u8::try_from(random.below(256)).unwrap();
        }
        4 => {
            let length = random.below(members[at].content.len() + 1);
            members[at].content.truncate(length);
        }
        _ => {
            let other = random.below(members.len());
            let content = members[other].content.clone();
            members[at].content = content;
        }
    }
    if members.is_empty() {
        members.push(crate::archive::Member::new("x", b""));
    }
}

fn names(members: &[crate::archive::Member]) -> Vec<String> {
    members.iter().map(|member| String::from_utf8_lossy(&member.name).into_owned()).collect()
}

//! Seeded mixing: the same seed and number give the same value on every machine, without keeping anything.

use uuid::Uuid;

/// A 64-bit value for a seed and two numbers (SplitMix64's finalizer, applied to each in turn).
pub(crate) fn mix(seed: u64, tag: u64, number: u64) -> u64 {
    splitmix(splitmix(splitmix(seed) ^ tag) ^ number)
}

/// SplitMix64's step and finalizer (Steele, Lea and Flood, 2014).
fn splitmix(value: u64) -> u64 {
    let mut mixed = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Object ids that carry their number in a scrambled form, so that an id is looked up without a table of a million.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Identifiers {
    seed: u64,
    tag: u64,
}

impl Identifiers {
    pub(crate) fn new(seed: u64, tag: u64) -> Self {
        Self { seed, tag }
    }

    /// The version 4 shaped uuid of an object number.
    pub(crate) fn id(self, number: u32) -> Uuid {
        let first = scramble(number ^ self.key());
        let high = mix(self.seed, self.tag ^ 1, u64::from(number));
        let low = mix(self.seed, self.tag ^ 2, u64::from(number));
        let bits = (u128::from(first) << 96) | (u128::from(high >> 32) << 64) | u128::from(low);
        let versioned = (bits & !(0xf000 << 64) & !(0xc000 << 48)) | (0x4000 << 64) | (0x8000 << 48);
        Uuid::from_u128(versioned)
    }

    /// The object number of an id that [`Self::id`] made; `None` for every other id.
    pub(crate) fn number(self, id: Uuid) -> Option<u32> {
        let first = (id.as_u128() >> 96) as u32;
        let number = unscramble(first) ^ self.key();
        (self.id(number) == id).then_some(number)
    }

    fn key(self) -> u32 {
        mix(self.seed, self.tag, 0) as u32
    }
}

/// A bijection on 32 bits (Wellons' lowbias32) …
fn scramble(value: u32) -> u32 {
    let mut mixed = value;
    mixed = (mixed ^ (mixed >> 16)).wrapping_mul(0x7feb_352d);
    mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0x846c_a68b);
    mixed ^ (mixed >> 16)
}

/// … and its inverse.
fn unscramble(value: u32) -> u32 {
    let mut mixed = value;
    mixed = (mixed ^ (mixed >> 16)).wrapping_mul(0x4302_1123);
    mixed = (mixed ^ (mixed >> 15) ^ (mixed >> 30)).wrapping_mul(0x1d69_e2a5);
    mixed ^ (mixed >> 16)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_distinct_version_four_and_read_back() {
        let people = Identifiers::new(7, 10);
        let groups = Identifiers::new(7, 20);
        let mut seen = HashSet::new();
        for number in (0..5_000).chain([u32::MAX - 1, u32::MAX]) {
            let id = people.id(number);
            assert_eq!(id.get_version_num(), 4);
            assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
            assert!(seen.insert(id));
            assert_eq!(people.number(id), Some(number));
            assert_eq!(groups.number(id), None, "an id of one kind is none of another");
        }
        assert_eq!(people.number(Uuid::nil()), None);
    }

    #[test]
    fn another_seed_is_another_directory() {
        assert_ne!(Identifiers::new(7, 10).id(0), Identifiers::new(8, 10).id(0));
        assert_eq!(mix(7, 1, 2), mix(7, 1, 2));
    }
}

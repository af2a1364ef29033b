//! What skip tokens and delta tokens of delta queries carry.

use jiff::Timestamp;

use super::Set;
use crate::graph::{
    Call,
    sealed::{open, seal},
};

/// Seconds that a token of a directory object's list is good for (facts: limits.md).
const LIFETIME: i64 = 7 * 86_400;
const NUMBERS: usize = 3;
const HEAD: usize = 1 + 8 + 4 * NUMBERS;

/// Where a delta query goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the first round: the sequence number at its start, the next object, and the next slot of its members.
    First { started: u32, number: u32, slot: u32 },
    /// In a later round: what it began after, what it goes up to, and the last entry that was listed.
    Later { since: u32, until: u32, at: u32 },
    /// Between rounds: everything up to here is listed.
    Link { since: u32 },
}

/// A place with the options of the first request and the time when it was handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) place: Place,
    pub(super) options: String,
    issued: i64,
}

impl Token {
    pub(super) fn new(place: Place, options: &str, now: Timestamp) -> Self {
        Self { place, options: options.to_owned(), issued: now.as_second() }
    }

    pub(super) fn sealed(&self, call: &Call<'_>, set: Set) -> String {
        seal(&call.tenant.run_key, &bound(set), &self.to_bytes())
    }

    /// `None` for a token of another run or another list.
    pub(super) fn opened(call: &Call<'_>, set: Set, text: &str) -> Option<Self> {
        Self::from_bytes(&open(&call.tenant.run_key, &bound(set), text)?)
    }

    /// True when it is too old.
    pub(super) fn ended(&self, now: Timestamp) -> bool {
        now.as_second() - self.issued > LIFETIME
    }

    fn to_bytes(&self) -> Vec<u8> {
        let (kind, numbers) = match self.place {
            Place::First { started, number, slot } => (0, [started, number, slot]),
            Place::Later { since, until, at } => (1, [since, until, at]),
            Place::Link { since } => (2, [since, 0, 0]),
        };
        let mut bytes = vec![kind];
        bytes.extend(self.issued.to_be_bytes());
        bytes.extend(numbers.iter().flat_map(|number| number.to_be_bytes()));
        bytes.extend(self.options.as_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (head, options) = bytes.split_at_checked(HEAD)?;
        let (kind, head) = head.split_first()?;
        let (issued, numbers) = head.split_first_chunk::<8>()?;
        let number = |index: usize| Some(u32::from_be_bytes(*numbers.get(4 * index..)?.first_chunk::<4>()?));
        let place = match kind {
            0 => Place::First { started: number(0)?, number: number(1)?, slot: number(2)? },
            1 => Place::Later { since: number(0)?, until: number(1)?, at: number(2)? },
            _ => Place::Link { since: number(0)? },
        };
        let options = String::from_utf8(options.to_vec()).ok()?;
        Some(Self { place, options, issued: i64::from_be_bytes(*issued) })
    }
}

fn bound(set: Set) -> String {
    format!("{} delta", set.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_ends_after_seven_days() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        for place in [
            Place::First { started: 1, number: 2, slot: u32::MAX },
            Place::Later { since: 3, until: 4, at: 5 },
            Place::Link { since: 6 },
        ] {
            let token = Token::new(place, "$select=id,displayName", now);
            assert_eq!(Token::from_bytes(&token.to_bytes()), Some(token.clone()));
            let at = |seconds: i64| Timestamp::from_second(1_800_000_000 + seconds).unwrap();
            assert!(!token.ended(at(604_800)) && token.ended(at(604_801)));
        }
        assert_eq!(Token::from_bytes(b"short"), None);
    }
}

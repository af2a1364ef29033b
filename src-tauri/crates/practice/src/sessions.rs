//! Sign-ins of people that go on: device codes that wait for somebody, and refresh tokens.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

/// Seconds that a device code waits (facts: wire/token-device-code.http).
pub(crate) const CODE_SECONDS: i64 = 900;
/// Seconds between two polls.
pub(crate) const POLL_SECONDS: i64 = 5;
/// Polls of one interval after which the client is told to slow down.
const PATIENCE: u32 = 4;
/// How many codes and how many refresh tokens are kept; the oldest make room.
const KEPT: usize = 200;

/// Everything that outlives one request of a person's sign-in.
#[derive(Default)]
pub(crate) struct Sessions {
    codes: VecDeque<DeviceCode>,
    refresh_tokens: VecDeque<RefreshToken>,
}

/// A device code that was handed out.
pub(crate) struct DeviceCode {
    pub(crate) device_code: String,
    pub(crate) user_code: String,
    /// What was asked for, as it was sent.
    pub(crate) scope: String,
    pub(crate) issued: Timestamp,
    pub(crate) answer: Option<Answer>,
    polls: VecDeque<Timestamp>,
}

impl DeviceCode {
    pub(crate) fn new(device_code: String, user_code: String, scope: String, issued: Timestamp) -> Self {
        Self { device_code, user_code, scope, issued, answer: None, polls: VecDeque::new() }
    }

    fn ended(&self, now: Timestamp) -> bool {
        now.duration_since(self.issued) >= SignedDuration::from_secs(CODE_SECONDS)
    }

    /// Counts a poll; true when there were too many within one interval.
    fn hurries(&mut self, now: Timestamp) -> bool {
        let interval = SignedDuration::from_secs(POLL_SECONDS);
        self.polls.retain(|poll| now.duration_since(*poll) < interval);
        self.polls.push_back(now);
        self.polls.len() > PATIENCE as usize
    }
}

/// What the person did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Approved,
    Declined,
}

/// What a poll comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Poll {
    Unknown,
    Pending,
    TooOften,
    Ended,
    Declined,
    /// With the scope that was asked for. The code is used up.
    Approved(String),
}

/// A refresh token that was handed out. It stays good when another is made from it.
#[derive(Clone)]
pub(crate) struct RefreshToken {
    pub(crate) token: String,
    pub(crate) username: String,
    pub(crate) scope: String,
    /// Issued to the app without a credential.
    pub(crate) public: bool,
}

impl Sessions {
    pub(crate) fn add_code(&mut self, code: DeviceCode) {
        push(&mut self.codes, code);
    }

    pub(crate) fn add_refresh_token(&mut self, token: RefreshToken) {
        push(&mut self.refresh_tokens, token);
    }

    pub(crate) fn refresh_token(&self, token: &str) -> Option<&RefreshToken> {
        self.refresh_tokens.iter().find(|known| known.token == token)
    }

    /// Answers a code that waits; false when there is none with these letters. Case, blanks and hyphens do not matter.
    pub(crate) fn answer(&mut self, user_code: &str, answer: Answer, now: Timestamp) -> bool {
        let typed: String = user_code.chars().filter(char::is_ascii_alphanumeric).collect();
        let waiting = self.codes.iter_mut().rev().find(|code| {
            code.answer.is_none() && !code.ended(now) && code.user_code.eq_ignore_ascii_case(&typed)
        });
        match waiting {
            Some(code) => {
                code.answer = Some(answer);
                true
            }
            None => false,
        }
    }

    pub(crate) fn poll(&mut self, device_code: &str, now: Timestamp) -> Poll {
        let Some(position) = self.codes.iter().position(|code| code.device_code == device_code) else {
            return Poll::Unknown;
        };
        let code = &mut self.codes[position];
        if code.ended(now) {
            return Poll::Ended;
        }
        match code.answer {
            Some(Answer::Declined) => Poll::Declined,
            Some(Answer::Approved) => {
                let scope = std::mem::take(&mut code.scope);
                self.codes.remove(position);
                Poll::Approved(scope)
            }
            None => {
                if code.hurries(now) {
                    Poll::TooOften
                } else {
                    Poll::Pending
                }
            }
        }
    }
}

fn push<T>(list: &mut VecDeque<T>, item: T) {
    if list.len() >= KEPT {
        list.pop_front();
    }
    list.push_back(item);
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    fn after(seconds: i64) -> Timestamp {
        START + SignedDuration::from_secs(seconds)
    }

    fn waiting() -> Sessions {
        let mut sessions = Sessions::default();
        sessions.add_code(DeviceCode::new("d".to_owned(), "BCDFGHJKL".to_owned(), "s".to_owned(), START));
        sessions
    }

    #[test]
    fn a_code_waits_is_approved_and_is_used_up() {
        let mut sessions = waiting();
        assert_eq!(sessions.poll("other", START), Poll::Unknown);
        assert_eq!(sessions.poll("d", START), Poll::Pending);
        assert!(!sessions.answer("BCD", Answer::Approved, START));
        assert!(sessions.answer("bcd-fgh jkl", Answer::Approved, START));
        assert!(!sessions.answer("BCDFGHJKL", Answer::Declined, START), "it is answered");
        assert_eq!(sessions.poll("d", START), Poll::Approved("s".to_owned()));
        assert_eq!(sessions.poll("d", START), Poll::Unknown);
    }

    #[test]
    fn a_code_ends_and_a_refusal_stays() {
        let mut sessions = waiting();
        assert_eq!(sessions.poll("d", after(899)), Poll::Pending);
        assert_eq!(sessions.poll("d", after(900)), Poll::Ended);
        assert!(!sessions.answer("BCDFGHJKL", Answer::Approved, after(900)));
        let mut sessions = waiting();
        sessions.answer("BCDFGHJKL", Answer::Declined, START);
        assert_eq!((sessions.poll("d", START), sessions.poll("d", START)), (Poll::Declined, Poll::Declined));
    }

    #[test]
    fn many_polls_in_one_interval_are_too_many() {
        let mut sessions = waiting();
        let polls: Vec<Poll> = (0..5).map(|_| sessions.poll("d", START)).collect();
        assert_eq!(polls[3..], [Poll::Pending, Poll::TooOften]);
        assert_eq!(sessions.poll("d", after(5)), Poll::Pending);
    }
}

//! The faults that the practice tenant can show, each one a state that admins meet in the field: one table of data.
//! Most ids are those of the finding that a check comes to.

mod plays;
mod table;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub(crate) use plays::{
    Account, App, Certificate, Claims, ConsentPage, Credential, Grants, Graph, Network, Plays, Printed,
    Refusal, SignIn, Token,
};
use table::{COUNT, ROWS};

/// One state of the practice tenant, or two of them at once.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scenario {
    first: u8,
    /// Of two at once, the one that comes later in the table.
    second: Option<u8>,
}

/// One row of the table.
#[derive(Clone, Copy)]
struct Row {
    id: &'static str,
    link: &'static str,
    title: &'static str,
    story: &'static str,
    plays: Plays,
}

#[expect(non_upper_case_globals, reason = "they are named like the variants of an enum, and used like them")]
impl Scenario {
    /// Everything is set up well.
    pub const Healthy: Self = Self::named("healthy");
    /// Permissions are listed on the registration and were never granted.
    pub const ConsentMissing: Self = Self::named("consent-missing");
    /// The grant exists, and arrives late.
    pub const ConsentSlow: Self = Self::named("consent-slow");
    /// The secret at hand is not the one that the app has.
    pub const SecretWrong: Self = Self::named("secret-wrong");
    /// The secret at hand has ended.
    pub const SecretExpired: Self = Self::named("secret-expired");
    /// Permissions were added as delegated ones.
    pub const DelegatedOnly: Self = Self::named("delegated-only");
    /// The directory knows no app with this client id.
    pub const AppUnknown: Self = Self::named("app-unknown");
    /// Public client flows are off, and the app may read its own registration.
    pub const PublicClientOff: Self = Self::named("public-client-off");
}

impl Scenario {
    /// All scenarios, healthy first, then along the chain of proof. Pairs are not among them.
    pub const ALL: &[Self] = &{
        let mut all = [Self { first: 0, second: None }; COUNT];
        let mut number = 0;
        while number < COUNT {
            all[number].first = number as u8;
            number += 1;
        }
        all
    };

    /// The id on the command line and in JSON; of two at once, that of the earlier link. `Display` names both.
    pub fn id(self) -> &'static str {
        self.row().id
    }

    /// The link of the chain that it breaks: `network`, `tenant`, `app`, `credential`, `token`, `consent` or
    /// `directory`; empty when nothing is broken. Of two at once, the earlier link.
    pub fn link(self) -> &'static str {
        self.row().link
    }

    /// A short name for a list.
    pub fn title(self) -> &'static str {
        self.row().title
    }

    /// What happened before the admin sat down, in one or two sentences.
    pub fn story(self) -> &'static str {
        self.row().story
    }

    /// What the rooms of the server play.
    pub(crate) fn plays(self) -> Plays {
        let first = self.row().plays;
        let second = self.second.and_then(|second| ROWS.get(usize::from(second)));
        second.and_then(|second| first.and(second.plays)).unwrap_or(first)
    }

    fn row(self) -> &'static Row {
        &ROWS[usize::from(self.first)]
    }

    /// A row by its id; one that does not exist does not compile.
    const fn named(id: &str) -> Self {
        let mut number = 0;
        while !same(ROWS[number].id.as_bytes(), id.as_bytes()) {
            number += 1;
        }
        Self { first: number as u8, second: None }
    }

    fn single(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scenario| scenario.id() == id)
    }

    /// Two at once, in the order of the table; `None` when they do not go together.
    fn pair(one: Self, other: Self) -> Option<Self> {
        let (first, second) = if one.first < other.first { (one, other) } else { (other, one) };
        let distinct = first.first != second.first && first != Self::Healthy;
        let fits = distinct && first.row().plays.and(second.row().plays).is_some();
        fits.then_some(Self { first: first.first, second: Some(second.first) })
    }

    /// In one number, for an atomic.
    pub(crate) fn to_bits(self) -> u16 {
        u16::from_be_bytes([self.first, self.second.unwrap_or_default()])
    }

    /// The opposite of [`Scenario::to_bits`]. Number 0 is healthy, which is never the second of two.
    pub(crate) fn from_bits(bits: u16) -> Self {
        let [first, second] = bits.to_be_bytes();
        Self { first, second: (second > 0).then_some(second) }
    }
}

const fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut position = 0;
    while position < one.len() {
        if one[position] != other[position] {
            return false;
        }
        position += 1;
    }
    true
}

impl Default for Scenario {
    fn default() -> Self {
        Self::Healthy
    }
}

impl fmt::Debug for Scenario {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Scenario({self})")
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())?;
        match self.second.and_then(|second| ROWS.get(usize::from(second))) {
            Some(second) => write!(formatter, "+{}", second.id),
            None => Ok(()),
        }
    }
}

/// One id, or two joined by `+` (`secret-expired+consent-missing`) that want different rooms of the server.
impl FromStr for Scenario {
    type Err = UnknownScenario;

    fn from_str(id: &str) -> Result<Self, Self::Err> {
        let found = match id.split_once('+') {
            None => Self::single(id),
            Some((one, other)) => {
                Self::single(one).zip(Self::single(other)).and_then(|(one, other)| Self::pair(one, other))
            }
        };
        found.ok_or_else(|| UnknownScenario(id.to_owned()))
    }
}

impl Serialize for Scenario {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scenario {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// A scenario id that does not exist, or two that do not go together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownScenario(pub String);

impl std::error::Error for UnknownScenario {}

impl fmt::Display for UnknownScenario {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known: Vec<&str> = Scenario::ALL.iter().map(|scenario| scenario.id()).collect();
        let known = known.join(", ");
        if self.0.contains('+') {
            return write!(
                formatter,
                "The scenarios of “{}” cannot be played together. Two go together when both are known and each is played in another part of the tenant. Known are {known}.",
                self.0
            );
        }
        write!(formatter, "There is no scenario “{}”. Known are {known}.", self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const LINKS: [&str; 8] = ["", "network", "tenant", "app", "credential", "token", "consent", "directory"];

    #[test]
    fn every_id_reads_back_and_serde_agrees() {
        for scenario in Scenario::ALL {
            assert_eq!(scenario.to_string().parse::<Scenario>().as_ref(), Ok(scenario));
            assert_eq!(serde_json::to_value(scenario).unwrap(), scenario.id());
            assert_eq!(serde_json::from_value::<Scenario>(scenario.id().into()).unwrap(), *scenario);
            assert_eq!(Scenario::from_bits(scenario.to_bits()), *scenario);
            assert!(scenario.story().ends_with('.') && !scenario.title().ends_with('.'));
            assert!(UnknownScenario(String::new()).to_string().contains(scenario.id()));
        }
        assert!("Healthy".parse::<Scenario>().is_err());
    }

    #[test]
    fn the_table_follows_the_chain_and_repeats_nothing() {
        let place = |scenario: &Scenario| LINKS.iter().position(|link| *link == scenario.link()).unwrap();
        assert!(Scenario::ALL.is_sorted_by_key(place));
        let ids: HashSet<&str> = Scenario::ALL.iter().map(|scenario| scenario.id()).collect();
        let titles: HashSet<&str> = Scenario::ALL.iter().map(|scenario| scenario.title()).collect();
        assert_eq!((ids.len(), titles.len()), (Scenario::ALL.len(), Scenario::ALL.len()));
        assert_eq!(Scenario::ALL[0], Scenario::Healthy);
        assert_eq!(Scenario::default(), Scenario::Healthy);
    }

    #[test]
    fn the_readme_has_the_same_table() {
        let readme = include_str!("../../README.md");
        let told: Vec<&str> = readme
            .lines()
            .filter_map(|line| line.strip_prefix("| `"))
            .filter_map(|line| line.split_once("` | "))
            .filter(|(id, rest)| {
                *id == "healthy" || LINKS[1..].contains(&rest.split(' ').next().unwrap_or(""))
            })
            .map(|(id, _)| id)
            .collect();
        let all: Vec<&str> = Scenario::ALL.iter().map(|scenario| scenario.id()).collect();
        assert_eq!(told, all);
    }

    #[test]
    fn two_go_together_when_they_want_different_rooms() {
        let two: Scenario = "consent-missing+secret-expired".parse().unwrap();
        assert_eq!(two.to_string(), "secret-expired+consent-missing");
        assert_eq!((two.id(), two.link()), ("secret-expired", "credential"));
        assert_eq!(Scenario::from_bits(two.to_bits()), two);
        assert!(two.plays().credential.is_some() && two.plays().grants == Some(Grants::Nothing));
        for wrong in [
            "healthy+secret-expired",
            "secret-expired+secret-expired",
            "secret-expired+secret-wrong",
            "secret-expired+",
            "secret-expired+no-such",
            "secret-expired+consent-missing+throttled",
        ] {
            let problem = wrong.parse::<Scenario>().unwrap_err();
            assert!(problem.to_string().contains("cannot be played together"), "{wrong}");
        }
    }
}

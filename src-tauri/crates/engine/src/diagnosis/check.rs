//! What a check is, and what it can find.

use serde::{Deserialize, Serialize};

use super::{Case, script};
use crate::{evidence::Source, portal::PortalPage};

/// One check: its id is its file's name, its finding's name and its help's anchor.
pub struct Check {
    /// Frozen id, `secret-expired`.
    pub id: &'static str,
    /// The link it belongs to.
    pub link: Link,
    /// What the admin reads.
    pub words: Words,
    /// The judgement. Pure: it sees the case and nothing else.
    pub run: fn(&Case<'_>) -> Outcome,
}

/// The words of a finding. `{name}` is replaced by the value that the check's function gives for it.
pub struct Words {
    /// What is true, as a sentence, without a code.
    pub title: &'static str,
    /// One consequence for the gateways, and whether waiting helps.
    pub meaning: &'static str,
    /// At most four steps, each one click or one paste.
    pub fix: &'static [&'static str],
    /// Who may mend it.
    pub who: Who,
    /// Where it is mended.
    pub page: Option<PortalPage>,
}

/// Who has to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The person at the keyboard, without any role.
    You,
    /// Whoever runs the network.
    NetworkAdministrator,
    /// Whoever may change the registration.
    ApplicationAdministrator,
    /// Whoever may reset a password or switch an account on.
    UserAdministrator,
    /// Whoever may change what a sign-in must pass.
    ConditionalAccessAdministrator,
    /// Whoever may consent to Graph application permissions.
    PrivilegedRoleAdministrator,
    /// Microsoft.
    Microsoft,
}

impl Who {
    /// The role as Microsoft writes it.
    pub fn words(self) -> &'static str {
        match self {
            Self::You => "You",
            Self::NetworkAdministrator => "Network administrator",
            Self::ApplicationAdministrator => "Application Administrator or Cloud Application Administrator",
            Self::UserAdministrator => "User Administrator",
            Self::ConditionalAccessAdministrator => {
                "Conditional Access Administrator or Security Administrator"
            }
            Self::PrivilegedRoleAdministrator => "Privileged Role Administrator or Global Administrator",
            Self::Microsoft => "Microsoft",
        }
    }
}

/// The eight links of the chain of proof, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Link {
    /// The hosts answer over TLS that nobody rewrites, and the clock is right.
    Network,
    /// The tenant exists in this cloud.
    Tenant,
    /// The app is known in it.
    App,
    /// The credential is accepted.
    Credential,
    /// The token is what it should be.
    Token,
    /// The token carries every role.
    Consent,
    /// The directory can be read.
    Directory,
    /// The gateway has the current settings.
    Gateway,
}

impl Link {
    /// All eight, in order.
    pub const ALL: [Self; 8] = [
        Self::Network,
        Self::Tenant,
        Self::App,
        Self::Credential,
        Self::Token,
        Self::Consent,
        Self::Directory,
        Self::Gateway,
    ];

    /// The id in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Tenant => "tenant",
            Self::App => "app",
            Self::Credential => "credential",
            Self::Token => "token",
            Self::Consent => "consent",
            Self::Directory => "directory",
            Self::Gateway => "gateway",
        }
    }

    /// The name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Network => "Network",
            Self::Tenant => "Tenant",
            Self::App => "App",
            Self::Credential => "Credential",
            Self::Token => "Token",
            Self::Consent => "Consent",
            Self::Directory => "Directory",
            Self::Gateway => "Gateway",
        }
    }
}

/// What a check came to.
pub enum Outcome {
    /// Looked, and it is fine.
    Pass,
    /// Found something.
    Problem(Box<Problem>),
    /// There is nothing to look at, and there need not be.
    Skipped,
    /// Should have looked and could not; never green.
    CouldNotTell(String),
}

/// What was found, in facts.
#[derive(Clone, Debug)]
pub struct Problem {
    /// How much it weighs.
    pub severity: Severity,
    /// The bare facts, with their sources.
    pub saw: Vec<Saw>,
    /// Values for the words' placeholders.
    pub values: Vec<(&'static str, String)>,
    /// The link's word in the chain, when something shorter than the state's own word says more.
    pub word: Option<String>,
    /// The service's refusal behind it.
    pub fault: Option<entra::Fault>,
}

impl Problem {
    /// A broken link.
    pub fn broken(saw: Saw) -> Self {
        Self::new(Severity::Broken, saw)
    }

    /// Something that works and needs attention.
    pub fn attention(saw: Saw) -> Self {
        Self::new(Severity::Attention, saw)
    }

    /// Something that could not be told.
    pub fn unknown(saw: Saw) -> Self {
        Self::new(Severity::Unknown, saw)
    }

    fn new(severity: Severity, saw: Saw) -> Self {
        Self { severity, saw: vec![saw], values: Vec::new(), word: None, fault: None }
    }

    /// Adds a fact.
    #[must_use]
    pub fn and_saw(mut self, saw: Saw) -> Self {
        self.saw.push(saw);
        self
    }

    /// Gives a placeholder its value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.values.push((name, value.into()));
        self
    }

    /// Gives the link its word.
    #[must_use]
    pub fn word(mut self, word: impl Into<String>) -> Self {
        self.word = Some(word.into());
        self
    }

    /// Keeps the service's refusal, with its codes and ids.
    #[must_use]
    pub fn because_of(mut self, fault: &entra::Fault) -> Self {
        self.fault = Some(fault.clone());
        self
    }

    /// As a check's outcome.
    pub fn found(self) -> Outcome {
        Outcome::Problem(Box::new(self))
    }
}

/// One fact and where it was seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Saw {
    /// Where.
    pub source: Source,
    /// The fact, with `` `code` `` around what Microsoft's services wrote.
    pub text: String,
}

impl Saw {
    /// A fact.
    pub fn new(source: Source, text: impl Into<String>) -> Self {
        Self { source, text: text.into() }
    }
}

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Nothing gets through.
    Broken,
    /// It works, but.
    Attention,
    /// It could not be told.
    Unknown,
}

/// A problem in words, ready to be shown by the page, the terminal or a report.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The check's id.
    pub id: &'static str,
    /// The link it belongs to.
    pub link: Link,
    /// How much it weighs.
    pub severity: Severity,
    /// What is true, as a sentence.
    pub title: String,
    /// The bare facts.
    pub saw: Vec<Saw>,
    /// The consequence.
    pub meaning: String,
    /// The way out.
    pub fix: Vec<String>,
    /// Who has to act.
    pub who: Who,
    /// Where it is mended.
    pub page: Option<PortalPage>,
    /// Commands that mend it, or that show more, with the connection's own ids; never with a secret.
    pub script: Option<String>,
    /// The service's refusal behind it.
    pub fault: Option<entra::Fault>,
    /// The link's word in the chain.
    pub(crate) word: Option<String>,
}

impl Finding {
    pub(super) fn of(check: &Check, problem: Problem, case: &Case<'_>) -> Self {
        let fill = |text: &str| fill_in(text, &problem.values);
        Self {
            id: check.id,
            link: check.link,
            severity: problem.severity,
            title: fill(check.words.title),
            meaning: fill(check.words.meaning),
            fix: check.words.fix.iter().map(|step| fill(step)).collect(),
            who: check.words.who,
            page: check.words.page,
            script: script::of(case, check.id),
            word: problem.word,
            fault: problem.fault,
            saw: problem.saw,
        }
    }
}

fn fill_in(text: &str, values: &[(&'static str, String)]) -> String {
    let mut filled = text.to_owned();
    for (name, value) in values {
        filled = filled.replace(&format!("{{{name}}}"), value);
    }
    filled
}

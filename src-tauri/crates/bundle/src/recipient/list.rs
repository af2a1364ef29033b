use super::{Recipient, RecipientProblem};

/// What a text of many keys holds: a `.pub` file, a `known_hosts` file, the output of `ssh-keyscan`, or pasted lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyLines {
    /// The keys that bundles can be sealed to, in the order of the text. One gateway often has several.
    pub found: Vec<KeyLine>,
    /// The lines that are neither a usable key nor a remark.
    pub problems: Vec<KeyLineProblem>,
}

/// A key and where it stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyLine {
    /// The line's number, from 1.
    pub line: usize,
    /// The host's names and addresses as they are written there, such as `plant-3` or `[10.0.0.5]:2222`. Empty when the
    /// line names none or the name is hashed.
    pub hosts: Vec<String>,
    /// The key.
    pub recipient: Recipient,
}

/// A line that is no usable key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyLineProblem {
    /// The line's number, from 1.
    pub line: usize,
    /// The host's names, as far as the line tells.
    pub hosts: Vec<String>,
    /// What is the matter, and what to do.
    pub problem: RecipientProblem,
}

impl KeyLines {
    /// Reads every line. Remarks (`#`, and `;` as some `ssh-keyscan` write) and empty lines are passed over.
    ///
    /// The format of `known_hosts` is that of sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT".
    pub fn read(text: &str) -> Self {
        let mut lines = Self::default();
        let mut in_private_key = false;
        for (index, text) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let text = text.trim();
            let number = index + 1;
            let begins = text.starts_with("-----BEGIN ");
            if begins && text.contains("PRIVATE KEY") {
                lines.problem(number, Vec::new(), RecipientProblem::PrivateKey);
            }
            let skipped = in_private_key || begins && text.contains("PRIVATE KEY");
            in_private_key = skipped && !text.starts_with("-----END ");
            if skipped || text.is_empty() || text.starts_with(['#', ';']) {
                continue;
            }
            let Parsed { hosts, result } = read_line(text);
            match result {
                Ok(recipient) => lines.found.push(KeyLine { line: number, hosts, recipient }),
                Err(problem) => lines.problem(number, hosts, problem),
            }
        }
        lines
    }

    fn problem(&mut self, line: usize, hosts: Vec<String>, problem: RecipientProblem) {
        self.problems.push(KeyLineProblem { line, hosts, problem });
    }
}

struct Parsed {
    hosts: Vec<String>,
    result: Result<Recipient, RecipientProblem>,
}

impl Parsed {
    fn without_host(result: Result<Recipient, RecipientProblem>) -> Self {
        Self { hosts: Vec::new(), result }
    }
}

fn read_line(line: &str) -> Parsed {
    let (marker, rest) = match line.split_once(char::is_whitespace) {
        Some((marker, rest)) if marker.starts_with('@') => (Some(marker), rest.trim_start()),
        _ => (None, line),
    };
    let mut words = rest.split_whitespace();
    let (Some(first), second) = (words.next(), words.next()) else {
        return Parsed::without_host(Err(RecipientProblem::NotAKey));
    };
    if let Some(parsed) = not_ssh(first, second) {
        return parsed;
    }
    if let Some(kind) = KeyType::of(first) {
        let comment = after_words(rest, 2);
        return Parsed::without_host(
            kind.recipient(first, second, comment).and_then(|key| marked(marker, key)),
        );
    }
    // What remains is a line of known_hosts: names, type, key, and perhaps a remark.
    let third = words.next();
    let Some(kind) = second.and_then(KeyType::of) else {
        return Parsed::without_host(Err(RecipientProblem::NotAKey));
    };
    let remark = after_words(rest, 3);
    let comment = if remark.is_empty() { first } else { remark };
    let result =
        kind.recipient(second.unwrap_or_default(), third, comment).and_then(|key| marked(marker, key));
    Parsed { hosts: hosts(first), result }
}

/// age recipients, and what people paste instead of a key.
fn not_ssh(first: &str, second: Option<&str>) -> Option<Parsed> {
    let upper = first.to_ascii_uppercase();
    let problem = if upper.starts_with("AGE-SECRET-KEY-") || upper.starts_with("AGE-PLUGIN-") {
        RecipientProblem::PrivateKey
    } else if [Some(first), second].into_iter().flatten().any(is_fingerprint) {
        RecipientProblem::Fingerprint
    } else if upper.starts_with("AGE1") && second.is_none_or(|second| KeyType::of(second).is_none()) {
        return Some(Parsed::without_host(match first.parse() {
            Ok(key) => Ok(Recipient::from_x25519(key)),
            Err(_) if first.len() == 62 => Err(RecipientProblem::Damaged),
            Err(_) if first.len() > 62 || first.matches('1').count() > 1 => Err(RecipientProblem::AgePlugin),
            Err(_) => Err(RecipientProblem::Damaged),
        }));
    } else {
        return None;
    };
    Some(Parsed::without_host(Err(problem)))
}

fn is_fingerprint(word: &str) -> bool {
    word.starts_with("SHA256:") || word.starts_with("MD5:")
}

#[derive(Clone, Copy)]
enum KeyType {
    Supported,
    Refused(fn() -> RecipientProblem),
}

impl KeyType {
    fn of(word: &str) -> Option<Self> {
        if word.ends_with("-cert-v01@openssh.com") {
            return Some(Self::Refused(|| RecipientProblem::Certificate));
        }
        match word {
            "ssh-ed25519" | "ssh-rsa" => Some(Self::Supported),
            "ssh-dss" => Some(Self::Refused(|| RecipientProblem::Dsa)),
            _ if word.starts_with("ecdsa-sha2-") => Some(Self::Refused(|| RecipientProblem::Ecdsa)),
            _ if word.starts_with("sk-") && word.ends_with("@openssh.com") => {
                Some(Self::Refused(|| RecipientProblem::Hardware))
            }
            _ => None,
        }
    }

    fn recipient(self, word: &str, data: Option<&str>, comment: &str) -> Result<Recipient, RecipientProblem> {
        match self {
            Self::Supported => Recipient::from_ssh(word, data.ok_or(RecipientProblem::Damaged)?, comment),
            Self::Refused(problem) => Err(problem()),
        }
    }
}

fn marked(marker: Option<&str>, recipient: Recipient) -> Result<Recipient, RecipientProblem> {
    match marker {
        None => Ok(recipient),
        Some("@revoked") => Err(RecipientProblem::Revoked),
        Some("@cert-authority") => Err(RecipientProblem::CertificateAuthority),
        Some(_) => Err(RecipientProblem::UnknownMarker),
    }
}

/// The names in the first field of a line of `known_hosts`; a hashed name (`|1|…`) and a negated one tell nothing.
fn hosts(field: &str) -> Vec<String> {
    let names = field.split(',').filter(|name| !name.is_empty() && !name.starts_with(['|', '!']));
    names.map(str::to_owned).collect()
}

/// The text after so many words, as `ssh-keygen` takes a comment.
fn after_words(text: &str, count: usize) -> &str {
    (0..count)
        .fold(text, |rest, _| rest.trim_start().split_once(char::is_whitespace).map_or("", |(_, rest)| rest))
        .trim()
}

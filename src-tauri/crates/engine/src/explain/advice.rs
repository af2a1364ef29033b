//! From what was mentioned to what to do: a check's own words where one fits, else the catalogue's.

use super::{About, Advice, FindingRef, mentions::Mention, place};
use crate::{
    catalogue::{self, Category, Certainty, Code, Entry, LeadsTo},
    diagnosis::{Check, checks},
    portal::PortalPage,
};

/// Every check of this id, the earlier link first.
pub(super) fn of_id(id: &str) -> Vec<Advice> {
    let wanted = id.to_ascii_lowercase().replace('_', "-");
    let fitting = checks::TABLE.iter().filter(|check| check.id == wanted);
    fitting.map(|check| of_check(check, About::Finding, Vec::new())).collect()
}

/// What a text mentions, the most telling first.
pub(super) fn of_mentions(mentions: &[Mention], oauth: Option<&'static Code>) -> Vec<Advice> {
    let mut ranked: Vec<(Rank, Advice)> = mentions.iter().map(|mention| of_mention(mention, oauth)).collect();
    ranked.sort_by_key(|(rank, advice)| {
        (*rank, advice.finding.is_none(), advice.finding.map(|finding| finding.link))
    });
    ranked.into_iter().map(|(_, advice)| advice).collect()
}

/// How much an explanation tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// One cause, with a check behind it.
    Cause,
    /// Words of its own, or a likeliest cause.
    Words,
    /// A refusal in general.
    General,
    /// The category only.
    Category,
    /// Nothing but that it is there.
    Unknown,
}

fn of_mention(mention: &Mention, oauth: Option<&'static Code>) -> (Rank, Advice) {
    match mention {
        Mention::Entra(number) => of_number(*number, oauth),
        Mention::Graph(code) => {
            let about = About::Graph(code.code.to_owned());
            of_code(code, about, Twin::Directory)
        }
        Mention::Oauth(code) => of_code(code, About::Oauth(code.code), Twin::Network),
        Mention::UnknownGraph(code) => (Rank::Unknown, unknown_graph(code)),
        Mention::Symptom(symptom) => {
            let (about, saw) =
                (About::Symptom(symptom.mark), vec![format!("The text says `{}`.", symptom.mark)]);
            match check(symptom.finding, Twin::Network) {
                Some(check) => (Rank::Cause, of_check(check, about, saw)),
                None => (Rank::Unknown, unknown_graph(symptom.mark)),
            }
        }
    }
}

fn of_number(number: u32, oauth: Option<&'static Code>) -> (Rank, Advice) {
    let Some(code) = catalogue::entra(number) else { return (Rank::Unknown, unknown_number(number, oauth)) };
    let name = code.name.map(|name| format!(" (`{name}`)")).unwrap_or_default();
    let saw = format!("AADSTS{number}{name}");
    let about = About::Entra { number, name: code.name, category: Some(code.category), known: true };
    of_entry(code.entry, code.leads_to, about, &saw, Twin::Network)
}

fn of_code(code: &Code, about: About, twin: Twin) -> (Rank, Advice) {
    of_entry(code.entry, code.leads_to, about, &format!("`{}`", code.code), twin)
}

fn of_entry(entry: Entry, leads: Option<LeadsTo>, about: About, code: &str, twin: Twin) -> (Rank, Advice) {
    let found = leads.and_then(|leads| Some((check(leads.finding, twin)?, leads.certainty)));
    match found {
        Some((check, certainty)) if certainty == Certainty::Likeliest || is_general(check) => {
            let mut advice = of_words(entry, about, vec![format!("{code}.")]);
            advice.finding = Some(FindingRef { id: check.id, link: check.link, certainty });
            advice.who = Some(check.words.who);
            advice.place = check.words.page.map(place::of_nobody);
            (if is_general(check) { Rank::General } else { Rank::Words }, advice)
        }
        Some((check, _)) => {
            let says_more = in_general(check.words.title) != entry.title;
            let saw = if says_more { format!("{code}: {}.", entry.title) } else { format!("{code}.") };
            (Rank::Cause, of_check(check, about, vec![saw]))
        }
        None => {
            let rank = if entry.own_words { Rank::Words } else { Rank::Category };
            (rank, of_words(entry, about, vec![format!("{code}.")]))
        }
    }
}

/// A finding that says only that something was refused; a code's own words say more.
fn is_general(check: &Check) -> bool {
    matches!(check.id, "credential-refused" | "error-unknown")
}

fn of_words(entry: Entry, about: About, saw: Vec<String>) -> Advice {
    Advice {
        about,
        finding: None,
        title: entry.title.to_owned(),
        saw,
        meaning: entry.meaning.to_owned(),
        fix: vec![entry.advice.to_owned()],
        who: None,
        place: None,
    }
}

fn unknown_number(number: u32, oauth: Option<&'static Code>) -> Advice {
    let category = Category::near(number);
    let family = match category {
        Some(category) => {
            format!(
                "Most numbers of its family concern {}; this one may be an exception.",
                category.concerns()
            )
        }
        None => "It belongs to no family of numbers that is known here.".to_owned(),
    };
    let mut saw = vec![format!("AADSTS{number}, which is in no list that Gatehouse has.")];
    saw.extend(oauth.map(|code| format!("`{}`: {}.", code.code, code.entry.title)));
    let id = if oauth.is_some_and(|code| code.code == "invalid_client") {
        "credential-refused"
    } else {
        "error-unknown"
    };
    let behind = check(id, Twin::Network);
    let mut fix: Vec<String> = category.map(|category| category.advice().to_owned()).into_iter().collect();
    fix.push(
        "Open **Sign-in logs** and find the entry with the correlation ID; read its **Failure reason**."
            .to_owned(),
    );
    fix.push(
        "If that does not help, give Microsoft support the trace ID, the correlation ID and the time."
            .to_owned(),
    );
    Advice {
        about: About::Entra { number, name: None, category, known: false },
        finding: behind.map(|check| FindingRef {
            id: check.id,
            link: check.link,
            certainty: Certainty::Certain,
        }),
        title: "Entra ID refused, and the number is not a known one".to_owned(),
        saw,
        meaning: family,
        fix,
        who: behind.map(|check| check.words.who),
        place: Some(place::of_nobody(PortalPage::SignInLogs)),
    }
}

fn unknown_graph(code: &str) -> Advice {
    Advice {
        about: About::Graph(code.to_owned()),
        finding: None,
        title: "Microsoft Graph refused, and the code is not a known one".to_owned(),
        saw: vec![format!("The code is `{code}`.")],
        meaning:
            "The two likeliest causes are a permission that the token lacks and a request that is not right."
                .to_owned(),
        fix: vec![
            "Read the message beside the code.".to_owned(),
            "Read `roles` in the token that was sent.".to_owned(),
            "If that does not help, give Microsoft support the request ID and the time.".to_owned(),
        ],
        who: None,
        place: None,
    }
}

/// Which of two checks with one id is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Twin {
    Network,
    Directory,
}

fn check(id: &str, twin: Twin) -> Option<&'static Check> {
    let mut fitting = checks::TABLE.iter().copied().filter(|check| check.id == id);
    match twin {
        Twin::Network => fitting.next(),
        Twin::Directory => fitting.next_back(),
    }
}

/// A check's own words.
pub(super) fn of_check(check: &'static Check, about: About, saw: Vec<String>) -> Advice {
    let words = &check.words;
    Advice {
        about,
        finding: Some(FindingRef { id: check.id, link: check.link, certainty: Certainty::Certain }),
        title: in_general(words.title),
        saw,
        meaning: in_general(words.meaning),
        fix: words.fix.iter().map(|step| in_general(step)).collect(),
        who: Some(words.who),
        place: words.page.map(place::of_nobody),
    }
}

/// A check by its id, the earlier link first.
pub(super) fn check_of(id: &str) -> Option<&'static Check> {
    check(id, Twin::Network)
}

/// A check's words without a connection to take values from. A placeholder without words of its own is named.
pub(super) fn in_general(text: &str) -> String {
    const WORDS: [(&str, &str); 12] = [
        ("The name {host}", "The name of the host"),
        ("`https://{host}`", "the host’s address"),
        ("`{host}`", "the host"),
        ("{difference}", "wrong"),
        ("{when}", "soon"),
        (
            "{hand_out}",
            "Bring it to every gateway: seal new bundles and take the receipts, or write the config again.",
        ),
        ("{wait}", "as long as the answer says"),
        ("{tenant}", "that"),
        ("{found}", "the cloud where it was found"),
        ("{missing}", "the missing permissions"),
        ("{roles}", "these roles"),
        ("`{hosts}`", "the hosts"),
    ];
    let mut filled = text.to_owned();
    for (placeholder, words) in WORDS {
        filled = filled.replace(placeholder, words);
    }
    while let Some((before, rest)) = filled.split_once('{') {
        let (name, after) = rest.split_once('}').unwrap_or((rest, ""));
        let last = before.trim_end().rsplit(' ').next().unwrap_or_default().to_lowercase();
        let article = if matches!(last.as_str(), "the" | "this" | "a" | "your") { "" } else { "the " };
        filled = format!("{before}{article}{}{after}", name.replace('_', " "));
    }
    let mut characters = filled.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

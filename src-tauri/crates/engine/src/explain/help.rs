//! The help pages of the checks, as Markdown: one page for each id, and an index in chain order. They are committed
//! as `docs/checks`, and a test fails when they are stale.

use std::fmt::Write;

use entra::{Cloud, Endpoints};

use super::{advice::in_general, place};
use crate::{
    catalogue::{self, Certainty, LeadsTo},
    diagnosis::{Check, Link, checks},
    portal::{PortalPage, Whose},
};

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The id of its checks; the file's name without `.md`.
    pub id: &'static str,
    /// The text.
    pub markdown: String,
}

/// Every page, in chain order. `told` gives, for a check, how it tells: a paragraph, or nothing.
pub fn pages(told: &dyn Fn(&Check) -> Option<String>) -> Vec<Page> {
    ids().into_iter().map(|id| Page { id, markdown: page(id, told) }).collect()
}

/// The index, in chain order.
pub fn index() -> String {
    let mut text = String::from(
        "# Checks\n\nEvery finding of `gatehouse check`, in the order of the chain of proof. `gatehouse explain ID` says \
         the same in the terminal.\n",
    );
    for link in Link::ALL {
        line(&mut text, &format!("\n## {}\n\n{}\n", link.name(), proven_by(link)));
        text.push_str("| finding | says |\n|---|---|\n");
        for check in checks::TABLE.iter().filter(|check| check.link == link) {
            line(&mut text, &format!("| [`{0}`]({0}.md) | {1} |", check.id, in_general(check.words.title)));
        }
    }
    text
}

/// Every id once, in chain order.
fn ids() -> Vec<&'static str> {
    let mut ids: Vec<&'static str> = Vec::new();
    for check in checks::TABLE {
        if !ids.contains(&check.id) {
            ids.push(check.id);
        }
    }
    ids
}

fn page(id: &str, told: &dyn Fn(&Check) -> Option<String>) -> String {
    let fitting: Vec<&Check> = checks::TABLE.iter().copied().filter(|check| check.id == id).collect();
    let mut text = String::new();
    line(&mut text, &format!("# {id}"));
    for check in &fitting {
        if fitting.len() > 1 {
            line(&mut text, &format!("\n## {} on the link {}", id, check.link.name()));
        }
        section(&mut text, check, told(check).as_deref());
    }
    codes(&mut text, id);
    line(&mut text, "\n[All checks](README.md)");
    text
}

fn section(text: &mut String, check: &Check, told: Option<&str>) {
    line(text, &format!("\n**{}.**\n", in_general(check.words.title)));
    text.push_str("| | |\n|---|---|\n");
    line(text, &format!("| Link | {} |", check.link.name()));
    line(text, &format!("| Who mends it | {} |", check.words.who.words()));
    if let Some(page) = check.words.page {
        line(text, &format!("| Where | {} |", place_in_words(page)));
    }
    line(text, &format!("\n**What it means.** {}\n\n**How to fix it**\n", in_general(check.words.meaning)));
    for (index, step) in check.words.fix.iter().enumerate() {
        line(text, &format!("{}. {}", index + 1, in_general(step)));
    }
    line(text, "\n**How Gatehouse tells.**");
    if let Some(told) = told {
        line(text, told);
    }
    line(text, proven_by(check.link));
}

/// The page's name, with an address in which ids stand in braces.
fn place_in_words(page: PortalPage) -> String {
    let whose = Whose {
        tenant: Some("TENANT-ID".to_owned()),
        client_id: Some("CLIENT-ID".to_owned()),
        ..Whose::nobody(Endpoints::of(Cloud::Global))
    };
    let place = place::of(page, &whose);
    match place.address {
        Some(address) => format!("{}, `{address}`", place.name),
        None => place.name.to_owned(),
    }
}

fn codes(text: &mut String, id: &str) {
    let mut lines: Vec<String> = Vec::new();
    let leads = |leads: Option<LeadsTo>| {
        leads.filter(|leads| leads.finding == id).map(|leads| certainty(leads.certainty))
    };
    for code in catalogue::entra_codes() {
        let of_own = (code.own_request == Some(id)).then_some(", in answer to Gatehouse’s own request");
        if let Some(surely) = leads(code.leads_to).or(of_own) {
            let name = code.name.map(|name| format!(" `{name}`")).unwrap_or_default();
            lines.push(format!("- AADSTS{}{name}{surely}: {}", code.number, code.entry.title));
        }
    }
    for (kind, codes) in [("Microsoft Graph", catalogue::graph_codes()), ("OAuth", catalogue::oauth_errors())]
    {
        for code in codes {
            if let Some(surely) = leads(code.leads_to) {
                lines.push(format!("- {kind} `{}`{surely}: {}", code.code, code.entry.title));
            }
        }
    }
    let marks: Vec<String> = catalogue::symptoms()
        .iter()
        .filter(|symptom| symptom.finding == id)
        .map(|symptom| format!("`{}`", symptom.mark))
        .collect();
    if !marks.is_empty() {
        lines.push(format!("- In logs of programs: {}", marks.join(", ")));
    }
    if !lines.is_empty() {
        line(text, &format!("\n## Codes that lead here\n\n{}", lines.join("\n")));
    }
}

fn certainty(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Certain => "",
        Certainty::Likeliest => ", of which this is the likeliest cause",
    }
}

/// How a link is proven, and what that needs.
fn proven_by(link: Link) -> &'static str {
    match link {
        Link::Network => {
            "The network is proven by answers of the sign-in host and of Microsoft Graph over TLS. It needs no rights."
        }
        Link::Tenant => {
            "The tenant is proven by its discovery document and by the token. It needs no rights."
        }
        Link::App => {
            "The app is proven by a token. Its registration and its service principal can be read only with \
             Directory.Read.All or Application.Read.All; without them, what only they can show is left out."
        }
        Link::Credential => "The credential is proven by a token that was issued for it. It needs no rights.",
        Link::Token => {
            "The token is proven by its claims, which are read and not verified. It needs no rights."
        }
        Link::Consent => {
            "Consent is proven by the roles in a token that was fetched anew. What was requested and granted can be read \
             only with Directory.Read.All or Application.Read.All."
        }
        Link::Directory => {
            "The directory is proven by reading users, groups and members with the app’s own roles."
        }
        Link::Gateway => {
            "The gateway is proven by reading back the files that were written for it. It needs no rights."
        }
    }
}

/// Appends a line. Writing to a text cannot fail.
fn line(text: &mut String, added: &str) {
    writeln!(text, "{added}").ok();
}

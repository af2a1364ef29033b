//! The address that a consent page or a sign-in came back to.
//!
//! Nobody signs it, so it proves nothing: it is a hint to look again. Whether consent was refused is decided by
//! `error`, because version 2 of the page says `admin_consent=True` in refusals too.
//! Source: <https://learn.microsoft.com/entra/identity-platform/v2-admin-consent>.

use url::{Url, form_urlencoded};

use super::{
    About, Advice, ReadAs, advice,
    mentions::{self, Mention},
    paste::{Read, quotable},
};
use crate::catalogue;

/// Reads an address; none when it is no callback.
pub(super) fn read(text: &str) -> Option<Read> {
    let address = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let answer = Answer::of(&address);
    if let Some(number) = number_of_error_page(&address, &answer) {
        return Some(Read::new(ReadAs::EntraNumber, advice::of_mentions(&[Mention::Entra(number)], None)));
    }
    let is_about_consent = answer.get("admin_consent").is_some();
    match answer.get("error") {
        Some(error) => Some(refused(&answer, error, is_about_consent)),
        None if is_about_consent => Some(Read::new(ReadAs::ConsentCallback, vec![proves_nothing()])),
        None => {
            let is_sign_in = answer.get("code").is_some() && answer.get("state").is_some();
            is_sign_in.then(|| Read::new(ReadAs::SignInCallback, vec![signed_in()]))
        }
    }
}

/// The parameters of an address, in its query and behind `#`.
struct Answer(Vec<(String, String)>);

impl Answer {
    fn of(address: &Url) -> Self {
        let behind = form_urlencoded::parse(address.fragment().unwrap_or_default().as_bytes());
        Self(
            address
                .query_pairs()
                .chain(behind)
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        )
    }

    fn get(&self, wanted: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    }
}

/// `https://login.microsoftonline.com/error?code=7000215`, which error answers point at.
fn number_of_error_page(address: &Url, answer: &Answer) -> Option<u32> {
    let host = address.host_str()?;
    let is_page = host.starts_with("login.") && address.path() == "/error";
    if is_page { mentions::number(answer.get("code")?) } else { None }
}

fn refused(answer: &Answer, error: &str, is_about_consent: bool) -> Read {
    let description = answer.get("error_description").unwrap_or_default();
    let known = catalogue::oauth(error);
    let mut found = mentions::find(description);
    found.retain(|mention| matches!(mention, Mention::Entra(_)));
    let somebody_said_no = matches!(error, "permission_denied" | "access_denied" | "consent_required");
    let mut explained = Vec::new();
    let mut of_codes = advice::of_mentions(&found, known);
    if is_about_consent || somebody_said_no {
        explained.push(consent_refused(error));
        of_codes.retain(|one| one.finding.is_none_or(|finding| finding.id != "consent-callback-refused"));
    } else if found.is_empty() {
        of_codes = known.map_or_else(
            || vec![refused_in_general(error)],
            |code| advice::of_mentions(&[Mention::Oauth(code)], known),
        );
    }
    explained.append(&mut of_codes);
    if let Some(first) = explained.first_mut() {
        first.saw.extend(found.iter().filter_map(|mention| match mention {
            Mention::Entra(number) if is_about_consent || somebody_said_no => {
                Some(format!("It names AADSTS{number}."))
            }
            _ => None,
        }));
        if !description.is_empty() {
            first.saw.push(format!("It says: “{}”", quotable(description, 400)));
        }
    }
    let read_as =
        if is_about_consent || somebody_said_no { ReadAs::ConsentCallback } else { ReadAs::SignInCallback };
    Read { decoded: Some(description.to_owned()), ..Read::new(read_as, explained) }
}

fn consent_refused(error: &str) -> Advice {
    let saw = vec![format!("The address holds `error={}`, so nothing was granted.", quotable(error, 80))];
    if let Some(check) = advice::check_of("consent-callback-refused") {
        return advice::of_check(check, About::Callback, saw);
    }
    Advice {
        about: About::Callback,
        finding: None,
        title: "The consent page came back with a refusal".to_owned(),
        saw,
        meaning: "Nothing was granted, whatever else the address says. Waiting does not help.".to_owned(),
        fix: vec![
            "Open the consent link again as Privileged Role Administrator or Global Administrator."
                .to_owned(),
            "Click **Accept**, then check again.".to_owned(),
        ],
        who: Some(crate::diagnosis::Who::PrivilegedRoleAdministrator),
        place: None,
    }
}

fn refused_in_general(error: &str) -> Advice {
    Advice {
        about: About::Callback,
        finding: None,
        title: "The sign-in came back with a refusal".to_owned(),
        saw: vec![format!("The address holds `error={}`.", quotable(error, 80))],
        meaning: "No token was issued. The reason is not one that Gatehouse knows.".to_owned(),
        fix: vec!["Open **Sign-in logs** and find the entry with the correlation ID.".to_owned()],
        who: None,
        place: None,
    }
}

fn proves_nothing() -> Advice {
    Advice {
        about: About::Callback,
        finding: None,
        title: "The consent page reports success, which proves nothing yet".to_owned(),
        saw: vec!["The address holds `admin_consent` and no `error`.".to_owned()],
        meaning:
            "Nobody signs such an address, so anybody could have written it. Only the roles in a new token \
                  show that consent was granted; they may take a minute to arrive."
                .to_owned(),
        fix: vec!["Check again. A new token is asked for, and its roles are read.".to_owned()],
        who: None,
        place: None,
    }
}

fn signed_in() -> Advice {
    Advice {
        about: About::Callback,
        finding: None,
        title: "The sign-in came back without an error".to_owned(),
        saw: vec!["The address holds a one-time code and no `error`.".to_owned()],
        meaning: "The program can exchange the code for a token once, within minutes. What went wrong, if anything \
                  did, came later."
            .to_owned(),
        fix: vec!["Paste the answer to the token request that followed.".to_owned()],
        who: None,
        place: None,
    }
}

//! The page that the admin sees after Microsoft's consent page: what happened, and what happens next.

use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("page.css");

pub(super) fn accepted() -> String {
    page(
        "Microsoft says that you consented",
        &html! {
            p { "Thank you. Gatehouse now asks for new tokens until one carries every role; that usually takes less than two minutes." }
            p { "Only a token proves it, so what counts is what Gatehouse shows." }
            p.next { "You can close this page." }
        },
    )
}

pub(super) fn refused(error: &str, aadsts: Option<u32>) -> String {
    page(
        "Nothing was granted",
        &html! {
            p { "The consent page ended with a refusal: somebody cancelled, or the account may not consent for the whole organisation." }
            p { "Consent for Microsoft Graph application permissions takes a Privileged Role Administrator or a Global Administrator. Gatehouse has a message ready that you can send to one." }
            p.code { "error " code { (error) } @if let Some(number) = aadsts { " · " code { "AADSTS" (number) } } }
            p.next { "You can close this page and go back to Gatehouse." }
        },
    )
}

pub(super) fn of_another_try() -> String {
    page(
        "This answer belongs to another try",
        &html! {
            p { "Gatehouse did not send this browser to the consent page just now, so it does not count the answer." }
            p.next { "Go back to Gatehouse and open the consent page from there." }
        },
    )
}

fn page(title: &str, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " – Gatehouse" }
                style { (PreEscaped(STYLE)) }
            }
            body { main { p.brand { "Gatehouse" } h1 { (title) } (body) } }
        }
    }
    .into_string()
}

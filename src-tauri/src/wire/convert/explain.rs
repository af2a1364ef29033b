use engine::{
    catalogue::Certainty,
    diagnosis::Who,
    explain::{About, Advice, Explanation, SupportIds, WHAT_CAN_BE_PASTED},
};

use crate::wire::{AdviceView, ExplanationView, MentionView, PageLink, SawLine};

/// Where the facts of an explanation come from.
const PASTED: &str = "What you pasted";

impl From<&Explanation> for ExplanationView {
    fn from(explanation: &Explanation) -> Self {
        let (first, others) = match explanation.advice.as_slice() {
            [first, others @ ..] => (Some(first), others),
            [] => (None, [].as_slice()),
        };
        let shortened = "The text is long, and only its beginning was read.";
        Self {
            read_as: explanation.read_as.words().to_owned(),
            advice: first.map(|advice| AdviceView::of(advice, &explanation.ids)),
            others: others.iter().map(MentionView::from).collect(),
            shown: explanation.shown.clone(),
            shortened: explanation.shortened.then(|| shortened.to_owned()),
            hint: first.is_none().then(|| WHAT_CAN_BE_PASTED.to_owned()),
        }
    }
}

impl AdviceView {
    fn of(advice: &Advice, ids: &SupportIds) -> Self {
        let pasted = advice.saw.iter().map(|text| SawLine { source: PASTED.to_owned(), text: text.clone() });
        let saw: Vec<SawLine> = pasted.chain(identifiers(ids)).collect();
        Self {
            id: advice.finding.map(|finding| finding.id.to_owned()),
            link: advice.finding.map(|finding| finding.link.into()),
            code: code(&advice.about),
            likeliest: advice.finding.is_some_and(|finding| finding.certainty == Certainty::Likeliest),
            title: advice.title.clone(),
            meaning: advice.meaning.clone(),
            fix: advice.fix.clone(),
            who: advice.who.map(Who::words).map(str::to_owned),
            page: advice.place.as_ref().map(|place| PageLink::from(place.page)),
            place: advice.place.as_ref().map(|place| place.name.to_owned()),
            address: advice.place.as_ref().and_then(|place| place.address.as_ref()).map(|it| it.to_string()),
            details: details(advice, &saw),
            saw,
        }
    }
}

impl From<&Advice> for MentionView {
    fn from(advice: &Advice) -> Self {
        Self { code: code(&advice.about), title: advice.title.clone() }
    }
}

/// Microsoft's own code for it.
fn code(about: &About) -> Option<String> {
    match about {
        About::Entra { number, .. } => Some(format!("AADSTS{number}")),
        About::Graph(code) => Some(code.clone()),
        About::Oauth(code) => Some((*code).to_owned()),
        About::Finding | About::Symptom(_) | About::Token | About::Callback => None,
    }
}

fn identifiers(ids: &SupportIds) -> impl Iterator<Item = SawLine> {
    let known = [
        ("Trace ID", &ids.trace),
        ("Correlation ID", &ids.correlation),
        ("Request ID", &ids.request),
        ("Client request ID", &ids.client_request),
        ("Time", &ids.timestamp),
    ];
    known.into_iter().filter_map(|(label, id)| {
        Some(SawLine { source: label.to_owned(), text: format!("`{}`", id.as_ref()?) })
    })
}

fn details(advice: &Advice, saw: &[SawLine]) -> String {
    let code = code(&advice.about).map(|code| format!("Code: {code}"));
    let finding = advice.finding.map(|finding| format!("Finding: {} ({})", finding.id, finding.link.name()));
    let seen = saw.iter().map(|line| format!("{}: {}", line.source, line.text));
    let lines: Vec<String> =
        [Some(advice.title.clone()), code, finding].into_iter().flatten().chain(seen).collect();
    lines.join("\n").replace("**", "").replace('`', "")
}

//! An explanation as people read it, in the manner of a finding of `gatehouse check`.

use anstyle::Style;
use engine::{
    catalogue::Certainty,
    explain::{About, Advice, Explanation, ReadAs, SupportIds, WHAT_CAN_BE_PASTED},
};

use crate::output::text::line;

pub(super) fn explanation(explanation: &Explanation) {
    if explanation.shortened {
        line("The text is longer than 256 kB, so only its beginning was read.");
    }
    let Some((first, others)) = explanation.advice.split_first() else {
        line("Nothing in this text is known to Gatehouse.");
        line(WHAT_CAN_BE_PASTED);
        return;
    };
    advice(first, Some(explanation.read_as));
    support(&explanation.ids);
    if explanation.read_as == ReadAs::FindingId {
        for other in others {
            line("");
            advice(other, None);
        }
    } else if !others.is_empty() {
        line("");
        line("Also in it:");
        others.iter().for_each(also);
    }
}

fn advice(advice: &Advice, read_as: Option<ReadAs>) {
    let bold = Style::new().bold();
    line(&format!("{bold}{}{bold:#}", plain(&advice.title)));
    if let Some(finding) = advice.finding {
        let cause = match finding.certainty {
            Certainty::Certain => "",
            Certainty::Likeliest => "likeliest cause · ",
        };
        line(&format!("  {cause}{} · {}", finding.link.name(), finding.id));
    }
    if let Some(read_as) = read_as {
        labelled("Read as", &[read_as.words().to_owned()]);
    }
    labelled("What we saw", &advice.saw);
    labelled("What it means", std::slice::from_ref(&advice.meaning));
    let steps: Vec<String> =
        advice.fix.iter().enumerate().map(|(index, step)| format!("{}. {step}", index + 1)).collect();
    labelled("How to fix it", &steps);
    labelled("Who", &advice.who.map(|who| who.words().to_owned()).into_iter().collect::<Vec<_>>());
    if let Some(place) = &advice.place {
        let address = place.address.as_ref().map(ToString::to_string);
        labelled("Where", &[Some(place.name.to_owned()), address].into_iter().flatten().collect::<Vec<_>>());
    }
}

fn labelled(label: &str, texts: &[String]) {
    for (index, text) in texts.iter().enumerate() {
        let label = if index == 0 { label } else { "" };
        line(&format!("  {label:<14} {}", plain(text)));
    }
}

fn support(ids: &SupportIds) {
    let named = [
        ("trace ", &ids.trace),
        ("correlation ", &ids.correlation),
        ("request ", &ids.request),
        ("client request ", &ids.client_request),
        ("", &ids.timestamp),
    ];
    let named: Vec<String> =
        named.iter().filter_map(|(name, id)| id.as_ref().map(|id| format!("{name}{id}"))).collect();
    if !named.is_empty() {
        labelled("For support", &[named.join(" · ")]);
    }
}

fn also(advice: &Advice) {
    let code = match &advice.about {
        About::Entra { number, .. } => format!("AADSTS{number}: "),
        About::Graph(code) => format!("{code}: "),
        About::Oauth(code) | About::Symptom(code) => format!("{code}: "),
        About::Finding | About::Token | About::Callback => String::new(),
    };
    let finding = advice.finding.map(|finding| format!(" ({})", finding.id)).unwrap_or_default();
    line(&format!("  {}{}{finding}", plain(&code), plain(&advice.title)));
}

/// Without the marks for the page, and without control characters.
fn plain(text: &str) -> String {
    text.replace("**", "").replace('`', "").chars().filter(|c| !c.is_control()).collect()
}

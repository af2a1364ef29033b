//! Reading the data: one entry a line, columns parted by tabs, `#` begins a remark. A line that cannot be read is left
//! out, and a test counts the lines.

use super::{Category, Certainty, Code, EntraCode, Entry, LeadsTo, Symptom};

pub(super) fn entra(text: &'static str) -> Vec<EntraCode> {
    rows(text)
        .filter_map(|row| {
            let [number, name, category, finding, own, title, meaning, advice] = row[..] else { return None };
            let category = Category::of(category)?;
            Some(EntraCode {
                number: number.parse().ok()?,
                name: some(name),
                category,
                leads_to: leads_to(finding),
                own_request: some(own),
                entry: Entry {
                    title,
                    meaning: some(meaning).unwrap_or(category.meaning()),
                    advice: some(advice).unwrap_or(category.advice()),
                    own_words: some(meaning).is_some(),
                },
            })
        })
        .collect()
}

pub(super) fn codes(text: &'static str) -> Vec<Code> {
    rows(text)
        .filter_map(|row| {
            let [code, finding, title, meaning, advice] = row[..] else { return None };
            let entry = Entry { title, meaning, advice, own_words: true };
            Some(Code { code, leads_to: leads_to(finding), entry })
        })
        .collect()
}

pub(super) fn symptoms(text: &'static str) -> Vec<Symptom> {
    rows(text)
        .filter_map(|row| {
            let [mark, finding] = row[..] else { return None };
            Some(Symptom { mark, finding })
        })
        .collect()
}

fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

fn some(field: &'static str) -> Option<&'static str> {
    (!field.is_empty()).then_some(field)
}

fn leads_to(field: &'static str) -> Option<LeadsTo> {
    match field.strip_prefix('~') {
        Some(finding) => Some(LeadsTo { finding, certainty: Certainty::Likeliest }),
        None => some(field).map(|finding| LeadsTo { finding, certainty: Certainty::Certain }),
    }
}

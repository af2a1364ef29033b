//! Takes out of a text what must not be shown: secrets, tokens, assertions, passwords, keys, names of accounts.
//!
//! When in doubt, too much is taken out.

use super::redact_shapes::without_shapes;

/// The longest text that is shown, in characters.
pub const SHOWN_AT_MOST: usize = 16_000;

/// The text without confidential parts, shortened.
pub(super) fn shown(text: &str) -> String {
    let redacted = redacted(text);
    match redacted.char_indices().nth(SHOWN_AT_MOST) {
        None => redacted,
        Some((cut, _)) => format!("{}…", &redacted[..cut]),
    }
}

/// The text without confidential parts.
pub(super) fn redacted(text: &str) -> String {
    let text = without_private_keys(text);
    let text = without_userinfo(&text);
    let text = without_shapes(&text);
    let text = without_values(&text);
    let text = without_bearers(&text);
    without_words(&text)
}

/// Key material between PEM's lines, whether it ends or not.
fn without_private_keys(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("-----BEGIN ") {
        kept.push_str(&rest[..start]);
        kept.push_str("[key or certificate]");
        let block = &rest[start + 11..];
        let Some(end) = block.find("-----END ") else { return kept };
        let tail = &block[end + 9..];
        rest = tail.find("-----").map_or("", |close| &tail[close + 5..]);
    }
    kept.push_str(rest);
    kept
}

/// Names whose value is confidential, wherever such a part stands in the name.
const CONFIDENTIAL: [&str; 14] = [
    "secret",
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "assertion",
    "token",
    "credential",
    "authorization",
    "cookie",
    "apikey",
    "api_key",
    "api-key",
    "private_key",
];

/// Names that hold one of those parts and whose value is not confidential.
const HARMLESS: [&str; 18] = [
    "token_type",
    "tokentype",
    "token_endpoint",
    "tokenendpoint",
    "client_assertion_type",
    "clientassertiontype",
    "password_change_url",
    "passwordcredentials",
    "secretid",
    "secret_id",
    "ext_expires_in",
    "credentialtype",
    "credential_type",
    "subject_token_type",
    "requested_token_use",
    "token_use",
    "keycredentials",
    "tokenissuertype",
];

/// Names that count as a whole only.
const WHOLE: [&str; 7] = ["code", "device_code", "user_code", "code_verifier", "pass", "sig", "client_info"];

/// Names whose value names a person or an account.
const ACCOUNTS: [&str; 7] =
    ["username", "login_hint", "upn", "unique_name", "preferred_username", "given_name", "family_name"];

/// `name=value`, `"name": "value"`, `name : value`, `<name>value<`, `--name value`.
fn without_values(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let name_length = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
        if name_length == 0 {
            let step = rest.chars().next().map_or(1, char::len_utf8);
            kept.push_str(&rest[..step]);
            at += step;
            continue;
        }
        let name = &rest[..name_length];
        kept.push_str(name);
        at += name_length;
        if !is_confidential(name) || is_error_code(name, &text[at..]) {
            continue;
        }
        let (before, behind) = (&text[..at - name_length], &text[at..]);
        let Some((start, length)) = element_after(before, behind).or_else(|| value_after(name, behind))
        else {
            continue;
        };
        if length > 0 {
            kept.push_str(&behind[..start]);
            kept.push_str(if is_account(name) { "[account]" } else { "[hidden]" });
            at += start + length;
        }
    }
    kept
}

fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}

fn bare(name: &str) -> String {
    name.trim_start_matches('-').to_ascii_lowercase()
}

fn is_confidential(name: &str) -> bool {
    let bare = bare(name);
    let holds = CONFIDENTIAL.iter().any(|part| bare.contains(part)) && !HARMLESS.contains(&bare.as_str());
    holds || WHOLE.contains(&bare.as_str()) || ACCOUNTS.contains(&bare.as_str())
}

fn is_account(name: &str) -> bool {
    ACCOUNTS.contains(&bare(name).as_str())
}

/// A number or a word behind `code`; a one-time code is longer than the one and has digits.
fn is_error_code(name: &str, rest: &str) -> bool {
    if bare(name) != "code" {
        return false;
    }
    let behind = rest.trim_start_matches(['"', '\'', '\\', ' ', '\t']);
    if !behind.starts_with(['=', ':', '%']) {
        return true;
    }
    let value = behind.trim_start_matches("%3D").trim_start_matches("%3d");
    let value = value.trim_start_matches(['"', '\'', '\\', ' ', '\t', '=', ':', '>']);
    let is_sign = |c: char| c.is_ascii_alphanumeric() || "._~-+/%".contains(c);
    let word = &value[..value.find(|c| !is_sign(c)).unwrap_or(value.len())];
    word.len() < 20 || !word.bytes().any(|byte| byte.is_ascii_digit())
}

/// Where the content of an XML element stands whose name ends here, and how long it is.
fn element_after(before: &str, rest: &str) -> Option<(usize, usize)> {
    let prefix = before.trim_end_matches(|c: char| is_name(c) || c == ':');
    if !prefix.ends_with('<') {
        return None;
    }
    let start = rest.find(['>', '<']).filter(|at| rest[*at..].starts_with('>'))? + 1;
    Some((start, rest[start..].find('<').unwrap_or(rest.len() - start)))
}

/// Where the value behind a name stands in the rest, and how long it is.
fn value_after(name: &str, rest: &str) -> Option<(usize, usize)> {
    let before = rest.len() - rest.trim_start_matches(['"', '\'', '\\', ' ', '\t']).len();
    let separator = rest[before..].chars().next()?;
    let start = match separator {
        '=' | ':' => before + 1,
        '%' if before == 0 && rest.get(..3).is_some_and(|hex| hex.eq_ignore_ascii_case("%3d")) => 3,
        _ if name.starts_with('-') && before > 0 => before,
        _ => return None,
    };
    // `=>` and `::` are separators too.
    let start = start + rest[start..].len() - rest[start..].trim_start_matches(['=', '>', ':']).len();
    let opened = &rest[start..];
    // A form that was taken apart holds lists: `{'client_secret': ['…']}`.
    let in_list = opened.trim_start_matches([' ', '\t', '[']);
    let is_list_of_texts = in_list.trim_start_matches('\\').starts_with(['"', '\'']);
    let behind = if is_list_of_texts { in_list } else { opened.trim_start_matches([' ', '\t']) };
    let from = start + opened.len() - behind.len();
    let quoted = &rest[from..];
    let escapes = quoted.len() - quoted.trim_start_matches('\\').len();
    if let Some(quote @ ('"' | '\'')) = quoted[escapes..].chars().next() {
        let opening = from + escapes + 1;
        let closing = format!("{}{quote}", "\\".repeat(escapes));
        return Some((opening, quoted_length(&rest[opening..], &closing, escapes)));
    }
    if quoted.starts_with(['{', '[']) {
        return None;
    }
    let ends_at_blank = separator == '=' || name.starts_with('-');
    let scheme =
        ["Bearer ", "Basic ", "bearer ", "basic "].iter().find(|scheme| quoted.starts_with(**scheme));
    let ends_at_blank = ends_at_blank || scheme.is_some();
    let from = from + scheme.map_or(0, |scheme| scheme.len());
    let length = rest[from..].find(|c: char| {
        matches!(c, '\r' | '\n' | '&' | ',' | ';' | '"' | '\'' | '<' | '}')
            || (ends_at_blank && c.is_whitespace())
    });
    Some((from, length.unwrap_or(rest.len() - from)))
}

/// Up to the closing quote that is not escaped once more.
fn quoted_length(text: &str, closing: &str, escapes: usize) -> usize {
    let mut from = 0;
    while let Some(found) = text[from..].find(closing) {
        let end = from + found;
        let slashes = text[..end].len() - text[..end].trim_end_matches('\\').len();
        if escapes > 0 && slashes == 0 || escapes == 0 && slashes.is_multiple_of(2) {
            return end;
        }
        from = end + closing.len();
    }
    text.len()
}

/// `https://name:password@host`, as proxies are written.
fn without_userinfo(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(found) = rest.find("://") {
        let (before, behind) = rest.split_at(found + 3);
        kept.push_str(before);
        let end = behind.find(|c: char| c.is_whitespace() || "/?#\"'<>".contains(c)).unwrap_or(behind.len());
        let authority = &behind[..end];
        match authority.rfind('@') {
            Some(sign) => kept.push_str(&format!("[hidden]{}", &authority[sign..])),
            None => kept.push_str(authority),
        }
        rest = &behind[end..];
    }
    kept.push_str(rest);
    kept
}

/// What stands behind `Bearer` without a header's name before it.
fn without_bearers(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(found) = rest.find("earer ") {
        let (before, behind) = rest.split_at(found + 6);
        kept.push_str(before);
        let is_sign = |c: char| c.is_ascii_alphanumeric() || "._~+/=-".contains(c);
        let end = behind.find(|c| !is_sign(c)).unwrap_or(behind.len());
        let is_token = end >= 16 && behind[..end].bytes().any(|byte| byte.is_ascii_digit());
        kept.push_str(if is_token { "[token]" } else { &behind[..end] });
        rest = &behind[end..];
    }
    kept.push_str(rest);
    kept
}

/// Words that give themselves away by their shape.
fn without_words(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let length = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        if length == 0 {
            let step = rest.chars().next().map_or(1, char::len_utf8);
            kept.push_str(&rest[..step]);
            rest = &rest[step..];
            continue;
        }
        kept.push_str(&word(&rest[..length]));
        rest = &rest[length..];
    }
    kept
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || "._~-+%@#!$*".contains(character)
}

fn word(word: &str) -> String {
    let bare = word.trim_end_matches(['.', '-', '!']);
    let tail = &word[bare.len()..];
    if bare.starts_with("eyJ") && bare.len() > 20 {
        return format!("[token]{tail}");
    }
    if is_usual_secret(bare) {
        return format!("[secret]{tail}");
    }
    let sign = bare.find('@').or_else(|| bare.find("%40"));
    if let Some(sign) = sign {
        let host = bare[sign..].trim_start_matches('@').trim_start_matches("%40");
        if sign > 0 && host.contains('.') {
            return format!("[account]{tail}");
        }
    }
    if is_long_and_mixed(bare) { format!("[hidden]{tail}") } else { word.to_owned() }
}

/// As current client secrets look: three characters, a digit, `Q~`, then about 34 more.
fn is_usual_secret(word: &str) -> bool {
    let word = word.replace("%7E", "~").replace("%7e", "~");
    word.find("Q~").is_some_and(|at| at >= 4 && word.len() - at >= 20)
}

/// Longer than anything that is said in words, of small and capital letters and digits: a saved sign-in, a key.
fn is_long_and_mixed(word: &str) -> bool {
    let count = |is: fn(&u8) -> bool| word.bytes().filter(is).count();
    word.len() >= 60
        && count(u8::is_ascii_digit) >= 4
        && count(u8::is_ascii_uppercase) >= 4
        && count(u8::is_ascii_lowercase) >= 4
}

#[cfg(test)]
mod tests;

//! Confidential values that stand where no name is right before them: in attributes and in arguments.

use std::{borrow::Cow, sync::LazyLock};

use regex::Regex;

/// The text without values in such places. Each shape hides its last group.
pub(super) fn without_shapes(text: &str) -> String {
    SHAPES.iter().fold(text.to_owned(), |text, shape| {
        match shape.replace_all(&text, "${kept}[hidden]${end}") {
            Cow::Borrowed(_) => text,
            Cow::Owned(changed) => changed,
        }
    })
}

static SHAPES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        // <add key="ClientSecret" value="…"/>, also with escaped quotes
        r#"(?is)(?P<kept>(?:key|name)\s*=\s*\\?["'][^"']{0,80}(?:secret|password|passwd|pwd|token|credential|apikey)[^"']{0,80}["']\s+value\s*=\s*\\?["'])[^"'\\]*(?P<end>\\?["'])"#,
        // new ClientSecretCredential(tenant, client, "…"), UsernamePasswordCredential(…)
        r"(?is)(?P<kept>\b(?:ClientSecret|UsernamePassword|ClientAssertion|ClientCertificate)Credential\s*\()[^)]{1,2000}(?P<end>\)?)",
        // password "…", client secret '…'
        r#"(?i)(?P<kept>\b(?:password|passphrase|secret|token)\s+["'])[^"'\r\n]{1,400}(?P<end>["'])"#,
    ]
    .into_iter()
    .filter_map(|shape| Regex::new(shape).ok())
    .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_compiles_and_hides() {
        assert_eq!(SHAPES.len(), 3);
        for (text, rest) in [
            (r#"<add key="ClientSecret" value="canary1"/>"#, r#"<add key="ClientSecret" value="[hidden]"/>"#),
            ("new ClientSecretCredential('t','c','canary2');", "new ClientSecretCredential([hidden]);"),
            (r#"with password "canary3" for it"#, r#"with password "[hidden]" for it"#),
            (r#"<add key="TenantId" value="contoso.com"/>"#, r#"<add key="TenantId" value="contoso.com"/>"#),
            ("the client secret is wrong", "the client secret is wrong"),
        ] {
            assert_eq!(without_shapes(text), rest);
        }
    }
}

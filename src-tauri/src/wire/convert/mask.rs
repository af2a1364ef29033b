//! Names of people that are not shown in full before somebody asks for it. How long a name is cannot be told from it.

const HIDDEN: &str = "••••";

/// `A•••• S••••` of a name.
pub(super) fn name(name: &str) -> String {
    name.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

/// `a••••@contoso.com` of a sign-in name or a mail address. Of a guest's sign-in name the part after `#EXT#@` stays.
pub(super) fn address(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((person, domain)) => format!("{}@{domain}", word(person)),
        None => word(address),
    }
}

fn word(word: &str) -> String {
    word.chars().next().map_or_else(String::new, |first| format!("{first}{HIDDEN}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_letter_is_all_that_shows() {
        for (shown, masked) in [
            ("Amelia Sandhu", "A•••• S••••"),
            ("Bo  Xi", "B•••• X••••"),
            ("Łukasz", "Ł••••"),
            ("東京 太郎", "東•••• 太••••"),
            ("", ""),
        ] {
            assert_eq!(name(shown), masked);
        }
    }

    #[test]
    fn an_address_keeps_its_domain_alone() {
        for (shown, masked) in [
            ("amelia.sandhu@contoso.com", "a••••@contoso.com"),
            ("p_f.com#EXT#@contoso.com", "p••••@contoso.com"),
            ("nobody", "n••••"),
            ("@contoso.com", "@contoso.com"),
        ] {
            assert_eq!(address(shown), masked);
        }
    }
}

//! People, made from the seed and their number whenever they are asked for.

use uuid::Uuid;

use super::{
    DOMAIN,
    names::{CULTURES, Culture, DEPARTMENTS, Name, Order},
    prng::{Identifiers, mix},
};

const TAG: u64 = 0x75_7365_7273;
/// Every twentieth person is a guest; the contractors group counts on this spacing.
pub(crate) const GUEST_SPACING: u32 = 20;
const GUEST_DOMAIN: &str = "fabrikam-practice.example";

/// One person of the directory.
pub(crate) struct User {
    pub(crate) number: u32,
    pub(crate) id: Uuid,
    pub(crate) display_name: String,
    pub(crate) given_name: &'static str,
    pub(crate) surname: &'static str,
    pub(crate) user_principal_name: String,
    pub(crate) mail: Option<String>,
    pub(crate) mail_nickname: String,
    pub(crate) enabled: bool,
    pub(crate) guest: bool,
    pub(crate) language: &'static str,
    pub(crate) office: &'static str,
    pub(crate) department: &'static str,
    pub(crate) job_title: &'static str,
}

/// All people of a directory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Users {
    pub(crate) count: u32,
    seed: u64,
    ids: Identifiers,
}

impl Users {
    pub(crate) fn new(count: u32, seed: u64) -> Self {
        Self { count, seed, ids: Identifiers::new(seed, TAG) }
    }

    /// The same people and some more after them.
    pub(crate) fn grown(self, added: u32) -> Self {
        Self { count: self.count.saturating_add(added), ..self }
    }

    /// Object ID of the person with this number.
    pub(crate) fn id(self, number: u32) -> Uuid {
        self.ids.id(number)
    }

    /// The person with this number, counted from 0. Numbers 0 and 1 are the practice accounts.
    pub(crate) fn get(self, number: u32) -> User {
        let (culture, given, family) = self.name(number);
        let guest = is_guest(number);
        let mail_nickname = format!("{}.{}{}", given.1, family.1, u64::from(number) + 1);
        let user_principal_name = if guest {
            format!("{mail_nickname}_{GUEST_DOMAIN}#EXT#@{DOMAIN}")
        } else {
            format!("{mail_nickname}@{DOMAIN}")
        };
        let mail = if guest {
            Some(format!("{mail_nickname}@{GUEST_DOMAIN}"))
        } else if number > 1 && self.draw(number, 4, 15) == 0 {
            None
        } else {
            Some(user_principal_name.clone())
        };
        let (department, job_title) = DEPARTMENTS[self.draw(number, 5, DEPARTMENTS.len())];
        User {
            number,
            id: self.ids.id(number),
            display_name: display_name(culture, given.0, family.0),
            given_name: given.0,
            surname: family.0,
            user_principal_name,
            mail,
            mail_nickname,
            enabled: number <= 1 || self.draw(number, 6, 12) != 0,
            guest,
            language: culture.language,
            office: culture.office,
            department,
            job_title,
        }
    }

    /// Number of the person with this object id or user principal name (letters' case does not matter).
    pub(crate) fn find(self, id_or_name: &str) -> Option<u32> {
        let number = match Uuid::parse_str(id_or_name) {
            Ok(id) => self.ids.number(id)?,
            Err(_) => self.number_in_name(id_or_name)?,
        };
        (number < self.count).then_some(number)
    }

    /// A sign-in name ends in the person's number plus one; everything else of it is then compared.
    fn number_in_name(self, name: &str) -> Option<u32> {
        let nickname = name.split(['@', '_']).next()?;
        let digits_from = nickname.rfind(|letter: char| !letter.is_ascii_digit())? + 1;
        let number = nickname.get(digits_from..)?.parse::<u32>().ok()?.checked_sub(1)?;
        self.get(number).user_principal_name.eq_ignore_ascii_case(name).then_some(number)
    }

    fn name(self, number: u32) -> (&'static Culture, Name, Name) {
        let culture = &CULTURES[self.draw(number, 1, CULTURES.len())];
        let given = culture.given[self.draw(number, 2, culture.given.len())];
        let family = culture.family[self.draw(number, 3, culture.family.len())];
        (culture, given, family)
    }

    fn draw(self, number: u32, purpose: u64, choices: usize) -> usize {
        (mix(self.seed, TAG ^ (purpose << 48), u64::from(number)) % choices.max(1) as u64) as usize
    }
}

/// True for people of another organisation.
pub(crate) fn is_guest(number: u32) -> bool {
    number % GUEST_SPACING == GUEST_SPACING - 1
}

fn display_name(culture: &Culture, given: &str, family: &str) -> String {
    match culture.order {
        Order::GivenFamily => format!("{given} {family}"),
        Order::FamilyGiven => format!("{family} {given}"),
        Order::FamilyGivenJoined => format!("{family}{given}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn sign_in_names_are_ascii_distinct_and_found() {
        let users = Users::new(3_000, 7);
        let mut seen = HashSet::new();
        for number in 0..users.count {
            let user = users.get(number);
            assert!(user.user_principal_name.is_ascii(), "{}", user.user_principal_name);
            assert!(seen.insert(user.user_principal_name.to_lowercase()));
            assert_eq!(users.find(&user.user_principal_name.to_uppercase()), Some(number));
            assert_eq!(users.find(&user.id.to_string()), Some(number));
        }
        let outside = users.get(3_000);
        assert_eq!(users.find(&outside.id.to_string()), None);
        assert_eq!(users.find(&outside.user_principal_name), None);
        for nobody in ["", "@", "x", "nobody0@contoso-practice.example", "12", "a99999999999@b"] {
            assert_eq!(users.find(nobody), None);
        }
    }

    #[test]
    fn the_mixture_is_what_the_readme_says() {
        let users = Users::new(12_000, 7);
        let people: Vec<User> = (0..users.count).map(|number| users.get(number)).collect();
        let share = |test: &dyn Fn(&User) -> bool| people.iter().filter(|user| test(user)).count();
        assert!((900..1_100).contains(&share(&|user| !user.enabled)), "about 1 in 12 is disabled");
        assert_eq!(share(&|user| user.guest), 600);
        assert!((600..900).contains(&share(&|user| user.mail.is_none())));
        let languages: HashSet<_> = people.iter().map(|user| user.language).collect();
        assert_eq!(languages.len(), CULTURES.len(), "every script occurs");
        assert!(people.iter().any(|user| user.user_principal_name.contains("#EXT#")));
        assert!(people[0].enabled && people[1].enabled && !people[0].guest && !people[1].guest);
    }

    #[test]
    fn the_same_seed_makes_the_same_people() {
        let (one, two, other) = (Users::new(50, 7), Users::new(50, 7), Users::new(50, 8));
        let names = |users: Users| (0..50).map(|number| users.get(number).display_name).collect::<Vec<_>>();
        assert_eq!(names(one), names(two));
        assert_ne!(names(one), names(other));
    }
}

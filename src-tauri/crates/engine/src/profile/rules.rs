//! What a profile's values have to keep to beyond their kinds.

use std::collections::BTreeSet;

use super::{Profile, ProfileProblem};
use crate::{access::NO_ACCESS, input::is_invisible};

/// Everything in a profile that breaks a rule, in the order of the file.
pub(super) fn broken(profile: &Profile) -> Vec<ProfileProblem> {
    let mut problems = Vec::new();
    let mut add = |problem: Option<ProfileProblem>| problems.extend(problem);
    add(id("id", &profile.id));
    add(text("name", &profile.name, 100));
    add(text("summary", &profile.summary, 300));
    fields(profile, &mut add);
    outputs(profile, &mut add);
    add(text("public-client.reason", &profile.public_client.reason, 500));
    if let Some(account) = &profile.sign_in_account {
        add(text("sign-in-account.reason", &account.reason, 500));
    }
    permissions(profile, &mut add);
    roles(profile, &mut add);
    problems
}

fn fields(profile: &Profile, add: &mut impl FnMut(Option<ProfileProblem>)) {
    const FIX: &str = "Name properties of a user as Microsoft Graph does, such as `displayName`.";
    if !(1..=100).contains(&profile.user_fields.len()) {
        add(Some(ProfileProblem::field("user-fields", "It names no field, or more than 100.", FIX)));
    }
    let mut seen = BTreeSet::new();
    for (index, name) in profile.user_fields.iter().enumerate() {
        let usual = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.len() <= 200
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let what = if !usual {
            format!("“{}” is no name of a property.", shown(name))
        } else if !seen.insert(name) {
            format!("{name} stands twice.")
        } else {
            continue;
        };
        add(Some(ProfileProblem::field(format!("user-fields[{index}]"), what, FIX)));
    }
}

fn outputs(profile: &Profile, add: &mut impl FnMut(Option<ProfileProblem>)) {
    let unique: BTreeSet<_> = profile.outputs.iter().collect();
    if unique.len() < profile.outputs.len() {
        add(Some(ProfileProblem::field("outputs", "An output stands twice.", "Name each one once.")));
    }
}

fn permissions(profile: &Profile, add: &mut impl FnMut(Option<ProfileProblem>)) {
    if !(1..=64).contains(&profile.permissions.len()) {
        let what = "It names no permission, or more than 64.";
        add(Some(ProfileProblem::field("permission", what, "Add a table [[permission]] for each one.")));
    }
    let mut seen = BTreeSet::new();
    for (index, permission) in profile.permissions.iter().enumerate() {
        let field = |name: &str| format!("permission[{index}].{name}");
        if entra::app_role(&permission.name).is_none() {
            let what =
                format!("Microsoft Graph has no application permission named {}.", shown(&permission.name));
            let fix = "Take the name from Microsoft’s permissions reference, such as User.Read.All.";
            add(Some(ProfileProblem::field(field("name"), what, fix)));
        } else if !seen.insert(&permission.name) {
            let what = format!("{} stands twice.", permission.name);
            add(Some(ProfileProblem::field(field("name"), what, "Keep one table for it.")));
        }
        add(text(&field("reason"), &permission.reason, 500));
    }
}

fn roles(profile: &Profile, add: &mut impl FnMut(Option<ProfileProblem>)) {
    if !(1..=64).contains(&profile.roles.len()) {
        let what = "It names no role, or more than 64.";
        add(Some(ProfileProblem::field("role", what, "Add a table [[role]] for each one.")));
    } else if !profile.roles.iter().any(|role| role.administers) {
        let fix = "Set administers = true for the role that may administer the gateway.";
        add(Some(ProfileProblem::field("role", "Nobody could administer the gateway.", fix)));
    }
    let (mut ids, mut ranks) = (BTreeSet::new(), BTreeSet::new());
    for (index, role) in profile.roles.iter().enumerate() {
        let field = |name: &str| format!("role[{index}].{name}");
        add(id(&field("id"), &role.id));
        add(text(&field("name"), &role.name, 100));
        if role.id == NO_ACCESS {
            let what = format!("{NO_ACCESS} means no role at all.");
            add(Some(ProfileProblem::field(field("id"), what, "Choose another id.")));
        } else if !ids.insert(&role.id) {
            let what = format!("{} stands twice.", role.id);
            add(Some(ProfileProblem::field(field("id"), what, "Give each role an id of its own.")));
        }
        if !ranks.insert(role.rank) {
            let what = format!("Another role has rank {} too.", role.rank);
            let fix = "Give each role a rank of its own; the higher one wins.";
            add(Some(ProfileProblem::field(field("rank"), what, fix)));
        }
    }
}

fn id(field: &str, id: &str) -> Option<ProfileProblem> {
    let words = || id.split('-');
    let usual = id.len() <= 64
        && words().all(|word| {
            !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        });
    (!usual).then(|| {
        let fix = "Use lower-case words of a to z and 0 to 9, joined by hyphens, at most 64 characters.";
        ProfileProblem::field(field, format!("“{}” is no id.", shown(id)), fix)
    })
}

/// Text for people: one line that hides nothing.
fn text(field: &str, text: &str, most: usize) -> Option<ProfileProblem> {
    let problem = |what: String, fix: String| Some(ProfileProblem::field(field, what, fix));
    let length = text.chars().count();
    if text.trim() != text || length == 0 {
        let what = "It is empty, or begins or ends with white space.".to_owned();
        return problem(what, "Write one sentence for people.".to_owned());
    }
    if length > most {
        return problem(format!("It has {length} characters."), format!("Use at most {most}."));
    }
    if text.chars().any(is_invisible) {
        let what = "It holds a line break, or a character that hides or reorders text.".to_owned();
        return problem(what, "Write it as one plain line.".to_owned());
    }
    None
}

/// A value as it may be shown: short and printable.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !is_invisible(*c)).take(60).collect()
}

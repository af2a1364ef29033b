//! The profiles there are: those that come with Gatehouse, and a vendor's own in a folder.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{MAX_BYTES, Origin, Profile, ProfileProblem, from_toml, shipped, shipped_profile};
use crate::{
    export::Existing,
    fault::{Fault, FaultCode},
    store::{atomic, can_name_a_file},
};

/// All profiles, and the files that hold none.
#[derive(Clone, Debug)]
pub struct Shelf {
    /// The shipped ones, the default first, then the vendor's own by their files' names.
    pub profiles: Vec<Arc<Profile>>,
    /// Files in the folder that cannot be used, or the folder itself when it cannot be read.
    pub problems: Vec<ShelfProblem>,
}

/// A file that holds no usable profile, or a folder whose profiles cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShelfProblem {
    /// The file, or the folder.
    pub file: PathBuf,
    /// Everything that is wrong with it.
    pub problems: Vec<ProfileProblem>,
}

impl ShelfProblem {
    /// As one fault, for callers that show a single text.
    fn fault(&self) -> Fault {
        let each: Vec<String> = self.problems.iter().map(ToString::to_string).collect();
        let what = format!("{} is no usable profile: {}", self.file.display(), each.join(" "));
        Fault::new(FaultCode::InvalidInput, what, "Then try again.")
    }
}

impl Shelf {
    /// The shipped profiles and those in this folder, which need not exist.
    pub(crate) fn of(folder: &Path) -> Self {
        let mut shelf = Self { profiles: shipped().to_vec(), problems: Vec::new() };
        let files = files(folder).unwrap_or_else(|error| {
            shelf.problems.push(unreadable_folder(folder, &error));
            Vec::new()
        });
        for file in files {
            match read(&file).and_then(|profile| shelf.unused_id(profile)) {
                Ok(profile) => {
                    shelf.profiles.push(Arc::new(Profile { origin: Origin::File(file), ..profile }));
                }
                Err(problems) => shelf.problems.push(ShelfProblem { file, problems }),
            }
        }
        shelf
    }

    /// A profile by its id.
    ///
    /// # Errors
    /// There is none of this id; the fault names those that are, and the files that cannot be used.
    pub fn get(&self, id: &str) -> Result<Arc<Profile>, Fault> {
        if let Some(known) = self.profiles.iter().find(|profile| profile.id == id) {
            return Ok(Arc::clone(known));
        }
        let mut fix = format!("Choose one of: {}.", self.ids().join(", "));
        for ShelfProblem { file, problems } in &self.problems {
            let first = problems.first().map(ToString::to_string).unwrap_or_default();
            fix.push_str(&format!(" Or mend {}: {first}", file.display()));
        }
        Err(Fault::field("profile", format!("There is no gateway profile named {id}."), fix))
    }

    /// The ids of all usable profiles.
    pub fn ids(&self) -> Vec<&str> {
        self.profiles.iter().map(|profile| profile.id.as_str()).collect()
    }

    fn unused_id(&self, profile: Profile) -> Result<Profile, Vec<ProfileProblem>> {
        let Some(taken) = self.profiles.iter().find(|known| known.id == profile.id) else {
            return Ok(profile);
        };
        let what = match &taken.origin {
            Origin::Shipped => format!("{} is a profile that comes with Gatehouse.", profile.id),
            Origin::File(file) => format!("{} is the id in {} already.", profile.id, file.display()),
        };
        Err(vec![ProfileProblem::field("id", what, "Choose an id of your own.")])
    }
}

/// Puts a vendor's file into the folder as `ID.toml`.
pub(crate) fn add(folder: &Path, file: &Path, existing: Existing) -> Result<Arc<Profile>, Fault> {
    let profile = check_file(file).map_err(|problem| problem.fault())?;
    if shipped_profile(&profile.id).is_some() {
        let what = format!("{} is a profile that comes with Gatehouse.", profile.id);
        return Err(Fault::field("id", what, "Choose an id of your own."));
    }
    if !can_name_a_file(&profile.id) {
        let what =
            format!("Windows keeps the name {} for a device, so no file can be called by it.", profile.id);
        return Err(Fault::field("id", what, "Choose another id."));
    }
    let place = folder.join(format!("{}.toml", profile.id));
    if place.exists() && existing == Existing::Keep {
        let what = format!("There is a profile named {} already.", profile.id);
        return Err(Fault::new(FaultCode::AlreadyThere, what, "Replace it with --force."));
    }
    let bytes = bytes_of(file).map_err(|error| Fault::storage("Could not read", file, &error))?;
    atomic::write_private(&place, &bytes)
        .map_err(|error| Fault::storage("Could not write", &place, &error))?;
    Ok(Arc::new(Profile { origin: Origin::File(place), ..profile }))
}

/// Reads a file as a profile, without taking it over.
///
/// # Errors
/// It cannot be read, or is no usable profile: everything that is wrong with it.
pub fn check_file(file: &Path) -> Result<Profile, ShelfProblem> {
    read(file).map_err(|problems| ShelfProblem { file: file.to_path_buf(), problems })
}

fn read(file: &Path) -> Result<Profile, Vec<ProfileProblem>> {
    let bytes = bytes_of(file).map_err(|error| {
        vec![ProfileProblem::file(format!("It cannot be read: {error}."), how_to_read(&error))]
    })?;
    from_toml(&bytes)
}

fn how_to_read(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "Check the path.",
        io::ErrorKind::PermissionDenied => "Let your account read it.",
        _ => "Give a profile’s file, TOML.",
    }
}

/// At most one byte more than a profile may have, so that a device or a huge file does no harm.
fn bytes_of(file: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(file)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no plain file"));
    }
    let mut bytes = Vec::new();
    File::open(file)?.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The `.toml` files of a folder by their names; none when there is no folder.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut files = paths.collect::<io::Result<Vec<PathBuf>>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")));
    files.sort();
    Ok(files)
}

fn unreadable_folder(folder: &Path, error: &io::Error) -> ShelfProblem {
    let fix = match error.kind() {
        io::ErrorKind::PermissionDenied => "Let your account read this folder and those above it.",
        io::ErrorKind::NotADirectory => "Put a folder in its place, or remove what is there.",
        _ => "Check the disk and the folder’s permissions.",
    };
    let what = format!("Your own profiles cannot be read: {error}.");
    ShelfProblem { file: folder.to_path_buf(), problems: vec![ProfileProblem::file(what, fix)] }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const DOOR: &str = include_str!("../../profiles/least-privilege.toml");

    fn folder_with(files: &[(&str, String)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            File::create(folder.path().join(name)).unwrap().write_all(text.as_bytes()).unwrap();
        }
        folder
    }

    fn door() -> String {
        DOOR.replace("id = \"least-privilege\"", "id = \"contoso-door\"")
    }

    #[test]
    fn a_vendors_file_stands_beside_the_shipped_ones() {
        let folder = folder_with(&[("door.toml", door()), ("notes.txt", "not read".to_owned())]);
        let shelf = Shelf::of(folder.path());
        assert_eq!(
            shelf.ids(),
            ["least-privilege", "gateway-identity-sync", "gespage-print", "custom", "contoso-door"]
        );
        let origin = &shelf.get("contoso-door").unwrap().origin;
        assert_eq!(*origin, Origin::File(folder.path().join("door.toml")));
        assert!(shelf.problems.is_empty());
    }

    #[test]
    fn no_folder_is_no_problem() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::of(&folder.path().join("none"));
        assert_eq!((shelf.profiles.len(), shelf.problems.len()), (4, 0));
    }

    #[test]
    fn a_folder_that_cannot_be_read_is_named_and_the_shipped_ones_are_there() {
        let folder = folder_with(&[("profiles", "no folder".to_owned())]);
        let place = folder.path().join("profiles");
        let shelf = Shelf::of(&place);
        assert_eq!(shelf.profiles.len(), 4);
        let [problem] = &shelf.problems[..] else { panic!("{:?}", shelf.problems) };
        assert_eq!(problem.file, place);
        let said = problem.problems[0].to_string();
        assert!(said.starts_with("Your own profiles cannot be read: "), "{said}");
        let fault = shelf.get("contoso-door").unwrap_err();
        assert!(fault.fix.contains(&place.display().to_string()), "{}", fault.fix);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_not_called_wrong() {
        let folder = tempfile::tempdir().unwrap();
        for (file, fix) in [
            (folder.path().join("none.toml"), "Check the path."),
            (folder.path().to_path_buf(), "Give a profile’s file, TOML."),
        ] {
            let problem = check_file(&file).unwrap_err();
            assert_eq!(problem.file, file);
            let [problem] = &problem.problems[..] else { panic!("{problem:?}") };
            assert!(problem.what.starts_with("It cannot be read: "), "{}", problem.what);
            assert_eq!(problem.fix, fix);
        }
    }

    #[test]
    fn a_file_that_cannot_be_used_is_named_and_hides_no_other() {
        let folder = folder_with(&[
            ("a.toml", "id = 3".to_owned()),
            ("b.toml", door()),
            ("c.toml", door()),
            ("d.toml", DOOR.to_owned()),
        ]);
        let shelf = Shelf::of(folder.path());
        assert!(shelf.get("contoso-door").is_ok());
        let said: Vec<String> = shelf.problems.iter().map(|file| file.problems[0].to_string()).collect();
        assert_eq!(said.len(), 3);
        assert!(said[0].starts_with("line 1: id: "), "{}", said[0]);
        assert!(said[1].contains("contoso-door is the id in "), "{}", said[1]);
        assert!(said[2].contains("comes with Gatehouse"), "{}", said[2]);
        let fault = shelf.get("contoso").unwrap_err();
        assert!(fault.fix.contains("a.toml"), "{}", fault.fix);
    }

    #[test]
    fn a_file_is_taken_over_under_its_id_once() {
        let source = folder_with(&[("door.toml", door()), ("bad.toml", "id = ".to_owned())]);
        let folder = tempfile::tempdir().unwrap();
        let profiles = folder.path().join("profiles");
        let added = add(&profiles, &source.path().join("door.toml"), Existing::Keep).unwrap();
        assert_eq!(added.origin, Origin::File(profiles.join("contoso-door.toml")));
        assert_eq!(Shelf::of(&profiles).get("contoso-door").unwrap(), added);
        let again = add(&profiles, &source.path().join("door.toml"), Existing::Keep).unwrap_err();
        assert_eq!(again.code, FaultCode::AlreadyThere);
        assert!(add(&profiles, &source.path().join("door.toml"), Existing::Replace).is_ok());
        assert!(add(&profiles, &source.path().join("bad.toml"), Existing::Keep).is_err());
        assert!(add(&profiles, &source.path().join("none.toml"), Existing::Keep).is_err());
        assert!(add(&profiles, source.path(), Existing::Keep).is_err(), "a folder is no profile");
        assert_eq!(fs::read_dir(&profiles).unwrap().count(), 1);
    }
}

//! All staged users in the order of their ids.

use std::{
    cmp::{Ordering, Reverse},
    collections::BinaryHeap,
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek, Write},
    path::{Path, PathBuf},
};

use rusqlite::Connection;

use super::{
    StoreProblem,
    packed::{ObjectId, take},
    people::{UserBundle, damaged, id_of, length_of},
};

/// Bytes of users that are sorted in memory. A longer list is sorted in pieces, which wait in files of their own.
const IN_MEMORY: usize = 16 << 20;
/// Users in a bundle.
const TOGETHER: usize = 1024;

/// All staged users by their ids. Of one that came several times, the one that came last is the first.
pub(in crate::sync) struct SortedUsers {
    runs: Vec<Run>,
    heads: BinaryHeap<Reverse<Head>>,
}

/// The next user of a run. Runs with higher numbers came later.
struct Head {
    id: ObjectId,
    run: Reverse<usize>,
    packed: Vec<u8>,
}

/// Users that are sorted among themselves.
enum Run {
    InMemory { bytes: Vec<u8>, order: std::vec::IntoIter<Place> },
    InFile(BufReader<File>),
}

/// Where a user stands.
struct Place {
    id: ObjectId,
    begin: usize,
    length: usize,
}

/// Takes users page by page and puts them in order. It holds one piece in memory; the others wait in files, which no other
/// account can read and which are gone with it.
pub(in crate::sync) struct UserSorter {
    folder: PathBuf,
    in_memory: usize,
    /// It was given every page. Otherwise it reads them in the end.
    whole: bool,
    runs: Vec<Run>,
    bytes: Vec<u8>,
}

impl UserSorter {
    /// One that is given every page.
    pub(super) fn from_the_start(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            in_memory: IN_MEMORY,
            whole: true,
            runs: Vec::new(),
            bytes: Vec::new(),
        }
    }

    /// One that comes when pages are staged already.
    pub(super) fn late(folder: &Path) -> Self {
        Self { whole: false, ..Self::from_the_start(folder) }
    }

    /// Takes a page of [`pack_users`], after those that came before.
    pub(super) fn push(&mut self, page: &[u8]) -> Result<(), StoreProblem> {
        if self.whole { self.keep(page) } else { Ok(()) }
    }

    fn keep(&mut self, page: &[u8]) -> Result<(), StoreProblem> {
        if !self.bytes.is_empty() && self.bytes.len() + page.len() > self.in_memory {
            self.runs.push(Run::InFile(to_file(&self.bytes, &self.folder)?));
            self.bytes.clear();
        }
        self.bytes.extend_from_slice(page);
        Ok(())
    }

    /// The users of all pages in order.
    pub(in crate::sync) fn end(mut self, staging: &Connection) -> Result<SortedUsers, StoreProblem> {
        if !self.whole {
            let mut select = staging.prepare("SELECT packed FROM users_in ORDER BY rowid")?;
            let mut pages = select.query([])?;
            while let Some(page) = pages.next()? {
                self.keep(page.get_ref(0)?.as_blob().map_err(|_| damaged())?)?;
            }
        }
        let Self { folder, bytes, mut runs, .. } = self;
        // The one piece of a small directory is not worth a file; the last one of a large directory leaves its room to
        // whoever takes the users.
        runs.push(if runs.is_empty() {
            let order = sorted(&bytes)?.into_iter();
            Run::InMemory { bytes, order }
        } else {
            Run::InFile(to_file(&bytes, &folder)?)
        });
        let mut users = SortedUsers { heads: BinaryHeap::with_capacity(runs.len()), runs };
        for run in 0..users.runs.len() {
            users.advance(run)?;
        }
        Ok(users)
    }
}

impl SortedUsers {
    fn advance(&mut self, run: usize) -> Result<(), StoreProblem> {
        if let Some((id, packed)) = self.runs.get_mut(run).map_or(Ok(None), Run::next)? {
            self.heads.push(Reverse(Head { id, run: Reverse(run), packed }));
        }
        Ok(())
    }

    fn bundle(&mut self) -> Result<Option<UserBundle>, StoreProblem> {
        let mut bundle = UserBundle::default();
        while bundle.len() < TOGETHER
            && let Some(Reverse(head)) = self.heads.pop()
        {
            bundle.push(&head.packed).ok_or_else(damaged)?;
            self.advance(head.run.0)?;
        }
        Ok((bundle.len() > 0).then_some(bundle))
    }
}

impl Iterator for SortedUsers {
    type Item = Result<UserBundle, StoreProblem>;

    fn next(&mut self) -> Option<Self::Item> {
        self.bundle().transpose()
    }
}

impl Run {
    fn next(&mut self) -> Result<Option<(ObjectId, Vec<u8>)>, StoreProblem> {
        match self {
            Self::InMemory { bytes, order } => {
                let Some(Place { id, begin, length }) = order.next() else { return Ok(None) };
                Ok(bytes.get(begin..begin + length).map(|packed| (id, packed.to_vec())))
            }
            Self::InFile(file) => {
                let Some(packed) = get_long(file)? else { return Ok(None) };
                Ok(Some((id_of(&packed).ok_or_else(damaged)?, packed)))
            }
        }
    }
}

impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        self.id.cmp(&other.id).then_with(|| self.run.cmp(&other.run))
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Head {}

/// The places of packed users by their ids, later ones of the same id first.
fn sorted(bytes: &[u8]) -> Result<Vec<Place>, StoreProblem> {
    let mut places = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let packed = take_long(&mut rest).ok_or_else(damaged)?;
        let begin = bytes.len() - rest.len() - packed.len();
        places.push(Place { id: id_of(packed).ok_or_else(damaged)?, begin, length: packed.len() });
    }
    places.sort_unstable_by(|one, other| one.id.cmp(&other.id).then(other.begin.cmp(&one.begin)));
    Ok(places)
}

fn to_file(bytes: &[u8], folder: &Path) -> Result<BufReader<File>, StoreProblem> {
    let mut file = BufWriter::new(tempfile::tempfile_in(folder)?);
    for Place { begin, length, .. } in sorted(bytes)? {
        let packed = bytes.get(begin..begin + length).ok_or_else(damaged)?;
        file.write_all(&length_of(packed))?;
        file.write_all(packed)?;
    }
    let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok(BufReader::with_capacity(128 << 10, file))
}

fn take_long<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(u32::from_le_bytes(take(rest)?)).ok()?;
    let (packed, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(packed)
}

fn get_long(file: &mut impl Read) -> Result<Option<Vec<u8>>, StoreProblem> {
    let mut length = [0; 4];
    match file.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let mut packed = vec![0; u32::from_le_bytes(length) as usize];
    file.read_exact(&mut packed)?;
    Ok(Some(packed))
}

#[cfg(test)]
mod tests {
    use entra::User;

    use super::*;
    use crate::sync::staging::people::{PackedUser, pack_users};

    fn user(id: &str, name: Option<&str>) -> User {
        User {
            id: id.to_owned(),
            user_principal_name: name.map(|name| format!("{name}@contoso.example")),
            display_name: name.map(str::to_owned),
            mail: None,
            account_enabled: name.map(|name| name.len() > 3),
            user_type: Some("Guest".to_owned()),
        }
    }

    fn staged(pages: &[Vec<User>]) -> Connection {
        let staging = Connection::open_in_memory().unwrap();
        staging
            .execute_batch("CREATE TABLE users_in (users INTEGER NOT NULL, packed BLOB NOT NULL)")
            .unwrap();
        for page in pages {
            staging.execute("INSERT INTO users_in VALUES (0, ?1)", [pack_users(page)]).unwrap();
        }
        staging
    }

    fn unpacked(user: &PackedUser) -> Result<User, StoreProblem> {
        let fields = user.fields()?;
        Ok(User {
            id: user.id().text(&mut uuid::Uuid::encode_buffer()).to_owned(),
            user_principal_name: fields.user_principal_name.map(str::to_owned),
            display_name: fields.display_name.map(str::to_owned),
            mail: fields.mail.map(str::to_owned),
            account_enabled: fields.account_enabled,
            user_type: fields.user_type.map(str::to_owned),
        })
    }

    fn all(sorted: SortedUsers) -> Result<Vec<User>, StoreProblem> {
        let bundles: Vec<UserBundle> = sorted.collect::<Result<_, _>>()?;
        bundles.into_iter().flat_map(UserBundle::into_users).map(|user| unpacked(&user)).collect()
    }

    fn try_to_read(staging: &Connection) -> Result<Vec<User>, StoreProblem> {
        let folder = tempfile::tempdir()?;
        all(UserSorter::late(folder.path()).end(staging)?)
    }

    fn read(staging: &Connection, in_memory: usize) -> Vec<User> {
        let folder = tempfile::tempdir().unwrap();
        let late = UserSorter { in_memory, ..UserSorter::late(folder.path()) };
        let mut early = UserSorter { in_memory, ..UserSorter::from_the_start(folder.path()) };
        let mut select = staging.prepare("SELECT packed FROM users_in ORDER BY rowid").unwrap();
        let pages = select.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
        pages.for_each(|page| early.push(&page.unwrap()).unwrap());
        let [late, early] = [late, early].map(|sorter| all(sorter.end(staging).unwrap()).unwrap());
        assert_eq!(late, early);
        late
    }

    #[test]
    fn users_come_back_as_they_were_sorted_by_their_ids() {
        let guid = "55555555-5555-4555-8555-5555555555ab";
        let pages = [
            vec![user("z", Some("Zoe")), user(guid, None), user("", Some("Nobody"))],
            vec![],
            vec![user("55555555-5555-4555-8555-5555555555AB", Some("Ünal")), user("a", Some(""))],
        ];
        let mut wanted: Vec<User> = pages.iter().flatten().cloned().collect();
        wanted.sort_by(|one, other| one.id.cmp(&other.id));
        assert_eq!(read(&staged(&pages), IN_MEMORY), wanted);
        assert_eq!(read(&staged(&pages), 1), wanted, "each page waits in a file of its own");
        assert_eq!(read(&staged(&[]), 1), []);
    }

    #[test]
    fn of_a_user_who_came_several_times_the_last_comes_first() {
        let pages = [
            vec![user("a", Some("first")), user("b", Some("only")), user("a", Some("second"))],
            vec![user("a", Some("third"))],
        ];
        for in_memory in [1, IN_MEMORY] {
            let read = read(&staged(&pages), in_memory);
            let names: Vec<_> = read.iter().filter_map(|user| user.display_name.as_deref()).collect();
            assert_eq!(names, ["third", "second", "first", "only"], "{in_memory}");
        }
    }

    #[test]
    fn bytes_that_were_cut_are_refused() {
        let packed = pack_users(&[user("55555555-5555-4555-8555-5555555555ab", Some("Ada"))]);
        for cut in 1..packed.len() {
            let staging = staged(&[]);
            staging.execute("INSERT INTO users_in VALUES (1, ?1)", [&packed[..cut]]).unwrap();
            assert!(matches!(try_to_read(&staging), Err(StoreProblem::Sqlite(_))), "{cut}");
        }
        let mut longer = packed.clone();
        longer[0] -= 1;
        longer.pop();
        let staging = staged(&[]);
        staging.execute("INSERT INTO users_in VALUES (1, ?1)", [&longer]).unwrap();
        assert!(try_to_read(&staging).is_err());
    }
}

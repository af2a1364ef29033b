//! Users in few bytes: a page of users is one value in the staging file, and all of them come out sorted by their ids.

use std::{
    cmp::{Ordering, Reverse},
    collections::BinaryHeap,
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek, Write},
    path::Path,
};

use entra::User;
use rusqlite::Connection;

use super::{
    StoreProblem,
    packed::{GUID, ObjectId, pack_id, pack_text, take, take_id, take_text},
};

/// Bytes of users that are sorted in memory. A longer list is sorted in pieces, which wait in files of their own.
const IN_MEMORY: usize = 16 << 20;

/// The first byte of a user: which texts are there, whether the account is enabled, and [`GUID`].
const NAMED: u8 = 0x01;
const SHOWN: u8 = 0x02;
const MAIL: u8 = 0x04;
const TYPE: u8 = 0x08;
const DISABLED: u8 = 0x10;
const ENABLED: u8 = 0x20;

/// A page in which each user has its length before it.
pub(super) fn pack_users(page: &[User]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(page.len() * 128);
    let mut one = Vec::with_capacity(256);
    for user in page {
        one.clear();
        pack_user(&mut one, user);
        put_long(&mut packed, &one);
    }
    packed
}

fn pack_user(into: &mut Vec<u8>, user: &User) {
    let id = ObjectId::new(&user.id);
    let texts = [
        (NAMED, user.user_principal_name.as_deref()),
        (SHOWN, user.display_name.as_deref()),
        (MAIL, user.mail.as_deref()),
        (TYPE, user.user_type.as_deref()),
    ];
    let mut head = match user.account_enabled {
        Some(true) => ENABLED,
        Some(false) => DISABLED,
        None => 0,
    };
    for (bit, text) in texts {
        head |= text.map_or(0, |_| bit);
    }
    if matches!(id, ObjectId::Guid(_)) {
        head |= GUID;
    }
    into.push(head);
    pack_id(into, &id);
    for (_, text) in texts {
        if let Some(text) = text {
            pack_text(into, text);
        }
    }
}

/// A user as one value. Whoever needs the fields unpacks them, on its own thread.
pub(in crate::sync) struct PackedUser(Vec<u8>);

impl PackedUser {
    pub(in crate::sync) fn unpack(&self) -> Result<User, StoreProblem> {
        unpack_user(&self.0).ok_or_else(damaged)
    }
}

/// Reads what [`pack_user`] wrote; none for other bytes.
fn unpack_user(mut bytes: &[u8]) -> Option<User> {
    let rest = &mut bytes;
    let [head] = take(rest)?;
    let id = take_id(rest, head & GUID > 0)?;
    let mut text = |bit| Some(if head & bit > 0 { Some(take_text(rest)?.to_owned()) } else { None });
    let (user_principal_name, display_name) = (text(NAMED)?, text(SHOWN)?);
    let (mail, user_type) = (text(MAIL)?, text(TYPE)?);
    let account_enabled = match head & (ENABLED | DISABLED) {
        0 => None,
        enabled => Some(enabled == ENABLED),
    };
    let mut buffer = uuid::Uuid::encode_buffer();
    let id = id.text(&mut buffer).to_owned();
    Some(User { id, user_principal_name, display_name, mail, account_enabled, user_type })
}

fn id_of(mut bytes: &[u8]) -> Option<ObjectId> {
    let rest = &mut bytes;
    let [head] = take(rest)?;
    take_id(rest, head & GUID > 0)
}

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

impl SortedUsers {
    /// Sorts what is staged. `folder` takes the files of a long list, which no other account can read and which are gone
    /// with this.
    pub(in crate::sync) fn read(staging: &Connection, folder: &Path) -> Result<Self, StoreProblem> {
        Self::sort(staging, folder, IN_MEMORY)
    }

    fn sort(staging: &Connection, folder: &Path, in_memory: usize) -> Result<Self, StoreProblem> {
        let mut select = staging.prepare("SELECT packed FROM users_in ORDER BY rowid")?;
        let mut pages = select.query([])?;
        let (mut runs, mut bytes) = (Vec::new(), Vec::new());
        while let Some(page) = pages.next()? {
            let page = page.get_ref(0)?.as_blob().map_err(|_| damaged())?;
            if !bytes.is_empty() && bytes.len() + page.len() > in_memory {
                runs.push(Run::InFile(to_file(&bytes, folder)?));
                bytes.clear();
            }
            bytes.extend_from_slice(page);
        }
        let order = sorted(&bytes)?.into_iter();
        runs.push(Run::InMemory { bytes, order });
        let mut users = Self { heads: BinaryHeap::with_capacity(runs.len()), runs };
        for run in 0..users.runs.len() {
            users.advance(run)?;
        }
        Ok(users)
    }

    fn advance(&mut self, run: usize) -> Result<(), StoreProblem> {
        if let Some((id, packed)) = self.runs.get_mut(run).map_or(Ok(None), Run::next)? {
            self.heads.push(Reverse(Head { id, run: Reverse(run), packed }));
        }
        Ok(())
    }

    fn pop(&mut self) -> Result<Option<PackedUser>, StoreProblem> {
        let Some(Reverse(head)) = self.heads.pop() else { return Ok(None) };
        self.advance(head.run.0)?;
        Ok(Some(PackedUser(head.packed)))
    }
}

impl Iterator for SortedUsers {
    type Item = Result<PackedUser, StoreProblem>;

    fn next(&mut self) -> Option<Self::Item> {
        self.pop().transpose()
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
                let id = id_of(&packed).ok_or_else(damaged)?;
                Ok(Some((id, packed)))
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

fn put_long(into: &mut Vec<u8>, packed: &[u8]) {
    into.extend_from_slice(&length_of(packed));
    into.extend_from_slice(packed);
}

fn length_of(packed: &[u8]) -> [u8; 4] {
    u32::try_from(packed.len()).unwrap_or(u32::MAX).to_le_bytes()
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

/// Bytes that nobody wrote there.
fn damaged() -> StoreProblem {
    StoreProblem::Sqlite("the file of the run under way is damaged".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn try_to_read(staging: &Connection) -> Result<Vec<User>, StoreProblem> {
        let folder = tempfile::tempdir()?;
        SortedUsers::read(staging, folder.path())?.map(|user| user?.unpack()).collect()
    }

    fn read(staging: &Connection, in_memory: usize) -> Vec<User> {
        let folder = tempfile::tempdir().unwrap();
        let users = SortedUsers::sort(staging, folder.path(), in_memory).unwrap();
        users.map(|user| user.and_then(|user| user.unpack())).collect::<Result<_, _>>().unwrap()
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

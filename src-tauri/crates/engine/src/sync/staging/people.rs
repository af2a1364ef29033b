//! Users in few bytes: a page of users is one value in the staging file.

use std::sync::Arc;

use entra::User;

use super::{
    StoreProblem,
    packed::{GUID, ObjectId, pack_id, take, take_id},
};

/// The first byte of a user: which texts are there, whether the account is enabled, and [`GUID`].
const TEXTS: [u8; 4] = [0x01, 0x02, 0x04, 0x08];
const DISABLED: u8 = 0x10;
const ENABLED: u8 = 0x20;

/// A page in which each user has its length before it.
pub(super) fn pack_users(page: &[User]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(page.len() * 128);
    let mut one = Vec::with_capacity(256);
    for user in page {
        one.clear();
        pack(user, &mut one);
        put_long(&mut packed, &one);
    }
    packed
}

/// The first byte, the id, the lengths of the texts that are there, and these one after the other.
fn pack(user: &User, into: &mut Vec<u8>) {
    let id = ObjectId::new(&user.id);
    let fields = UserFields {
        user_principal_name: user.user_principal_name.as_deref(),
        display_name: user.display_name.as_deref(),
        mail: user.mail.as_deref(),
        account_enabled: user.account_enabled,
        user_type: user.user_type.as_deref(),
    };
    let guid = if matches!(id, ObjectId::Guid(_)) { GUID } else { 0 };
    into.push(fields.head() | guid);
    pack_id(into, &id);
    for text in fields.texts().into_iter().flatten() {
        into.extend_from_slice(&length_of(text.as_bytes()));
    }
    for text in fields.texts().into_iter().flatten() {
        into.extend_from_slice(text.as_bytes());
    }
}

/// The id of a packed user.
pub(super) fn id_of(mut packed: &[u8]) -> Option<ObjectId> {
    head_and_id(&mut packed).map(|(_, id)| id)
}

fn head_and_id(rest: &mut &[u8]) -> Option<(u8, ObjectId)> {
    let [head] = take(rest)?;
    Some((head, take_id(rest, head & GUID > 0)?))
}

/// What is known of a user beside its id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::sync) struct UserFields<'a> {
    pub(in crate::sync) user_principal_name: Option<&'a str>,
    pub(in crate::sync) display_name: Option<&'a str>,
    pub(in crate::sync) mail: Option<&'a str>,
    pub(in crate::sync) account_enabled: Option<bool>,
    pub(in crate::sync) user_type: Option<&'a str>,
}

impl<'a> UserFields<'a> {
    fn texts(&self) -> [Option<&'a str>; 4] {
        [self.user_principal_name, self.display_name, self.mail, self.user_type]
    }

    fn head(&self) -> u8 {
        let enabled = match self.account_enabled {
            Some(true) => ENABLED,
            Some(false) => DISABLED,
            None => 0,
        };
        let there = TEXTS.iter().zip(self.texts()).filter(|(_, text)| text.is_some());
        there.fold(enabled, |head, (bit, _)| head | bit)
    }
}

/// A user whose texts stand in a piece of memory with those of others.
#[derive(Clone, Debug)]
pub(in crate::sync) struct PackedUser {
    id: ObjectId,
    head: u8,
    lengths: [u32; 4],
    begin: usize,
    texts: Arc<String>,
}

impl PackedUser {
    /// A user alone.
    pub(in crate::sync) fn new(id: &str, fields: &UserFields<'_>) -> Self {
        let texts = fields.texts().map(Option::unwrap_or_default);
        Self {
            id: ObjectId::new(id),
            head: fields.head(),
            lengths: texts.map(|text| u32::try_from(text.len()).unwrap_or(u32::MAX)),
            begin: 0,
            texts: Arc::new(texts.concat()),
        }
    }

    pub(in crate::sync) fn id(&self) -> &ObjectId {
        &self.id
    }

    pub(in crate::sync) fn fields(&self) -> Result<UserFields<'_>, StoreProblem> {
        let mut begin = self.begin;
        let mut texts = [None; 4];
        for ((text, bit), length) in texts.iter_mut().zip(TEXTS).zip(self.lengths) {
            if self.head & bit > 0 {
                let end = begin + length as usize;
                *text = Some(self.texts.get(begin..end).ok_or_else(damaged)?);
                begin = end;
            }
        }
        let [user_principal_name, display_name, mail, user_type] = texts;
        let account_enabled = match self.head & (ENABLED | DISABLED) {
            0 => None,
            enabled => Some(enabled == ENABLED),
        };
        Ok(UserFields { user_principal_name, display_name, mail, account_enabled, user_type })
    }
}

impl PartialEq for PackedUser {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && self.fields().ok() == other.fields().ok()
    }
}

/// Users in order, whose texts are one piece of memory.
#[derive(Default)]
pub(in crate::sync) struct UserBundle {
    texts: String,
    users: Vec<Bundled>,
}

struct Bundled {
    id: ObjectId,
    head: u8,
    lengths: [u32; 4],
    begin: usize,
}

impl UserBundle {
    pub(in crate::sync) fn len(&self) -> usize {
        self.users.len()
    }

    /// Appends a packed user; none for other bytes.
    pub(super) fn push(&mut self, mut packed: &[u8]) -> Option<()> {
        let rest = &mut packed;
        let (head, id) = head_and_id(rest)?;
        let mut lengths = [0; 4];
        for (length, bit) in lengths.iter_mut().zip(TEXTS) {
            if head & bit > 0 {
                *length = u32::from_le_bytes(take(rest)?);
            }
        }
        let together: u64 = lengths.iter().copied().map(u64::from).sum();
        if together != rest.len() as u64 {
            return None;
        }
        self.users.push(Bundled { id, head, lengths, begin: self.texts.len() });
        self.texts.push_str(std::str::from_utf8(rest).ok()?);
        Some(())
    }

    /// The users one by one.
    pub(in crate::sync) fn into_users(self) -> impl Iterator<Item = PackedUser> {
        let texts = Arc::new(self.texts);
        self.users.into_iter().map(move |Bundled { id, head, lengths, begin }| PackedUser {
            id,
            head,
            lengths,
            begin,
            texts: Arc::clone(&texts),
        })
    }
}

pub(super) fn put_long(into: &mut Vec<u8>, packed: &[u8]) {
    into.extend_from_slice(&length_of(packed));
    into.extend_from_slice(packed);
}

pub(super) fn length_of(packed: &[u8]) -> [u8; 4] {
    u32::try_from(packed.len()).unwrap_or(u32::MAX).to_le_bytes()
}

/// Bytes that nobody wrote there.
pub(super) fn damaged() -> StoreProblem {
    StoreProblem::Sqlite("the file of the run under way is damaged".to_owned())
}

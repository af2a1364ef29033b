//! Members in few bytes: a page of a group's members is one value in the staging file.
//!
//! Each member is a byte for its kind, then its id. Ids that are GUIDs in lower case, which is what Graph sends, take
//! sixteen bytes; any other text stands as it came.

use std::cmp::Ordering;

use entra::MemberKind;
use uuid::Uuid;

const REMOVED: u8 = 0x80;
/// Its id is a GUID.
pub(super) const GUID: u8 = 0x40;
const KIND: u8 = 0x0f;

/// Kinds by their number; 0 is a member without a type, the last number one whose name stands beside it.
const KINDS: [&str; 6] = ["", "user", "group", "device", "servicePrincipal", "orgContact"];
const OTHER: u8 = 15;

/// An object id. Ids compare as their texts do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::sync) enum ObjectId {
    Guid(Uuid),
    Text(Box<str>),
}

/// A member of a group, or a change of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sync) struct PackedMember {
    pub(in crate::sync) id: ObjectId,
    /// Graph's name of the type without its namespace, `user`; empty when Graph gave none.
    pub(in crate::sync) kind: Kind,
    /// In a delta: it is a member no more.
    pub(in crate::sync) removed: bool,
}

/// A kind of member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sync) enum Kind {
    Known(u8),
    Other(Box<str>),
}

impl ObjectId {
    pub(in crate::sync) fn new(text: &str) -> Self {
        let mut buffer = Uuid::encode_buffer();
        match Uuid::try_parse(text) {
            Ok(guid) if guid.hyphenated().encode_lower(&mut buffer) == text => Self::Guid(guid),
            _ => Self::Text(text.into()),
        }
    }

    /// The id as Graph wrote it.
    pub(in crate::sync) fn text<'a>(&'a self, buffer: &'a mut [u8; 45]) -> &'a str {
        match self {
            Self::Guid(guid) => guid.hyphenated().encode_lower(buffer),
            Self::Text(text) => text,
        }
    }
}

impl Ord for ObjectId {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            // The hyphens stand at the same places, so bytes compare as their digits do.
            (Self::Guid(one), Self::Guid(two)) => one.cmp(two),
            (one, two) => {
                let (mut first, mut second) = (Uuid::encode_buffer(), Uuid::encode_buffer());
                one.text(&mut first).cmp(two.text(&mut second))
            }
        }
    }
}

impl PartialOrd for ObjectId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Kind {
    pub(in crate::sync) fn of(kind: &MemberKind) -> Self {
        match kind {
            MemberKind::User => Self::Known(1),
            MemberKind::Group => Self::Known(2),
            MemberKind::Device => Self::Known(3),
            MemberKind::ServicePrincipal => Self::Known(4),
            MemberKind::OrgContact => Self::Known(5),
            MemberKind::Other(name) => Self::named(name.strip_prefix("microsoft.graph.").unwrap_or(name)),
        }
    }

    /// The kind with this name.
    pub(in crate::sync) fn named(name: &str) -> Self {
        match KINDS.iter().position(|known| *known == name).and_then(|place| u8::try_from(place).ok()) {
            Some(number) => Self::Known(number),
            None => Self::Other(name.into()),
        }
    }

    pub(in crate::sync) fn name(&self) -> &str {
        match self {
            Self::Known(number) => KINDS.get(usize::from(*number)).copied().unwrap_or_default(),
            Self::Other(name) => name,
        }
    }
}

/// Appends a member.
pub(in crate::sync) fn pack(into: &mut Vec<u8>, id: &str, kind: &MemberKind, removed: bool) {
    let (id, kind) = (ObjectId::new(id), Kind::of(kind));
    let mut head = if removed { REMOVED } else { 0 };
    if matches!(id, ObjectId::Guid(_)) {
        head |= GUID;
    }
    match &kind {
        Kind::Known(number) => into.push(head | number),
        Kind::Other(name) => {
            into.push(head | OTHER);
            pack_text(into, name);
        }
    }
    pack_id(into, &id);
}

/// Appends an id. Whether it is a GUID stands elsewhere.
pub(super) fn pack_id(into: &mut Vec<u8>, id: &ObjectId) {
    match id {
        ObjectId::Guid(guid) => into.extend_from_slice(guid.as_bytes()),
        ObjectId::Text(text) => pack_text(into, text),
    }
}

/// Appends a text with its length before it.
pub(super) fn pack_text(into: &mut Vec<u8>, text: &str) {
    into.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
    into.extend_from_slice(text.as_bytes());
}

/// Reads what [`pack`] wrote. None stands for bytes that it did not write; reading ends there.
pub(in crate::sync) fn unpack(bytes: &[u8]) -> impl Iterator<Item = Option<PackedMember>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let read = member(&mut rest);
        if read.is_none() {
            rest = &[];
        }
        Some(read)
    })
}

fn member(rest: &mut &[u8]) -> Option<PackedMember> {
    let [head] = take(rest)?;
    let kind = match head & KIND {
        OTHER => Kind::Other(take_text(rest)?.into()),
        known if usize::from(known) < KINDS.len() => Kind::Known(known),
        _ => return None,
    };
    let id = take_id(rest, head & GUID > 0)?;
    Some(PackedMember { id, kind, removed: head & REMOVED > 0 })
}

/// Takes what [`pack_id`] appended.
pub(super) fn take_id(rest: &mut &[u8], guid: bool) -> Option<ObjectId> {
    Some(if guid {
        ObjectId::Guid(Uuid::from_bytes(take(rest)?))
    } else {
        ObjectId::Text(take_text(rest)?.into())
    })
}

/// Takes what [`pack_text`] appended.
pub(super) fn take_text<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    let length = usize::try_from(u32::from_le_bytes(take(rest)?)).ok()?;
    let (text, after) = rest.split_at_checked(length)?;
    *rest = after;
    std::str::from_utf8(text).ok()
}

/// Takes so many bytes.
pub(super) fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID_TEXT: &str = "55555555-5555-4555-8555-5555555555ab";

    #[test]
    fn members_read_back_as_they_came() {
        let members = [
            (GUID_TEXT, MemberKind::User, false),
            ("55555555-5555-4555-8555-5555555555AB", MemberKind::Group, true),
            ("ada", MemberKind::Other(String::new()), false),
            ("", MemberKind::Other("microsoft.graph.newThing".into()), true),
        ];
        let mut bytes = Vec::new();
        for (id, kind, removed) in &members {
            pack(&mut bytes, id, kind, *removed);
        }
        let mut buffer = Uuid::encode_buffer();
        let read: Vec<(String, String, bool)> = unpack(&bytes)
            .map(Option::unwrap)
            .map(|read| (read.id.text(&mut buffer).to_owned(), read.kind.name().to_owned(), read.removed))
            .collect();
        let wanted = ["user", "group", "", "newThing"];
        for ((read, (id, _, removed)), kind) in read.iter().zip(&members).zip(wanted) {
            assert_eq!((read.0.as_str(), read.1.as_str(), read.2), (*id, kind, *removed));
        }
        assert_eq!(read.len(), 4);
        let mut small = Vec::new();
        pack(&mut small, GUID_TEXT, &MemberKind::User, false);
        assert_eq!(small.len(), 17);
    }

    #[test]
    fn bytes_that_were_cut_end_the_reading() {
        let mut bytes = Vec::new();
        pack(&mut bytes, GUID_TEXT, &MemberKind::User, false);
        for cut in 1..bytes.len() {
            assert_eq!(unpack(&bytes[..cut]).collect::<Vec<_>>(), [None]);
        }
        assert_eq!(unpack(&[0x3f]).next(), Some(None));
        assert_eq!(unpack(&[0x09, 0, 0]).next(), Some(None));
    }

    #[test]
    fn ids_compare_as_their_texts_do() {
        let texts = ["", "0", GUID_TEXT, "55555555-5555-4555-8555-5555555555ac", "A", "ada", "f"];
        for (place, one) in texts.iter().enumerate() {
            for (other_place, other) in texts.iter().enumerate() {
                let (one, other) = (ObjectId::new(one), ObjectId::new(other));
                assert_eq!(one.cmp(&other), place.cmp(&other_place), "{one:?} {other:?}");
            }
        }
    }
}

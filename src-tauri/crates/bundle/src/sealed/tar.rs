//! The tar inside a bundle: POSIX ustar, one spelling for every header.
//!
//! A header is fully determined by name and size, so a reader compares it with the one it would write itself. Nothing
//! that tar programs understand differently (extensions, prefixes, links, other kinds of entries) can pass.

use std::io::{self, Write};

use super::problem::{OpenProblem, TarFault};

const BLOCK: usize = 512;
const EMPTY: [u8; BLOCK] = [0; BLOCK];

/// Writes a regular file of mode 0600, of user and group 0, of the time 0.
pub(crate) fn append(name: &str, content: &[u8], to: &mut impl Write) -> io::Result<()> {
    to.write_all(&header(name, content.len()))?;
    to.write_all(content)?;
    let (filling, _) = EMPTY.split_at(content.len().next_multiple_of(BLOCK) - content.len());
    to.write_all(filling)
}

/// Writes the two empty blocks that end an archive.
pub(crate) fn finish(to: &mut impl Write) -> io::Result<()> {
    to.write_all(&EMPTY)?;
    to.write_all(&EMPTY)
}

/// One file of an archive.
#[derive(Clone, Copy)]
pub(crate) struct Entry<'tar> {
    pub(crate) name: &'tar str,
    pub(crate) content: &'tar [u8],
}

/// Reads an archive from its start.
pub(crate) struct Reader<'tar> {
    rest: &'tar [u8],
}

impl<'tar> Reader<'tar> {
    pub(crate) fn new(bytes: &'tar [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next file, or none at the end of the archive. `most` is the largest content that is accepted for a name.
    pub(crate) fn next(&mut self, most: impl Fn(&str) -> usize) -> Result<Option<Entry<'tar>>, OpenProblem> {
        let block: &[u8; BLOCK] = self.rest.first_chunk().ok_or(OpenProblem::Tar(TarFault::CutOff))?;
        if block.iter().all(|byte| *byte == 0) {
            return self.end().map(|()| None);
        }
        let field = |from: usize, length: usize| block.get(from..from + length).unwrap_or_default();
        if field(257, 8) != b"ustar\x0000" || field(148, 8) != checksum(block) {
            return Err(OpenProblem::Tar(TarFault::NotUstar));
        }
        let name = until_nul(field(0, 100));
        let name = std::str::from_utf8(name).map_err(|_| OpenProblem::bad_name(name))?;
        let kind = block.get(156).copied().unwrap_or_default();
        if kind != b'0' {
            return Err(OpenProblem::not_a_file(name, kind));
        }
        if !field(345, 155).iter().all(|byte| *byte == 0) {
            // A prefix is put before the name by every tar program.
            return Err(OpenProblem::bad_name_with_prefix(until_nul(field(345, 155)), name));
        }
        OpenProblem::check_name(name)?;
        let size = octal(field(124, 12)).ok_or(OpenProblem::Tar(TarFault::NotUstar))?;
        if size > most(name) {
            return Err(OpenProblem::file_too_large(name, most(name)));
        }
        if *block != header(name, size) {
            return Err(OpenProblem::Tar(TarFault::HeaderNotPlain { name: name.to_owned() }));
        }
        let cut_off = OpenProblem::Tar(TarFault::CutOff);
        let (member, rest) =
            self.rest.split_at_checked(BLOCK + size.next_multiple_of(BLOCK)).ok_or(cut_off)?;
        let (content, filling) = member.split_at(BLOCK).1.split_at(size);
        if filling.iter().any(|byte| *byte != 0) {
            return Err(OpenProblem::Tar(TarFault::Trailing));
        }
        self.rest = rest;
        Ok(Some(Entry { name, content }))
    }

    /// After two empty blocks, only more of them may follow: some tar programs write whole records.
    fn end(&self) -> Result<(), OpenProblem> {
        if self.rest.len() < 2 * BLOCK || !self.rest.len().is_multiple_of(BLOCK) {
            return Err(OpenProblem::Tar(TarFault::CutOff));
        }
        if self.rest.iter().any(|byte| *byte != 0) {
            return Err(OpenProblem::Tar(TarFault::Trailing));
        }
        Ok(())
    }
}

/// The one header that a name of at most 100 bytes and a size of at most eleven octal digits have.
fn header(name: &str, size: usize) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let mut put = |at: usize, text: &[u8]| {
        for (to, from) in block.iter_mut().skip(at).zip(text) {
            *to = *from;
        }
    };
    put(0, name.as_bytes());
    put(100, b"0000600\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{size:011o}\0").as_bytes());
    put(136, b"00000000000\0");
    put(156, b"0");
    put(257, b"ustar\x0000");
    put(329, b"0000000\0");
    put(337, b"0000000\0");
    let sum = checksum(&block);
    for (to, from) in block.iter_mut().skip(148).zip(sum) {
        *to = from;
    }
    block
}

/// The sum of all bytes, with spaces in the place of the sum itself.
fn checksum(block: &[u8; BLOCK]) -> [u8; 8] {
    let sum = |bytes: &[u8]| bytes.iter().map(|byte| u32::from(*byte)).sum::<u32>();
    let sum = sum(block) - sum(block.get(148..156).unwrap_or_default()) + 8 * u32::from(b' ');
    let mut field = *b"000000\0 ";
    for (place, digit) in field.iter_mut().take(6).enumerate() {
        let shift = 3 * (5 - place);
        *digit = b'0' + u8::try_from((sum >> shift) & 7).unwrap_or_default();
    }
    field
}

fn until_nul(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Eleven octal digits and a NUL; anything else, such as the base-256 form for huge sizes, is none.
fn octal(field: &[u8]) -> Option<usize> {
    let (b'\0', digits) = field.split_last()? else { return None };
    digits.iter().try_fold(0_usize, |sum, digit| match digit {
        b'0'..=b'7' => sum.checked_mul(8)?.checked_add(usize::from(digit - b'0')),
        _ => None,
    })
}

//! The `age` library alone: the least that sealing can take.

use std::{
    fs::File,
    io::{Read, Write},
    path::Path,
    thread,
};

use age::ssh::{Identity, Recipient};

use crate::Problem;

/// Does the same for each, on so many threads.
pub(super) fn in_parallel<T: Sync>(
    all: &[T],
    threads: usize,
    each: impl Fn(usize, &T) -> Result<(), Problem> + Sync,
) -> Result<(), Problem> {
    let (each, part) = (&each, all.len().div_ceil(threads).max(1));
    thread::scope(|scope| {
        let parts = all.chunks(part).enumerate().map(|(index, chunk)| {
            scope.spawn(move || {
                chunk.iter().enumerate().try_for_each(|(number, one)| each(index * part + number, one))
            })
        });
        let running: Vec<_> = parts.collect();
        running.into_iter().try_for_each(|thread| thread.join().map_err(|_| "A thread ended badly.")?)
    })
}

pub(super) fn seal(recipient: &Recipient, plain: &[u8]) -> Result<Vec<u8>, Problem> {
    let mut sealed = Vec::with_capacity(plain.len() + 2 * 1024);
    let encryptor = age::Encryptor::with_recipients(std::iter::once(recipient as _))?;
    let mut writer = encryptor.wrap_output(&mut sealed)?;
    writer.write_all(plain)?;
    writer.finish()?;
    Ok(sealed)
}

/// Writes a file whole and waits for the disk, as every export has to.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    Ok(file.sync_all()?)
}

pub(super) fn open(sealed: &[u8], private_key: &str) -> Result<Vec<u8>, Problem> {
    let key = Identity::from_buffer(private_key.as_bytes(), None)?;
    let mut plain = Vec::new();
    age::Decryptor::new_buffered(sealed)?.decrypt(std::iter::once(&key as _))?.read_to_end(&mut plain)?;
    Ok(plain)
}

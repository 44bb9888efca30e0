//! The frame around every component file: magic, version, body, checksum.
//!
//! ```text
//! 0        8 bytes  magic, which names the component
//! 8        u32 LE   version of the component
//! 12       …        body
//! len-16   16 bytes first half of BLAKE3 over everything before
//! ```
//!
//! The checksum is verified by `flux verify`, not on every open: hashing the whole index would
//! cost more than most searches. What a search reads is bounds-checked instead.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::StoreError;

/// Bytes before the body.
pub const HEADER_LEN: usize = 12;
/// Bytes after the body.
pub const CHECKSUM_LEN: usize = 16;

/// A kind of component file and the version this program reads and writes.
#[derive(Clone, Copy, Debug)]
pub struct Component {
    /// The word for it in messages.
    pub name: &'static str,
    /// Eight bytes that open the file.
    pub magic: &'static [u8; 8],
    /// Bumped with every change of the bytes; a file of another version is rebuilt.
    pub version: u32,
}

/// Facts of contents. Version 1: first layout. Version 2: lowered facts and the digest of what
/// they export, in place of raw references.
pub const FACTS: Component = Component { name: "facts", magic: b"FLUXFACT", version: 2 };
/// Trigrams of contents. Version 1: first layout.
pub const GRAMS: Component = Component { name: "trigrams", magic: b"FLUXGRAM", version: 1 };
/// Files of a tree. Version 1: first layout. Version 2: stamps carry the time of the last change
/// of a file's inode.
pub const VIEW: Component = Component { name: "view", magic: b"FLUXVIEW", version: 2 };

/// Vectors of chunks. Version 1: first layout.
pub const VECTORS: Component = Component { name: "vectors", magic: b"FLUXVECT", version: 1 };
/// Symbol graphs, bases and deltas. Version 1: first layout. Version 2: what resolution saw, and
/// its notes. The order of kinds, tiers and reasons
/// in `flux_core` is part of it.
pub const SYMBOL_GRAPH: Component =
    Component { name: "symbol graph", magic: b"FLUXSYMB", version: 2 };
/// Graphs of near vectors. Version 1: first layout.
pub const GRAPH: Component = Component { name: "graph", magic: b"FLUXNEAR", version: 1 };

impl Component {
    /// Checks the frame of `bytes`, read from `path`, and returns the body.
    pub fn body<'a>(&self, path: &Path, bytes: &'a [u8]) -> Result<&'a [u8], StoreError> {
        if bytes.len() < HEADER_LEN + CHECKSUM_LEN || &bytes[..8] != self.magic {
            return Err(StoreError::damaged(path, format!("not a {} file", self.name)));
        }
        let found = u32::from_le_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]);
        if found != self.version {
            return Err(StoreError::Version {
                path: path.to_owned(),
                component: self.name,
                found,
                wanted: self.version,
            });
        }
        Ok(&bytes[HEADER_LEN..bytes.len() - CHECKSUM_LEN])
    }

    /// Recomputes the checksum of a whole file.
    pub fn verify(&self, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        self.body(path, bytes)?;
        let (content, checksum) = bytes.split_at(bytes.len() - CHECKSUM_LEN);
        if &blake3::hash(content).as_bytes()[..CHECKSUM_LEN] != checksum {
            return Err(StoreError::damaged(path, "its checksum does not match"));
        }
        Ok(())
    }
}

/// Writes a component file from start to end, then makes it durable.
pub struct ComponentWriter {
    path: PathBuf,
    file: BufWriter<File>,
    hasher: blake3::Hasher,
    written: u64,
}

impl ComponentWriter {
    /// Creates the file, replacing what an interrupted writer left there.
    pub fn create(component: Component, path: PathBuf) -> Result<Self, StoreError> {
        // A reader may still have what lies there mapped: a new file leaves its bytes alone.
        remove_if_there(&path)?;
        let file = File::create_new(&path).map_err(StoreError::io("create", &path))?;
        let mut writer = Self {
            path,
            file: BufWriter::with_capacity(1 << 18, file),
            hasher: blake3::Hasher::new(),
            written: 0,
        };
        writer.write(component.magic)?;
        writer.write(&component.version.to_le_bytes())?;
        writer.written = 0;
        Ok(writer)
    }

    /// Bytes of the body written so far.
    pub fn position(&self) -> u64 {
        self.written
    }

    /// Appends to the body.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.hasher.update(bytes);
        self.written += bytes.len() as u64;
        self.file.write_all(bytes).map_err(StoreError::io("write", &self.path))
    }

    /// Writes the checksum and waits until the bytes are on the disk.
    pub fn finish(mut self) -> Result<(), StoreError> {
        let checksum = self.hasher.finalize();
        let end = |file: &mut BufWriter<File>| -> io::Result<()> {
            file.write_all(&checksum.as_bytes()[..CHECKSUM_LEN])?;
            file.flush()?;
            file.get_ref().sync_data()
        };
        end(&mut self.file).map_err(StoreError::io("write", &self.path))
    }
}

/// Removes a file; one that is gone already is as good.
pub(crate) fn remove_if_there(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(StoreError::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// Writes a component whose body is already in memory.
pub fn write_component(component: Component, path: PathBuf, body: &[u8]) -> Result<(), StoreError> {
    let mut writer = ComponentWriter::create(component, path)?;
    writer.write(body)?;
    writer.finish()
}

//! Writing: the vectors that one commit adds, one file for each model.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use flux_core::ModelId;

use super::file::{UnitRows, VectorFile, VectorFileWriter};
use super::quantise::PackedVectors;
use crate::error::StoreError;
use crate::key::UnitKey;
use crate::layout::Layout;
use crate::manifest::{Manifest, VectorName};

/// More files of one model than this and the smallest are merged.
const MAX_FILES: usize = 8;
/// How many of the smallest are merged then.
const MERGED_FILES: usize = 7;
/// Of the rows to be merged, one in this many may be dead before the dead are left behind. A
/// unit that is dead today is often wanted again tomorrow, when a branch is left: keeping a
/// few is cheaper than embedding them twice.
const DEAD_SHARE: usize = 5;

/// What a commit adds to the vectors of each model.
#[derive(Default)]
pub(crate) struct VectorWriter {
    models: BTreeMap<ModelId, ModelWriter>,
}

/// What a commit adds to the vectors of one model.
struct ModelWriter {
    /// The sound files, with their generations.
    files: Vec<(u64, VectorFile)>,
    known: HashSet<UnitKey>,
    pending: Option<VectorFileWriter>,
}

impl VectorWriter {
    /// The units that have vectors of `model`, those about to be written included.
    pub(crate) fn units(
        &mut self,
        layout: &Layout,
        manifest: &Manifest,
        model: &ModelId,
    ) -> Result<&HashSet<UnitKey>, StoreError> {
        Ok(&self.model(layout, manifest, model)?.known)
    }

    /// Adds the vectors of a unit; one that is known already is dropped.
    pub(crate) fn add(
        &mut self,
        layout: &Layout,
        manifest: &Manifest,
        model: &ModelId,
        unit: UnitKey,
        vectors: &PackedVectors,
    ) -> Result<(), StoreError> {
        let writer = self.model(layout, manifest, model)?;
        if writer.known.contains(&unit) {
            return Ok(());
        }
        let found = vectors.dimensions();
        let wanted = writer.dimensions().unwrap_or(found);
        if found != wanted {
            return Err(StoreError::Dimensions { found, wanted });
        }
        writer.known.insert(unit);
        let pending = match &mut writer.pending {
            Some(pending) => pending,
            none => {
                let path = layout.vector_file(manifest.generation + 1, model);
                none.insert(VectorFileWriter::create(path, model.clone(), found)?)
            }
        };
        pending.push(unit, vectors)
    }

    fn model(
        &mut self,
        layout: &Layout,
        manifest: &Manifest,
        model: &ModelId,
    ) -> Result<&mut ModelWriter, StoreError> {
        if !self.models.contains_key(model) {
            let writer = ModelWriter::open(layout, manifest, model)?;
            self.models.insert(model.clone(), writer);
        }
        Ok(self.models.get_mut(model).expect("it was put there above if it was missing"))
    }

    /// Makes what was added durable and puts it into `manifest`, whose new generation is
    /// `generation`. `live` finds the units that some view holds, if that can be known; it is
    /// asked only for a merge.
    pub(crate) fn finish(
        self,
        manifest: &mut Manifest,
        generation: u64,
        live: impl Fn() -> Option<HashSet<UnitKey>>,
    ) -> Result<(), StoreError> {
        for (model, writer) in self.models {
            let sound: BTreeSet<u64> = writer.files.iter().map(|(number, _)| *number).collect();
            let is_kept =
                |name: &VectorName| name.model != model || sound.contains(&name.generation);
            manifest.vectors.retain(is_kept);
            let Some(mut pending) = writer.pending else { continue };
            if writer.files.len() >= MAX_FILES {
                let merged = merge_smallest(writer.files, &mut pending, live().as_ref())?;
                let is_kept =
                    |name: &VectorName| name.model != model || !merged.contains(&name.generation);
                manifest.vectors.retain(is_kept);
            }
            let (rows, units) = (pending.rows(), pending.units());
            pending.finish()?;
            manifest.vectors.push(VectorName { generation, model, units, rows, graph: false });
        }
        Ok(())
    }
}

impl ModelWriter {
    fn open(layout: &Layout, manifest: &Manifest, model: &ModelId) -> Result<Self, StoreError> {
        let mut writer = Self { files: Vec::new(), known: HashSet::new(), pending: None };
        for name in manifest.vectors.iter().filter(|name| name.model == *model) {
            let opened = VectorFile::open(layout.vector_file(name.generation, model), model);
            if let Some(file) = super::reader::sound_or_none(opened)?
                && writer.dimensions().is_none_or(|known| known == file.dimensions())
            {
                writer.known.extend(file.units().map(|rows| rows.unit));
                writer.files.push((name.generation, file));
            }
        }
        Ok(writer)
    }

    fn dimensions(&self) -> Option<usize> {
        let written = self.files.first().map(|(_, file)| file.dimensions());
        written.or_else(|| self.pending.as_ref().map(VectorFileWriter::dimensions))
    }
}

/// Copies the smallest files behind what is pending and returns their generations.
fn merge_smallest(
    mut files: Vec<(u64, VectorFile)>,
    pending: &mut VectorFileWriter,
    live: Option<&HashSet<UnitKey>>,
) -> Result<BTreeSet<u64>, StoreError> {
    files.sort_by_key(|(generation, file)| (file.row_count(), *generation));
    files.truncate(MERGED_FILES);
    let dead = |rows: &UnitRows| live.is_some_and(|live| !live.contains(&rows.unit));
    let dead_rows = |file: &VectorFile| -> usize {
        file.units().filter(dead).map(|rows| rows.count as usize).sum()
    };
    let rows: usize = files.iter().map(|(_, file)| file.row_count()).sum();
    let is_worth_it =
        files.iter().map(|(_, file)| dead_rows(file)).sum::<usize>() * DEAD_SHARE > rows;
    for (_, file) in &files {
        append(file, pending, |rows| !(is_worth_it && dead(rows)))?;
    }
    Ok(files.into_iter().map(|(generation, _)| generation).collect())
}

/// Puts the live units of `model` into one file, to be committed as the generation of
/// `manifest`. A file that holds nothing else already stays; none is left when nothing is live.
pub(crate) fn compact(
    layout: &Layout,
    manifest: &Manifest,
    model: &ModelId,
    live: &HashSet<UnitKey>,
) -> Result<Option<VectorName>, StoreError> {
    let writer = ModelWriter::open(layout, manifest, model)?;
    let is_live = |rows: &UnitRows| live.contains(&rows.unit);
    if let [(generation, file)] = writer.files.as_slice()
        && file.units().all(|rows| is_live(&rows))
    {
        let same = |name: &&VectorName| name.model == *model && name.generation == *generation;
        return Ok(manifest.vectors.iter().find(same).cloned());
    }
    let Some(dimensions) = writer.dimensions() else { return Ok(None) };
    let generation = manifest.generation;
    let path = layout.vector_file(generation, model);
    let mut fresh = VectorFileWriter::create(path, model.clone(), dimensions)?;
    for (_, file) in &writer.files {
        append(file, &mut fresh, is_live)?;
    }
    let (units, rows) = (fresh.units(), fresh.rows());
    fresh.finish()?;
    Ok((units > 0).then(|| VectorName {
        generation,
        model: model.clone(),
        units,
        rows,
        graph: false,
    }))
}

/// Copies the units of `file` that `keep` wants.
pub(crate) fn append(
    file: &VectorFile,
    to: &mut VectorFileWriter,
    keep: impl Fn(&UnitRows) -> bool,
) -> Result<(), StoreError> {
    file.units().filter(keep).try_for_each(|rows| to.copy(file, rows))
}

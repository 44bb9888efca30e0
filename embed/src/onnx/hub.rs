//! Models by name: fastembed's table, and where their files lie once they have been fetched.
//!
//! fastembed's own download keeps no part of a broken transfer, reads the environment and prints;
//! so it is left out, and the few files are fetched by `download`. A model keeps the commit it was
//! fetched at, for as long as its folder stays.

use std::fs;
use std::path::{Path, PathBuf};

use fastembed::{ModelInfo, Pooling, TextEmbedding};
use flux_core::{Cancel, EmbedError, Progress};

use super::download::Download;
use super::folder::{Folder, Prompts, window};
use crate::prompts;
use crate::settings::{HubAccess, HubSettings};

/// Files besides the weights, and whether the model is whole without them.
const TEXTS: &[(&str, bool)] = &[
    ("tokenizer.json", false),
    ("config.json", false),
    ("tokenizer_config.json", false),
    ("special_tokens_map.json", true),
    ("sentence_bert_config.json", true),
];
/// The file that holds the commit a model was fetched at. It is written last.
const REVISION: &str = "revision";

/// A model that fastembed knows how to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownModel {
    /// fastembed's own name for it, such as `BGESmallENV15`.
    pub name: String,
    /// Where the hub has it, such as `Xenova/bge-small-en-v1.5`.
    pub repository: String,
    /// Numbers in each vector.
    pub dimensions: usize,
    /// What it is, in a phrase.
    pub description: String,
    info: ModelFiles,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct ModelFiles {
    weights: String,
    beside: Vec<String>,
    pooling: Pooling,
    output: Option<fastembed::OutputKey>,
}

/// The models that fastembed knows, by name.
pub fn known() -> Vec<KnownModel> {
    let mut models: Vec<KnownModel> =
        TextEmbedding::list_supported_models().into_iter().map(KnownModel::from).collect();
    models.sort_by(|left, right| left.name.cmp(&right.name));
    models
}

impl From<ModelInfo<fastembed::EmbeddingModel>> for KnownModel {
    fn from(info: ModelInfo<fastembed::EmbeddingModel>) -> Self {
        let pooling =
            TextEmbedding::get_default_pooling_method(&info.model).unwrap_or(Pooling::Mean);
        Self {
            name: info.model.to_string(),
            repository: info.model_code,
            dimensions: info.dim,
            description: info.description,
            info: ModelFiles {
                weights: info.model_file,
                beside: info.additional_files,
                pooling,
                output: info.output_key,
            },
        }
    }
}

impl KnownModel {
    /// The model that `name` means: fastembed's name, the hub's, or that of the model whose export
    /// it is, such as `BAAI/bge-small-en-v1.5`. The full weights come before quantized ones, which
    /// have names of their own, such as `BGESmallENV15Q`.
    pub fn find(name: &str) -> Option<Self> {
        let models = known();
        let is_named = |model: &&Self| model.name.eq_ignore_ascii_case(name);
        let found = models.iter().find(is_named).or_else(|| {
            let mut alike: Vec<&Self> =
                models.iter().filter(|model| plain(&model.repository) == plain(name)).collect();
            let is_other = |model: &&Self| !model.repository.eq_ignore_ascii_case(name);
            alike.sort_by_key(|model| {
                (model.name.ends_with('Q'), is_other(model), model.name.len())
            });
            alike.first().copied()
        });
        found.cloned()
    }

    fn files(&self) -> Vec<(&str, bool)> {
        let weights = [&self.info.weights].into_iter().chain(&self.info.beside);
        weights.map(|name| (name.as_str(), false)).chain(TEXTS.iter().copied()).collect()
    }

    /// Fetches what is missing of the model into `hub`'s folder, if that is allowed.
    pub fn fetch(
        &self,
        hub: &HubSettings,
        progress: &dyn Progress,
        cancel: &Cancel,
    ) -> Result<(), EmbedError> {
        if is_whole(self, &hub.folder) {
            return Ok(());
        }
        let hint = match hub.access {
            HubAccess::Download => return self.download(hub, progress, cancel),
            HubAccess::DiskOnly => "allow the download, or name a model that is here",
            HubAccess::Offline => "HF_HUB_OFFLINE forbids the download; unset it",
        };
        let message = format!("{} is not on this machine", self.repository);
        Err(EmbedError { message, hint: hint.to_owned() })
    }

    fn download(
        &self,
        hub: &HubSettings,
        progress: &dyn Progress,
        cancel: &Cancel,
    ) -> Result<(), EmbedError> {
        let download = Download::new(hub, &self.repository, cancel)?;
        let home = home(self, &hub.folder);
        let revision = match revision(&home) {
            Some(revision) => revision,
            None => download.revision()?,
        };
        for (name, may_miss) in self.files() {
            let path = home.join(&revision).join(name);
            if !path.is_file() {
                let found = download.file(&revision, name, &path, progress)?;
                if !found && !may_miss {
                    return Err(EmbedError {
                        message: format!("{} has no {name} on the hub", self.repository),
                        hint: "choose another model".to_owned(),
                    });
                }
            }
        }
        fs::write(home.join(REVISION), revision).map_err(|error| EmbedError {
            message: format!("cannot write to {}: {error}", home.display()),
            hint: "check the folder and its permissions".to_owned(),
        })
    }
}

/// The model's folder under `models`.
pub(super) fn folder(model: &KnownModel, models: &Path) -> Result<Folder, EmbedError> {
    let home = home(model, models);
    let path = home.join(revision(&home).unwrap_or_default());
    let prompts = prompts::of(&model.repository);
    Ok(Folder {
        weights: PathBuf::from(&model.info.weights),
        pooling: model.info.pooling.clone(),
        output: model.info.output.clone(),
        prompts: Prompts { query: prompts.query.to_owned(), passage: prompts.passage.to_owned() },
        window: window(&path)?,
        path,
    })
}

fn is_whole(model: &KnownModel, models: &Path) -> bool {
    let home = home(model, models);
    let Some(revision) = revision(&home) else { return false };
    let folder = home.join(revision);
    model.files().iter().all(|(name, may_miss)| *may_miss || folder.join(name).is_file())
}

fn home(model: &KnownModel, models: &Path) -> PathBuf {
    models.join(model.repository.replace('/', "--"))
}

fn revision(home: &Path) -> Option<String> {
    let text = fs::read_to_string(home.join(REVISION)).ok()?;
    let revision = text.trim();
    is_revision(revision).then(|| revision.to_owned())
}

/// Whether `text` can be the name of a commit and of a folder.
pub(super) fn is_revision(text: &str) -> bool {
    !text.is_empty() && text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A model's own name, without its organisation and without how it was exported.
fn plain(name: &str) -> String {
    let name = name.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let name = name.strip_suffix("-q").unwrap_or(&name);
    name.strip_suffix("-onnx").unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests;

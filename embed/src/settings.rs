//! What models need to know besides their name. All of it is passed in: this crate reads no
//! environment.

use std::path::PathBuf;
use std::time::Duration;

use crate::http::{Limits, Secret};

/// What [`open`](crate::registry::open) may need, whatever the model.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The key, for a server that wants one.
    pub key: Option<Secret>,
    /// Numbers in each vector to ask a server for; the model's own number when `None`.
    pub dimensions: Option<usize>,
    /// How much and how fast to ask a server; what suits its kind when `None`.
    pub limits: Option<Limits>,
    /// A proxy for servers other than this machine.
    pub proxy: Option<String>,
    /// Where models in ONNX files are fetched from and kept.
    pub hub: HubSettings,
    /// Where the ONNX Runtime is.
    pub runtime: RuntimeSettings,
}

/// Where the ONNX Runtime is.
#[derive(Clone, Debug, Default)]
pub struct RuntimeSettings {
    /// The shared library, or the folder that holds it, from the configuration or
    /// `ORT_DYLIB_PATH`; nothing else is tried then.
    pub library: Option<PathBuf>,
    /// Folders to look in before those where systems put libraries.
    pub folders: Vec<PathBuf>,
}

/// Whether models may be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HubAccess {
    /// What is not on disk is fetched.
    Download,
    /// Only what is on disk is used, until the user asks for more.
    DiskOnly,
    /// The user has forbidden the network, with `HF_HUB_OFFLINE`.
    Offline,
}

/// Where models are fetched from and kept.
#[derive(Clone, Debug)]
pub struct HubSettings {
    /// Whether to fetch.
    pub access: HubAccess,
    /// The folder that models are kept in.
    pub folder: PathBuf,
    /// The hub, [`HubSettings::ENDPOINT`] unless the user has a mirror in `HF_ENDPOINT`.
    pub endpoint: String,
    /// A token, for models that want one, from `HF_TOKEN`.
    pub token: Option<Secret>,
    /// A proxy.
    pub proxy: Option<String>,
    /// The pause before a broken transfer goes on; each later one is twice as long.
    pub first_pause: Duration,
}

impl HubSettings {
    /// The public hub.
    pub const ENDPOINT: &'static str = "https://huggingface.co";

    /// The public hub without a token, for models kept in `folder`.
    pub fn new(access: HubAccess, folder: PathBuf) -> Self {
        Self {
            access,
            folder,
            endpoint: Self::ENDPOINT.to_owned(),
            token: None,
            proxy: None,
            first_pause: Duration::from_secs(1),
        }
    }
}

impl Settings {
    /// Settings that suit most models; those fetched from `hub`.
    pub fn new(hub: HubSettings) -> Self {
        let runtime = RuntimeSettings::default();
        Self { key: None, dimensions: None, limits: None, proxy: None, hub, runtime }
    }
}

//! What lies in a model's folder besides its weights: how texts are cut into tokens, how tokens
//! become one vector, what stands in front of a text. The files are those that
//! sentence-transformers and its exporters write.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use fastembed::{OutputKey, Pooling, QuantizationMode, TokenizerFiles, UserDefinedEmbeddingModel};
use flux_core::EmbedError;
use serde_json::Value;

/// The version of how texts are put to models: of prompts, contexts and cutting. Part of the
/// model's name.
const READING: u32 = 1;
/// Tokens read at once, at most: attention costs the square of them, and code is cut into chunks
/// not much longer.
const LONGEST_WINDOW: usize = 512;
/// Bytes at each end of the weights that tell models apart; the whole of a gigabyte would be read
/// on each start. Training changes the last layers, which lie at an end, and the size is told too.
const SAMPLE: u64 = 1 << 20;

/// What stands in front of texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Prompts {
    pub(super) query: String,
    pub(super) passage: String,
}

/// A model as it lies on disk.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) path: PathBuf,
    /// The weights' file within the folder.
    pub(super) weights: PathBuf,
    pub(super) pooling: Pooling,
    pub(super) output: Option<OutputKey>,
    pub(super) prompts: Prompts,
    /// Tokens read at once, at most, those at the ends included.
    pub(super) window: usize,
}

impl Folder {
    /// The folder at `path`, described by its own files.
    pub(super) fn read(path: &Path) -> Result<Self, EmbedError> {
        let names = ["model.onnx", "onnx/model.onnx"];
        let weights = names.iter().find(|name| path.join(name).is_file());
        let weights = weights.ok_or_else(|| absent(path, "model.onnx"))?;
        let pooling = json(path, "1_Pooling/config.json")?;
        let is_first = pooling["pooling_mode_cls_token"].as_bool() == Some(true);
        let sentences = json(path, "config_sentence_transformers.json")?;
        let prompts = &sentences["prompts"];
        let prompt = |names: &[&str]| {
            let found = names.iter().find_map(|name| prompts[name].as_str());
            found.unwrap_or_default().to_owned()
        };
        Ok(Self {
            path: path.to_path_buf(),
            weights: PathBuf::from(weights),
            pooling: if is_first { Pooling::Cls } else { Pooling::Mean },
            output: None,
            prompts: Prompts {
                query: prompt(&["query"]),
                passage: prompt(&["passage", "document"]),
            },
            window: window(path)?,
        })
    }

    /// The files in memory, as fastembed wants them.
    pub(super) fn load(&self) -> Result<UserDefinedEmbeddingModel, EmbedError> {
        let weights = bytes(&self.path, &self.weights)?;
        let text = |name: &str| bytes(&self.path, Path::new(name));
        let tokens = TokenizerFiles {
            tokenizer_file: text("tokenizer.json")?,
            config_file: text("config.json")?,
            // Recent exporters leave this one out: the tokenizer holds the same.
            special_tokens_map_file: match fs::read(self.path.join("special_tokens_map.json")) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => b"{}".to_vec(),
                read => read.map_err(|error| unreadable(&self.path, &error))?,
            },
            tokenizer_config_file: text("tokenizer_config.json")?,
        };
        let quantization = quantization(&weights);
        let mut model = UserDefinedEmbeddingModel::new(weights, tokens)
            .with_pooling(self.pooling.clone())
            .with_quantization(quantization);
        model.output_key = self.output.clone();
        for path in self.beside() {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let buffer = fs::read(&path).map_err(|error| unreadable(&path, &error))?;
            model = model.with_external_initializer(name, buffer);
        }
        Ok(model)
    }

    /// Twelve digits that differ when the model gives other vectors: by its weights' size and
    /// ends, its tokens and how it is read.
    pub(super) fn digest(&self) -> Result<String, EmbedError> {
        let mut hash = blake3::Hasher::new();
        for path in [self.path.join(&self.weights)].into_iter().chain(self.beside()) {
            sample(&path, &mut hash).map_err(|error| unreadable(&path, &error))?;
        }
        hash.update(&bytes(&self.path, Path::new("tokenizer.json"))?);
        let Self { pooling, output, prompts, window, .. } = self;
        hash.update(format!("{READING} {window} {pooling:?} {output:?} {prompts:?}").as_bytes());
        Ok(hash.finalize().to_hex()[..12].to_owned())
    }

    /// Weights too large for the model's own file lie beside it.
    fn beside(&self) -> Vec<PathBuf> {
        let weights = self.path.join(&self.weights);
        let names = ["_data", ".data"].map(|end| {
            let mut name = weights.clone().into_os_string();
            name.push(end);
            PathBuf::from(name)
        });
        names.into_iter().filter(|path| path.is_file()).collect()
    }
}

/// The window that the model was made for, within bounds; its tokenizer may set a smaller one.
pub(super) fn window(path: &Path) -> Result<usize, EmbedError> {
    let sentences = json(path, "sentence_bert_config.json")?;
    let length = sentences["max_seq_length"].as_u64().map_or(LONGEST_WINDOW, |it| it as usize);
    Ok(length.clamp(16, LONGEST_WINDOW))
}

/// A model that fits its scale to each batch must be given one text at a time, or a text's vector
/// would depend on its neighbours.
fn quantization(weights: &[u8]) -> QuantizationMode {
    let operator = b"DynamicQuantizeLinear";
    let is_dynamic = weights.windows(operator.len()).any(|window| window == operator);
    if is_dynamic { QuantizationMode::Dynamic } else { QuantizationMode::None }
}

fn sample(path: &Path, hash: &mut blake3::Hasher) -> io::Result<()> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    hash.update(&size.to_le_bytes());
    let mut ends = Vec::new();
    (&mut file).take(SAMPLE).read_to_end(&mut ends)?;
    file.seek(SeekFrom::Start(size.saturating_sub(SAMPLE)))?;
    file.take(SAMPLE).read_to_end(&mut ends)?;
    hash.update(&ends);
    Ok(())
}

/// A file of settings that may be absent.
fn json(path: &Path, name: &str) -> Result<Value, EmbedError> {
    let path = path.join(name);
    let text = match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Value::Null),
        read => read.map_err(|error| unreadable(&path, &error))?,
    };
    serde_json::from_slice(&text).map_err(|error| EmbedError {
        message: format!("{} is not JSON: {error}", path.display()),
        hint: "export or fetch the model again".to_owned(),
    })
}

fn bytes(folder: &Path, name: &Path) -> Result<Vec<u8>, EmbedError> {
    let path = folder.join(name);
    fs::read(&path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => absent(folder, &name.to_string_lossy()),
        _ => unreadable(&path, &error),
    })
}

fn absent(folder: &Path, name: &str) -> EmbedError {
    EmbedError {
        message: format!("{} has no {name}", folder.display()),
        hint: "a model's folder holds model.onnx, tokenizer.json, config.json and \
               tokenizer_config.json"
            .to_owned(),
    }
}

fn unreadable(path: &Path, error: &io::Error) -> EmbedError {
    EmbedError {
        message: format!("cannot read {}: {error}", path.display()),
        hint: "check the file and its permissions".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use fastembed::{Pooling, QuantizationMode};

    use super::{Folder, Prompts, quantization};

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    #[track_caller]
    fn fails(path: &Path, end: &str) {
        let error = Folder::read(path).and_then(|folder| folder.load()).unwrap_err();
        assert!(error.message.ends_with(end), "{error}");
    }

    #[test]
    fn a_folder_describes_itself() {
        let folder = folder(&[
            ("onnx/model.onnx", "weights"),
            ("1_Pooling/config.json", r#"{"pooling_mode_cls_token": true}"#),
            ("sentence_bert_config.json", r#"{"max_seq_length": 256}"#),
            (
                "config_sentence_transformers.json",
                r#"{"prompts": {"query": "query: ", "document": "text: "}}"#,
            ),
        ]);
        let read = Folder::read(folder.path()).unwrap();
        assert_eq!(read.weights, Path::new("onnx/model.onnx"));
        assert_eq!((read.pooling, read.window), (Pooling::Cls, 256));
        let prompts = Prompts { query: "query: ".to_owned(), passage: "text: ".to_owned() };
        assert_eq!(read.prompts, prompts);
    }

    #[test]
    fn a_folder_need_not_say_much() {
        let folder = folder(&[("model.onnx", "weights")]);
        let read = Folder::read(folder.path()).unwrap();
        assert_eq!((read.pooling, read.window), (Pooling::Mean, 512));
        assert_eq!(read.prompts, Prompts::default());
    }

    #[test]
    fn what_is_missing_is_named() {
        let empty = folder(&[]);
        fails(empty.path(), "has no model.onnx");
        fails(folder(&[("model.onnx", "x")]).path(), "has no tokenizer.json");
        let two = folder(&[("model.onnx", "x"), ("tokenizer.json", "{}")]);
        fails(two.path(), "has no config.json");
        let three = folder(&[("model.onnx", "x"), ("1_Pooling/config.json", "no")]);
        fails(three.path(), "is not JSON: expected ident at line 1 column 2");
    }

    #[test]
    fn another_model_in_the_same_folder_is_another() {
        let folder = folder(&[("model.onnx", "first"), ("tokenizer.json", "{}")]);
        let digest = || Folder::read(folder.path()).unwrap().digest().unwrap();
        let first = digest();
        assert_eq!(first, digest());
        assert_eq!(first.len(), 12);
        let mut seen = vec![first];
        for (name, text) in [
            ("model.onnx", "other"),
            ("model.onnx_data", "more"),
            ("tokenizer.json", "[]"),
            ("1_Pooling/config.json", r#"{"pooling_mode_cls_token": true}"#),
            ("sentence_bert_config.json", r#"{"max_seq_length": 128}"#),
        ] {
            fs::create_dir_all(folder.path().join("1_Pooling")).unwrap();
            fs::write(folder.path().join(name), text).unwrap();
            seen.push(digest());
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 6);
    }

    #[test]
    fn dynamic_weights_are_seen() {
        assert_eq!(quantization(b"..DynamicQuantizeLinear.."), QuantizationMode::Dynamic);
        assert_eq!(quantization(b"..QuantizeLinear.."), QuantizationMode::None);
    }
}

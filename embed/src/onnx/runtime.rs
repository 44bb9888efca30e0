//! Finds the ONNX Runtime's shared library and loads it, once in a process.
//!
//! The library is looked at before anything else calls it: without that, the first call would
//! panic when it is missing. The environment is made here and not by fastembed, so that it is made
//! without the runtime's telemetry.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use flux_core::EmbedError;
use ort::environment::Environment;
use ort::{LoadDynamicError, MINOR_VERSION};

/// The runtime allows one environment in a process, and a library once loaded stays.
static ENVIRONMENT: Mutex<Option<Environment>> = Mutex::new(None);

/// Where systems put libraries.
const FOLDERS: &[&str] = &[
    "/usr/local/lib",
    "/usr/lib",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/opt/onnxruntime/lib",
    "/opt/homebrew/lib",
];

/// The runtime's environment. Looks at `library` alone when it is given, which may be the file or
/// the folder it is in, else in `folders` and then where systems put libraries.
///
/// Once a library is loaded, the process stays with it, whatever a later call names.
pub(super) fn environment(
    library: Option<&Path>,
    folders: &[PathBuf],
) -> Result<Environment, EmbedError> {
    let mut current = ENVIRONMENT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(environment) = current.as_ref() {
        return Ok(environment.clone());
    }
    let found = match library {
        Some(path) if path.is_dir() => in_folder(path),
        Some(path) => vec![path.to_path_buf()],
        None => {
            let usual = FOLDERS.iter().map(PathBuf::from);
            folders.iter().cloned().chain(usual).flat_map(|folder| in_folder(&folder)).collect()
        }
    };
    let environment = load(&found, library)?;
    *current = Some(environment.clone());
    Ok(environment)
}

fn load(found: &[PathBuf], named: Option<&Path>) -> Result<Environment, EmbedError> {
    let mut first = None;
    for path in found {
        if !path.is_file() {
            break;
        }
        match ort::init_from(path) {
            Ok(builder) => {
                let built = builder.with_name("flux").with_telemetry(false).build();
                return built.map_err(|error| cannot_use(path, &error.to_string()));
            }
            Err(error) => _ = first.get_or_insert_with(|| unusable(path, &error)),
        }
    }
    Err(first.unwrap_or_else(|| missing(named)))
}

/// The runtime's libraries in `folder`, the newest name first.
fn in_folder(folder: &Path) -> Vec<PathBuf> {
    // A folder that is not there, or not ours to read, has no library.
    let Ok(entries) = folder.read_dir() else { return Vec::new() };
    let mut found: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| is_runtime(path)).collect();
    found.sort_by(|left, right| right.cmp(left));
    found
}

fn is_runtime(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_mac = name.starts_with("libonnxruntime.") && name.ends_with(".dylib");
    name.starts_with("libonnxruntime.so") || is_mac || name == "onnxruntime.dll"
}

fn missing(named: Option<&Path>) -> EmbedError {
    let message = match named {
        Some(path) => format!("no ONNX Runtime library at {}", path.display()),
        None => "no ONNX Runtime library is installed in the usual places".to_owned(),
    };
    EmbedError { message, hint: install() }
}

fn unusable(path: &Path, error: &LoadDynamicError) -> EmbedError {
    match error {
        LoadDynamicError::BadVersion { version_str, path } => EmbedError {
            message: format!("{} is ONNX Runtime {version_str}, too old", path.display()),
            hint: install(),
        },
        LoadDynamicError::MissingApi { path } => {
            cannot_use(path, "it is not an ONNX Runtime library")
        }
        LoadDynamicError::InvalidVersionString => cannot_use(path, "it does not tell its version"),
        LoadDynamicError::Dlopen { error, .. } => cannot_use(path, &error.to_string()),
    }
}

fn cannot_use(path: &Path, why: &str) -> EmbedError {
    EmbedError { message: format!("cannot load {}: {why}", path.display()), hint: install() }
}

fn install() -> String {
    format!(
        "install ONNX Runtime 1.{MINOR_VERSION} or newer (the Python package onnxruntime holds it \
         as capi/libonnxruntime.so) and set ORT_DYLIB_PATH to the library"
    )
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{environment, in_folder, is_runtime};

    #[test]
    fn libraries_are_known_by_name() {
        let is_runtime = |name: &str| is_runtime(Path::new(name));
        assert!(is_runtime("/lib/libonnxruntime.so"));
        assert!(is_runtime("/lib/libonnxruntime.so.1.31.1"));
        assert!(is_runtime("/lib/libonnxruntime.1.31.1.dylib"));
        assert!(is_runtime("onnxruntime.dll"));
        assert!(!is_runtime("/lib/libonnxruntime_providers_shared.so"));
    }

    #[test]
    fn newer_libraries_come_first() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["libonnxruntime.so.1.30.0", "libonnxruntime.so.1.31.1", "libother.so"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let found = in_folder(folder.path());
        let names: Vec<_> = found.iter().map(|path| path.file_name().unwrap()).collect();
        assert_eq!(names, ["libonnxruntime.so.1.31.1", "libonnxruntime.so.1.30.0"]);
        assert!(in_folder(&folder.path().join("absent")).is_empty());
    }

    #[track_caller]
    fn fails(library: &Path, message: &str) {
        let error = environment(Some(library), &[]).unwrap_err();
        assert!(error.message.contains(message), "{error}");
        assert!(error.hint.contains("ORT_DYLIB_PATH"), "{}", error.hint);
    }

    #[test]
    fn a_library_that_cannot_be_loaded_is_an_error_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("libonnxruntime.so");
        fails(folder.path(), "no ONNX Runtime library at ");
        fails(&path, "no ONNX Runtime library at ");
        fs::write(&path, "not a library").unwrap();
        fails(&path, "cannot load ");
        fails(folder.path(), "cannot load ");
    }
}

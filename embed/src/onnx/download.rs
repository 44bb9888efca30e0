//! Fetches one model's files from a hub, and goes on where a broken transfer stopped.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use flux_core::{Cancel, EmbedError, Progress, Stage};
use reqwest::blocking::{Client, RequestBuilder, Response};
use reqwest::header::{CONTENT_RANGE, RANGE};
use serde_json::Value;

use super::hub::is_revision;
use crate::http::{plain, retry};
use crate::settings::HubSettings;

/// How long the hub may keep silent.
const SILENCE: Duration = Duration::from_secs(60);
/// Transfers of one file that may break in a row before it is given up.
const ATTEMPTS: u32 = 5;
const BLOCK: usize = 1 << 20;

/// A connection to a hub, for one repository.
pub(super) struct Download<'a> {
    http: Client,
    hub: &'a HubSettings,
    repository: &'a str,
    cancel: &'a Cancel,
}

/// How a transfer ended before its file was whole.
enum Broken {
    /// It may go on.
    Passing(EmbedError),
    Final(EmbedError),
}

impl<'a> Download<'a> {
    pub(super) fn new(
        hub: &'a HubSettings,
        repository: &'a str,
        cancel: &'a Cancel,
    ) -> Result<Self, EmbedError> {
        let http = plain::client(&hub.endpoint, hub.proxy.as_deref(), SILENCE)?;
        Ok(Self { http, hub, repository, cancel })
    }

    /// The commit that the repository's main branch is at.
    pub(super) fn revision(&self) -> Result<String, EmbedError> {
        let url = format!("{}/api/models/{}/revision/main", self.endpoint(), self.repository);
        let text = self.often(|| {
            let response = self.send(&url, self.http.get(&url))?;
            response
                .text()
                .map_err(|error| Broken::Passing(plain::fault(&url, error, SILENCE).into()))
        })?;
        let answer: Value = serde_json::from_str(&text).unwrap_or_default();
        let revision = answer["sha"].as_str().filter(|revision| is_revision(revision));
        revision.map(str::to_owned).ok_or_else(|| EmbedError {
            message: format!("{url} does not tell a commit"),
            hint: "check the address of the hub".to_owned(),
        })
    }

    /// Fetches `name` as of `revision` to `path`; false when the repository has no such file. What
    /// has arrived lies beside `path` until all has.
    pub(super) fn file(
        &self,
        revision: &str,
        name: &str,
        path: &Path,
        progress: &dyn Progress,
    ) -> Result<bool, EmbedError> {
        let url = format!("{}/{}/resolve/{revision}/{name}", self.endpoint(), self.repository);
        let part = part_of(path);
        let folder = path.parent().unwrap_or(path);
        fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
        if !self.often(|| self.transfer(&url, &part, progress))? {
            return Ok(false);
        }
        fs::rename(&part, path).map_err(|error| unwritable(path, &error))?;
        Ok(true)
    }

    /// Appends to `part` what is missing of it.
    fn transfer(&self, url: &str, part: &Path, progress: &dyn Progress) -> Result<bool, Broken> {
        let unwritable = |error: io::Error| Broken::Final(unwritable(part, &error));
        let have = part.metadata().map_or(0, |metadata| metadata.len());
        let request = self.http.get(url);
        let request =
            if have > 0 { request.header(RANGE, format!("bytes={have}-")) } else { request };
        let response = match self.send(url, request) {
            Ok(response) if response.status().as_u16() == 404 => return Ok(false),
            // The part is longer than the file, or is all of it: only a new start tells.
            Ok(response) if response.status().as_u16() == 416 => {
                fs::remove_file(part).map_err(unwritable)?;
                return Err(Broken::Passing(self.cut(url)));
            }
            answer => answer?,
        };
        let (start, total) = extent(&response, have);
        let options = OpenOptions::new().create(true).append(true).clone();
        let mut file = options.open(part).map_err(unwritable)?;
        file.set_len(start).map_err(unwritable)?;
        self.copy(url, response, &mut file, Extent { done: start, total }, progress)
    }

    fn copy(
        &self,
        url: &str,
        mut response: Response,
        file: &mut File,
        Extent { mut done, total }: Extent,
        progress: &dyn Progress,
    ) -> Result<bool, Broken> {
        let mut block = vec![0; BLOCK];
        loop {
            if self.cancel.is_cancelled() {
                return Err(Broken::Final(cancelled()));
            }
            progress.update(Stage::Download, done >> 10, total.unwrap_or_default() >> 10);
            let read = response.read(&mut block);
            let count = read.map_err(|_| Broken::Passing(self.cut(url)))?;
            if count == 0 {
                break;
            }
            let written = file.write_all(&block[..count]);
            written.map_err(|error| Broken::Final(unwritable(Path::new("the model"), &error)))?;
            done += count as u64;
        }
        if total.is_some_and(|total| total != done) {
            return Err(Broken::Passing(self.cut(url)));
        }
        Ok(true)
    }

    /// An answer that is a success, or says that there is nothing.
    fn send(&self, url: &str, request: RequestBuilder) -> Result<Response, Broken> {
        let request = match &self.hub.token {
            Some(token) => request.bearer_auth(token.expose()),
            None => request,
        };
        let response = request.send().map_err(|error| {
            let is_absent = error.is_connect() || error.is_builder();
            let error = plain::fault(url, error, SILENCE).into();
            if is_absent { Broken::Final(error) } else { Broken::Passing(error) }
        })?;
        let status = response.status().as_u16();
        match status {
            200..=299 | 404 | 416 => Ok(response),
            _ => {
                let error = plain::refusal(url, status).into();
                let is_passing = retry::is_passing(status);
                Err(if is_passing { Broken::Passing(error) } else { Broken::Final(error) })
            }
        }
    }

    /// Does `work` until it ends otherwise than by a passing fault.
    fn often<T>(&self, work: impl Fn() -> Result<T, Broken>) -> Result<T, EmbedError> {
        let mut attempt = 1;
        loop {
            match work() {
                Ok(done) => return Ok(done),
                Err(Broken::Passing(_)) if attempt < ATTEMPTS => {}
                Err(Broken::Passing(error) | Broken::Final(error)) => return Err(error),
            }
            thread::sleep(retry::pause(self.hub.first_pause, attempt, retry::random()));
            attempt += 1;
        }
    }

    fn endpoint(&self) -> &str {
        self.hub.endpoint.trim_end_matches('/')
    }

    fn cut(&self, url: &str) -> EmbedError {
        EmbedError {
            message: format!("the transfer of {url} broke off"),
            hint: "run it again: it goes on where it stopped".to_owned(),
        }
    }
}

/// How much of a file there is.
struct Extent {
    done: u64,
    total: Option<u64>,
}

/// Where the answer's bytes begin in the file, and how long the whole file is, when it says so.
fn extent(response: &Response, have: u64) -> (u64, Option<u64>) {
    let length = response.content_length();
    if response.status().as_u16() != 206 {
        return (0, length);
    }
    let range = response.headers().get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
    let total = range.and_then(|range| range.rsplit('/').next()?.parse().ok());
    (have, total.or(length.map(|length| have + length)))
}

fn part_of(path: &Path) -> PathBuf {
    let mut name = path.to_path_buf().into_os_string();
    name.push(".part");
    PathBuf::from(name)
}

fn unwritable(path: &Path, error: &io::Error) -> EmbedError {
    EmbedError {
        message: format!("cannot write {}: {error}", path.display()),
        hint: "check the folder, its permissions and the space on the disk".to_owned(),
    }
}

fn cancelled() -> EmbedError {
    EmbedError {
        message: "the download was cancelled".to_owned(),
        hint: "run it again: it goes on where it stopped".to_owned(),
    }
}

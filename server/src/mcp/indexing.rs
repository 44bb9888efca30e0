//! The index behind the server: made in the background when it is not there.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use flux_core::Cancel;
use flux_core::progress::{Progress, Stage};
use flux_engine::{EngineError, Freshness, IndexOptions, RefreshLimit, Snapshot, Workspace};

/// How long a question waits for an index that is being made. A small tree is done by then; a
/// client with a larger one hears within a third of a second that it is not.
pub(crate) const WAIT: Duration = Duration::from_millis(200);
/// How long the index waits for another process that writes it.
const PATIENCE: Duration = Duration::from_secs(120);

/// A workspace and the state of its index.
pub(crate) struct Indexing {
    pub(crate) workspace: Workspace,
    /// What was learned of the tree lies there; `None` where nobody learns.
    pub(crate) learned: Option<PathBuf>,
    cancel: Cancel,
    wait: Duration,
    state: Mutex<State>,
    changed: Condvar,
    done: AtomicU64,
    total: AtomicU64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Idle,
    Running,
    Failed(String),
}

/// A snapshot, or why there is none yet.
pub(crate) enum Opened {
    /// It is there.
    Ready(Box<Snapshot>, Freshness),
    /// It is being made; in words how far it is.
    Warming(String),
}

impl Progress for Indexing {
    fn update(&self, stage: Stage, done: u64, total: u64) {
        if stage == Stage::Index {
            self.done.store(done, Ordering::Relaxed);
            self.total.store(total, Ordering::Relaxed);
        }
    }
}

impl Indexing {
    /// Looks after the index of `workspace`: makes it if there is none that can be read. A question
    /// waits for it as long as `wait`.
    pub(crate) fn start(
        workspace: Workspace,
        learned: Option<PathBuf>,
        cancel: &Cancel,
        wait: Duration,
    ) -> Arc<Self> {
        let indexing = Arc::new(Self {
            workspace,
            learned,
            cancel: cancel.clone(),
            wait,
            state: Mutex::new(State::Running),
            changed: Condvar::new(),
            done: AtomicU64::new(0),
            total: AtomicU64::new(0),
        });
        indexing.spawn();
        indexing
    }

    fn spawn(self: &Arc<Self>) {
        let indexing = Arc::clone(self);
        std::thread::spawn(move || {
            let state = match indexing.make() {
                Ok(()) => State::Idle,
                Err(error) => State::Failed(error.to_string()),
            };
            *indexing.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
            indexing.changed.notify_all();
        });
    }

    fn make(&self) -> Result<(), EngineError> {
        let rebuild = match self.workspace.snapshot() {
            Ok(snapshot) if snapshot.graph().is_some() => return Ok(()),
            Ok(_) => false,
            Err(error) => error.is_mended_by_rebuild(),
        };
        let options = IndexOptions { rebuild, patience: PATIENCE, graph: true, stated: None };
        self.workspace.index(&options, self, &self.cancel)?;
        Ok(())
    }

    /// The newest snapshot with its graph, brought up to date where that is quick.
    pub(crate) fn open(self: &Arc<Self>) -> Result<Opened, EngineError> {
        if let Some(warming) = self.warming() {
            return Ok(Opened::Warming(warming));
        }
        match self.workspace.full_snapshot(RefreshLimit::A_SECOND, &self.cancel) {
            Ok((snapshot, freshness)) => Ok(Opened::Ready(Box::new(snapshot), freshness)),
            Err(error) if error.is_missing_index() || error.is_mended_by_rebuild() => {
                *self.state.lock().unwrap_or_else(PoisonError::into_inner) = State::Running;
                self.spawn();
                Ok(Opened::Warming("the index is being made anew; ask again in a moment".into()))
            }
            Err(error) => Err(error),
        }
    }

    /// In words how far the index is, if it is being made, or why it is not.
    pub(crate) fn warming(&self) -> Option<String> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let is_running = |state: &mut State| *state == State::Running;
        let waited = self.changed.wait_timeout_while(state, self.wait, is_running);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let (done, total) = (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed));
        match &*state {
            State::Idle => None,
            State::Running => Some(format!(
                "the index is being made: {done} of {total} files read; ask again in a moment, \
                 and use other tools meanwhile"
            )),
            State::Failed(error) => Some(format!("the index could not be made: {error}")),
        }
    }
}

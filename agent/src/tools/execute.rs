//! Runs jobs: those that conflict in the order in which they were given, all others at once, and
//! gives their results back in that order.

use std::sync::{Condvar, Mutex, PoisonError};

use super::access::Access;

/// Most jobs that run at once. Most of them wait for files or programs, so it is more than
/// machines have cores, and few enough threads to start in a millisecond or two.
pub const WORKERS: usize = 256;

/// Something to run.
pub struct Job<'a, T> {
    /// What it touches.
    pub access: Access,
    /// What it does.
    pub run: Box<dyn FnOnce() -> T + Send + 'a>,
}

/// A job's place in the line.
struct Line<'a, T> {
    waiting: Vec<Option<Job<'a, T>>>,
    /// For each job, how many of the earlier ones it waits for.
    blocked: Vec<usize>,
    /// For each job, who waits for it.
    followers: Vec<Vec<usize>>,
    results: Vec<Option<T>>,
    left: usize,
}

/// Runs all jobs. A job that panics gives no result and takes the others with it only by that.
pub fn execute<T: Send>(jobs: Vec<Job<'_, T>>) -> Vec<Option<T>> {
    if jobs.len() == 1 {
        return jobs.into_iter().map(run).collect();
    }
    let count = jobs.len();
    let line = Mutex::new(Line::of(jobs));
    let changed = Condvar::new();
    std::thread::scope(|scope| {
        for _ in 0..count.min(WORKERS) {
            scope.spawn(|| work(&line, &changed));
        }
    });
    line.into_inner().unwrap_or_else(PoisonError::into_inner).results
}

fn run<T>(job: Job<'_, T>) -> Option<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(job.run)).ok()
}

fn work<T: Send>(line: &Mutex<Line<'_, T>>, changed: &Condvar) {
    let mut now = line.lock().unwrap_or_else(PoisonError::into_inner);
    while now.left > 0 {
        let Some((at, job)) = now.next() else {
            if now.is_drained() {
                return;
            }
            now = changed.wait(now).unwrap_or_else(PoisonError::into_inner);
            continue;
        };
        drop(now);
        let result = run(job);
        now = line.lock().unwrap_or_else(PoisonError::into_inner);
        now.finish(at, result);
        changed.notify_all();
    }
}

impl<'a, T> Line<'a, T> {
    fn of(jobs: Vec<Job<'a, T>>) -> Self {
        let count = jobs.len();
        let mut blocked = vec![0; count];
        let mut followers = vec![Vec::new(); count];
        for (at, job) in jobs.iter().enumerate() {
            for (before, earlier) in jobs[..at].iter().enumerate() {
                if earlier.access.conflicts(&job.access) {
                    blocked[at] += 1;
                    followers[before].push(at);
                }
            }
        }
        let results = std::iter::repeat_with(|| None).take(count).collect();
        let waiting = jobs.into_iter().map(Some).collect();
        Self { waiting, blocked, followers, results, left: count }
    }

    /// The first job that waits for none.
    fn next(&mut self) -> Option<(usize, Job<'a, T>)> {
        let is_free = |at: &usize| self.waiting[*at].is_some() && self.blocked[*at] == 0;
        let at = (0..self.waiting.len()).find(is_free)?;
        Some((at, self.waiting[at].take()?))
    }

    /// Whether every job was taken by somebody.
    fn is_drained(&self) -> bool {
        self.waiting.iter().all(Option::is_none)
    }

    fn finish(&mut self, at: usize, result: Option<T>) {
        self.results[at] = result;
        self.left -= 1;
        for follower in std::mem::take(&mut self.followers[at]) {
            self.blocked[follower] -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::{Job, execute};
    use crate::tools::access::{Access, Paths};

    #[test]
    fn what_does_not_conflict_runs_at_once_and_results_keep_their_order() {
        // Nobody gets past the barrier unless all hundred run at once.
        let barrier = Barrier::new(100);
        let jobs = (0..100).map(|at| Job {
            access: Access::reading(Paths::of(["a"])),
            run: Box::new({
                let barrier = &barrier;
                move || {
                    barrier.wait();
                    at
                }
            }),
        });
        let results: Vec<usize> = execute(jobs.collect()).into_iter().map(Option::unwrap).collect();
        assert_eq!(results, (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn what_conflicts_keeps_its_order() {
        let clock = AtomicUsize::new(0);
        let paths = ["a", "b", "a", "b", "a", "a", "b"];
        let jobs = paths.iter().map(|path| Job {
            access: Access::writing(Paths::of([*path])),
            run: Box::new(|| clock.fetch_add(1, Ordering::SeqCst)),
        });
        let times: Vec<usize> = execute(jobs.collect()).into_iter().map(Option::unwrap).collect();
        for path in ["a", "b"] {
            let own = (0..paths.len()).filter(|at| paths[*at] == path).map(|at| times[at]);
            assert!(own.collect::<Vec<_>>().is_sorted(), "{path}: {times:?}");
        }
    }

    #[test]
    fn a_job_that_panics_leaves_the_others_alone() {
        let job = |is_bad: bool| Job {
            access: Access::exclusive(),
            run: Box::new(move || if is_bad { panic!("a test of panics") } else { 1 }),
        };
        assert_eq!(execute(vec![job(false), job(true), job(false)]), [Some(1), None, Some(1)]);
    }
}

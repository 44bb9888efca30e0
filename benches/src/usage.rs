//! What a finished child process has used, as the operating system counted it: the one place
//! with `unsafe`.
//!
//! The standard library waits for a child without asking for its usage, and the usage of all
//! children together has no peak of memory for each. Needs Unix.

use std::io;
use std::mem::MaybeUninit;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::time::Duration;

/// What a process has used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Processor time, its own and the system's on its behalf, of all threads.
    pub(crate) processor: Duration,
    /// Most memory it held at one time.
    pub(crate) peak_bytes: u64,
}

/// Waits for `child` to end. Takes it whole, for it can be waited for only once.
pub(crate) fn wait(child: Child) -> io::Result<(ExitStatus, Usage)> {
    let process = libc::pid_t::try_from(child.id()).map_err(io::Error::other)?;
    let mut status = 0;
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    loop {
        #[expect(unsafe_code, reason = "no safe call returns the usage of one child")]
        // SAFETY: both pointers are valid for writing for the whole call, and the process is our
        // child, which nobody else waits for.
        let waited = unsafe { libc::wait4(process, &raw mut status, 0, usage.as_mut_ptr()) };
        if waited == process {
            break;
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    #[expect(unsafe_code, reason = "see above")]
    // SAFETY: the structure was zeroed and then filled by a call that succeeded; all its fields
    // are numbers.
    let usage = unsafe { usage.assume_init() };
    let processor = duration(usage.ru_utime) + duration(usage.ru_stime);
    let peak = u64::try_from(usage.ru_maxrss).unwrap_or(0);
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    Ok((ExitStatus::from_raw(status), Usage { processor, peak_bytes: peak * unit }))
}

fn duration(time: libc::timeval) -> Duration {
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_micros(u64::try_from(time.tv_usec).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::wait;

    #[test]
    fn a_child_that_works_has_used_time_and_memory() {
        let script = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; exit 3";
        let child = Command::new("sh").args(["-c", script]).spawn().unwrap();
        let (status, usage) = wait(child).unwrap();
        assert_eq!(status.code(), Some(3));
        assert!(usage.processor.as_micros() > 0);
        assert!(usage.peak_bytes > 100 << 10, "{usage:?}");
    }
}

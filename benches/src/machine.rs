//! What a reader needs to know of the machine: its processor, and nothing that names it.

use std::fs;

use serde::Serialize;

/// The machine of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    cores: usize,
    processor: String,
    memory_gib: u64,
    system: String,
}

impl Machine {
    /// This machine.
    pub(crate) fn this() -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_else(|_| String::new());
        Self {
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            processor: value(&read("/proc/cpuinfo"), "model name").unwrap_or("unknown").to_owned(),
            memory_gib: kibibytes(&read("/proc/meminfo")) >> 20,
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        }
    }
}

/// The value of the first line `key : value`.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        (name.trim() == key).then(|| value.trim())
    })
}

fn kibibytes(meminfo: &str) -> u64 {
    let total = value(meminfo, "MemTotal").and_then(|value| value.split_whitespace().next());
    total.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{kibibytes, value};

    #[test]
    fn facts_are_read_from_what_the_kernel_says() {
        let processors = "processor\t: 0\nmodel name\t: Maker Model 3\nmodel name\t: Other\n";
        assert_eq!(value(processors, "model name"), Some("Maker Model 3"));
        assert_eq!(value(processors, "stepping"), None);
        assert_eq!(kibibytes("MemTotal:       16384 kB\nMemFree: 1 kB\n"), 16384);
        assert_eq!(kibibytes(""), 0);
    }
}

//! What the kernel enforces on a command, where it can: writes within the tree only, no reading of
//! the user's other files, no connections. Linux has Landlock for it, which needs no rights.
//!
//! A thread restricts itself and then starts the command, which inherits that; so no code runs
//! between fork and exec, and none of the program's other threads is touched.

use std::io;
use std::path::PathBuf;
use std::process::{Child, Command};

/// What a command may touch.
#[derive(Clone, Debug, Default)]
pub struct Confinement {
    /// Folders it may write.
    pub writable: Vec<PathBuf>,
    /// Folders it may read besides those and the system's.
    pub readable: Vec<PathBuf>,
    /// Whether it may connect and listen.
    pub network: bool,
}

/// Folders of tools below a home folder, which builds have to read.
pub const TOOLS: &[&str] = &[
    ".cargo",
    ".rustup",
    ".local",
    ".npm",
    ".nvm",
    ".pyenv",
    ".cache",
    "go",
    ".gradle",
    ".m2",
    ".sdkman",
    ".bun",
    ".deno",
    ".volta",
    ".asdf",
    ".rbenv",
    ".gitconfig",
];

/// How far a command was confined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confined {
    /// As asked.
    Wholly,
    /// Not, or not in all, and why.
    Partly(String),
}

impl Confinement {
    /// Starts a command under these limits.
    pub fn spawn(&self, command: &mut Command) -> io::Result<(Child, Confined)> {
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| {
                let confined = self.restrict();
                command.spawn().map(|child| (child, confined))
            });
            thread.join().unwrap_or_else(|_| Err(io::Error::other("the command was not started")))
        })
    }

    #[cfg(target_os = "linux")]
    fn restrict(&self) -> Confined {
        match self.landlock() {
            Ok(confined) => confined,
            Err(error) => Confined::Partly(error.to_string()),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn restrict(&self) -> Confined {
        Confined::Partly("this system has no Landlock".to_owned())
    }

    #[cfg(target_os = "linux")]
    fn landlock(&self) -> Result<Confined, landlock::RulesetError> {
        use landlock::{
            ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetCreatedAttr,
            RulesetStatus, path_beneath_rules,
        };
        // The newest whose rights are known; older kernels enforce what they know.
        let abi = ABI::V5;
        let mut ruleset = Ruleset::default().handle_access(AccessFs::from_all(abi))?;
        if !self.network {
            ruleset = ruleset.handle_access(AccessNet::from_all(abi))?;
        }
        let there = |paths: &[PathBuf]| -> Vec<PathBuf> {
            paths.iter().filter(|path| path.exists()).cloned().collect()
        };
        let system: Vec<PathBuf> = SYSTEM.iter().map(PathBuf::from).collect();
        let devices: Vec<PathBuf> = DEVICES.iter().map(PathBuf::from).collect();
        let (read, all) = (AccessFs::from_read(abi), AccessFs::from_all(abi));
        let status = ruleset
            .create()?
            .add_rules(path_beneath_rules(there(&system), read))?
            .add_rules(path_beneath_rules(there(&self.readable), read))?
            .add_rules(path_beneath_rules(there(&devices), read | AccessFs::WriteFile))?
            .add_rules(path_beneath_rules(there(&self.writable), all))?
            .restrict_self()?;
        Ok(match status.ruleset {
            RulesetStatus::FullyEnforced => Confined::Wholly,
            RulesetStatus::PartiallyEnforced => {
                Confined::Partly("this kernel enforces only a part of it".to_owned())
            }
            RulesetStatus::NotEnforced => {
                Confined::Partly("this kernel has no Landlock".to_owned())
            }
        })
    }
}

/// Where systems keep programs, libraries and their settings.
#[cfg(target_os = "linux")]
const SYSTEM: &[&str] = &[
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc", "/opt", "/nix", "/snap", "/proc",
    "/sys", "/run", "/var/lib",
];
/// Devices that every program may use.
#[cfg(target_os = "linux")]
const DEVICES: &[&str] =
    &["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/shm"];

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::fs;
    use std::net::TcpListener;
    use std::process::{Command, Stdio};

    use super::{Confined, Confinement};

    /// Runs a line of shell and says whether it ended well; `None` where the kernel cannot confine.
    fn run(confinement: &Confinement, line: &str) -> Option<bool> {
        let mut command = Command::new("sh");
        command.args(["-c", line]).stdout(Stdio::null()).stderr(Stdio::null());
        let (mut child, confined) = confinement.spawn(&mut command).unwrap();
        let is_success = child.wait().unwrap().success();
        (confined == Confined::Wholly).then_some(is_success)
    }

    #[test]
    fn a_command_writes_and_reads_only_what_it_may_and_connects_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let (inside, outside) = (folder.path().join("in"), folder.path().join("out"));
        fs::create_dir(&inside).unwrap();
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("secret"), "x").unwrap();
        let confinement = Confinement { writable: vec![inside.clone()], ..Confinement::default() };
        let line =
            format!("echo x > {}/a && cat {}/a && ls /usr", inside.display(), inside.display());
        let Some(is_success) = run(&confinement, &line) else { return };
        assert!(is_success, "what is allowed goes");
        assert_eq!(run(&confinement, &format!("echo x > {}/a", outside.display())), Some(false));
        assert_eq!(run(&confinement, &format!("cat {}/secret", outside.display())), Some(false));
        assert!(!outside.join("a").exists());
        // This thread is as free as before.
        fs::write(outside.join("b"), "x").unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let connect = format!("exec 3<>/dev/tcp/127.0.0.1/{port}");
        let bash = |confinement: &Confinement| run(confinement, &format!("bash -c '{connect}'"));
        let open = Confinement { network: true, ..confinement.clone() };
        if bash(&open) == Some(true) {
            assert_eq!(bash(&confinement), Some(false), "a connection was made");
        }
    }
}

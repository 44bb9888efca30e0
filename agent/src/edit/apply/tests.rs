//! Plans applied, undone and redone, in peace and under faults: always wholly before or wholly
//! after, byte for byte, permissions and folders included.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use flux_core::ByteSpan;
use flux_fixtures::world::World;
use proptest::prelude::*;

use super::files::{Disk, FileOperations, Mode};
use super::record::{About, Kind};
use super::{ApplyError, Journal};
use crate::edit::history::{State, Turn, states};
use crate::edit::plan::{Change, EditPlan, NoSymbols};
use crate::edit::script::EditScript;
use crate::edit::tree::{Content, Tree, mode_of};

/// What happens at the chosen operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// It fails once.
    Fail,
    /// It and all later ones fail that need room on the disk.
    Full,
    /// The program dies in the middle of it.
    Crash,
}

/// The disk, with a fault at one of the operations that change something.
struct Faulty<'a> {
    fault: Fault,
    at: usize,
    count: Cell<usize>,
    is_dead: Cell<bool>,
    /// What somebody else does before the chosen operation.
    meddle: Option<&'a dyn Fn()>,
    log: RefCell<Vec<String>>,
}

impl<'a> Faulty<'a> {
    fn new(fault: Fault, at: usize) -> Self {
        let log = RefCell::new(Vec::new());
        Self { fault, at, count: Cell::new(0), is_dead: Cell::new(false), meddle: None, log }
    }

    fn step(
        &self,
        name: &str,
        needs_room: bool,
        half: impl FnOnce(),
        run: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<()> {
        let number = self.count.get();
        self.count.set(number + 1);
        self.log.borrow_mut().push(name.to_owned());
        if number == self.at
            && let Some(meddle) = self.meddle
        {
            meddle();
            return run();
        }
        let is_hit = match self.fault {
            Fault::Fail => number == self.at,
            Fault::Full => number >= self.at && needs_room,
            Fault::Crash => number >= self.at,
        };
        if !is_hit {
            return run();
        }
        if self.fault == Fault::Full {
            half();
            return Err(io::ErrorKind::StorageFull.into());
        }
        if self.fault == Fault::Crash && !self.is_dead.replace(true) {
            half();
        }
        Err(io::Error::other("the fault of the test"))
    }
}

impl FileOperations for Faulty<'_> {
    fn read(&self, path: &Path) -> io::Result<Option<Content>> {
        Disk.read(path)
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        Disk.names(folder)
    }

    fn folder_mode(&self, folder: &Path) -> io::Result<Option<u32>> {
        Disk.folder_mode(folder)
    }

    fn make_folder(&self, path: &Path, mode: Option<u32>) -> io::Result<()> {
        self.step("make_folder", true, || {}, || Disk.make_folder(path, mode))
    }

    fn write(&self, path: &Path, bytes: &[u8], mode: Mode) -> io::Result<()> {
        let half = || {
            Disk.write(path, &bytes[..bytes.len() / 2], mode).ok();
        };
        self.step("write", true, half, || Disk.write(path, bytes, mode))
    }

    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        self.step("exchange", false, || {}, || Disk.exchange(one, other))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step("rename", false, || {}, || Disk.rename(from, to))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step("remove", false, || {}, || Disk.remove(path))
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.step("remove_folder", false, || {}, || Disk.remove_folder(path))
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.step("sync_folder", false, || {}, || Disk.sync_folder(path))
    }
}

/// Everything below a folder: bytes of files, permission bits of all.
type Picture = BTreeMap<PathBuf, (u32, Option<Vec<u8>>)>;

fn picture(root: &Path) -> Picture {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs::symlink_metadata(&path).unwrap();
            let bytes = metadata.is_file().then(|| fs::read(&path).unwrap());
            if metadata.is_dir() {
                folders.push(path.clone());
            }
            let name = path.strip_prefix(root).unwrap().to_owned();
            found.insert(name, (mode_of(&metadata), bytes));
        }
    }
    found
}

fn tree(world: &World) -> Tree {
    Tree { root: world.root().to_owned(), own: world.beside("index") }
}

fn about(kind: Kind) -> About {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
    About { kind, title: "test".to_owned(), now }
}

fn plan_of(tree: &Tree, script: &str) -> EditPlan {
    let script = EditScript::parse(script, None).unwrap();
    EditPlan::of_script(tree, &script, &NoSymbols).unwrap()
}

fn apply(tree: &Tree, files: &dyn FileOperations, plan: &EditPlan) -> Result<u64, ApplyError> {
    let journal = Journal::open(tree, files, Duration::ZERO)?;
    journal.apply_plan(plan, &about(Kind::Edit)).map(|receipt| receipt.id)
}

fn turn(tree: &Tree, turn: Turn) -> Result<(), ApplyError> {
    let journal = Journal::open(tree, &Disk, Duration::ZERO)?;
    let (receipt, plan) = journal.turn(turn, None)?;
    let kind = match turn {
        Turn::Undo => Kind::Undo(receipt.id),
        Turn::Redo => Kind::Redo(receipt.id),
    };
    journal.apply_plan(&plan, &about(kind)).map(|_| ())
}

const WORLD: &str =
    "//- /a.txt\none\ntwo\n//- /old/b.txt\nbee\n//- /old/deep/c.txt\nsea\n//- /d.txt\ndee\n";
/// Changes a.txt, moves b.txt with a change, removes c.txt and its folder, makes a file in a new
/// folder.
const SCRIPT: &str = "*** Begin Patch\n*** Update File: a.txt\n-one\n+eins\n*** Update File: old/b.txt\n\
                      *** Move to: new/er/b.txt\n-bee\n+biene\n*** Delete File: old/deep/c.txt\n\
                      *** Add File: new/e.txt\n+e\n*** End Patch\n";

fn world() -> World {
    let world = World::new(WORLD);
    set_mode(&world, "a.txt", 0o640);
    set_mode(&world, "old/b.txt", 0o755);
    set_mode(&world, "old/deep", 0o700);
    world
}

fn set_mode(world: &World, path: &str, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(world.path(path), fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_plan_is_applied_undone_and_redone_to_the_byte() {
    let world = world();
    let tree = tree(&world);
    let before = picture(world.root());
    apply(&tree, &Disk, &plan_of(&tree, SCRIPT)).unwrap();
    let after = picture(world.root());
    let names: Vec<&str> = after.keys().map(|path| path.to_str().unwrap()).collect();
    assert_eq!(names, ["a.txt", "d.txt", "new", "new/e.txt", "new/er", "new/er/b.txt"]);
    assert_eq!(after[Path::new("new/er/b.txt")], (0o755, Some(b"biene\n".to_vec())));
    assert_eq!(after[Path::new("a.txt")], (0o640, Some(b"eins\ntwo\n".to_vec())));
    turn(&tree, Turn::Undo).unwrap();
    assert_eq!(picture(world.root()), before);
    turn(&tree, Turn::Redo).unwrap();
    assert_eq!(picture(world.root()), after);
    let journal = Journal::open(&tree, &Disk, Duration::ZERO).unwrap();
    let receipts = journal.receipts().unwrap();
    let kinds: Vec<Kind> = receipts.iter().map(|receipt| receipt.kind).collect();
    assert_eq!(kinds, [Kind::Edit, Kind::Undo(1), Kind::Redo(1)]);
    assert_eq!(states(&receipts)[&1], State::Applied);
}

/// Applies the plan with a fault and checks that the tree is as before or as after.
fn check_fault(
    fresh: &dyn Fn() -> World,
    plan: &dyn Fn(&Tree) -> EditPlan,
    fault: Fault,
    at: usize,
) {
    let world = fresh();
    let tree = tree(&world);
    let plan = plan(&tree);
    let before = picture(world.root());
    let files = Faulty::new(fault, at);
    let result = apply(&tree, &files, &plan);
    if fault == Fault::Crash && result.is_err() {
        // Dying while taking it back must not matter either.
        let again = Faulty::new(Fault::Crash, at % 5);
        drop(Journal::open(&tree, &again, Duration::ZERO));
    }
    if fault != Fault::Crash && result.is_err() {
        assert_eq!(picture(world.root()), before, "{fault:?} at {at}: {:?}", files.log.borrow());
    }
    let journal = Journal::open(&tree, &Disk, Duration::ZERO).unwrap();
    assert!(journal.recovered.iter().all(|one| one.torn.is_empty()));
    let is_made = !journal.receipts().unwrap().is_empty();
    assert!(is_made || result.is_err(), "{fault:?} at {at}");
    let now = picture(world.root());
    if is_made {
        for file in &plan.files {
            let after = file.after.as_ref().map(|one| one.content.bytes.clone());
            let there = now.get(Path::new(file.path.as_str())).and_then(|(_, bytes)| bytes.clone());
            assert_eq!(there, after, "{fault:?} at {at}");
        }
        assert!(now.keys().all(|path| !path.to_string_lossy().contains(".flux-edit")));
    } else {
        assert_eq!(now, before, "{fault:?} at {at}: {:?}", files.log.borrow());
    }
}

#[test]
fn a_fault_at_any_operation_leaves_all_or_nothing() {
    let world = world();
    let tree = tree(&world);
    let counting = Faulty::new(Fault::Fail, usize::MAX);
    apply(&tree, &counting, &plan_of(&tree, SCRIPT)).unwrap();
    let operations = counting.count.get();
    assert!(operations > 25, "{operations}");
    for fault in [Fault::Fail, Fault::Full, Fault::Crash] {
        for at in 0..operations {
            check_fault(&self::world, &|tree| plan_of(tree, SCRIPT), fault, at);
        }
    }
}

/// Files of a random tree: content and permission bits.
fn files() -> impl Strategy<Value = Vec<(String, String, u32)>> {
    let lines = prop::collection::vec("[a-c]{0,3}", 0..6);
    let content = (lines, any::<bool>(), any::<bool>()).prop_map(|(lines, crlf, ends)| {
        let end = if crlf { "\r\n" } else { "\n" };
        let text = lines.join(end);
        if ends && !text.is_empty() { text + end } else { text }
    });
    let mode = prop::sample::select(vec![0o644_u32, 0o600, 0o755, 0o664]);
    let folder = prop::sample::select(vec!["", "x/", "x/y/", "z/"]);
    let file = (folder, content, mode);
    prop::collection::vec(file, 1..7).prop_map(|files| {
        let named = |(number, (folder, content, mode)): (usize, (&str, String, u32))| {
            (format!("{folder}f{number}.txt"), content, mode)
        };
        files.into_iter().enumerate().map(named).collect()
    })
}

fn built(files: &[(String, String, u32)]) -> World {
    let world = World::new("");
    for (path, content, mode) in files {
        world.write(path, content);
        set_mode(&world, path, *mode);
    }
    world
}

/// A change to a file, chosen by a number.
fn changes(files: &[(String, String, u32)], choices: &[u8]) -> Vec<Change> {
    let mut changes = Vec::new();
    for ((path, content, _), choice) in files.iter().zip(choices) {
        let path = path.clone();
        let whole = ByteSpan::new(0, u32::try_from(content.len()).unwrap());
        let replace = |new: &str| Change::Replace {
            path: path.clone(),
            span: whole,
            old: content.clone(),
            new: new.to_owned(),
        };
        match choice % 6 {
            0 => changes.push(replace("new\ntext\n")),
            1 => changes.push(Change::Delete { path }),
            2 => changes.push(Change::Move { to: format!("m/{path}"), from: path }),
            3 => {
                changes.push(replace("moved and changed"));
                changes.push(Change::Move { to: format!("{path}.moved"), from: path });
            }
            4 => {
                let content = "made\n".to_owned();
                changes.push(Change::Create { path: format!("n/{choice}/{path}"), content });
            }
            _ => {}
        }
    }
    changes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn random_edits_of_random_trees_are_all_or_nothing(
        files in files(),
        choices in prop::collection::vec(any::<u8>(), 7),
        fault in prop::sample::select(vec![Fault::Fail, Fault::Full, Fault::Crash]),
        at in 0_usize..70,
    ) {
        let changes = changes(&files, &choices);
        let world = built(&files);
        if EditPlan::of_changes(&tree(&world), &changes).is_ok() {
            let plan = |tree: &Tree| EditPlan::of_changes(tree, &changes).unwrap();
            check_fault(&|| built(&files), &plan, fault, at);
        }
    }

    #[test]
    fn undo_takes_back_every_byte(
        files in files(),
        choices in prop::collection::vec(any::<u8>(), 7),
    ) {
        let changes = changes(&files, &choices);
        let world = built(&files);
        let tree = tree(&world);
        let before = picture(world.root());
        if let Ok(plan) = EditPlan::of_changes(&tree, &changes) {
            apply(&tree, &Disk, &plan).unwrap();
            let after = picture(world.root());
            turn(&tree, Turn::Undo).unwrap();
            prop_assert_eq!(picture(world.root()), before);
            turn(&tree, Turn::Redo).unwrap();
            prop_assert_eq!(picture(world.root()), after);
        }
    }
}

#[test]
fn a_file_changed_since_the_plan_is_refused() {
    let world = world();
    let tree = tree(&world);
    let plan = plan_of(&tree, SCRIPT);
    world.write("a.txt", "somebody else\n");
    let before = picture(world.root());
    let error = apply(&tree, &Disk, &plan).unwrap_err();
    assert!(matches!(error, ApplyError::Refused(_)), "{error}");
    assert_eq!(picture(world.root()), before);
}

#[test]
fn a_file_changed_in_the_last_moment_keeps_that_change() {
    let world = world();
    let tree = tree(&world);
    let counting = Faulty::new(Fault::Fail, usize::MAX);
    apply(&tree, &counting, &plan_of(&tree, SCRIPT)).unwrap();
    let log = counting.log.borrow();
    let steps: Vec<usize> = (0..log.len()).filter(|at| log[*at] == "exchange").collect();
    assert_eq!(steps.len(), 1);
    for at in [steps[0] - 3, steps[0]] {
        let world = self::world();
        let tree = self::tree(&world);
        let plan = plan_of(&tree, SCRIPT);
        let meddle = || world.write("a.txt", "somebody else\n");
        let files = Faulty { meddle: Some(&meddle), ..Faulty::new(Fault::Fail, at) };
        let error = apply(&tree, &files, &plan).unwrap_err();
        assert!(matches!(error, ApplyError::RolledBack { .. }), "{error}");
        assert_eq!(fs::read_to_string(world.path("a.txt")).unwrap(), "somebody else\n");
        assert_eq!(fs::read_to_string(world.path("old/b.txt")).unwrap(), "bee\n");
    }
}

#[test]
fn what_was_changed_after_a_crash_is_left_alone_and_named() {
    let world = world();
    let tree = tree(&world);
    let counting = Faulty::new(Fault::Fail, usize::MAX);
    apply(&tree, &counting, &plan_of(&tree, SCRIPT)).unwrap();
    let at = counting.log.borrow().iter().position(|name| name == "exchange").unwrap();
    let world = self::world();
    let tree = self::tree(&world);
    let plan = plan_of(&tree, SCRIPT);
    apply(&tree, &Faulty::new(Fault::Crash, at + 1), &plan).unwrap_err();
    world.write("a.txt", "written after the crash\n");
    let journal = Journal::open(&tree, &Disk, Duration::ZERO).unwrap();
    assert_eq!(journal.recovered[0].torn[0].as_str(), "a.txt");
    assert_eq!(fs::read_to_string(world.path("a.txt")).unwrap(), "written after the crash\n");
    assert!(world.path("old/b.txt").exists());
}

#[test]
fn two_processes_never_edit_one_tree_at_once() {
    let world = world();
    let tree = tree(&world);
    let _first = Journal::open(&tree, &Disk, Duration::ZERO).unwrap();
    let second = Journal::open(&tree, &Disk, Duration::ZERO);
    assert!(matches!(second, Err(ApplyError::Locked)));
    let elsewhere = Tree { own: world.beside("another"), ..tree.clone() };
    let third = Journal::open(&elsewhere, &Disk, Duration::ZERO);
    assert!(matches!(third, Err(ApplyError::Locked)));
}

#[test]
fn what_another_index_left_is_not_touched() {
    let world = world();
    world.write(".flux-edit-0123456789abcdef/0", "x");
    let tree = tree(&world);
    let opened = Journal::open(&tree, &Disk, Duration::ZERO);
    assert!(matches!(opened, Err(ApplyError::Foreign { .. })));
}

#[test]
fn undo_keeps_hand_edits_made_elsewhere_in_the_file() {
    let world = World::new("//- /a.txt\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    let tree = tree(&world);
    let script = r#"{"edits": [{"op": "replace", "path": "a.txt", "old": "2", "new": "two"}]}"#;
    apply(&tree, &Disk, &plan_of(&tree, script)).unwrap();
    world.write("a.txt", "1\ntwo\n3\n4\n5\n6\n7\neight\n9\n");
    turn(&tree, Turn::Undo).unwrap();
    assert_eq!(fs::read_to_string(world.path("a.txt")).unwrap(), "1\n2\n3\n4\n5\n6\n7\neight\n9\n");
    turn(&tree, Turn::Redo).unwrap();
    let text = fs::read_to_string(world.path("a.txt")).unwrap();
    assert_eq!(text, "1\ntwo\n3\n4\n5\n6\n7\neight\n9\n");
}

#[test]
fn undo_refuses_what_was_changed_by_hand_in_the_same_place() {
    let world = World::new("//- /a.txt\n1\n2\n3\n");
    let tree = tree(&world);
    let script = r#"{"edits": [{"op": "replace", "path": "a.txt", "old": "2", "new": "two"},
                               {"op": "create", "path": "b.txt", "content": "new\n"}]}"#;
    apply(&tree, &Disk, &plan_of(&tree, script)).unwrap();
    world.write("a.txt", "1\nTWO\n3\n");
    world.write("b.txt", "new\nand more\n");
    let error = turn(&tree, Turn::Undo).unwrap_err().to_string();
    assert!(error.contains("-two\n>2") || error.contains("+TWO\n-two\n>2"), "{error}");
    assert!(error.contains("+and more"), "{error}");
    assert_eq!(fs::read_to_string(world.path("a.txt")).unwrap(), "1\nTWO\n3\n");
}

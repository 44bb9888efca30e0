//! A plan as a unified diff, in git's form. It is a script that does the same.

use similar::TextDiff;

use super::plan::{EditPlan, FileEdit};

/// Lines around a change, as git shows.
const CONTEXT: usize = 3;

/// The plan as one diff.
pub fn unified(plan: &EditPlan) -> String {
    plan.files.iter().map(of_file).collect()
}

fn of_file(file: &FileEdit) -> String {
    let (source, path) = (file.source().as_str(), file.path.as_str());
    let mode = |is_program: bool| if is_program { "100755" } else { "100644" };
    let is_program = |version: &Option<super::plan::Version>| {
        version.as_ref().is_some_and(|version| version.content.mode & 0o111 != 0)
    };
    let (old_mode, new_mode) = (mode(is_program(&file.before)), mode(is_program(&file.after)));
    let mut text = format!("diff --git {} {}\n", quoted("a/", source), quoted("b/", path));
    match (&file.before, &file.after) {
        (None, _) => text.push_str(&format!("new file mode {new_mode}\n")),
        (_, None) => text.push_str(&format!("deleted file mode {old_mode}\n")),
        (Some(_), Some(_)) => {
            if cfg!(unix) && old_mode != new_mode {
                text.push_str(&format!("old mode {old_mode}\nnew mode {new_mode}\n"));
            }
            if file.from.is_some() {
                let (from, to) = (quoted("", source), quoted("", path));
                text.push_str(&format!("rename from {from}\nrename to {to}\n"));
            }
        }
    }
    let absent = || "/dev/null".to_owned();
    let old = file.before.as_ref().map_or_else(absent, |_| quoted("a/", source));
    let new = file.after.as_ref().map_or_else(absent, |_| quoted("b/", path));
    let diff = TextDiff::from_lines(file.old_text(), file.new_text());
    text + &diff.unified_diff().context_radius(CONTEXT).header(&old, &new).to_string()
}

/// A path as git writes it: quoted if it has letters that a line cannot hold as they are.
fn quoted(prefix: &str, path: &str) -> String {
    if path.contains(['"', '\\']) {
        return format!("\"{prefix}{}\"", path.replace('\\', "\\\\").replace('"', "\\\""));
    }
    format!("{prefix}{path}")
}

#[cfg(test)]
mod tests {
    use flux_fixtures::world::World;

    use super::unified;
    use crate::edit::{EditPlan, EditScript, NoSymbols, Tree};

    #[test]
    fn a_plan_shown_as_a_diff_is_a_script_that_does_the_same() {
        let world = World::new(
            "//- /a.txt\n1\n2\n3\n4\n5\n6\n7\n8\n9\n//- /b.txt\nbee\n//- /c.txt\n//- /d d.txt\nx\n",
        );
        world.write("e.txt", "no line feed");
        let edits = r#"{"edits": [
            {"op": "replace", "path": "a.txt", "old": "2\n", "new": "two\nzwei\n"},
            {"op": "replace", "path": "a.txt", "old": "9", "new": "nine"},
            {"op": "move", "from": "b.txt", "to": "n/b.txt"},
            {"op": "replace", "path": "b.txt", "old": "bee", "new": "biene"},
            {"op": "delete", "path": "c.txt"},
            {"op": "delete", "path": "d d.txt"},
            {"op": "replace", "path": "e.txt", "old": "no", "new": "still no"},
            {"op": "create", "path": "f.sh", "content": "x\n", "executable": true}]}"#;
        let tree = Tree { root: world.root().to_owned(), own: world.beside("index") };
        let plan = |text: &str| {
            let script = EditScript::parse(text, None).unwrap();
            EditPlan::of_script(&tree, &script, &NoSymbols).unwrap()
        };
        let (first, second) = (plan(edits), plan(&unified(&plan(edits))));
        assert_eq!(first.files.len(), second.files.len(), "{}", unified(&first));
        for (one, other) in first.files.iter().zip(&second.files) {
            assert_eq!(
                (&one.path, &one.from, &one.after),
                (&other.path, &other.from, &other.after)
            );
        }
    }
}

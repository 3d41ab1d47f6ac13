//! What documents say of the program.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The names of all functions below a folder.
fn functions(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let names = text.split("fn ").skip(1).map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
            found.extend(names);
        }
    }
}

/// What is named as code in the last cell of each row of a document's tables, and looks like a test.
fn named(document: &str) -> BTreeSet<String> {
    let rows = document.lines().filter(|line| line.starts_with("| "));
    let last = rows.filter_map(|row| row.trim_end_matches([' ', '|']).rsplit(" | ").next());
    let names = last.flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>());
    names.filter(|name| name.contains('_') && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')).collect()
}

#[test]
fn the_tests_that_security_rests_on_are_there() {
    let mut functions_of = BTreeSet::new();
    for part in ["services/src", "api/src", "api/tests", "worker/src", "worker/tests", "migration/src"] {
        functions(&root().join(part), &mut functions_of);
    }
    for document in ["security.md", "threat-model.md"] {
        let names = named(&std::fs::read_to_string(root().join("docs").join(document)).unwrap());
        assert!(names.len() > 30, "{document} names {} tests", names.len());
        let missing: Vec<_> = names.difference(&functions_of).collect();
        assert!(missing.is_empty(), "{document} names tests that are not there: {missing:?}");
    }
}

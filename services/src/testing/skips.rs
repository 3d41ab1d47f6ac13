//! What a run passes over where it is not asked for, or not there.

/// Whether the long runs are asked for, by `TERANGA_LONG_TESTS=1`; says so when this one is passed over or cut short.
pub fn long_tests(what: &str) -> bool {
    let asked = std::env::var("TERANGA_LONG_TESTS").is_ok_and(|set| set == "1");
    if !asked {
        say(&format!("skipped: {what} (TERANGA_LONG_TESTS is not 1)"));
    }
    asked
}

/// A file of the real records, kept beside the repository or one of its worktrees in `shared/data`; says so when it is not there.
pub fn real_data(name: &str) -> Option<Vec<u8>> {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = here.ancestors().map(|folder| folder.join("shared/data").join(name)).find(|file| file.is_file());
    if found.is_none() {
        say(&format!("skipped: no shared/data/{name} beside the repository"));
    }
    found.map(|file| std::fs::read(file).expect("readable"))
}

/// Past the harness, which keeps what a passing test prints to itself.
fn say(sentence: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{sentence}");
}

//! Passwords that everybody knows: what thieves of passwords found most often, and try first.
//!
//! The list has the hundred thousand most frequent ones of eight characters and more, in lower case, in the order of their bytes: it
//! is searched where it lies in the program, and takes no memory of its own. See `SOURCES.md` beside it.

static LIST: &[u8] = include_bytes!("list.txt");

/// Whether a password is on the list, in whatever case.
pub(super) fn is_listed(password: &str) -> bool {
    let wanted = password.to_lowercase();
    let (mut low, mut high) = (0, LIST.len());
    while low < high {
        let (begin, end) = line_around(low + (high - low) / 2);
        match LIST[begin..end].cmp(wanted.as_bytes()) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = begin,
        }
    }
    false
}

/// Where the line with this byte begins, and where its line feed is.
fn line_around(at: usize) -> (usize, usize) {
    let begin = LIST[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |feed| feed + 1);
    let end = LIST[at..].iter().position(|byte| *byte == b'\n').map_or(LIST.len(), |feed| at + feed);
    (begin, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_found_and_nothing_else() {
        let lines: Vec<&str> = std::str::from_utf8(LIST).unwrap().lines().collect();
        assert_eq!(lines.len(), 100_000);
        assert!(lines.windows(2).all(|two| two[0].as_bytes() < two[1].as_bytes()), "in order, none twice");
        assert!(lines.iter().all(|line| line.len() >= 8 && *line == line.to_lowercase()));
        for line in &lines {
            assert!(is_listed(line), "{line}");
        }
        assert!(is_listed("PassWord1") && is_listed("Azertyuiop"));
        for other in ["", "\n", "a", "zzzzzzzzzzzzzzzzzz", "baobab et tamarin", "\u{ff}", "password1\n", &lines[5][1..]] {
            assert!(!is_listed(other) || lines.contains(&other), "{other:?}");
        }
        for pair in lines.windows(2).step_by(97) {
            let between = format!("{}\u{0}", pair[0]);
            assert!(!is_listed(&between), "{between:?}");
        }
    }
}

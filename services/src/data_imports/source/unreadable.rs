//! Why a file is refused.

use crate::Code;
use crate::locale::Locale;

/// Why a file cannot be read, at which line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key} at line {line}")]
pub struct Unreadable {
    pub key: &'static str,
    pub code: Code,
    pub line: u64,
    /// The bound that was passed, where the sentence names it.
    pub most: Option<u64>,
}

impl Unreadable {
    pub fn new(key: &'static str, line: u64) -> Self {
        Self { key, code: Code::FileUnreadable, line, most: None }
    }

    pub fn say(&self, locale: Locale) -> String {
        let shown = |most: u64| if self.code == Code::FileTooLarge { locale.size(most) } else { most.to_string() };
        let most = self.most.map(|most| ("most", shown(most)));
        let arguments: Vec<_> = most.into_iter().chain([("line", self.line.to_string())]).collect();
        locale.say(self.key, &arguments)
    }
}

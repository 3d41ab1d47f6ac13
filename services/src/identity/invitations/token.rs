use crate::App;
use crate::identity::Purpose;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// What an invited person shows: 256 random bits. Not to be printed.
pub(crate) struct Token(String);

impl Token {
    pub fn new(app: &App) -> Self {
        Self(URL_SAFE_NO_PAD.encode(app.random().bytes::<32>()))
    }

    /// What is kept of it.
    pub fn hash(&self, app: &App) -> Vec<u8> {
        hash(app, &self.0)
    }

    /// Where it is shown. Behind the `#` it is in no log of a server and in no `Referer`.
    pub fn link(&self, app: &App) -> String {
        format!("{}/invitation#{}", app.settings().public_url, self.0)
    }

    #[cfg(any(test, feature = "test-support"))]
    pub fn into_text(self) -> String {
        self.0
    }
}

/// The keyed hash a token is found by.
pub(super) fn hash(app: &App, text: &str) -> Vec<u8> {
    app.keys().mac(Purpose::Invitation, text.as_bytes()).to_vec()
}

//! Letters: mails to an address rather than to a member, such as one that has no account yet.
//!
//! They tell nothing in the application and have no delivery to look up. Their job carries all but the secret of their link,
//! which is made when the letter is: who reads the ledger of jobs can use no link.

use super::deliver::{Button, Outcome, Sheet, post};
use crate::locale::Locale;
use crate::work::{JobKind, NewJob, Running};
use crate::{App, Error, Result, SystemScope};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entities::Timestamp;
use entities::notifications::Severity;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A mail to somebody at an address.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Letter {
    pub id: Uuid,
    pub address: String,
    pub name: Option<String>,
    pub locale: String,
    /// The Fluent sentences `<key>-title`, `<key>-body`, and `<key>-button` where there is a link.
    pub key: String,
    /// The variables of the sentences.
    pub params: BTreeMap<String, String>,
    pub link: Option<Link>,
    pub written_at: Timestamp,
    /// When it is of no use any more: it is not sent later.
    pub until: Timestamp,
}

/// A link whose secret only the letter has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub page: Page,
    pub id: Uuid,
}

/// The page a link leads to, below `ACCOUNT_URL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Page {
    Verify,
    Reset,
    Address,
    Invitation,
}

impl Page {
    fn path(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Reset => "reset",
            Self::Address => "address",
            Self::Invitation => "invitation",
        }
    }
}

impl Link {
    /// What whoever has the letter shows: the id, and a MAC of it that nobody else can make.
    pub(crate) fn token(self, app: &App) -> String {
        let mac = app.keys().mac(crate::identity::Purpose::Link, &[self.page.path().as_bytes(), self.id.as_bytes()].concat());
        URL_SAFE_NO_PAD.encode([self.id.as_bytes().as_slice(), &mac].concat())
    }

    /// The link of a token that is genuine; whether it is still good its row says.
    pub(crate) fn of_token(app: &App, page: Page, token: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(token.trim()).ok()?;
        let link = Self { page, id: Uuid::from_slice(bytes.get(..16)?).ok()? };
        let same = subtle::ConstantTimeEq::ct_eq(link.token(app).as_bytes(), token.trim().as_bytes());
        bool::from(same).then_some(link)
    }

    fn url(self, app: &App) -> String {
        format!("{}/{}?token={}", app.settings().account_url, self.page.path(), self.token(app))
    }
}

impl JobKind for Letter {
    const KIND: &'static str = "notifications.letter";
    const QUEUE: &'static str = "notifications";
    const PRIORITY: i32 = 0;
    /// Over some hours: whoever waits for one asks again sooner.
    const MAX_ATTEMPTS: i32 = 15;
}

impl Letter {
    /// The job that carries it.
    pub(crate) fn job(&self, app: &App) -> Result<NewJob> {
        Ok(NewJob::new(app, self)?.unique(format!("letter:{}", self.id)))
    }

    fn sheet(self, app: &App) -> Sheet {
        let locale = Locale::of_tag(&self.locale).unwrap_or_default();
        let params: Vec<(String, String)> = self.params.into_iter().collect();
        let say = |part: &str| locale.try_say(&format!("{}-{part}", self.key), &params).unwrap_or_default();
        let greeting = match &self.name {
            Some(name) => locale.say("mail-greeting", &[("name", name.clone())]),
            None => locale.say("letter-greeting", &[]),
        };
        Sheet {
            id: self.id,
            written_at: self.written_at,
            locale,
            address: self.address,
            name: self.name,
            severity: Severity::Info,
            badge: locale.say("letter-badge", &[]),
            organization: String::new(),
            greeting,
            title: say("title"),
            body: say("body"),
            button: self.link.map(|link| Button { label: say("button"), url: link.url(app) }),
            footer: locale.say(if self.link.is_some() { "letter-footer-link" } else { "letter-footer" }, &[]),
        }
    }
}

/// Carries a letter; one that could not be handed over is tried again by its job.
pub async fn carry(system: &SystemScope, job: &Running, letter: Letter) -> Result<()> {
    let (app, id) = (system.app(), letter.id);
    if letter.until <= app.now() {
        tracing::warn!(letter.id = %id, job.id = %job.id, "a letter is too late and was not sent");
        return Ok(());
    }
    match post(app, &letter.sheet(app)).await? {
        Outcome::Accepted { .. } => Ok(()),
        Outcome::Refused { trouble, .. } => {
            // The address is wrong, or says no: nobody is there to tell but the log.
            tracing::warn!(letter.id = %id, "a letter was refused: {}", trouble.text);
            Ok(())
        }
        Outcome::Away { trouble, .. } | Outcome::Unanswered(trouble) | Outcome::Hold(trouble) => Err(Error::internal(trouble.text)),
    }
}

//! A row of the file, and what it must be.

use crate::identity::SignUp;
use crate::identity::account::{check_email, check_locale, check_phone, check_text, check_time_zone, email};
use crate::identity::password;
use crate::locale::Locale;
use crate::{Code, Refusals, Result};
use argon2::Params;
use argon2::password_hash::phc::PasswordHash;
use csv::StringRecord;

/// Where each column of the file is.
pub(super) struct Columns {
    email: usize,
    name: Option<usize>,
    first_name: Option<usize>,
    last_name: Option<usize>,
    phone: Option<usize>,
    locale: Option<usize>,
    time_zone: Option<usize>,
    password_hash: Option<usize>,
    email_verified: Option<usize>,
}

/// An account as the file has it.
#[derive(Clone, Debug)]
pub(super) struct Row {
    email: String,
    name: String,
    phone: Option<String>,
    locale: Option<String>,
    time_zone: Option<String>,
    pub password_hash: Option<String>,
    pub email_verified: bool,
}

impl Columns {
    pub fn of(headers: &StringRecord) -> Result<Self, String> {
        let plain = |text: &str| text.trim_start_matches('\u{feff}').trim().to_lowercase().replace([' ', '-'], "_");
        let find = |names: &[&str]| headers.iter().position(|header| names.contains(&plain(header).as_str()));
        Ok(Self {
            email: find(&["email", "e_mail", "mail"]).ok_or("the file has no column `email`")?,
            name: find(&["name", "display_name", "full_name"]),
            first_name: find(&["first_name", "prenom", "prénom"]),
            last_name: find(&["last_name", "nom"]),
            phone: find(&["phone", "telephone", "téléphone"]),
            locale: find(&["locale", "language", "langue"]),
            time_zone: find(&["time_zone", "timezone"]),
            password_hash: find(&["password_hash", "password", "hashed_password"]),
            email_verified: find(&["email_verified", "is_verified"]),
        })
    }

    pub fn row(&self, record: &StringRecord) -> Result<Row, Vec<String>> {
        let text = |column: Option<usize>| column.and_then(|at| record.get(at)).map(str::trim).filter(|text| !text.is_empty());
        let owned = |column| text(column).map(str::to_owned);
        let parts = [text(self.first_name), text(self.last_name)];
        let name = owned(self.name).unwrap_or_else(|| parts.into_iter().flatten().collect::<Vec<_>>().join(" "));
        let email_verified = match text(self.email_verified).map(str::to_lowercase).as_deref() {
            None | Some("false" | "f" | "0" | "no" | "non") => false,
            Some("true" | "t" | "1" | "yes" | "oui") => true,
            Some(other) => return Err(vec![format!("email_verified is `{other}`, neither true nor false")]),
        };
        let (phone, locale, time_zone) = (owned(self.phone), owned(self.locale), owned(self.time_zone));
        let (email, password_hash) = (owned(Some(self.email)).unwrap_or_default(), owned(self.password_hash));
        Ok(Row { email, name, phone, locale, time_zone, password_hash, email_verified })
    }
}

impl Row {
    /// The account, if every part of it is one of an account.
    pub fn checked(&self, reader: Locale) -> Result<SignUp> {
        let mut refusals = Refusals::default();
        let address = email(&self.email);
        check_email(&address, reader, &mut refusals);
        let display_name = check_text(&self.name, "name", 120, reader, &mut refusals);
        let phone = self.phone.as_ref().map(|phone| check_phone(phone, reader, &mut refusals));
        let locale = self.locale.clone().unwrap_or_else(|| reader.code().to_owned());
        check_locale(&locale, reader, &mut refusals);
        let time_zone = self.time_zone.clone().unwrap_or_else(|| "Africa/Dakar".to_owned());
        check_time_zone(&time_zone, reader, &mut refusals);
        if self.password_hash.as_ref().is_some_and(|hash| !password::is_hash(hash)) {
            refusals.add(Code::Invalid, "passwordHash", reader.say("hash-unknown", &[]));
        } else if self.password_hash.as_deref().is_some_and(costs_too_much) {
            refusals.add(Code::OutOfRange, "passwordHash", reader.say("hash-costs-too-much", &[]));
        }
        refusals.check()?;
        Ok(SignUp { email: address, display_name, phone, locale: Some(locale), time_zone: Some(time_zone), ..SignUp::default() })
    }
}

/// More rounds of bcrypt (2 to the power of this) than any system before this one had reason for.
const MOST_BCRYPT: u32 = 14;
/// In KiB, and passes over it.
const MOST_ARGON: (u32, u32) = (256 * 1024, 10);

/// Whether checking one password against the hash would hold up everybody's for seconds, or for days.
fn costs_too_much(hash: &str) -> bool {
    if let Ok(parts) = hash.parse::<bcrypt::HashParts>() {
        return parts.get_cost() > MOST_BCRYPT;
    }
    let params = PasswordHash::new(hash).ok().and_then(|hash| Params::try_from(&hash).ok());
    params.is_none_or(|params| params.m_cost() > MOST_ARGON.0 || params.t_cost() > MOST_ARGON.1)
}

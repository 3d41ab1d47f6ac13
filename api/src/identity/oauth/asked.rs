//! A request to one of the doors, as it is read.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use poem::http::header;
use poem::web::Form;
use poem::{Body, FromRequest, Request, RequestBody};
use services::Doorway;
use services::identity::oauth::{Credentials, OauthError};
use std::collections::HashMap;

/// More than any request to these doors has.
const MOST_BYTES: usize = 16 << 10;

/// What was sent.
pub struct Asked {
    pub doorway: Doorway,
    /// `Authorization`, where it was sent.
    basic: Option<String>,
    form: HashMap<String, String>,
}

/// The parameters of the body; one that stands there twice makes it invalid (RFC 6749 section 3.2).
pub async fn read(doorway: Doorway, request: &Request, body: Body) -> Result<Asked, OauthError> {
    let bytes = body.into_bytes_limit(MOST_BYTES).await.map_err(|_| OauthError::InvalidRequest("the body is too large"))?;
    let mut body = RequestBody::new(Body::from(bytes));
    let pairs = Form::<Vec<(String, String)>>::from_request(request, &mut body).await;
    let Form(pairs) = pairs.map_err(|_| OauthError::InvalidRequest("the body is no form"))?;
    let mut form = HashMap::new();
    for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
        if form.insert(name, value).is_some() {
            return Err(OauthError::InvalidRequest("a parameter is there twice"));
        }
    }
    let basic = request.header(header::AUTHORIZATION).map(str::to_owned);
    Ok(Asked { doorway, basic, form })
}

impl Asked {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.form.get(name).map(String::as_str)
    }

    pub fn need(&self, name: &str, missing: &'static str) -> Result<&str, OauthError> {
        self.get(name).ok_or(OauthError::InvalidRequest(missing))
    }

    /// Of the header or of the body, and never of both (RFC 6749 section 2.3). A public client says its id alone.
    pub fn credentials(&self) -> Result<Credentials, OauthError> {
        match (&self.basic, self.get("client_secret")) {
            (Some(_), Some(_)) => Err(OauthError::InvalidRequest("the client shows its secret twice")),
            (Some(basic), None) => self.of_header(basic),
            (None, secret) => {
                let client = self.get("client_id").ok_or(match secret {
                    Some(_) => OauthError::InvalidRequest("client_id is missing"),
                    None => OauthError::InvalidClient,
                })?;
                Ok(Credentials { client: client.to_owned(), secret: secret.map(str::to_owned) })
            }
        }
    }

    /// Libraries repeat the client's id in the body; another one there is a mistake.
    fn of_header(&self, basic: &str) -> Result<Credentials, OauthError> {
        let shown = of_basic(basic).ok_or(OauthError::InvalidClient)?;
        match self.get("client_id").is_none_or(|client| client == shown.client) {
            true => Ok(shown),
            false => Err(OauthError::InvalidRequest("client_id is another one than in the header")),
        }
    }
}

/// Both halves are form-encoded before they are joined (RFC 6749 section 2.3.1).
fn of_basic(value: &str) -> Option<Credentials> {
    let (scheme, encoded) = value.split_once(' ')?;
    let joined = STANDARD.decode(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let joined = String::from_utf8(joined).ok()?;
    let (client, secret) = joined.split_once(':')?;
    let decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8().ok().map(|text| text.into_owned());
    Some(Credentials { client: decoded(client)?, secret: Some(decoded(secret)?) })
}

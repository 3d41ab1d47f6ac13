//! What a client asks a person for: read from the address it sent them to, and judged before anybody is shown it.

use super::redirects;
use crate::identity::Permission;
use crate::{Doorway, Result, sql};
use entities::TenantId;
use entities::identity::OauthClientId;
use uuid::Uuid;

/// What a client asks for, and where the answer goes.
#[derive(Clone, Debug)]
pub struct Request {
    pub tenant: TenantId,
    pub client: OauthClientId,
    pub client_name: String,
    /// The organisation that registered the client, and whose members it serves.
    pub organization: String,
    pub confidential: bool,
    pub back: Back,
    pub scopes: Vec<Permission>,
    pub(super) challenge: String,
    pub prompt: Prompt,
}

/// Whether the person may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Where it is needed.
    Usual,
    /// Not at all.
    None,
    /// Whatever they agreed to before.
    Consent,
}

/// The way back to the client: an address that it registered.
#[derive(Clone, Debug)]
pub struct Back {
    pub uri: String,
    state: Option<String>,
    issuer: String,
}

impl Back {
    /// The way back with a code.
    pub fn with_code(&self, code: &str) -> String {
        self.with(&[("code", code)])
    }

    /// The way back with a refusal (RFC 6749 section 4.1.2.1).
    pub fn with_error(&self, error: &str, why: &str) -> String {
        self.with(&[("error", error), ("error_description", why)])
    }

    /// Who answers is always said (RFC 9207).
    fn with(&self, said: &[(&str, &str)]) -> String {
        let state = self.state.as_deref().map(|state| ("state", state));
        let all: Vec<(&str, &str)> = said.iter().copied().chain(state).chain([("iss", self.issuer.as_str())]).collect();
        redirects::with(&self.uri, &all)
    }

    /// Whom the answer goes to, as people read it.
    pub fn host(&self) -> String {
        redirects::origin_of(&self.uri).and_then(|origin| Some(origin.split_once("://")?.1.to_owned())).unwrap_or_default()
    }
}

/// A request, judged.
pub enum Judged {
    Good(Request),
    /// Nobody is sent to an address that is not known to be the client's.
    NotSent(NotSent),
    SentBack {
        back: Back,
        error: &'static str,
        why: &'static str,
    },
}

/// Why the person is told here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSent {
    UnknownClient,
    UnknownAddress,
}

#[derive(sea_orm::FromQueryResult)]
struct Registered {
    tenant_id: TenantId,
    id: OauthClientId,
    name: String,
    organization: String,
    confidential: bool,
    redirect_uris: String,
    scopes: String,
}

/// More than any request has, in bytes.
const LONGEST: usize = 8 << 10;

/// Judges a request, as it stood in the query of the address.
pub async fn judge(doorway: &Doorway, query: &str) -> Result<Judged> {
    let params = if query.len() > LONGEST { Vec::new() } else { redirects::params_of(query) };
    let params = params.as_slice();
    let one = |name| only(params, name).ok().flatten();
    let unknown = Ok(Judged::NotSent(NotSent::UnknownClient));
    let Some(id) = one("client_id").and_then(|id| id.parse::<Uuid>().ok()) else { return unknown };
    let found = doorway.read().await?.statement(sql!("asking_client.sql")).bind("id", id).one::<Registered>().await?;
    let Some(client) = found else { return unknown };
    let Some(uri) = one("redirect_uri").filter(|uri| redirects::allow(&client.redirect_uris, uri)) else {
        return Ok(Judged::NotSent(NotSent::UnknownAddress));
    };
    let (state, issuer) = (one("state").map(str::to_owned), doorway.app().settings().public_url.clone());
    let back = Back { uri: uri.to_owned(), state, issuer };
    Ok(match check(params, &client) {
        Ok((scopes, challenge, prompt)) => Judged::Good(Request {
            tenant: client.tenant_id,
            client: client.id,
            client_name: client.name,
            organization: client.organization,
            confidential: client.confidential,
            back,
            scopes,
            challenge,
            prompt,
        }),
        Err((error, why)) => Judged::SentBack { back, error, why },
    })
}

type Wrong = (&'static str, &'static str);

fn invalid<T>(why: &'static str) -> std::result::Result<T, Wrong> {
    Err(("invalid_request", why))
}

fn check(params: &[(String, String)], client: &Registered) -> std::result::Result<(Vec<Permission>, String, Prompt), Wrong> {
    if params.iter().any(|(name, value)| !value.is_empty() && only(params, name).is_err()) {
        return invalid("a parameter is there twice");
    }
    let one = |name| only(params, name).ok().flatten();
    match one("response_type") {
        Some("code") => {}
        Some(_) => return Err(("unsupported_response_type", "code is supported")),
        None => return invalid("response_type is missing"),
    }
    if one("response_mode").is_some_and(|mode| mode != "query") {
        return invalid("the answer comes in the query");
    }
    let prompt = match one("prompt") {
        Some("none") => Prompt::None,
        Some("consent") => Prompt::Consent,
        _ => Prompt::Usual,
    };
    Ok((scopes(one("scope"), client)?, challenge(one("code_challenge"), one("code_challenge_method"))?, prompt))
}

/// A challenge is not optional, and is no verifier (`plain`), which an absent method would mean.
fn challenge(challenge: Option<&str>, method: Option<&str>) -> std::result::Result<String, Wrong> {
    let Some(challenge) = challenge else { return invalid("code_challenge is missing") };
    let signs = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    match method {
        Some("S256") if challenge.len() == 43 && signs(challenge) => Ok(challenge.to_owned()),
        Some("S256") => invalid("code_challenge is no SHA-256 in URL-safe base64"),
        _ => invalid("code_challenge_method must be S256"),
    }
}

fn scopes(asked: Option<&str>, client: &Registered) -> std::result::Result<Vec<Permission>, Wrong> {
    let scope = super::tokens::narrowed(&client.scopes, asked).map_err(|_| ("invalid_scope", "the client may not have this scope"))?;
    Ok(scope.split(' ').filter_map(Permission::of_code).collect())
}

/// A parameter that is there once; one without a value is as if it were not there (RFC 6749 section 3.1).
fn only<'a>(params: &'a [(String, String)], name: &str) -> std::result::Result<Option<&'a str>, ()> {
    let mut values = params.iter().filter(|(known, value)| known == name && !value.is_empty()).map(|(_, value)| value.as_str());
    match (values.next(), values.next()) {
        (_, Some(_)) => Err(()),
        (value, None) => Ok(value),
    }
}

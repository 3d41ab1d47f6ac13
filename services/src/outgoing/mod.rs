//! Requests to addresses that somebody else has chosen: an issuer's documents name more of them, people's settings will.
//!
//! Such an address may be made to point into our own network (server-side request forgery, OWASP API7:2023). So:
//! - Only `https`; plain `http` within the networks an operator lists in `OUTGOING_NETWORKS`.
//! - Only addresses of the public internet ([`public`]), and of those networks. Names are resolved here, and the connection
//!   goes to the very addresses that were looked at: a name that says something else a moment later changes nothing.
//! - No redirect is followed, no proxy of the environment is used, an answer has [`LARGEST`] bytes at most and [`PATIENCE`].

mod public;

use crate::settings::{Network, Settings};
use crate::{Error, Result};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, RequestBuilder, Url, redirect};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// The most bytes of an answer.
const LARGEST: usize = 1 << 20;
/// How long a whole answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The address is none we go to, whoever asks.
    #[error("this address is not asked: {0}")]
    Denied(String),
    #[error("no answer: {0}")]
    Failed(#[from] reqwest::Error),
    #[error("the answer has more than {LARGEST} bytes")]
    TooLong,
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

/// The one way out to addresses that somebody else has chosen.
pub struct Outgoing {
    client: Client,
    ours: Arc<[Network]>,
}

impl Outgoing {
    pub(crate) fn new(settings: &Settings) -> Result<Self> {
        let ours: Arc<[Network]> = settings.outgoing_networks.clone().into();
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .timeout(PATIENCE)
            .dns_resolver(Arc::new(Guarded { ours: ours.clone() }))
            .build()
            .map_err(Error::internal)?;
        Ok(Self { client, ours })
    }

    /// Asks for a document.
    pub async fn get(&self, url: &Url) -> Result<Answer, Trouble> {
        self.send(url, self.client.get(url.clone())).await
    }

    /// Sends a form; `add` adds what the other side wants to see beside it.
    pub async fn post(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        add: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<Answer, Trouble> {
        self.send(url, add(self.client.post(url.clone()).form(form))).await
    }

    async fn send(&self, url: &Url, request: RequestBuilder) -> Result<Answer, Trouble> {
        self.check(url)?;
        let mut answer = request.header("accept", "application/json").send().await?;
        let (status, mut body) = (answer.status().as_u16(), Vec::new());
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > LARGEST {
                return Err(Trouble::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, body })
    }

    /// What an address says by itself; of a name the resolver says the rest.
    fn check(&self, url: &Url) -> Result<(), Trouble> {
        let denied = |why: &str| Err(Trouble::Denied(format!("{why}: {}", url.origin().ascii_serialization())));
        if !url.username().is_empty() || url.password().is_some() {
            return denied("it names a user");
        }
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let literal = host.parse::<IpAddr>().ok();
        match (url.scheme(), literal) {
            ("https", Some(address)) if !may_reach(&self.ours, address) => denied("it is not of the public internet"),
            ("https", _) => Ok(()),
            ("http", Some(address)) if is_ours(&self.ours, address) => Ok(()),
            _ => denied("it is not https"),
        }
    }
}

fn is_ours(ours: &[Network], address: IpAddr) -> bool {
    ours.iter().any(|network| network.contains(address))
}

fn may_reach(ours: &[Network], address: IpAddr) -> bool {
    public::is_public(address) || is_ours(ours, address)
}

/// Resolves names to the addresses we may reach, and to none else.
struct Guarded {
    ours: Arc<[Network]>,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let ours = self.ours.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let good: Vec<SocketAddr> = found.filter(|address| may_reach(&ours, address.ip())).collect();
            match good.is_empty() {
                true => Err(format!("{} has no address of the public internet", name.as_str()).into()),
                false => Ok(Box::new(good.into_iter()) as Addrs),
            }
        })
    }
}

#[cfg(test)]
mod tests;

use crate::{Error, Result};
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use std::sync::OnceLock;
use std::time::Duration;

/// The connections messages leave by, opened when first needed and shared by the process.
#[derive(Default)]
pub struct Carriers {
    http: OnceLock<reqwest::Client>,
    smtp: OnceLock<AsyncSmtpTransport<Tokio1Executor>>,
}

const PATIENCE: Duration = Duration::from_secs(15);

impl Carriers {
    pub(super) fn http(&self) -> Result<&reqwest::Client> {
        if let Some(client) = self.http.get() {
            return Ok(client);
        }
        let client = reqwest::Client::builder().timeout(PATIENCE).connect_timeout(Duration::from_secs(5)).user_agent("teranga");
        let client = client.build().map_err(Error::internal)?;
        Ok(self.http.get_or_init(|| client))
    }

    pub(super) fn smtp(&self, url: &str) -> Result<&AsyncSmtpTransport<Tokio1Executor>> {
        if let Some(transport) = self.smtp.get() {
            return Ok(transport);
        }
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url);
        let builder = builder.map_err(|error| Error::internal(format!("SMTP_URL cannot be used: {error}")))?;
        let transport = builder.timeout(Some(PATIENCE)).build();
        Ok(self.smtp.get_or_init(|| transport))
    }
}

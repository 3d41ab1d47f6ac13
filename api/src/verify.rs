//! `api audit verify`: whether the audit log is still what was written.

use anyhow::Context;
use api::ids;
use async_graphql::ID;
use clap::Args;
use services::audit::{Verified, verify};
use services::settings::Settings;
use services::{App, SystemScope, TenantId};
use uuid::Uuid;

#[derive(Args)]
pub struct Asked {
    /// Only this organisation: its id, as clients or as the log say it.
    #[arg(long, value_parser = organization)]
    organization: Option<TenantId>,
    /// What the log said of that organisation's chain on some day, such as 1204:9f2c…: the chain must still hold it.
    #[arg(long, requires = "organization", value_parser = anchor)]
    anchor: Option<(i64, String)>,
}

/// Walks the chains and says of each how it stands; fails when one is broken.
pub async fn run(settings: Settings, asked: Asked) -> anyhow::Result<()> {
    let app = App::start(settings).await?;
    let found = verify(&SystemScope::new(&app), asked.organization, asked.anchor.as_ref()).await.context("the log cannot be read")?;
    found.iter().for_each(|one| println!("{}", told(one)));
    let broken = found.iter().filter(|one| one.broken.is_some()).count();
    anyhow::ensure!(broken == 0, "{broken} of {} chains are broken", found.len());
    Ok(())
}

fn told(Verified { tenant, sealed, unsealed, head, broken }: &Verified) -> String {
    let head = head.as_ref().map_or_else(|| "nothing".to_owned(), |(seq, hash)| format!("{seq}:{hash}"));
    let stands = format!("{tenant}  {sealed} sealed, {unsealed} unsealed, holds up to {head}");
    match broken {
        None => stands,
        Some(broken) => {
            let event = broken.event.map(|event| format!(" (event {event})")).unwrap_or_default();
            format!("{stands}\n  BROKEN at seal {}{event}: {}", broken.seq, broken.what)
        }
    }
}

pub fn organization(text: &str) -> Result<TenantId, String> {
    let opaque = || ids::parse(&ID(text.to_owned())).map(|(_, id)| id);
    text.parse::<Uuid>().ok().or_else(opaque).map(TenantId).ok_or_else(|| "this is no id of an organisation".to_owned())
}

fn anchor(text: &str) -> Result<(i64, String), String> {
    let parts = text.split_once(':').and_then(|(seq, hash)| Some((seq.parse().ok()?, hash.to_lowercase())));
    parts.ok_or_else(|| "an anchor is a number, a colon and a hash".to_owned())
}

//! `api accounts import`: people of a system before this one.

use anyhow::Context;
use clap::Args;
use services::identity::ShippedRole;
use services::identity::account_import::{Join, Outcome, import};
use services::settings::Settings;
use services::{App, Error, TenantId};
use std::fs::File;
use std::path::PathBuf;

#[derive(Args)]
pub struct Asked {
    /// A CSV with a line of names: email; name, or first_name and last_name; password_hash; phone, locale, time_zone, email_verified.
    file: PathBuf,
    /// The organisation they join: its id, as clients or as the log say it.
    #[arg(long, value_parser = super::verify::organization)]
    organization: Option<TenantId>,
    /// As what they join it: the key of a shipped role, such as LEARNER.
    #[arg(long, requires = "organization", value_parser = role, default_value = "EMPLOYEE")]
    role: ShippedRole,
    /// Says what would come of each row, and writes nothing.
    #[arg(long)]
    trial: bool,
}

/// Imports the file and says what came of it; fails when a row was refused.
pub async fn run(settings: Settings, asked: Asked) -> anyhow::Result<()> {
    let app = App::start(settings).await?;
    app.database().migrate().await?;
    let file = File::open(&asked.file).with_context(|| format!("{} cannot be read", asked.file.display()))?;
    let join = asked.organization.map(|tenant| Join { tenant, role: asked.role });
    let told = |line, outcome: &Outcome| {
        if let Outcome::Refused(why) = outcome {
            println!("line {line}: {}", why.join(" "));
        }
    };
    let report = match import(&app, file, join, asked.trial, told).await {
        Err(Error::Refused(why)) => anyhow::bail!(why.into_iter().map(|refusal| refusal.message).collect::<Vec<_>>().join("\n")),
        report => report?,
    };
    let would = if asked.trial { " (a trial: nothing is written)" } else { "" };
    println!("{} opened, {} known already, {} refused{would}", report.opened, report.known, report.refused);
    anyhow::ensure!(report.refused == 0, "{} rows are left; mend them and give the file again", report.refused);
    Ok(())
}

fn role(key: &str) -> Result<ShippedRole, String> {
    let found = ShippedRole::of_key(&key.to_lowercase());
    found.filter(|role| *role != ShippedRole::Owner).ok_or_else(|| "this is no role that people can be moved in with".to_owned())
}

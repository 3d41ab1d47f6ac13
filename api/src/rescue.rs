//! `api rescue`: ways back for whoever shut themselves out.

use anyhow::Context;
use clap::Subcommand;
use services::identity::rescue;
use services::locale::Locale;
use services::settings::Settings;
use services::{App, Doorway, TenantId};

#[derive(Subcommand)]
pub enum Asked {
    /// Has an organisation ask for no second factor and for no address any more.
    Organization {
        /// Its id, as clients or as the log say it.
        #[arg(value_parser = super::verify::organization)]
        id: TenantId,
    },
    /// Takes a lost second factor away, with the account's sessions and API tokens; the password stays. Make sure who asks.
    Account {
        /// The address of the account.
        email: String,
    },
}

/// Opens what is asked for, and says so.
pub async fn run(settings: Settings, asked: Asked) -> anyhow::Result<()> {
    let app = App::start(settings).await?;
    app.database().migrate().await?;
    let doorway = Doorway::new(&app, Locale::Fr);
    match asked {
        Asked::Organization { id } => {
            let row = rescue::open_organization(&doorway, id).await.context("no organisation was opened")?;
            println!("{} asks for no second factor and for no address any more.", row.name);
        }
        Asked::Account { email } => {
            let user = rescue::open_account(&doorway, &email).await.context("no account was opened")?;
            println!("{} signs in with the password alone now; they were told by letter or notice.", user.email);
        }
    }
    Ok(())
}

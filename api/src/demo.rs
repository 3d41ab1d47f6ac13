//! `api demo`: a shop to look around in, and how to get in.

use anyhow::{Context, ensure};
use services::App;
use services::demo::{self, Demo};
use services::settings::{Environment, Settings};

/// Loads the demonstration and says, in French, what is there and how to sign in.
pub async fn load(settings: Settings, yes: bool) -> anyhow::Result<()> {
    ensure!(
        yes || settings.environment != Environment::Production,
        "ceci est une installation de production (ENVIRONMENT=production) : rien n'a été chargé. Pour charger quand même la \
         démonstration, dites --yes."
    );
    let app = App::start(settings).await?;
    app.database().migrate().await.context("the schema could not be brought up to date")?;
    eprintln!("Chargement de la démonstration…");
    let demo = demo::load(&app).await.context("the demonstration could not be loaded; the same command goes on where it stopped")?;
    print!("{}", told(&demo, &app.settings().public_url));
    Ok(())
}

fn told(demo: &Demo, url: &str) -> String {
    let loaded = match (demo.products, demo.movements) {
        (0, 0) => "Tout est déjà là".to_owned(),
        (products, movements) => format!("{products} articles et {movements} mouvements de stock importés"),
    };
    let password = demo.password.as_deref().map_or("celui qui a été affiché au premier chargement".to_owned(), |password| {
        format!("{password}   (notez-le : il n'est affiché que cette fois)")
    });
    format!(
        "{loaded} ; alertes ouvertes : {}.\n\n\
         Pour vous connecter ({url}/graphql, mutation signIn) :\n  \
         adresse       {}\n  \
         mot de passe  {password}\n",
        demo.open_alerts, demo.email
    )
}

//! The API's command line.

mod accounts;
mod demo;
mod rescue;
mod verify;

use anyhow::Context;
use api::documents;
use api::server::Beside;
use clap::{Args, Parser, Subcommand};
use services::identity::Rotation;
use services::locale::Locale;
use services::scope::Fingerprints;
use services::settings::{Environment, LogFormat, Settings, WorkerMode};
use services::{App, Doorway, health, identity, tracking};
use std::path::{Path, PathBuf};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Teranga's GraphQL API. Without a command it serves.
#[derive(Parser)]
#[command(name = "api", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Migrate, then serve (the default).
    Serve,
    /// Bring the database's schema up to date.
    Migrate,
    /// Print the GraphQL schema.
    Schema,
    /// Print what each shipped role may do, as `docs/roles.md` holds it.
    Roles,
    /// Open an account and a shop to look around in, with a real shop's sales; again, it changes nothing.
    Demo {
        /// Says that a demonstration may stand in a production installation.
        #[arg(long)]
        yes: bool,
    },
    /// Make what no screen makes.
    #[command(subcommand)]
    Create(Create),
    /// `operator create`, as `create operator` was called at first.
    #[command(subcommand, hide = true)]
    Operator(Operator),
    /// Write a consistent copy of the database to a new file, and print the row count and hash of every table in it.
    Backup {
        /// The file to write.
        file: PathBuf,
    },
    /// Replace the database by a copy; stop the API and the workers first.
    Restore {
        /// A file written by `backup`.
        file: PathBuf,
        /// Says that what is there now may go.
        #[arg(long)]
        yes: bool,
    },
    /// Bring accounts of another system along.
    #[command(subcommand)]
    Accounts(Accounts),
    /// Look whether the audit log is still what was written.
    #[command(subcommand)]
    Audit(Audit),
    /// Check the settings and say every fault.
    #[command(subcommand)]
    Config(Config),
    /// Replace the keys of the installation.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Let in again who shut themselves out; it is written to the audit log.
    #[command(subcommand)]
    Rescue(rescue::Asked),
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Makes the next key that signs access tokens; it signs in ten minutes, and nobody notices. A worker does so each month.
    Rotate {
        /// The next signs now.
        #[arg(long)]
        now: bool,
        /// Somebody got hold of a key: the next signs now, and what was signed before is good no more. People stay signed in.
        #[arg(long, conflicts_with = "now")]
        compromised: bool,
    },
}

#[derive(Subcommand)]
enum Create {
    /// Makes an account an operator, who runs this installation, opening it first when the address is new.
    Operator(NewOperator),
}

#[derive(Subcommand)]
enum Operator {
    /// Makes an account an operator.
    Create(NewOperator),
}

#[derive(Args)]
struct NewOperator {
    /// The address to sign in with.
    email: String,
    /// How others see the person, when the account is new.
    #[arg(long, default_value = "Opérateur")]
    name: String,
    /// The password of a new account, through the variable so that it stays out of the shell's history; one that is there keeps its own.
    #[arg(long, env = "OPERATOR_PASSWORD", hide_env_values = true)]
    password: Option<String>,
}

#[derive(Subcommand)]
enum Accounts {
    /// Opens an account for each row of a CSV, with the hash of its password there; the same file may be given twice.
    Import(accounts::Asked),
}

#[derive(Subcommand)]
enum Audit {
    /// Walks the chain of seals of each organisation against its events, and names the first place that does not hold.
    Verify(verify::Asked),
}

#[derive(Subcommand)]
enum Config {
    /// Reads the settings and tries the database and Redis.
    Check,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(arguments.command.unwrap_or(Command::Serve)))
}

async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Schema => {
            print!("{}", api::schema::sdl(&api::schema::build(true)));
            Ok(())
        }
        Command::Roles => {
            print!("{}", api::roles_page::page(&api::schema::build(true)));
            Ok(())
        }
        Command::Serve => serve(settings()?).await,
        Command::Migrate => {
            let app = App::start(settings()?).await?;
            app.database().migrate().await?;
            println!("The schema is up to date.");
            Ok(())
        }
        Command::Demo { yes } => demo::load(settings()?, yes).await,
        Command::Create(Create::Operator(new)) | Command::Operator(Operator::Create(new)) => create_operator(new).await,
        Command::Backup { file } => {
            let app = App::start(settings()?).await?;
            print_fingerprints(&app.database().backup(&file).await?);
            println!("Written to {}.", file.display());
            Ok(())
        }
        Command::Restore { file, yes } => restore(&file, yes).await,
        Command::Accounts(Accounts::Import(asked)) => accounts::run(settings()?, asked).await,
        Command::Audit(Audit::Verify(asked)) => verify::run(settings()?, asked).await,
        Command::Config(Config::Check) => check(settings()?).await,
        Command::Keys(KeysCommand::Rotate { now, compromised }) => rotate(now, compromised).await,
        Command::Rescue(asked) => rescue::run(settings()?, asked).await,
    }
}

async fn rotate(now: bool, compromised: bool) -> anyhow::Result<()> {
    let app = App::start(settings()?).await?;
    app.database().migrate().await?;
    let (rotation, from) = match (now, compromised) {
        (_, true) => (Rotation::Compromised, "now; what was signed before is good no more"),
        (true, false) => (Rotation::Now, "now"),
        (false, false) => (Rotation::Announced, "in ten minutes"),
    };
    let kid = identity::rotate_keys(&app, rotation).await?;
    println!("Key {kid} signs {from}.");
    Ok(())
}

async fn create_operator(NewOperator { email, name, password }: NewOperator) -> anyhow::Result<()> {
    let app = App::start(settings()?).await?;
    app.database().migrate().await?;
    let given = password.is_some();
    match identity::create_operator(&Doorway::new(&app, Locale::Fr), &email, &name, password).await {
        Ok(made) => {
            println!("{email} is an operator.");
            if given && !made.opened {
                println!("The account was there already: its password is left as it was, the one given now is not used.");
            }
            Ok(())
        }
        Err(services::Error::Refused(refusals)) => {
            anyhow::bail!(refusals.iter().map(|refusal| refusal.message.as_str()).collect::<Vec<_>>().join("\n"))
        }
        Err(error) => Err(error.into()),
    }
}

async fn restore(file: &Path, yes: bool) -> anyhow::Result<()> {
    let app = App::start(settings()?).await?;
    anyhow::ensure!(yes, "this replaces everything in the database; stop the API and the workers, then say --yes");
    app.database().clone().restore(file).await?;
    let app = App::start(settings()?).await?;
    print_fingerprints(&app.database().fingerprint().await?);
    println!("Restored from {}.", file.display());
    Ok(())
}

fn print_fingerprints(prints: &Fingerprints) {
    for (table, print) in prints {
        println!("{table:<28} {:>10} rows  {}", print.rows, print.hash);
    }
}

/// The settings and what they name; whatever is wrong is told before anything is begun.
fn settings() -> anyhow::Result<Settings> {
    let documents = |settings: &Settings| documents::load(settings.persisted_documents.as_deref()).err().unwrap_or_default();
    Settings::from_env_and(documents).map_err(|faults| anyhow::anyhow!("the settings have faults:\n  - {}", faults.join("\n  - ")))
}

async fn serve(settings: Settings) -> anyhow::Result<()> {
    log_to_stderr(&settings);
    let (bind, embedded, migrate) = (settings.bind, settings.worker == WorkerMode::Embedded, settings.migrate_on_start);
    let _tracking = tracking::start(&settings, env!("CARGO_PKG_VERSION"));
    let metrics = api::edge::metrics::install();
    let app = App::start(settings).await?;
    health::warn_without_redis(&app).await;
    if migrate {
        app.database().migrate().await.context("the schema could not be brought up to date")?;
    }
    let listener = TcpListener::bind(bind).await.with_context(|| format!("cannot listen on {bind}; is it taken? Set BIND."))?;
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone()));
    let pulse = embedded.then(worker::Pulse::default);
    let worker = pulse.clone().map(|pulse| {
        tracing::info!("the worker runs inside this process");
        worker::start_embedded(app.clone(), pulse, stop.clone())
    });
    if app.settings().environment == Environment::Development {
        tracing::info!("GraphiQL: {}/graphql", app.settings().public_url);
    }
    let served = api::server::serve(app, listener, Beside { metrics, worker: pulse }, stop.clone()).await;
    stop.cancel();
    if let Some(worker) = worker {
        worker.await??;
    }
    served
}

async fn check(settings: Settings) -> anyhow::Result<()> {
    let documents = documents::load(settings.persisted_documents.as_deref()).map_err(|faults| anyhow::anyhow!(faults.join("\n")))?;
    let app = App::start(settings).await?;
    app.database().ping().await?;
    println!("database: there, {} migrations to run", app.database().pending_migrations().await?);
    if let Some(url) = &app.settings().redis_url {
        let there = services::work::redis_answers(url).await;
        println!("redis: {}", if there { "there" } else { "not there; jobs and events go through the database meanwhile" });
    }
    println!("documents: {} may be asked for by their hash", documents.len());
    for warning in app.settings().warnings() {
        println!("warning: {warning}");
    }
    println!("settings: good");
    Ok(())
}

fn log_to_stderr(settings: &Settings) {
    let filter = EnvFilter::new(&settings.log_filter).add_directive(tracking::NEVER_LOGGED.parse().expect("a directive of ours"));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match settings.log_format {
        LogFormat::Text => logs.init(),
        LogFormat::Json => logs.json().flatten_event(true).init(),
    }
}

async fn stop_on_signal(stop: CancellationToken) {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    tracing::info!("stopping");
    stop.cancel();
}

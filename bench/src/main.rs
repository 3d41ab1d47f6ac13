//! Measures what Teranga promises, each figure beside its floor from the same run.
//!
//! A *floor* is the same work with nothing around it: a plain statement under pgbench, a bare writer of ready frames.
//! Rates and CPU are compared with the floor's, because absolute times say more of the machine than of us. Everything
//! runs against the release binaries beside this one, in processes of their own, on databases made for the purpose.

mod api;
mod cpu;
mod figures;
mod floor;
mod http;
mod report;
mod shop;
mod sockets;
mod stage;
mod world;

use clap::Parser;
use figures::Figure;
use stage::Stage;
use std::path::PathBuf;

/// Prints each figure beside its floor.
#[derive(Parser)]
#[command(name = "bench", version)]
pub struct Arguments {
    /// Which figures; all when none is named.
    figures: Vec<Figure>,
    /// A PostgreSQL server this may create databases on; psql and pgbench must be installed, and the server be here.
    #[arg(long, env = "DATABASE_URL")]
    postgres: String,
    /// A Redis whose database 0 may be emptied.
    #[arg(long, env = "REDIS_URL")]
    redis: String,
    /// The folder of the plain statements and rows.
    #[arg(long, default_value = "../shared/floors")]
    floors: PathBuf,
    /// The folder of the real files.
    #[arg(long, default_value = "../shared/data")]
    data: PathBuf,
    /// Seconds of each load.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    rlimit::increase_nofile_limit(u64::MAX)?;
    let stage = Stage::new(&arguments)?;
    let wanted = if arguments.figures.is_empty() { Figure::ALL.to_vec() } else { arguments.figures.clone() };
    let mut rows = Vec::new();
    for figure in wanted {
        eprintln!("== {figure:?}");
        match figure.measure(&stage).await {
            Ok(found) => {
                found.iter().for_each(|row| eprintln!("{}", row.line()));
                rows.extend(found);
            }
            Err(error) => {
                eprintln!("{figure:?} could not be measured: {error:#}");
                rows.push(report::Row::missing(&format!("{figure:?}"), &error));
            }
        }
    }
    println!("{}", report::table(&rows, &stage.about_server()));
    Ok(())
}

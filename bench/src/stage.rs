//! Where the figures are measured: the servers, the binaries, the floors.

use crate::Arguments;
use anyhow::{Context, Result, bail, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

pub struct Stage {
    /// Without a database's name.
    server: String,
    pub redis: String,
    pub floors: PathBuf,
    pub data: PathBuf,
    pub load: Duration,
    binaries: PathBuf,
}

impl Stage {
    pub fn new(arguments: &Arguments) -> Result<Self> {
        let (server, _) = arguments.postgres.rsplit_once('/').context("DATABASE_URL names no database")?;
        let binaries = std::env::current_exe()?.parent().context("this binary lies nowhere")?.to_owned();
        for needed in ["api", "worker"] {
            ensure!(binaries.join(needed).exists(), "{needed} is not built: cargo build --release --workspace");
        }
        let absolute = |path: &Path| path.canonicalize().with_context(|| format!("{} is not there", path.display()));
        Ok(Self {
            server: server.to_owned(),
            redis: arguments.redis.clone(),
            floors: absolute(&arguments.floors)?,
            data: absolute(&arguments.data)?,
            load: Duration::from_secs(arguments.seconds),
            binaries,
        })
    }

    pub fn binary(&self, name: &str) -> PathBuf {
        self.binaries.join(name)
    }

    pub fn url(&self, database: &str) -> String {
        format!("{}/{database}", self.server)
    }

    /// What the database's server is, and how it is set where that tells on the figures.
    pub fn about_server(&self) -> String {
        let settings =
            "SELECT format('PostgreSQL %s, shared_buffers %s, fsync %s, synchronous_commit %s.', current_setting('server_version'),
            current_setting('shared_buffers'), current_setting('fsync'), current_setting('synchronous_commit'))";
        psql(&self.url("postgres"), &[], settings).unwrap_or_default()
    }

    /// Makes an empty database, in place of one left by an earlier run.
    pub fn fresh_database(&self, name: &str) -> Result<String> {
        let maintenance = self.url("postgres");
        psql(&maintenance, &[], &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
        psql(&maintenance, &[], &format!("CREATE DATABASE {name}"))?;
        Ok(self.url(name))
    }
}

/// Runs SQL through psql, which replaces `:name` by variables, and answers what it printed.
pub fn psql(url: &str, variables: &[(&str, &str)], sql: &str) -> Result<String> {
    let mut command = Command::new("psql");
    command.args([url, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]);
    for (name, value) in variables {
        command.arg("-v").arg(format!("{name}={value}"));
    }
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), sql)?;
    let done = command.arg("-f").arg(file.path()).output().context("psql does not start")?;
    if !done.status.success() {
        bail!("psql: {}", String::from_utf8_lossy(&done.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&done.stdout).trim().to_owned())
}

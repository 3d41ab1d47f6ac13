//! Plain statements under pgbench.

use crate::cpu;
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// What a load did.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    pub per_second: f64,
    /// CPU of the servers for one request, without the load generator's.
    pub cpu: f64,
}

/// Runs a script prepared, with eight clients, in the schema of the floors.
pub fn pgbench(url: &str, script: &Path, variables: &[(&str, u64)], time: Duration) -> Result<Load> {
    let mut command = Command::new(pgbench_path()?);
    command.args(["-n", "-M", "prepared", "-c", "8", "-j", "1", "-T", &time.as_secs().to_string()]);
    for (name, value) in variables {
        command.arg("-D").arg(format!("{name}={value}"));
    }
    command.env("PGOPTIONS", "-c search_path=floor").arg("-f").arg(script).arg(url);
    let before = cpu::of_postgres();
    let done = command.output().context("pgbench does not start")?;
    let spent = cpu::of_postgres() - before;
    let text = String::from_utf8_lossy(&done.stdout);
    if !done.status.success() {
        bail!("pgbench: {}", String::from_utf8_lossy(&done.stderr).trim());
    }
    let number = |head: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(head)).with_context(|| format!("pgbench said no {head}"))?;
        line.split([' ', '/']).next().unwrap_or_default().parse::<f64>().with_context(|| line.to_owned())
    };
    let processed = number("number of transactions actually processed: ")?;
    Ok(Load { per_second: number("tps = ")?, cpu: spent / processed })
}

fn pgbench_path() -> Result<std::path::PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().collect();
    found.sort_by_key(std::fs::DirEntry::file_name);
    let installed = found.iter().rev().map(|version| version.path().join("bin/pgbench")).find(|path| path.exists());
    Ok(installed.unwrap_or_else(|| "pgbench".into()))
}

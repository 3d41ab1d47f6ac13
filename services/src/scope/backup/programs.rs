//! The programs of PostgreSQL that copy a database.

use crate::{Error, Result};
use percent_encoding::percent_decode_str;
use reqwest::Url;
use std::path::Path;
use std::process::{Output, Stdio};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

/// The copy's statements behind those that empty the database, in one transaction: what only a later release knows would
/// stay, or keep what it refers to from going. It is committed when the whole copy has been read.
pub(super) async fn restore(url: &str, file: &Path) -> Result<()> {
    let mut reader = Command::new("pg_restore");
    reader.args(["--no-owner", "--file=-"]).arg(file).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut writer = client("psql", url)?;
    writer.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null", "--command=BEGIN", "--command"]);
    writer.args([EMPTY_POSTGRES, "--file=-"]).stdin(Stdio::piped());
    let (mut reader, mut writer) = (start(reader)?, start(writer)?);
    let (Some(mut from), Some(mut to)) = (reader.stdout.take(), writer.stdin.take()) else {
        return Err(Error::internal("the programs have no pipes"));
    };
    let pass_on = async move {
        // Where the writer has ended it says why itself.
        let _ = tokio::io::copy(&mut from, &mut to).await;
        drop(from);
        let read = ended("pg_restore", &reader.wait_with_output().await?);
        if read.is_ok() {
            let _ = to.write_all(b"\nCOMMIT;\n").await;
        }
        let _ = to.shutdown().await;
        read
    };
    let (read, written) = tokio::join!(pass_on, writer.wait_with_output());
    ended("psql", &written?).and(read)
}

const EMPTY_POSTGRES: &str = "DO $$ DECLARE one record; BEGIN
FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
  EXECUTE format('DROP TABLE %I CASCADE', one.tablename);
END LOOP;
FOR one IN SELECT p.oid::regprocedure AS name FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') LOOP
  EXECUTE format('DROP ROUTINE %s CASCADE', one.name);
END LOOP;
END $$";

/// A PostgreSQL program and the database it works on. The password goes through its environment: what stands among the
/// arguments of a process is there to be read by everybody on the machine.
pub(super) fn client(program: &str, url: &str) -> Result<Command> {
    let bad = || Error::internal("DATABASE_URL cannot be read as an address");
    let mut address = Url::parse(url).map_err(|_| bad())?;
    let mut password = address.password().map(|text| percent_decode_str(text).decode_utf8_lossy().into_owned());
    let asked: Vec<(String, String)> = address.query_pairs().into_owned().collect();
    let (secret, rest): (Vec<_>, Vec<_>) = asked.into_iter().partition(|(name, _)| name == "password");
    password = secret.into_iter().next().map(|(_, value)| value).or(password);
    address.set_password(None).map_err(|()| bad())?;
    if rest.is_empty() {
        address.set_query(None);
    } else {
        address.query_pairs_mut().clear().extend_pairs(rest);
    }
    let mut command = Command::new(program);
    command.arg("--dbname").arg(address.as_str()).stdin(Stdio::null());
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    Ok(command)
}

pub(super) async fn run(mut command: Command) -> Result<()> {
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    command.stdout(Stdio::null());
    ended(&program, &start(command)?.wait_with_output().await?)
}

fn start(mut command: Command) -> Result<Child> {
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    let cannot = |why| Error::internal(format!("{program} cannot be started: {why}. Install the PostgreSQL client programs."));
    command.stderr(Stdio::piped()).kill_on_drop(true).spawn().map_err(cannot)
}

fn ended(program: &str, done: &Output) -> Result<()> {
    if done.status.success() {
        return Ok(());
    }
    Err(Error::internal(format!("{program} failed: {}", String::from_utf8_lossy(&done.stderr).trim())))
}

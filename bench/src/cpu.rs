//! CPU seconds and memory of processes, from `/proc`.

use anyhow::{Context, Result};
use std::fs;

/// Clock ticks a second; Linux has had 100 for user space since 2.6.
const TICKS: f64 = 100.0;

struct Stat {
    name: String,
    parent: u32,
    own: f64,
    of_children: f64,
}

fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (head, tail) = text.rsplit_once(')')?;
    let name = head.split_once('(')?.1.to_owned();
    let fields: Vec<&str> = tail.split_whitespace().collect();
    let seconds = |at: usize| fields.get(at).and_then(|f| f.parse::<f64>().ok()).map(|ticks| ticks / TICKS);
    let parent = fields.get(1)?.parse().ok()?;
    Some(Stat { name, parent, own: seconds(11)? + seconds(12)?, of_children: seconds(13)? + seconds(14)? })
}

fn pids() -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// CPU seconds of one process so far.
pub fn of(pid: u32) -> f64 {
    stat(pid).map_or(0.0, |stat| stat.own)
}

/// CPU seconds of every PostgreSQL process here so far, those that ended included.
pub fn of_postgres() -> f64 {
    let all: Vec<Stat> = pids().into_iter().filter_map(stat).filter(|stat| stat.name == "postgres").collect();
    let is_head = |one: &Stat| stat(one.parent).is_none_or(|parent| parent.name != "postgres");
    all.iter().map(|one| one.own + if is_head(one) { one.of_children } else { 0.0 }).sum()
}

/// Resident bytes of one process.
pub fn resident(pid: u32) -> Result<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).context("the process is gone")?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").trim().parse()?;
    Ok(kib * 1024)
}

/// CPU seconds of the processes this one started and that have ended.
pub fn of_ended_children() -> f64 {
    stat(std::process::id()).map_or(0.0, |stat| stat.of_children)
}

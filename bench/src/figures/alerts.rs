use crate::cpu;
use crate::report::Row;
use crate::stage::{Stage, psql};
use crate::world::{M, World};
use anyhow::{Context, Result};
use services::alerts::evaluate::{Extent, run};
use services::{App, SystemScope};

/// Runs of each kind; the middle one counts.
const RUNS: usize = 3;

/// A movement's worth of change on every hundredth product, each found by its keys as movements find it. Half of them are
/// sold, half received: what only rises is not looked at as closely.
const TOUCH: &str = "SET enable_hashjoin = off; SET enable_mergejoin = off;
UPDATE stock_levels l SET on_hand = l.on_hand + t.change
FROM (SELECT p.tenant_id, p.id AS product_id, w.id AS warehouse_id,
    CASE (hashtext(p.id::text) & 2147483647) / 100 % 2 WHEN 0 THEN 1000 ELSE -1000 END AS change
  FROM products p
  JOIN warehouses w ON w.tenant_id = p.tenant_id AND w.code = 'W1'
  WHERE (hashtext(p.id::text) & 2147483647) % 100 = :part OFFSET 0) t
WHERE l.tenant_id = t.tenant_id AND l.product_id = t.product_id AND l.warehouse_id = t.warehouse_id";

pub async fn measure(stage: &Stage) -> Result<Vec<Row>> {
    let world = World::of(stage, M).await?;
    let floor_sql = std::fs::read_to_string(stage.floors.join("alerts.sql")).context("alerts.sql")?;
    let floor_sql = format!("SET search_path = floor;\n{floor_sql}");
    let floor = || spent(|| psql(&world.url, &[], &floor_sql).map(drop));
    let full = || spent(|| world.home.run(&stage.binary("worker"), &["run", "stock-alerts-full"]));
    // Every five minutes, in a worker that has run before.
    let app = App::start(world.home.settings()?).await?;
    let incremental = async |part: usize| -> Result<f64> {
        psql(&world.url, &[("part", &part.to_string())], TOUCH)?;
        let so_far = || cpu::of_postgres() + cpu::of(std::process::id());
        let before = so_far();
        run(&SystemScope::new(&app), Extent::default()).await?;
        Ok(so_far() - before)
    };
    // What was never looked at is opened first, on both sides.
    let first = (floor()?, full()?);
    psql(&world.url, &[], "VACUUM ANALYZE")?;
    floor()?;
    full()?;
    incremental(RUNS).await?;
    let (mut floors, mut fulls, mut parts) = (Vec::new(), Vec::new(), Vec::new());
    for part in 0..RUNS {
        psql(&world.url, &[], "CHECKPOINT")?;
        floors.push(floor()?);
        fulls.push(full()?);
        parts.push(incremental(part).await?);
    }
    let [floor, full, part] = [floors, fulls, parts].map(middle);
    let open = psql(&world.url, &[], "SELECT count(*) FROM alerts WHERE state <> 'RESOLVED'")?;
    eprintln!("first runs: {first:?}, open alerts {open}");
    let row = |what: &str, ours: f64, promised: &str, most: f64| {
        let ratio = ours / floor;
        Row::new(what, format!("{ours:.2} s CPU"), format!("{floor:.2} s CPU"), format!("{ratio:.3}"), promised, ratio <= most)
    };
    Ok(vec![
        row("full evaluation of 1 M products", full, "≤ 1.0 of the CPU", 1.0),
        row("incremental evaluation, 1 % touched", part, "≤ 0.08 of the CPU", 0.08),
    ])
}

/// CPU seconds of PostgreSQL and of the process that asked.
fn spent(act: impl FnOnce() -> Result<()>) -> Result<f64> {
    let before = cpu::of_postgres() + cpu::of_ended_children();
    act()?;
    Ok(cpu::of_postgres() + cpu::of_ended_children() - before)
}

fn middle(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

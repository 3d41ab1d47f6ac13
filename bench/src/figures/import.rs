use crate::api::{Api, Home, Process};
use crate::report::Row;
use crate::stage::Stage;
use crate::{cpu, shop};
use anyhow::Result;
use std::time::Instant;

pub async fn measure(stage: &Stage) -> Result<Vec<Row>> {
    let database = "teranga_bench_import";
    stage.fresh_database(database)?;
    let home = Home::served(stage, database)?;
    let api = Api::start(stage, &home).await?;
    let worker = Process::start(home.command(&stage.binary("worker")))?;
    let token = api.sign_up("import@teranga.example", "Import").await?;
    let began = Instant::now();
    let import = shop::start(stage, &api, &token).await?;
    let mut resident = Vec::new();
    let note = |done: u64| resident.push((done, cpu::resident(worker.pid()).unwrap_or_default()));
    let seconds = shop::finish(&api, &token, &import, began, note).await?;
    let rate = shop::ROWS as f64 / seconds;
    let largest = |from: u64, to: u64| {
        let within = resident.iter().filter(|(done, _)| (from..=to).contains(done));
        within.map(|(_, bytes)| *bytes).max().unwrap_or_default() >> 20
    };
    let (early, late) = (largest(0, shop::ROWS / 3), largest(shop::ROWS / 3, shop::ROWS));
    let memory = format!("{early} MiB in the first third, {late} MiB after");
    Ok(vec![
        Row::new(
            "import of 525,461 rows, PostgreSQL, upload included",
            format!("{rate:.0} rows/s"),
            "—",
            "—",
            "≥ 15,000 rows/s",
            rate >= 15_000.0,
        ),
        Row::new("… memory of the worker", memory, "—", "—", "flat", late <= early + early / 4 + 8),
    ])
}

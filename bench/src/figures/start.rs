use crate::api::{Api, Home};
use crate::cpu;
use crate::report::{Row, percentile};
use crate::stage::Stage;
use anyhow::Result;
use std::time::Duration;

const STARTS: usize = 11;

pub async fn measure(stage: &Stage) -> Result<Vec<Row>> {
    let mut home = Home::embedded()?;
    home.set("WORKER", "off");
    home.run(&stage.binary("api"), &["migrate"])?;
    let mut millis = Vec::new();
    for _ in 0..STARTS {
        millis.push(1000.0 * Api::start(stage, &home).await?.started_in.as_secs_f64());
    }
    millis.sort_by(f64::total_cmp);
    let half = percentile(&millis, 50);
    let api = Api::start(stage, &home).await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let rest = cpu::resident(api.process.pid())? as f64 / f64::from(1 << 20);
    let started = format!("{half:.0} ms (the middle of {STARTS})");
    Ok(vec![
        Row::new("API from exec to its first answer, migrated SQLite", started, "—", "—", "≤ 150 ms", half <= 150.0),
        Row::new("… its memory at rest", format!("{rest:.1} MiB"), "—", "—", "≤ 40 MiB", rest <= 40.0),
    ])
}

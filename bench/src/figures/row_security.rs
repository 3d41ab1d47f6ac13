use super::{movement, page};
use crate::api::Api;
use crate::http;
use crate::report::Row;
use crate::stage::{Stage, psql};
use crate::world::{S, World};
use anyhow::Result;
use std::sync::Arc;

/// Every table that has policies, with them or without.
fn switch(on: bool) -> String {
    let (state, force) = if on { ("ENABLE", "FORCE") } else { ("DISABLE", "NO FORCE") };
    format!(
        "DO $$ DECLARE t record; BEGIN FOR t IN SELECT DISTINCT schemaname, tablename FROM pg_policies WHERE schemaname = 'public' LOOP
        EXECUTE format('ALTER TABLE %I.%I {state} ROW LEVEL SECURITY, {force} ROW LEVEL SECURITY', t.schemaname, t.tablename);
        END LOOP; END $$"
    )
}

/// What the second wall costs: the same load with PostgreSQL's policies and without, in turns.
pub async fn measure(stage: &Stage) -> Result<Vec<Row>> {
    let world = World::of(stage, S).await?;
    let api = Api::start(stage, &world.home).await?;
    let (pages, address) = (Arc::new(page::pages(&api).await?), api.address);
    let looks = move |client: usize, turn: u64| pages[(client * 7919 + turn as usize * 31) % pages.len()].clone();
    let records = movement::requests(&api).await?;
    let (mut with, mut without) = ([0.0; 2], [0.0; 2]);
    http::load(address, 8, stage.load / 5, looks.clone()).await?;
    http::load(address, 8, stage.load / 5, records.clone()).await?;
    for round in 0..6 {
        let on = round % 2 == 0;
        psql(&world.url, &[], &switch(on))?;
        let sums = if on { &mut with } else { &mut without };
        let measured = async {
            sums[0] += http::load(address, 8, stage.load / 2, looks.clone()).await?.per_second / 3.0;
            sums[1] += http::load(address, 8, stage.load / 2, records.clone()).await?.per_second / 3.0;
            anyhow::Ok(())
        };
        let done = measured.await;
        psql(&world.url, &[], &switch(true))?;
        done?;
        psql(&world.url, &[], "VACUUM ANALYZE")?;
    }
    let row = |what: &str, at: usize| {
        let ratio = with[at] / without[at];
        let (ours, floor) = (format!("{:.0}/s", with[at]), format!("{:.0}/s without policies", without[at]));
        Row::new(what, ours, floor, format!("{ratio:.2}"), "—", true)
    };
    Ok(vec![row("pages of products behind PostgreSQL's policies", 0), row("movements behind them", 1)])
}

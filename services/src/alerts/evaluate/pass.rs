use super::{Extent, collect};
use crate::alerts::announce::AnnounceStockAlerts;
use crate::scope::{Column, Sql, SystemTx};
use crate::work::NewJob;
use crate::{Result, SystemScope, inventory, sql};
use entities::inventory::ProductId;
use entities::{TenantId, Timestamp};
use sea_orm::DbBackend;
use uuid::Uuid;

/// One transaction of the evaluation, step by step; tests do other things between the steps.
pub struct Pass {
    pub(super) tx: SystemTx,
    system: SystemScope,
    pub(super) now: Timestamp,
    pub(super) full: bool,
    run: Uuid,
}

#[derive(sea_orm::FromQueryResult)]
pub(super) struct Tenant {
    tenant_id: TenantId,
}

#[derive(sea_orm::FromQueryResult)]
struct Zone {
    time_zone: String,
}

impl Pass {
    pub async fn begin(system: &SystemScope, now: Timestamp, full: bool) -> Result<Self> {
        let tx = system.begin().await?;
        let pass = Self { tx, system: system.clone(), now, full, run: system.new_id() };
        pass.make_tables().await?;
        Ok(pass)
    }

    /// All that follows the choice of organisations.
    pub async fn through(self) -> Result<()> {
        self.collect().await?;
        self.weigh().await?;
        self.decide().await?;
        self.write().await
    }

    /// SQLite: the same for so many products at most, and how many they were; what is found is not announced yet.
    pub(in crate::alerts) async fn some_through(self, most: usize) -> Result<usize> {
        collect::some(&self, i64::try_from(most).unwrap_or(i64::MAX)).await?;
        let taken = collect::taken(&self.tx).await?;
        self.weigh().await?;
        self.decide().await?;
        self.keep().await?;
        self.tx.commit().await?;
        Ok(usize::try_from(taken).unwrap_or(0))
    }

    /// Takes the organisations whose turn it is, at most so many; false: there are none. One asked for by name is waited for.
    pub async fn tenants(&self, extent: Extent, most: i64) -> Result<bool> {
        // SQLite's one writer has waited already.
        if let (Some(one), DbBackend::Postgres) = (extent.tenant, self.tx.backend()) {
            self.tx.statement(sql!("await_turn.sql")).bind("one", one).run().await?;
        }
        let zones: Vec<Zone> = self.tx.statement(sql!("zones.sql")).all().await?;
        let days = zones.iter().map(|zone| i64::from(inventory::movements::day_of(self.now, &zone.time_zone)));
        let columns = vec![Column::texts(zones.iter().map(|zone| zone.time_zone.clone())), Column::ints(days)];
        let take = self.tx.statement(sql!("tenants.sql")).rows("z", columns).bind("now", self.now).bind("most", most);
        take.bind("one", extent.tenant).bind("every", extent.full).run().await?;
        Ok(self.tx.statement(sql!("held.sql")).value::<i64>().await?.unwrap_or(0) > 0)
    }

    /// Takes the marks, and with them the products to look at.
    pub async fn collect(&self) -> Result<()> {
        if self.full { self.tx.statement(sql!("drop_all_marks.sql")).run().await.map(drop) } else { collect::at_once(self).await }
    }

    /// Reads the open alerts, the rules and the facts.
    pub async fn weigh(&self) -> Result<()> {
        let tx = &self.tx;
        let any = ProductId::NIL;
        tx.statement(if self.full { sql!("open_full.sql") } else { sql!("open.sql") }).run().await?;
        self.analyze(sql!("analyze_open.sql")).await?;
        tx.statement(sql!("rules.sql")).bind("any", any).run().await?;
        tx.statement(sql!("caps.sql")).bind("any", any).run().await?;
        tx.statement(if self.full { sql!("facts_full.sql") } else { sql!("facts.sql") }).bind("any", any).run().await?;
        tx.statement(sql!("facts_of_open.sql")).bind("any", any).run().await?;
        tx.statement(if self.full { sql!("services_full.sql") } else { sql!("services.sql") }).bind("any", any).run().await?;
        self.analyze(sql!("analyze_fact.sql")).await
    }

    /// Works out the next state of every alert that changes.
    pub async fn decide(&self) -> Result<()> {
        self.tx.statement(sql!("judge.sql")).bind("any", ProductId::NIL).run().await?;
        self.analyze(sql!("analyze_judged.sql")).await?;
        self.tx.statement(sql!("decide.sql")).bind("id_head", self.id_head()).run().await.map(drop)
    }

    /// Writes what changed and asks for its announcement.
    pub async fn write(self) -> Result<()> {
        self.keep().await?;
        announce(&self.system, &self.tx, self.run, self.tx.statement(sql!("to_announce.sql")).all().await?)?;
        self.tx.commit().await
    }

    async fn keep(&self) -> Result<()> {
        let tx = &self.tx;
        tx.statement(sql!("forget.sql")).run().await?;
        tx.statement(sql!("update.sql")).bind("run", self.run).run().await?;
        tx.statement(sql!("insert.sql")).bind("run", self.run).run().await?;
        tx.statement(sql!("transitions.sql")).bind("run", self.run).bind("id_head", self.id_head()).run().await?;
        tx.statement(sql!("finish.sql")).run().await.map(drop)
    }

    /// Counts what a full run found for the plans of PostgreSQL. Those of an incremental run come from the size of its tables:
    /// to count them costs more than a better plan saves. Those of SQLite are as the statements are written.
    async fn analyze(&self, table: &'static Sql) -> Result<()> {
        let counts = self.full && self.tx.backend() == DbBackend::Postgres;
        if counts { self.tx.statement(table).run().await.map(drop) } else { Ok(()) }
    }

    /// The first half of the ids this pass makes: UUIDv7 of its instant, as hex digits.
    fn id_head(&self) -> String {
        format!("{:012x}7", self.now.0 / 1000)
    }

    async fn make_tables(&self) -> Result<()> {
        for table in [
            sql!("make_tenant.sql"),
            sql!("make_product.sql"),
            sql!("make_rule.sql"),
            sql!("make_open.sql"),
            sql!("make_fact.sql"),
            sql!("make_judged.sql"),
            sql!("make_next.sql"),
        ] {
            self.tx.statement(table).run().await?;
        }
        if self.tx.backend() == DbBackend::Postgres {
            // The temporary tables hold a handful of rows or a million; a plan must know which.
            self.tx.statement(sql!("plan_anew.sql")).run().await?;
            // Sorting a hundred thousand alerts, or adding up the levels of one large organisation, in the default four
            // megabytes goes over the disk.
            return if self.full { self.tx.statement(sql!("more_memory.sql")).run().await.map(drop) } else { Ok(()) };
        }
        for rows in [
            sql!("clear_tenant.sql"),
            sql!("clear_product.sql"),
            sql!("clear_rule.sql"),
            sql!("clear_open.sql"),
            sql!("clear_fact.sql"),
            sql!("clear_judged.sql"),
            sql!("clear_next.sql"),
        ] {
            self.tx.statement(rows).run().await?;
        }
        Ok(())
    }
}

/// Has what a run found in these organisations announced.
pub(super) fn announce(system: &SystemScope, tx: &SystemTx, run: Uuid, tenants: Vec<Tenant>) -> Result<()> {
    for Tenant { tenant_id } in tenants {
        // A key of the run: with one of the organisation, what is found while an announcement runs would wait for the next find.
        tx.enqueue(tenant_id, NewJob::new(system.app(), &AnnounceStockAlerts {})?.unique(format!("alerts.announce:{run}")));
    }
    Ok(())
}

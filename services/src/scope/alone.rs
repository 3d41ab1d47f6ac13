use super::read::{Open, Reads, Statements};
use super::{Scope, Tx};
use crate::Result;
use entities::TenantId;
use sea_orm::ConnectionTrait;

/// One statement by itself, without a transaction around it: one round trip instead of three, two where PostgreSQL has to be
/// told the tenant first.
///
/// For what needs neither a snapshot with other reads nor another effect beside it.
pub struct Alone {
    tx: Tx,
    tenant: TenantId,
}

impl Scope {
    /// For one statement that only reads.
    pub(crate) async fn alone(&self) -> Result<Alone> {
        let tx = self.app().database().alone(self.tenant(), false).await?;
        self.count(1);
        Ok(Alone { tx, tenant: self.tenant() })
    }

    /// For one statement that writes.
    pub(crate) async fn alone_to_write(&self) -> Result<Alone> {
        let tx = self.app().database().alone(self.tenant(), true).await?;
        self.count(1);
        Ok(Alone { tx, tenant: self.tenant() })
    }
}

impl Reads for Alone {
    async fn open(&self) -> Result<Open<'_>> {
        Ok(Open::borrowed(&self.tx))
    }
    fn tenant(&self) -> TenantId {
        self.tenant
    }
}

impl Statements<'_, Alone> {
    /// Runs a statement that writes and says how many rows it touched.
    pub async fn run(self) -> Result<u64> {
        let statement = self.sql.build(self.on.tx.get_database_backend(), &self.bound).map_err(crate::Error::internal)?;
        Ok(self.on.tx.execute_raw(statement).await?.rows_affected())
    }
}

use super::read::{Open, Reads};
use super::{Scope, Tx};
use crate::Result;
use entities::TenantId;

/// One statement of PostgreSQL by itself, without a transaction around it: one round trip instead of three.
///
/// For what needs neither a snapshot with other reads nor another effect beside it. The statement says for whom it acts
/// before it touches a table, `(SELECT set_config('app.tenant', CAST(:tenant AS text), true)) IS NOT NULL`, or finds none of
/// the tenant's rows.
pub struct Alone {
    tx: Tx,
    tenant: TenantId,
}

impl Scope {
    pub(crate) async fn alone(&self) -> Result<Alone> {
        let tx = self.app().database().alone(self.tenant()).await?;
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

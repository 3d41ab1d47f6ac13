//! Walking a chain from its first link, against the events it seals.

use super::canonical::{Raw, link};
use super::seal::GENESIS;
use crate::scope::{Sql, SystemTx};
use crate::{Result, SystemScope, sql};
use entities::TenantId;
use std::fmt;
use uuid::Uuid;

/// What was found of one organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    pub tenant: TenantId,
    /// How many seals hold, from the first on.
    pub sealed: i64,
    pub unsealed: i64,
    /// The last seal that holds, as the log says it: its number and hash.
    pub head: Option<(i64, String)>,
    pub broken: Option<Broken>,
}

/// The first place where a chain does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    pub seq: i64,
    /// The event it seals, where that is known.
    pub event: Option<Uuid>,
    pub what: Fault,
}

/// What is wrong there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is no seal of this number, and there are later ones.
    SealGone,
    EventGone,
    /// The seal does not go on from the one before.
    OutOfOrder,
    /// The event, or the hash of the seal, is not what was sealed.
    Differs,
    /// It is not even of the kind that is written there.
    Unreadable,
    /// The log says another hash, or the chain ends before.
    NotTheAnchor,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SealGone => "the seal is gone",
            Self::EventGone => "its event is gone",
            Self::OutOfOrder => "the seal does not follow the one before",
            Self::Differs => "the event is not what was sealed",
            Self::Unreadable => "it cannot be read",
            Self::NotTheAnchor => "it is not the anchor that was given",
        })
    }
}

#[derive(sea_orm::FromQueryResult)]
struct Seal {
    seq: i64,
    sealed_id: Uuid,
    prev_hash: Vec<u8>,
    hash: Vec<u8>,
    #[sea_orm(nested)]
    event: Option<Raw>,
}

#[derive(sea_orm::FromQueryResult)]
struct Tenant {
    tenant_id: TenantId,
}

const PAGE: i64 = 1000;

/// Verifies the chain of one organisation, or of all; an anchor is the number and hash that a seal of it must have.
pub async fn verify(system: &SystemScope, one: Option<TenantId>, anchor: Option<&(i64, String)>) -> Result<Vec<Verified>> {
    let tenants = match one {
        Some(tenant) => vec![tenant],
        None => {
            let all: Vec<Tenant> = system.read().await?.statement(sql!("audited.sql")).all().await?;
            all.into_iter().map(|row| row.tenant_id).collect()
        }
    };
    let mut all = Vec::new();
    for tenant in tenants {
        all.push(Walk::new(system.read().await?, tenant, anchor).whole().await?);
    }
    Ok(all)
}

struct Walk<'a> {
    tx: SystemTx,
    tenant: TenantId,
    anchor: Option<&'a (i64, String)>,
    seq: i64,
    hash: Vec<u8>,
}

impl<'a> Walk<'a> {
    fn new(tx: SystemTx, tenant: TenantId, anchor: Option<&'a (i64, String)>) -> Self {
        Self { tx, tenant, anchor, seq: 0, hash: GENESIS.to_vec() }
    }

    async fn whole(mut self) -> Result<Verified> {
        let mut broken = self.first_broken().await?;
        if let Some((seq, _)) = self.anchor.filter(|(seq, _)| broken.is_none() && *seq > self.seq) {
            broken = Some(Broken { seq: *seq, event: None, what: Fault::NotTheAnchor });
        }
        let unsealed = self.count(sql!("count_unsealed.sql")).await?;
        let head = (self.seq > 0).then(|| (self.seq, hex::encode(&self.hash)));
        Ok(Verified { tenant: self.tenant, sealed: self.seq, unsealed, head, broken })
    }

    /// Goes on as long as all holds.
    async fn first_broken(&mut self) -> Result<Option<Broken>> {
        loop {
            let Ok(seals) = self.read(PAGE).await else { return self.first_unreadable().await };
            if seals.is_empty() {
                return Ok(None);
            }
            for seal in seals {
                if let Some(broken) = self.step(seal) {
                    return Ok(Some(broken));
                }
            }
        }
    }

    /// Some row of the next page cannot be read: one by one they say which, unless all of them can be read again.
    async fn first_unreadable(&mut self) -> Result<Option<Broken>> {
        for _ in 0..PAGE {
            let broken = match self.read(1).await {
                Err(_) => Some(Broken { seq: self.seq + 1, event: None, what: Fault::Unreadable }),
                Ok(mut seals) => seals.pop().and_then(|seal| self.step(seal)),
            };
            if broken.is_some() {
                // Where it is the database that fails, it says so here.
                self.count(sql!("count_unsealed.sql")).await?;
                return Ok(broken);
            }
        }
        Ok(None)
    }

    fn step(&mut self, seal: Seal) -> Option<Broken> {
        let broken = |seq, event, what| Some(Broken { seq, event, what });
        let (seq, event) = (self.seq + 1, Some(seal.sealed_id));
        if seal.seq != seq {
            return broken(seq, None, Fault::SealGone);
        }
        let Some(found) = &seal.event else { return broken(seq, event, Fault::EventGone) };
        if seal.prev_hash != self.hash {
            return broken(seq, event, Fault::OutOfOrder);
        }
        if link(&self.hash, self.tenant, found) != seal.hash {
            return broken(seq, event, Fault::Differs);
        }
        if self.anchor.is_some_and(|(at, hash)| *at == seq && *hash != hex::encode(&seal.hash)) {
            return broken(seq, event, Fault::NotTheAnchor);
        }
        (self.seq, self.hash) = (seq, seal.hash);
        None
    }

    async fn read(&self, most: i64) -> Result<Vec<Seal>> {
        self.tx.statement(sql!("chain.sql")).bind("tenant", self.tenant).bind("after", self.seq).bind("most", most).all().await
    }

    async fn count(&self, sql: &'static Sql) -> Result<i64> {
        Ok(self.tx.statement(sql).bind("tenant", self.tenant).value::<i64>().await?.unwrap_or(0))
    }
}

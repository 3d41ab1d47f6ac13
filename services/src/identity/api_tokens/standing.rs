//! What the database says of tokens that were shown.

use super::{TokenHash, UsedKey, UsedToken};
use crate::identity::Permission;
use crate::identity::modules::Off;
use crate::identity::organizations::Facts;
use crate::identity::standing::{Standing, grants};
use crate::locale::Locale;
use crate::scope::{Column, DoorwayTx};
use crate::{Result, sql};
use entities::identity::{ApiTokenId, MembershipId, UserId};
use entities::{TenantId, Timestamp};
use std::sync::Arc;

#[derive(sea_orm::FromQueryResult)]
struct Row {
    id: ApiTokenId,
    token_hash: Vec<u8>,
    prefix: String,
    scopes: String,
    addresses: String,
    expires_at: Timestamp,
    last_used_at: Option<Timestamp>,
    tenant_id: TenantId,
    membership_id: MembershipId,
    user_id: UserId,
    locale: String,
    currency: String,
    time_zone: String,
    modules_off: String,
    grants: Option<String>,
}

/// The good ones of these tokens: neither over nor revoked, and their owners active.
pub(in crate::identity) async fn look_up(tx: &DoorwayTx, tokens: &[TokenHash], now: Timestamp) -> Result<Vec<(TokenHash, Standing)>> {
    let hashes = Column::Bytes(tokens.iter().map(|hash| Some(hash.0.to_vec())).collect());
    let rows = tx.statement(sql!("tokens.sql")).rows("w", vec![hashes]).bind("now", now).all::<Row>().await?;
    Ok(rows.into_iter().filter_map(Row::standing).collect())
}

impl Row {
    fn standing(self) -> Option<(TokenHash, Standing)> {
        let hash = TokenHash(self.token_hash.try_into().ok()?);
        let scopes: Vec<Permission> = self.scopes.split(' ').filter_map(Permission::of_code).collect();
        let off = Off::of_text(&self.modules_off);
        let whole = grants(self.grants.as_deref().unwrap_or_default()).without(|permission| off.takes(permission));
        // A range that cannot be read lets nobody in, rather than everybody.
        let addresses: Option<Vec<_>> = self.addresses.split_whitespace().map(|range| range.parse().ok()).collect();
        let standing = Standing {
            user: self.user_id,
            member: Some((self.tenant_id, self.membership_id)),
            grants: Arc::new(whole.within(&scopes)),
            locale: Locale::of_tag(&self.locale).unwrap_or_default(),
            operator: false,
            organization: Some(Arc::new(Facts { currency: self.currency, time_zone: self.time_zone, off })),
            // Never: a program proves nothing.
            proved_at: Timestamp(0),
            token: Some(Arc::new(UsedToken {
                key: UsedKey::Token(self.id, hash),
                tenant: self.tenant_id,
                prefix: self.prefix,
                expires_at: self.expires_at,
                scopes,
                whole,
                addresses: addresses?,
                last_used_at: self.last_used_at,
            })),
        };
        Some((hash, standing))
    }
}

//! What the database says of tokens that were shown.

use super::{TokenHash, UsedKey, UsedToken};
use crate::identity::Permission;
use crate::identity::standing::{ActingMember, Standing};
use crate::scope::{Column, DoorwayTx};
use crate::{Result, sql};
use entities::Timestamp;
use entities::identity::ApiTokenId;

#[derive(sea_orm::FromQueryResult)]
struct Row {
    id: ApiTokenId,
    token_hash: Vec<u8>,
    prefix: String,
    scopes: String,
    addresses: String,
    expires_at: Timestamp,
    last_used_at: Option<Timestamp>,
    #[sea_orm(nested)]
    member: ActingMember,
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
        // A range that cannot be read lets nobody in, rather than everybody.
        let addresses: Option<Vec<_>> = self.addresses.split_whitespace().map(|range| range.parse().ok()).collect();
        let whole = self.member.rights();
        let token = UsedToken {
            key: UsedKey::Token(self.id, hash),
            program: self.id.0,
            tenant: self.member.tenant_id,
            prefix: self.prefix,
            expires_at: self.expires_at,
            scopes,
            whole,
            addresses: addresses?,
            last_used_at: self.last_used_at,
        };
        Some((hash, self.member.standing(token)?))
    }
}

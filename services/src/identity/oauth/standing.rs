//! What the database says of grants whose tokens were shown.

use crate::identity::Permission;
use crate::identity::api_tokens::{UsedKey, UsedToken};
use crate::identity::standing::{ActingMember, Standing};
use crate::scope::DoorwayTx;
use crate::{Result, sql};
use entities::Timestamp;
use entities::identity::oauth_grant::GrantKind;
use entities::identity::{OauthClientId, OauthGrantId};

#[derive(sea_orm::FromQueryResult)]
struct Row {
    id: OauthGrantId,
    client_id: OauthClientId,
    scopes: String,
    allowed: String,
    expires_at: Timestamp,
    kind: GrantKind,
    last_used_at: Option<Timestamp>,
    #[sea_orm(nested)]
    member: ActingMember,
}

/// The good ones of these grants: neither over nor revoked, their clients there and those they act as active.
pub(in crate::identity) async fn look_up(tx: &DoorwayTx, ids: &[OauthGrantId], now: Timestamp) -> Result<Vec<(OauthGrantId, Standing)>> {
    let rows = tx.statement(sql!("grants.sql")).ids("grants", ids.iter().copied()).bind("now", now).all::<Row>().await?;
    Ok(rows.into_iter().filter_map(Row::standing).collect())
}

impl Row {
    fn standing(self) -> Option<(OauthGrantId, Standing)> {
        let codes = self.scopes.split(' ').filter(|code| self.allowed.split(' ').any(|allowed| allowed == *code));
        let scopes: Vec<Permission> = codes.filter_map(Permission::of_code).collect();
        let whole = self.member.rights();
        let token = UsedToken {
            key: UsedKey::Grant(self.id, self.kind),
            program: self.client_id.0,
            tenant: self.member.tenant_id,
            prefix: format!("client {}", self.client_id),
            expires_at: self.expires_at,
            scopes,
            whole,
            addresses: Vec::new(),
            last_used_at: self.last_used_at,
        };
        Some((self.id, self.member.standing(token)?))
    }
}

//! What the database says of grants whose tokens were shown.

use crate::identity::Permission;
use crate::identity::api_tokens::{UsedKey, UsedToken};
use crate::identity::modules::Off;
use crate::identity::organizations::Facts;
use crate::identity::standing::{Standing, grants};
use crate::locale::Locale;
use crate::scope::DoorwayTx;
use crate::{Result, sql};
use entities::identity::{MembershipId, OauthClientId, OauthGrantId, UserId};
use entities::{TenantId, Timestamp};
use std::sync::Arc;

#[derive(sea_orm::FromQueryResult)]
struct Row {
    id: OauthGrantId,
    client_id: OauthClientId,
    scopes: String,
    allowed: String,
    expires_at: Timestamp,
    tenant_id: TenantId,
    membership_id: MembershipId,
    user_id: UserId,
    locale: String,
    currency: String,
    time_zone: String,
    modules_off: String,
    grants: Option<String>,
}

/// The good ones of these grants: neither over nor revoked, their clients there and those they act as active.
pub(in crate::identity) async fn look_up(tx: &DoorwayTx, ids: &[OauthGrantId], now: Timestamp) -> Result<Vec<(OauthGrantId, Standing)>> {
    let rows = tx.statement(sql!("grants.sql")).ids("grants", ids.iter().copied()).bind("now", now).all::<Row>().await?;
    Ok(rows.into_iter().map(Row::standing).collect())
}

impl Row {
    fn standing(self) -> (OauthGrantId, Standing) {
        let codes = self.scopes.split(' ').filter(|code| self.allowed.split(' ').any(|allowed| allowed == *code));
        let scopes: Vec<Permission> = codes.filter_map(Permission::of_code).collect();
        let off = Off::of_text(&self.modules_off);
        let whole = grants(self.grants.as_deref().unwrap_or_default()).without(|permission| off.takes(permission));
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
                key: UsedKey::Grant(self.id),
                tenant: self.tenant_id,
                prefix: format!("client {}", self.client_id),
                expires_at: self.expires_at,
                scopes,
                whole,
                addresses: Vec::new(),
                last_used_at: None,
            })),
        };
        (self.id, standing)
    }
}

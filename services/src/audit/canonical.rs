//! The bytes of an event that its seal is made of.
//!
//! Every field in a fixed order, each after a byte that says whether it is there and after its length, so that no two events
//! have the same bytes. What they are must never change: whoever verifies a chain in ten years makes them anew.

use entities::TenantId;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Says which fields follow, in which order.
const FORM: &[u8] = b"teranga.audit.1";

/// An event as it lies in the database, whatever somebody made of it.
#[derive(Clone, Debug, sea_orm::FromQueryResult)]
pub(super) struct Raw {
    pub id: Uuid,
    pub at: i64,
    pub actor_kind: String,
    pub actor_membership_id: Option<Uuid>,
    pub impersonator_id: Option<Uuid>,
    pub action: String,
    pub outcome: String,
    pub target_type: Option<String>,
    pub target_id: Option<Uuid>,
    pub changes: String,
    pub operation: Option<String>,
    pub request_id: Option<String>,
    pub address: Option<String>,
    pub user_agent: Option<String>,
}

/// The hash of a link: of the link before, and of the event.
pub(super) fn link(prev: &[u8], tenant: TenantId, event: &Raw) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(prev);
    fn id(id: &Option<Uuid>) -> Option<&[u8]> {
        id.as_ref().map(|id| id.as_bytes().as_slice())
    }
    fn text(text: &Option<String>) -> Option<&[u8]> {
        text.as_deref().map(str::as_bytes)
    }
    let at = event.at.to_be_bytes();
    let fields: [Option<&[u8]>; 16] = [
        Some(FORM),
        Some(tenant.0.as_bytes()),
        Some(event.id.as_bytes()),
        Some(&at),
        Some(event.actor_kind.as_bytes()),
        id(&event.actor_membership_id),
        id(&event.impersonator_id),
        Some(event.action.as_bytes()),
        Some(event.outcome.as_bytes()),
        text(&event.target_type),
        id(&event.target_id),
        Some(event.changes.as_bytes()),
        text(&event.operation),
        text(&event.request_id),
        text(&event.address),
        text(&event.user_agent),
    ];
    for field in fields {
        hash.update([u8::from(field.is_some())]);
        hash.update((field.map_or(0, <[u8]>::len) as u64).to_be_bytes());
        hash.update(field.unwrap_or_default());
    }
    hash.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Raw {
        let text = |text: &str| Some(text.to_owned());
        Raw {
            id: Uuid::from_u128(7),
            at: 1_796_115_600_000_000,
            actor_kind: "USER".into(),
            actor_membership_id: Some(Uuid::from_u128(8)),
            impersonator_id: None,
            action: "inventory.product.update".into(),
            outcome: "DONE".into(),
            target_type: text("Product"),
            target_id: Some(Uuid::from_u128(9)),
            changes: r#"{"name":["Riz","Riz brisé"]}"#.into(),
            operation: text("ProductUpdate"),
            request_id: None,
            address: text("192.0.2.7"),
            user_agent: text("test"),
        }
    }

    /// A chain outlives the program that made it.
    #[test]
    fn the_bytes_of_an_event_are_what_they_always_were() {
        let hash = link(&[0; 32], TenantId(Uuid::from_u128(1)), &event());
        assert_eq!(hex::encode(hash), "bca6a3b42e8829813954760739beb814ef64ce9378fc8fb5ebd27e902ddc5072");
    }

    #[test]
    fn no_field_runs_into_its_neighbour() {
        let of = |change: fn(&mut Raw)| {
            let mut changed = event();
            change(&mut changed);
            link(&[0; 32], TenantId(Uuid::from_u128(1)), &changed)
        };
        let all = [
            of(|_| ()),
            of(|e| (e.action, e.outcome) = ("inventory.product.updateD".into(), "ONE".into())),
            of(|e| e.address = None),
            of(|e| e.address = Some(String::new())),
            of(|e| (e.request_id, e.address) = (e.address.take(), None)),
            of(|e| (e.actor_membership_id, e.impersonator_id) = (None, e.actor_membership_id)),
            link(&[1; 32], TenantId(Uuid::from_u128(1)), &event()),
            link(&[0; 32], TenantId(Uuid::from_u128(2)), &event()),
        ];
        let different: std::collections::BTreeSet<&Vec<u8>> = all.iter().collect();
        assert_eq!(different.len(), all.len());
    }
}

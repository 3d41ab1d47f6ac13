//! Opaque global ids: a tag of the type and the UUID, in URL-safe base64. Clients compare them, nothing else.

use async_graphql::ID;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// An id that can be shown to clients.
pub trait GlobalId: Copy + Into<Uuid> + From<Uuid> {
    const KIND: Kind;

    fn to_global(self) -> ID {
        global(Self::KIND, self.into())
    }

    /// The id a client sent; garbage and ids of another type become the nil id, which nothing has.
    fn of_global(id: &ID) -> Self {
        match parse(id) {
            Some((kind, uuid)) if kind == Self::KIND as u8 => Self::from(uuid),
            _ => Self::from(Uuid::nil()),
        }
    }

    fn of_globals(ids: &[ID]) -> Vec<Self> {
        ids.iter().map(Self::of_global).collect()
    }
}

/// The id of something of this kind.
pub fn global(kind: Kind, id: Uuid) -> ID {
    let mut bytes = [0; 17];
    bytes[0] = kind as u8;
    bytes[1..].copy_from_slice(id.as_bytes());
    ID(URL_SAFE_NO_PAD.encode(bytes))
}

/// The tag and UUID of a global id; none for garbage.
pub fn parse(id: &ID) -> Option<(u8, Uuid)> {
    let bytes = URL_SAFE_NO_PAD.decode(id.as_str()).ok()?;
    let (tag, uuid) = bytes.split_first()?;
    Some((*tag, Uuid::from_slice(uuid).ok()?))
}

/// Gives a plain object its `id`, out of its `key`.
#[macro_export]
macro_rules! node_id {
    ($($node:ty),* $(,)?) => {$(
        #[async_graphql::ComplexObject]
        impl $node {
            /// Opaque.
            pub async fn id(&self) -> async_graphql::ID {
                $crate::ids::GlobalId::to_global(self.key)
            }
        }
    )*};
}

macro_rules! kinds {
    ($($kind:ident = $tag:literal => $id:ty),* $(,)?) => {
        /// What a global id is the id of; tags are never reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Kind { $($kind = $tag),* }

        impl Kind {
            pub fn of_tag(tag: u8) -> Option<Self> {
                match tag { $($tag => Some(Self::$kind),)* _ => None }
            }
            /// By the name of its public type.
            pub fn of_name(name: &str) -> Option<Self> {
                $(if name == stringify!($kind) { return Some(Self::$kind); })*
                None
            }
        }

        $(impl GlobalId for $id { const KIND: Kind = Kind::$kind; })*
    };
}

kinds! {
    User = 1 => entities::identity::UserId,
    Organization = 2 => entities::TenantId,
    Membership = 3 => entities::identity::MembershipId,
    Role = 4 => entities::identity::RoleId,
    DeviceSession = 5 => entities::identity::SessionId,
    Invitation = 6 => entities::identity::InvitationId,
    ExternalIdentity = 7 => entities::identity::ExternalIdentityId,
    Team = 8 => entities::identity::TeamId,
    ApiToken = 9 => entities::identity::ApiTokenId,
    ServiceAccount = 17 => entities::identity::ServiceAccountId,
    OauthClient = 18 => entities::identity::OauthClientId,
    AuthorizedApp = 19 => entities::identity::OauthConsentId,
    Unit = 10 => entities::inventory::UnitId,
    Category = 11 => entities::inventory::CategoryId,
    Supplier = 12 => entities::inventory::SupplierId,
    Warehouse = 13 => entities::inventory::WarehouseId,
    Product = 14 => entities::inventory::ProductId,
    StockLevel = 15 => entities::inventory::StockLevelId,
    StockMovement = 16 => entities::inventory::StockMovementId,
    Notification = 30 => entities::notifications::NotificationId,
    StockAlert = 20 => entities::alerts::AlertId,
    StockAlertRule = 21 => entities::alerts::AlertRuleId,
    Job = 40 => entities::work::JobId,
    FileUpload = 50 => entities::files::FileUploadId,
    File = 51 => entities::files::FileId,
    DataImport = 52 => entities::data_imports::DataImportId,
    DataImportRowError = 53 => entities::data_imports::DataImportRowErrorId,
    AuditEvent = 60 => entities::audit::AuditEventId,
}

#[cfg(test)]
mod tests {
    use super::*;
    use entities::inventory::{ProductId, SupplierId};

    #[test]
    fn an_id_comes_back_as_what_it_was_and_as_nothing_else() {
        let id = ProductId(Uuid::from_u128(7));
        assert_eq!(ProductId::of_global(&id.to_global()), id);
        assert_eq!(SupplierId::of_global(&id.to_global()), SupplierId::NIL);
        for garbage in ["", "x", "%%%", "AAAA", &"A".repeat(500)] {
            assert_eq!(ProductId::of_global(&ID(garbage.to_owned())), ProductId::NIL);
        }
    }
}

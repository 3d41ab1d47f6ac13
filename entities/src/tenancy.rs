use crate::TenantId;
use sea_orm::{EntityTrait, PrimaryKeyTrait, Value};

/// A table whose every row belongs to one organisation; an entity without the tenant first in its key is refused by the compiler.
pub trait TenantScoped: EntityTrait<PrimaryKey: PrimaryKeyTrait<ValueType = (TenantId, Self::Id)>> {
    /// The column the scope compares with its own tenant.
    const TENANT: Self::Column;
    /// The second half of the key, unique by itself inside one organisation.
    const ID: Self::Column;
    type Id: Copy + Send + Sync + Into<Value> + std::fmt::Display + 'static;
}

/// A table whose rows know whose they are: a right to them may reach one's own or one's teams' alone.
pub trait Owned: TenantScoped {
    /// The column that holds the membership that made the row; where it is null, the row is the organisation's.
    const OWNER: Self::Column;
}

/// A table shared by all organisations; the list is closed in this file.
pub trait Global: EntityTrait + sealed::Sealed {}

mod sealed {
    pub trait Sealed {}
}

macro_rules! global {
    ($($entity:path),* $(,)?) => {$(
        impl sealed::Sealed for $entity {}
        impl Global for $entity {}
    )*};
}

global!(
    crate::identity::user::Entity,
    crate::identity::organization::Entity,
    crate::identity::session::Entity,
    crate::identity::refresh_token::Entity,
    crate::identity::operator::Entity,
    crate::identity::account_link::Entity,
    crate::identity::second_factor::Entity,
    crate::identity::recovery_code::Entity,
    crate::identity::signing_key::Entity,
    crate::identity::external_identity::Entity,
    crate::identity::spent_flow::Entity,
    crate::identity::known_device::Entity,
    crate::identity::security_event::Entity,
    crate::audit::operator_act::Entity,
    crate::work::queue::Entity,
    crate::work::schedule::Entity,
);

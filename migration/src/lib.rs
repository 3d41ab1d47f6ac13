//! The schema's history, for both databases: one step a file, never rewritten once released.
//!
//! Steps are SQL with a few placeholders (see [`dialect`]); they know nothing of the entities, so that old steps keep
//! compiling. Every table of an organisation has the key `(tenant_id, id)` and refers to others by it, so the database
//! itself refuses a reference across organisations.

pub mod dialect;
pub mod folding;
mod m20261121_090000_identity;
mod m20261121_090100_work;
mod m20261121_090200_events;
mod m20261121_090300_inventory;
mod m20261121_090400_alerts;
mod m20261121_090500_notifications;
mod m20261121_090600_files_imports;
mod m20261122_090000_alerts_keep_service_level;
mod m20261122_090100_notifications_in_app;
mod m20261123_090000_inventory_name_keys;
mod m20261123_090100_rows_changed_in_place;
mod m20261123_090200_movements_by_reference;
mod m20261123_090300_marks_say_what_rose;
mod m20261123_090400_movements_of_an_import;
mod m20261123_090500_undo_of_imports;
mod m20261124_090000_account_links;
mod m20261124_090100_second_factors;
mod m20261124_090200_signing_keys;
mod m20261124_100000_identity_shipped_roles;
mod m20261124_100100_identity_invitations;
mod m20261124_100200_identity_profiles;
mod m20261125_090000_audit;
mod m20261126_090000_external_identities;
mod m20261126_090100_erasure;
mod m20261126_090200_known_devices;
mod m20261126_100000_identity_teams;
mod m20261126_100100_identity_movement_right;
mod m20261126_100200_identity_cost_right;
mod m20261126_100300_identity_modules;
mod m20261126_110000_identity_api_tokens;
mod m20261126_110100_identity_service_accounts;
mod m20261126_110200_identity_oauth;
mod m20261126_120000_identity_policies;
mod m20261127_090000_identity_oauth_consents;
mod m20261127_090000_identity_session_beginning;
mod m20261127_090100_identity_security_events;
mod m20261128_090000_known_devices_by_family;
mod m20261128_090100_operator_acts;
mod m20261128_090200_sessions_of_tenant;
pub mod row_security;

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::{MigrationTrait, async_trait};

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_090000_identity::Step),
            Box::new(m20261121_090100_work::Step),
            Box::new(m20261121_090200_events::Step),
            Box::new(m20261121_090300_inventory::Step),
            Box::new(m20261121_090400_alerts::Step),
            Box::new(m20261121_090500_notifications::Step),
            Box::new(m20261121_090600_files_imports::Step),
            Box::new(m20261122_090000_alerts_keep_service_level::STEP),
            Box::new(m20261122_090100_notifications_in_app::STEP),
            Box::new(m20261123_090000_inventory_name_keys::STEP),
            Box::new(m20261123_090100_rows_changed_in_place::STEP),
            Box::new(m20261123_090200_movements_by_reference::STEP),
            Box::new(m20261123_090300_marks_say_what_rose::STEP),
            Box::new(m20261123_090400_movements_of_an_import::STEP),
            Box::new(m20261123_090500_undo_of_imports::STEP),
            Box::new(m20261124_090000_account_links::STEP),
            Box::new(m20261124_090100_second_factors::STEP),
            Box::new(m20261124_090200_signing_keys::STEP),
            Box::new(m20261124_100000_identity_shipped_roles::STEP),
            Box::new(m20261124_100100_identity_invitations::Step),
            Box::new(m20261124_100200_identity_profiles::STEP),
            Box::new(m20261125_090000_audit::Step),
            Box::new(m20261126_090000_external_identities::STEP),
            Box::new(m20261126_090100_erasure::STEP),
            Box::new(m20261126_090200_known_devices::STEP),
            Box::new(m20261126_100000_identity_teams::Step),
            Box::new(m20261126_100100_identity_movement_right::STEP),
            Box::new(m20261126_100200_identity_cost_right::STEP),
            Box::new(m20261126_100300_identity_modules::STEP),
            Box::new(m20261126_110000_identity_api_tokens::Step),
            Box::new(m20261126_110100_identity_service_accounts::STEP),
            Box::new(m20261126_110200_identity_oauth::Step),
            Box::new(m20261126_120000_identity_policies::STEP),
            Box::new(m20261127_090000_identity_oauth_consents::Step),
            Box::new(m20261127_090000_identity_session_beginning::STEP),
            Box::new(m20261127_090100_identity_security_events::STEP),
            Box::new(m20261128_090000_known_devices_by_family::STEP),
            Box::new(m20261128_090100_operator_acts::Step),
            Box::new(m20261128_090200_sessions_of_tenant::STEP),
        ]
    }
}

//! The rooms' roots, merged once, and what every root field declares: who may call it.

use crate::alerts::{mutation::AlertsMutation, query::AlertsQuery, subscription::AlertsSubscription};
use crate::audit::{mutation::AuditMutation, query::AuditQuery};
use crate::data_imports::{mutation::DataImportMutation, query::DataImportQuery, subscription::DataImportSubscription};
use crate::files::mutation::FileMutation;
use crate::identity::account::AccountMutation;
use crate::identity::api_tokens::mutation::ApiTokensMutation;
use crate::identity::oauth::{mutation::OauthMutation, query::OauthQuery};
use crate::identity::second_factor::SecondFactorMutation;
use crate::identity::service_accounts::{mutation::ServiceAccountsMutation, query::ServiceAccountsQuery};
use crate::identity::{
    invitations::mutation::InvitationsMutation, members::mutation::MembersMutation, mutation::IdentityMutation, query::IdentityQuery,
    roles::mutation::RolesMutation,
};
use crate::inventory::{mutation::InventoryMutation, query::InventoryQuery, subscription::InventorySubscription};
use crate::node::NodeQuery;
use crate::notifications::{mutation::NotificationsMutation, query::NotificationsQuery, subscription::NotificationsSubscription};
use crate::work::{mutation::WorkMutation, query::WorkQuery};
use async_graphql::{MergedObject, MergedSubscription, SDLExportOptions, Schema, TypeDirective};

/// Needs this permission in the active organisation.
#[TypeDirective(location = "FieldDefinition")]
pub fn requires(permission: String) {}

/// Needs a signed-in person, and shows only what is theirs.
#[TypeDirective(location = "FieldDefinition", name = "signedIn")]
pub fn signed_in() {}

/// Open to everybody.
#[TypeDirective(location = "FieldDefinition")]
pub fn public() {}

/// Needs an operator of this installation.
#[TypeDirective(location = "FieldDefinition")]
pub fn operator() {}

/// Everything that can be read.
#[derive(MergedObject, Default)]
pub struct Query(
    NodeQuery,
    IdentityQuery,
    ServiceAccountsQuery,
    OauthQuery,
    InventoryQuery,
    DataImportQuery,
    AlertsQuery,
    NotificationsQuery,
    WorkQuery,
    AuditQuery,
);

/// Everything that can be done; fields run one after the other, each in a transaction of its own.
#[derive(MergedObject, Default)]
pub struct Mutation(
    IdentityMutation,
    RolesMutation,
    MembersMutation,
    InvitationsMutation,
    AccountMutation,
    SecondFactorMutation,
    ApiTokensMutation,
    ServiceAccountsMutation,
    OauthMutation,
    InventoryMutation,
    FileMutation,
    DataImportMutation,
    AlertsMutation,
    NotificationsMutation,
    WorkMutation,
    AuditMutation,
);

/// Everything that can be followed live.
#[derive(MergedSubscription, Default)]
pub struct Subscription(InventorySubscription, DataImportSubscription, AlertsSubscription, NotificationsSubscription);

pub type TerangaSchema = Schema<Query, Mutation, Subscription>;

/// Builds the schema. The edge checks documents before this sees them, so its own limits stay off.
pub fn build(suggestions: bool) -> TerangaSchema {
    let builder = Schema::build(Query::default(), Mutation::default(), Subscription::default());
    let builder = if suggestions { builder } else { builder.disable_suggestions() };
    builder.limit_recursive_depth(usize::MAX).finish()
}

/// The public contract, as `schema.graphql` holds it.
pub fn sdl(schema: &TerangaSchema) -> String {
    let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items().include_specified_by();
    let mut text = schema.sdl_with_options(options).trim().to_owned();
    text.push('\n');
    text
}

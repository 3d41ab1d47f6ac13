//! Any object by its id.

use crate::alerts::rule::StockAlertRule;
use crate::alerts::types::StockAlert;
use crate::audit::types::AuditEvent;
use crate::context::Ask;
use crate::data_imports::types::{DataImport, DataImportRowError};
use crate::error::Result;
use crate::files::types::{File, FileUpload};
use crate::identity::types::{
    ApiToken, AuthorizedApp, DeviceSession, ExternalIdentity, Invitation, Membership, OauthClient, Organization, Role, ServiceAccount,
    Team, User,
};
use crate::ids::{self, Kind};
use crate::inventory::types::{Category, Product, StockLevel, StockMovement, Supplier, Unit, Warehouse};
use crate::notifications::types::Notification;
use crate::schema::signed_in;
use crate::work::types::Job;
use async_graphql::{Context, ID, Interface, Object};
use entities::inventory::{category, supplier, unit, warehouse};
use services::alerts;
use services::audit;
use services::identity::{api_tokens, external, invitations, members, oauth, organizations, roles, service_accounts, teams};
use services::inventory::{catalog, movements, products, stock};
use services::work::admin::{self, Desk};
use services::{Error, Result as ServiceResult, Scope, data_imports, files, notifications};
use std::collections::HashMap;
use uuid::Uuid;

/// Something with an id that can be fetched again.
#[derive(Interface, Clone)]
#[graphql(field(name = "id", ty = "ID", desc = "Opaque."))]
pub enum Node {
    User(User),
    Organization(Organization),
    Membership(Membership),
    Role(Role),
    DeviceSession(DeviceSession),
    Invitation(Invitation),
    ExternalIdentity(ExternalIdentity),
    Team(Team),
    ApiToken(ApiToken),
    ServiceAccount(ServiceAccount),
    OauthClient(OauthClient),
    AuthorizedApp(AuthorizedApp),
    Unit(Unit),
    Category(Category),
    Supplier(Supplier),
    Warehouse(Warehouse),
    Product(Product),
    StockLevel(StockLevel),
    StockMovement(StockMovement),
    Notification(Notification),
    StockAlert(StockAlert),
    StockAlertRule(StockAlertRule),
    Job(Job),
    FileUpload(FileUpload),
    File(File),
    DataImport(DataImport),
    DataImportRowError(DataImportRowError),
    AuditEvent(AuditEvent),
}

#[derive(Default)]
pub struct NodeQuery;

const MOST: usize = 100;

#[Object]
impl NodeQuery {
    /// The object with this id; null when there is none one may see.
    #[graphql(directive = signed_in::apply())]
    async fn node(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Node>> {
        find(ctx.scope()?, &id).await
    }

    /// The objects with these ids, in their order, null for those there is none of; at most 100.
    #[graphql(directive = signed_in::apply())]
    async fn nodes(&self, ctx: &Context<'_>, ids: Vec<ID>) -> Result<Vec<Option<Node>>> {
        if ids.len() > MOST {
            return Err(Error::BadArgument(format!("at most {MOST} ids")).into());
        }
        let keys: Vec<Option<(Kind, Uuid)>> = ids.iter().map(key).collect();
        let known: Vec<(Kind, Uuid)> = keys.iter().flatten().copied().collect();
        let found = seen_together(ctx.scope()?, &known).await?;
        Ok(keys.into_iter().map(|key| found.get(&key?).cloned()).collect())
    }
}

/// What one may not see is as if it were not there.
async fn find(scope: &Scope, id: &ID) -> Result<Option<Node>> {
    let Some((kind, uuid)) = key(id) else { return Ok(None) };
    Ok(seen(load(scope, kind, uuid).await)?)
}

fn key(id: &ID) -> Option<(Kind, Uuid)> {
    let (tag, uuid) = ids::parse(id)?;
    Some((Kind::of_tag(tag)?, uuid))
}

fn seen<T: Default>(found: ServiceResult<T>) -> ServiceResult<T> {
    match found {
        Err(Error::Forbidden(_) | Error::OutOfScope(_) | Error::NotFound) => Ok(T::default()),
        found => found,
    }
}

/// Those of these objects that the caller may see, a kind at a time.
pub async fn seen_together(scope: &Scope, keys: &[(Kind, Uuid)]) -> ServiceResult<HashMap<(Kind, Uuid), Node>> {
    let mut kinds: HashMap<Kind, Vec<Uuid>> = HashMap::new();
    for (kind, id) in keys {
        kinds.entry(*kind).or_default().push(*id);
    }
    let mut nodes = HashMap::new();
    for (kind, ids) in kinds {
        let found = seen(load_together(scope, kind, &ids).await)?;
        nodes.extend(found.into_iter().map(|(id, node)| ((kind, id), node)));
    }
    Ok(nodes)
}

/// What lists and notifications point at comes in one statement; the rest, of which there are few, one by one.
async fn load_together(scope: &Scope, kind: Kind, ids: &[Uuid]) -> ServiceResult<HashMap<Uuid, Node>> {
    Ok(match kind {
        Kind::Product => by_id(Product::by_ids(scope, &typed(ids)).await?, Node::Product),
        Kind::StockMovement => by_id(StockMovement::by_ids(scope, &typed(ids)).await?, Node::StockMovement),
        Kind::StockAlert => by_id(StockAlert::by_ids(scope, &typed(ids)).await?, Node::StockAlert),
        Kind::StockAlertRule => by_id(StockAlertRule::by_ids(scope, &typed(ids)).await?, Node::StockAlertRule),
        Kind::DataImport => by_id(DataImport::by_ids(scope, &typed(ids)).await?, Node::DataImport),
        Kind::Team => by_id(Team::by_ids(scope, &typed(ids)).await?, Node::Team),
        Kind::AuditEvent => by_id(AuditEvent::by_ids(scope, &typed(ids)).await?, Node::AuditEvent),
        _ => {
            let mut nodes = HashMap::new();
            for id in ids {
                nodes.extend(seen(load(scope, kind, *id).await)?.map(|node| (*id, node)));
            }
            nodes
        }
    })
}

fn typed<I: From<Uuid>>(ids: &[Uuid]) -> Vec<I> {
    ids.iter().map(|id| I::from(*id)).collect()
}

fn by_id<I: Into<Uuid>, T>(found: HashMap<I, T>, node: fn(T) -> Node) -> HashMap<Uuid, Node> {
    found.into_iter().map(|(id, row)| (id.into(), node(row))).collect()
}

async fn load(scope: &Scope, kind: Kind, id: Uuid) -> ServiceResult<Option<Node>> {
    Ok(match kind {
        Kind::User => members::user(scope, id.into()).await?.map(|person| Node::User(User::seen_by(scope, person))),
        Kind::Organization if id == scope.tenant().0 => Some(Node::Organization(Organization(organizations::get(scope).await?))),
        Kind::Organization => None,
        Kind::Membership => members::find(scope, id.into()).await?.map(|row| Node::Membership(Membership::alone(row))),
        Kind::Role => roles::find(scope, id.into()).await?.map(|row| Node::Role(Role(row))),
        Kind::DeviceSession => DeviceSession::find(scope, id.into()).await?.map(Node::DeviceSession),
        Kind::Invitation => invitations::find(scope, id.into()).await?.map(|row| Node::Invitation(Invitation::alone(row))),
        Kind::ExternalIdentity => external::find(scope, id.into()).await?.map(|row| Node::ExternalIdentity(row.into())),
        Kind::Team => teams::find(scope, id.into()).await?.map(|row| Node::Team(Team::alone(row))),
        Kind::ApiToken => api_tokens::find(scope, id.into()).await?.map(|row| Node::ApiToken(ApiToken(row))),
        Kind::ServiceAccount => service_accounts::find(scope, id.into()).await?.map(|row| Node::ServiceAccount(ServiceAccount::alone(row))),
        Kind::OauthClient => oauth::find(scope, id.into()).await?.map(|row| Node::OauthClient(OauthClient(row))),
        Kind::AuthorizedApp => oauth::find_app(scope, id.into()).await?.map(|app| Node::AuthorizedApp(AuthorizedApp(app))),
        Kind::Unit => catalog::find::<unit::Entity>(scope, id.into()).await?.map(|row| Node::Unit(row.into())),
        Kind::Category => catalog::find::<category::Entity>(scope, id.into()).await?.map(|row| Node::Category(Category::alone(row))),
        Kind::Supplier => catalog::find::<supplier::Entity>(scope, id.into()).await?.map(|row| Node::Supplier(row.into())),
        Kind::Warehouse => catalog::find::<warehouse::Entity>(scope, id.into()).await?.map(|row| Node::Warehouse(row.into())),
        Kind::Product => products::find(scope, id.into()).await?.map(|row| Node::Product(Product::alone(row))),
        Kind::StockLevel => stock::find(scope, id.into()).await?.map(|row| Node::StockLevel(StockLevel::alone(row))),
        Kind::StockMovement => movements::find(scope, id.into()).await?.map(|row| Node::StockMovement(StockMovement::alone(row))),
        Kind::Notification => notifications::read::find(scope, id.into()).await?.map(|row| Node::Notification(Notification::alone(row))),
        Kind::StockAlert => alerts::read::find(scope, id.into()).await?.map(|row| Node::StockAlert(StockAlert::alone(row))),
        Kind::StockAlertRule => alerts::rules::find(scope, id.into()).await?.map(|row| Node::StockAlertRule(StockAlertRule::alone(row))),
        Kind::FileUpload => files::find_upload(scope, id.into()).await?.map(|upload| Node::FileUpload(upload.into())),
        Kind::File => files::find(scope, id.into()).await?.map(|row| Node::File(row.into())),
        Kind::DataImport => data_imports::find(scope, id.into()).await?.map(|row| Node::DataImport(DataImport::alone(row))),
        Kind::DataImportRowError => data_imports::find_error(scope, id.into()).await?.map(|row| Node::DataImportRowError(row.into())),
        Kind::AuditEvent => audit::find(scope, id.into()).await?.map(|row| Node::AuditEvent(AuditEvent::alone(row))),
        Kind::Job => admin::find(&Desk::Organization(scope.clone()), id.into()).await?.map(|row| Node::Job(row.into())),
    })
}

use super::organization::Organization;
use crate::context::Ask;
use crate::error::Result;
use crate::scalars::DateTime;
use async_graphql::{Context, ID, Object};
use entities::identity::SessionId;
use services::identity::devices::{self, Device};
use services::{Result as ServiceResult, Scope};

/// A device on which the person is signed in.
#[derive(Clone)]
pub struct DeviceSession(pub Device);

impl DeviceSession {
    pub async fn find(scope: &Scope, id: SessionId) -> ServiceResult<Option<Self>> {
        Ok(devices::find(scope, id).await?.map(Self))
    }
}

/// A device on which the person is signed in.
#[Object]
impl DeviceSession {
    /// Opaque.
    pub async fn id(&self) -> ID {
        crate::ids::GlobalId::to_global(self.0.session.id)
    }
    /// Whether it is the one that asks.
    async fn current(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(ctx.person()?.session()? == self.0.session.id)
    }
    /// What the device called itself at sign-in (`User-Agent`); null when it said nothing.
    async fn user_agent(&self) -> Option<&str> {
        self.0.session.user_agent.as_deref()
    }
    /// When the person signed in.
    async fn created_at(&self) -> DateTime {
        self.0.session.created_at.into()
    }
    /// When its tokens were last renewed.
    async fn last_refreshed_at(&self) -> DateTime {
        self.0.session.refreshed_at.into()
    }
    /// When it ends, however often it is renewed.
    async fn expires_at(&self) -> DateTime {
        self.0.session.expires_at.into()
    }
    /// The organisation it is in; null for an account alone.
    async fn organization(&self) -> Option<Organization> {
        self.0.organization.clone().map(Organization)
    }
}

connection!(DeviceSession, DeviceSessionConnection, DeviceSessionEdge, "sessions");

use crate::alerts::types::AlertSeverity;
use crate::context::Ask;
use crate::error::Result;
use crate::ids::{GlobalId, Kind};
use crate::node::{self, Node};
use crate::scalars::DateTime;
use crate::together::Together;
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use entities::notifications::{NotificationId, delivery, notification};
use services::locale::Locale;
use services::notifications::{self, Severity, Words, read};
use services::page::Page;
use std::sync::Arc;
use tokio::sync::OnceCell;
use uuid::Uuid;

/// Something the reader was told.
#[derive(Clone)]
pub struct Notification {
    pub row: notification::Model,
    page: Arc<NotificationPage>,
}

/// What the notifications of one page share.
pub struct NotificationPage {
    deliveries: Together<NotificationId, Vec<delivery::Model>>,
    subjects: Together<(Kind, Uuid), Node>,
    time_zone: OnceCell<String>,
}

impl NotificationPage {
    fn of<'a>(rows: impl Iterator<Item = &'a notification::Model> + Clone) -> Arc<Self> {
        Arc::new(Self {
            deliveries: Together::new(rows.clone().map(|row| row.id)),
            subjects: Together::new(rows.filter_map(subject)),
            time_zone: OnceCell::new(),
        })
    }
}

fn subject(row: &notification::Model) -> Option<(Kind, Uuid)> {
    row.subject_kind.as_deref().and_then(Kind::of_name).zip(row.subject_id)
}

impl Notification {
    pub fn alone(row: notification::Model) -> Self {
        let page = NotificationPage::of(std::iter::once(&row));
        Self { row, page }
    }

    pub fn all(rows: Vec<notification::Model>) -> Vec<Self> {
        let page = NotificationPage::of(rows.iter());
        rows.into_iter().map(|row| Self { row, page: page.clone() }).collect()
    }

    pub fn page(page: Page<notification::Model>) -> Page<Self> {
        let together = NotificationPage::of(page.items().collect::<Vec<_>>().into_iter());
        page.map(|row| Self { row, page: together.clone() })
    }

    async fn words(&self, ctx: &Context<'_>) -> Result<Words> {
        let scope = ctx.scope()?;
        let zone = self.page.time_zone.get_or_try_init(|| read::time_zone(scope)).await?;
        Ok(notifications::words(&self.row, scope.locale(), zone))
    }
}

/// Something the reader was told.
#[Object]
impl Notification {
    /// Opaque.
    pub async fn id(&self) -> ID {
        self.row.id.to_global()
    }
    /// What kind of news it is.
    async fn category(&self) -> NotificationCategory {
        self.row.category.into()
    }
    /// In a few words, in the reader's language.
    async fn title(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(self.words(ctx).await?.title)
    }
    /// The whole of it, in the reader's language and form of numbers and dates.
    async fn body(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(self.words(ctx).await?.body)
    }
    /// How much it matters.
    async fn severity(&self) -> AlertSeverity {
        match self.row.severity {
            Severity::Info => AlertSeverity::Info,
            Severity::Warning => AlertSeverity::Warning,
            Severity::Critical => AlertSeverity::Critical,
        }
    }
    /// What it speaks of, where the reader may see it.
    async fn subject(&self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let Some(key) = subject(&self.row) else { return Ok(None) };
        let scope = ctx.scope()?;
        Ok(self.page.subjects.get(key, |keys| node::seen_together(scope, keys)).await?)
    }
    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
    /// When the reader read it; null while unread.
    async fn read_at(&self) -> Option<DateTime> {
        self.row.read_at.map(Into::into)
    }
    /// When it was put away.
    async fn archived_at(&self) -> Option<DateTime> {
        self.row.archived_at.map(Into::into)
    }
    /// How it fared on each channel.
    async fn deliveries(&self, ctx: &Context<'_>) -> Result<Vec<NotificationDelivery>> {
        let scope = ctx.scope()?;
        let rows = self.page.deliveries.get(self.row.id, |ids| read::deliveries_of(scope, ids)).await?.unwrap_or_default();
        Ok(rows.into_iter().map(|row| NotificationDelivery::new(row, scope.locale())).collect())
    }
}

connection!(Notification, NotificationConnection, NotificationEdge, "notifications", {
    /// Where `notificationReceived` goes on from this list without a gap.
    stream_cursor: String
});

/// A notification's way over one channel.
#[derive(SimpleObject)]
pub struct NotificationDelivery {
    /// The way to the person.
    channel: NotificationChannel,
    /// How far it got; it only moves forward.
    state: DeliveryState,
    /// Who carries it: twilio, smtp, or outbox for the local folder.
    provider: Option<String>,
    /// The provider's name for the message.
    provider_message_id: Option<String>,
    /// How often it was tried.
    attempts: i32,
    /// What went wrong, or why it was not sent, in the reader's language.
    error: Option<String>,
    /// When any of this last changed.
    updated_at: DateTime,
}

impl NotificationDelivery {
    fn new(row: delivery::Model, locale: Locale) -> Self {
        Self {
            channel: row.channel.into(),
            state: row.state.into(),
            error: notifications::trouble(&row, locale),
            provider: row.provider,
            provider_message_id: row.provider_message_id,
            attempts: row.attempts,
            updated_at: row.updated_at.into(),
        }
    }
}

/// What kind of news a notification is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "notifications::Category")]
pub enum NotificationCategory {
    /// Stock runs low, is out, or orders are not met in full.
    StockAlert,
    /// An import has ended.
    DataImport,
    /// Somebody's account or rights.
    Security,
    /// The product itself; test alerts, too.
    System,
    /// Several things at once.
    Digest,
}

/// A way to reach a person.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "notifications::Channel")]
pub enum NotificationChannel {
    /// The list in the application.
    InApp,
    /// The account's address.
    Email,
    /// The profile's number, with the person's consent.
    #[graphql(name = "WHATSAPP")]
    Whatsapp,
    /// Not available yet.
    Sms,
    /// Not available yet.
    WebPush,
    /// Not available yet.
    Webhook,
}

/// How far a message got.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "notifications::DeliveryState")]
pub enum DeliveryState {
    /// Waits to be handed over.
    Queued,
    /// The provider has it.
    Sent,
    /// It arrived.
    Delivered,
    /// It was opened, where the channel tells.
    Read,
    /// Given up.
    Failed,
    /// The mailbox refused it.
    Bounced,
    /// Never tried; `error` says why.
    Suppressed,
}

//! What people are told, over which channels, and how far each message got.

pub mod delivery;
mod kinds;
pub mod notification;

pub use kinds::{Category, Channel, Content, DeliveryState, Severity};

crate::id!(NotificationId, NotificationDeliveryId);

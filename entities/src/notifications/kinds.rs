use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $variant:ident),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
        )]
        #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum $name { $($(#[$about])* $variant),* }

        impl $name {
            /// The word it is stored by.
            pub fn word(self) -> String {
                self.to_value()
            }
        }
    )*};
}

words! {
    /// What a notification is about.
    Category { StockAlert, DataImport, Security, System, Digest }

    /// How much it matters, of alerts and notifications alike.
    Severity { Info, Warning, Critical }

    /// A way to reach a person.
    Channel { InApp, Email, Whatsapp, Sms, WebPush, Webhook }

    /// How far a message got on one channel.
    DeliveryState {
        /// Not handed over yet.
        Queued,
        /// Taken by the provider.
        Sent,
        /// Arrived.
        Delivered,
        /// Opened, where the channel tells.
        Read,
        /// Given up.
        Failed,
        /// Refused by the person's mailbox.
        Bounced,
        /// Never tried, for a reason that is kept.
        Suppressed,
    }

    /// What was sent over WhatsApp.
    Content {
        /// Our own words, allowed within a day of the person's last message.
        FreeText,
        /// An approved template.
        Template,
    }
}

//! How a delivery's state moves: forward only.

use entities::Timestamp;
use entities::notifications::{Channel, DeliveryState};

/// Why a delivery is suppressed.
pub const NO_PHONE: &str = "NO_PHONE";
pub const NO_CONSENT: &str = "NO_CONSENT";
pub const NO_CHANNEL: &str = "NO_CHANNEL";
pub const NOT_A_MEMBER: &str = "NOT_A_MEMBER";

/// Whether anything carries messages over this channel yet.
pub fn is_available(channel: Channel) -> bool {
    matches!(channel, Channel::InApp | Channel::Email | Channel::Whatsapp)
}

/// Why WhatsApp may not be used to reach somebody.
pub fn unreachable(phone: Option<&str>, consent_at: Option<Timestamp>) -> Option<&'static str> {
    match (phone, consent_at) {
        (None, _) => Some(NO_PHONE),
        (Some(_), None) => Some(NO_CONSENT),
        (Some(_), Some(_)) => None,
    }
}

/// The state after hearing `heard`; none where it would stand still or go back. What failed stays failed, and what has
/// arrived cannot fail.
pub fn advance(now: DeliveryState, heard: DeliveryState) -> Option<DeliveryState> {
    use DeliveryState::{Bounced, Delivered, Failed, Queued, Read, Sent, Suppressed};
    let rank = |state| match state {
        Queued => 0,
        Sent => 1,
        Delivered => 2,
        Read => 3,
        Failed | Bounced | Suppressed => 4,
    };
    match (now, heard) {
        (Failed | Bounced | Suppressed, _) => None,
        (Delivered | Read, Failed | Bounced | Suppressed) => None,
        _ => (rank(heard) > rank(now)).then_some(heard),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DeliveryState::{Delivered, Failed, Queued, Read, Sent};

    #[test]
    fn moves_forward_only() {
        for (now, heard, after) in [
            (Queued, Sent, Some(Sent)),
            (Queued, Read, Some(Read)),
            (Sent, Sent, None),
            (Delivered, Sent, None),
            (Read, Delivered, None),
            (Sent, Failed, Some(Failed)),
            (Delivered, Failed, None),
            (Failed, Delivered, None),
        ] {
            assert_eq!(advance(now, heard), after, "{now:?} hears {heard:?}");
        }
    }
}

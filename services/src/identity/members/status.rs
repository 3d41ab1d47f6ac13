//! Where a membership can go from where it stands.

use entities::identity::membership::MembershipStatus;

/// What happens to a membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::identity) enum Act {
    Suspend,
    Reactivate,
    Remove,
    Leave,
    /// Of somebody who left, and accepts an invitation.
    Return,
}

impl Act {
    /// Where it leads; none where it cannot happen.
    pub fn from(self, status: MembershipStatus) -> Option<MembershipStatus> {
        use MembershipStatus::{Active, Left, Suspended};
        match (self, status) {
            (Self::Suspend, Active) => Some(Suspended),
            (Self::Reactivate, Suspended) | (Self::Return, Left) => Some(Active),
            (Self::Remove, Active | Suspended) | (Self::Leave, Active) => Some(Left),
            _ => None,
        }
    }

    /// As what it is written down.
    pub fn audited(self) -> &'static str {
        match self {
            Self::Suspend => "identity.member.suspend",
            Self::Reactivate => "identity.member.reactivate",
            Self::Remove => "identity.member.remove",
            Self::Leave => "identity.member.leave",
            Self::Return => "identity.member.return",
        }
    }

    /// Whether their sessions in the organisation end.
    pub fn ends_sessions(self) -> bool {
        matches!(self, Self::Suspend | Self::Remove | Self::Leave)
    }

    /// Whether nothing stays of what they might do, should they come back.
    pub fn ends_rights(self) -> bool {
        matches!(self, Self::Remove | Self::Leave)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use MembershipStatus::{Active, Invited, Left, Suspended};

    #[test]
    fn a_membership_goes_these_ways_and_no_other() {
        let ways = [
            (Act::Suspend, Active, Suspended),
            (Act::Reactivate, Suspended, Active),
            (Act::Remove, Active, Left),
            (Act::Remove, Suspended, Left),
            (Act::Leave, Active, Left),
            (Act::Return, Left, Active),
        ];
        for act in [Act::Suspend, Act::Reactivate, Act::Remove, Act::Leave, Act::Return] {
            for from in [Invited, Active, Suspended, Left] {
                let to = ways.iter().find(|way| (way.0, way.1) == (act, from)).map(|way| way.2);
                assert_eq!(act.from(from), to, "{act:?} from {from:?}");
                assert!(to.is_none_or(|to| act.ends_sessions() == (to != Active)), "{act:?}: who is not active has no session");
            }
        }
    }
}

use async_graphql::{ID, InputObject};

/// The roles a member is to have, in place of those they hold.
#[derive(InputObject)]
pub struct MemberRolesSetInput {
    /// The membership.
    pub id: ID,
    /// From 1 to 20. Those that are given and those that are taken have no right that one lacks oneself.
    pub role_ids: Vec<ID>,
    /// Refuses the change when the membership is at another version by now.
    pub expected_version: Option<i32>,
}

/// The member to close the organisation to.
#[derive(InputObject)]
pub struct MemberSuspendInput {
    /// The membership.
    pub id: ID,
    /// Refuses the change when the membership is at another version by now.
    pub expected_version: Option<i32>,
}

/// The member to open it to again.
#[derive(InputObject)]
pub struct MemberReactivateInput {
    /// The membership.
    pub id: ID,
    /// Refuses the change when the membership is at another version by now.
    pub expected_version: Option<i32>,
}

/// The member whose membership ends.
#[derive(InputObject)]
pub struct MemberRemoveInput {
    /// The membership.
    pub id: ID,
    /// Refuses the change when the membership is at another version by now.
    pub expected_version: Option<i32>,
}

/// The organisation to leave.
#[derive(InputObject)]
pub struct OrganizationLeaveInput {
    /// One of one's own, active or not.
    pub organization_id: ID,
}

/// Who is to own the organisation.
#[derive(InputObject)]
pub struct OwnershipTransferInput {
    /// The membership of an active member.
    pub id: ID,
    /// Refuses the change when the membership is at another version by now.
    pub expected_version: Option<i32>,
}

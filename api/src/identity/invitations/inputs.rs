use crate::ids::GlobalId;
use async_graphql::{ID, InputObject};
use entities::identity::RoleId;
use services::identity::invitations::NewInvitation;

/// Whom to invite, as what.
#[derive(InputObject)]
pub struct InvitationCreateInput {
    /// The address that the invitation is of, whether or not it has an account.
    email: String,
    /// From 1 to 20, with no right that one lacks oneself.
    role_ids: Vec<ID>,
    /// How the letter addresses the person.
    display_name: Option<String>,
    /// In one's own words; at most 1,000 characters.
    message: Option<String>,
}

impl From<InvitationCreateInput> for NewInvitation {
    fn from(input: InvitationCreateInput) -> Self {
        let roles = RoleId::of_globals(&input.role_ids);
        Self { email: input.email, roles, display_name: input.display_name, message: input.message }
    }
}

/// The invitation to send again.
#[derive(InputObject)]
pub struct InvitationResendInput {
    /// One that waits or has expired.
    pub id: ID,
}

/// The invitation to take back.
#[derive(InputObject)]
pub struct InvitationRevokeInput {
    /// One that waits.
    pub id: ID,
}

/// What shows that one was invited.
#[derive(InputObject)]
pub struct InvitationAcceptInput {
    /// As it stands in the link of the letter, behind `token=`.
    pub token: String,
}

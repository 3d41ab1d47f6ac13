//! People, organisations, who belongs where with which rights, and who is signed in.

pub mod account_link;
pub mod api_token;
pub mod external_identity;
pub mod invitation;
pub mod invitation_role;
pub mod known_device;
pub mod membership;
pub mod membership_role;
pub mod oauth_client;
pub mod oauth_code;
pub mod oauth_consent;
pub mod oauth_grant;
pub mod oauth_refresh_token;
pub mod operator;
pub mod organization;
pub mod recovery_code;
pub mod refresh_token;
pub mod role;
pub mod role_grant;
pub mod second_factor;
pub mod security_event;
pub mod session;
pub mod signing_key;
pub mod spent_flow;
pub mod team;
pub mod team_member;
pub mod user;

crate::id!(
    UserId,
    MembershipId,
    RoleId,
    RoleGrantId,
    MembershipRoleId,
    SessionId,
    RefreshTokenId,
    AccountLinkId,
    RecoveryCodeId,
    SigningKeyId,
    InvitationId,
    InvitationRoleId,
    ExternalIdentityId,
    SpentFlowId,
    KnownDeviceId,
    SecurityEventId,
    TeamId,
    TeamMemberId,
    ApiTokenId,
    // A membership's, of a service account.
    ServiceAccountId,
    OauthClientId,
    OauthGrantId,
    OauthConsentId,
    OauthCodeId,
    OauthRefreshTokenId,
);

use super::types::{Organization, Session, SignInChallenge, User, Viewer};
use crate::error::{Result, UserError, refused};
use async_graphql::SimpleObject;
use services::identity::sessions::SignedIn;

/// What came of `signUp`.
#[derive(SimpleObject, Default)]
pub struct SignUpPayload {
    /// The new account.
    pub user: Option<User>,
    /// Its organisation, when one was named.
    pub organization: Option<Organization>,
    /// Its first session.
    pub session: Option<Session>,
    /// Every rule that refused the input; empty when all went well.
    pub user_errors: Vec<UserError>,
}

/// What came of `signIn`: a session, or a challenge for the second factor.
#[derive(SimpleObject, Default)]
pub struct SignInPayload {
    /// The session, when the password was enough.
    pub session: Option<Session>,
    /// What is still to be shown.
    pub challenge: Option<SignInChallenge>,
    /// Every rule that refused the input; empty when all went well.
    pub user_errors: Vec<UserError>,
}

impl SignInPayload {
    pub fn of_entered(entered: services::Result<SignedIn>) -> Result<Self> {
        let (entered, user_errors) = refused(entered)?;
        let (session, challenge) = match entered {
            Some(SignedIn::Session(session)) => (Some(Session(session)), None),
            Some(SignedIn::Challenge(challenge)) => (None, Some(challenge.into())),
            None => (None, None),
        };
        Ok(Self { session, challenge, user_errors })
    }
}

/// What came of `signOut`.
#[derive(SimpleObject, Default)]
pub struct SignOutPayload {
    /// Every rule that refused the input; empty when all went well.
    pub user_errors: Vec<UserError>,
}

payload! {
    SessionRefreshPayload {
        /// The session with its new tokens.
        session: Session
    },
    SessionRevokePayload {
        /// The person, with the sessions that are left.
        viewer: Viewer
    },
    PasswordChangePayload {
        /// The person; all other sessions are over.
        viewer: Viewer
    },
    OrganizationCreatePayload {
        /// The new organisation; the session goes on in the old one.
        organization: Organization
    },
    OrganizationSwitchPayload {
        /// The session in the other organisation; the old one is over.
        session: Session
    },
    OrganizationUpdatePayload {
        /// The organisation as it is now, also after STALE_VERSION.
        organization: Organization
    },
    ViewerUpdatePayload {
        /// The account as it is now.
        user: User
    },
    WhatsAppConsentSetPayload {
        /// The account as it is now.
        user: User
    },
}

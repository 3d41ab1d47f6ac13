//! Further people of a fixture's organisation.

use super::{Fixture, PASSWORD, serial};
use crate::identity::invitations::{self, NewInvitation};
use crate::identity::{Caller, ShippedRole, SignUp, SignedUp, authenticate, sessions, sign_up};
use crate::locale::Locale;
use crate::notifications::Letter;
use crate::work::JobKind;
use crate::{App, Doorway, Reads, Scope};
use entities::identity::{ExternalIdentityId, InvitationId, RoleId, external_identity, membership, membership_role, role, user};
use entities::work::job;
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::ColumnTrait;

/// A person with an account and no organisation.
pub async fn person(app: &App) -> SignedUp {
    let input = SignUp {
        email: format!("person{}@teranga.example", serial()),
        password: PASSWORD.into(),
        display_name: "Fatou Ndiaye".into(),
        ..SignUp::default()
    };
    sign_up(&Doorway::new(app, Locale::Fr), input).await.expect("a fresh address signs up")
}

/// The owner of an address showed that they read its mail.
pub async fn confirm_address(app: &App, address: &str) {
    let tx = Doorway::new(app, Locale::Fr).begin().await.expect("the database is there");
    let row = tx.one::<user::Entity>(user::Column::Email.eq(address)).await.expect("readable").expect("an account");
    let row = user::ActiveModel { id: Unchanged(row.id), email_verified_at: Set(Some(app.now())), ..Default::default() };
    tx.update(row).await.expect("written");
    tx.commit().await.expect("the database is there");
}

/// An account elsewhere that signs this person in.
pub async fn external_identity(app: &App, caller: &Caller) -> ExternalIdentityId {
    let (id, now) = (app.new_id(), app.now());
    let row = external_identity::ActiveModel {
        id: Set(id),
        user_id: Set(caller.user),
        provider: Set("lycee".to_owned()),
        issuer: Set("https://lycee.example".to_owned()),
        subject: Set(format!("subject-{}", serial())),
        email: Set(None),
        linked_at: Set(now),
        used_at: Set(now),
    };
    let tx = Doorway::new(app, Locale::Fr).begin().await.expect("the database is there");
    tx.insert(row).await.expect("a fresh subject");
    tx.commit().await.expect("the database is there");
    id
}

/// An invitation, and the token that goes to its address.
pub async fn invited(scope: &Scope, new: NewInvitation) -> (InvitationId, String) {
    let (row, link) = invitations::create_and_tell(scope, new).await.expect("invited");
    (row.id, link.token(scope.app()))
}

/// The new token of an invitation that is sent again.
pub async fn resent(scope: &Scope, id: InvitationId) -> String {
    invitations::resend_and_tell(scope, id).await.expect("sent again").1.token(scope.app())
}

/// The letters that the organisation has asked for, by key.
pub async fn letters(scope: &Scope) -> Vec<Letter> {
    let jobs = scope.select::<job::Entity>().filter(job::Column::Kind.eq(Letter::KIND)).all().await.expect("readable");
    let mut letters: Vec<Letter> = jobs.iter().map(|job| serde_json::from_str(&job.payload).expect("a letter")).collect();
    letters.sort_by(|one, other| one.key.cmp(&other.key));
    letters
}

/// The organisation's role of this kind.
pub async fn shipped_role(fixture: &Fixture, shipped: ShippedRole) -> RoleId {
    role_of(&fixture.again(), shipped).await
}

async fn role_of(scope: &Scope, shipped: ShippedRole) -> RoleId {
    let found = scope.select::<role::Entity>().filter(role::Column::Key.eq(shipped.key())).one().await;
    found.expect("readable").expect("an organisation has all shipped roles").id
}

/// A further member with these shipped roles, signed in.
pub async fn member(fixture: &Fixture, roles: &[ShippedRole]) -> Caller {
    member_of(&fixture.again(), roles).await
}

/// The same of another organisation.
pub async fn member_of(scope: &Scope, roles: &[ShippedRole]) -> Caller {
    let mut ids = Vec::new();
    for shipped in roles {
        ids.push(role_of(scope, *shipped).await);
    }
    joined(scope, &ids).await
}

/// A further member with these roles, signed in.
pub async fn member_with(fixture: &Fixture, roles: &[RoleId]) -> Caller {
    joined(&fixture.again(), roles).await
}

async fn joined(scope: &Scope, roles: &[RoleId]) -> Caller {
    let user = person(scope.app()).await.user;
    join(scope, &user, roles).await;
    sign_in(scope, &user).await
}

async fn join(scope: &Scope, user: &user::Model, roles: &[RoleId]) {
    let txn = scope.begin().await.expect("the database is there");
    let row = membership::ActiveModel {
        id: Set(txn.new_id()),
        user_id: Set(user.id),
        status: Set(membership::MembershipStatus::Active),
        created_at: Set(txn.now()),
        updated_at: Set(txn.now()),
        ..Default::default()
    };
    let member = txn.insert(row).await.expect("joined").id;
    for role in roles {
        let held =
            membership_role::ActiveModel { id: Set(txn.new_id()), membership_id: Set(member), role_id: Set(*role), ..Default::default() };
        txn.insert(held).await.expect("given");
    }
    txn.commit().await.expect("committed");
}

/// A person's new session in the organisation.
async fn sign_in(scope: &Scope, user: &user::Model) -> Caller {
    let doorway = Doorway::new(scope.app(), Locale::Fr);
    let tx = doorway.begin().await.expect("the database is there");
    let session = sessions::open(&tx, &doorway, user, Some(scope.tenant()), None).await.expect("opened");
    tx.commit().await.expect("committed");
    authenticate(scope.app(), &session.access_token).await.expect("readable").expect("a member")
}

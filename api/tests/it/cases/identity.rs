//! Calls about people, their accounts, their organisations and what they may do there.

use super::{Case, case};
use crate::world::Things;
use serde_json::{Value, json};

pub(super) fn cases() -> Vec<Case> {
    let none: fn(&Things) -> Value = |_| json!({});
    vec![
        case("Query.node", "query($id: ID!) { node(id: $id) { __typename id } }", |t| json!({"id": t.product}), every_node!("id")),
        case(
            "Query.nodes",
            "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }",
            |t| json!({"ids": [t.product]}),
            every_node!("ids[]"),
        ),
        case("Query.viewer", "{ viewer { user { id } organizations { nodes { id } } } }", none, &[]),
        case("Query.rateLimit", "{ rateLimit { limit remaining resetAt } }", none, &[]),
        case(
            "Query.organization",
            "{ organization { id memberships { nodes { id user { email } } } roles { nodes { id version } } } }",
            none,
            &[],
        ),
        case(
            "Mutation.signUp",
            "mutation { signUp(input: {email: \"x\", password: \"x\", displayName: \"\"}) { userErrors { code } } }",
            none,
            &[],
        ),
        case(
            "Mutation.signIn",
            "mutation($input: SignInInput!) { signIn(input: $input) { session { accessToken } userErrors { code path } } }",
            |t| json!({"input": {"email": "nobody@teranga.example", "password": "no", "organizationId": t.organization}}),
            &[("input.organizationId", |t| &t.organization)],
        ),
        case("Mutation.sessionRefresh", "mutation { sessionRefresh(input: {refreshToken: \"x\"}) { userErrors { code } } }", none, &[]),
        case("Mutation.signOut", "mutation { signOut(input: {}) { userErrors { code } } }", none, &[]),
        case(
            "Mutation.organizationSwitch",
            "mutation($input: OrganizationSwitchInput!) { organizationSwitch(input: $input) { session { organization { id } } userErrors { code path message } } }",
            |t| json!({"input": {"organizationId": t.organization}}),
            &[("input.organizationId", |t| &t.organization)],
        ),
        case(
            "Mutation.organizationUpdate",
            "mutation { organizationUpdate(input: {name: \"Autre nom\"}) { organization { id name } userErrors { code } } }",
            none,
            &[],
        ),
        case("Query.permissions", "{ permissions { permission description scopes } }", none, &[]),
        case(
            "Mutation.roleCreate",
            "mutation($input: RoleCreateInput!) { roleCreate(input: $input) { role { name } userErrors { code path message } } }",
            |t| json!({"input": {"name": "Gardien", "copyOf": t.own_role}}),
            &[("input.copyOf", |t| &t.own_role)],
        ),
        case(
            "Mutation.roleUpdate",
            "mutation($input: RoleUpdateInput!) { roleUpdate(input: $input) { role { name } userErrors { code path message } } }",
            |t| json!({"input": {"id": t.own_role, "permissions": [{"permission": "INVENTORY_STOCK_READ"}]}}),
            &[("input.id", |t| &t.own_role)],
        ),
        case(
            "Mutation.roleDelete",
            "mutation($input: RoleDeleteInput!) { roleDelete(input: $input) { deletedId userErrors { code path message } } }",
            |t| json!({"input": {"id": t.own_role}}),
            &[("input.id", |t| &t.own_role)],
        ),
        case(
            "Mutation.memberRolesSet",
            "mutation($input: MemberRolesSetInput!) { memberRolesSet(input: $input) { membership { roles { nodes { id } } } userErrors { code path message } } }",
            |t| json!({"input": {"id": t.colleague, "roleIds": [t.own_role]}}),
            &[("input.id", |t| &t.colleague), ("input.roleIds[]", |t| &t.own_role)],
        ),
        case(
            "Mutation.memberSuspend",
            "mutation($input: MemberSuspendInput!) { memberSuspend(input: $input) { membership { status } userErrors { code path message } } }",
            |t| json!({"input": {"id": t.colleague}}),
            &[("input.id", |t| &t.colleague)],
        ),
        case(
            "Mutation.memberReactivate",
            "mutation($input: MemberReactivateInput!) { memberReactivate(input: $input) { membership { status } userErrors { code path message } } }",
            |t| json!({"input": {"id": t.colleague}}),
            &[("input.id", |t| &t.colleague)],
        ),
        case(
            "Mutation.memberRemove",
            "mutation($input: MemberRemoveInput!) { memberRemove(input: $input) { membership { status } userErrors { code path message } } }",
            |t| json!({"input": {"id": t.colleague}}),
            &[("input.id", |t| &t.colleague)],
        ),
        case(
            "Mutation.organizationLeave",
            "mutation($input: OrganizationLeaveInput!) { organizationLeave(input: $input) { viewer { organizations { nodes { id } } } userErrors { code path message } } }",
            |t| json!({"input": {"organizationId": t.organization}}),
            &[("input.organizationId", |t| &t.organization)],
        ),
        case(
            "Mutation.ownershipTransfer",
            "mutation($input: OwnershipTransferInput!) { ownershipTransfer(input: $input) { membership { roles { nodes { id } } } userErrors { code path message } } }",
            |t| json!({"input": {"id": t.colleague}}),
            &[("input.id", |t| &t.colleague)],
        ),
        case(
            "Mutation.invitationCreate",
            "mutation($input: InvitationCreateInput!) { invitationCreate(input: $input) { invitation { email roles { nodes { id } } } userErrors { code path message } } }",
            |t| json!({"input": {"email": "fatou@teranga.example", "roleIds": [t.own_role]}}),
            &[("input.roleIds[]", |t| &t.own_role)],
        ),
        case(
            "Mutation.invitationResend",
            "mutation($input: InvitationResendInput!) { invitationResend(input: $input) { invitation { state } userErrors { code path message } } }",
            |t| json!({"input": {"id": t.invitation}}),
            &[("input.id", |t| &t.invitation)],
        ),
        case(
            "Mutation.invitationRevoke",
            "mutation($input: InvitationRevokeInput!) { invitationRevoke(input: $input) { invitation { state } userErrors { code path message } } }",
            |t| json!({"input": {"id": t.invitation}}),
            &[("input.id", |t| &t.invitation)],
        ),
        case(
            "Mutation.invitationAccept",
            "mutation { invitationAccept(input: {token: \"x\"}) { organization { id } userErrors { code path } } }",
            none,
            &[],
        ),
        case(
            "Mutation.sessionRevoke",
            "mutation($input: SessionRevokeInput!) { sessionRevoke(input: $input) { viewer { sessions { nodes { id current } } } userErrors { code } } }",
            |t| json!({"input": {"id": t.session}}),
            &[("input.id", |t| &t.session)],
        ),
        case(
            "Mutation.apiTokenCreate",
            "mutation($input: ApiTokenCreateInput!) { apiTokenCreate(input: $input) { apiToken { name permissions } userErrors { code path message } } }",
            |t| json!({"input": {"name": "Caisse", "permissions": ["INVENTORY_PRODUCT_READ"], "serviceAccountId": t.service_account}}),
            &[("input.serviceAccountId", |t| &t.service_account)],
        ),
        case(
            "Query.serviceAccounts",
            "{ serviceAccounts { totalCount nodes { id name status roles { nodes { id } } apiTokens { totalCount nodes { id } } } } }",
            none,
            &[],
        ),
        case(
            "Mutation.serviceAccountCreate",
            "mutation($input: ServiceAccountCreateInput!) { serviceAccountCreate(input: $input) { serviceAccount { name } userErrors { code path message } } }",
            |t| json!({"input": {"name": "Balance", "roleIds": [t.own_role]}}),
            &[("input.roleIds[]", |t| &t.own_role)],
        ),
        case(
            "Mutation.serviceAccountUpdate",
            "mutation($input: ServiceAccountUpdateInput!) { serviceAccountUpdate(input: $input) { serviceAccount { name } userErrors { code path message } } }",
            |t| json!({"input": {"id": t.service_account, "name": "Balance", "roleIds": [t.own_role]}}),
            &[("input.id", |t| &t.service_account), ("input.roleIds[]", |t| &t.own_role)],
        ),
        case(
            "Mutation.serviceAccountRemove",
            "mutation($input: ServiceAccountRemoveInput!) { serviceAccountRemove(input: $input) { serviceAccount { name } userErrors { code path message } } }",
            |t| json!({"input": {"id": t.service_account}}),
            &[("input.id", |t| &t.service_account)],
        ),
        case(
            "Mutation.apiTokenRevoke",
            "mutation($input: ApiTokenRevokeInput!) { apiTokenRevoke(input: $input) { apiToken { name } userErrors { code path message } } }",
            |t| json!({"input": {"id": t.api_token}}),
            &[("input.id", |t| &t.api_token)],
        ),
        case(
            "Mutation.passwordChange",
            "mutation { passwordChange(input: {currentPassword: \"baobab et tamarin\", newPassword: \"baobab et fromager\"}) { userErrors { code path } } }",
            none,
            &[],
        ),
        case(
            "Mutation.emailVerificationSend",
            "mutation { emailVerificationSend { viewer { user { emailVerified } } userErrors { code path } } }",
            none,
            &[],
        ),
        case("Mutation.emailVerify", "mutation { emailVerify(input: {token: \"x\"}) { email userErrors { code path } } }", none, &[]),
        case(
            "Mutation.passwordResetRequest",
            "mutation { passwordResetRequest(input: {email: \"nobody@teranga.example\"}) { userErrors { code path } } }",
            none,
            &[],
        ),
        case(
            "Mutation.passwordReset",
            "mutation { passwordReset(input: {token: \"x\", newPassword: \"kora et balafon\"}) { userErrors { code path } } }",
            none,
            &[],
        ),
        case(
            "Mutation.emailChangeRequest",
            "mutation { emailChangeRequest(input: {newEmail: \"new@teranga.example\", currentPassword: \"baobab\"}) { userErrors { code path } } }",
            none,
            &[],
        ),
        case("Mutation.emailChange", "mutation { emailChange(input: {token: \"x\"}) { email userErrors { code path } } }", none, &[]),
        case(
            "Mutation.signInComplete",
            "mutation { signInComplete(input: {token: \"x\", code: \"000000\"}) { session { accessToken } userErrors { code path } } }",
            none,
            &[],
        ),
        case(
            "Mutation.sessionProve",
            "mutation { sessionProve(input: {currentPassword: \"baobab\"}) { viewer { user { id } } userErrors { code path } } }",
            none,
            &[],
        ),
        case(
            "Mutation.secondFactorBegin",
            "mutation { secondFactorBegin(input: {currentPassword: \"baobab\"}) { secret userErrors { code path } } }",
            none,
            &[],
        ),
        case(
            "Mutation.secondFactorConfirm",
            "mutation { secondFactorConfirm(input: {code: \"000000\"}) { recoveryCodes userErrors { code path } } }",
            none,
            &[],
        ),
        case(
            "Mutation.secondFactorRemove",
            "mutation { secondFactorRemove(input: {currentPassword: \"baobab\", code: \"000000\"}) { viewer { secondFactor { since } } userErrors { code path } } }",
            none,
            &[],
        ),
        case(
            "Mutation.recoveryCodesRenew",
            "mutation { recoveryCodesRenew(input: {code: \"000000\"}) { recoveryCodes userErrors { code path } } }",
            none,
            &[],
        ),
        case(
            "Mutation.viewerUpdate",
            "mutation { viewerUpdate(input: {displayName: \"Modou\"}) { user { id } userErrors { code } } }",
            none,
            &[],
        ),
        case(
            "Mutation.whatsAppConsentSet",
            "mutation { whatsAppConsentSet(input: {granted: false}) { user { id } userErrors { code } } }",
            none,
            &[],
        ),
    ]
}

//! Members as clients see them change: at once, on every process, and on open sockets.

use crate::edge_ws::Heard;
use crate::site::Site;
use api::ids::GlobalId;
use serde_json::{Value, json};
use services::identity::{Caller, ShippedRole};
use services::testing::{self, Fixture};
use std::time::{Duration, Instant};

const VIEWER: &str = "{ viewer { user { id } } }";

struct Shop {
    fixture: Fixture,
    site: Site,
    owner: String,
}

impl Shop {
    async fn new() -> Self {
        let fixture = Fixture::new().await;
        let (site, owner) = (Site::start(&fixture.app).await, testing::token_of(&fixture.app, &fixture.caller));
        Self { fixture, site, owner }
    }

    async fn member(&self, role: ShippedRole) -> (Caller, String) {
        let member = testing::member(&self.fixture, &[role]).await;
        let token = testing::token_of(&self.fixture.app, &member);
        (member, token)
    }

    /// The payload of a mutation with one input.
    async fn ask(&self, bearer: &str, field: &str, input: Value, wanted: &str) -> Value {
        let kind = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
        let document = format!("mutation($input: {kind}!) {{ {field}(input: $input) {{ {wanted} userErrors {{ code path }} }} }}");
        let mut answer = self.site.ask(bearer, &document, None, json!({"input": input})).await;
        assert!(answer["errors"].is_null(), "{answer}");
        answer["data"][field].take()
    }
}

fn id(member: &Caller) -> Value {
    json!(member.member.unwrap().1.to_global())
}

#[tokio::test]
async fn whoever_is_suspended_or_removed_hears_no_more_within_a_second_on_any_process() {
    let shop = Shop::new().await;
    let elsewhere = Site::start(&testing::second_process(&shop.fixture).await).await;
    for act in ["memberSuspend", "memberRemove"] {
        let (member, token) = shop.member(ShippedRole::Employee).await;
        let mut socket = elsewhere.socket(&token).await;
        socket.subscribe("s", "subscription { stockAlertChanged { alert { id } } }").await;
        assert!(elsewhere.ask(&token, VIEWER, None, json!({})).await["errors"].is_null());
        let done = shop.ask(&shop.owner, act, json!({"id": id(&member), "expectedVersion": 1}), "membership { version }").await;
        assert_eq!(done, json!({"membership": {"version": 2}, "userErrors": []}), "{act}");
        let since = Instant::now();
        let here = shop.site.ask(&token, VIEWER, None, json!({})).await;
        assert_eq!(here["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{act}: at once where it was done");
        assert_eq!(socket.hear().await, Heard::Close(4401), "{act}");
        assert!(since.elapsed() < Duration::from_secs(2), "{act}: {:?}", since.elapsed());
        let there = elsewhere.ask(&token, VIEWER, None, json!({})).await;
        assert_eq!(there["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{act}: {there}");
        let late = shop.ask(&shop.owner, act, json!({"id": id(&member), "expectedVersion": 1}), "membership { version }").await;
        let stale = json!([{"code": "STALE_VERSION", "path": ["expectedVersion"]}]);
        assert_eq!(late, json!({"membership": {"version": 2}, "userErrors": stale}), "{act}: with the present one");
    }
}

#[tokio::test]
async fn other_rights_end_a_socket_that_was_opened_with_the_old_ones() {
    let shop = Shop::new().await;
    let made = json!({"name": "Veilleur", "permissions": [{"permission": "ALERTS_STOCK_ALERT_READ"}]});
    let role = shop.ask(&shop.owner, "roleCreate", made, "role { id version isSystem category permissions { permission scope } }").await;
    let granted = json!([{"permission": "ALERTS_STOCK_ALERT_READ", "scope": "ORG"}]);
    assert_eq!(
        (&role["role"]["permissions"], &role["role"]["isSystem"], &role["role"]["category"]),
        (&granted, &json!(false), &Value::Null)
    );
    let (member, token) = shop.member(ShippedRole::Employee).await;
    let set = json!({"id": id(&member), "roleIds": [role["role"]["id"]]});
    let set = shop.ask(&shop.owner, "memberRolesSet", set, "membership { roles { nodes { name } } }").await;
    assert_eq!(set["membership"]["roles"]["nodes"], json!([{"name": "Veilleur"}]), "{set}");
    let mut socket = shop.site.socket(&token).await;
    socket.subscribe("s", "subscription { stockAlertChanged { alert { id } } }").await;
    let less = json!({"id": role["role"]["id"], "permissions": [], "expectedVersion": 1});
    assert_eq!(shop.ask(&shop.owner, "roleUpdate", less, "role { version }").await["role"]["version"], 2);
    assert!(matches!(socket.hear().await, Heard::Close(_)), "rights are not those of its beginning");
}

#[tokio::test]
async fn a_mutation_with_a_key_is_done_once() {
    let shop = Shop::new().await;
    const CREATE: &str = "mutation($input: RoleCreateInput!) { roleCreate(input: $input) { role { id } userErrors { code } } }";
    const LEAVE: &str = "mutation($input: OrganizationLeaveInput!) { organizationLeave(input: $input) { userErrors { code } } }";
    let input = json!({"input": {"name": "Veilleur", "permissions": []}});
    let (_, replayed, first) = shop.site.send_once(&shop.owner, "key-of-one", CREATE, input.clone()).await;
    let (_, again, second) = shop.site.send_once(&shop.owner, "key-of-one", CREATE, input).await;
    assert!(!replayed && again && first["data"]["roleCreate"]["role"]["id"].is_string(), "{first}");
    assert_eq!(first["data"], second["data"]);
    let (_, token) = shop.member(ShippedRole::Employee).await;
    let input = json!({"input": {"organizationId": shop.fixture.scope.tenant().to_global()}});
    let (_, _, left) = shop.site.send_once(&token, "key-of-two", LEAVE, input).await;
    assert_eq!(left["data"]["organizationLeave"]["userErrors"], json!([]), "{left}");
}

#[tokio::test]
async fn roles_are_read_in_the_readers_language_and_by_members_alone() {
    const ROLES: &str = "{ organization { roles(first: 3) { totalCount nodes { name isSystem category } } } permissions { permission description scopes } }";
    let shop = Shop::new().await;
    for (language, names) in [("fr", ["Propriétaire", "Administrateur", "Auditeur"]), ("en", ["Owner", "Administrator", "Auditor"])] {
        let answer = shop.site.ask_in(language, &shop.owner, ROLES).await;
        let roles = &answer["data"]["organization"]["roles"];
        let said: Vec<&str> = roles["nodes"].as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap()).collect();
        assert_eq!((said.as_slice(), &roles["totalCount"]), (&names[..], &json!(17)), "{answer}");
        assert_eq!(roles["nodes"][0]["category"], "DIRECTION");
        assert!(answer["data"]["permissions"].as_array().unwrap().len() >= 20, "{answer}");
    }
    let (_, client) = shop.member(ShippedRole::Client).await;
    let answer = shop.site.ask_in("fr", &client, ROLES).await;
    assert_eq!((&answer["data"]["organization"]["roles"], &answer["errors"][0]["extensions"]["code"]), (&Value::Null, &json!("FORBIDDEN")));
}

const INVITATIONS: &str = "{ organization { invitations(first: 50) { totalCount nodes { email state displayName message acceptedAt
    roles { nodes { name permissions { permission } } } invitedBy { user { displayName } } acceptedBy { user { displayName } } } } } }";

#[tokio::test]
async fn an_invited_person_signs_up_and_is_there() {
    const SIGN_UP: &str = "mutation($input: SignUpInput!) { signUp(input: $input) { organization { name } session { accessToken } userErrors { code path } } }";
    let shop = Shop::new().await;
    let role = testing::shipped_role(&shop.fixture, ShippedRole::Sales).await;
    let wanted = json!({"email": "fatou@teranga.example", "roleIds": [role.to_global()], "displayName": "Fatou", "message": "Bienvenue"});
    let made = shop.ask(&shop.owner, "invitationCreate", wanted, "invitation { id state email }").await;
    assert_eq!(made["invitation"]["state"], "PENDING", "{made}");
    assert!(!made.to_string().contains("token"), "nobody but the invited person is told");
    let revoked = shop.ask(&shop.owner, "invitationRevoke", json!({"id": made["invitation"]["id"]}), "invitation { state }").await;
    assert_eq!(revoked["invitation"]["state"], "REVOKED");
    let new =
        services::identity::invitations::NewInvitation { email: "fatou@teranga.example".into(), roles: vec![role], ..Default::default() };
    let (_, token) = testing::invited(&shop.fixture.again(), new).await;
    let account = json!({"input": {"email": "fatou@teranga.example", "password": testing::PASSWORD, "displayName": "Fatou Ndiaye", "invitationToken": token}});
    let done = shop.site.ask("", SIGN_UP, None, account).await["data"]["signUp"].take();
    assert_eq!((&done["userErrors"], &done["organization"]["name"]), (&json!([]), &json!("Boutique Awa")), "{done}");
    let seen = shop.site.ask(done["session"]["accessToken"].as_str().unwrap(), VIEWER, None, json!({})).await;
    assert!(seen["data"]["viewer"]["user"]["id"].is_string(), "{seen}");
    let all = shop.site.ask(&shop.owner, INVITATIONS, None, json!({})).await;
    let nodes = all["data"]["organization"]["invitations"]["nodes"].as_array().unwrap_or_else(|| panic!("{all}"));
    let accepted = nodes.iter().find(|one| one["state"] == "ACCEPTED").unwrap_or_else(|| panic!("{all}"));
    assert_eq!((nodes.len(), &accepted["acceptedBy"]["user"]["displayName"]), (2, &json!("Fatou Ndiaye")), "{all}");
    let (_, employee) = shop.member(ShippedRole::Employee).await;
    let hidden = shop.site.ask(&employee, INVITATIONS, None, json!({})).await;
    assert_eq!(
        (&hidden["data"]["organization"]["invitations"], &hidden["errors"][0]["extensions"]["code"]),
        (&Value::Null, &json!("FORBIDDEN"))
    );
}

#[tokio::test]
async fn who_has_an_account_accepts_in_it_and_goes_on_there() {
    const SWITCH: &str =
        "mutation($input: OrganizationSwitchInput!) { organizationSwitch(input: $input) { session { accessToken } userErrors { code } } }";
    let shop = Shop::new().await;
    let neighbour = shop.fixture.neighbour().await;
    let token = testing::token_of(&neighbour.app, &neighbour.caller);
    let roles = vec![testing::shipped_role(&shop.fixture, ShippedRole::Auditor).await];
    let new = services::identity::invitations::NewInvitation { email: neighbour.email().await, roles, ..Default::default() };
    let (_, invitation) = testing::invited(&shop.fixture.again(), new).await;
    let none = shop.ask(&shop.owner, "invitationAccept", json!({"token": invitation}), "organization { name }").await;
    assert_eq!(none, json!({"organization": null, "userErrors": [{"code": "FORBIDDEN_STATE", "path": ["token"]}]}), "another's");
    let joined = shop.ask(&token, "invitationAccept", json!({"token": invitation}), "organization { id name }").await;
    assert_eq!((&joined["userErrors"], &joined["organization"]["name"]), (&json!([]), &json!("Boutique Awa")), "{joined}");
    let input = json!({"input": {"organizationId": joined["organization"]["id"]}});
    let there = shop.site.ask(&token, SWITCH, None, input).await["data"]["organizationSwitch"].take();
    assert_eq!(there["userErrors"], json!([]), "{there}");
    let members = "{ organization { name memberships { nodes { status roles { nodes { name } } } } } }";
    let seen = shop.site.ask(there["session"]["accessToken"].as_str().unwrap(), members, None, json!({})).await;
    assert_eq!(seen["data"]["organization"]["memberships"]["nodes"].as_array().map(Vec::len), Some(2), "{seen}");
}

#[tokio::test]
async fn the_page_of_an_invitation_opens_the_account_that_it_is_for() {
    let shop = Shop::new().await;
    let roles = vec![testing::shipped_role(&shop.fixture, ShippedRole::Employee).await];
    let new = services::identity::invitations::NewInvitation { email: "fatou@teranga.example".into(), roles, ..Default::default() };
    let (_, token) = testing::invited(&shop.fixture.again(), new).await;
    let address = format!("http://{}/account/invitation", shop.site.address);
    let page = reqwest::get(format!("{address}?token={token}")).await.unwrap().text().await.unwrap();
    assert!(page.contains("name=\"name\"") && page.contains(&token), "{page}");
    let press = async |token: &str| {
        let fields = format!("token={token}&name=Fatou+Ndiaye&password=kora+et+balafon");
        let form = reqwest::Client::new().post(&address).header("content-type", "application/x-www-form-urlencoded").body(fields);
        form.send().await.unwrap().status().as_u16()
    };
    assert_eq!((press("made-up").await, press(&token).await, press(&token).await), (400, 200, 400));
    let bearer = shop.site.sign_in("fatou@teranga.example", "kora et balafon").await;
    let seen = shop.site.ask(&bearer, "{ organization { name } }", None, json!({})).await;
    assert_eq!(seen["data"]["organization"]["name"], "Boutique Awa", "{seen}");
}

//! Mailed links as people follow them: on the pages, and by the mutations of a page that is somebody else's.

use crate::site::Site;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use services::notifications::{Letter, carry_letter};
use services::testing::{Fixture, PASSWORD};
use services::work::{Claimer, JobKind, Outcome, settle};
use services::{SystemScope, identity};

/// The link of the only mail that waits, after all that is to be done before it.
async fn link(fixture: &Fixture) -> String {
    let system = SystemScope::new(&fixture.app);
    for queue in ["default", "notifications"] {
        for job in Claimer::new(&fixture.app, queue).claim(10).await.unwrap() {
            let held = (job.id, job.lease_token.unwrap());
            if job.kind == identity::SendReset::KIND {
                identity::send_reset(&system, &job, serde_json::from_str(&job.payload).unwrap()).await.unwrap();
            } else if job.kind == Letter::KIND {
                carry_letter(&system, &job, serde_json::from_str(&job.payload).unwrap()).await.unwrap();
            }
            settle(&system, &[(held, Outcome::Completed)]).await.unwrap();
        }
    }
    let folder = fixture.data_dir().join("outbox/mail");
    let read = |path: std::path::PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap().replace("=\r\n", "").replace("=3D", "=");
        std::fs::remove_file(path).unwrap();
        text
    };
    let mails: Vec<String> = std::fs::read_dir(&folder).unwrap().map(|file| read(file.unwrap().path())).collect();
    let with_link: Vec<_> = mails.iter().filter(|text| text.contains("/account/")).collect();
    let [text] = with_link.as_slice() else { panic!("one mail with a link: {mails:?}") };
    let from = text.find("/account/").unwrap();
    text[from..].split_whitespace().next().unwrap().to_owned()
}

fn token(link: &str) -> &str {
    link.split_once("token=").unwrap().1
}

/// A page and its status.
async fn page(site: &Site, path: &str, form: Option<&[(&str, &str)]>) -> (StatusCode, String) {
    let url = format!("http://{}{path}", site.address);
    let request = match form {
        None => Client::new().get(url),
        Some(form) => Client::new().post(url).form(form),
    };
    let response = request.header("accept-language", "fr").send().await.unwrap();
    assert!(response.headers()["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    assert_eq!(
        (&response.headers()["referrer-policy"], &response.headers()["cache-control"]),
        (&"no-referrer".parse().unwrap(), &"no-store".parse().unwrap())
    );
    (response.status(), response.text().await.unwrap())
}

async fn verified(site: &Site, bearer: &str) -> Value {
    site.ask(bearer, "{ viewer { user { email emailVerified } } }", None, json!({})).await["data"]["viewer"]["user"].clone()
}

#[tokio::test]
async fn a_button_confirms_an_address_and_a_look_at_the_page_does_not() {
    let fixture = Fixture::new().await;
    let site = Site::start(&fixture.app).await;
    let bearer = site.sign_in(&fixture.email().await, PASSWORD).await;
    let sent =
        site.ask(&bearer, "mutation { emailVerificationSend { viewer { user { id } } userErrors { message } } }", None, json!({})).await;
    assert_eq!(sent["data"]["emailVerificationSend"]["userErrors"], json!([]));
    let link = link(&fixture).await;
    let (path, _) = link.split_once('?').unwrap();
    for _ in 0..2 {
        let (status, shown) = page(&site, &link, None).await;
        assert!(status == 200 && shown.contains(token(&link)) && shown.contains("Confirmer"), "{shown}");
    }
    assert_eq!(verified(&site, &bearer).await["emailVerified"], false, "programs that read mail follow links, too");
    let form = [("token", token(&link))];
    let (status, shown) = page(&site, path, Some(&form)).await;
    assert!(status == 200 && shown.contains("Votre adresse est confirmée"), "{shown}");
    assert_eq!(verified(&site, &bearer).await["emailVerified"], true);
    let (status, shown) = page(&site, path, Some(&form)).await;
    assert!(status == 400 && shown.contains("Ce lien a déjà servi"), "{shown}");
}

#[tokio::test]
async fn a_forgotten_password_is_chosen_anew_on_its_page() {
    let fixture = Fixture::new().await;
    let site = Site::start(&fixture.app).await;
    let mine = fixture.email().await;
    let ask = "mutation($email: String!) { passwordResetRequest(input: {email: $email}) { userErrors { message } } }";
    let stranger = site.ask("", ask, None, json!({"email": "personne@teranga.example"})).await;
    let known = site.ask("", ask, None, json!({"email": mine})).await;
    assert_eq!(stranger["data"], known["data"], "nothing tells one from the other");
    let link = link(&fixture).await;
    let (path, _) = link.split_once('?').unwrap();
    let choose = async |password: &str| page(&site, path, Some(&[("token", token(&link)), ("password", password)])).await;
    let (status, shown) = choose("court").await;
    assert!(status == 400 && shown.contains("trop facile") && shown.contains(token(&link)), "the form is still there: {shown}");
    let (status, shown) = choose("kora et balafon").await;
    assert!(status == 200 && shown.contains("Votre mot de passe est changé"), "{shown}");
    assert!(!site.sign_in(&mine, "kora et balafon").await.is_empty());
}

#[tokio::test]
async fn pages_say_what_was_typed_into_them_as_text_and_there_are_no_others() {
    let fixture = Fixture::new().await;
    let site = Site::start(&fixture.app).await;
    let (status, shown) = page(&site, "/account/reset?token=%22%3E%3Cscript%3E", None).await;
    assert!(status == 200 && shown.contains("&quot;&gt;&lt;script&gt;") && !shown.contains("<script"), "{shown}");
    let (status, _) = page(&site, "/account/address", Some(&[("token", "\u{0}")])).await;
    assert_eq!(status, 400);
    let nowhere = Client::new().get(format!("http://{}/account/other", site.address)).send().await.unwrap();
    assert_eq!(nowhere.status(), 404);
}

#[tokio::test]
async fn mutations_do_what_the_pages_do() {
    let fixture = Fixture::new().await;
    let site = Site::start(&fixture.app).await;
    let bearer = site.sign_in(&fixture.email().await, PASSWORD).await;
    let ask = "mutation($input: EmailChangeRequestInput!) { emailChangeRequest(input: $input) { viewer { user { email } } userErrors { code path } } }";
    let wrong = site.ask(&bearer, ask, None, json!({"input": {"newEmail": "awa@teranga.example", "currentPassword": "baobab"}})).await;
    assert_eq!(wrong["data"]["emailChangeRequest"]["userErrors"], json!([{"code": "INVALID_CREDENTIALS", "path": ["currentPassword"]}]));
    site.ask(&bearer, ask, None, json!({"input": {"newEmail": "awa@teranga.example", "currentPassword": PASSWORD}})).await;
    let secret = link(&fixture).await;
    let moved = "mutation($token: String!) { emailChange(input: {token: $token}) { email userErrors { code } } }";
    let done = site.ask("", moved, None, json!({"token": token(&secret)})).await;
    assert_eq!(done["data"]["emailChange"], json!({"email": "awa@teranga.example", "userErrors": []}));
    assert_eq!(verified(&site, &bearer).await, json!({"email": "awa@teranga.example", "emailVerified": true}));
    for (field, document) in [
        ("emailChange", moved),
        ("emailVerify", "mutation($token: String!) { emailVerify(input: {token: $token}) { email userErrors { code } } }"),
        (
            "passwordReset",
            "mutation($token: String!) { passwordReset(input: {token: $token, newPassword: \"kora et balafon\"}) { userErrors { code } } }",
        ),
    ] {
        let refused = site.ask("", document, None, json!({"token": token(&secret)})).await;
        assert_eq!(refused["data"][field]["userErrors"], json!([{"code": "TOKEN_EXPIRED"}]), "{field}");
    }
}

/// What an authenticator app shows that took this secret, so many seconds from now.
fn shown(fixture: &Fixture, secret: &str, seconds: i64) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    totp.generate(u64::try_from(fixture.app.now().0 / 1_000_000 + seconds).unwrap()).to_string()
}

#[tokio::test]
async fn signing_in_with_a_second_factor_takes_two_steps() {
    let fixture = Fixture::new().await;
    let site = Site::start(&fixture.app).await;
    let mine = fixture.email().await;
    let bearer = site.sign_in(&mine, PASSWORD).await;
    let begin = "mutation($p: String!) { secondFactorBegin(input: {currentPassword: $p}) { secret uri userErrors { code path } } }";
    let begun = site.ask(&bearer, begin, None, json!({"p": PASSWORD})).await["data"]["secondFactorBegin"].clone();
    let secret = begun["secret"].as_str().unwrap().to_owned();
    assert!(begun["uri"].as_str().unwrap().starts_with("otpauth://totp/Teranga"), "{begun}");
    let confirm = "mutation($c: String!) { secondFactorConfirm(input: {code: $c}) { recoveryCodes userErrors { code path message } } }";
    let wrong = site.ask(&bearer, confirm, None, json!({"c": "12"})).await["data"]["secondFactorConfirm"].clone();
    assert_eq!((&wrong["userErrors"][0]["code"], &wrong["userErrors"][0]["path"]), (&json!("INVALID_CREDENTIALS"), &json!(["code"])));
    let confirmed =
        site.ask(&bearer, confirm, None, json!({"c": shown(&fixture, &secret, 0)})).await["data"]["secondFactorConfirm"].clone();
    assert_eq!(confirmed["recoveryCodes"].as_array().map(Vec::len), Some(10), "{confirmed}");
    let viewer = site.ask(&bearer, "{ viewer { secondFactor { recoveryCodesLeft } } }", None, json!({})).await;
    assert_eq!(viewer["data"]["viewer"]["secondFactor"]["recoveryCodesLeft"], 10);

    const SIGN_IN: &str =
        "mutation($input: SignInInput!) { signIn(input: $input) { session { accessToken } challenge { token methods } } }";
    let answer = site.ask("", SIGN_IN, None, json!({"input": {"email": mine, "password": PASSWORD}})).await["data"]["signIn"].clone();
    assert_eq!((&answer["session"], &answer["challenge"]["methods"]), (&Value::Null, &json!(["TOTP", "RECOVERY_CODE"])));
    let complete =
        "mutation($input: SignInCompleteInput!) { signInComplete(input: $input) { session { accessToken } userErrors { code } } }";
    let input = |code: &str| json!({"input": {"token": answer["challenge"]["token"], "code": code}});
    let refused = site.ask("", complete, None, input("000000")).await["data"]["signInComplete"].clone();
    assert_eq!((&refused["session"], &refused["userErrors"]), (&Value::Null, &json!([{"code": "INVALID_CREDENTIALS"}])));
    let done = site.ask("", complete, None, input(confirmed["recoveryCodes"][4].as_str().unwrap())).await["data"]["signInComplete"].clone();
    assert!(done["session"]["accessToken"].is_string(), "{done}");
}

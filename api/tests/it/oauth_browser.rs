//! A browser without a script, in which people answer what clients of the authorization server ask.

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, RequestBuilder, Url, redirect::Policy};
use std::collections::HashMap;

/// What a browser was shown, or where it was sent.
pub struct Shown {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub page: String,
}

impl Shown {
    pub fn location(&self) -> &str {
        self.headers.get(LOCATION).map(|place| place.to_str().unwrap()).unwrap_or_default()
    }

    /// The parameters with which the client gets the person back.
    #[track_caller]
    pub fn returned(&self) -> HashMap<String, String> {
        let place = Url::parse(self.location()).unwrap_or_else(|_| panic!("{} {}", self.status, self.page));
        place.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
    }

    #[track_caller]
    pub fn code(&self) -> String {
        let returned = self.returned();
        returned.get("code").unwrap_or_else(|| panic!("{returned:?}")).clone()
    }

    /// A hidden field of the form.
    pub fn field(&self, name: &str) -> String {
        let found = self.page.split_once(&format!("name=\"{name}\" value=\"")).and_then(|(_, rest)| rest.split_once('"'));
        let text = found.unwrap_or_else(|| panic!("no {name} in {}", self.page)).0;
        text.replace("&amp;", "&").replace("&quot;", "\"").replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">")
    }
}

/// One person's, with the cookie of the page.
pub struct Browser {
    client: Client,
    site: String,
    pub cookie: String,
}

impl Browser {
    pub fn new(site: String) -> Self {
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { client, site, cookie: String::new() }
    }

    async fn send(&self, request: RequestBuilder) -> Shown {
        let answer = request.header(COOKIE, &self.cookie).header("accept-language", "fr").send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Shown { status, headers, page: answer.text().await.unwrap() }
    }

    /// Where the client sends the person.
    pub async fn visit(&self, query: &str) -> Shown {
        self.send(self.client.get(format!("{}/oauth/authorize?{query}", self.site))).await
    }

    pub async fn post(&self, step: &str, from: &str, form: &[(&str, &str)]) -> Shown {
        let request = self.client.post(format!("{}/oauth/authorize/{step}", self.site)).header("sec-fetch-site", from);
        self.send(request.form(form)).await
    }

    pub async fn sign_in(&mut self, query: &str, email: &str, password: &str) -> Shown {
        let shown = self.post("sign-in", "same-origin", &[("email", email), ("password", password), ("request", query)]).await;
        self.keep(&shown);
        shown
    }

    /// Keeps the cookie that an answer sets.
    pub fn keep(&mut self, shown: &Shown) {
        if let Some(cookie) = shown.headers.get(SET_COOKIE) {
            self.cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        }
    }

    pub async fn answer(&self, query: &str, shown: &Shown, act: &str) -> Shown {
        let token = shown.field("token");
        self.post("decide", "same-origin", &[("act", act), ("token", &token), ("request", query)]).await
    }
}

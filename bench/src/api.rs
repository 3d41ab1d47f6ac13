//! The API and the worker as processes, and GraphQL spoken to them.

use crate::stage::Stage;
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The settings all processes of one run share.
pub struct Home {
    pub folder: tempfile::TempDir,
    vars: Vec<(String, String)>,
}

impl Home {
    /// On PostgreSQL and Redis.
    pub fn served(stage: &Stage, database: &str) -> Result<Self> {
        let mut home = Self::embedded()?;
        home.set("DATABASE_URL", stage.url(database));
        home.set("REDIS_URL", stage.redis.clone());
        Ok(home)
    }

    /// On SQLite in a folder of its own, the worker inside the API.
    pub fn embedded() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut home = Self { vars: Vec::new(), folder };
        let place = home.folder.path().display().to_string();
        home.set("DATA_DIR", place);
        home.set("RUST_LOG", "warn");
        // One of the bench's people asks more in a second than a person may in an hour.
        home.set("RATE_LIMIT_USER", "0");
        home.set("RATE_LIMIT_ADDRESS", "0");
        Ok(home)
    }

    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.vars.push((name.to_owned(), value.into()));
    }

    /// The same settings for a process inside this one.
    pub fn settings(&self) -> Result<services::settings::Settings> {
        let vars = self.vars.iter().cloned().collect();
        services::settings::Settings::from_map(vars).map_err(|faults| anyhow::anyhow!(faults.join("; ")))
    }

    /// A command of a binary, to its end.
    pub fn run(&self, binary: &Path, arguments: &[&str]) -> Result<()> {
        let done = self.command(binary).args(arguments).output()?;
        ensure!(done.status.success(), "{}: {}", binary.display(), String::from_utf8_lossy(&done.stderr));
        Ok(())
    }

    pub fn command(&self, binary: &Path) -> Command {
        let mut command = Command::new(binary);
        for name in ["DATABASE_URL", "REDIS_URL", "DATA_DIR", "BIND"] {
            command.env_remove(name);
        }
        command.envs(self.vars.iter().cloned()).stdin(Stdio::null()).stdout(Stdio::null());
        command
    }
}

/// A process that ends with us.
pub struct Process(Child);

impl Process {
    pub fn start(mut command: Command) -> Result<Self> {
        Ok(Self(command.spawn()?))
    }
    pub fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A serving API.
pub struct Api {
    pub address: SocketAddr,
    pub process: Process,
    /// From the start of the process to its first answer.
    pub started_in: Duration,
    client: reqwest::Client,
}

impl Api {
    pub async fn start(stage: &Stage, home: &Home) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut command = home.command(&stage.binary("api"));
        command.env("BIND", address.to_string());
        let began = Instant::now();
        let process = Process::start(command)?;
        let until = began + Duration::from_secs(60);
        while !answers(address).await {
            ensure!(Instant::now() < until, "the API does not answer");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(Self { address, process, started_in: began.elapsed(), client: reqwest::Client::new() })
    }

    /// Sends an operation and answers its data; an error of any kind is a fault of the run.
    pub async fn ask(&self, token: Option<&str>, document: &str, variables: Value) -> Result<Value> {
        let url = format!("http://{}/graphql", self.address);
        let mut request = self.client.post(url).json(&json!({ "query": document, "variables": variables }));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer: Value = request.send().await?.json().await?;
        let text = answer.to_string();
        if crate::http::refused(text.as_bytes()) {
            bail!("{}", text.chars().take(500).collect::<String>());
        }
        Ok(answer["data"].clone())
    }

    /// Opens an account with an organisation and answers its access token.
    pub async fn sign_up(&self, email: &str, organization: &str) -> Result<String> {
        let document = "mutation($input: SignUpInput!) { signUp(input: $input) { session { accessToken } userErrors { code message } } }";
        let input = json!({ "email": email, "password": PASSWORD, "displayName": email, "organizationName": organization });
        let data = self.ask(None, document, json!({ "input": input })).await?;
        token(&data["signUp"])
    }

    pub async fn sign_in(&self, email: &str) -> Result<String> {
        let document = "mutation($input: SignInInput!) { signIn(input: $input) { session { accessToken } userErrors { code message } } }";
        let data = self.ask(None, document, json!({ "input": { "email": email, "password": PASSWORD } })).await?;
        token(&data["signIn"])
    }

    /// Uploads bytes and answers the file's id.
    pub async fn upload(&self, token: &str, name: &str, content_type: &str, bytes: Vec<u8>) -> Result<String> {
        let create = "mutation($input: FileUploadCreateInput!) { fileUploadCreate(input: $input) { upload { id url method headers { name value } } userErrors { code message } } }";
        let input = json!({ "filename": name, "contentType": content_type, "sizeBytes": bytes.len(), "purpose": "IMPORT" });
        let made = self.ask(Some(token), create, json!({ "input": input })).await?["fileUploadCreate"]["upload"].clone();
        let mut put = self.client.put(text(&made["url"])?).body(bytes);
        for header in made["headers"].as_array().into_iter().flatten() {
            put = put.header(text(&header["name"])?, text(&header["value"])?);
        }
        put.send().await?.error_for_status()?;
        let complete =
            "mutation($input: FileUploadCompleteInput!) { fileUploadComplete(input: $input) { file { id } userErrors { code message } } }";
        let done = self.ask(Some(token), complete, json!({ "input": { "uploadId": made["id"] } })).await?;
        Ok(text(&done["fileUploadComplete"]["file"]["id"])?.to_owned())
    }
}

pub const PASSWORD: &str = "baobab et tamarin";

fn token(payload: &Value) -> Result<String> {
    Ok(text(&payload["session"]["accessToken"])?.to_owned())
}

pub fn text(value: &Value) -> Result<&str> {
    value.as_str().with_context(|| format!("no text: {value}"))
}

async fn answers(address: SocketAddr) -> bool {
    let request = crate::http::request(address, None, &[], "{__typename}", &Value::Null);
    match crate::http::Connection::open(address).await {
        Ok(mut connection) => connection.send(&request).await.is_ok_and(|answer| answer.windows(8).any(|w| w == b"\"Query\"}")),
        Err(_) => false,
    }
}

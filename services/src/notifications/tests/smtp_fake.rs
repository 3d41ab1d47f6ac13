//! A mail server that speaks enough SMTP to be sent to, and refuses when told.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

#[derive(Default)]
pub struct Post {
    pub mails: Vec<String>,
    /// The next answers to RCPT TO; 250 when there is none.
    pub answers: Vec<&'static str>,
}

pub struct SmtpFake {
    pub post: Arc<Mutex<Post>>,
    pub url: String,
}

impl SmtpFake {
    pub async fn start() -> Self {
        Self::start_at(0).await
    }

    pub async fn start_at(port: u16) -> Self {
        let post: Arc<Mutex<Post>> = Arc::default();
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let kept = post.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, kept.clone()));
            }
        });
        Self { post, url }
    }
}

async fn converse(stream: TcpStream, post: Arc<Mutex<Post>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 mail.example ESMTP\r\n").await?;
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let word = line.split([' ', ':', '\r']).next().unwrap_or_default().to_uppercase();
        let answer = match word.as_str() {
            "EHLO" => "250-mail.example\r\n250-8BITMIME\r\n250 SMTPUTF8",
            "RCPT" => post.lock().unwrap().answers.pop().unwrap_or("250 ok"),
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let mail = until_dot(&mut stream).await?;
                post.lock().unwrap().mails.push(mail);
                "250 taken"
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => "250 ok",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

async fn until_dot(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut mail = Vec::new();
    while !mail.ends_with(b"\r\n.\r\n") {
        mail.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&mail).into_owned())
}

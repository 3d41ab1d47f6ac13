//! The frames of RFC 6455, for the server's end: whole messages out of bytes, and bytes out of messages.
//!
//! tungstenite reads headers and writes frames; its sockets are not used, because they hold buffers while nothing is said.

use std::io::Cursor;

use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Control, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{Frame, FrameHeader};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

/// A control frame's payload, at most.
const CONTROL: usize = 125;

/// What the other end has said so far that is not yet a message; holds nothing between messages.
#[derive(Default)]
pub struct Inbox {
    bytes: Vec<u8>,
    fragments: Option<Box<(Data, Vec<u8>)>>,
}

/// What the other end must not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    Framing,
    TooBig,
    NotText,
}

impl Inbox {
    /// Adds what was read.
    pub fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole message of at most `limit` bytes.
    pub fn take(&mut self, limit: usize) -> Result<Option<Message>, Broken> {
        while let Some((header, payload)) = self.frame(limit)? {
            if let Some(message) = self.message(&header, payload, limit)? {
                return Ok(Some(message));
            }
        }
        Ok(None)
    }

    fn frame(&mut self, limit: usize) -> Result<Option<(FrameHeader, Vec<u8>)>, Broken> {
        let mut cursor = Cursor::new(&self.bytes);
        let Some((header, length)) = FrameHeader::parse(&mut cursor).map_err(|_| Broken::Framing)? else { return Ok(None) };
        let length = usize::try_from(length).ok().filter(|length| *length <= limit).ok_or(Broken::TooBig)?;
        let mask = header.mask.ok_or(Broken::Framing)?;
        let start = usize::try_from(cursor.position()).map_err(|_| Broken::TooBig)?;
        let end = start + length;
        let Some(masked) = self.bytes.get(start..end) else { return Ok(None) };
        let payload = masked.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
        if end == self.bytes.len() {
            self.bytes = Vec::new(); // gives the memory back
        } else {
            self.bytes.drain(..end);
        }
        Ok(Some((header, payload)))
    }

    /// What a frame completes, if anything.
    fn message(&mut self, header: &FrameHeader, payload: Vec<u8>, limit: usize) -> Result<Option<Message>, Broken> {
        if header.rsv1 || header.rsv2 || header.rsv3 {
            return Err(Broken::Framing);
        }
        let (kind, payload) = match (header.opcode, self.fragments.take()) {
            (OpCode::Control(control), fragments) => {
                self.fragments = fragments;
                if !header.is_final || payload.len() > CONTROL {
                    return Err(Broken::Framing);
                }
                return controlled(control, payload).map(Some);
            }
            (OpCode::Data(Data::Continue), Some(fragments)) => {
                let (kind, mut whole) = *fragments;
                whole.extend_from_slice(&payload);
                (kind, whole)
            }
            (OpCode::Data(kind @ (Data::Text | Data::Binary)), None) => (kind, payload),
            _ => return Err(Broken::Framing),
        };
        if payload.len() > limit {
            return Err(Broken::TooBig);
        }
        if !header.is_final {
            self.fragments = Some(Box::new((kind, payload)));
            return Ok(None);
        }
        Ok(Some(match kind {
            Data::Text => Message::Text(String::from_utf8(payload).map_err(|_| Broken::NotText)?.into()),
            _ => Message::Binary(payload.into()),
        }))
    }
}

fn controlled(control: Control, payload: Vec<u8>) -> Result<Message, Broken> {
    match control {
        Control::Ping => Ok(Message::Ping(payload.into())),
        Control::Pong => Ok(Message::Pong(payload.into())),
        Control::Close => match payload.as_slice() {
            [] => Ok(Message::Close(None)),
            [high, low, reason @ ..] => {
                let reason = std::str::from_utf8(reason).map_err(|_| Broken::NotText)?;
                Ok(Message::Close(Some(CloseFrame { code: u16::from_be_bytes([*high, *low]).into(), reason: reason.into() })))
            }
            [_] => Err(Broken::Framing),
        },
        Control::Reserved(_) => Err(Broken::Framing),
    }
}

/// What is said back to a message on the level of frames: a pong, or the same goodbye.
pub fn reply(message: &Message) -> Option<Message> {
    match message {
        Message::Ping(payload) => Some(Message::Pong(payload.clone())),
        Message::Close(Some(close)) if !close.code.is_allowed() => {
            Some(Message::Close(Some(CloseFrame { code: CloseCode::Protocol, reason: Utf8Bytes::from_static("Protocol violation") })))
        }
        Message::Close(close) => Some(Message::Close(close.clone())),
        _ => None,
    }
}

/// Puts a message behind what is to be sent.
pub fn write(message: Message, out: &mut Vec<u8>) {
    let frame = match message {
        Message::Text(text) => Frame::message(text, OpCode::Data(Data::Text), true),
        Message::Binary(bytes) => Frame::message(bytes, OpCode::Data(Data::Binary), true),
        Message::Ping(bytes) => Frame::ping(bytes),
        Message::Pong(bytes) => Frame::pong(bytes),
        Message::Close(close) => Frame::close(close),
        Message::Frame(frame) => frame,
    };
    out.reserve(frame.len());
    frame.format(out).expect("a vector takes everything");
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINAL: u8 = 0x80;

    /// A masked frame.
    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mask = [1, 2, 3, 4];
        let mut bytes = vec![first];
        match payload.len() {
            short @ ..126 => bytes.push(0x80 | short as u8),
            long => {
                bytes.push(0x80 | 126);
                bytes.extend((long as u16).to_be_bytes());
            }
        }
        bytes.extend(mask);
        bytes.extend(payload.iter().enumerate().map(|(at, byte)| byte ^ mask[at % 4]));
        bytes
    }

    fn taken(bytes: &[u8]) -> Result<Option<Message>, Broken> {
        let mut inbox = Inbox::default();
        inbox.put(bytes);
        inbox.take(1000)
    }

    #[test]
    fn takes_messages_however_they_are_cut() {
        let long = "é".repeat(200);
        let fragments = [frame(1, &long.as_bytes()[..201]), frame(FINAL | 9, b"p"), frame(FINAL, &long.as_bytes()[201..])].concat();
        let all = [frame(FINAL | 1, b"one"), fragments, frame(FINAL | 2, &[7; 300]), frame(FINAL | 1, b"")].concat();
        let whole =
            [Message::text("one"), Message::Ping("p".into()), Message::text(long), Message::binary(vec![7; 300]), Message::text("")];
        for size in [1, 2, 3, 7, 100, all.len()] {
            let (mut inbox, mut heard) = (Inbox::default(), Vec::new());
            for piece in all.chunks(size) {
                inbox.put(piece);
                while let Some(message) = inbox.take(1000).unwrap() {
                    heard.push(message);
                }
            }
            assert_eq!(heard, whole, "{size} bytes at once");
            assert_eq!((inbox.bytes.capacity(), inbox.fragments.is_none()), (0, true), "nothing is held between messages");
        }
    }

    #[test]
    fn refuses_what_the_protocol_does() {
        let unmasked = vec![FINAL | 1, 1, b'x'];
        let interrupted = [frame(1, b"a"), frame(FINAL | 1, b"b")].concat();
        for bytes in [
            unmasked,
            interrupted,
            frame(FINAL, b"a"),
            frame(9, b""),
            frame(FINAL | 9, &[0; 126]),
            frame(FINAL | 3, b""),
            frame(FINAL | 0x41, b""),
            frame(FINAL | 8, &[3]),
        ] {
            assert_eq!(taken(&bytes), Err(Broken::Framing), "{bytes:?}");
        }
        assert_eq!(taken(&frame(FINAL | 1, &[0xff])), Err(Broken::NotText));
        assert_eq!(taken(&frame(FINAL | 2, &[0; 1001])), Err(Broken::TooBig));
        assert_eq!(taken(&[FINAL | 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]), Err(Broken::TooBig));
        assert_eq!(taken(&[frame(2, &[0; 900]), frame(FINAL, &[0; 101])].concat()), Err(Broken::TooBig));
    }

    #[test]
    fn says_goodbye_as_it_was_said() {
        let said = taken(&frame(FINAL | 8, &[&1000u16.to_be_bytes(), b"bye".as_slice()].concat())).unwrap().unwrap();
        assert_eq!(reply(&said), Some(said));
        let wrong = taken(&frame(FINAL | 8, &1005u16.to_be_bytes())).unwrap().unwrap();
        assert!(matches!(reply(&wrong), Some(Message::Close(Some(close))) if close.code == CloseCode::Protocol));
        let mut out = Vec::new();
        write(Message::Close(None), &mut out);
        write(Message::text("x"), &mut out);
        assert_eq!(out, [FINAL | 8, 0, FINAL | 1, 1, b'x']);
    }
}

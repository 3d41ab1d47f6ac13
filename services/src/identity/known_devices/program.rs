//! What a program is, whatever its version: its family and what it runs on.
//!
//! A browser changes what it calls itself every month. Were each version a device of its own, people would learn to throw the letters
//! of new devices away, and be locked out of their own by strangers who guess.

/// Browsers by a word of theirs. Those that also name others come before them: all of them say Safari, most say Chrome.
const FAMILIES: [(&str, &str); 20] = [
    ("Edg", "edge"),
    ("OPR/", "opera"),
    ("OPT/", "opera"),
    ("Opera Mini/", "opera mini"),
    ("SamsungBrowser/", "samsung"),
    ("UCBrowser/", "uc"),
    ("YaBrowser/", "yandex"),
    ("Vivaldi/", "vivaldi"),
    ("DuckDuckGo/", "duckduckgo"),
    ("HuaweiBrowser/", "huawei"),
    ("MiuiBrowser/", "miui"),
    ("PHX/", "phoenix"),
    ("Electron/", "electron"),
    ("CriOS/", "chrome"),
    ("FxiOS/", "firefox"),
    ("Firefox", "firefox"),
    ("; wv)", "webview"),
    ("Chrome/", "chrome"),
    ("Chromium/", "chrome"),
    ("Safari/", "safari"),
];

/// Systems by a word of theirs; a telephone also names the system it is made from.
const PLATFORMS: [(&str, &str); 10] = [
    ("Android", "android"),
    ("iPhone", "iphone"),
    ("iPad", "ipad"),
    ("CrOS", "chromeos"),
    ("Windows", "windows"),
    ("Macintosh", "mac"),
    ("Darwin", "mac"),
    ("KAIOS", "kaios"),
    ("Linux", "linux"),
    ("X11", "unix"),
];

/// The family and the platform of a program, without any version.
pub(super) fn of(agent: &str) -> String {
    let said = |words: &[(&str, &'static str)]| words.iter().find(|(word, _)| agent.contains(word)).map(|(_, name)| *name);
    let family = said(&FAMILIES).map_or_else(|| first_name(agent), str::to_owned);
    format!("{family} on {}", said(&PLATFORMS).unwrap_or("?"))
}

/// How a program of another kind begins to name itself: `curl/8.5.0` is `curl`.
fn first_name(agent: &str) -> String {
    let name = agent.split(['/', ' ', '(']).next().unwrap_or_default();
    name.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn an_update_is_the_same_program_and_another_browser_is_not() {
        let cases = [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "firefox on linux"),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "firefox on linux"),
            ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "firefox on android"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
                "chrome on windows",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.1",
                "edge on windows",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0 Mobile Safari/537.36",
                "chrome on android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) CriOS/138.0 Safari/604.1",
                "chrome on iphone",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Version/18.5 Safari/604.1",
                "safari on iphone",
            ),
            ("Opera/9.80 (Android; Opera Mini/36.2.2254/191.303; U; fr) Presto/2.12.423", "opera mini on android"),
            ("curl/8.5.0", "curl on ?"),
            ("curl/8.14.1", "curl on ?"),
            ("Teranga/3.2 (Android 14)", "teranga on android"),
            ("", " on ?"),
        ];
        for (agent, program) in cases {
            assert_eq!(of(agent), program, "{agent}");
        }
    }
}

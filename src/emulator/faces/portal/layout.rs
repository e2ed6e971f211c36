//! What all pages of the portal share: frame, navigation, style, and how values are worded.
//!
//! Pages need no script; the only one there is shows the Copy buttons where copying works. Nothing is loaded from
//! anywhere, and the content policy allows exactly the style and the script below.

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::emulator::{
    answer::Answer,
    tenant::alerts::{Alert, Part},
};

const STYLE: &str = "
:root{color-scheme:light dark;--back:#f6f7f9;--card:#fff;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--link:#0a58ca;
--bar:#1d2733;--on-bar:#fff;--on-bar-soft:#c3ccd6;--high:#c4281c;--medium:#e06c00;--low:#c79a00;--info:#6a737d;--badge:#5b3fa8}
@media(prefers-color-scheme:dark){:root{--back:#12161b;--card:#1a2027;--ink:#e6eaef;--soft:#9aa5b1;--line:#39424d;
--link:#7cb3ff;--bar:#0b0e12;--high:#ff7b72;--medium:#ffa657;--low:#e3c341;--info:#a3adb8;--badge:#8f7be0}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
a{color:var(--link)}
a:focus-visible,button:focus-visible,input:focus-visible,summary:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--card);padding:.5rem;z-index:1}
header{background:var(--bar);color:var(--on-bar);padding:.75rem 1.25rem;display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;align-items:baseline}
header strong{font-weight:600}header span{color:var(--on-bar-soft);font-size:.875rem}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem;list-style:none;margin:0;padding:.25rem 1rem;border-bottom:1px solid var(--line);background:var(--card)}
nav a{display:block;padding:.5rem .75rem;text-decoration:none;border-bottom:3px solid transparent}
nav a[aria-current]{border-color:var(--link);font-weight:600}
main,footer{max-width:68rem;margin:0 auto;padding:1rem 1.25rem}
footer{color:var(--soft);font-size:.875rem}
h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0 1rem}h2{font-size:1.125rem;margin:1.75rem 0 .5rem}
.scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:6px}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;font-weight:400;padding:.5rem .75rem;border-bottom:1px solid var(--line);vertical-align:top}
tr:last-child>td,tr:last-child>th[scope=row]{border-bottom:0}thead th{font-size:.875rem;color:var(--soft);font-weight:600}
.sev{white-space:nowrap;border-left:6px solid var(--info);padding-left:.625rem}
.sev-high{border-color:var(--high)}.sev-medium{border-color:var(--medium)}.sev-low{border-color:var(--low)}
.badge{display:inline-block;background:var(--badge);color:#fff;border-radius:3px;padding:0 .4rem;font-size:.8125rem;font-weight:600}
@media(prefers-color-scheme:dark){.badge{color:#12161b}}
.soft{color:var(--soft)}.nowrap{white-space:nowrap}
code,.field input{font-family:ui-monospace,monospace;font-size:.9rem;overflow-wrap:anywhere}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.75rem;padding:0;margin:0}
.tiles div{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.75rem}
.tiles dt{color:var(--soft);font-size:.875rem}.tiles dd{margin:0;font-size:1.5rem}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.25rem;margin:0}.facts dt{color:var(--soft)}.facts dd{margin:0;overflow-wrap:anywhere}
@media(max-width:34rem){.facts{grid-template-columns:1fr;gap:0}.facts dd{margin-bottom:.5rem}}
.field{display:grid;grid-template-columns:minmax(9rem,14rem) 1fr auto;gap:.25rem .75rem;align-items:center;margin:.5rem 0}
@media(max-width:34rem){.field{grid-template-columns:1fr}.field button{justify-self:start}}
.field input{width:100%;padding:.4rem .5rem;border:1px solid var(--line);border-radius:4px;background:var(--card);color:var(--ink)}
.field input:disabled{background:var(--line);opacity:.6}
button,.button{display:inline-block;font:inherit;padding:.4rem .9rem;border:1px solid var(--link);border-radius:4px;background:var(--card);color:var(--link);text-decoration:none;cursor:pointer}
button.main{background:var(--link);color:var(--card)}
button:disabled{border-color:var(--line);color:var(--soft);background:var(--back);cursor:not-allowed}
form{display:inline-block;margin:.5rem .75rem .5rem 0}
.note{border-left:6px solid var(--medium);background:var(--card);padding:.5rem .75rem;margin:.75rem 0}
";

const SCRIPT: &str = "
if(navigator.clipboard)for(const b of document.querySelectorAll('button[data-copies]')){b.hidden=false;
b.addEventListener('click',async()=>{await navigator.clipboard.writeText(document.getElementById(b.dataset.copies).value);
b.textContent='Copied'})}
";

/// Nothing may be loaded, run or framed but what these pages bring themselves.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; img-src data:; style-src 'sha256-{}'; script-src 'sha256-{}'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
});

/// The places that the navigation names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Dashboard,
    Alerts,
    Devices,
    Settings,
    Nowhere,
}

const NAVIGATION: [(Section, &str, &str); 4] = [
    (Section::Dashboard, "/portal", "Dashboard"),
    (Section::Alerts, "/portal/alerts", "Alerts queue"),
    (Section::Devices, "/portal/devices", "Machines list"),
    (Section::Settings, "/portal/settings/threat-intel", "Settings: Threat intel"),
];

/// A page, before it is framed.
pub(super) struct Page<'a> {
    pub(super) status: u16,
    pub(super) title: &'a str,
    pub(super) section: Section,
    pub(super) main: Markup,
}

impl Page<'_> {
    /// The page in its frame, as an answer.
    pub(super) fn answer(self, now: Timestamp) -> Answer {
        let body = self.framed(now).into_string().into_bytes();
        let mut answer = Answer::of(self.status, "text/html; charset=utf-8", body);
        for (name, value) in [
            ("cache-control", "no-store"),
            ("content-security-policy", POLICY.as_str()),
            ("referrer-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
        ] {
            answer.headers.push((name.to_owned(), value.to_owned()));
        }
        answer
    }

    fn framed(&self, now: Timestamp) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (self.title) " - Security Center (emulated)" }
                    link rel="icon" href="data:,";
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    a.skip href="#main" { "Skip to the content" }
                    header {
                        strong { "Windows Defender Security Center" }
                        span { "emulated by alertdrill: no real tenant, and no login" }
                    }
                    nav aria-label="Portal" {
                        ul {
                            @for (section, link, name) in NAVIGATION {
                                li { a href=(link) aria-current=[(section == self.section).then_some("page")] { (name) } }
                            }
                        }
                    }
                    main id="main" { (self.main) }
                    footer {
                        p { "All times are UTC, by the emulated clock. When this page was made, it said " (time(now)) "." }
                    }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        }
    }
}

/// A moment, as the portal wrote it.
pub(super) fn time(moment: Timestamp) -> Markup {
    let exact = moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    html! { time.nowrap datetime=(exact) { (moment.strftime("%m.%d.%Y | %H:%M:%S").to_string()) } }
}

/// An enumeration's name, split into words: `SuspiciousNetworkTraffic` is "Suspicious Network Traffic".
pub(super) fn words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let mut before = ' ';
    for letter in name.chars() {
        if letter.is_uppercase() && before.is_lowercase() {
            words.push(' ');
        }
        words.push(letter);
        before = letter;
    }
    words
}

/// A severity: a coloured bar, and the word.
pub(super) fn severity(word: &str) -> Markup {
    let class = match word {
        "High" => "sev sev-high",
        "Medium" => "sev sev-medium",
        "Low" => "sev sev-low",
        _ => "sev",
    };
    html! { span class=(class) { (word) } }
}

/// What raised an alert: the portal says "Custom TI" where the API says `CustomerTI`.
pub(super) fn badge(source: &str) -> Markup {
    html! { span.badge { @if source == "CustomerTI" { "Custom TI" } @else { (source) } } }
}

/// The link to an alert's page, in its title's words.
pub(super) fn alert_link(alert: &Alert) -> Markup {
    html! { a href={ "/portal/alerts/" (escaped(&alert.id)) } { (alert.title) } }
}

/// The link to a device's page, in its name.
pub(super) fn device_link(id: &str, name: &str) -> Markup {
    html! { a href={ "/portal/devices/" (escaped(id)) } { (name) } }
}

/// The indicators that can be read at `now`.
pub(super) fn parts(alert: &Alert, now: Timestamp) -> impl Iterator<Item = &Part> {
    alert.parts.iter().filter(move |part| part.visible_at <= now)
}

fn escaped(segment: &str) -> percent_encoding::PercentEncode<'_> {
    percent_encoding::utf8_percent_encode(segment, percent_encoding::NON_ALPHANUMERIC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_is_shown_in_words() {
        assert_eq!(words("SuspiciousNetworkTraffic"), "Suspicious Network Traffic");
        assert_eq!(words("Trojan"), "Trojan");
        assert_eq!(words("already words"), "already words");
        assert_eq!(words(""), "");
    }

    #[test]
    fn a_moment_is_written_as_the_portal_wrote_it() {
        let shown = time("2017-03-15T06:39:35.5Z".parse().expect("a timestamp")).into_string();
        assert!(shown.contains("03.15.2017 | 06:39:35"), "{shown}");
        assert!(shown.contains("datetime=\"2017-03-15T06:39:35Z\""), "{shown}");
    }

    #[test]
    fn colour_is_never_alone_and_source_is_in_the_portal_s_words() {
        assert!(severity("High").into_string().contains(">High<"));
        assert!(badge("CustomerTI").into_string().contains("Custom TI"));
        assert!(badge("<EDR>").into_string().contains("&lt;EDR&gt;"));
    }
}

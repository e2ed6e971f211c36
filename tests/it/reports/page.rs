//! The page, read as a browser would: every element, strictly nested.

use std::{
    collections::{HashMap, HashSet},
    fs,
};

use alertdrill::report::{Format, render};
use serde_json::Value;

use super::{FIXTURES, fixture, rendered};

/// Elements that have no end.
const VOID: [&str; 4] = ["meta", "br", "hr", "input"];

#[derive(Debug)]
struct Element {
    name: String,
    attributes: HashMap<String, String>,
    /// The names of the elements around it, from the outside.
    around: Vec<String>,
}

/// Every element of a page; panics where it is not well formed.
fn elements(html: &str) -> Vec<Element> {
    let mut rest = html.strip_prefix("<!DOCTYPE html>").expect("a doctype");
    let (mut open, mut elements): (Vec<String>, Vec<Element>) = (Vec::new(), Vec::new());
    while let Some(begin) = rest.find('<') {
        rest = &rest[begin + 1..];
        let end = rest.find('>').expect("every tag ends");
        let (tag, after) = (&rest[..end], &rest[end + 1..]);
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "an end without its beginning, before {rest:.80}");
            continue;
        }
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric()), "no tag of ours: <{tag}>");
        let element = Element { name: name.into(), attributes: attributes_of(attributes), around: open.clone() };
        elements.push(element);
        if ["style", "script"].contains(&name) {
            let end = format!("</{name}>");
            rest = &rest[rest.find(&end).expect("it ends") + end.len()..];
        } else if !VOID.contains(&name) {
            open.push(name.into());
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
    elements
}

fn attributes_of(text: &str) -> HashMap<String, String> {
    let mut attributes = HashMap::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let name = &rest[..rest.find(['=', ' ']).unwrap_or(rest.len())];
        rest = &rest[name.len()..];
        let mut value = "";
        if let Some(quoted) = rest.strip_prefix("=\"") {
            let end = quoted.find('"').expect("every value ends");
            (value, rest) = (&quoted[..end], &quoted[end + 1..]);
        }
        assert!(attributes.insert(name.into(), value.into()).is_none(), "twice: {name} in {text}");
        rest = rest.trim_start();
    }
    attributes
}

fn pages() -> impl Iterator<Item = (&'static str, String)> {
    FIXTURES.into_iter().map(|name| (name, rendered(name, "index.html")))
}

#[test]
fn every_link_and_label_of_a_page_leads_somewhere_on_it_and_every_id_is_there_once() {
    for (name, page) in pages() {
        let elements = elements(&page);
        let ids: Vec<&String> = elements.iter().filter_map(|element| element.attributes.get("id")).collect();
        let unique: HashSet<&String> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "{name}: {ids:?}");
        for element in &elements {
            if let Some(href) = element.attributes.get("href") {
                let target = href.strip_prefix('#').unwrap_or_else(|| panic!("{name} leads away: {href}"));
                assert!(unique.contains(&target.to_owned()), "{name}: {href}");
            }
            if let Some(label) = element.attributes.get("aria-labelledby") {
                assert!(unique.contains(label), "{name}: {label}");
            }
        }
    }
}

#[test]
fn a_page_loads_nothing_and_runs_nothing_but_its_own_script() {
    for (name, page) in pages() {
        let elements = elements(&page);
        let of = |wanted: &'static str| elements.iter().filter(move |element| element.name == wanted);
        assert_eq!((of("script").count(), of("style").count()), (1, 1), "{name}");
        for element in &elements {
            for attribute in element.attributes.keys() {
                let loads =
                    ["src", "srcset", "action", "style", "data", "poster", "ping"].contains(&attribute.as_str());
                assert!(!loads && !attribute.starts_with("on"), "{name}: {element:?}");
            }
            assert!(!["link", "img", "iframe", "object", "base", "form"].contains(&element.name.as_str()), "{name}");
        }
        let policy = of("meta").find(|meta| meta.attributes.contains_key("http-equiv")).expect("a policy");
        assert!(policy.attributes["content"].starts_with("default-src 'none'; style-src 'sha256-"), "{policy:?}");
    }
}

#[test]
fn a_screen_reader_finds_landmarks_and_headings_in_order() {
    for (name, page) in pages() {
        let elements = elements(&page);
        for landmark in ["header", "main", "footer", "h1", "title"] {
            assert_eq!(elements.iter().filter(|element| element.name == landmark).count(), 1, "{name}: {landmark}");
        }
        let mut level = 0;
        for element in &elements {
            let digit = element.name.strip_prefix('h').and_then(|digit| digit.parse::<u32>().ok());
            if let Some(heading) = digit {
                assert!(heading <= level + 1, "{name}: h{heading} after h{level}");
                level = heading;
            }
            if element.name == "th" {
                assert!(element.attributes.contains_key("scope"), "{name}: {element:?}");
            }
            if element.name == "svg" {
                let hidden = element.attributes.get("aria-hidden").is_some_and(|hidden| hidden == "true");
                let is_within = element.around.iter().any(|around| around == "svg");
                let told = element.attributes.get("aria-label").is_some_and(|label| !label.is_empty());
                assert!(hidden || is_within || told, "{name}: {element:?}");
            }
        }
        let skip = elements.iter().find(|element| element.name == "a").expect("a link");
        assert_eq!(skip.attributes["href"], "#main", "{name}: the first link skips to the verdict");
        assert_eq!(skip.around, ["html", "body"], "{name}");
    }
}

#[test]
fn the_verdict_and_the_broken_link_stand_before_everything_else() {
    let page = rendered("no-alert", "index.html");
    let first = &page[page.find("<main").expect("a main part")..page.find("<nav").expect("contents")];
    let what_to_do = "What to do: compare the near misses";
    let told = ["1 of 4 drills found a detection gap.", "detection broke: no alert within 15 minutes", "no-alert"];
    for told in told.into_iter().chain([what_to_do]) {
        assert!(first.contains(told), "{told} is not in {first}");
    }
    let (broken, all) = (page.find("id=\"broken\""), page.find("id=\"all\""));
    assert!(broken.is_some() && broken < all, "failures come first");
}

#[test]
fn a_hostile_name_is_text_and_nothing_else() {
    let page = rendered("hostile", "index.html");
    assert!(!page.contains("<img") && !page.contains("<b>") && !page.contains("javascript:alert(1)\""));
    assert!(page.contains("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;"));
    assert!(!page.contains(['\u{202e}', '\u{7}']), "what is read is what is there");
}

#[test]
fn what_the_tenant_held_for_a_drill_stands_on_the_page_whole() {
    let page = rendered("passed", "index.html");
    let begin = page.find("The indicator 12 as the service wrote it").expect("its own summary");
    let held = &page[begin..];
    let held = &held[..held.find("</details>").expect("an end")];
    assert!(held.contains("xNew") && held.contains("&lt;b&gt;"), "{held}");
}

#[test]
fn what_cannot_be_witnessed_stands_with_its_reason_in_every_chain_and_timeline() {
    let page = rendered("no-alert", "index.html");
    let why = "the service legacy tells nothing of what a device reported";
    let links: Vec<_> = page.match_indices("<li class=\"unwitnessable\">").map(|(at, _)| &page[at..]).collect();
    assert_eq!(links.len(), 2, "on the first screen, and in the account of the drill");
    for link in links {
        let link = &link[..link.find("</li>").expect("an end")];
        assert!(link.contains(">?<") && link.contains("cannot be witnessed") && link.contains(why), "{link}");
    }
    let rows: Vec<_> = page.split("<tr class=\"unwitnessable\">").skip(1).collect();
    assert_eq!(rows.len(), 1);
    let row = &rows[0][..rows[0].find("</tr>").expect("an end")];
    assert!(row.contains("telemetry") && row.contains(&format!("cannot be witnessed: {why}")), "{row}");
    assert!(!row.contains("<svg"), "nothing was tried, so it took no time: {row}");
}

/// The page of a run with a gap, of whose drill `edit` has changed the record.
fn page_of_a_gap(edit: impl FnOnce(&mut Value)) -> String {
    let mut run: Value =
        serde_json::from_str(&fs::read_to_string(fixture("no-alert")).expect("readable")).expect("JSON");
    let drills = run["drills"].as_array_mut().expect("drills");
    edit(drills.iter_mut().find(|drill| drill["verdict"] == "failed").expect("one failed"));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.json");
    fs::write(&path, run.to_string()).expect("written");
    render(&path, folder.path(), &Format::ALL).expect("rendered");
    fs::read_to_string(folder.path().join("index.html")).expect("written")
}

#[test]
fn each_attempt_of_the_traffic_is_a_tick_in_the_link_in_which_it_was_made() {
    let page = page_of_a_gap(|drill| {
        let mut before = drill["stimuli"][0].clone();
        let propagation = drill["chain"].as_array().expect("a chain").iter().find(|one| one["link"] == "propagation");
        before["from"] = propagation.expect("it was waited for")["from"].clone();
        drill["stimuli"].as_array_mut().expect("stimuli").insert(0, before);
    });
    let row = page.split("<tr").find(|row| row.contains("<th scope=\"row\">propagation</th>")).expect("its row");
    assert_eq!(row.matches("class=\"probe\"").count(), 2, "the silent one, and the one at its end: {row}");
    assert!(page.contains("A tick from above is an attempt of the traffic."));
    assert!(!rendered("no-alert", "index.html").contains("class=\"probe\""), "where there was one, it is the stimulus");
}

#[test]
fn a_wait_that_no_link_took_stands_in_the_timeline_by_itself() {
    let page = page_of_a_gap(|drill| {
        drill["chain"].as_array_mut().expect("a chain").retain(|witness| witness["link"] != "detection");
    });
    let waits = |page: &str| -> Vec<String> {
        page.split("<tr").filter(|row| row.contains("<th scope=\"row\">wait</th>")).map(str::to_owned).collect()
    };
    let [row] = &waits(&page)[..] else {
        panic!("one wait was taken by no link");
    };
    assert!(row.contains("class=\"look\"") && row.contains("14 min 59 s"), "{row}");
    assert_eq!(waits(&rendered("no-alert", "index.html")), Vec::<String>::new(), "the wait is the link's own");
}

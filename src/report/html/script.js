"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const by = (id) => document.getElementById(id);
  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  // The theme: as the system's, or one that was chosen, kept where the browser keeps things for files.
  const theme = by("theme");
  const themes = ["auto", "light", "dark"];
  const kept = () => { try { return localStorage.getItem("alertdrill-theme"); } catch { return null; } };
  const wear = (name) => {
    if (name === "auto") document.documentElement.removeAttribute("data-theme");
    else document.documentElement.dataset.theme = name;
    theme.textContent = `Theme: ${name}`;
    theme.dataset.now = name;
  };
  wear(themes.includes(kept()) ? kept() : "auto");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const next = themes[(themes.indexOf(theme.dataset.now) + 1) % themes.length];
    try { localStorage.setItem("alertdrill-theme", next); } catch { /* it lasts as long as the page */ }
    wear(next);
  });

  // All drills: the rows in the page, then those that are data.
  const body = by("rows");
  const shownAtOnce = 500;
  const inPage = all("tr[data-verdict]").map((element) => ({
    element,
    verdict: element.dataset.verdict,
    feature: element.dataset.feature,
    service: element.dataset.service,
    tags: element.dataset.tags ? element.dataset.tags.split(" ") : [],
    text: element.textContent.toLowerCase(),
  }));
  const data = by("others") ? JSON.parse(by("others").textContent) : [];
  const rows = inPage.concat(data.map((row) => Object.assign(row, {
    text: [row.verdict, row.name, row.feature, row.service, row.code, row.outcome, ...row.notes].join(" ").toLowerCase(),
  })));
  const cells = (row) => {
    const name = row.account ? make("a", { href: `#d${row.account}` }, row.name) : row.name;
    const badge = make("span", { className: `badge ${row.verdict}` }, `${row.mark} ${row.verdict}`);
    const outcome = make("td", {}, ...(row.code ? [make("code", {}, row.code), " "] : []), row.outcome,
      ...row.notes.map((note) => make("span", { className: "warn" }, `! ${note}`)));
    const title = make("th", { scope: "row" }, name, make("span", { className: "feature" }, `${row.feature} · ${row.service}`));
    const line = make("tr", {}, make("td", {}, badge), title, outcome,
      make("td", { className: "right" }, row.clock), make("td", { className: "right" }, row.real));
    line.dataset.verdict = row.verdict;
    return line;
  };

  // Filters, kept in the address after #all so that a link leads to what it shows.
  const filters = by("filters");
  const chosen = { verdict: "", feature: "", service: "", tag: "", text: "" };
  const more = by("more");
  let limit = shownAtOnce;
  const fits = (row) => (!chosen.verdict || row.verdict === chosen.verdict)
    && (!chosen.feature || row.feature === chosen.feature)
    && (!chosen.service || row.service === chosen.service)
    && (!chosen.tag || row.tags.includes(chosen.tag))
    && chosen.text.toLowerCase().split(/\s+/).every((word) => row.text.includes(word));
  const show = () => {
    let fitting = 0;
    const added = document.createDocumentFragment();
    for (const row of rows) {
      const is = fits(row) && ++fitting <= limit;
      if (is && !row.element) row.element = cells(row);
      if (row.element) {
        row.element.hidden = !is;
        if (is && !row.element.isConnected) added.append(row.element);
      }
    }
    body.append(added);
    const left = Math.max(0, fitting - limit);
    if (more) {
      more.hidden = left === 0;
      more.textContent = `Show ${Math.min(left, shownAtOnce)} more of ${left}`;
    }
    const asked = Object.values(chosen).some(Boolean);
    by("shown").hidden = !asked;
    by("shown").textContent = asked ? `${fitting} of ${rows.length} drills` : "";
  };
  if (more) more.addEventListener("click", () => { limit += shownAtOnce; show(); });

  const controls = {};
  const values = (of) => [...new Set(rows.flatMap(of))].sort();
  const choose = (name, value) => {
    chosen[name] = value;
    limit = shownAtOnce;
    const asked = new URLSearchParams(Object.entries(chosen).filter(([, given]) => given)).toString();
    history.replaceState(null, "", asked ? `#all?${asked}` : "#all");
    show();
  };
  const counted = (word) => rows.filter((row) => !word || row.verdict === word).length;
  const words = ["passed", "failed", "errored", "skipped"].filter(counted);
  if (filters && rows.length > 1) {
    const chips = make("div", { className: "chips" });
    chips.setAttribute("role", "group");
    chips.setAttribute("aria-label", "Verdict");
    const buttons = ["", ...words].map((word) => {
      const button = make("button", { type: "button" }, `${word || "all"} ${counted(word)}`);
      button.addEventListener("click", () => { choose("verdict", word); press(); });
      return [word, button];
    });
    const press = () => {
      for (const [word, button] of buttons) button.setAttribute("aria-pressed", String(word === chosen.verdict));
    };
    controls.verdict = press;
    chips.append(...buttons.map(([, button]) => button));
    filters.append(chips);
    const text = make("input", { type: "search", placeholder: "Find a drill", autocomplete: "off" });
    text.setAttribute("aria-label", "Find a drill by any of its words");
    text.addEventListener("input", () => choose("text", text.value));
    controls.text = () => { text.value = chosen.text; };
    filters.append(text);
    for (const [name, of] of [["feature", (row) => row.feature], ["service", (row) => row.service], ["tag", (row) => row.tags]]) {
      const known = values(of);
      if (known.length < 2 && name !== "tag" || known.length === 0) continue;
      const select = make("select", {}, make("option", { value: "" }, `any ${name}`),
        ...known.map((value) => make("option", { value }, name === "tag" ? `@${value}` : value)));
      select.setAttribute("aria-label", `Only drills of this ${name}`);
      select.addEventListener("change", () => choose(name, select.value));
      controls[name] = () => { select.value = chosen[name]; };
      filters.append(select);
    }
    filters.hidden = false;
    addEventListener("keydown", (event) => {
      const typing = event.target.closest("input, select, textarea");
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        text.focus();
      } else if (event.key === "Escape" && event.target === text) {
        choose("text", text.value = "");
      }
    });
  }

  // J and K go from one account to the next.
  addEventListener("keydown", (event) => {
    if (event.target.closest("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { j: 1, k: -1 }[event.key];
    if (!step) return;
    const drills = all("article.drill");
    const here = drills.findIndex((drill) => `#${drill.id}` === location.hash);
    const next = drills[here < 0 ? (step > 0 ? 0 : drills.length - 1) : here + step];
    if (next) location.hash = next.id;
  });

  // What can be copied gets a button beside it.
  const copying = (label, text) => {
    const button = make("button", { type: "button", className: "copy-button" }, label);
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text());
        button.textContent = "Copied";
      } catch {
        button.textContent = "Select and copy by hand";
      }
      setTimeout(() => { button.textContent = label; }, 2000);
    });
    return button;
  };
  // For the shell: the request, with a variable in each place of a secret.
  const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`.replaceAll("[redacted]", "'\"$SECRET\"'");
  const curl = (wire) => {
    const [method, address] = [wire.dataset.method, wire.querySelector(".line code .url").textContent];
    const parts = [`curl -X ${method} ${quoted(address)}`];
    const headers = wire.querySelector("h5 ~ dl.headers");
    const first = all("h5", wire)[1];
    const isOfRequest = (element) => !first || element.compareDocumentPosition(first) & Node.DOCUMENT_POSITION_FOLLOWING;
    if (headers && isOfRequest(headers)) {
      for (const pair of all("div", headers)) {
        const name = pair.querySelector("dt").textContent;
        const value = name.toLowerCase() === "authorization" ? "Bearer [redacted]" : pair.querySelector("dd").textContent;
        parts.push(`-H ${quoted(`${name}: ${value}`)}`);
      }
    }
    const body = wire.querySelector("pre.request-body");
    if (body) parts.push(`--data-raw ${quoted(body.textContent)}`);
    return parts.join(" \\\n  ");
  };
  if (navigator.clipboard) {
    for (const code of all("code.copy")) code.after(" ", copying("Copy", () => code.textContent));
    addEventListener("toggle", (event) => {
      const wire = event.target.matches?.("details.exchange[open]") && event.target.querySelector(".wire");
      if (wire && !wire.querySelector(".copy-button")) wire.prepend(copying("Copy as curl", () => curl(wire)));
    }, true);
  }

  // What the address points at is shown: a drill unfolded, or the table as it was filtered.
  const follow = () => {
    const hash = decodeURIComponent(location.hash.slice(1));
    const [place, asked] = [hash.split("?")[0], location.hash.split("?")[1]];
    if (place === "all" && asked !== undefined) {
      for (const name of Object.keys(chosen)) chosen[name] = new URLSearchParams(asked).get(name) ?? "";
      by("all")?.scrollIntoView();
    }
    for (const restore of Object.values(controls)) restore();
    show();
    const details = place && by(place)?.querySelector(":scope > details");
    if (details) details.open = true;
  };
  addEventListener("hashchange", follow);
  follow();

  // On paper everything is unfolded but the exchanges.
  addEventListener("beforeprint", () => {
    for (const details of all("article > details, details.wait")) details.open = true;
  });
})();

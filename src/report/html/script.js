"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Filters over the table of drills.
  const chips = document.querySelector(".chips");
  const rows = all("tr[data-verdict]");
  const words = ["passed", "failed", "errored", "skipped"].filter((word) =>
    rows.some((row) => row.dataset.verdict === word));
  if (chips && words.length > 1) {
    const buttons = ["all", ...words].map((word) => {
      const number = rows.filter((row) => word === "all" || row.dataset.verdict === word).length;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = `${word} ${number}`;
      button.setAttribute("aria-pressed", String(word === "all"));
      button.addEventListener("click", () => {
        for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
        for (const row of rows) row.hidden = word !== "all" && row.dataset.verdict !== word;
      });
      return button;
    });
    chips.append(...buttons);
    chips.hidden = false;
  }

  // A command to copy gets a button beside it.
  if (navigator.clipboard) {
    for (const code of all("code.copy")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy-button";
      button.textContent = "Copy";
      button.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(code.textContent);
          button.textContent = "Copied";
        } catch {
          button.textContent = "Select and copy by hand";
        }
        setTimeout(() => { button.textContent = "Copy"; }, 2000);
      });
      code.after(" ", button);
    }
  }

  // What a link points at is unfolded.
  const unfold = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id && document.getElementById(id);
    const details = target && target.querySelector(":scope > details");
    if (details) details.open = true;
  };
  addEventListener("hashchange", unfold);
  unfold();

  // On paper everything is unfolded but the exchanges.
  addEventListener("beforeprint", () => {
    for (const details of all("article > details, details.wait")) details.open = true;
  });
})();

/* The frame: folding, drawer, theme, notices, counts. Delegated, so swapped parts need no wiring. */
"use strict";
(() => {
  const root = document.documentElement;
  const shell = () => document.querySelector(".k-shell");
  const year = 60 * 60 * 24 * 365;
  const keep = (name, value) => { document.cookie = `${name}=${value}; path=/; max-age=${year}; samesite=lax`; };

  function narrow() {
    const on = shell().classList.toggle("is-narrow");
    keep("kontor_side", on ? "narrow" : "wide");
  }
  function theme() {
    const name = root.dataset.bsTheme === "dark" ? "light" : "dark";
    root.dataset.bsTheme = name;
    keep("kontor_theme", name);
    document.dispatchEvent(new CustomEvent("kontor:theme"));
  }
  function drawer(open) {
    shell().classList.toggle("is-open", open);
    if (open) shell().querySelector(".k-side a")?.focus();
  }
  function fold(button) {
    if (shell().classList.contains("is-narrow") && innerWidth > 767) return narrow();
    const open = button.getAttribute("aria-expanded") === "true";
    document.querySelectorAll(".k-nav [data-fold]").forEach(other => {
      const on = other === button && !open;
      other.setAttribute("aria-expanded", String(on));
      other.nextElementSibling.hidden = !on;
    });
    counts();
  }
  async function counts() {
    const spots = [...document.querySelectorAll(".k-nav ul ul:not([hidden]) [data-count]:empty")];
    if (!spots.length) return;
    const names = spots.map(s => s.dataset.count).join(",");
    try {
      const answer = await fetch(`/shell/counts/?of=${encodeURIComponent(names)}`);
      if (!answer.ok) return;
      const told = await answer.json();
      spots.forEach(s => { s.textContent = told[s.dataset.count] ?? ""; });
    } catch { /* a count that does not come is no loss */ }
  }

  /* signed out while the page was open: it stays, and says how to go on; afterwards its forms get a new token */
  const body = document.body, ask = globalThis.fetch;
  let out = false;
  globalThis.fetch = async (...given) => {
    const answer = await ask(...given);
    if (answer.status === 401 && answer.headers.get("X-Kontor") === "signed-out") signedOut();
    return answer;
  };
  function signedOut() {
    const notices = document.getElementById("notices");
    if (out || !notices) return;
    out = true;
    const box = document.getElementById("signed-out").content.firstElementChild.cloneNode(true);
    notices.replaceChildren(box);
  }
  addEventListener("focus", async () => {
    if (!out) return;
    const answer = await ask("/shell/token/", { headers: { "HX-Request": "true" } });
    if (!answer.ok) return;
    const told = await answer.json();
    if (told.user !== body.dataset.user) { location.reload(); return; }
    document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach(i => { i.value = told.token; });
    body.setAttribute("hx-headers:inherited", JSON.stringify({ "X-CSRFToken": told.token }));
    out = false;
    document.getElementById("notices").replaceChildren();
  });

  document.addEventListener("click", event => {
    const at = event.target.closest("[data-narrow],[data-theme-switch],[data-drawer],[data-fold],[data-dismiss],[data-back],[data-copy],.k-scrim");
    if (!at) {
      if (shell()?.classList.contains("is-open") && !event.target.closest(".k-side")) drawer(false);
      return;
    }
    if (at.matches("[data-narrow]")) narrow();
    else if (at.matches("[data-theme-switch]")) theme();
    else if (at.matches("[data-drawer]")) { event.stopPropagation(); drawer(!shell().classList.contains("is-open")); }
    else if (at.matches("[data-fold]")) fold(at);
    else if (at.matches("[data-dismiss]")) at.closest(".k-notice").remove();
    else if (at.matches("[data-back]")) history.back();
    else if (at.matches("[data-copy]")) navigator.clipboard?.writeText(at.dataset.copy);
  });
  document.addEventListener("keydown", event => {
    if (event.key === "Escape" && shell()?.classList.contains("is-open")) drawer(false);
  });
  // a sheet that asks before it goes: <form data-confirm="…">
  document.addEventListener("submit", event => {
    const text = event.target.dataset?.confirm;
    if (text && !confirm(text)) { event.preventDefault(); event.stopPropagation(); }
    // who signs out leaves nothing in this browser: neither unsaved forms nor words searched for
    else if (event.target.action?.includes("/accounts/logout"))
      for (const key of Object.keys(localStorage)) if (/^kontor-(draft|searches)/.test(key)) localStorage.removeItem(key);
  }, true);
  if (shell() && !document.cookie.includes("kontor_side=") && matchMedia("(min-width: 768px) and (max-width: 1199px)").matches) {
    shell().classList.add("is-narrow");
  }
  if (shell()) setTimeout(counts, 200);
  globalThis.kontorShell = { narrow, drawer };
})();

/* Record pages: panels of actions, quick forms, saving by key, asking before leaving, timeline, way back. */
"use strict";
(() => {
  const one = (s, e = document) => e.querySelector(s);
  const all = (s, e = document) => [...e.querySelectorAll(s)];
  const part = { headers: { "HX-Request": "true" } };
  const shown = root => root.dispatchEvent(new CustomEvent("kontor:shown", { bubbles: true }));

  /* -- panels: an action's values, a quick form ------------------------------------------- */
  function panel(html, opener) {
    const dialog = document.createElement("dialog");
    dialog.className = "k-panel";
    dialog.setAttribute("aria-labelledby", "panel-title");
    dialog.innerHTML = html;
    document.body.append(dialog);
    dialog.addEventListener("close", () => { dialog.remove(); opener?.focus(); });
    dialog.showModal();
    begin(dialog);
    return dialog;
  }
  function begin(dialog) {
    shown(dialog);
    (one("[data-focus]", dialog) ?? one(".k-panelbody input:not([type=hidden]), .k-panelbody select, .k-panelbody textarea, .k-fields input:not([type=hidden])", dialog) ?? one("footer .is-main", dialog))?.focus();
    if (one("[data-preview]", dialog)) preview(one("form", dialog));
  }
  async function open(href, opener) {
    const got = await fetch(href, part);
    if (!got.ok && got.status !== 409) { location.href = href; return null; }
    return panel(await got.text(), opener);
  }
  async function preview(form) {
    const box = one("[data-preview]", form);
    if (!box) return;
    const body = new FormData(form);
    body.set("preview", "1");
    box.setAttribute("aria-busy", "true");
    const ghost = setTimeout(() => { box.innerHTML = '<span class="k-ghost w3"></span><span class="k-ghost w2"></span>'; }, 300);
    try {
      const got = await fetch(form.action, { method: "POST", body, ...part });
      const html = await got.text();
      clearTimeout(ghost);
      if (form.isConnected) box.innerHTML = got.ok ? html : "";
    } catch { clearTimeout(ghost); box.textContent = ""; }
    box.removeAttribute("aria-busy");
  }
  async function send(form) {
    form.dispatchEvent(new CustomEvent("kontor:collect"));
    const dialog = form.closest("dialog");
    const got = await fetch(form.action, { method: "POST", body: new FormData(form), ...part });
    if (got.headers.get("Content-Type")?.startsWith("application/json")) return { done: await got.json() };
    const html = await got.text();
    dialog.innerHTML = html;
    begin(dialog);
    return { done: null };
  }

  /* -- double submits, collecting lines --------------------------------------------------- */
  let leaving = false;
  document.addEventListener("submit", async event => {
    const form = event.target;
    if (event.defaultPrevented) return;
    if (form.matches("[data-action], [data-quickform]") && form.closest("dialog")) {
      event.preventDefault();
      if (form.dataset.busy !== undefined) return;
      form.dataset.busy = "";
      try {
        const { done } = await send(form);
        if (done?.go) { leaving = true; location.assign(done.go); return; }
        if (done && form.matches("[data-quickform]")) taken(form.closest("dialog"), done);
      } finally { delete form.dataset.busy; }
      return;
    }
    if (form.matches("[data-side]")) { event.preventDefault(); side(form); return; }
    if (form.matches("[data-form]")) form.dispatchEvent(new CustomEvent("kontor:collect"));
    if (form.matches("[data-once], [data-form]")) {
      if (form.dataset.busy !== undefined) { event.preventDefault(); return; }
      form.dataset.busy = "";
      leaving = true;
      setTimeout(() => { delete form.dataset.busy; leaving = false; }, 8000);
    }
  });
  addEventListener("pageshow", () => all("form[data-busy]").forEach(f => { delete f.dataset.busy; leaving = false; }));

  /* -- the form: changed, leaving, saving -------------------------------------------------- */
  const form = () => one("form[data-form]");
  document.addEventListener("input", event => { const f = event.target.closest("form[data-form]"); if (f) f.dataset.changed = ""; });
  document.addEventListener("change", event => { const f = event.target.closest("form[data-form]"); if (f) f.dataset.changed = ""; });
  addEventListener("beforeunload", event => {
    if (form()?.dataset.changed !== undefined && !leaving) { event.preventDefault(); event.returnValue = form().dataset.leave; }
  });
  document.addEventListener("keydown", event => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      const target = one("dialog[open] form") ?? form();
      if (target) { event.preventDefault(); settle().then(() => target.requestSubmit()); }
    } else if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && event.target.closest(".k-composer")) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
  });
  /* a type-ahead that is being typed in gets to find its match before the form goes */
  async function settle() {
    const at = document.activeElement;
    if (at?.matches?.("[role=combobox]") && at.value !== (at.dataset.text ?? "")) {
      at.blur();
      await new Promise(go => setTimeout(go, 400));
    }
  }
  document.addEventListener("click", event => {
    const at = event.target.closest("a[data-panel],[data-close],[data-quick],[data-dopreview],[data-older],[data-only],[data-pickfile],[data-at],[data-open-more]");
    if (!at) return;
    if (at.matches("a[data-panel]")) {
      if (event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      at.closest("[popover]")?.hidePopover();
      open(at.href, at);
    } else if (at.matches("[data-close]")) {
      const dialog = at.closest("dialog");
      if (dialog) dialog.close(); else history.back();
    } else if (at.matches("[data-quick]")) quick(at);
    else if (at.matches("[data-dopreview]")) preview(at.closest("form"));
    else if (at.matches("[data-older]")) older(at);
    else if (at.matches("[data-only]")) only(at);
    else if (at.matches("[data-pickfile]")) one("#story input[type=file]").click();
    else if (at.matches("[data-at]")) { const t = one(".k-composer textarea"); t.focus(); t.setRangeText("@", t.selectionStart, t.selectionEnd, "end"); t.dispatchEvent(new Event("input", { bubbles: true })); }
    else if (at.matches("[data-open-more]")) globalThis.kontorMenus.open(one("#menu-more"), at);
  });

  /* -- a missing record made on the way ---------------------------------------------------- */
  let waiting = null;
  async function quick(button) {
    waiting = one("[role=combobox]", button.parentElement);
    await open(button.dataset.quick, waiting);
  }
  function taken(dialog, row) {
    const input = waiting;
    waiting = null;
    dialog.close();
    if (input) { globalThis.kontorCombo.take(input, row); input.focus(); }
  }

  /* -- is it there already? asked while the name, the phone, the tax number are typed -------- */
  let likeTimer = 0, likeTurn = 0, likeAsked = "";
  async function alike(f) {
    const box = one("[data-similar-box]", f), query = new URLSearchParams();
    for (const name of f.dataset.similarFields.split(" ")) {
      const text = f.elements[name]?.value?.trim();
      if (text) query.set(name, text);
    }
    if (!query.has("name") && !query.has("phone") && !query.has("tax_number") && !query.has("email")) { box.replaceChildren(); likeAsked = ""; return; }
    const id = f.querySelector("[name=id]")?.value;
    if (id) query.set("but", id);
    if (String(query) === likeAsked) return;
    likeAsked = String(query);
    const mine = ++likeTurn;
    try {
      const got = await fetch(`${f.dataset.similar}?${query}`, part);
      if (got.ok && mine === likeTurn) box.innerHTML = await got.text();
    } catch { /* a hint that does not come is no loss */ }
  }
  document.addEventListener("input", event => {
    const f = event.target.closest?.("form[data-similar]");
    if (!f || !f.dataset.similarFields.split(" ").includes(event.target.name)) return;
    clearTimeout(likeTimer);
    likeTimer = setTimeout(() => alike(f), 350);
  });

  /* -- timeline ---------------------------------------------------------------------------- */
  async function side(form) {
    if (form.dataset.busy !== undefined) return;
    form.dataset.busy = "";
    const text = one("textarea", form);
    try {
      const got = await fetch(form.action, { method: "POST", body: new FormData(form), ...part });
      const html = await got.text();
      if (!got.ok) { const box = one("#notices"); if (box) box.innerHTML = html; delete form.dataset.busy; return; }
      one("#story").outerHTML = html;
      if (text) one("#story textarea")?.focus();
    } catch { delete form.dataset.busy; }
  }
  document.addEventListener("change", event => {
    if (event.target.matches("#story input[type=file]") && event.target.files.length) event.target.form.requestSubmit();
  });
  async function older(button) {
    const got = await fetch(button.dataset.older, part);
    if (got.ok) button.closest("li").outerHTML = await got.text();
  }
  function only(button) {
    const kind = button.dataset.only;
    all("[data-only]").forEach(b => b.toggleAttribute("aria-current", b === button));
    button.setAttribute("aria-current", "true");
    let day = null;
    all("#story .k-tl > li").forEach(li => {
      if (li.matches(".k-day")) { day = li; li.hidden = true; return; }
      li.hidden = kind !== "" && li.dataset.kind !== undefined && li.dataset.kind !== kind;
      if (!li.hidden && day) day.hidden = false;
    });
  }
  /* @ and a few letters: colleagues to choose from */
  const names = document.createElement("ul");
  names.className = "k-combo k-plain k-names";
  names.setAttribute("popover", "manual");
  let box = null, turn = 0;
  const word = t => /(?:^|\s)@([\w.+-]*)$/.exec(t.value.slice(0, t.selectionStart));
  async function mention(t) {
    const found = word(t), mine = ++turn;
    if (!found) { hide(); return; }
    const got = await fetch(`${t.dataset.mention}?q=${encodeURIComponent(found[1])}`, part);
    if (!got.ok || mine !== turn) return;
    const rows = (await got.json()).results;
    if (!rows.length) { hide(); return; }
    box = t;
    names.replaceChildren(...rows.map((r, i) => {
      const li = document.createElement("li");
      li.setAttribute("role", "option");
      li.setAttribute("aria-selected", String(i === 0));
      li.dataset.name = r.username;
      const b = document.createElement("span"); b.className = "k-grow k-cut"; b.textContent = r.name;
      const c = document.createElement("span"); c.className = "k-3 k-xs"; c.textContent = `@${r.username}`;
      li.append(b, c);
      return li;
    }));
    document.body.append(names);
    if (!names.matches(":popover-open")) names.showPopover();
    const at = t.getBoundingClientRect();
    names.style.left = `${at.left}px`;
    names.style.top = `${at.bottom + 2}px`;
    names.style.width = `${at.width}px`;
  }
  function hide() { turn += 1; if (names.isConnected && names.matches(":popover-open")) names.hidePopover(); box = null; }
  function say(name) {
    const found = word(box);
    const end = box.selectionStart;
    box.setRangeText(`@${name} `, end - found[1].length - 1, end, "end");
    box.focus();
    hide();
  }
  document.addEventListener("input", event => { if (event.target.matches("[data-mention]") && !event.isComposing) mention(event.target); });
  document.addEventListener("keydown", event => {
    if (!box || event.target !== box) return;
    const items = [...names.children], at = items.findIndex(i => i.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = (at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length;
      items.forEach((i, n) => i.setAttribute("aria-selected", String(n === next)));
    } else if ((event.key === "Enter" && !event.ctrlKey) || event.key === "Tab") { event.preventDefault(); say(items[at].dataset.name); }
    else if (event.key === "Escape") { event.stopPropagation(); hide(); }
  }, true);
  names.addEventListener("pointerdown", event => { event.preventDefault(); const li = event.target.closest("[data-name]"); if (li) say(li.dataset.name); });
  document.addEventListener("focusout", event => { if (event.target === box) setTimeout(hide, 150); });

  /* -- previous and next in the list one came from ----------------------------------------- */
  function sequence() {
    const crumb = one(".k-crumb"), f = form();
    if (f && crumb) {  /* the way back from a form: its list as one left it */
      const link = one("a[href]", crumb), kept = link && JSON.parse(sessionStorage.getItem(`kontor-list:${new URL(link.href).pathname.replace(/^\/|\/$/g, "")}`) ?? "null");
      if (kept?.url) {
        all("[data-back-to]").filter(a => a.pathname === new URL(link.href).pathname).forEach(a => { a.href = kept.url; });
        link.href = kept.url;
      }
      return;
    }
    const here = one("[data-record]")?.dataset.record;
    if (!here || !crumb) return;
    const [, module, noun, id] = here.split("/"), path = `${module}/${noun}`;
    let came;
    try { came = JSON.parse(sessionStorage.getItem(`kontor-list:${path}`) ?? sessionStorage.getItem(`kontor-list:/${path}/`)); } catch { return; }
    if (!came) return;
    const link = one(`a[href="/${path}/"]`, crumb);
    if (link && came.url) link.href = came.url;
    const rows = came.ids ?? [], at = rows.indexOf(id);
    if (at < 0) return;
    came.at = id;
    sessionStorage.setItem(`kontor-list:${path}`, JSON.stringify(came));
    const box = document.createElement("span");
    box.className = "k-row k-tight k-wide-only k-seq";
    const n = document.createElement("span");
    n.className = "k-3 k-num k-xs";
    n.textContent = `${at + 1} / ${rows.length}`;
    box.append(n);
    const to = (index, icon, label, key) => {
      const href = rows[index] && `/${path}/${rows[index]}/`, b = document.createElement(href ? "a" : "button");
      b.className = "k-btn is-bare is-sm is-icon";
      b.title = `${label} ${key}`;
      b.setAttribute("aria-label", label);
      if (href) { b.href = href; b.dataset.seq = key; } else { b.type = "button"; b.disabled = true; }
      const i = document.createElement("i");
      i.className = `ti ti-chevron-${icon}`;
      i.setAttribute("aria-hidden", "true");
      b.append(i);
      box.append(b);
    };
    const words = one("[data-record]").dataset;
    to(at - 1, "up", words.previous, "K");
    to(at + 1, "down", words.next, "J");
    crumb.append(box);
  }
  document.addEventListener("keydown", event => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || localStorage.getItem("kontor-single-keys-off")) return;
    if (event.target.closest("input, textarea, select, dialog, [popover]")) return;
    const key = event.key.toUpperCase();
    if (key === "J" || key === "K") one(`[data-seq="${key}"]`)?.click();
  });

  /* -- at the start ------------------------------------------------------------------------ */
  sequence();
  const first = one("#content [data-focus]") ?? one("[aria-invalid=true]");
  if (first) first.focus();
  else if (form() && !form().querySelector("[name=id]")) one(".k-fields input:not([type=hidden]):not([disabled]), .k-fields select", form())?.focus();
})();

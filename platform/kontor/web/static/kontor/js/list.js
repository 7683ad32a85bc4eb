/* The list: keys, picking, counts of the tabs, the filter editor, and the way back to the same row. */
"use strict";
(() => {
  const one = (s, e = document) => e.querySelector(s);
  const all = (s, e = document) => [...e.querySelectorAll(s)];
  const list = () => document.getElementById("list");
  const rows = () => all("#list tbody tr[data-id]");
  let here = -1, anchor = -1;

  /* -- the row that keys act on -- */
  function stand(at) {
    const known = rows();
    if (!known.length) return;
    here = Math.max(0, Math.min(at, known.length - 1));
    known.forEach((r, i) => r.classList.toggle("is-here", i === here));
    known[here].scrollIntoView({ block: "nearest" });
  }

  /* -- picking -- */
  const ticks = () => all("#list tbody input[name=ids]");
  function show() {
    const boxes = ticks(), picked = boxes.filter(b => b.checked);
    boxes.forEach(b => b.closest("tr").classList.toggle("is-picked", b.checked));
    const head = one("#list [data-all]");
    if (head) { head.checked = picked.length > 0 && picked.length === boxes.length; head.indeterminate = picked.length > 0 && !head.checked; }
    const bar = one("#list .k-bulk");
    if (!bar) return;
    bar.hidden = !picked.length;
    const matching = one("[data-matching]", bar);
    if (matching && picked.length !== boxes.length) matching.setAttribute("aria-pressed", "false");
    matching?.classList.toggle("is-on", matching.getAttribute("aria-pressed") === "true");
    one("[data-picked]", bar).textContent = matching?.getAttribute("aria-pressed") === "true" ? (matching.textContent.match(/\(([^)]+)\)/)?.[1] ?? "") : picked.length;
  }
  function pick(at, range, on) {
    const boxes = ticks();
    const value = on ?? !boxes[at].checked;
    if (range && anchor >= 0) {
      const [from, to] = [Math.min(anchor, at), Math.max(anchor, at)];
      for (let i = from; i <= to; i += 1) boxes[i].checked = value;
    } else boxes[at].checked = value;
    anchor = at;
    show();
  }
  function clear() { ticks().forEach(b => { b.checked = false; }); const m = one("#list [data-matching]"); m?.setAttribute("aria-pressed", "false"); show(); }

  document.addEventListener("kontor:picked", show);
  document.addEventListener("click", event => {
    const box = event.target.closest?.("#list tbody input[name=ids]");
    if (box) return pick(ticks().indexOf(box), event.shiftKey, box.checked);
    if (event.target.matches?.("#list [data-all]")) { ticks().forEach(b => { b.checked = event.target.checked; }); return show(); }
    if (event.target.closest("#list [data-clear]")) return clear();
    const matching = event.target.closest("#list [data-matching]");
    if (matching) {
      const on = matching.getAttribute("aria-pressed") !== "true";
      ticks().forEach(b => { b.checked = on; });
      matching.setAttribute("aria-pressed", String(on));
      return show();
    }
    const filter = event.target.closest("#list [data-filter]");
    if (filter) return edit(filter.dataset.filter, filter);
    const row = event.target.closest("#list tbody tr[data-href]");
    if (!row) return undefined;
    const link = event.target.closest("a");
    if (link || !event.target.closest("input, button, label")) remember(row);
    if (!link && !event.target.closest("input, button, label") && !String(getSelection())) {
      if (event.target.closest(".k-tick")) return undefined;
      if (event.ctrlKey || event.metaKey) open(row.dataset.href, "_blank", "noopener"); else location.href = row.dataset.href;
    }
    return undefined;
  });

  document.addEventListener("keydown", event => {
    if (!list() || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog, [popover]:popover-open")) return;
    const off = localStorage.getItem("kontor-single-keys-off") && event.key.length === 1;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (off || !rows().length) return;
    if (key === "j") stand(here + 1);
    else if (key === "k") stand(here < 0 ? 0 : here - 1);
    else if (key === "x" && here >= 0) pick(here, event.shiftKey);
    else if (key === "Enter" && here >= 0 && !event.target.closest("a, button, input")) { remember(rows()[here]); location.href = rows()[here].dataset.href; }
    else if (key === "Escape" && ticks().some(b => b.checked)) clear();
    else return;
    event.preventDefault();
  });

  /* -- the filter editor: one form in a pop-over, fetched for the field -- */
  async function edit(name, at) {
    const box = document.getElementById("filter-box");
    const anchorAt = at.closest("[popover]") ? one("#list [popovertarget=menu-filter]") : at;
    document.getElementById("menu-filter").hidePopover();
    const query = new URLSearchParams(location.search);
    query.delete("cursor"); query.delete("n"); query.set("field", name);
    const answer = await fetch(`${box.dataset.url}?${query}`, { headers: { "HX-Request": "true" } });
    if (!answer.ok) return;
    box.innerHTML = await answer.text();
    globalThis.htmx?.process(box);
    globalThis.kontorMenus.open(box, anchorAt);
    globalThis.kontorMenus.place(box, anchorAt);
    one("[autofocus], input:not([type=hidden]), select", box)?.focus();
  }
  document.addEventListener("input", event => {
    const box = event.target.closest?.("[data-narrow-items]");
    if (!box) return;
    const word = box.value.trim().toLowerCase();
    all(".k-item", box.closest(".k-menu")).forEach(item => { item.hidden = !item.textContent.toLowerCase().includes(word); });
  });

  /* -- counts of the saved views, after the page stands -- */
  async function counts() {
    const nav = one("#list [data-counts]");
    if (!nav || !one("[data-view-count]:empty", nav)) return;
    try {
      const answer = await fetch(nav.dataset.counts);
      if (!answer.ok) return;
      const told = await answer.json();
      all("[data-view-count]:empty", nav).forEach(s => { s.textContent = told[s.dataset.viewCount] ?? ""; });
    } catch { /* no counts then */ }
  }

  /* -- going to a record and coming back to the same row of the same list -- */
  function remember(row) {
    const path = list().dataset.list;
    sessionStorage.setItem(`kontor-list:${path}`, JSON.stringify({ url: location.pathname + location.search, at: row.dataset.id, ids: rows().map(r => r.dataset.id), top: one("#list [data-rows]")?.scrollTop ?? 0 }));
  }
  function back() {
    const kept = sessionStorage.getItem(`kontor-list:${list().dataset.list}`);
    if (!kept) return;
    const { at, url, top } = JSON.parse(kept);
    const row = one(`#list tbody tr[data-id="${CSS.escape(at)}"]`);
    if (!row) return;
    row.classList.add("is-at");
    const scroll = one("#list [data-rows]");
    if (scroll && url === location.pathname + location.search) scroll.scrollTop = top;
    row.scrollIntoView({ block: "nearest" });
    here = rows().indexOf(row);
  }

  function begin() {
    if (!list()) return;
    here = anchor = -1;
    show();
    back();
    counts();
  }
  document.addEventListener("htmx:after:swap", () => { if (list()) begin(); });
  document.addEventListener("htmx:error", () => failed());
  document.addEventListener("htmx:response:error", () => failed());
  function failed() {
    const text = list()?.dataset.failed;
    const notices = document.getElementById("notices");
    if (!text || !notices || notices.textContent.trim()) return;
    const box = document.createElement("div");
    box.className = "k-notice is-bad";
    box.setAttribute("role", "alert");
    box.textContent = text;
    notices.append(box);
  }
  begin();
})();

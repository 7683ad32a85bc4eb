/* Type-ahead for references.

   <span class="k-pick" data-combo="catalog.product" [data-extra="party=…&currency=…"]>
     <input type="hidden" name="lines-0-product" value="<id>">
     <input class="k-input" role="combobox" aria-autocomplete="list" aria-expanded="false" autocomplete="off" value="<title>">
   </span>

   Delegated: fields that come later (htmx, new lines) need no wiring. The list of answers is one element
   at the end of the body (or of the open dialog). Arrows move, Enter or Tab takes (Tab goes on), Esc gives
   up, emptying the field clears the value. "kontor:pick" bubbles from the span with detail = the row
   ({id, code, name, extra, …}, or null when cleared). What is only typed is no value: leaving the field
   takes the one exact or only match, else puts the earlier text back. */
"use strict";
(() => {
  const list = document.createElement("ul");
  list.className = "k-combo k-plain";
  list.id = "k-combo-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("popover", "manual");
  let field = null, rows = [], at = -1, turn = 0, timer = 0, asked = "";

  const holder = input => input.closest("[data-combo]");
  const hidden = input => holder(input).querySelector("input[type=hidden]");
  const isOpen = () => field !== null && list.matches(":popover-open");

  function close() {
    clearTimeout(timer);
    turn += 1;
    if (list.isConnected && list.matches(":popover-open")) list.hidePopover();
    if (field) { field.setAttribute("aria-expanded", "false"); field.removeAttribute("aria-activedescendant"); }
    rows = []; at = -1;
  }
  function place() {
    const box = field.getBoundingClientRect();
    list.style.width = `${Math.min(Math.max(box.width, 432), innerWidth - 16)}px`;
    const height = list.getBoundingClientRect().height;
    const below = box.bottom + height + 8 <= innerHeight || box.top < height;
    list.style.top = `${below ? box.bottom + 2 : box.top - height - 2}px`;
    list.style.left = `${Math.max(8, Math.min(box.left, innerWidth - list.offsetWidth - 8))}px`;
  }
  function marked(text, word) {
    const out = document.createDocumentFragment();
    const where = word ? text.toLowerCase().indexOf(word.toLowerCase()) : -1;
    if (where < 0) { out.append(text); return out; }
    const mark = document.createElement("mark");
    mark.textContent = text.slice(where, where + word.length);
    out.append(text.slice(0, where), mark, text.slice(where + word.length));
    return out;
  }
  function span(classes, ...inside) {
    const made = document.createElement("span");
    made.className = classes;
    made.append(...inside);
    return made;
  }
  function draw(word, answer) {
    rows = answer.results;
    list.replaceChildren(...rows.map((row, i) => {
      const item = document.createElement("li");
      item.id = `k-combo-${i}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(i === 0));
      item.dataset.at = i;
      if (row.code && row.code !== row.name) item.append(span("k-num k-med", marked(row.code, word)));
      const what = span("k-cut k-grow", marked(row.name, word));
      if (row.mark) what.append(" ", span("k-grade", row.mark));
      if (row.extra) what.append(span("k-3 k-xs k-block k-cut", row.extra));
      item.append(what);
      const told = [...(row.warn ? [{ text: row.warn, look: "bad" }] : []), ...(row.facts ?? [])];
      if (told.length) item.append(span("k-comboend", ...told.map(f => span(`k-xs k-num k-${f.look || "2"}`, f.text))));
      return item;
    }));
    if (!rows.length) {
      const none = document.createElement("li");
      none.className = "k-3";
      none.append(answer.none);
      list.append(none);
    }
    (field.closest("dialog") ?? document.body).append(list);
    if (!list.matches(":popover-open")) list.showPopover();
    field.setAttribute("aria-expanded", "true");
    field.setAttribute("aria-controls", list.id);
    move(rows.length ? 0 : -1);
    place();
  }
  function move(to) {
    at = rows.length ? (to + rows.length) % rows.length : -1;
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === at)));
    if (at < 0) { field.removeAttribute("aria-activedescendant"); return; }
    field.setAttribute("aria-activedescendant", `k-combo-${at}`);
    list.children[at].scrollIntoView({ block: "nearest" });
  }
  async function ask(input, now) {
    clearTimeout(timer);
    const mine = ++turn;
    await new Promise(go => { timer = setTimeout(go, now ? 0 : 140); });
    const word = input.value.trim();
    asked = word;
    const extra = holder(input).dataset.extra;
    const url = `/pick/${holder(input).dataset.combo}/?q=${encodeURIComponent(word)}${extra ? `&${extra}` : ""}`;
    let answer;
    try {
      const got = await fetch(url, { headers: { Accept: "application/json" } });
      if (!got.ok) return null;
      answer = await got.json();
    } catch { return null; }
    if (mine !== turn || document.activeElement !== input) return answer;
    field = input;
    draw(word, answer);
    return answer;
  }
  function take(input, row) {
    const store = hidden(input);
    const changed = store.value !== (row ? row.id : "");
    store.value = row ? row.id : "";
    input.value = row ? (row.label ?? row.name) : "";
    input.dataset.text = input.value;
    close();
    if (!changed) return;
    store.dispatchEvent(new Event("change", { bubbles: true }));
    holder(input).dispatchEvent(new CustomEvent("kontor:pick", { bubbles: true, detail: row }));
  }
  /* On leaving: empty clears; unchanged stays; else the exact or only match, or the earlier text. */
  async function settle(input) {
    const word = input.value.trim(), kept = input.dataset.text ?? "";
    if (word === kept) return close();
    if (!word) return take(input, null);
    let known = asked === word && field === input ? rows : [];
    close();
    if (!known.length) known = (await ask(input, true))?.results ?? [];
    const same = known.filter(r => [r.code, r.name, r.label].some(t => t && t.toLowerCase() === word.toLowerCase()));
    const row = same.length === 1 ? same[0] : known.length === 1 ? known[0] : null;
    if (row) return take(input, row);
    if (input.value.trim() === word) input.value = kept;
    return close();
  }

  const combo = target => target instanceof HTMLInputElement && target.matches("[data-combo] > input[role=combobox]");
  document.addEventListener("focusin", event => {
    if (!combo(event.target)) return;
    event.target.dataset.text ??= event.target.value;
    event.target.select();
  });
  document.addEventListener("click", event => {
    if (combo(event.target) && !isOpen() && !event.target.readOnly) ask(event.target, true);
  });
  document.addEventListener("input", event => { if (combo(event.target) && !event.isComposing) { field = event.target; ask(event.target); } });
  document.addEventListener("compositionend", event => { if (combo(event.target)) { field = event.target; ask(event.target); } });
  document.addEventListener("focusout", event => { if (combo(event.target)) settle(event.target); });
  document.addEventListener("keydown", event => {
    if (!combo(event.target) || event.isComposing || event.target.readOnly) return;
    const open = isOpen() && field === event.target;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (event.altKey && !open) return;
      event.preventDefault();
      event.stopPropagation();
      if (open) move(at + (event.key === "ArrowDown" ? 1 : -1)); else ask(event.target, true);
    } else if (open && event.key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      if (rows[at]) take(event.target, rows[at]);
    } else if (open && event.key === "Tab") {
      if (rows[at] && event.target.value.trim() && event.target.value !== event.target.dataset.text) take(event.target, rows[at]);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      event.target.value = event.target.dataset.text ?? "";
      close();
    }
  }, true);
  list.addEventListener("pointerdown", event => {
    const item = event.target.closest("[data-at]");
    event.preventDefault();
    if (item && field) take(field, rows[Number(item.dataset.at)]);
  });
  addEventListener("scroll", event => { if (isOpen() && event.target !== list) place(); }, true);
  globalThis.kontorCombo = { take, close };
})();

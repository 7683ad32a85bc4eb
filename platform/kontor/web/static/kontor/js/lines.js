/* The line grid: rows as text, one row in edit. Tab next cell, Enter next row, Alt + adds, Ctrl D copies,
   Alt arrows move, Ctrl Backspace removes, rows pasted from a sheet. Prices, amounts, totals and facts come
   from the server's dry run: debounced, one request at a time, answers in order. On phones a sheet edits. */
"use strict";
(() => {
  const NUMBERS = new Set(["quantity", "amount", "price", "percent", "rate", "integer"]);
  const phone = matchMedia("(max-width: 767px)");
  const make = (tag, classes, ...inside) => {
    const e = document.createElement(tag);
    if (classes) e.className = classes;
    e.append(...inside);
    return e;
  };
  const icon = (name, classes = "") => { const i = make("i", `ti ti-${name} ${classes}`); i.setAttribute("aria-hidden", "true"); return i; };
  const number = text => { const n = Number(String(text).replace(/[,%％\s]/g, "")); return Number.isFinite(n) ? n : 0; };
  let lastKey = "", serial = 0;
  addEventListener("keydown", e => { lastKey = e.key; }, true);
  addEventListener("pointerdown", () => { lastKey = ""; }, true);
  const all = new WeakMap();  // form → its grids and their calculator
  const grids = form => all.get(form)?.grids ?? [];
  const calculatorOf = form => all.get(form)?.calculator;

  class Grid {
    constructor(box) {
      this.box = box;
      this.form = box.closest("form");
      this.config = JSON.parse(box.querySelector("script[type='application/json']").textContent);
      this.words = this.config.words;
      this.columns = this.config.columns;
      this.table = box.querySelector("table");
      this.store = box.querySelector("[data-rows]");
      this.at = -1;
      this.changed = this.config.changed;
      this.rows = this.config.rows.map(row => this.adopt(row));
      Object.entries(this.config.errors).forEach(([i, wrong]) => { if (this.rows[i]) this.rows[i].errors = wrong; });
      if (!this.rows.length && !this.config.readonly && this.form.dataset.calc && !this.form.querySelector("[name=id]")) this.rows.push(this.blank());
      this.draw();
      this.wire();
    }

    adopt(row) { return { key: ++serial, id: "", values: {}, shown: {}, notes: {}, links: {}, errors: {}, calc: "", fact: null, ...row, set: new Set(row.set ?? []) }; }
    blank() { return this.adopt({}); }
    isBlank(row) { return !row.id && !row.set.size; }

    /* drawing ------------------------------------------------------------------------------- */
    draw() {
      const head = make("tr");
      head.append(this.th("", this.words.line, true));
      for (const c of this.shown()) {
        head.append(this.th(c.label, "", false, c.end, c));
        if (this.hasFacts(c)) head.append(this.th(this.config.factsLabel, "", false, true));
      }
      if (!this.config.readonly) head.append(this.th("", this.words.delete, true));
      this.body = make("tbody");
      this.table.replaceChildren(make("thead", "", head), this.body);
      this.drawRows();
    }
    th(text, label, hidden, end, column) {
      const th = make("th", end ? "k-end" : "");
      th.scope = "col";
      if (column?.role === "item") th.classList.add("a-item");
      if (hidden) th.append(make("span", "visually-hidden", label)); else th.append(text);
      if (column?.guarded) th.append(" ", icon("eye-check", "k-3 k-eye"));
      return th;
    }
    shown() { return this.columns.filter(c => c.role !== "text"); }
    describing() { return this.columns.find(c => c.role === "text"); }
    hasFacts(c) { return this.config.factsLabel && c.kind === "quantity" && c === this.columns.find(x => x.kind === "quantity"); }
    drawRows() {
      this.rows.forEach((row, i) => { row.tr = this.tr(row, i); });
      const trs = this.rows.map(row => row.tr), long = trs.length > 60;
      this.table.classList.remove("is-fixed");
      this.body.replaceChildren(...(long ? trs.slice(0, 30) : trs));
      if (long) { this.fix(); this.body.append(...trs.slice(30)); }
      this.count();
    }
    /* a long table keeps its widths, so that one row's edit does not lay out all the others */
    fix() {
      const heads = [...this.table.tHead.rows[0].cells];
      heads.map(th => th.getBoundingClientRect().width).forEach((width, i) => { heads[i].style.width = `${Math.max(width, heads[i].matches(".k-end") ? 88 : 0)}px`; });
      this.table.classList.add("is-fixed");
    }
    count() {
      const n = this.rows.filter(r => !this.isBlank(r)).length;
      const spot = this.box.querySelector("[data-count]");
      if (spot) spot.textContent = n || "";
    }
    tr(row, i) {
      const tr = make("tr");
      tr.dataset.key = row.key;
      tr.append(make("td", "k-num", String(i + 1)));
      for (const c of this.shown()) {
        tr.append(this.td(row, c));
        if (this.hasFacts(c)) tr.append(this.factCell(row));
      }
      if (!this.config.readonly) {
        const b = make("button", "k-btn is-bare is-icon is-sm", icon("x"));
        b.type = "button"; b.tabIndex = -1; b.dataset.drop = "";
        b.setAttribute("aria-label", this.words.delete); b.title = this.words.delete;
        tr.append(make("td", "a-drop", b));
      }
      tr.append(make("td", "a-calc k-only-cell", row.calc || this.phrase(row)));
      return tr;
    }
    classes(c) {
      return [c.end ? "k-num k-end" : c.kind === "date" ? "k-date" : "", c.role === "item" ? "a-item" : c.role === "total" ? "a-total k-med" : ""].join(" ").trim();
    }
    td(row, c) {
      const td = make("td", this.classes(c));
      td.dataset.c = c.name;
      this.fill(td, row, c);
      return td;
    }
    fill(td, row, c) {
      td.replaceChildren();
      const text = this.text(row, c);
      if (text === "") td.append(make("span", "k-3", this.isBlank(row) && c.role === "item" ? (c.relation ? this.words.item : this.words.type) : "–"));
      else td.append(c.role === "item" ? make("span", "k-num k-med", text) : text);
      const why = row.errors[c.name] || (c.role === "item" && row.errors[""]);
      if (why) td.append(make("small", "k-why", why));
      else if (c.role === "item" && this.describing() && row.set.has(this.describing().name)) td.append(make("small", "", row.values[this.describing().name]));
      else if (row.notes[c.name]) td.append(make("small", "", row.notes[c.name]));
      td.classList.toggle("is-wrong", !!why);
    }
    text(row, c) {
      if (c.kind === "boolean") return row.values[c.name] === "true" ? "✓" : "";
      if (c.choices.length) return c.choices.find(([k]) => k === row.values[c.name])?.[1] ?? row.shown[c.name] ?? "";
      return row.shown[c.name] ?? row.values[c.name] ?? "";
    }
    factCell(row) {
      const td = make("td", "k-num k-end a-avail");
      const fact = row.fact;
      if (!fact?.text) { td.append(make("span", "k-3", "–")); return td; }
      const b = make("button", `k-avail is-${fact.look}`, fact.text);
      b.type = "button"; b.tabIndex = -1; b.setAttribute("aria-expanded", "false");
      if (fact.look === "short") b.append(icon("alert-triangle", "k-tiny"));
      if (fact.look === "none") b.append(icon("alert-circle", "k-tiny"));
      b.addEventListener("click", () => globalThis.kontorFacts.show(b, fact));
      td.append(b);
      return td;
    }
    phrase(row) {
      const q = this.columns.find(c => c.kind === "quantity"), p = this.columns.find(c => c.kind === "price");
      if (!q) return this.columns.filter(c => !c.role).map(c => this.text(row, c)).filter(Boolean).join(" · ");
      return [this.text(row, q), p && this.text(row, p) ? `× ${this.text(row, p)}` : ""].join(" ").trim();
    }
    refresh(row) {
      if (row === this.rows[this.at]) {
        row.tr.querySelectorAll("td[data-c]").forEach(td => { if (!td.querySelector("input, select")) this.fill(td, row, this.column(td.dataset.c)); });
      } else row.tr.querySelectorAll("td[data-c]").forEach(td => this.fill(td, row, this.column(td.dataset.c)));
      const old = row.tr.querySelector(".a-avail");
      if (old) old.replaceWith(this.factCell(row));
      row.tr.querySelector(".a-calc").textContent = row.calc || this.phrase(row);
    }
    column(name) { return this.columns.find(c => c.name === name); }
    editable(c) { return !c.readonly && !this.config.readonly; }

    /* editing ------------------------------------------------------------------------------- */
    edit(i, name) {
      if (this.config.readonly || i < 0 || i >= this.rows.length) return;
      if (phone.matches) return this.sheet(i);
      if (this.at === i) { this.focus(name); return; }
      this.leave();
      this.at = i;
      const row = this.rows[i];
      row.tr.classList.add("is-edit");
      row.tr.querySelectorAll("td[data-c]").forEach(td => {
        const c = this.column(td.dataset.c);
        if (!this.editable(c)) return;
        td.replaceChildren(this.input(row, c));
        const also = c.role === "item" && this.describing();
        if (also && this.editable(also)) td.append(this.input(row, also));
        if (row.errors[c.name]) td.append(make("small", "k-why", row.errors[c.name]));
        td.classList.toggle("k-edit", c.kind === "reference");
      });
      this.focus(name);
    }
    focus(name) {
      const row = this.rows[this.at];
      const inputs = [...row.tr.querySelectorAll("td[data-c] input:not([type=hidden]), td[data-c] select")];
      const to = inputs.find(e => e.closest("td").dataset.c === name) ?? inputs[0];
      to?.focus();
      to?.select?.();
      to?.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    leave() {
      if (this.at < 0) return;
      const row = this.rows[this.at];
      if (row) this.settleDates(row);
      this.at = -1;
      if (!row?.tr) return;
      row.tr.classList.remove("is-edit");
      row.tr.querySelectorAll("td.k-edit").forEach(td => td.classList.remove("k-edit"));
      const i = this.rows.indexOf(row);
      const fresh = this.tr(row, i);
      row.tr.replaceWith(fresh);
      row.tr = fresh;
    }
    /* "+7" becomes a date before the row is shown or sent */
    settleDates(row) {
      for (const c of this.columns) if (c.kind === "date" && row.set.has(c.name)) row.values[c.name] = row.shown[c.name] = globalThis.kontorDates.parse(row.values[c.name]);
    }
    input(row, c) {
      const value = row.values[c.name] ?? "";
      const label = `${c.label}, ${this.words.line} ${this.rows.indexOf(row) + 1}`;
      if (c.kind === "reference") {
        const holder = make("span", "k-pick");
        holder.dataset.combo = c.relation;
        holder.dataset.extra = extraOf(this.form);
        const hidden = make("input"); hidden.type = "hidden"; hidden.value = value;
        const shown = make("input", "k-input");
        shown.setAttribute("role", "combobox"); shown.setAttribute("aria-autocomplete", "list");
        shown.setAttribute("aria-expanded", "false"); shown.autocomplete = "off";
        shown.setAttribute("aria-label", label);
        shown.value = row.shown[c.name] ?? "";
        shown.dataset.text = shown.value;
        holder.append(hidden, shown);
        holder.addEventListener("kontor:pick", e => {
          e.stopPropagation();
          const hit = e.detail;
          this.put(row, c, hit ? hit.id : "", hit ? (hit.code || hit.name) : "", hit && hit.code && c.role === "item" ? hit.name : "");
          if (hit && c.role === "item") shown.value = shown.dataset.text = hit.code || hit.name;
          if (hit && lastKey !== "Tab" && document.activeElement === shown) this.next(shown);
        });
        return holder;
      }
      if (c.choices.length) {
        const select = make("select", "k-input");
        select.setAttribute("aria-label", label);
        for (const [key, text] of [["", ""], ...c.choices]) { const o = make("option", "", text); o.value = key; select.append(o); }
        select.value = value;
        select.addEventListener("change", () => this.put(row, c, select.value));
        return select;
      }
      const input = make("input", `k-input${c.end ? " k-end k-num" : ""}`);
      input.setAttribute("aria-label", label);
      if (c.kind === "boolean") {
        input.type = "checkbox"; input.className = "k-check"; input.checked = value === "true";
        input.addEventListener("change", () => this.put(row, c, input.checked ? "true" : ""));
        return input;
      }
      if (c.kind === "date") { input.dataset.date = ""; input.placeholder = this.words.date; input.autocomplete = "off"; }
      else if (c.end) input.inputMode = "decimal";
      input.value = value;
      input.addEventListener("input", () => this.put(row, c, input.value, undefined, "", true));
      input.addEventListener("change", () => this.put(row, c, input.value));
      return input;
    }
    put(row, c, value, shown, note = "", typing = false) {
      if ((row.values[c.name] ?? "") === value && !typing && shown === undefined) return;
      row.values[c.name] = value;
      row.shown[c.name] = shown ?? value;
      row.notes[c.name] = note;
      row.set.add(c.name);
      delete row.errors[c.name]; delete row.errors[""];
      this.touch();
      this.guess(row);
    }
    /* the amount at once, by plain arithmetic; the server's word follows */
    guess(row) {
      const by = kind => this.columns.find(c => c.kind === kind && this.editable(c));
      const total = this.columns.find(c => c.role === "total"), q = by("quantity"), p = by("price"), d = by("percent");
      if (!total || !q || !p || !row.values[p.name]) return;
      const net = number(row.values[q.name]) * number(row.values[p.name]) * (1 - (d ? number(row.values[d.name]) / 100 : 0));
      const digits = (/\.(\d+)$/.exec(row.shown[total.name] ?? this.rows.map(r => r.shown[total.name]).find(Boolean) ?? "")?.[1] ?? "").length;
      row.shown[total.name] = net.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
      const td = row.tr?.querySelector(`td[data-c="${total.name}"]`);
      if (td) this.fill(td, row, total);
    }
    touch() {
      this.changed = true;
      this.form.dataset.changed = "";
      this.form.dispatchEvent(new CustomEvent("kontor:touched"));
      this.count();
      calculatorOf(this.form)?.soon();
    }

    /* rows ---------------------------------------------------------------------------------- */
    add(after = this.rows.length - 1) {
      if (this.rows[after] && this.isBlank(this.rows[after])) { this.edit(after); return this.rows[after]; }
      this.leave();
      const row = this.blank();
      this.rows.splice(after + 1, 0, row);
      this.redrawFrom(after + 1);
      this.edit(after + 1);
      return row;
    }
    redrawFrom(start) {
      for (let i = start; i < this.rows.length; i += 1) {
        const row = this.rows[i];
        if (!row.tr) row.tr = this.tr(row, i);
        if (this.body.children[i] !== row.tr) this.body.insertBefore(row.tr, this.body.children[i] ?? null);
        row.tr.firstElementChild.textContent = String(i + 1);
      }
      while (this.body.children.length > this.rows.length) this.body.lastElementChild.remove();
      this.count();
    }
    drop(i) {
      const col = this.present();
      this.at = -1;
      const [row] = this.rows.splice(i, 1);
      row.tr.remove();
      this.redrawFrom(i);
      if (!this.isBlank(row)) this.touch();
      if (this.rows.length) this.edit(Math.min(i, this.rows.length - 1), col);
      else this.box.querySelector("[data-add]")?.focus();
    }
    copy(i) {
      const from = this.rows[i];
      this.leave();
      const row = this.adopt({ values: { ...from.values }, shown: { ...from.shown }, notes: { ...from.notes } });
      for (const c of this.columns) if (this.editable(c) && row.values[c.name] && (from.set.has(c.name) || from.id)) row.set.add(c.name);
      this.rows.splice(i + 1, 0, row);
      this.redrawFrom(i + 1);
      this.touch();
      this.edit(i + 1);
    }
    shift(i, by) {
      const j = i + by;
      if (j < 0 || j >= this.rows.length) return;
      const col = this.present();
      [this.rows[i], this.rows[j]] = [this.rows[j], this.rows[i]];
      this.redrawFrom(Math.min(i, j));
      this.at = j;
      this.touch();
      this.focus(col);
    }
    present() { return document.activeElement?.closest?.("td[data-c]")?.dataset.c; }
    next(from) {
      const inputs = [...from.closest("tr, dialog").querySelectorAll("input:not([type=hidden]), select")];
      const cell = from.closest("[data-c]"), to = inputs.slice(inputs.indexOf(from) + 1).find(i => i.closest("[data-c]") !== cell);
      if (to) { to.focus(); to.select?.(); }
    }
    down(by) {
      const i = this.at, col = this.present();
      if (i + by >= this.rows.length) { if (!this.isBlank(this.rows[i])) this.add(); return; }
      if (i + by >= 0) this.edit(i + by, col);
    }

    /* what is sent and what comes back ------------------------------------------------------- */
    live() { return this.rows.filter(row => !this.isBlank(row)); }
    data(rows) {
      return rows.map(row => {
        this.settleDates(row);
        const out = row.id ? { id: row.id } : {};
        for (const c of this.columns) if (row.set.has(c.name) && this.editable(c)) out[c.name] = c.kind === "boolean" ? row.values[c.name] === "true" : row.values[c.name];
        return out;
      });
    }
    sending(all) { return all || this.changed ? JSON.stringify(this.data(this.live())) : ""; }
    receive(sent, answer, skipped, errors) {
      const gone = new Set(skipped);
      let n = 0;
      sent.forEach((row, i) => {
        const wrong = errors?.[i];
        if (gone.has(i)) { row.errors = this.worth(row, wrong); this.refresh(row); return; }
        const got = answer?.[n];
        n += 1;
        if (!got) { if (wrong) { row.errors = this.worth(row, wrong); this.refresh(row); } return; }
        row.errors = {};
        for (const c of this.columns) {
          const isTyped = row.set.has(c.name);
          if (c.kind === "reference" || !isTyped || !this.editable(c)) {
            row.values[c.name] = got.values[c.name] ?? "";
            row.shown[c.name] = got.shown[c.name] ?? "";
          } else if (NUMBERS.has(c.kind) || c.kind === "date") row.shown[c.name] = got.shown[c.name] || row.shown[c.name];
          row.notes[c.name] = got.notes[c.name] ?? "";
        }
        row.fact = got.fact ?? null;
        row.calc = got.calc;
        if (row === this.rows[this.at]) this.ghosts(row);
        this.refresh(row);
      });
    }
    /* while somebody still fills a row its missing values are no fault yet */
    worth(row, wrong) { return row === this.rows[this.at] || !wrong ? {} : wrong; }
    ghosts(row) {
      row.tr.querySelectorAll("td[data-c]").forEach(td => {
        const c = this.column(td.dataset.c), input = td.querySelector("input:not([type=hidden]):not([type=checkbox])");
        if (!input || document.activeElement === input || row.set.has(c.name)) return;
        if (input.getAttribute("role") === "combobox") { input.value = row.shown[c.name] ?? ""; input.dataset.text = input.value; td.querySelector("[type=hidden]").value = row.values[c.name] ?? ""; }
        else input.value = row.values[c.name] ?? "";
      });
    }
  }

  const extraOf = form => ["customer", "supplier", "party", "currency", "warehouse"]
    .map(n => [n, form.querySelector(`[name="${n}"]`)?.value]).filter(([, v]) => v)
    .map(([n, v]) => `${n}=${encodeURIComponent(v)}`).join("&");
  globalThis.kontorLines = { Grid, make, icon, phone, all, grids, calculatorOf };
})();

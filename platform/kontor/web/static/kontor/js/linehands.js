/* The grid's keys, pasting and the sheet on phones. Tab next cell, Enter next row, Alt + adds, Ctrl D copies,
   Alt arrows move, Ctrl Backspace removes, rows pasted from a sheet go from the present cell on. */
"use strict";
(() => {
  const { Grid, make, grids } = globalThis.kontorLines;
  const first = grid => grids(grid.form)[0] === grid;

  class Hands extends Grid {
    /* wiring -------------------------------------------------------------------------------- */
    wire() {
      this.box.querySelector("[data-add]")?.addEventListener("click", () => this.add());
      this.box.querySelector("[data-paste]")?.addEventListener("click", () => this.pasteHelp());
      this.body.addEventListener("click", e => {
        const tr = e.target.closest("tr");
        if (!tr || e.target.closest("a, .k-avail, input, select")) return;
        const i = [...this.body.children].indexOf(tr);
        if (e.target.closest("[data-drop]")) return this.drop(i);
        this.edit(i, e.target.closest("td[data-c]")?.dataset.c);
      });
      this.table.addEventListener("keydown", e => this.key(e));
      this.table.addEventListener("paste", e => this.paste(e));
      document.addEventListener("focusin", e => {
        if (this.at >= 0 && !this.box.contains(e.target) && !e.target.closest(".k-combo, [popover], dialog")) this.leave();
      });
      document.addEventListener("pointerdown", e => {
        if (this.at >= 0 && !this.box.contains(e.target) && !e.target.closest(".k-combo, [popover], dialog")) setTimeout(() => { if (!this.box.contains(document.activeElement)) this.leave(); });
      });
      document.addEventListener("keydown", e => {
        if (e.altKey && (e.key === "+" || e.key === "=") && this.form === document.querySelector("form[data-form]") && first(this)) { e.preventDefault(); this.add(this.at >= 0 ? this.at : undefined); }
      });
    }
    key(e) {
      if (e.defaultPrevented || e.isComposing || this.at < 0) return;
      const last = () => {
        const inputs = [...this.rows[this.at].tr.querySelectorAll("input:not([type=hidden]), select")];
        return inputs.at(-1) === e.target;
      };
      if (e.key === "Enter" && !e.ctrlKey && !e.metaKey) { e.preventDefault(); this.down(e.shiftKey ? -1 : 1); }
      else if (e.key === "Tab" && !e.shiftKey && e.target.matches(".a-item [role=combobox]") && e.target.value) { e.preventDefault(); this.next(e.target); }
      else if (e.key === "Tab" && !e.shiftKey && last()) {
        const row = this.rows[this.at];
        if (this.at < this.rows.length - 1) { e.preventDefault(); this.edit(this.at + 1, this.columns.find(c => this.editable(c))?.name); }
        else if (!this.isBlank(row)) { e.preventDefault(); this.add(); }
      }
      else if (e.key === "Tab" && e.shiftKey && this.at > 0 && e.target === this.rows[this.at].tr.querySelector("input:not([type=hidden]), select")) {
        e.preventDefault();
        this.edit(this.at - 1, [...this.columns].reverse().find(c => this.editable(c))?.name);
      }
      else if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "d") { e.preventDefault(); this.copy(this.at); }
      else if ((e.ctrlKey || e.metaKey) && (e.key === "Backspace" || e.key === "Delete")) { e.preventDefault(); this.drop(this.at); }
      else if (e.altKey && (e.key === "ArrowUp" || e.key === "ArrowDown")) { e.preventDefault(); this.shift(this.at, e.key === "ArrowUp" ? -1 : 1); }
      else if (e.key === "ArrowUp" && e.target.matches("input:not([role=combobox])")) { e.preventDefault(); this.down(-1); }
      else if (e.key === "ArrowDown" && e.target.matches("input:not([role=combobox])")) { e.preventDefault(); this.down(1); }
      else if (e.key === "Escape") { e.preventDefault(); const i = this.at; this.leave(); this.box.querySelector("[data-add]")?.focus(); void i; }
    }

    /* rows from a spreadsheet --------------------------------------------------------------- */
    paste(e) {
      const text = e.clipboardData?.getData("text/plain") ?? "";
      if (!/[\t\n]/.test(text.trim())) return;
      e.preventDefault();
      this.take(text, this.at >= 0 ? this.at : this.rows.length, this.present());
    }
    take(text, at, name) {
      const lines = text.replace(/\r/g, "").split("\n").filter(l => l.trim()).map(l => l.split("\t").map(v => v.trim()));
      if (!lines.length) return;
      const open = this.columns.filter(c => this.editable(c));
      const named = lines[0].map(h => open.find(c => c.label.toLowerCase() === h.toLowerCase() || c.name === h.toLowerCase()));
      let map;
      if (named.some(Boolean)) { map = named; lines.shift(); }
      else {
        const start = Math.max(0, open.findIndex(c => c.name === name));
        const plain = open.slice(start).filter(c => c.name === name || (c.role !== "text" && c.role !== "unit"));
        map = lines[0].map((_v, i) => plain[i]);
      }
      this.leave();
      if (this.rows[at] && !this.isBlank(this.rows[at]) && map[0]?.role === "item" && this.rows[at].values[map[0].name] && lines.length > 1) at += 1;
      lines.forEach((cells, n) => {
        const i = at + n;
        if (!this.rows[i]) this.rows[i] = this.blank();
        const row = this.rows[i];
        cells.forEach((value, k) => {
          const c = map[k];
          if (!c || value === "") return;
          row.values[c.name] = c.choices.length ? (c.choices.find(([key, t]) => key === value || t === value)?.[0] ?? value) : value;
          row.shown[c.name] = value;
          row.notes[c.name] = "";
          row.set.add(c.name);
        });
        row.errors = {};
      });
      this.drawRows();
      this.touch();
      this.say(this.words.pasted.replace("%s", String(lines.length)));
    }
    async pasteHelp() {
      try {
        const text = await navigator.clipboard.readText();
        if (/[\t\n]/.test(text.trim())) { this.take(text, this.rows.findIndex(r => this.isBlank(r)) >= 0 ? this.rows.findIndex(r => this.isBlank(r)) : this.rows.length); return; }
      } catch { /* the browser asks for Ctrl V instead */ }
      this.say(this.words.clipboard);
      if (!this.rows.length || !this.isBlank(this.rows.at(-1))) this.add(); else this.edit(this.rows.length - 1);
    }
    /* which lines are not right, and why; a click goes there */
    name() {
      const box = this.box.querySelector("[data-wrongs]");
      if (!box) return;
      const wrong = this.rows.map((row, i) => [row, i]).filter(([row]) => Object.keys(row.errors).length && row !== this.rows[this.at]);
      box.hidden = !wrong.length;
      if (!wrong.length) { box.replaceChildren(); return; }
      const rows = wrong.slice(0, 8).map(([row, i]) => {
        const [column, why] = Object.entries(row.errors)[0], item = this.columns.find(c => c.role === "item");
        const b = make("button", "k-btn is-bare is-sm", `${this.words.line} ${i + 1}${row.shown[item?.name] ? ` (${row.shown[item.name]})` : ""}: ${why}`);
        b.type = "button";
        b.addEventListener("click", () => this.edit(this.rows.indexOf(row), column || item?.name));
        return make("li", "", b);
      });
      box.replaceChildren(make("span", "k-strong", this.words.wrong.replace("%s", String(wrong.length))), make("ul", "k-plain", ...rows), ...(wrong.length > 8 ? [make("span", "k-3", this.words.more.replace("%s", String(wrong.length - 8)))] : []));
    }
    say(text) { const spot = this.box.querySelector("[data-status]"); if (spot) spot.textContent = text; }

    /* a sheet on phones --------------------------------------------------------------------- */
    sheet(i) {
      const row = this.rows[i];
      const dialog = make("dialog", "k-panel k-linesheet");
      dialog.setAttribute("aria-label", `${this.words.line} ${i + 1}`);
      const fields = make("div", "k-fields");
      this.at = i;
      for (const c of this.columns) {
        if (!this.editable(c)) continue;
        const input = this.input(row, c);
        const label = make("label", "", make("span", "", c.label), input);
        const field = make("div", `k-field2${c.role === "item" ? " is-wide" : ""}`, label);
        field.dataset.c = c.name;
        fields.append(field);
        if (row.errors[c.name]) fields.lastElementChild.append(make("span", "k-why", row.errors[c.name]));
      }
      const done = make("button", "k-btn is-main", this.words.done), drop = make("button", "k-btn is-bad", this.words.remove);
      done.type = drop.type = "button";
      dialog.append(make("header", "k-row", make("h2", "", `${this.words.line} ${i + 1}`)), fields, make("footer", "k-row", drop, done));
      document.body.append(dialog);
      const end = () => { this.at = -1; dialog.remove(); if (this.rows.includes(row)) this.refresh(row); };
      dialog.addEventListener("close", end);
      done.addEventListener("click", () => dialog.close());
      drop.addEventListener("click", () => { this.rows.splice(this.rows.indexOf(row), 1); row.tr.remove(); this.redrawFrom(0); this.touch(); dialog.close(); });
      dialog.showModal();
      fields.querySelector("input:not([type=hidden])")?.focus();
    }
  }
  globalThis.kontorLines.Hands = Hands;
})();

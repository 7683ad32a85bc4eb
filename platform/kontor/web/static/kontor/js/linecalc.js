/* Prices, amounts, totals and facts of the draft, from the server's dry run: debounced, one request at a time,
   answers in order. Starts the grids of a form. */
"use strict";
(() => {
  const { Hands, make, icon, all, grids, calculatorOf } = globalThis.kontorLines;
  const WAIT = 220;

  class Calculator {
    constructor(form, its) { this.form = form; this.its = its; this.timer = 0; this.turn = 0; this.running = false; this.again = false; }
    soon() { clearTimeout(this.timer); this.timer = setTimeout(() => this.run(), WAIT); }
    async run() {
      if (this.running) { this.again = true; return; }
      const sent = this.its.map(g => g.live());
      if (!sent.some(rows => rows.length) && !this.drawn && this.form.dataset.changed === undefined) return;
      this.running = true;
      this.turn += 1;
      const body = new FormData(this.form);
      body.set("turn", String(this.turn));
      this.its.forEach((g, i) => body.set(`lines.${g.config.name}`, g.config.readonly ? "" : JSON.stringify(g.data(sent[i]))));
      const sums = this.form.querySelector("[data-sums]");
      sums?.classList.add("is-stale");
      try {
        const got = await fetch(this.form.dataset.calc, { method: "POST", body, headers: { Accept: "application/json" } });
        if (!got.ok) throw new Error(String(got.status));
        this.show(await got.json(), sent);
        sums?.classList.remove("is-stale");
      } catch { this.its[0]?.say(this.its[0].words.slow); }
      this.running = false;
      if (this.again) { this.again = false; this.soon(); }
    }
    show(answer, sent) {
      this.drawn = true;
      this.its.forEach((g, i) => {
        g.receive(sent[i], answer.lines?.[g.config.name], i === 0 ? answer.skipped ?? [] : [], answer.errors?.[g.config.name]);
        g.name?.();
        g.say(answer.ok ? "" : answer.needs?.length ? g.words.needs.replace("%s", new Intl.ListFormat(document.documentElement.lang).format(answer.needs)) : answer.message ?? "");
      });
      for (const [name, text] of Object.entries(answer.fields ?? {})) {
        const input = this.form.querySelector(`#f-${CSS.escape(name)}`);
        if (input && input.tagName === "INPUT" && !input.value && text) input.placeholder = text;
      }
      if (answer.sums) drawSums(this.form.querySelector("[data-sums]"), answer.sums);
    }
  }

  function drawSums(table, sums) {
    if (!table) return;
    table.tBodies[0].replaceChildren(...sums.map(s => {
      const label = make("td", s.grand ? "" : "k-2", s.label);
      if (s.guarded) label.append(" ", icon("eye-check", "k-3 k-eye"));
      return make("tr", s.grand ? "is-grand" : "", label, make("td", "", s.text));
    }));
  }

  function start(root) {
    root.querySelectorAll("form").forEach(form => {
      const boxes = [...form.querySelectorAll("[data-grid]")];
      if (!boxes.length || all.has(form)) return;
      const its = boxes.map(b => new Hands(b));
      const calculator = form.dataset.calc ? new Calculator(form, its) : null;
      all.set(form, { grids: its, calculator });
      form.addEventListener("kontor:collect", () => its.forEach(g => { g.leave(); g.store.value = g.sending(false); }));
      if (calculator) {
        form.addEventListener("change", e => { if (!e.target.closest("[data-grid]")) calculator.soon(); });
        if (form.querySelector("[data-sums]") && its.some(g => g.live().length)) calculator.soon();
      }
    });
  }
  document.addEventListener("kontor:shown", e => start(e.target));
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => start(document)); else start(document);
  Object.assign(globalThis.kontorLines, { start, grids, calculatorOf });
})();

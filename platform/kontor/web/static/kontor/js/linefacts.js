/* What stands behind a figure of a line: its arithmetic in a pop-over beside the row; Esc gives the focus back. */
"use strict";
(() => {
  const make = (tag, classes, ...inside) => {
    const e = document.createElement(tag);
    if (classes) e.className = classes;
    e.append(...inside);
    return e;
  };
  const icon = (name, classes = "") => { const i = make("i", `ti ti-${name} ${classes}`); i.setAttribute("aria-hidden", "true"); return i; };

  /* what stands behind a figure: its arithmetic, beside its row */
  let openFact = null;
  function closeFact(giveBack) {
    if (!openFact) return;
    const { pop, button } = openFact;
    openFact = null;
    pop.remove();
    button.setAttribute("aria-expanded", "false");
    if (giveBack) button.focus();
  }
  function showFact(button, fact) {
    const again = openFact?.button === button;
    closeFact(false);
    if (again) return;
    const pop = make("div", "k-pop k-pop-avail");
    pop.setAttribute("role", "dialog");
    pop.setAttribute("aria-label", fact.title ?? fact.text);
    const head = make("div", "k-row", make("h3", "k-num", fact.title ?? ""));
    if (fact.place) head.append(make("span", "k-push k-tag", fact.place));
    const body = make("tbody");
    (fact.terms ?? []).forEach((t, i) => {
      const minus = String(t.quantity).startsWith("-") || String(t.quantity).startsWith("−");
      const name = make("td", "", i === 0 ? "" : minus ? "− " : "＋ ", t.name);
      (t.links ?? []).forEach(l => { const a = make("a", "k-acc", l.label); a.href = l.href; name.append(" ", a); });
      body.append(make("tr", "", name, make("td", "", i === 0 ? String(t.quantity) : String(t.quantity).replace(/^[-−]/, ""))));
    });
    if (fact.total) body.append(make("tr", "is-total", make("td", "", "＝ ", fact.total.name), make("td", "", fact.total.quantity)));
    pop.append(head, make("table", "k-sum", body));
    if (fact.note) pop.append(make("div", `k-note k-row is-${fact.note_look ?? "warn"}`, icon(fact.note_look === "ok" ? "circle-check" : "alert-triangle", fact.note_look === "ok" ? "k-ok" : "k-warn"), make("span", "k-grow", fact.note)));
    pop.tabIndex = -1;
    document.body.append(pop);
    const at = button.getBoundingClientRect(), size = pop.getBoundingClientRect(), gap = 8, beside = innerWidth > 767;
    const top = beside ? at.top - 72 : at.bottom + gap, left = beside ? at.right + gap : at.right - size.width;
    pop.style.top = `${Math.max(gap, Math.min(top, innerHeight - size.height - gap))}px`;
    pop.style.left = `${Math.max(gap, Math.min(left, innerWidth - size.width - gap))}px`;
    button.setAttribute("aria-expanded", "true");
    openFact = { pop, button };
    pop.focus();
  }
  document.addEventListener("keydown", e => { if (e.key === "Escape" && openFact) { e.preventDefault(); closeFact(true); } });
  document.addEventListener("pointerdown", e => { if (openFact && !openFact.pop.contains(e.target) && !openFact.button.contains(e.target)) closeFact(false); });
  document.addEventListener("click", e => {
    const button = e.target.closest("[data-fact]");
    const data = button && document.getElementById("facts-lines");
    if (data) showFact(button, JSON.parse(data.textContent)[Number(button.dataset.fact)]);
  });
  globalThis.kontorFacts = { show: showFact };
})();

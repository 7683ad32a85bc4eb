/* What is typed survives a crash, a closed window, an expired session: the changed values of a form are kept in this
   browser (a week at most, one's own only) until they are saved, and offered when the same form is opened again. */
"use strict";
(() => {
  const PREFIX = "kontor-draft:", SENT = "kontor-draft-sent", DAYS = 7;
  const SKIP = new Set(["csrfmiddlewaretoken", "token", "version", "was", "id", "sums", "quick"]);
  const form = document.querySelector("form[data-form]");
  const user = document.querySelector("[data-user]")?.dataset.user ?? "";
  const read = key => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };
  const all = () => Object.keys(localStorage).filter(k => k.startsWith(PREFIX));

  /* old ones go; one that was sent and has arrived goes; signing out takes all (shell.js) */
  for (const key of all()) { const kept = read(key); if (!kept || Date.now() - kept.at > DAYS * 86400000) localStorage.removeItem(key); }
  const sent = sessionStorage.getItem(SENT);
  if (sent && !document.querySelector("form[action*='/accounts/login']") && !form?.matches("[data-changed]")) {
    localStorage.removeItem(sent);
    sessionStorage.removeItem(SENT);
  }
  if (!form || !user) return;

  const key = `${PREFIX}${user}:${location.pathname}${location.search}`;
  const grids = () => globalThis.kontorLines?.grids(form) ?? [];
  const fields = () => [...form.elements].filter(e => e.name && !SKIP.has(e.name) && !e.name.startsWith("lines.") && !e.name.endsWith(".shown"));
  const value = e => e.type === "checkbox" ? String(e.checked) : e.value;
  const shownOf = e => e.closest("[data-combo]")?.querySelector("[role=combobox]");
  const before = new Map(fields().map(e => [e.name, value(e)]));

  let timer = 0;
  function keep() {
    const values = {};
    for (const e of fields()) if (value(e) !== before.get(e.name)) values[e.name] = { value: value(e), text: shownOf(e)?.value };
    const lines = {};
    for (const g of grids()) if (g.changed) lines[g.config.name] = g.live().map(r => ({ id: r.id, values: r.values, shown: r.shown, notes: r.notes, links: r.links, set: [...r.set] }));
    if (!Object.keys(values).length && !Object.keys(lines).length) { localStorage.removeItem(key); return; }
    try { localStorage.setItem(key, JSON.stringify({ at: Date.now(), values, lines })); } catch { /* no room: the form still asks before leaving */ }
  }
  const soon = () => { clearTimeout(timer); timer = setTimeout(keep, 600); };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  form.addEventListener("kontor:touched", soon);
  form.addEventListener("submit", () => { clearTimeout(timer); keep(); sessionStorage.setItem(SENT, key); });
  /* whoever leaves by Cancel and says that the changes may go does not want them back */
  let forget = false;
  form.querySelectorAll("[data-forget]").forEach(a => a.addEventListener("click", () => { forget = true; setTimeout(() => { forget = false; }, 3000); }));
  addEventListener("pagehide", () => { if (forget) localStorage.removeItem(key); else if (form.dataset.changed !== undefined) keep(); });

  function restore(kept) {
    for (const e of fields()) {
      const told = kept.values[e.name];
      if (!told) continue;
      if (e.type === "checkbox") e.checked = told.value === "true";
      else e.value = told.value;
      const shown = shownOf(e);
      if (shown && told.text !== undefined) { shown.value = told.text; shown.dataset.text = told.text; }
    }
    for (const g of grids()) {
      const rows = kept.lines[g.config.name];
      if (!rows) continue;
      g.leave();
      g.rows = rows.map(r => g.adopt(r));
      g.drawRows();
      g.touch();
    }
    form.dataset.changed = "";
    form.dispatchEvent(new Event("change", { bubbles: true }));
  }
  function offer() {
    const box = form.querySelector("[data-kept]"), kept = read(key);
    if (!box || !kept || form.matches("[data-changed]")) return;
    box.querySelector("[data-kept-at]").textContent = new Date(kept.at).toLocaleString(document.documentElement.lang, { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });
    box.hidden = false;
    box.querySelector("[data-kept-take]").addEventListener("click", () => { box.hidden = true; restore(kept); });
    box.querySelector("[data-kept-drop]").addEventListener("click", () => { box.hidden = true; localStorage.removeItem(key); });
  }
  offer();
})();

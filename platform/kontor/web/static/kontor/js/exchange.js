/* Import: dropping a file, correcting a row in its place, and how far the work is. */
"use strict";
(() => {
  const one = (s, e = document) => e.querySelector(s);
  const all = (s, e = document) => [...e.querySelectorAll(s)];

  /* -- the file -- */
  const drop = one("[data-drop]");
  if (drop) {
    const input = one("input[type=file]", drop), said = one("[data-said]", drop);
    const send = () => {
      if (!input.files.length) return;
      said.textContent = `${input.files[0].name} – ${drop.dataset.busy}`;
      drop.classList.add("is-busy");
      drop.submit();
    };
    input.addEventListener("change", send);
    for (const name of ["dragenter", "dragover"]) drop.addEventListener(name, event => { event.preventDefault(); drop.classList.add("is-over"); });
    drop.addEventListener("dragleave", event => { if (!drop.contains(event.relatedTarget)) drop.classList.remove("is-over"); });
    drop.addEventListener("drop", event => {
      event.preventDefault();
      drop.classList.remove("is-over");
      if (event.dataTransfer.files.length) { input.files = event.dataTransfer.files; send(); }
    });
  }

  /* -- columns: the key is asked for only where records are found by something -- */
  const form = one("[data-columns-form]");
  if (form) {
    const by = one("[data-by]", form), key = one("[data-key-of]", form), select = one("select", key);
    const show = () => {
      key.hidden = !by.value;
      if (by.value && !select.value) {
        const same = all("select[name^=column-]", form).find(s => s.value === by.value);
        if (same) select.value = same.getAttribute("aria-label");
      }
    };
    by.addEventListener("change", show);
    form.addEventListener("change", event => event.target.closest("tr")?.classList.toggle("is-left", !event.target.value));
    form.addEventListener("submit", () => { const b = one("button.is-main", form); b.disabled = true; b.textContent = form.dataset.busy; });
    show();
  }

  /* -- a wrong row is corrected where it stands -- */
  document.addEventListener("click", event => {
    const open = event.target.closest?.("[data-fix] [data-open]");
    if (!open) return;
    const fix = open.closest("form"), row = open.closest("tr");
    const wrong = all("td.is-wrong [data-cell]", row);
    const cells = wrong.length ? wrong : all("[data-cell]", row);
    cells.forEach(cell => {
      const input = document.createElement("input");
      input.className = "k-input";
      input.value = one(".k-3", cell) ? "" : cell.textContent.trim();
      input.dataset.of = cell.dataset.cell;
      input.setAttribute("aria-label", all("thead th")[Number(cell.dataset.cell) + 1]?.textContent ?? "");
      input.addEventListener("keydown", e => { if (e.key === "Enter") { e.preventDefault(); one("[data-send]", fix).click(); } });
      cell.replaceChildren(input);
    });
    open.hidden = true;
    one("[data-send]", fix).hidden = false;
    one("input", cells[0])?.focus();
  });
  document.addEventListener("submit", event => {
    const fix = event.target.closest("[data-fix]");
    if (fix) all("input[data-of]", fix.closest("tr")).forEach(input => {
      const hidden = document.createElement("input");
      hidden.type = "hidden"; hidden.name = `cell-${input.dataset.of}`; hidden.value = input.value;
      fix.append(hidden);
    });
    if (event.target.dataset.sure && !confirm(event.target.dataset.sure)) event.preventDefault();
  });

  /* -- progress -- */
  const work = one("[data-progress]");
  async function ask() {
    try {
      const answer = await fetch(work.dataset.progress);
      const told = answer.ok ? await answer.json() : null;
      if (told?.finished) { location.reload(); return; }
      if (told) { one("progress", work).value = told.done; one("[data-text]", work).textContent = told.text; }
    } catch { /* asked again */ }
    setTimeout(ask, 1200);
  }
  if (work) setTimeout(ask, 800);
})();

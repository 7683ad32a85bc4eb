/* The list beyond its rows: sums of all that match, groups that open, widths, the filter editor, fingers. */
"use strict";
(() => {
  const one = (s, e = document) => e.querySelector(s);
  const all = (s, e = document) => [...e.querySelectorAll(s)];
  const ask = url => fetch(url, { headers: { "HX-Request": "true" } });
  const token = () => one("input[name=csrfmiddlewaretoken]")?.value ?? "";

  /* -- sums over everything that matches, after the page stands -- */
  async function sums() {
    const spot = one("#list [data-sums]");
    if (!spot || spot.dataset.asked) return;
    spot.dataset.asked = "1";
    try {
      const answer = await ask(spot.dataset.sums);
      if (answer.status === 200) spot.innerHTML = await answer.text();
    } catch { /* the sums of the page stay */ }
  }

  /* -- a group opens: its rows come once -- */
  async function unfold(button) {
    const open = button.getAttribute("aria-expanded") !== "true";
    const body = button.closest("tbody").nextElementSibling;
    button.setAttribute("aria-expanded", String(open));
    body.hidden = !open;
    if (!open || body.dataset.loaded) return;
    body.dataset.loaded = "1";
    const answer = await ask(button.dataset.group);
    if (answer.ok) body.innerHTML = await answer.text(); else delete body.dataset.loaded;
  }

  /* -- widths: a sheet of our own, because the content policy knows no style attributes -- */
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  function widths() {
    const heads = all("#list thead th");
    sheet.replaceSync(heads.map((th, i) => th.dataset.width
      ? `#list .k-table > thead > tr > :nth-child(${i + 1}), #list .k-table > tbody > tr > td:nth-child(${i + 1}):not([colspan]) { width: ${th.dataset.width}px; min-width: ${th.dataset.width}px; max-width: ${th.dataset.width}px; }` : "").join("\n"));
  }
  document.addEventListener("pointerdown", event => {
    const grip = event.target.closest?.("#list [data-grip]");
    if (!grip) return;
    event.preventDefault();
    const th = grip.closest("th"), from = event.clientX, wide = th.getBoundingClientRect().width;
    grip.setPointerCapture(event.pointerId);
    const move = e => { th.dataset.width = Math.round(Math.max(40, Math.min(800, wide + e.clientX - from))); widths(); };
    grip.addEventListener("pointermove", move);
    grip.addEventListener("pointerup", () => {
      grip.removeEventListener("pointermove", move);
      const data = new FormData();
      data.set("width", `${th.dataset.col}:${th.dataset.width ?? Math.round(wide)}`);
      fetch(one("#list [data-widths]").dataset.widths, { method: "POST", body: data, headers: { "X-CSRFToken": token() } });
    }, { once: true });
  });
  document.addEventListener("click", event => {
    const at = event.target;
    if (at.closest?.("[data-grip]")) { event.preventDefault(); event.stopPropagation(); return; }
    const group = at.closest?.("#list [data-group]");
    if (group) unfold(group);
    const counted = at.closest?.("[data-counted]");
    if (counted) {
      const form = counted.form, days = one("[data-days]", form);
      if (!/^[0-9]{1,4}$/.test(days.value)) { event.preventDefault(); days.focus(); return; }
      counted.value = one("[data-way]", form).value;
      all("input[data-date]", form).forEach(i => { i.disabled = true; });
      days.name = "v";
    }
  }, true);

  /* -- a reference that was found joins the ticked ones -- */
  document.addEventListener("kontor:pick", event => {
    const from = event.target.closest?.("[data-adds]");
    if (!from || !event.detail) return;
    const box = from.parentElement.querySelector("[data-picked-values]");
    const known = one(`input[value="${CSS.escape(event.detail.id)}"]`, box);
    if (known) known.checked = true;
    else {
      const label = document.createElement("label"), tick = document.createElement("input"), text = document.createElement("span");
      label.className = "k-row"; tick.className = "k-check"; tick.type = "checkbox"; tick.name = "v"; tick.value = event.detail.id; tick.checked = true;
      text.className = "k-cut"; text.textContent = event.detail.name;
      label.append(tick, text);
      box.prepend(label);
    }
    globalThis.kontorCombo.take(from.querySelector("input[role=combobox]"), null);
    from.querySelector("input[role=combobox]").focus();
  });

  /* -- fingers: a long press picks the row, then each tap does until nothing is picked -- */
  let timer = 0, pressed = null;
  const flip = row => { const tick = one("input[name=ids]", row); if (tick) { tick.checked = !tick.checked; document.dispatchEvent(new CustomEvent("kontor:picked")); } };
  document.addEventListener("pointerdown", event => {
    const row = event.target.closest?.("#list tbody tr[data-id]");
    if (!row || event.pointerType === "mouse") return;
    timer = setTimeout(() => { pressed = row; flip(row); navigator.vibrate?.(15); }, 480);
  });
  for (const name of ["pointerup", "pointercancel", "pointermove"]) document.addEventListener(name, event => { if (name !== "pointermove" || Math.hypot(event.movementX, event.movementY) > 6) clearTimeout(timer); });
  document.addEventListener("contextmenu", event => { if (pressed && event.target.closest?.("#list tbody tr")) event.preventDefault(); });
  document.addEventListener("click", event => {
    const row = event.target.closest?.("#list tbody tr[data-id]");
    if (!row) return;
    if (pressed === row) { pressed = null; event.preventDefault(); event.stopPropagation(); return; }
    pressed = null;
    if (innerWidth > 767 || !one("#list tbody input[name=ids]:checked")) return;
    event.preventDefault(); event.stopPropagation();
    flip(row);
  }, true);

  function begin() { if (one("#list")) { widths(); sums(); } }
  document.addEventListener("htmx:after:swap", begin);
  begin();
})();

/* The column chooser: tick, drag, or Alt with the arrows; Apply writes the order into the address. */
"use strict";
(() => {
  let dragged = null;
  const box = at => at.closest("[data-columns]");
  const names = menu => [...menu.querySelectorAll("[data-shown] > li")].map(li => li.dataset.name);

  function moved(menu) {
    const field = menu.querySelector("[data-save-columns] input[name=columns]");
    if (field) field.value = names(menu).join(",");
  }
  document.addEventListener("change", event => {
    const menu = event.target.closest?.("[data-columns]");
    if (!menu || !event.target.matches("input[type=checkbox]")) return;
    menu.querySelector(event.target.checked ? "[data-shown]" : "[data-hidden]").append(event.target.closest("li"));
    event.target.focus();
    moved(menu);
  });
  document.addEventListener("keydown", event => {
    const li = event.target.closest?.("[data-columns] li");
    if (!li || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    const menu = box(li);
    const next = event.key === "ArrowUp" ? li.previousElementSibling : li.nextElementSibling;
    if (!next || next.dataset.name === menu.dataset.fixed || li.dataset.name === menu.dataset.fixed) return;
    if (event.key === "ArrowUp") next.before(li); else next.after(li);
    li.querySelector("input").focus();
    moved(menu);
  });
  document.addEventListener("dragstart", event => {
    const li = event.target.closest?.("[data-columns] li");
    if (li) { dragged = li; event.dataTransfer.effectAllowed = "move"; }
  });
  document.addEventListener("dragover", event => {
    const over = event.target.closest?.("[data-columns] li, [data-columns] ol");
    if (!dragged || !over || over === dragged) return;
    event.preventDefault();
    if (over.matches("ol")) { if (!over.children.length) over.append(dragged); return; }
    const box = over.getBoundingClientRect();
    if (event.clientY < box.top + box.height / 2 && over.dataset.name !== over.closest("[data-columns]").dataset.fixed) over.before(dragged); else over.after(dragged);
  });
  document.addEventListener("dragend", () => {
    if (!dragged) return;
    dragged.querySelector("input").checked = !!dragged.closest("[data-shown]");
    moved(box(dragged));
    dragged = null;
  });
  const go = url => globalThis.htmx.ajax("GET", url, { target: "#list", swap: "outerHTML", push: "true" });
  async function keep(menu, values) {
    const data = new FormData();
    Object.entries(values).forEach(([name, value]) => data.set(name, value));
    const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
    await fetch(menu.dataset.setUp, { method: "POST", body: data, headers: { "X-CSRFToken": token } });
  }
  document.addEventListener("click", async event => {
    const reset = event.target.closest?.("[data-reset-columns]");
    if (reset) { event.preventDefault(); await keep(box(reset), { reset: "1" }); go(reset.getAttribute("href")); return; }
    const button = event.target.closest?.("[data-apply-columns]");
    if (!button) return;
    const shown = names(box(button)).join(",");
    const url = new URL(button.dataset.href, location.href);
    url.searchParams.set("columns", shown);
    await keep(box(button), { columns: shown });
    go(url.pathname + url.search);
  }, true);
})();

/* Deeds on many rows: ask first (count, what is asked for), then do, then a line per row. */
"use strict";
(() => {
  const dialog = () => document.getElementById("bulk-dialog");
  const token = () => document.querySelector("input[name=csrfmiddlewaretoken]").value;
  const ids = () => [...document.querySelectorAll("#list tbody input[name=ids]:checked")].map(b => b.value);
  let did = false;

  async function post(url, data) {
    const answer = await fetch(url, { method: "POST", body: data, headers: { "X-CSRFToken": token(), "HX-Request": "true" } });
    dialog().innerHTML = await answer.text();
    if (!dialog().open) dialog().showModal();
    if (dialog().querySelector("[data-done]")) did = true;
  }
  document.addEventListener("click", event => {
    const button = event.target.closest?.(".k-bulk [data-do], #menu-bulk [data-do]");
    const bar = document.querySelector("#list .k-bulk");
    if (button) {
      const data = new FormData();
      data.set("do", button.dataset.do);
      if (bar.querySelector("[data-matching][aria-pressed=true]")) { data.set("matching", "1"); data.set("query", bar.dataset.query); }
      else ids().forEach(id => data.append("ids", id));
      document.getElementById("menu-bulk")?.hidePopover();
      post(bar.dataset.bulk, data);
    }
    const step = event.target.closest?.("#list [data-step]");
    if (step) {
      const data = new FormData();
      data.set("do", step.dataset.step);
      data.append("ids", step.closest("tr").dataset.id);
      post(bar.dataset.bulk, data);
    }
    const out = event.target.closest?.(".k-bulk [data-export]");
    if (out) {
      const query = new URLSearchParams(bar.dataset.query);
      if (!bar.querySelector("[data-matching][aria-pressed=true]")) query.set("ids", ids().join(","));
      location.href = `${out.dataset.export}?${query}`;
    }
    if (event.target.closest?.("#bulk-dialog [data-close]")) dialog().close();
  });
  document.addEventListener("submit", event => {
    if (!event.target.closest("#bulk-dialog")) return;
    event.preventDefault();
    const data = new FormData(event.target);
    event.target.querySelectorAll("button").forEach(b => { b.disabled = true; });
    post(event.target.action, data);
  });
  document.addEventListener("close", event => {
    if (event.target === dialog() && did) { did = false; globalThis.htmx.ajax("GET", location.pathname + location.search, { target: "#list", swap: "outerHTML" }); }
  }, true);
})();

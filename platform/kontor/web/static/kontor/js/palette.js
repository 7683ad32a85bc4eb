/* The palette behind Ctrl K: find, go, make. Rows come from the server as HTML; arrows choose, Enter opens. */
"use strict";
(() => {
  const box = document.getElementById("palette");
  if (!box) return;
  const input = box.querySelector("input"), found = document.getElementById("found");
  let timer = 0, turn = 0;
  const items = () => [...found.querySelectorAll("[role=option]")];
  const at = () => items().findIndex(i => i.getAttribute("aria-selected") === "true");

  function choose(to) {
    const known = items();
    if (!known.length) return;
    const next = (to + known.length) % known.length;
    known.forEach((item, i) => item.setAttribute("aria-selected", String(i === next)));
    input.setAttribute("aria-activedescendant", known[next].id);
    known[next].scrollIntoView({ block: "nearest" });
  }
  async function ask() {
    const mine = ++turn;
    const answer = await fetch(`${box.dataset.url}?q=${encodeURIComponent(input.value.trim())}`, { headers: { "HX-Request": "true" } });
    if (mine !== turn || !answer.ok) return;
    found.innerHTML = await answer.text();
    choose(0);
  }
  function open() {
    if (box.open) return;
    box.showModal();
    input.select();
    ask();
  }
  function go(item, tab) {
    if (!item) return;
    if (tab) window.open(item.dataset.href, "_blank", "noopener"); else { box.close(); location.href = item.dataset.href; }
  }
  document.addEventListener("click", event => { if (event.target.closest("[data-palette]")) open(); });
  document.addEventListener("keydown", event => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); open(); }
  });
  input.addEventListener("input", event => { if (!event.isComposing) { clearTimeout(timer); timer = setTimeout(ask, 130); } });
  input.addEventListener("compositionend", () => { clearTimeout(timer); timer = setTimeout(ask, 60); });
  input.addEventListener("keydown", event => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") choose(at() + 1);
    else if (event.key === "ArrowUp") choose(at() - 1);
    else if (event.key === "Enter") go(items()[at()], event.ctrlKey || event.metaKey);
    else return;
    event.preventDefault();
  });
  found.addEventListener("click", event => go(event.target.closest("[role=option]"), event.ctrlKey || event.metaKey));
  found.addEventListener("pointermove", event => { const item = event.target.closest("[role=option]"); if (item) choose(items().indexOf(item)); });
  box.addEventListener("click", event => { if (event.target === box) box.close(); });
  document.documentElement.dataset.ready = "1"; // the last script of the frame has run
})();

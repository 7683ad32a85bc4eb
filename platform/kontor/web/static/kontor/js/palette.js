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
    if (!input.value.trim()) recent();
    choose(0);
  }
  /* the last words that led somewhere, in this browser alone */
  const kept = "kontor-searches";
  const words = () => { try { return JSON.parse(localStorage.getItem(kept)) ?? []; } catch { return []; } };
  function remember(word) {
    if (word.length < 2) return;
    localStorage.setItem(kept, JSON.stringify([word, ...words().filter(w => w !== word)].slice(0, 5)));
  }
  function recent() {
    const known = words();
    if (!known.length) return;
    const group = document.createElement("ul"), title = document.createElement("li");
    group.className = "k-plain"; group.setAttribute("role", "group"); group.setAttribute("aria-label", box.dataset.recent);
    title.className = "k-menu-title"; title.setAttribute("role", "presentation"); title.textContent = box.dataset.recent;
    group.append(title, ...known.map((word, i) => {
      const item = document.createElement("li"), icon = document.createElement("i"), text = document.createElement("span");
      item.id = `recent-${i}`; item.setAttribute("role", "option"); item.setAttribute("aria-selected", "false"); item.dataset.word = word;
      icon.className = "ti ti-history"; icon.setAttribute("aria-hidden", "true");
      text.className = "k-cut k-grow"; text.textContent = word;
      item.append(icon, text);
      return item;
    }));
    found.prepend(group);
  }
  function open() {
    if (box.open) return;
    box.showModal();
    input.select();
    ask();
  }
  function go(item, tab) {
    if (!item) return;
    if (item.dataset.word) { input.value = item.dataset.word; ask(); input.focus(); return; }
    remember(input.value.trim());
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
    else if (event.key === "Escape") box.close();
    else if (event.key === "Enter") go(items()[at()], event.ctrlKey || event.metaKey);
    else return;
    event.preventDefault();
  });
  found.addEventListener("click", event => go(event.target.closest("[role=option]"), event.ctrlKey || event.metaKey));
  found.addEventListener("pointermove", event => { const item = event.target.closest("[role=option]"); if (item) choose(items().indexOf(item)); });
  box.addEventListener("click", event => { if (event.target === box) box.close(); });
  document.documentElement.dataset.ready = "1"; // the last script of the frame has run
})();

/* The board: drag a card, or M on it, to the lane that an action leads to; a refusal is told and nothing moves. */
"use strict";
(() => {
  let card = null;
  const moves = c => Object.fromEntries((c.dataset.moves || "").split(" ").filter(Boolean).map(m => m.split(":")));
  const lanes = () => [...document.querySelectorAll("[data-board] [data-lane]")];
  const label = lane => lane.getAttribute("aria-label");

  /* why nothing moved: where the card may go from here */
  function refuse(at, lane) {
    const board = document.querySelector("[data-board]");
    const to = lanes().filter(l => l.dataset.lane in moves(at)).map(label);
    const text = to.length ? board.dataset.refused.replace("{lanes}", new Intl.ListFormat(document.documentElement.lang, { type: "disjunction" }).format(to)).replace("{lane}", label(lane)) : board.dataset.stuck;
    const box = document.createElement("div");
    box.className = "k-notice is-warn";
    box.setAttribute("role", "alert");
    box.textContent = text;
    document.getElementById("notices").replaceChildren(box);
  }
  async function move(at, lane) {
    const action = moves(at)[lane.dataset.lane];
    if (lane === at.closest("[data-lane]")) return;
    if (!action) { refuse(at, lane); return; }
    const form = document.getElementById("board-form");
    const data = new FormData(form);
    data.set("do", action); data.append("ids", at.dataset.id); data.set("board", "1");
    const answer = await fetch(form.action, { method: "POST", body: data, headers: { "HX-Request": "true" } });
    const html = await answer.text();
    if (answer.ok && answer.headers.get("X-Kontor") === "done") {
      await globalThis.htmx.ajax("GET", location.pathname + location.search, { target: "#list", swap: "outerHTML" });
      document.querySelector(`[data-board] [data-id="${CSS.escape(at.dataset.id)}"]`)?.focus();
    } else if (answer.headers.get("X-Kontor") === "ask") {
      const dialog = document.getElementById("bulk-dialog");
      dialog.innerHTML = html;
      dialog.showModal();
    } else {
      document.getElementById("notices").innerHTML = html;
      at.focus();
    }
  }
  document.addEventListener("dragstart", event => {
    const at = event.target.closest?.("[data-board] [data-id]");
    if (!at) return;
    card = at;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", at.dataset.id);
    setTimeout(() => at.classList.add("is-drag"));
    lanes().forEach(l => l.classList.toggle("is-open", l.dataset.lane in moves(at)));
  });
  document.addEventListener("dragover", event => {
    const lane = event.target.closest?.("[data-board] [data-lane]");
    lanes().forEach(l => l.classList.toggle("is-target", l === lane && card && l.dataset.lane in moves(card)));
    if (card && lane) event.preventDefault();
  });
  document.addEventListener("drop", event => {
    const lane = event.target.closest?.("[data-board] [data-lane]");
    if (card && lane) { event.preventDefault(); move(card, lane); }
  });
  document.addEventListener("click", async event => {
    const button = event.target.closest?.("[data-lane-more]");
    if (!button) return;
    button.disabled = true;
    const answer = await fetch(button.dataset.laneMore, { headers: { "HX-Request": "true" } });
    if (!answer.ok) { button.disabled = false; return; }
    const item = button.closest("li"), first = item.previousElementSibling;
    item.insertAdjacentHTML("afterend", await answer.text());
    item.remove();
    first?.nextElementSibling?.focus();
  });
  document.addEventListener("dragend", () => {
    card?.classList.remove("is-drag");
    card = null;
    lanes().forEach(l => l.classList.remove("is-target", "is-open"));
  });
  document.addEventListener("keydown", event => {
    const at = event.target.closest?.("[data-board] [data-id]");
    if (!at || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === "m") {
      const menu = document.getElementById("menu-move"), list = menu.querySelector("[data-moves-list]");
      const to = lanes().filter(l => l.dataset.lane in moves(at));
      if (!to.length) return;
      list.replaceChildren(...to.map(lane => {
        const item = document.createElement("button");
        item.type = "button"; item.className = "k-item"; item.setAttribute("role", "menuitem"); item.textContent = label(lane);
        item.addEventListener("click", () => { menu.hidePopover(); move(at, lane); });
        return item;
      }));
      globalThis.kontorMenus.open(menu, at);
      list.querySelector("button").focus();
      event.preventDefault();
    } else if (["arrowdown", "arrowup", "arrowleft", "arrowright"].includes(key)) {
      const lane = at.closest("[data-lane]"), all = lanes();
      let next = key === "arrowdown" ? at.nextElementSibling : key === "arrowup" ? at.previousElementSibling : null;
      if (key === "arrowleft" || key === "arrowright") {
        const step = key === "arrowright" ? 1 : -1;
        for (let i = all.indexOf(lane) + step; i >= 0 && i < all.length; i += step) { next = all[i].querySelector("[data-id]"); if (next) break; }
      }
      if (next) { next.focus(); event.preventDefault(); }
    } else if (key === "enter" && event.target === at) at.querySelector("a").click();
  });
})();

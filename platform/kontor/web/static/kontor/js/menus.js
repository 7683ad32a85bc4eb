/* Pop-overs (the platform's own popover attribute): placed beside their button, loaded when first opened. */
"use strict";
(() => {
  function place(menu, button) {
    const at = button.getBoundingClientRect(), gap = 6;
    const box = menu.getBoundingClientRect();
    const below = at.bottom + gap + box.height <= innerHeight || at.top < box.height;
    const top = below ? at.bottom + gap : at.top - gap - box.height;
    const left = at.left + box.width <= innerWidth - gap ? at.left : at.right - box.width;
    menu.style.top = `${Math.max(gap, Math.min(top, innerHeight - box.height - gap))}px`;
    menu.style.left = `${Math.max(gap, Math.min(left, innerWidth - box.width - gap))}px`;
  }
  const buttonOf = menu => document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]:not([hidden])`);

  document.addEventListener("toggle", async event => {
    const menu = event.target;
    if (!(menu instanceof HTMLElement) || !menu.matches("[popover]")) return;
    const open = event.newState === "open";
    const button = menu.kontorButton ?? buttonOf(menu);
    button?.setAttribute("aria-expanded", String(open));
    if (!open) return;
    if (button) place(menu, button);
    const load = menu.dataset.load;
    if (load && (!menu.dataset.loaded || menu.dataset.again !== undefined)) {
      menu.dataset.loaded = "1";
      try {
        const answer = await fetch(load, { headers: { "HX-Request": "true" } });
        menu.innerHTML = await answer.text();
        globalThis.htmx?.process(menu);
      } catch { delete menu.dataset.loaded; }
      if (button) place(menu, button);
    }
    (menu.querySelector("[autofocus]") ?? menu.querySelector("input:not([type=hidden]):not([type=checkbox])"))?.focus();
  }, true);

  document.addEventListener("keydown", event => {
    const menu = event.target.closest?.("[popover][role=menu], form[popover], #menu-me");
    if (!menu || !["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) return;
    const items = [...menu.querySelectorAll(".k-item:not([disabled])")];
    if (!items.length) return;
    event.preventDefault();
    const at = items.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    items[(next + items.length) % items.length].focus();
  });
  document.addEventListener("keydown", event => {
    const button = event.target.closest?.("[popovertarget]");
    if (!button || event.key !== "ArrowDown") return;
    const menu = document.getElementById(button.getAttribute("popovertarget"));
    if (!menu) return;
    event.preventDefault();
    menu.showPopover();
    menu.querySelector(".k-item, input")?.focus();
  });

  // a swap copies attributes of elements it knows by id; a style attribute would offend the content policy
  document.addEventListener("htmx:before:swap", () => {
    document.querySelectorAll("[popover][style]").forEach(menu => { if (menu.matches(":popover-open")) menu.hidePopover(); menu.removeAttribute("style"); });
  });

  /* Any button may open a pop-over at its place: kontorMenus.open(menu, button) */
  globalThis.kontorMenus = { place, open(menu, button) { menu.kontorButton = button; menu.showPopover(); } };
})();

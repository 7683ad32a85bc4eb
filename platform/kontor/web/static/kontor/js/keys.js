/* Keys that work everywhere; single letters rest while a field has focus and can be switched off. */
"use strict";
(() => {
  const off = "kontor-single-keys-off";
  let going = 0;
  const busy = t => t.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable], dialog, [popover]:popover-open");
  const press = selector => {
    const at = [...document.querySelectorAll(selector)].find(e => e.offsetParent !== null && !e.disabled);
    at?.click();
    return !!at;
  };
  document.addEventListener("keydown", event => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (busy(event.target) || localStorage.getItem(off)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    let done = true;
    if (going && Date.now() - going < 1200) {
      going = 0;
      if (key === "h") location.href = "/";
      else if (/^[1-9]$/.test(key)) {
        const group = document.querySelectorAll(".k-nav [data-fold]")[Number(key) - 1];
        const link = group?.nextElementSibling.querySelector("a");
        if (link) location.href = link.href;
      } else done = false;
    }
    else if (key === "g") going = Date.now();
    else if (key === "n") done = press("[data-key=new]") || press("[popovertarget=menu-new]");
    else if (key === "e") done = press("[data-key=edit]");
    else if (key === "p") done = press("[data-key=print]");
    else if (key === "/") done = (() => { const box = document.querySelector("[data-key=filter]"); box?.focus(); box?.select?.(); return !!box; })();
    else if (key === "[") globalThis.kontorShell.narrow();
    else if (key === "?") document.getElementById("shortcuts")?.showModal();
    else done = false;
    if (done) event.preventDefault();
  });
  document.addEventListener("click", event => {
    if (event.target.closest("[data-shortcuts]")) {
      document.getElementById("menu-me")?.hidePopover();
      document.getElementById("shortcuts").showModal();
    }
  });
  const toggle = document.querySelector("[data-single-keys]");
  if (toggle) {
    toggle.checked = !localStorage.getItem(off);
    toggle.addEventListener("change", () => toggle.checked ? localStorage.removeItem(off) : localStorage.setItem(off, "1"));
  }
})();

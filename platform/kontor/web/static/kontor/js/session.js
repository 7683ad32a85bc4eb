/* Two minutes before the session ends for lack of use it is said, with a way to stay; at the end shell.js says so.
   Other windows of the same browser keep it alive too, so the server is asked before anything is said. */
"use strict";
(() => {
  const WARN = 120, body = document.body, notices = document.getElementById("notices");
  if (!body.dataset.user || !notices) return;
  let due = 0, box = null;

  function plan(left) {
    const seconds = left > WARN ? left - WARN : Math.max(left, 1) + 1;
    due = Date.now() + seconds * 1000;
    setTimeout(look, Math.min(seconds * 1000, 2 ** 31 - 1));
  }
  async function ask(method = "GET") {
    const token = JSON.parse(body.getAttribute("hx-headers:inherited"))["X-CSRFToken"];
    const answer = await fetch("/shell/session/", { method, headers: { "HX-Request": "true", "X-CSRFToken": token } });
    return answer.ok ? (await answer.json()).left : null;
  }
  async function look() {
    if (Date.now() < due - 500) return;
    let left = null;
    try { left = await ask(); } catch { return plan(WARN + 30); /* no network: later */ }
    if (left === null) { box?.remove(); box = null; return; }
    if (left > WARN) { box?.remove(); box = null; } else if (!box) say();
    plan(left);
  }
  function say() {
    box = document.getElementById("session-ends").content.firstElementChild.cloneNode(true);
    box.querySelector("[data-stay]").addEventListener("click", async event => {
      const button = event.currentTarget, left = await ask("POST");
      if (left > WARN) { box?.remove(); box = null; plan(left); } else button.hidden = true; /* its whole time is over */
    });
    notices.append(box);
  }
  addEventListener("visibilitychange", () => { if (!document.hidden && Date.now() >= due) look(); });
  plan(Math.max(Number(body.dataset.sessionLeft), WARN + 1));
})();

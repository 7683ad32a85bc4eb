/* Dates as people write them, in fields marked data-date: "+7", "+2w", "-1m", "0930", "9/30", "30", "2026/9/30",
   "115/9/30", "today", "明天", "下週五", "月底", "fri". What is understood is written as 2026-09-30; the rest is left
   for the server to name. "Today" is the company's, from data-today on the form or the page. */
"use strict";
(() => {
  const one = (s, e = document) => e.querySelector(s);
  const pad = n => String(n).padStart(2, "0");
  const iso = d => `${d.getUTCFullYear()}-${pad(d.getUTCMonth() + 1)}-${pad(d.getUTCDate())}`;
  const day = (y, m, d) => { const made = new Date(Date.UTC(y, m - 1, d)); return made.getUTCMonth() === m - 1 && made.getUTCDate() === d ? made : null; };
  const plus = (d, n) => new Date(d.getTime() + n * 86400000);
  const months = (d, n) => {
    const first = new Date(Date.UTC(d.getUTCFullYear(), d.getUTCMonth() + n, 1));
    const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
    return new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), Math.min(d.getUTCDate(), last)));
  };
  const WORDS = { today: 0, tod: 0, t: 0, now: 0, 今天: 0, 今日: 0, 今: 0, tomorrow: 1, tom: 1, 明天: 1, 明日: 1, 明: 1, 後天: 2, 后天: 2, 大後天: 3, 大后天: 3, yesterday: -1, 昨天: -1, 昨日: -1, 前天: -2 };
  const WEEK = { sun: 0, mon: 1, tue: 2, wed: 3, thu: 4, fri: 5, sat: 6, 日: 0, 天: 0, 一: 1, 二: 2, 三: 3, 四: 4, 五: 5, 六: 6 };
  const today = () => {
    const told = one("[data-today]")?.dataset.today;
    if (told) return new Date(`${told}T00:00:00Z`);
    const n = new Date();
    return new Date(Date.UTC(n.getFullYear(), n.getMonth(), n.getDate()));
  };
  const nearest = (now, tries) => tries.filter(Boolean).sort((a, b) => Math.abs(a - now) - Math.abs(b - now))[0] ?? null;

  function understood(text, now) {
    const t = text.normalize("NFKC").trim().toLowerCase().replace(/\s+/g, "");
    let m;
    if (t in WORDS) return plus(now, WORDS[t]);
    if ((m = /^([+-]\d{1,4})(d|w|m|y|天|日|週|周|月|年)?$/.exec(t))) {
      const n = Number(m[1]), unit = m[2] ?? "d";
      if ("w週周".includes(unit)) return plus(now, 7 * n);
      if ("m月".includes(unit)) return months(now, n);
      if ("y年".includes(unit)) return months(now, 12 * n);
      return plus(now, n);
    }
    if (t === "月底" || t === "eom") return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 0));
    if (t === "下月底" || t === "下個月底" || t === "下个月底") return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 2, 0));
    if ((m = /^(下)?(?:個|个)?(?:週|周|星期|禮拜|礼拜)([一二三四五六日天])$/.exec(t))) return weekday(now, WEEK[m[2]], !!m[1]);
    if ((m = /^(next)?(sun|mon|tue|wed|thu|fri|sat)[a-z]*$/.exec(t))) {
      const ahead = (WEEK[m[2]] - now.getUTCDay() + 7) % 7 || 7;
      return plus(now, ahead);
    }
    if ((m = /^(\d{2,4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(t))) return day(year(m[1]), Number(m[2]), Number(m[3]));
    if ((m = /^(\d{4})(\d{2})(\d{2})$/.exec(t))) return day(Number(m[1]), Number(m[2]), Number(m[3]));
    if ((m = /^(\d{1,2})[-/.月](\d{1,2})日?$/.exec(t)) || (m = /^(\d{2})(\d{2})$/.exec(t))) {
      const y = now.getUTCFullYear();
      return nearest(now, [y - 1, y, y + 1].map(at => day(at, Number(m[1]), Number(m[2]))));
    }
    if ((m = /^(\d{1,2})(?:日|號|号)?$/.exec(t))) {
      const around = [-1, 0, 1].map(n => months(new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1)), n));
      return nearest(now, around.map(a => day(a.getUTCFullYear(), a.getUTCMonth() + 1, Number(m[1]))));
    }
    return null;
  }
  /* 115 is 民國 115, 26 is 2026 */
  const year = text => text.length === 4 ? Number(text) : text.length === 3 ? Number(text) + 1911 : 2000 + Number(text);
  /* 週五 is the coming one, 下週五 that of the week after this one (weeks begin on Monday) */
  function weekday(now, wanted, next) {
    const index = d => (d + 6) % 7;
    const ahead = index(wanted) - index(now.getUTCDay());
    return plus(now, next ? ahead + 7 : ahead > 0 ? ahead : ahead + 7);
  }
  /* the ISO date, or the text as it is where it means nothing */
  function parse(text) {
    if (!text || /^\d{4}-\d{2}-\d{2}$/.test(text)) return text;
    const found = understood(text, today());
    return found && !Number.isNaN(found.getTime()) ? iso(found) : text;
  }
  const isDate = e => e?.matches?.("input[data-date]");
  document.addEventListener("change", event => {
    if (!isDate(event.target)) return;
    event.target.value = parse(event.target.value.trim());
  }, true);
  document.addEventListener("keydown", event => {
    if (!isDate(event.target) || event.isComposing || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      if (event.altKey || event.target.closest(".k-lines")) return;
      event.preventDefault();
      const now = parse(event.target.value) || event.target.placeholder || iso(today());
      if (!/^\d{4}-\d{2}-\d{2}$/.test(now)) return;
      event.target.value = iso(plus(new Date(`${now}T00:00:00Z`), event.key === "ArrowUp" ? 1 : -1));
      event.target.dispatchEvent(new Event("input", { bubbles: true }));
    }
    else if (event.key === "Enter") event.target.value = parse(event.target.value.trim());
  }, true);
  /* the calendar beside the field: the platform's own */
  document.addEventListener("click", event => {
    const button = event.target.closest("[data-calendar]");
    if (!button) return;
    const input = one("input[data-date]", button.parentElement), picker = one("input[type=date]", button.parentElement);
    picker.value = parse(input.value);
    try { picker.showPicker(); } catch { input.focus(); }
  });
  document.addEventListener("input", event => {
    if (!event.target.matches("input[data-picker]")) return;
    const input = one("input[data-date]", event.target.parentElement);
    event.stopPropagation();
    input.value = event.target.value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
    input.focus();
  }, true);
  /* fingers get the phone's own calendar; an empty field still shows what would be taken */
  const touch = matchMedia("(pointer: coarse)");
  document.addEventListener("pointerup", event => {
    const input = event.target;
    if (!touch.matches || !isDate(input) || input.type === "date" || !/^(\d{4}-\d{2}-\d{2})?$/.test(input.value)) return;
    input.type = "date";
    try { input.showPicker(); } catch { input.focus(); }
  });
  document.addEventListener("focusout", event => { if (isDate(event.target) && event.target.type === "date" && !event.target.value) event.target.type = "text"; });
  globalThis.kontorDates = { parse };
})();

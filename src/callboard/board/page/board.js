// The board's own script: the theme, running clocks, what changes, the rows behind a number, the way back in time.
(() => {
  const root = document.documentElement, byId = (id) => document.getElementById(id);
  const THEMES = ["auto", "light", "dark"], STALE = 40_000, SOON = 600_000;
  let theme = localStorage.getItem("board-theme") || "auto";
  const dress = () => (theme === "auto" ? delete root.dataset.theme : (root.dataset.theme = theme));
  dress();
  root.classList.add("scripted");

  document.addEventListener("DOMContentLoaded", () => {
    const page = document.body.dataset, base = page.base, zone = page.zone;
    if (!base) return;
    let now = page.at ? () => Date.parse(page.at) : null;
    let last = page.revision, changes = 0, source = null, heard = performance.now(), lost = false;

    const button = byId("theme");
    const named = () => (button.textContent = `Theme: ${theme}`);
    button.addEventListener("click", () => {
      theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
      localStorage.setItem("board-theme", theme);
      dress();
      named();
    });
    button.hidden = false;
    named();

    // Clocks
    const local = (ms, how) => new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour12: false, ...how }).format(ms);
    const hhmm = (ms) => local(ms, { hour: "2-digit", minute: "2-digit" });
    const two = (number) => String(number).padStart(2, "0");
    const span = (ms) => {
      const s = Math.floor(ms / 1000), d = Math.floor(s / 86400), h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
      return d ? `${d}\u00a0d ${h % 24}\u00a0h` : h ? `${h}\u00a0h ${two(m)}\u00a0min` : `${m >= 10 ? m : `${m}:${two(s % 60)}`}\u00a0min`;
    };
    const running = (ms) => ((s) => `T${ms < 0 ? "−" : "+"}${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`)(Math.abs(Math.floor(ms / 1000)));
    const tick = () => {
      if (!now) return;
      const at = now();
      byId("clock").textContent = local(at, { hour: "2-digit", minute: "2-digit", second: page.at ? undefined : "2-digit" });
      for (const each of document.querySelectorAll("[data-until]")) {
        const ms = Date.parse(each.dataset.until) - at;
        each.textContent = Math.abs(ms) < 1000 ? "now" : ms >= 0 ? `in ${span(ms)}` : `${span(-ms)} ${each.dataset.late}`;
        each.classList.toggle("soon", ms >= 0 && ms < SOON);
        each.classList.toggle("gone", ms < 0 && each.dataset.late === "late");
      }
      for (const each of document.querySelectorAll("[data-since]"))
        each.textContent = running(at - Date.parse(each.dataset.since));
      const begins = Date.parse(page.begins), part = (at - begins) / (Date.parse(page.ends) - begins);
      for (const end of ["x1", "x2"]) byId("line-now")?.setAttribute(end, `${(Math.min(Math.max(part, 0), 1) * 100).toFixed(2)}%`);
      if (page.at || document.hidden || performance.now() - heard < STALE) return;
      lose(); // a connection that is dead and doesn't know it
      source?.close();
      listen();
    };
    setInterval(tick, 1000);

    // What changes
    const ribbon = (words) => {
      if (byId("ribbon").textContent !== words) byId("ribbon").textContent = words;
      byId("ribbon").hidden = !words;
    };
    const lose = () => {
      if (!lost) ribbon(`Stale since ${now ? hhmm(now()) : "just now"}. I keep trying to reach the board.`);
      lost = true;
    };
    const hear = () => {
      heard = performance.now();
      if (lost) ribbon("");
      lost = false;
    };
    const put = (parts) => {
      const focused = document.activeElement?.getAttribute("href");
      for (const [name, html] of Object.entries(parts)) {
        byId(name).innerHTML = html;
        byId(name).classList.remove("fresh");
        requestAnimationFrame(() => byId(name).classList.add("fresh"));
      }
      if (focused && document.activeElement === document.body)
        document.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
      tick();
    };
    const retry = async () => {
      source.close();
      const answer = await fetch(base, { redirect: "error" }).catch(() => null);
      if (answer?.status === 403) location.reload();
      else if (!document.hidden) setTimeout(listen, 2000 + Math.random() * 3000);
    };
    const listen = () => {
      if (page.at || document.hidden || source?.readyState < 2) return;
      heard = performance.now();
      source = new EventSource(`${base}/events?after=${last}&version=${page.version}`);
      source.addEventListener("clock", (event) => {
        const ahead = Date.parse(event.data) - Date.now();
        now = () => Date.now() + ahead;
        hear();
        tick();
      });
      source.addEventListener("news", (event) => {
        const { parts, entries } = JSON.parse(event.data), read = entries.filter((entry) => entry.read);
        put(parts);
        last = event.lastEventId || last;
        changes += read.length;
        if (read.length) byId("changes").textContent = `${changes} ${changes === 1 ? "change" : "changes"} since you opened it.`;
        const said = read.findLast((entry) => entry.text);
        if (said) byId("said").textContent = said.text;
      });
      source.addEventListener("again", () => {
        source.close();
        setTimeout(() => location.reload(), 500 + Math.random() * 2000);
      });
      source.addEventListener("error", () => {
        lose();
        if (source.readyState === 2) retry();
      });
    };
    document.addEventListener("visibilitychange", () => (document.hidden ? source?.close() : listen()));
    listen();

    // The rows behind a number
    document.addEventListener("click", async (event) => {
      const link = event.target.closest?.("a.n");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const answer = await fetch(link.href);
      if (!answer.ok) return location.assign(link.href);
      const shown = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
      byId("rows").firstElementChild.replaceChildren(...shown.children);
      byId("rows").showModal();
    });

    // The way back in time
    const slide = byId("slide"), minute = (ms) => Math.floor(ms / 60_000) * 60;
    let wanted = 0;
    const look = async () => {
      const at = new Date(slide.value * 1000).toISOString().slice(0, 19) + "Z", mine = ++wanted;
      slide.setAttribute("aria-valuetext", local(Date.parse(at), { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }));
      await new Promise((done) => setTimeout(done, 150));
      if (mine !== wanted) return;
      if (Number(slide.value) >= Number(slide.max)) return location.assign(base);
      const answer = await fetch(`${base}?at=${at}`);
      if (mine !== wanted) return;
      const shown = new DOMParser().parseFromString(await answer.text(), "text/html");
      source?.close();
      page.at = at;
      now = () => Date.parse(at);
      byId("board").replaceChildren(...(shown.getElementById("board") || shown.querySelector("main")).children);
      history.replaceState(null, "", `${base}?at=${at}`);
      tick();
    };
    const ready = () => {
      if (!now) return setTimeout(ready, 200);
      const here = now();
      slide.min = minute(Math.min(Date.parse(page.begins), here));
      slide.max = minute(page.at ? Math.max(here, Math.min(Date.now(), Date.parse(page.ends))) : here);
      slide.value = minute(here);
      slide.hidden = false;
      slide.addEventListener("input", look);
    };
    ready();
    tick();
  });
})();

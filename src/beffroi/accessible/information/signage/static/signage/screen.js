// The screen in the square. The server says what is announced and between which times; this page
// decides at each second what is visible, so that an alert begins and ends on time without network.

const MOST_SHOWN = 3;
const LOOK_MS = 30_000;
const HUB_PAUSE_MS = 5_000;
const HUB = "/.well-known/mercure";

const square = document.querySelector("[data-screen]");
const clock = document.querySelector("[data-clock]");
const today = document.querySelector("[data-today]");
const offline = document.querySelector("[data-offline]");
const language = document.documentElement.lang || "fr";

// ---- time: the server's, in the authority's zone ---------------------------------------------

// The clock of a screen may be wrong by hours; what matters is the server's, as last heard.
let offset = Number(localStorage.getItem("screen-clock-offset") ?? 0);
const now = () => Date.now() + offset;

function hearTime(answer) {
  const date = Date.parse(answer.headers.get("Date") ?? "");
  if (Number.isNaN(date)) return;
  // The header has whole seconds: smaller differences are not worth a jump.
  const heard = date + 500 - Date.now();
  if (Math.abs(heard - offset) < 2_000) return;
  offset = heard;
  localStorage.setItem("screen-clock-offset", String(offset));
}

const zone = () => square.querySelector("[data-zone]")?.dataset.zone || undefined;

function sayTime(moment) {
  const parts = new Intl.DateTimeFormat("fr", {
    hour: "numeric", minute: "2-digit", hour12: false, timeZone: zone(),
  }).formatToParts(moment);
  const of = (type) => parts.find((part) => part.type === type)?.value ?? "";
  return `${Number(of("hour"))}:${of("minute")}`;
}

function sayDay(moment) {
  return new Intl.DateTimeFormat(language, {
    weekday: "long", day: "numeric", month: "long", timeZone: zone(),
  }).format(moment);
}

// ---- what is visible now: the same rule as the server's (bulletins.py) -----------------------

const at = (element, name) => (element.dataset[name] ? Date.parse(element.dataset[name]) : null);

function arrange() {
  const moment = now();
  const alive = [...square.querySelectorAll("[data-bulletin]")].filter((bulletin) => {
    const until = at(bulletin, "until");
    if (until === null || moment < until) return true;
    bulletin.remove();
    return false;
  });
  const ringing = alive.filter((bulletin) => {
    const from = at(bulletin, "from");
    return "alert" in bulletin.dataset && (from === null || from <= moment);
  });
  const visible = (ringing.length ? ringing : alive).slice(0, MOST_SHOWN);
  for (const bulletin of alive) bulletin.hidden = !visible.includes(bulletin);
  square.querySelector("[data-board]")?.classList.toggle("alerting", ringing.length > 0);
  const quiet = square.querySelector("[data-quiet]");
  if (quiet) quiet.hidden = alive.length > 0;
  for (const row of square.querySelectorAll("li[data-until]")) {
    if (at(row, "until") <= moment) row.remove();
  }
}

// ---- nothing is cut: what does not fit is said shorter, the lesser things first --------------

const LAST_FIT = 7;
let fitted = "";

function fit() {
  const board = square.querySelector("[data-board]");
  const main = board?.querySelector(".board-main");
  if (!main) return;
  const visible = [...main.querySelectorAll("[data-bulletin]:not([hidden])")];
  const side = board.querySelector(".board-side");
  const rows = [...(side?.querySelectorAll("li") ?? [])];
  const said = [...visible, ...rows].map((one) => one.textContent).join("|");
  const state = `${innerWidth}×${innerHeight} ${said}`;
  if (state === fitted) return;
  fitted = state;
  for (const row of rows) row.hidden = false;
  while (rows.length && side.scrollHeight > side.clientHeight) rows.pop().hidden = true;
  board.classList.remove(...Array.from({ length: LAST_FIT }, (_, i) => `fit-${i + 1}`));
  for (let step = 1; step <= LAST_FIT && main.scrollHeight > main.clientHeight; step += 1) {
    board.classList.add(`fit-${step}`);
  }
}

function tick() {
  arrange();
  fit();
  const moment = new Date(now());
  clock.textContent = sayTime(moment);
  today.textContent = sayDay(moment);
}

// ---- being on line or not --------------------------------------------------------------------

let lastHeard = now();
const offlineWord = offline.querySelector("span");
const offlineSince = offlineWord.textContent;

function showOnline(online) {
  if (online) lastHeard = now();
  offline.hidden = online;
  const said = `${offlineSince} ${sayTime(new Date(lastHeard)).replace(":", " h ")}`;
  if (!online && offlineWord.textContent !== said) offlineWord.textContent = said;
}

// ---- fetching what is announced --------------------------------------------------------------

let shown = square.innerHTML.trim();
let looking = false;
let again = false;

async function look() {
  if (looking) {
    again = true;
    return;
  }
  looking = true;
  try {
    const answer = await fetch(square.dataset.src, { cache: "no-store", headers: { "X-Live": "1" } });
    const kept = answer.headers.get("X-Kept-Since");
    if (answer.redirected) {
      // Removed by an agent: the page shows a code again.
      location.reload();
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const text = (await answer.text()).trim();
    if (kept) {
      // The service worker answers from what it kept: the network is away.
      lastHeard = Math.min(lastHeard, Date.parse(kept) || lastHeard);
      showOnline(false);
    } else {
      hearTime(answer);
      showOnline(true);
    }
    if (text !== shown) {
      square.innerHTML = text;
      shown = text;
      fitted = "";
    }
    tick();
  } catch {
    showOnline(false);
  } finally {
    looking = false;
    if (again) {
      again = false;
      look();
    }
  }
}

function listen() {
  const address = new URL(HUB, location.href);
  for (const topic of square.dataset.topics.split(" ")) address.searchParams.append("topic", topic);
  const source = new EventSource(address);
  source.onmessage = look;
  source.onopen = look;
  source.onerror = () => {
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(listen, HUB_PAUSE_MS);
  };
}

async function keepForLater() {
  if (!("serviceWorker" in navigator)) return;
  const address = square.dataset.worker;
  const scope = new URL(".", new URL(address, location.href)).pathname;
  navigator.serviceWorker.addEventListener("message", () => (square.dataset.kept = ""));
  try {
    await navigator.serviceWorker.register(address, { scope });
    const registration = await navigator.serviceWorker.ready;
    const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
    const own = loaded.filter((url) => new URL(url).pathname.startsWith("/static/"));
    registration.active.postMessage({ keep: [...new Set(own)], page: location.pathname, content: square.dataset.src });
  } catch {
    // Without it (plain http on another machine) the screen still keeps its page while it is open.
  }
}

tick();
document.fonts.ready.then(() => {
  fitted = "";
  fit();
});
setInterval(tick, 1_000);
look();
setInterval(look, LOOK_MS);
listen();
keepForLater();
window.addEventListener("resize", fit);
window.addEventListener("online", look);
window.addEventListener("offline", () => showOnline(false));

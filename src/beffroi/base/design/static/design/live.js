// Live pages. Every element with data-live-topic (one or more topics, separated by spaces) and
// data-live-src (the address of its fragment) is fetched again when the hub speaks of its topic.
// One connection serves all tabs: the tab that holds the lock keeps it, for everybody's topics.
// Without JavaScript, or without the hub, the page is simply what it was when it was loaded.

const HUB = "/.well-known/mercure";
const LONGEST_PAUSE_MS = 30_000;

const regions = () => [...document.querySelectorAll("[data-live-topic][data-live-src]")];
const topicsOf = (region) => region.dataset.liveTopic.split(/\s+/).filter(Boolean);
const pageTopics = () => [...new Set(regions().flatMap(topicsOf))].sort();

// ---- what the reader sees: is the page live? ------------------------------------------------

function showState(connected) {
  for (const mark of document.querySelectorAll("[data-live-state]")) {
    const word = mark.querySelector("[data-live-word]");
    const text = connected ? mark.dataset.on : mark.dataset.off;
    mark.hidden = false;
    mark.dataset.state = connected ? "on" : "off";
    if (word.textContent !== text) word.textContent = text;
  }
}

// ---- changing only what changed, so that focus stays and only news are spoken ----------------

function patch(old, fresh) {
  const before = [...old.childNodes];
  const after = [...fresh.childNodes];
  while (before.length && after.length && before[0].isEqualNode(after[0])) {
    before.shift();
    after.shift();
  }
  while (before.length && after.length && before.at(-1).isEqualNode(after.at(-1))) {
    before.pop();
    after.pop();
  }
  const alike =
    before.length === after.length &&
    before.every((node, i) => node.nodeName === after[i].nodeName && node.id === after[i].id);
  if (alike) {
    before.forEach((node, i) => update(node, after[i]));
    return;
  }
  const place = before.at(-1)?.nextSibling ?? nextAfter(old, fresh, after);
  for (const node of before) node.remove();
  for (const node of after) old.insertBefore(document.importNode(node, true), place);
}

function nextAfter(old, fresh, after) {
  // Nothing leaves: the news go before the first node of the common end.
  const common = fresh.childNodes.length - [...fresh.childNodes].indexOf(after.at(-1)) - 1;
  return old.childNodes[old.childNodes.length - common] ?? null;
}

function update(node, fresh) {
  if (node.isEqualNode(fresh)) return;
  if (node.nodeType !== Node.ELEMENT_NODE) {
    node.nodeValue = fresh.nodeValue;
    return;
  }
  for (const { name } of [...node.attributes]) {
    // What the reader opened stays open.
    if (!fresh.hasAttribute(name) && name !== "open") node.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  }
  patch(node, fresh);
}

function trim(region) {
  // The fragment is trimmed; the page's own blanks around it must not count as a difference.
  const isBlank = (node) => node?.nodeType === Node.TEXT_NODE && !node.data.trim();
  if (isBlank(region.firstChild)) region.firstChild.remove();
  if (isBlank(region.lastChild)) region.lastChild.remove();
}

const writing = (region) =>
  region.contains(document.activeElement) &&
  document.activeElement.matches("input:not([type=checkbox], [type=radio]), textarea, select");

async function refresh(region) {
  if (region.liveBusy) {
    region.liveAgain = true;
    return;
  }
  region.liveBusy = true;
  try {
    const answer = await fetch(region.dataset.liveSrc, {
      credentials: "same-origin",
      cache: "no-store",
      headers: { "X-Live": "1" },
    });
    if (!answer.ok || answer.redirected) return;
    const holder = document.createElement("template");
    holder.innerHTML = (await answer.text()).trim();
    const [only] = holder.content.children;
    const whole = holder.content.children.length === 1 && only.matches("[data-live-src]");
    if (writing(region)) {
      region.addEventListener("focusout", () => refresh(region), { once: true });
      return;
    }
    trim(region);
    const fresh = whole ? only : holder.content;
    trim(fresh);
    patch(region, fresh);
    region.dispatchEvent(new CustomEvent("live:changed", { bubbles: true }));
  } catch {
    // The hub says so when the town cannot be reached; the page keeps what it shows.
  } finally {
    region.liveBusy = false;
    if (region.liveAgain) {
      region.liveAgain = false;
      refresh(region);
    }
  }
}

function heard(message) {
  let topics = null;
  try {
    topics = JSON.parse(message).topics ?? null;
  } catch {
    // Not JSON: every region looks.
  }
  for (const region of regions()) {
    if (!topics || topicsOf(region).some((topic) => topics.includes(topic))) refresh(region);
  }
}

// ---- the connection ---------------------------------------------------------------------------

class Connection {
  constructor(onMessage, onState) {
    this.onMessage = onMessage;
    this.onState = onState;
    this.lastId = "";
    this.pause = 1000;
  }

  follow(topics) {
    this.topics = topics;
    this.open();
  }

  open() {
    clearTimeout(this.timer);
    this.source?.close();
    if (!this.topics.length) return;
    const query = new URLSearchParams(this.topics.map((topic) => ["topic", topic]));
    if (this.lastId) query.append("lastEventID", this.lastId);
    this.source = new EventSource(`${HUB}?${query}`, { withCredentials: true });
    this.source.onopen = () => {
      this.pause = 1000;
      this.onState(true);
    };
    this.source.onmessage = (event) => {
      this.lastId = event.lastEventId || this.lastId;
      this.onMessage(event.data);
    };
    this.source.onerror = () => {
      this.onState(false);
      if (this.source.readyState !== EventSource.CLOSED) return; // it tries again by itself
      this.timer = setTimeout(() => this.open(), this.pause * (0.5 + Math.random()));
      this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
    };
  }

  close() {
    clearTimeout(this.timer);
    this.source?.close();
  }
}

// ---- one connection for all tabs --------------------------------------------------------------

const tab = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
const channel = "BroadcastChannel" in window ? new BroadcastChannel("beffroi-live") : null;
const others = new Map(); // topics of the other tabs, known to the tab that leads
let connection = null;
let wasConnected = false;
let closing = null;

function tell(kind, more = {}) {
  channel?.postMessage({ kind, tab, ...more });
}

function stateChanged(connected) {
  if (connected && !wasConnected) {
    // What happened between the page's making and now.
    for (const region of regions()) setTimeout(() => refresh(region), Math.random() * 400);
  }
  wasConnected = connected;
  showState(connected);
}

function hello() {
  const isPrivate = document.querySelector("[data-live-private]") !== null;
  tell("hello", { topics: pageTopics(), isPrivate });
}

let gathering = 0;
function gather(anyway = false) {
  if (!connection) return;
  clearTimeout(gathering);
  gathering = setTimeout(() => {
    const union = [...new Set([...pageTopics(), ...[...others.values()].flat()])].sort();
    if (anyway || union.join(" ") !== (connection.topics ?? []).join(" ")) connection.follow(union);
  }, 60);
}

function lead() {
  connection = new Connection(
    (message) => {
      heard(message);
      tell("message", { message });
    },
    (connected) => {
      stateChanged(connected);
      tell("state", { connected });
    },
  );
  tell("who");
  gather();
  return new Promise((resolve) => {
    closing = () => {
      connection.close();
      connection = null;
      resolve();
    };
  });
}

channel?.addEventListener("message", ({ data }) => {
  if (data.kind === "hello" && connection) {
    others.set(data.tab, data.topics);
    // A page with private topics brought a new cookie: the hub must read it.
    gather(data.isPrivate);
    tell("state", { connected: wasConnected });
  } else if (data.kind === "bye" && connection) {
    others.delete(data.tab);
  } else if (data.kind === "who") {
    hello();
  } else if (data.kind === "message" && !connection) {
    heard(data.message);
  } else if (data.kind === "state" && !connection) {
    stateChanged(data.connected);
  }
});

function start() {
  if (!pageTopics().length) return;
  if (channel && navigator.locks) {
    hello();
    navigator.locks.request("beffroi-live", lead);
  } else {
    lead();
  }
}

addEventListener("pagehide", () => {
  tell("bye");
  closing?.();
  closing = null;
});
addEventListener("pageshow", (event) => {
  if (event.persisted) start();
});
document.addEventListener("htmx:afterSettle", () => {
  hello();
  gather();
});
start();

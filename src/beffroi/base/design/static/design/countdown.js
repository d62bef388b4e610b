// <time datetime="…" data-countdown> says until when; this adds how long that still is, and says
// aloud the last five, two and one minutes. At the end: the event "countdown:end" on the element.

const WORDS = {
  fr: { left: (t) => ` (encore ${t})`, over: " (délai passé)", min: "min", s: "s", say: (n) => `Il reste ${n} min.` },
  en: { left: (t) => ` (${t} left)`, over: " (time is up)", min: "min", s: "s", say: (n) => `${n} min left.` },
};
const words = WORDS[document.documentElement.lang.slice(0, 2)] ?? WORDS.fr;
const NBSP = "\u00a0";

function spell(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)}${NBSP}h${NBSP}${String(minutes % 60).padStart(2, "0")}`;
  if (minutes >= 10) return `${minutes}${NBSP}${words.min}`;
  const rest = String(seconds % 60).padStart(minutes ? 2 : 1, "0");
  return `${minutes ? `${minutes}${NBSP}${words.min} ` : ""}${rest}${NBSP}${words.s}`;
}

function prepare(time) {
  const left = document.createElement("span");
  left.className = "countdown-left";
  left.setAttribute("aria-hidden", "true");
  const voice = document.createElement("span");
  voice.className = "visually-hidden";
  voice.setAttribute("role", "status");
  time.after(left, voice);
  const end = Date.parse(time.dataset.countdown || time.dateTime);
  return { time, left, voice, end, said: Infinity };
}

const clocks = [];
function find() {
  for (const time of document.querySelectorAll("[data-countdown]:not([data-counting])")) {
    time.dataset.counting = "";
    clocks.push(prepare(time));
  }
}

function tick() {
  for (const clock of clocks) {
    if (!clock.time.isConnected || clock.said === 0) continue;
    const seconds = Math.max(0, Math.ceil((clock.end - Date.now()) / 1000));
    const text = seconds ? words.left(spell(seconds)) : words.over;
    if (clock.left.textContent !== text) clock.left.textContent = text;
    const step = [1, 2, 5].find((minutes) => seconds <= minutes * 60);
    if (!seconds) {
      clock.said = 0;
      clock.voice.textContent = words.over;
      clock.time.dispatchEvent(new CustomEvent("countdown:end", { bubbles: true }));
    } else if (step && step < clock.said) {
      clock.said = step;
      clock.voice.textContent = words.say(step);
    }
  }
}

find();
tick();
setInterval(tick, 1000);
document.addEventListener("live:changed", find);
document.addEventListener("htmx:afterSettle", find);

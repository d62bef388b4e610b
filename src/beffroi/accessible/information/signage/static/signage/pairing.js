// A screen that waits for its code to be entered: told by the hub, else it looks by itself.
const waiting = document.querySelector("[data-pairing]");
const LOOK_MS = 15_000;

const hub = new URL("/.well-known/mercure", location.href);
hub.searchParams.set("topic", waiting.dataset.pairing);
new EventSource(hub).onmessage = () => location.reload();

// The page answers with the notices as soon as it is paired, and with a new code when this one
// is too old: looking now and then is enough when the hub cannot be reached.
setInterval(async () => {
  try {
    const page = await fetch(location.href, { cache: "no-store" });
    if (!page.ok) return;
    const text = await page.text();
    if (!text.includes(waiting.dataset.pairing)) location.reload();
  } catch {
    // Off line: the code stays as it is.
  }
}, LOOK_MS);

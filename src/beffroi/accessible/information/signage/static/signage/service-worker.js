// Keeps the screen's page, its last content and its files, for when the network is away.
// Network first: what is kept is shown only when the town does not answer.

const KEPT = "beffroi-screen-1";
const PATIENCE_MS = 8_000;

self.addEventListener("install", (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("message", (event) => event.waitUntil(keep(event)));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(file(request));
  else if (url.pathname.startsWith(new URL(registration.scope).pathname)) event.respondWith(fresh(request));
});

async function activate() {
  for (const name of await caches.keys()) {
    if (name.startsWith("beffroi-screen-") && name !== KEPT) await caches.delete(name);
  }
  await self.clients.claim();
}

async function keep(event) {
  const { keep: files, page, content } = event.data;
  const store = await caches.open(KEPT);
  const wanted = new Set(files);
  for (const request of await store.keys()) {
    // Files of an older version of the page.
    if (new URL(request.url).pathname.startsWith("/static/") && !wanted.has(request.url)) {
      await store.delete(request);
    }
  }
  await Promise.allSettled(files.map(async (url) => (await store.match(url)) ?? store.add(url)));
  await Promise.allSettled([page, content].map((url) => fresh(new Request(url))));
  event.source.postMessage("kept");
}

async function file(request) {
  const store = await caches.open(KEPT);
  const known = await store.match(request);
  try {
    const answer = await fetch(request);
    if (answer.ok) await store.put(request, answer.clone());
    return answer.ok || !known ? answer : known;
  } catch (error) {
    if (known) return known;
    throw error;
  }
}

async function fresh(request) {
  const store = await caches.open(KEPT);
  const key = new URL(request.url).pathname;
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.ok && !answer.redirected) await store.put(key, await dated(answer.clone()));
    // A town that restarts (5xx) is a town that is away.
    if (answer.status < 500) return answer;
  } catch {
    // The network is away.
  }
  const known = await store.match(key);
  return known ?? Response.error();
}

async function dated(answer) {
  const headers = new Headers(answer.headers);
  headers.set("X-Kept-Since", new Date().toISOString());
  return new Response(await answer.blob(), { status: answer.status, headers });
}

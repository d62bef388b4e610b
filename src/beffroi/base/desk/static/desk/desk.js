// The matter beside its list: on a wide screen, a line of the work list opens in the middle, and
// its cord on the right, without leaving the list. The page that opens is the room's own page:
// without JavaScript, or on a narrow screen, the same link simply goes there.

const wide = matchMedia("(min-width: 64rem)");
const main = document.querySelector(".desk-main main");
const aside = document.querySelector(".desk-aside");
let wanted = 0;

const links = () => [...document.querySelectorAll("[data-keys] a[data-matter]")];

function mark(address) {
  for (const link of links()) {
    if (link.href === address) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

async function open(address, { focus }) {
  const mine = ++wanted;
  let page;
  try {
    const answer = await fetch(address, { credentials: "same-origin", cache: "no-store" });
    if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    location.assign(address);
    return;
  }
  const matter = page.querySelector(".desk-main main");
  if (!matter) {
    location.assign(address);
    return;
  }
  if (mine !== wanted) return; // another line was opened meanwhile
  main.replaceChildren(...matter.childNodes);
  aside.replaceChildren(...(page.querySelector(".desk-aside")?.childNodes ?? []));
  document.title = page.title;
  mark(address);
  if (focus) main.focus();
  // The live regions that came with the matter are followed from now on.
  document.dispatchEvent(new Event("htmx:afterSettle"));
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-keys] a[data-matter]");
  if (!link || !wide.matches) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button) return;
  event.preventDefault();
  const here = `#${encodeURIComponent(new URL(link.href).pathname)}`;
  history.pushState({ matter: link.href }, "", here);
  open(link.href, { focus: true });
});

addEventListener("popstate", () => {
  const address = history.state?.matter;
  if (address) {
    open(address, { focus: true });
  } else {
    location.reload();
  }
});

// The list is renewed by itself: the line that is open stays marked.
document.addEventListener("live:changed", () => {
  const address = history.state?.matter;
  if (address) mark(address);
});

if (history.state?.matter && wide.matches) open(history.state.matter, { focus: false });

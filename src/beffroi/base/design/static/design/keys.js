// The desk by keyboard: in a list with data-keys, j goes to the next line, k to the one before,
// Enter opens it (it is a link). One button turns the keys off, for those whom they disturb.

const STORED = "beffroi-keys";
const toggle = document.querySelector("[data-keys-toggle]");
const list = () => document.querySelector("[data-keys]");
let active = localStorage.getItem(STORED) !== "off";

function show() {
  if (!toggle || !list()) return;
  toggle.hidden = false;
  toggle.setAttribute("aria-pressed", String(active));
}

function move(step) {
  const links = [...(list()?.querySelectorAll("a[href]") ?? [])];
  if (!links.length) return;
  let here = links.indexOf(document.activeElement);
  if (here < 0) {
    here = links.findIndex((link) => link.hasAttribute("aria-current"));
    if (here < 0) here = step > 0 ? -1 : links.length;
  }
  links[Math.min(Math.max(here + step, 0), links.length - 1)].focus();
}

document.addEventListener("keydown", (event) => {
  if (!active || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (event.key === "j" || event.key === "k") {
    move(event.key === "j" ? 1 : -1);
    event.preventDefault();
  }
});

toggle?.addEventListener("click", () => {
  active = !active;
  localStorage.setItem(STORED, active ? "on" : "off");
  show();
});
show();

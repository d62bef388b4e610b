// Plans: pan and zoom by pointer, wheel with Ctrl, two fingers, buttons and keys; one selection
// shared by the picture and its twin in words. Without JavaScript the whole plan and the list stay.

const MOST_ZOOM = 12;

class Plan {
  constructor(root) {
    this.root = root;
    this.svg = root.querySelector("svg.plan");
    const box = this.svg.viewBox.baseVal;
    this.full = { x: box.x, y: box.y, w: box.width, h: box.height };
    this.view = { ...this.full };
    this.pointers = new Map();
    this.picture = root.querySelector(".map-picture");
    this.tools();
    this.drag();
    this.selection();
    this.layers();
  }

  get zoom() {
    return this.full.w / this.view.w;
  }

  show() {
    const { view, full } = this;
    view.x = Math.min(Math.max(view.x, full.x), full.x + full.w - view.w);
    view.y = Math.min(Math.max(view.y, full.y), full.y + full.h - view.h);
    this.svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.w} ${view.h}`);
    for (const mark of this.svg.querySelectorAll("g.mark")) {
      const at = mark.getAttribute("transform").match(/translate\([^)]*\)/)[0];
      mark.setAttribute("transform", `${at} scale(${(1 / this.zoom).toFixed(4)})`);
    }
  }

  scale(factor, at = { x: 0.5, y: 0.5 }) {
    const wanted = Math.min(Math.max(this.zoom * factor, 1), MOST_ZOOM);
    const w = this.full.w / wanted;
    const h = this.full.h / wanted;
    this.view.x += (this.view.w - w) * at.x;
    this.view.y += (this.view.h - h) * at.y;
    this.view.w = w;
    this.view.h = h;
    this.show();
  }

  pan(dx, dy) {
    this.view.x += dx * this.view.w;
    this.view.y += dy * this.view.h;
    this.show();
  }

  tools() {
    const tools = this.root.querySelector("[data-map-tools]");
    tools.hidden = false;
    tools.addEventListener("click", (event) => {
      const button = event.target.closest("[data-map-zoom]");
      if (!button) return;
      if (button.dataset.mapZoom === "all") {
        this.view = { ...this.full };
        this.show();
      } else {
        this.scale(button.dataset.mapZoom === "in" ? 1.5 : 1 / 1.5);
      }
    });
    tools.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, -0.15], ArrowDown: [0, 0.15] }[event.key];
      if (!step) return;
      event.preventDefault();
      this.pan(...step);
    });
  }

  drag() {
    const { svg, pointers } = this;
    const share = (event) => {
      const box = svg.getBoundingClientRect();
      return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
    };
    svg.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
      event.preventDefault();
      this.scale(event.deltaY < 0 ? 1.2 : 1 / 1.2, share(event));
    }, { passive: false });
    svg.addEventListener("pointerdown", (event) => {
      pointers.set(event.pointerId, share(event));
      if (event.pointerType === "mouse") svg.setPointerCapture(event.pointerId);
    });
    svg.addEventListener("pointermove", (event) => {
      const before = pointers.get(event.pointerId);
      if (!before) return;
      const now = share(event);
      if (pointers.size === 2) {
        const other = [...pointers].find(([id]) => id !== event.pointerId)[1];
        const gap = (point) => Math.hypot(point.x - other.x, point.y - other.y) || 1e-3;
        this.scale(gap(now) / gap(before), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
      } else if (event.pointerType === "mouse" || this.zoom > 1) {
        this.pan(before.x - now.x, before.y - now.y);
      }
      pointers.set(event.pointerId, now);
    });
    for (const end of ["pointerup", "pointercancel", "pointerleave"]) {
      svg.addEventListener(end, (event) => pointers.delete(event.pointerId));
    }
  }

  selection() {
    const select = (number, from) => {
      for (const thing of this.root.querySelectorAll("[data-map-thing]")) {
        thing.classList.toggle("selected", thing.dataset.mapThing === number);
      }
      for (const twin of this.root.querySelectorAll("[data-map-twin]")) {
        const chosen = twin.dataset.mapTwin === number;
        twin.classList.toggle("selected", chosen);
        if (chosen && from === "picture") twin.scrollIntoView({ block: "nearest" });
      }
    };
    this.svg.addEventListener("click", (event) => {
      const thing = event.target.closest("[data-map-thing]");
      if (thing) select(thing.dataset.mapThing, "picture");
    });
    for (const kind of ["pointerover", "focusin"]) {
      this.root.querySelector(".map-list").addEventListener(kind, (event) => {
        const twin = event.target.closest("[data-map-twin]");
        if (twin) select(twin.dataset.mapTwin, "list");
      });
    }
  }

  layers() {
    for (const box of this.root.querySelectorAll("[data-map-toggle]")) {
      box.closest("[hidden]").hidden = false;
      box.addEventListener("change", () => {
        for (const layer of this.svg.querySelectorAll(`[data-map-layer="${box.value}"]`)) {
          layer.classList.toggle("off", !box.checked);
        }
      });
    }
  }
}

for (const root of document.querySelectorAll("[data-map]")) {
  if (root.querySelector("svg.plan")) new Plan(root);
}

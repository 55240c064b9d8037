"use strict";
// Which layers are on the map, how clearly, and above what: the page's half of controlroom/mapping/layer_tree.py.
// It knows the wishes for every zoom level, so that nothing flashes up while the program hears of a new one.
controlroom.Stack = class {
  constructor(map) {
    this.map = map;
    this.held = new Map();
    this.wishes = [];
    this.watchers = [];
    map.on("zoomend", () => this.apply());
  }

  // `show(on)` puts the layer on the map or takes it off. `panes` are the panes that only it draws in: they are raised
  // and faded. A layer that shares its canvas has `fade(opacity)` and `raise(rank)` instead.
  place(id, { show, panes = [], fade = null, raise = null }) {
    this.held.set(id, { show, panes, fade, raise, on: null, opacity: null, rank: null });
    this.apply();
  }

  remove(id) {
    const layer = this.held.get(id);
    if (layer && layer.on) layer.show(false);
    this.held.delete(id);
  }

  // Each wish: [id, shown, opacity, from zoom, to zoom, rank].
  wish(wishes) {
    this.wishes = wishes;
    this.ranks = new Map(wishes.map((wish) => [wish[0], wish[5]]));
    this.apply();
  }

  shows(id) {
    const layer = this.held.get(id);
    return !!layer && layer.on === true;
  }

  rank(id) {
    return this.ranks && this.ranks.has(id) ? this.ranks.get(id) : -1;
  }

  apply() {
    const zoom = this.map.getZoom();
    let changed = false;
    for (const [id, shown, opacity, from, to, rank] of this.wishes) {
      const layer = this.held.get(id);
      if (!layer) continue;
      const on = shown && zoom >= from && zoom <= to;
      if (layer.rank !== rank) {
        layer.rank = rank;
        layer.panes.forEach((name, k) => (this.map.getPane(name).style.zIndex = 300 + 4 * rank + k));
        if (layer.raise) layer.raise(rank);
      }
      if (layer.opacity !== opacity) {
        layer.opacity = opacity;
        // A pane at full strength has no style of its own: another one would cost a blend in every frame.
        for (const name of layer.panes) this.map.getPane(name).style.opacity = opacity < 1 ? opacity : "";
        if (layer.fade) layer.fade(opacity);
      }
      if (layer.on !== on) {
        layer.on = on;
        layer.show(on);
        changed = true;
      }
    }
    if (changed) for (const told of this.watchers) told();
  }
};

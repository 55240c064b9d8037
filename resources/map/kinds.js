"use strict";
// Kinds of points within one layer: which are shown, how clearly each is drawn, and which lie above others. What was
// wished of a kind is kept by its name, for kinds that come later or under another number.
controlroom.Kinds = class {
  constructor() {
    this.looks = new Map();
    this.names = [];
    this.assign(new Uint16Array(0), 0);
  }

  // The kind of each point, by its place in the names; an empty column for points without kinds.
  assign(of, count) {
    this.of = of;
    this.count = count;
    this._settle();
  }

  name(names) {
    this.names = names;
    this._settle();
  }

  // `change`: shown, opacity (0 to 1), rank (from the ground up). Whether anything is drawn otherwise.
  wish(name, change) {
    const held = this.looks.get(name) || controlroom.PLAIN_KIND, next = { ...held, ...change };
    this.looks.set(name, next);
    if (held.shown === next.shown && held.opacity === next.opacity && held.rank === next.rank) return false;
    this._settle();
    return this.known && this.names.includes(name);
  }

  _settle() {
    const looks = this.names.map((name) => this.looks.get(name) || controlroom.PLAIN_KIND);
    this.known = this.count > 0 && this.of.length === this.count;
    this.hidden = Uint8Array.from(looks, (look) => (look.shown ? 0 : 1));
    this.level = Uint8Array.from(looks, (look) => Math.round(look.opacity * controlroom.FULL));
    this.order = [...looks.keys()].sort((a, b) => looks[a].rank - looks[b].rank);
    this.masked = this.known && this.hidden.includes(1);
    this.faded = this.known && this.level.some((level) => level < controlroom.FULL);
    this.layered = this.known && this.names.length > 1;
  }
};
controlroom.PLAIN_KIND = { shown: true, opacity: 1, rank: 0 };
// Steps of opacity: each has stamps of its own.
controlroom.FULL = 20;

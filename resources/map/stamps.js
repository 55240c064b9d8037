"use strict";
// How states look: colour and shape together, so that neither is needed alone.
controlroom.THEMES = {
  dark: {
    ground: "#14181d", land: "#1d232a", cell: "#39434e", outline: "#7d8b99", road: "#46515d", mainRoad: "#64717f",
    quiet: "#8fa3b3", faint: "#66737f", edge: "#0c0f12", ink: "#dfe6ec", offline: "#d9894a", vehicle: "#e8eef3",
    service: "#62d0c8", blue: "#3f88c5", yellow: "#e9c46a", orange: "#f46036", red: "#d7263d",
  },
  light: {
    ground: "#e9ecef", land: "#f8f9fa", cell: "#c3ccd4", outline: "#5d6b78", road: "#c9d0d6", mainRoad: "#a9b4bd",
    quiet: "#5f7281", faint: "#9aa7b2", edge: "#ffffff", ink: "#1c242b", offline: "#b8631c", vehicle: "#27323b",
    service: "#00776f", blue: "#2f78b5", yellow: "#c99a1c", orange: "#e0501f", red: "#c81e36",
  },
};

controlroom.ring = function (context, radius, corners) {
  for (let k = 0; k < corners; k++) {
    const turn = (2 * Math.PI * k) / corners - Math.PI / 2;
    context[k ? "lineTo" : "moveTo"](radius * Math.cos(turn), radius * Math.sin(turn));
  }
  context.closePath();
};

controlroom.PATHS = {
  circle: (c, r) => c.arc(0, 0, r, 0, 2 * Math.PI),
  square: (c, r) => c.rect(-r * 0.88, -r * 0.88, r * 1.76, r * 1.76),
  triangle: (c, r) => { c.moveTo(0, -r * 1.1); c.lineTo(r * 1.05, r * 0.8); c.lineTo(-r * 1.05, r * 0.8); c.closePath(); },
  diamond: (c, r) => { c.moveTo(0, -r * 1.2); c.lineTo(r * 1.2, 0); c.lineTo(0, r * 1.2); c.lineTo(-r * 1.2, 0); c.closePath(); },
  cross: (c, r) => { c.moveTo(-r, -r); c.lineTo(r, r); c.moveTo(r, -r); c.lineTo(-r, r); },
  pentagon: (c, r) => controlroom.ring(c, r * 1.1, 5),
  hexagon: (c, r) => controlroom.ring(c, r * 1.05, 6),
  house: (c, r) => {
    c.moveTo(-r * 0.9, r * 0.85); c.lineTo(-r * 0.9, -r * 0.2); c.lineTo(0, -r * 1.1); c.lineTo(r * 0.9, -r * 0.2); c.lineTo(r * 0.9, r * 0.85); c.closePath();
  },
  camera: (c, r) => {
    c.rect(-r, -r * 0.62, r * 1.3, r * 1.24);
    c.moveTo(r * 0.42, 0); c.lineTo(r * 1.1, -r * 0.6); c.lineTo(r * 1.1, r * 0.6); c.closePath();
  },
};

// A class of a layer: its shape may be open, struck or dotted, so that colour alone tells nothing.
controlroom.classLook = function (theme, [, colour, shape]) {
  const words = (shape || "circle").split(" ");
  const path = controlroom.PATHS[words[words.length - 1]] ? words[words.length - 1] : "circle";
  const radius = path === "circle" ? 5 : 6.5;
  if (words[0] === "open") return { shape: path, stroke: colour, radius: radius - 0.5 };
  const look = { shape: path, fill: colour, stroke: theme.edge, radius };
  if (words[0] === "struck") look.struck = theme.ink;
  if (words[0] === "dotted") look.dotted = theme.ink;
  return look;
};

// The looks of a kind of points, by state; `rank` orders states within a cell, `alerts` from this state on; `tone` is
// the colour that tells a state where its fill does not.
controlroom.looks = function (kind, theme, classes, alerts = 255) {
  const filled = (shape, colour, radius) => ({ shape, fill: colour, stroke: theme.edge, radius });
  const hollow = (shape, colour, radius) => ({ shape, stroke: colour, radius });
  if (kind === "sensors") {
    return {
      alerts: 3,
      rank: [0, 1, 2, 3, 4, 5, 6],
      states: [
        hollow("circle", theme.faint, 3), filled("circle", theme.quiet, 3), hollow("square", theme.quiet, 3),
        filled("circle", theme.blue, 5), filled("square", theme.yellow, 5.5), filled("triangle", theme.orange, 6),
        filled("diamond", theme.red, 6),
      ],
    };
  }
  if (kind === "cameras") {
    return {
      alerts: 2,
      rank: [1, 0, 3, 2],
      states: [
        hollow("camera", theme.faint, 6), filled("camera", theme.quiet, 6),
        { shape: "camera", fill: theme.offline, stroke: theme.edge, radius: 6, struck: theme.ink },
        { shape: "camera", fill: theme.quiet, stroke: theme.offline, tone: theme.yellow, radius: 7, dotted: theme.yellow },
      ],
    };
  }
  return { alerts, rank: classes.map((_class, number) => number), states: classes.map((one) => controlroom.classLook(theme, one)) };
};

controlroom.drawLook = function (context, look, factor) {
  const r = look.radius * factor;
  context.beginPath();
  controlroom.PATHS[look.shape](context, r);
  if (look.fill) {
    context.fillStyle = look.fill;
    context.fill();
  }
  context.lineWidth = (look.fill ? 1 : 1.4) * factor;
  context.strokeStyle = look.stroke;
  context.stroke();
  if (look.dotted) {
    context.beginPath();
    context.arc(look.shape === "camera" ? -0.35 * r : 0, 0, 0.42 * r, 0, 2 * Math.PI);
    context.fillStyle = look.dotted;
    context.fill();
  }
  if (look.struck) {
    context.beginPath();
    context.moveTo(-r, r);
    context.lineTo(r, -r);
    context.lineWidth = 1.8 * factor;
    context.strokeStyle = look.struck;
    context.stroke();
  }
};

// A look as the pixels it sets: stamping them into a tile's memory is many times faster than drawing.
controlroom.Stamp = class {
  constructor(look, factor, opacity = 1) {
    const reach = Math.ceil(look.radius * 1.3 * factor) + 2;
    const side = 2 * reach + 1;
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = side;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.translate(reach + 0.5, reach + 0.5);
    controlroom.drawLook(context, look, factor);
    const pixels = new Uint32Array(context.getImageData(0, 0, side, side).data.buffer);
    // Soft edges come last; they are kept where nothing lies below, so that neighbours punch no holes into each other.
    const parts = [];
    const faded = (pixel) => ((Math.round((pixel >>> 24) * opacity) << 24) | (pixel & 0xffffff)) >>> 0;
    for (let i = 0; i < pixels.length; i++)
      if (pixels[i] >>> 24 >= 24) parts.push([(i % side) - reach, Math.floor(i / side) - reach, opacity < 1 ? faded(pixels[i]) : pixels[i]]);
    parts.sort((a, b) => (b[2] >>> 24 === 255) - (a[2] >>> 24 === 255));
    this.solid = parts.filter((part) => part[2] >>> 24 === 255).length;
    this.dx = Int16Array.from(parts, (part) => part[0]);
    this.dy = Int16Array.from(parts, (part) => part[1]);
    this.colour = Uint32Array.from(parts, (part) => part[2]);
    this.reach = reach;
    this.jump = new Int32Array(0);
    this.jumpSide = 0;
  }

  // The common case, without a question for every pixel.
  pressInside(pixels, side, x, y) {
    if (this.jumpSide !== side) {
      this.jump = Int32Array.from(this.dx, (dx, i) => this.dy[i] * side + dx);
      this.jumpSide = side;
    }
    const { jump, colour, solid } = this;
    const base = y * side + x;
    for (let i = 0; i < solid; i++) pixels[base + jump[i]] = colour[i];
    for (let i = solid; i < jump.length; i++) if (pixels[base + jump[i]] === 0) pixels[base + jump[i]] = colour[i];
  }

  press(pixels, side, x, y) {
    const { dx, dy, colour, reach } = this;
    if (x >= reach && y >= reach && x < side - reach && y < side - reach) return this.pressInside(pixels, side, x, y);
    if (x < -this.reach || y < -this.reach || x >= side + this.reach || y >= side + this.reach) return;
    for (let i = 0; i < dx.length; i++) {
      const px = x + dx[i], py = y + dy[i];
      if (px < 0 || py < 0 || px >= side || py >= side) continue;
      const at = py * side + px;
      if (colour[i] >>> 24 === 255 || pixels[at] === 0) pixels[at] = colour[i];
    }
  }
};

"use strict";
// The page's half of controlroom/mapping/frames.py: columns are read in place as typed arrays.
controlroom.FRAMES = {
  1: ["command", [["body", Uint8Array]]],
  2: ["points", [["x", Uint32Array], ["y", Uint32Array], ["state", Uint8Array]]],
  3: ["states", [["index", Uint32Array], ["state", Uint8Array]]],
  4: ["allStates", [["state", Uint8Array]]],
  5: ["fleet", [["vehicleClass", Uint8Array]]],
  6: ["moves", [["time", Float64Array], ["index", Uint32Array], ["x", Uint32Array], ["y", Uint32Array], ["heading", Float32Array]]],
  7: ["kinds", [["kindOf", Uint16Array]]],
  8: ["trails", [["time", Float64Array], ["index", Uint32Array], ["x", Uint32Array], ["y", Uint32Array]]],
  9: ["chosen", [["index", Uint32Array]]],
};

controlroom.decodeBatch = function (buffer) {
  const view = new DataView(buffer);
  if (buffer.byteLength < 24 || view.getUint32(0, false) !== 0x43524d31) throw new Error("not a batch of the map");
  const batch = { count: view.getUint32(4, true), sequence: view.getUint32(8, true), clock: view.getFloat64(16, true), frames: [] };
  let offset = 24;
  while (offset < buffer.byteLength) {
    const known = controlroom.FRAMES[view.getUint8(offset)];
    if (!known) throw new Error("frame of unknown kind " + view.getUint8(offset));
    const frame = { kind: known[0], layer: view.getUint16(offset + 2, true) };
    const count = view.getUint32(offset + 4, true);
    const end = offset + 16 + view.getUint32(offset + 8, true);
    let at = offset + 16;
    for (const [name, Type] of known[1]) {
      frame[name] = new Type(buffer, at, count);
      at += count * Type.BYTES_PER_ELEMENT;
    }
    batch.frames.push(frame);
    offset = end;
  }
  if (batch.frames.length !== batch.count) throw new Error("batch of another length than it says");
  return batch;
};

// Asks for the next batch for ever; the answer comes when there is something to tell.
controlroom.follow = async function (apply) {
  for (;;) {
    let buffer = null;
    try {
      const answer = await fetch("crmap://app/feed", { cache: "no-store" });
      if (answer.ok) buffer = await answer.arrayBuffer();
    } catch (error) {
      buffer = null;
    }
    if (buffer === null) {
      await new Promise((resolve) => setTimeout(resolve, 250));
      continue;
    }
    try {
      await apply(controlroom.decodeBatch(buffer));
    } catch (error) {
      console.error("the map could not apply a batch: " + error.message);
    }
  }
};

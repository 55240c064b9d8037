"""The cameras in order: as trees by department, area and kind, as text to be searched, and as columns of view cones.

Made on a thread of its own from what the room holds; 39,000 cameras take seconds the first time, for their pinyin.
"""

import enum
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from controlroom.bridge.spoken import normal, spoken
from controlroom.domain.camera import Camera, CameraHealth
from controlroom.domain.gbt28181 import Kind, parse
from controlroom.mapping.sight import CameraColumns

PAGE = 500
"""Cameras under one node at the most: a node that is opened is laid out at once."""

_NUMBER = re.compile("[0-9]+")
_DIGITS = 8
_STRIDE = 128
"""Cameras that are worked on between two pauses, so that the thread of the officer never waits for this one."""

KIND_OF_CODE = "gbt28181:"
"""What a kind begins with that was read from a camera's GB/T 28181 code; the code of the kind follows."""

Pause = Callable[[], None]
"""Called often; lets other threads go on, and raises when the work is no longer wanted."""


class By(enum.StrEnum):
    """By what cameras are put together."""

    DEPARTMENT = "department"
    TOWN = "town"
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a tree: other nodes or cameras hang from it. `row` is its place under `parent`, a place in the tree.

    `path` names it for good, `words` are its own key (empty where a camera does not tell), `page` numbers the parts of
    one that was too large from 1 and is 0 otherwise. `total` and `playable` count cameras.
    """

    path: str
    words: str = ""
    parent: int = -1
    row: int = 0
    page: int = 0
    children: tuple[int, ...] = ()
    cameras: tuple[str, ...] = ()
    total: int = 0
    playable: int = 0


@dataclass(frozen=True, slots=True)
class Tree:
    """Nodes, of which the first is the root; `node_of` gives the node that a camera hangs from."""

    nodes: tuple[Node, ...] = (Node(""),)
    node_of: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All cameras as of one moment. `shape` changes when names, places or numbers do, not with states.

    `ids`, `blobs` (what is searched, fields apart by line feeds) and `ready` (whether one can be played) are in the
    same order, that of the tree by area.
    """

    shape: int = 0
    ids: tuple[str, ...] = ()
    blobs: tuple[str, ...] = ()
    ready: tuple[bool, ...] = ()
    trees: Mapping[By, Tree] = field(default_factory=lambda: {by: Tree() for by in By})
    columns: CameraColumns = field(default_factory=lambda: CameraColumns.of(()))
    cameras: Mapping[str, Camera] = field(default_factory=dict)
    """What it was made of, and no newer."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """The blobs by camera."""

    def search(self, words: str) -> list[str]:
        """The cameras that hold every word, in name, pinyin, initials, id, town or department.

        Those where a field begins with the first word come first, and among them those that can be played.
        """
        tokens = normal(words).split()
        if not tokens:
            return list(self.ids)
        found: Sequence[int] = range(len(self.ids))
        blobs, ready, ids = self.blobs, self.ready, self.ids
        for token in sorted(tokens, key=len, reverse=True):
            found = [k for k in found if token in blobs[k]]
        start = "\n" + tokens[0]
        leading = [k for k in found if start in blobs[k]]
        others = set(found).difference(leading) if len(leading) < len(found) else ()
        ranked = [ids[k] for k in leading if ready[k]] + [ids[k] for k in leading if not ready[k]]
        behind = sorted(others)
        return ranked + [ids[k] for k in behind if ready[k]] + [ids[k] for k in behind if not ready[k]]


def is_playable(camera: Camera) -> bool:
    """Whether opening it may show a picture: it has an address and is not known to be offline."""
    return bool(camera.url) and camera.health is not CameraHealth.OFFLINE


def kind_of(camera: Camera) -> str:
    """What the source calls its kind, else the kind in its GB/T 28181 code, else empty."""
    if camera.kind:
        return camera.kind
    code = parse(camera.id)
    return "" if code.kind is Kind.OTHER else KIND_OF_CODE + code.kind_code


def make(cameras: Mapping[str, Camera], before: Catalogue, pause: Pause) -> Catalogue:
    """The catalogue of these cameras; what `before` read of them is used again."""
    # Strings and cameras only: whatever the collector of garbage follows would make it stop all threads for long.
    texts: dict[str, str] = {}
    is_new = len(cameras) != len(before.ids)
    for count, camera in enumerate(cameras.values()):
        if count % _STRIDE == 0:
            pause()
        held = before.cameras.get(camera.id)
        if held is not None and (held is camera or _is_worded_alike(held, camera)):
            texts[camera.id] = before.texts[camera.id]
        else:
            texts[camera.id], is_new = _blob(camera), True
    if is_new:
        trees = {by: _tree(cameras, by, pause) for by in By}
        ids = tuple(i for node in trees[By.TOWN].nodes for i in node.cameras)
    else:
        trees = {by: _counted(tree, cameras, pause) for by, tree in before.trees.items()}
        ids = before.ids
    blobs, ready = [], []
    for count, identity in enumerate(ids):
        if count % _STRIDE == 0:
            pause()
        blobs.append(texts[identity])
        ready.append(is_playable(cameras[identity]))
    shape = before.shape + is_new
    columns = _columns([cameras[identity] for identity in ids], pause)
    return Catalogue(shape, ids, tuple(blobs), tuple(ready), trees, columns, cameras, texts)


def _is_worded_alike(one: Camera, other: Camera) -> bool:
    return (
        one.name == other.name
        and one.town == other.town
        and one.department == other.department
        and one.kind == other.kind
    )


def _blob(camera: Camera) -> str:
    fields = normal(f"\n{camera.name}\n{camera.id}\n{camera.town}\n{camera.department}\n")
    return fields + spoken(camera.name) + spoken(camera.town)


def _keys(camera: Camera, by: By) -> tuple[str, str]:
    match by:
        case By.DEPARTMENT:
            return camera.department, camera.town
        case By.TOWN:
            return camera.town, camera.department
        case By.KIND:
            return kind_of(camera), camera.town


def _tree(cameras: Mapping[str, Camera], by: By, pause: Pause) -> Tree:
    """Two levels of keys, then the cameras by name, at most a page under one node."""
    groups: dict[str, dict[str, list[Camera]]] = {}
    for count, camera in enumerate(cameras.values()):
        if count % _STRIDE == 0:
            pause()
        first, second = _keys(camera, by)
        groups.setdefault(first, {}).setdefault(second, []).append(camera)
    nodes: list[Node] = [Node("")]
    tops: list[int] = []
    node_of: dict[str, int] = {}
    for first in _ordered(groups):
        place = len(nodes)
        nodes.append(Node(""))
        leaves = _leaves(f"{by}/{first}", groups[first], place, pause)
        for number, leaf in enumerate(leaves, len(nodes)):
            node_of.update(dict.fromkeys(leaf.cameras, number))
        nodes += leaves
        nodes[place] = Node(
            f"{by}/{first}",
            first,
            0,
            len(tops),
            children=tuple(range(place + 1, len(nodes))),
            total=sum(leaf.total for leaf in leaves),
            playable=sum(leaf.playable for leaf in leaves),
        )
        tops.append(place)
    nodes[0] = Node("", children=tuple(tops), total=len(cameras))
    return Tree(tuple(nodes), node_of)


def _leaves(path: str, groups: Mapping[str, list[Camera]], parent: int, pause: Pause) -> list[Node]:
    """The nodes of one group, each with the cameras of a key or a page of them."""
    leaves: list[Node] = []
    for key in _ordered(groups):
        pause()
        listed = sorted(groups[key], key=lambda camera: (_counted_name(camera.name), camera.id))
        for at in range(0, len(listed), PAGE):
            page, number = listed[at : at + PAGE], at // PAGE + 1
            leaves.append(
                Node(
                    f"{path}/{key}/{number}",
                    key,
                    parent,
                    len(leaves),
                    number if len(listed) > PAGE else 0,
                    cameras=tuple(camera.id for camera in page),
                    total=len(page),
                    playable=sum(map(is_playable, page)),
                )
            )
    return leaves


def _counted_name(name: str) -> str:
    """A name by which 路口9 comes before 路口10."""
    return _NUMBER.sub(lambda found: found[0].zfill(_DIGITS), name)


def _ordered(keys: Iterable[str]) -> list[str]:
    """By name; what is not told comes last."""
    return sorted(keys, key=lambda key: (not key, key))


def _counted(tree: Tree, cameras: Mapping[str, Camera], pause: Pause) -> Tree:
    """The same tree with new counts of those that can be played."""
    playable = [0] * len(tree.nodes)
    for place, node in enumerate(tree.nodes):
        pause()
        count = sum(is_playable(cameras[identity]) for identity in node.cameras)
        playable[place] += count
        if node.cameras and node.parent > 0:
            playable[node.parent] += count
    nodes = tuple(
        Node(n.path, n.words, n.parent, n.row, n.page, n.children, n.cameras, n.total, count)
        for n, count in zip(tree.nodes, playable, strict=True)
    )
    return Tree(nodes, tree.node_of)


def _columns(cameras: Sequence[Camera], pause: Pause) -> CameraColumns:
    """The columns, a part at a time: the making of one array cannot be interrupted."""
    parts = []
    for at in range(0, len(cameras), _STRIDE):
        pause()
        parts.append(CameraColumns.of(cameras[at : at + _STRIDE]))
    if not parts:
        return CameraColumns.of(())
    return CameraColumns(
        tuple(camera.id for camera in cameras),
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("lon", "lat", "heading_deg", "view_deg", "range_m", "aimed", "ailing", "steered")
        ),
    )

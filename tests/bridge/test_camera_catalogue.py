"""The directory of cameras: trees, search and columns, made anew only where something changed."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlroom.bridge.camera_catalogue import PAGE, By, Catalogue, kind_of, make
from controlroom.domain.camera import Camera, CameraHealth
from controlroom.domain.place import Point

HERE = Point(116.34, 39.73)


def camera(identity: str, name: str = "", **more: object) -> Camera:
    plain = {"url": f"rtsp://h/{identity}", "health": CameraHealth.ONLINE}
    return Camera(**(plain | {"id": identity, "name": name or identity} | more))


def made(*cameras: Camera, before: Catalogue | None = None) -> Catalogue:
    return make({each.id: each for each in cameras}, before or Catalogue(), lambda: None)


ROOM = (
    camera("11011500001320000001", "黄村主路01", town="黄村镇", department="区公安分局", kind="dome", point=HERE),
    camera("11011500001320000002", "黄村主路02", town="黄村镇", department="区水务局", url=""),
    camera("11011500001310000003", "旧宫路口", town="旧宫镇", department="区公安分局"),
    camera("x-4", "Gate 4"),
)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("黄村", ["11011500001320000001", "11011500001320000002"]),
        ("hczl", ["11011500001320000001", "11011500001320000002"]),
        ("HuangCunZhu", ["11011500001320000001", "11011500001320000002"]),
        ("jglk", ["11011500001310000003"]),
        ("旧宫镇 公安", ["11011500001310000003"]),
        ("jgz", ["11011500001310000003"]),
        ("1310000003", ["11011500001310000003"]),
        ("gate", ["x-4"]),
        ("ｇａｔｅ", ["x-4"]),
        ("路01 黄村", ["11011500001320000001"]),
        ("gate 5", []),
    ],
)
def test_a_camera_is_found_by_name_pinyin_initials_id_and_place(words: str, found: list[str]) -> None:
    assert made(*ROOM).search(words) == found


def test_what_begins_with_the_word_comes_first_and_what_can_be_played_before_what_cannot() -> None:
    catalogue = made(
        camera("1", "东路口"), camera("2", "路口东", url=""), camera("3", "路口西"), camera("4", "南路口", url="")
    )
    assert catalogue.search("路口") == ["3", "2", "1", "4"]


def test_every_camera_hangs_once_from_every_tree_and_the_counts_agree() -> None:
    catalogue = made(*ROOM)
    for by in By:
        tree = catalogue.trees[by]
        assert sorted(i for node in tree.nodes for i in node.cameras) == sorted(each.id for each in ROOM)
        assert all(each.id in tree.nodes[tree.node_of[each.id]].cameras for each in ROOM)
        tops = [tree.nodes[k] for k in tree.nodes[0].children]
        assert sum(node.total for node in tops) == 4 and sum(node.playable for node in tops) == 3
    departments = [
        catalogue.trees[By.DEPARTMENT].nodes[k].words for k in catalogue.trees[By.DEPARTMENT].nodes[0].children
    ]
    assert departments == ["区公安分局", "区水务局", ""], "what is not told comes last"


def test_the_kind_is_what_the_source_says_or_what_the_code_says() -> None:
    assert [kind_of(each) for each in ROOM] == ["dome", "gbt28181:132", "gbt28181:131", ""]


def test_a_large_node_comes_in_parts() -> None:
    catalogue = made(*(camera(f"{k:05}", town="黄村镇") for k in range(PAGE + 3)))
    leaves = [node for node in catalogue.trees[By.TOWN].nodes if node.cameras]
    assert [(leaf.page, leaf.total) for leaf in leaves] == [(1, PAGE), (2, 3)]


def test_numbers_in_names_are_counted() -> None:
    catalogue = made(*(camera(str(k), f"路口{k}") for k in (10, 9, 104)))
    assert catalogue.ids == ("9", "10", "104")


def test_states_change_the_counts_and_not_the_shape() -> None:
    before = made(*ROOM)
    off = msgspec.structs.replace(ROOM[0], health=CameraHealth.OFFLINE)
    after = made(off, *ROOM[1:], before=before)
    assert after.shape == before.shape
    top = after.trees[By.DEPARTMENT].nodes[after.trees[By.DEPARTMENT].nodes[0].children[0]]
    assert (top.total, top.playable) == (2, 1)
    assert after.search("黄村主路")[0] == ROOM[0].id, "both cannot be played"
    renamed = made(msgspec.structs.replace(off, name="新名"), *ROOM[1:], before=after)
    assert renamed.shape != after.shape and renamed.search("xinming") == [ROOM[0].id]


def test_the_columns_go_with_the_ids() -> None:
    catalogue = made(*ROOM)
    assert catalogue.columns.ids == catalogue.ids
    place = catalogue.ids.index(ROOM[0].id)
    assert catalogue.columns.lon[place] == HERE.lon and len(catalogue.columns.ailing) == 4


_names = st.text(alphabet="黄村路口aB1 \n\u202e行", max_size=6)
_cameras = st.lists(st.tuples(_names, _names, _names), max_size=12)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(_names, _names, _names), max_size=12), st.lists(st.tuples(_names, _names, _names), max_size=12)
)
def test_made_from_what_was_before_is_the_same_as_made_anew(
    first: list[tuple[str, str, str]], then: list[tuple[str, str, str]]
) -> None:
    def cameras(words: list[tuple[str, str, str]]) -> list[Camera]:
        return [camera(str(k), name, town=town, department=owner) for k, (name, town, owner) in enumerate(words)]

    after, fresh = made(*cameras(then), before=made(*cameras(first))), made(*cameras(then))
    assert (after.ids, after.blobs, after.ready) == (fresh.ids, fresh.blobs, fresh.ready)
    assert all(after.trees[by] == fresh.trees[by] for by in By)

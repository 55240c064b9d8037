"""The simulated teams, hazard sources and spaces: the same seed, the same ones; they move, age and are sent."""

from datetime import timedelta

import msgspec

from controlroom.domain.asset import STATES_OF, Asset, AssetKind, AssetState
from controlroom.domain.place import Point
from controlroom.sources.simulator.assets import REPORT_S, Assets, load_plan
from controlroom.sources.simulator.geography import Geography
from controlroom.sources.simulator.network import Network
from controlroom.wire.messages import AssetsRecord, MovesRecord
from tests.rooms import NOON


def built(ground: Geography, network: Network, seed: int = 1) -> Assets:
    return Assets(load_plan(), ground, network, seed=seed, teams=40, spaces=60)


def test_the_same_seed_declares_the_same_assets_and_all_are_marked_as_invented(
    ground: Geography, network: Network
) -> None:
    first = built(ground, network).declared(NOON)
    assert msgspec.json.encode(first) == msgspec.json.encode(built(ground, network).declared(NOON))
    assert msgspec.json.encode(first) != msgspec.json.encode(built(ground, network, 2).declared(NOON))
    kinds = [asset.kind for asset in first]
    assert (kinds.count(AssetKind.TEAM), kinds.count(AssetKind.SPACE)) == (40, 60)
    assert kinds.count(AssetKind.HAZARD) > 0
    assert all(asset.schematic and asset.point is not None for asset in first)
    assert all(asset.state in STATES_OF[asset.kind] for asset in first)
    assert len({asset.id for asset in first}) == len(first)


def test_teams_tell_where_they_are_and_some_have_been_silent_for_long(ground: Geography, network: Network) -> None:
    assets = built(ground, network)
    before = {asset.id: asset for asset in assets.declared(NOON) if asset.kind is AssetKind.TEAM}
    told = [record for n in range(REPORT_S) for record in assets.step(1.0, NOON + timedelta(seconds=n))]
    moves = [move for record in told if isinstance(record, MovesRecord) for move in record.moves]
    silent = [asset.id for asset in before.values() if asset.stale(NOON)]
    assert len(moves) == 40 - len(silent)
    assert any(Point(m.lon, m.lat) != before[m.asset].point for m in moves)


def test_teams_are_sent_with_the_vehicles_of_their_kind_and_called_back(ground: Geography, network: Network) -> None:
    assets = built(ground, network)
    assets.declared(NOON)
    assets.dispatch("pump", 2, ground.towns[0].point, 1.5)
    sent = states(assets.step(1.0, NOON))
    assert [asset.state for asset in sent] == [AssetState.UNDERWAY] * 2
    assert {asset.sort for asset in sent} == {"drainage"}
    assets.recall()
    assert {asset.state for asset in states(assets.step(1.0, NOON))} <= {AssetState.READY, AssetState.RESTING}


def states(told: list[AssetsRecord | MovesRecord]) -> list[Asset]:
    return [asset for record in told if isinstance(record, AssetsRecord) for asset in record.assets]

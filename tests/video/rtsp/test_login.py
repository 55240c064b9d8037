"""How a client proves who it is."""

import hashlib

import hypothesis.strategies as st
import pytest
from hypothesis import given

from controlroom.video.rtsp.login import Login

_REALM = 'realm="http-auth@example.org", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"'
_OPAQUE = 'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_example_of_the_standard(algorithm: str, response: str) -> None:
    """RFC 7616 section 3.9.1."""
    login = Login("Mufasa", "Circle of Life", lambda: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")
    assert login.learn([f'Digest {_REALM}, qop="auth, auth-int", algorithm={algorithm}, {_OPAQUE}'])
    assert f'response="{response}"' in login.field("GET", "/dir/index.html")


def test_old_cameras_know_no_counting() -> None:
    login = Login("admin", "12345")
    assert login.learn(['Digest realm="IP Camera", nonce="abc"'])
    first, second = (hashlib.md5(text).hexdigest() for text in (b"admin:IP Camera:12345", b"PLAY:rtsp://x/1"))
    told = login.field("PLAY", "rtsp://x/1")
    assert f'response="{hashlib.md5(f"{first}:abc:{second}".encode()).hexdigest()}"' in told
    assert "qop" not in told and "cnonce" not in told


def test_the_best_way_is_chosen_and_a_wrong_password_is_not_tried_twice() -> None:
    login = Login("a", "b")
    asked = ['Basic realm="x"', 'Digest realm="x", nonce="1", algorithm=SHA-256', 'Digest realm="x", nonce="1"']
    assert login.field("PLAY", "u") == ""
    assert login.learn(asked) and "SHA-256" in login.field("PLAY", "u")
    assert not login.learn(asked)
    assert login.learn(['Digest realm="x", nonce="2", stale=true'])
    assert login.learn(['Basic realm="x"']) and login.field("PLAY", "u") == "Basic YTpi"


def test_without_a_name_nobody_tries() -> None:
    assert not Login("", "").learn(['Basic realm="x"'])


@given(st.lists(st.text(max_size=80) | st.text(max_size=60).map(lambda text: f"Digest {text}")))
def test_anything_may_be_asked(fields: list[str]) -> None:
    login = Login("a", "b")
    login.learn(fields)
    assert isinstance(login.field("PLAY", "u"), str)

"""SOAP 1.2 messages to cameras, with the password digest of WS-Security UsernameToken 1.0, and their answers."""

import base64
import hashlib
import secrets
from datetime import datetime
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from controlroom.domain.ptz import PtzTrouble
from controlroom.sources.ptz.fault import PtzFault
from controlroom.sources.ptz.http_asked import Asker, Credentials

Element = ElementTree.Element
KIND = "application/soap+xml; charset=utf-8"
_ENVELOPE = "http://www.w3.org/2003/05/soap-envelope"
_SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_UTILITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
_DIGEST = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest"
_REFUSALS = ("notauthorized", "sender not authorized", "failedauthentication", "invalidsecurity")


def password_digest(nonce: bytes, created: str, password: str) -> str:
    """Base64 of SHA-1 over nonce, time and password (WS-Security UsernameToken Profile 1.0)."""
    return base64.b64encode(hashlib.sha1(nonce + created.encode() + password.encode()).digest()).decode()


def envelope(body: str, credentials: Credentials, at: datetime) -> bytes:
    """A message; `at` is the camera's time (aware UTC) for the digest. Without a user it has no header."""
    header = ""
    if credentials.user:
        nonce, created = secrets.token_bytes(16), at.strftime("%Y-%m-%dT%H:%M:%SZ")
        header = (
            f'<s:Header><Security s:mustUnderstand="1" xmlns="{_SECURITY}"><UsernameToken>'
            f"<Username>{escape(credentials.user)}</Username>"
            f'<Password Type="{_DIGEST}">{password_digest(nonce, created, credentials.password)}</Password>'
            f"<Nonce>{base64.b64encode(nonce).decode()}</Nonce>"
            f'<Created xmlns="{_UTILITY}">{created}</Created></UsernameToken></Security></s:Header>'
        )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{_ENVELOPE}">{header}'
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def parsed(answer: bytes) -> Element:
    """What the body of an answer holds. Raises PtzFault for a SOAP fault and for what is none."""
    if b"<!DOCTYPE" in answer[:4096] or b"<!ENTITY" in answer:
        raise PtzFault(PtzTrouble.GARBAGE, "XML with a document type")
    try:
        root = ElementTree.fromstring(answer)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise PtzFault(PtzTrouble.GARBAGE, "no XML") from error
    body = next((child for child in root if name_of(child) == "Body"), None)
    if body is None or not len(body):
        raise PtzFault(PtzTrouble.GARBAGE, "no SOAP")
    if name_of(body[0]) == "Fault":
        raise _fault(body[0])
    return body[0]


def asked(asker: Asker, path: str, body: str, credentials: Credentials, at: datetime) -> Element:
    """One question and its answer. Raises PtzFault."""
    status, data = asker.ask("POST", path, envelope(body, credentials, at), KIND)
    if status == 404:
        raise PtzFault(PtzTrouble.ADDRESS, "HTTP 404")
    return parsed(data)


def name_of(element: Element) -> str:
    """An element's name without its namespace: cameras mix the versions of theirs."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def every(element: Element, name: str) -> list[Element]:
    """All elements of a name below one."""
    return [child for child in element.iter() if name_of(child) == name]


def first(element: Element | None, *names: str) -> Element | None:
    """The first element of a name below one, and so on down; None where there is none."""
    for name in names:
        if element is None:
            return None
        element = next((child for child in element.iter() if name_of(child) == name), None)
    return element


def text_of(element: Element | None) -> str:
    """What an element says."""
    return (element.text or "").strip() if element is not None else ""


def number(text: str | None, otherwise: float = 0.0) -> float:
    """A finite number; what is none is `otherwise`."""
    try:
        value = float(text or "")
    except ValueError:
        return otherwise
    return value if abs(value) < 1e9 else otherwise


def _fault(element: Element) -> PtzFault:
    codes = " ".join(text_of(value) for value in every(element, "Value"))
    reason = text_of(first(element, "Text")) or text_of(first(element, "faultstring")) or codes
    told = f"{codes} {reason}".lower().replace("_", "")
    if any(word in told for word in _REFUSALS):
        return PtzFault(PtzTrouble.REFUSED, reason)
    if "actionnotsupported" in told or "nosuchservice" in told:
        return PtzFault(PtzTrouble.UNABLE, reason)
    return PtzFault(PtzTrouble.DECLINED, reason)

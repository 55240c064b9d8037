"""A web page as a tile of a wall: only of hosts that the settings allow, everything else stays offline."""

from collections.abc import Callable, Collection

from PySide6.QtCore import QObject, Qt, QTimer, QUrl
from PySide6.QtWebEngineCore import QWebEnginePage, QWebEngineProfile, QWebEngineUrlRequestInfo
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from controlroom.errors import EnvironmentFault
from controlroom.i18n import _, _n
from widgets.map_guard import GuardedPage, RequestGuard, refuse_download

RELOAD_MS = 10_000
"""After a page that could not be had, or whose renderer died."""


def allowed(url: QUrl, hosts: Collection[str]) -> bool:
    """Whether a page may be had: by HTTP(S), from one of the hosts exactly, without a name and password in it."""
    return url.scheme() in ("http", "https") and url.host() in hosts and not url.userInfo()


class HostGuard(RequestGuard):
    """Blocks and counts every request that is not for one of the hosts."""

    def __init__(self, hosts: Collection[str], parent: QObject) -> None:
        super().__init__(parent)
        self.hosts = frozenset(hosts)

    def interceptRequest(self, info: QWebEngineUrlRequestInfo) -> None:
        """Qt's entry: one request, on the GUI thread."""
        url = info.requestUrl()
        if allowed(url, self.hosts) or url.scheme() == "data":
            return
        info.block(True)
        self.refuse(url)


class _Page(GuardedPage):
    """A page that goes only to the hosts."""

    def __init__(self, profile: QWebEngineProfile, guard: HostGuard, parent: QObject) -> None:
        super().__init__(profile, guard, parent)
        self._hosts = guard.hosts

    def acceptNavigationRequest(self, url: QUrl | str, kind: QWebEnginePage.NavigationType, is_main: bool) -> bool:
        """Only pages of the hosts."""
        if allowed(QUrl(url), self._hosts):
            return True
        self._guard.refuse(QUrl(url))
        return False


class WebTile(QWidget):
    """The page under a line that says whose it is and whether it could be had. Raises EnvironmentFault."""

    def __init__(
        self, address: str, hosts: Collection[str], time: Callable[[], str], parent: QWidget | None = None
    ) -> None:
        """`time` gives the time of day as it is shown."""
        super().__init__(parent)
        self._time = time
        self._told = ""
        self._url = QUrl(address)
        if not allowed(self._url, hosts):
            raise EnvironmentFault(
                _("The page of “{host}” is not shown: add the host to wall.web_hosts in the settings.").format(
                    host=self._url.host() or address
                )
            )
        self._pages = QObject(self)  # a profile must outlive its page: children go in the order they came
        self._profile = QWebEngineProfile(self)
        self._profile.downloadRequested.connect(refuse_download)
        self.guard = HostGuard(hosts, self)
        self._profile.setUrlRequestInterceptor(self.guard)
        self.page = _Page(self._profile, self.guard, self._pages)
        self.guard.blocked_one.connect(self._blocked)
        self.line = QLabel(_("{host} · loading").format(host=self._url.host()))
        self.line.setTextFormat(Qt.TextFormat.PlainText)
        self.line.setMargin(3)
        self.line.setMinimumWidth(1)
        self.view = QWebEngineView(self)
        self.view.setPage(self.page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.line)
        column.addWidget(self.view, 1)
        self._again = QTimer(self, interval=RELOAD_MS, singleShot=True)
        self._again.timeout.connect(self._load)
        self.page.loadFinished.connect(self._loaded)
        self.page.renderProcessTerminated.connect(self._lost)
        self._load()

    def _load(self) -> None:
        self.page.load(self._url)

    def _loaded(self, done: bool) -> None:
        host = self._url.host()
        if done:
            self._told = _("{host} · as of {time}").format(host=host, time=self._time())
        else:
            self._told = _("{host} · the page cannot be had since {time}, it is tried again").format(
                host=host, time=self._time()
            )
            self._again.start()
        self._draw()

    def _blocked(self, _url: str) -> None:
        self._draw()

    def _draw(self) -> None:
        """What is kept from the page is said in the same line."""
        parts = [self._told or _("{host} · loading").format(host=self._url.host())]
        if self.guard.blocked:
            count = self.guard.blocked
            told = _n("{count} request to other hosts blocked", "{count} requests to other hosts blocked", count)
            parts.append(told.format(count=count))
        self.line.setText(_(" · ").join(parts))

    def _lost(self, *_why: object) -> None:
        self._loaded(False)

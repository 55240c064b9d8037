"""Nothing leaves the map page, and nothing of it goes unheard: requests, windows, navigation, permissions, console."""

import logging

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtWebEngineCore import (
    QWebEngineDownloadRequest,
    QWebEnginePage,
    QWebEnginePermission,
    QWebEngineProfile,
    QWebEngineSettings,
    QWebEngineUrlRequestInfo,
    QWebEngineUrlRequestInterceptor,
)

from widgets.map_scheme import SCHEME

log = logging.getLogger(__name__)

_ATTRIBUTES = {
    QWebEngineSettings.WebAttribute.JavascriptCanOpenWindows: False,
    QWebEngineSettings.WebAttribute.JavascriptCanAccessClipboard: False,
    QWebEngineSettings.WebAttribute.LocalContentCanAccessRemoteUrls: False,
    QWebEngineSettings.WebAttribute.LocalContentCanAccessFileUrls: False,
    QWebEngineSettings.WebAttribute.LocalStorageEnabled: False,
    QWebEngineSettings.WebAttribute.PluginsEnabled: False,
    QWebEngineSettings.WebAttribute.PdfViewerEnabled: False,
    QWebEngineSettings.WebAttribute.HyperlinkAuditingEnabled: False,
    QWebEngineSettings.WebAttribute.ScreenCaptureEnabled: False,
    QWebEngineSettings.WebAttribute.FullScreenSupportEnabled: False,
    QWebEngineSettings.WebAttribute.DnsPrefetchEnabled: False,
    QWebEngineSettings.WebAttribute.ErrorPageEnabled: False,
    QWebEngineSettings.WebAttribute.NavigateOnDropEnabled: False,
    QWebEngineSettings.WebAttribute.WebRTCPublicInterfacesOnly: True,
}


class RequestGuard(QWebEngineUrlRequestInterceptor):
    """Blocks and counts every request that is not for our own scheme."""

    blocked_one = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.blocked = 0

    def interceptRequest(self, info: QWebEngineUrlRequestInfo) -> None:
        """Qt's entry: one request, on the GUI thread."""
        url = info.requestUrl()
        if url.scheme() == SCHEME.decode() and url.host() == "app":
            return
        if url.scheme() == "data" and info.resourceType() is QWebEngineUrlRequestInfo.ResourceType.ResourceTypeImage:
            return
        info.block(True)
        self.refuse(url)

    def refuse(self, url: QUrl) -> None:
        """Counts and tells an attempt to reach `url`."""
        self.blocked += 1
        log.info("the map page was kept from %s", url.toString()[:200])
        self.blocked_one.emit(url.toString())


class GuardedPage(QWebEnginePage):
    """A page that stays where it is, opens nothing, gets no permission, and whose console is in our log."""

    def __init__(self, profile: QWebEngineProfile, guard: RequestGuard, parent: QObject) -> None:
        super().__init__(profile, parent)
        self._guard = guard
        for attribute, value in _ATTRIBUTES.items():
            self.settings().setAttribute(attribute, value)
        self.permissionRequested.connect(self._deny)

    def acceptNavigationRequest(self, url: QUrl | str, kind: QWebEnginePage.NavigationType, is_main: bool) -> bool:
        """Only our own document."""
        url = QUrl(url)
        if is_main and url.scheme() == SCHEME.decode() and url.host() == "app":
            return True
        self._guard.refuse(url)
        return False

    def createWindow(self, kind: QWebEnginePage.WebWindowType) -> QWebEnginePage:
        """No window is ever opened."""
        self._guard.refuse(QUrl("about:blank"))
        return None  # type: ignore[return-value]  # Qt takes null as a refusal, the stubs do not know it

    def javaScriptConsoleMessage(
        self, level: QWebEnginePage.JavaScriptConsoleMessageLevel, message: str, line: int, source: str
    ) -> None:
        """The page's console goes to the log under our own levels."""
        levels = QWebEnginePage.JavaScriptConsoleMessageLevel
        known = {levels.InfoMessageLevel: logging.DEBUG, levels.WarningMessageLevel: logging.WARNING}
        log.log(known.get(level, logging.ERROR), "map page: %s (%s:%d)", message[:1000], source, line)

    def _deny(self, permission: QWebEnginePermission) -> None:
        permission.deny()


def refuse_download(download: QWebEngineDownloadRequest) -> None:
    """The map downloads nothing."""
    download.cancel()

"""Who draws OpenGL here: a graphics card or the processor."""

import json
import sys

from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext

GL_RENDERER = 0x1F01
SOFTWARE = ("llvmpipe", "softpipe", "swiftshader", "software")


def renderer() -> str:
    """The name that the driver gives itself; empty where there is no OpenGL."""
    context = QOpenGLContext()
    surface = QOffscreenSurface()
    surface.create()
    if not context.create() or not context.makeCurrent(surface):
        return ""
    name = str(context.functions().glGetString(GL_RENDERER) or "")
    context.doneCurrent()
    return name


def main() -> int:
    """Write the renderer."""
    application = QGuiApplication([])
    name = renderer()
    told = {"renderer": name, "software": any(word in name.lower() for word in SOFTWARE)}
    sys.stdout.write(json.dumps(told) + "\n")
    del application
    return 0


if __name__ == "__main__":
    sys.exit(main())

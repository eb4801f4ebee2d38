"""What a browser is called when people look at their sessions. Nothing is decided from it: it may lie."""

_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def browser_said(user_agent: str) -> str:
    """« Firefox sur Windows », from what the browser calls itself."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "Navigateur inconnu")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), None)
    return f"{browser} sur {system}" if system else browser

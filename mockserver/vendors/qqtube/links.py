"""From an address to its site, and to the part of it that QQTube prints as short_url."""

from urllib.parse import SplitResult, parse_qs, urlsplit

YOUTUBE, YOUTUBE_SHORT = "youtube.com", "youtu.be"
VIDEO_FOLDERS = ("shorts", "embed", "live", "v")
CHANNEL_FOLDERS = ("channel", "user", "c")


def same_site(url: str, example: str) -> bool:
    """Tell whether an address is of the site that the example is of."""
    return _within(_site(_split(url)), _site(_split(example)))


def shorten(url: str) -> str:
    """Return the video or the channel of a YouTube address; any other address as it is."""
    parts = _split(url)
    folders = [folder for folder in parts.path.split("/") if folder]
    if not _within(_site(parts), YOUTUBE) or not folders:
        return url
    if folders == ["watch"]:
        return next(iter(parse_qs(parts.query).get("v", ())), url)
    if folders[0].startswith("@"):
        return folders[0]
    known = folders[0] in VIDEO_FOLDERS + CHANNEL_FOLDERS and len(folders) > 1
    return folders[1] if known else url


def _site(parts: SplitResult) -> str:
    host = (parts.hostname or "").removeprefix("www.").rstrip(".")
    return YOUTUBE if host == YOUTUBE_SHORT else host


def _within(host: str, site: str) -> bool:
    return host == site or host.endswith(f".{site}")


def _split(url: str) -> SplitResult:
    """Return the parts of an address, all empty where it has none that can be told apart."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")
    if (parts.hostname or "").removeprefix("www.") == YOUTUBE_SHORT:
        return parts._replace(path=f"/v{parts.path}")
    return parts

"""A browser, as the pages of reports are looked at with."""

from tests.present.conftest import browser

__all__ = ["browser"]

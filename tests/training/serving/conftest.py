"""The same Chromium for all who need one."""

from __future__ import annotations

from tests.present.conftest import browser as browser

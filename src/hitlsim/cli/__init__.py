"""The command line: the same verbs, words and figures as the Python API."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; bad input gives one message and exit code 2, without a traceback."""
    from ..errors import LogError, NotEnoughEvidence, ScenarioError
    from . import verbs  # noqa: F401 - they register themselves
    from .options import app

    try:
        app()
    except (LogError, NotEnoughEvidence, ScenarioError) as e:
        sys.stderr.write(f"hitlsim: {e}\n")
        sys.exit(2)
    except RuntimeError as e:
        from ..present.reporting.failures import ReportError

        if not isinstance(e, ReportError):
            raise
        sys.stderr.write(f"hitlsim: {e}\n")
        sys.exit(e.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("hitlsim: interrupted; nothing was left half-written\n")
        sys.exit(130)
    except BrokenPipeError:
        # whoever read us has seen enough
        sys.stderr.close()
        sys.exit(0)
    except OSError as e:
        if e.filename is None:
            raise
        sys.stderr.write(f"hitlsim: {e.filename}: cannot be read or written ({e.strerror})\n")
        sys.exit(2)

"""Settings as a service would read them from an environment that holds nothing else."""

import os
from collections.abc import Mapping
from unittest.mock import patch

from gate.settings import Settings, from_environment


def settings_of(environment: Mapping[str, str]) -> Settings:
    """Raises NotConfigured as the start of the service would."""
    with patch.dict(os.environ, environment, clear=True):
        return from_environment()

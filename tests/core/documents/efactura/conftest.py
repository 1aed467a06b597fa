"""The official rules, for the tests of what is built; where they are not at hand, those are skipped."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core.config import ROOT

KIT = ROOT.parent / "shared" / "efactura" / "validate.py"


@pytest.fixture(scope="module")
def validator() -> Iterator[Any]:
    """A Validator of the Ministry's rules: costly to make, cheap to use."""
    if not KIT.exists():
        pytest.skip("the official rules of e-Factura are not beside the project (../shared/efactura)")
    pytest.importorskip("saxonche")
    spec = importlib.util.spec_from_file_location("efactura_validate", KIT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module.Validator()
    del sys.modules[spec.name]


@pytest.fixture(scope="module")
def findings(validator: Any) -> Callable[[bytes], list[str]]:
    """What the official rules refuse in an XML: empty where it passes."""
    return lambda xml: [str(found) for found in validator.validate(xml) if found.flag != "warning"]

"""What the tests of the seeds share."""

from collections.abc import Iterator

import pytest

from enrolment.services import passwords


@pytest.fixture(autouse=True, scope="package")
def cheap_passwords() -> Iterator[None]:
    """Hash as cheaply as the library allows: these tests make many passwords and attack none."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "COST", passwords.Cost(rounds=1, memory=8))
        yield

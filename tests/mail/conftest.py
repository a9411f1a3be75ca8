from collections.abc import Iterator
from pathlib import Path

import pytest

from servers import mail as mail_server
from servers.mail import Inbox
from worlds.mail_office import Office


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with mail_server.serve() as served:
        yield served


@pytest.fixture
def office(tmp_path: Path, inbox: Inbox) -> Office:
    return Office.of(tmp_path, inbox.port)

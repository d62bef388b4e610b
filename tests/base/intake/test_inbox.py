"""The inbox and its group commit, with a disk that fills up."""

from __future__ import annotations

import hashlib
import os
import resource
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.base.intake.conftest import TOKEN
from tests.base.intake.test_mqtt_listener import Device

from beffroi.base.intake.bucket import Bucket
from beffroi.base.intake.inbox import Entry, Inbox, InboxBusy, InboxFull, now_ms
from beffroi.base.intake.mqtt.packets import Ack, Connack, Kind, Publish
from beffroi.base.intake.writer import InboxWriter
from beffroi.base.sqlite.turn import WriteTurn


def entry(payload: bytes = b"x", device: str = "d1") -> Entry:
    return Entry("mqtt", device, "t", payload, now_ms())


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)


class Notes:
    """A receiver that notes what was confirmed."""

    def __init__(self) -> None:
        self.receipts: list[object] = []

    def stored(self, receipts: list[object]) -> None:
        self.receipts += receipts


def test_messages_keep_their_order_and_numbers(inbox: Inbox) -> None:
    assert inbox.append([entry(b"a"), entry(b"b")]) == 2
    assert inbox.append([entry(b"c")]) == 3
    assert [(m.number, m.payload) for m in inbox.after(1, 10)] == [(2, b"b"), (3, b"c")]
    assert inbox.after(0, 1)[0].payload == b"a"
    assert inbox.count_after(1) == 2


def test_a_number_is_never_used_twice(inbox: Inbox) -> None:
    inbox.append([entry(), entry()])
    assert inbox.purge(2, now_ms() + 1) == 2
    assert inbox.last_number() == 2
    assert inbox.append([entry()]) == 3


def test_only_what_is_old_and_dealt_with_is_purged(inbox: Inbox) -> None:
    old = Entry("mqtt", "d", "t", b"old", now_ms() - 1_000_000)
    inbox.append([old, entry(b"recent"), old])
    assert inbox.purge(2, now_ms() - 500_000) == 1
    assert [m.payload for m in inbox.after(0, 10)] == [b"recent", b"old"]


def test_a_rejected_message_can_be_handed_in_again(inbox: Inbox) -> None:
    inbox.append([entry(b"strange")])
    (message,) = inbox.after(0, 1)
    for _ in range(2):
        inbox.reject(message, "objects", "ValueError: strange")
    (kept,) = inbox.rejected(10)
    assert (kept.message, kept.handler, kept.reason) == (
        message, "objects", "ValueError: strange",
    )  # fmt: skip
    assert inbox.retry_rejected(1) == 2
    assert inbox.rejected(10) == []
    assert inbox.after(1, 1)[0].payload == b"strange"
    with pytest.raises(KeyError):
        inbox.retry_rejected(1)


def test_another_writer_that_keeps_the_file_is_named(inbox: Inbox) -> None:
    impatient = Inbox(inbox.path, patience=0.05)
    turn = WriteTurn(inbox.path)
    with turn.taken(1), pytest.raises(InboxBusy, match=str(os.getpid())):
        impatient.append([entry()])
    assert impatient.append([entry()]) == 1
    impatient.close()
    turn.close()


def test_two_first_starts_make_one_file(tmp_path: Path) -> None:
    opened: list[Inbox] = []
    threads = [
        threading.Thread(target=lambda: opened.append(Inbox(tmp_path / "new.sqlite3")))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 4
    assert opened[0].append([entry()]) == 1
    for inbox in opened:
        inbox.close()


def test_the_writer_stores_what_piled_up_in_one_commit(inbox: Inbox) -> None:
    notes = Notes()
    writer = InboxWriter(inbox.path, lambda: None)
    for number in range(50):
        writer.put(notes, number, [entry()])
    writer.start()
    wait_for(lambda: len(notes.receipts) == 50)
    assert notes.receipts == list(range(50))
    assert writer.commits == 1
    assert writer.backlog == 0
    writer.stop()


def test_stopping_stores_what_was_accepted(inbox: Inbox) -> None:
    notes = Notes()
    writer = InboxWriter(inbox.path, lambda: None)
    for number in range(20_000):
        writer.put(notes, number, [entry()])
    writer.start()
    writer.stop()
    assert len(notes.receipts) == 20_000
    assert inbox.last_number() == 20_000


@dataclass
class SmallDisk:
    """A folder where room can be taken away, and given back."""

    folder: Path
    mounted: bool

    def fill(self) -> None:
        if not self.mounted:
            largest = max(path.stat().st_size for path in self.folder.iterdir())
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
            return
        with (self.folder / "ballast").open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))

    def free(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        (self.folder / "ballast").unlink(missing_ok=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A file system of 1 MB; without the right to mount one, a limit on the size of files."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    disk = SmallDisk(folder, mounted)
    yield disk
    disk.free()
    if mounted:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.faults
def test_a_full_disk_is_said_and_nothing_is_stored_half(small_disk: SmallDisk) -> None:
    inbox = Inbox(small_disk.folder / "inbox.sqlite3")
    inbox.append([entry(b"before")])
    small_disk.fill()
    with pytest.raises(InboxFull, match=r"full|disk I/O"):
        inbox.append([entry(bytes(40_000)) for _ in range(10)])
    assert [m.payload for m in inbox.after(0, 100)] == [b"before"]
    small_disk.free()
    inbox.append([entry(b"after")])
    assert [m.payload for m in inbox.after(0, 100)] == [b"before", b"after"]
    inbox.close()


@pytest.mark.faults
def test_with_a_full_disk_nothing_is_acknowledged_until_there_is_room(
    small_disk: SmallDisk, start_listener: Callable[..., object], inbox: Inbox
) -> None:
    full = Inbox(small_disk.folder / "inbox.sqlite3")
    full.set_key("d1", hashlib.sha256(TOKEN.encode()).hexdigest())
    inbox.path = full.path
    running = start_listener()
    client = Device(running.port)  # type: ignore[attr-defined]
    assert client.connect() == Connack(0)
    client.say(Publish("t", b"first", 1, 1))
    assert client.hear() == Ack(Kind.PUBACK, 1)
    small_disk.fill()
    sent = [Publish("t", bytes(20_000) + bytes([n]), 1, n) for n in range(2, 30)]
    client.say(*sent)
    writer = running.writer  # type: ignore[attr-defined]
    wait_for(lambda: writer.refusal != "")
    assert full.count_after(1) == 0
    client.socket.settimeout(0.3)
    with pytest.raises(TimeoutError):
        client.hear()
    client.socket.settimeout(30)
    small_disk.free()
    for packet in sent:
        assert client.hear() == Ack(Kind.PUBACK, packet.packet_id)
    assert [m.payload for m in full.after(1, 100)] == [packet.payload for packet in sent]
    assert writer.refusal == ""
    client.socket.close()
    full.close()


def test_a_bucket_lets_a_burst_pass_then_its_rate() -> None:
    bucket = Bucket(rate=8, burst=5, filled_at=100.0)
    for _ in range(5):
        assert bucket.allows(100.0)
        bucket.take(100.0)
    assert not bucket.allows(100.0)
    assert bucket.wait_for(1) == 0.125
    assert not bucket.allows(100.0625)
    assert bucket.allows(100.125)
    assert bucket.wait_for(50) == 0.5
    assert not Bucket(rate=8, burst=5, filled_at=100.0, level=0.0).allows(99.0)

"""A process between requests: reused, killed, crashed, forked, interrupted; never out of step."""

import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from mpnn_lab.chem.embedding_process import read_frame, write_frames
from mpnn_lab.chem.killable import HelperError, KillableProcess

PROGRAM = """
import os, struct, sys, time
def say(*bodies):
    for body in bodies:
        sys.stdout.buffer.write(struct.pack("<I", len(body)) + body)
    sys.stdout.buffer.flush()
def hear():
    head = sys.stdin.buffer.read(4)
    if len(head) < 4:
        sys.exit()
    return sys.stdin.buffer.read(struct.unpack("<I", head)[0])
say(b"ready")
while True:
    what, more = hear(), hear()
    if what == b"hang":
        time.sleep(60)
    if what == b"crash":
        os.kill(os.getpid(), 11)
    if what == b"half":
        sys.stdout.buffer.write(b"\\x09\\x00")
        sys.exit(3)
    say(what, more + b" " + str(os.getpid()).encode())
"""


@pytest.fixture
def helper(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    made = KillableProcess(program)
    yield made
    made.end()


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_one_process_serves_many_requests(helper):
    answers = [helper.ask(b"x", bytes(size), seconds=20) for size in (0, 5, 1_000_000)]
    assert [len(more) for _, more in answers] == [len(f" {helper.pid}") + n for n in (0, 5, 10**6)]
    assert helper.starts == 1
    pid = helper.pid
    helper.end()
    assert not alive(pid)
    assert helper.pid is None
    assert helper.ask(b"x", b"y", seconds=20)[0] == b"x"
    assert helper.starts == 2


def test_what_hangs_is_killed_and_the_next_request_is_served(helper):
    helper.ask(b"x", b"", seconds=20)
    pid, began = helper.pid, time.monotonic()
    with pytest.raises(HelperError, match=r"^it took more than 0\.2 s and was stopped$"):
        helper.ask(b"hang", b"", seconds=0.2)
    assert time.monotonic() - began < 5
    assert not alive(pid)
    assert helper.ask(b"x", b"1", seconds=20)[1].startswith(b"1 ")


@pytest.mark.parametrize(("what", "code"), [(b"crash", -signal.SIGSEGV), (b"half", 3)])
def test_a_crash_is_an_error_here_and_no_more(helper, what, code):
    with pytest.raises(HelperError, match=rf"ended by itself \(exit code {code}\)"):
        helper.ask(what, b"", seconds=20)
    assert helper.ask(b"x", b"2", seconds=20)[1].startswith(b"2 ")


def test_a_helper_killed_from_outside_is_started_anew(helper):
    helper.ask(b"x", b"", seconds=20)
    os.kill(helper.pid, signal.SIGKILL)
    time.sleep(0.1)
    assert helper.ask(b"x", b"3", seconds=20)[1].startswith(b"3 ")
    assert helper.starts == 2


def test_what_does_not_start_says_so(tmp_path, monkeypatch):
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit(4)")
    with pytest.raises(HelperError, match=r"did not start \(exit code 4\)"):
        KillableProcess(broken).ask(b"x", b"", seconds=1)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere"))
    with pytest.raises(HelperError, match="no process could be started for it: No such file"):
        KillableProcess(broken).ask(b"x", b"", seconds=1)


def test_threads_get_each_their_own_answer(helper):
    texts = [str(n).encode() for n in range(40)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda text: helper.ask(text, text, seconds=20), texts))
    assert [first for first, _ in answers] == texts
    assert [second.split()[0] for _, second in answers] == texts
    assert helper.starts == 1


def test_an_interrupt_leaves_nothing_out_of_step(helper):
    helper.ask(b"x", b"", seconds=20)

    def interrupt(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(KeyboardInterrupt):
            helper.ask(b"hang", b"", seconds=20)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert helper.ask(b"x", b"4", seconds=20)[1].startswith(b"4 ")


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_process_has_a_helper_of_its_own(helper):
    ours = helper.ask(b"x", b"", seconds=20)[1]
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        answer = helper.ask(b"x", b"", seconds=20)[1]
        helper.end()
        os.write(writing, answer)
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    theirs = os.read(reading, 100)
    os.close(reading)
    assert theirs
    assert theirs != ours
    assert helper.ask(b"x", b"", seconds=20)[1] == ours


def test_frames_survive_short_reads_and_writes():
    class Slow:
        def __init__(self):
            self.held = bytearray()

        def write(self, data):
            self.held += data[:3]
            return min(3, len(data))

        def read(self, size):
            piece, self.held = self.held[: min(size, 2)], self.held[min(size, 2) :]
            return bytes(piece)

        def flush(self):
            pass

    pipe = Slow()
    write_frames(pipe, b"", b"some bytes", b"x")
    assert [read_frame(pipe) for _ in range(4)] == [b"", b"some bytes", b"x", None]

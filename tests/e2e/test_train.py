"""Training in a real browser: watched, cancelled, resumed, and through every kind of crash."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.browse import LOST, Watch, assert_finished, goto, wait_idle
from tests.e2e.server import Server
from tscviz.training.jobs import Job, list_jobs

# Generous: they only matter where other work shares the cores.
START, SLOW = 60_000, 150_000
# A server that is not there any more answers nothing; the page tries again and again.


@pytest.fixture
def fresh_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Return a server with an empty home, one training at a time; stop what still trains."""
    # For the server, and for this process: whoever asks for a waiting run may start it.
    monkeypatch.setenv("TSCVIZ_WORKERS", "1")
    server = Server(tmp_path / "server").start()
    yield server
    server.stop()
    for job in list_jobs(server.home):
        job.cancel(grace=2, wait=True)
    assert "Traceback" not in server.read_log(), server.read_log()


def open_form(page: Page, server: Server, epochs: int) -> None:
    """Open the form for ItalyPowerDemand with a number of epochs."""
    goto(page, f"{server.url}/train?dataset=ItalyPowerDemand")
    assert_finished(page, "light")
    set_number(page, "Epochs", epochs)


def set_number(page: Page, label: str, value: int) -> None:
    """Type a number into a field of the page and let it be taken."""
    field = page.get_by_test_id("stMain").get_by_label(label, exact=True)
    field.fill(str(value))
    field.press("Enter")


def start(page: Page, epochs: int) -> None:
    """Start what the form says once it has taken the number of epochs."""
    expect(page.get_by_text(re.compile(rf"^{epochs} epochs, ")).first).to_be_visible(timeout=START)
    wait_idle(page)
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url(re.compile(r"job=[0-9a-f]{16}"), timeout=START)


def state(page: Page, word: str, timeout: float = START) -> None:
    """Wait until the open run is in a state."""
    expect(page.locator(".stMarkdownBadge").first).to_have_text(re.compile(word), timeout=timeout)


def wait_for_epoch(page: Page, epoch: int) -> int:
    """Wait until the progress bar tells of an epoch; return the one it tells of."""
    page.wait_for_function(
        """least => {
            const bar = document.querySelector('[data-testid="stProgress"]');
            const found = bar && /Epoch (\\d+) of/.exec(bar.innerText);
            return found && Number(found[1]) >= least;
        }""",
        arg=epoch,
        timeout=START,
    )
    text = page.get_by_test_id("stProgress").inner_text()
    found = re.search(r"Epoch (\d+) of", text)
    assert found, text
    return int(found[1])


def points(page: Page) -> int:
    """Return how many epochs the curve of the total loss has, once it is drawn."""
    return more_points(page, 0)


def more_points(page: Page, n: int) -> int:
    """Wait for more than `n` epochs on the curve; while it is drawn anew there is none."""
    found = page.wait_for_function(
        "n => { const k = document.querySelector('.js-plotly-plot')?.calcdata?.[0]?.length ?? 0;"
        " return k > n ? k : 0 }",
        arg=n,
        timeout=START,
    )
    return int(found.json_value())


def only_job(server: Server) -> Job:
    """Return the one job in the server's home."""
    (job,) = list_jobs(server.home)
    return job


def test_watch_cancel_resume_and_use(page: Page, fresh_server: Server) -> None:
    open_form(page, fresh_server, 40)
    start(page, 40)
    expect(page.get_by_test_id("stProgress").first).to_be_visible(timeout=START)
    wait_for_epoch(page, 2)
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=START)
    more_points(page, points(page))

    page.get_by_role("button", name="Cancel").click()
    state(page, "cancel")
    state(page, "cancelled")
    stopped = only_job(fresh_server).status().epoch
    assert 0 < stopped < 40
    expect(page.get_by_text("goes on from the last checkpoint").first).to_be_visible(timeout=START)

    page.get_by_role("button", name="Resume").click()
    state(page, "done", SLOW)
    page.wait_for_function(  # the state stands above the curve and is there before it
        "n => document.querySelector('.js-plotly-plot')?.calcdata?.[0]?.length === n",
        arg=40,
        timeout=START,
    )
    accuracy = only_job(fresh_server).status().metrics["test_accuracy"]
    expect(page.get_by_test_id("stMetric").first).to_contain_text(
        f"{100 * accuracy:.1f} %", timeout=START
    )
    expect(page.get_by_text("Which classes it mistakes").first).to_be_visible(timeout=START)

    page.get_by_role("link", name="See its segments").click()
    page.wait_for_url(re.compile(r"/segments\?.*model=job(%2F|/)[0-9a-f]{16}"))


def test_a_refresh_and_a_second_browser_see_the_same_run(
    page: Page, context: BrowserContext, fresh_server: Server
) -> None:
    open_form(page, fresh_server, 2000)
    start(page, 2000)
    seen = wait_for_epoch(page, 2)
    page.reload()
    assert wait_for_epoch(page, seen) >= seen

    browser = context.browser
    assert browser is not None
    other = browser.new_context()
    second = other.new_page()
    second.goto(page.url)
    wait_for_epoch(second, seen)
    page.get_by_role("button", name="Cancel").click()
    state(second, "cancelled")
    other.close()


def test_the_run_outlives_kill_9_of_the_server(
    page: Page, fresh_server: Server, watch: Watch
) -> None:
    watch.allow(LOST)
    open_form(page, fresh_server, 2000)
    start(page, 2000)
    seen = wait_for_epoch(page, 2)
    worker = only_job(fresh_server).status().pid
    fresh_server.kill()
    fresh_server.start()
    goto(page, page.url)  # same port, same home
    state(page, "running")
    assert wait_for_epoch(page, seen + 1) > seen
    assert only_job(fresh_server).status().pid == worker


def test_a_killed_worker_is_shown_and_its_run_resumed(page: Page, fresh_server: Server) -> None:
    open_form(page, fresh_server, 2000)
    start(page, 2000)
    wait_for_epoch(page, 7)  # the quick preset writes a checkpoint every fifth epoch
    pid = only_job(fresh_server).status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    state(page, "interrupted")
    expect(page.get_by_text("worker ended without a word").first).to_be_visible(timeout=START)
    page.get_by_role("button", name="Resume").click()
    state(page, "running")
    assert wait_for_epoch(page, 6) >= 6
    epochs = [event["epoch"] for event in only_job(fresh_server).events()]
    assert epochs == list(range(1, len(epochs) + 1))


def test_ten_clicks_start_one_worker_and_the_next_run_waits(
    page: Page, fresh_server: Server
) -> None:
    open_form(page, fresh_server, 2000)
    expect(page.get_by_text(re.compile("^2000 epochs, ")).first).to_be_visible(timeout=START)
    page.get_by_role("button", name="Start training").evaluate(
        "button => { for (let i = 0; i < 10; i++) button.click(); }"
    )
    page.wait_for_url(re.compile(r"job=[0-9a-f]{16}"), timeout=START)
    state(page, "running")
    assert len(list_jobs(fresh_server.home)) == 1

    page.get_by_role("button", name="New training").click()
    set_number(page, "Seed", 1)
    page.get_by_role("button", name="Start training").click()
    state(page, "waiting")
    jobs = list_jobs(fresh_server.home)
    assert sorted(job.status().state for job in jobs) == ["running", "waiting"]

    table = page.get_by_test_id("stDataFrame")
    first = page.url
    table.click(position={"x": 16, "y": 36 + 35 + 17})  # the box of the older run
    expect(page).not_to_have_url(first, timeout=START)
    state(page, "running")

"""One project, one author, one work, through the whole life; and what else can become of it."""

from typing import Any

CERTAIN: dict[str, dict[str, Any]] = {
    "arrivals": {"give_up_percent": 0, "price_refusal_percent": 0, "minutes": 10, "writing_minutes": [6, 50]},
    "checks": {"copied_percent": 0, "not_found_percent": 0, "vanish_percent": 0},
    "administration": {"moderation_minutes": 40, "block_percent": 0, "verdict_hours": [5, 5], "uphold_percent": 100},
    "rework": {"hours": [2, 2], "abandon_percent": 0},
    "publication": {"hours": [3, 3], "never_percent": 0},
}


def changed(section: str, **values: Any) -> dict[str, Any]:
    return CERTAIN | {section: CERTAIN[section] | values}


def test_work_is_taken_written_checked_and_pays_itself(marketplace: Any) -> None:
    """Every stage shows in the API, in its order, and money goes from the project to the author."""
    market = marketplace(**CERTAIN)
    project = market.order(1)
    seen: list[tuple[Any, ...]] = []

    def look() -> None:
        shown = market("project", project_id=project.id)
        work = next(iter(market.works(project)), None)
        stage = work and (work.uniq_status, work.robot_find, work.status)
        row = (shown["status"], int(shown.get("in_works") or 0), int(shown["requests"]), int(shown["works"]), stage)
        if not seen or seen[-1] != row:
            seen.append(row)

    look()
    market.watch(20, look)

    assert seen == [
        ("4", 0, 0, 0, None),
        ("1", 1, 0, 0, None),
        ("1", 0, 1, 0, (1, 2, 0)),
        ("1", 0, 1, 0, (2, 2, 0)),
        ("1", 0, 1, 0, (2, 1, 0)),
        ("0", 0, 0, 1, (2, 1, 1)),
    ]
    (work,) = market.works(project)
    assert (work.method_pay, work.cost_minor) == (3, 600)
    assert list(market.account.ledger.imbalances()) == []


def test_work_sent_back_comes_again_with_another_text(marketplace: Any) -> None:
    """After two hours of rework it is on review once more, by the same author, reworded."""
    market = marketplace(**CERTAIN)
    project = market.order(1)
    market.pass_time(days=2)
    (work,) = market.works(project)
    before = market("requestsinfo", requests=[work.id])[f"comment_{work.id}"]

    assert market("revision", comment_id=work.id, operation=1, reason="Короче") == {"comment_id": work.id, "status": 3}
    market.pass_time(minutes=119)
    assert market("project", project_id=project.id)["reworks"] == "1"
    market.pass_time(minutes=1)

    after = market("requestsinfo", requests=[work.id])[f"comment_{work.id}"]
    assert (after["status"], after["author"]) == ("0", before["author"])
    assert after["message"] != before["message"]


def test_abandoned_work_makes_room_for_another(marketplace: Any) -> None:
    """An author who lets the rework go leaves the paid work to the next."""
    market = marketplace(**changed("rework", abandon_percent=100))
    project = market.order(1)
    market.pass_time(days=2)
    (work,) = market.works(project)
    market("revision", comment_id=work.id, operation=1, reason="Короче")
    market.pass_time(days=2)

    assert [w.status for w in market.works(project)] == [2, 0]


def test_rejected_work_makes_room_for_another(marketplace: Any) -> None:
    """What the customer rejects is written again by somebody."""
    market = marketplace(**CERTAIN)
    project = market.order(1)
    market.pass_time(days=2)
    (work,) = market.works(project)
    market("revision", comment_id=work.id, operation=2, reason="Нет")
    market.pass_time(days=2)

    assert [w.status for w in market.works(project)] == [2, 0]


def test_approved_text_is_published_and_found(marketplace: Any) -> None:
    """Under premoderation the robot waits for the publication, which comes by itself."""
    market = marketplace(**CERTAIN)
    project = market.order(1, premoderation=1)
    market.pass_time(days=2)
    (work,) = market.works(project)
    assert work.robot_find == 2

    assert market("revision", comment_id=work.id)["status"] == 4
    market.pass_time(minutes=3 * 60)
    assert (work.status, work.robot_find) == (0, 1)
    assert market("revision", comment_id=work.id)["status"] == 1


def test_claim_is_decided_by_the_administration(marketplace: Any) -> None:
    """After its hours the verdict is there, and an upheld claim gives the money back."""
    market = marketplace(**CERTAIN)
    project = market.order(1)
    market.pass_time(days=2)
    (work,) = market.works(project)
    market("revision", comment_id=work.id)
    poor = market("balance", currency="RUB")["balance"]

    market("claim", id=work.id, reason="Удалён")
    market.pass_time(minutes=5 * 60 - 1)
    assert market("claim", id=work.id) == {"status": 0}
    market.pass_time(minutes=1)

    assert market("claim", id=work.id) == {"status": 2}
    assert market("balance", currency="RUB")["balance"] == poor + 6


def test_block_by_the_administration_turns_authors_away(marketplace: Any) -> None:
    """A suspended project gets nothing more, not even from those who are writing."""
    market = marketplace(**changed("administration", block_percent=100, block_hours=[1, 1]))
    project = market.order(50)
    market.pass_time(minutes=100)
    assert market("project", project_id=project.id)["status"] == "3"
    arrived = len(project.comment_ids)
    market.pass_time(days=5)

    assert len(project.comment_ids) == arrived
    assert project.in_works == 0


def test_ready_comments_are_used_up(marketplace: Any) -> None:
    """Authors publish the texts the customer wrote, each as often as he said, and then no more come."""
    market = marketplace(**CERTAIN)
    project = market.order(9, tarif_id=33)
    market.pass_time(days=1)
    assert market.works(project) == []
    for text, times in (("Отличный магазин", 2), ("Быстрая доставка", 1)):
        market("new_ready_comment", project_id=project.id, text=text, number_use=times)
    market.pass_time(days=2)

    works = market("comments", project_id=project.id, status="all").values()
    assert sorted(work["message"] for work in works) == ["Быстрая доставка", "Отличный магазин", "Отличный магазин"]
    assert {work["uniq_status"] for work in works} == {"3"}
    shown = market("list_ready_comments", project_id=project.id)
    assert [(ready["number_use"], ready["used"]) for ready in shown] == [(2, 2), (1, 1)]


def test_unpublished_tariff_needs_no_robot(marketplace: Any) -> None:
    """Where nothing is published, there is nothing to look for."""
    market = marketplace(**CERTAIN)
    tariffs = market.world.rules["qcomment"].catalogs["tariffs"]
    unpublished = next(
        key for key, row in tariffs.items() if row["group"] == "unpublished" and row["currency"] == "RUB"
    )
    project = market.order(1, tarif_id=unpublished)
    market.pass_time(days=2)

    assert [w.robot_find for w in market.works(project)] == [3]


def test_instant_works_are_there_at_the_next_call(marketplace: Any) -> None:
    """Under the instant scenario a paid project has its works before the customer can ask."""
    market = marketplace("instant")
    project = market.order(20)

    works = market("comments", project_id=project.id)
    assert len(works) == 20
    assert {(work["robot_find"], work["uniq_status"]) for work in works.values()} == {("1", "2")}


def test_paused_project_gets_nothing_until_it_goes_on(marketplace: Any) -> None:
    """Nobody takes a paused project; those who were writing may finish."""
    market = marketplace(**CERTAIN)
    project = market.order(40)
    market.pass_time(minutes=90)
    market("projectedit", project_id=project.id, status=2)
    writing = project.in_works
    arrived = len(project.comment_ids)
    market.pass_time(days=3)
    assert len(project.comment_ids) <= arrived + writing
    assert project.in_works == 0
    market("projectedit", project_id=project.id, status=1)
    market.pass_time(days=3)

    assert len(project.comment_ids) == 40

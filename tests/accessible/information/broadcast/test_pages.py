"""What residents, agents and machines read over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from defusedxml import ElementTree
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.accessible.information.broadcast.conftest import content
from tests.conftest import World

from beffroi.accessible.information.broadcast import actions
from beffroi.accessible.information.broadcast.models import Notice, State
from beffroi.base.access.public import Actor

Make = Callable[..., Notice]
ATOM = {"a": "http://www.w3.org/2005/Atom"}
HOSTILE = "<script>alert(1)</script>&amp;\"'"
WORLDLY = "💧 إغلاق شارع"


def texts(client: Client, notice: Notice) -> dict[str, str]:
    """Every way out that a browser or a machine can read."""
    urls = {
        "list": reverse("broadcast:notices"),
        "live": reverse("broadcast:notices_live"),
        "atom": reverse("broadcast:atom"),
        "json": reverse("broadcast:json"),
        "api": "/api/v1/broadcast/notices",
        "portal": reverse("portal:home"),
        "portal live": reverse("portal:now"),
        "search": reverse("portal:search") + "?q=rue des Tanneurs",
    }
    return {name: client.get(url).content.decode() for name, url in urls.items()}


def test_a_published_notice_is_everywhere_and_its_end_takes_it_away(
    agent: Actor, published: Make
) -> None:
    client, notice = Client(), published(title="Fuite quai Foch rue des Tanneurs")
    for name, text in texts(client, notice).items():
        assert "Fuite quai Foch" in text, name
    actions.end(agent, notice, "L’eau est revenue.")
    for name, text in texts(client, notice).items():
        assert "Fuite quai Foch" not in text, name
    page = client.get(reverse("broadcast:notice", kwargs={"ref": notice.ref})).content.decode()
    assert "L’eau est revenue." in page


def test_an_expired_notice_is_shown_nowhere_though_nothing_ran(published: Make) -> None:
    notice = published(title="Passée")
    Notice.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    for name, text in texts(Client(), notice).items():
        assert "Passée" not in text, name


def test_what_is_not_published_stays_unknown(proposed: Make) -> None:
    notice, client = proposed(title="Secrète"), Client()
    for name, text in texts(client, notice).items():
        assert "Secrète" not in text, name
    assert client.get(reverse("broadcast:notice", kwargs={"ref": notice.ref})).status_code == 404
    assert client.get(f"/api/v1/broadcast/notices/{notice.ref}").status_code == 404


def test_another_authority_shows_nothing_of_it(published: Make) -> None:
    notice, client = published(), Client()
    path = reverse("broadcast:notice", kwargs={"ref": notice.ref})
    assert client.get(path).status_code == 200
    assert client.get(f"/a/saint-clair{path}").status_code == 404
    assert notice.ref not in client.get("/a/saint-clair/annonces/").content.decode()
    assert notice.ref not in client.get("/a/saint-clair/annonces/flux.atom").content.decode()
    assert client.get(f"/a/saint-clair/api/v1/broadcast/notices/{notice.ref}").status_code == 404


@pytest.mark.parametrize("text", [HOSTILE, WORLDLY])
def test_any_text_is_text_everywhere(
    text: str, published: Make, client_for: Callable[..., Client]
) -> None:
    notice = published(title=text, body=f"{text}\nligne")
    agent_client = client_for("agent")
    for url in (
        reverse("broadcast:notices"),
        reverse("broadcast:notice", kwargs={"ref": notice.ref}),
        reverse("broadcast:desk_notice", kwargs={"ref": notice.ref}),
        reverse("broadcast:desk") + "?etat=published",
        reverse("portal:home"),
    ):
        html = agent_client.get(url).content.decode()
        assert "<script>alert" not in html, url
        if text == WORLDLY:
            assert text in html, url
    feed = ElementTree.fromstring(agent_client.get(reverse("broadcast:atom")).content)
    assert feed.findtext("a:entry/a:title", namespaces=ATOM) == text
    [item] = json.loads(agent_client.get(reverse("broadcast:json")).content)["items"]
    assert item["title"] == text
    assert agent_client.get("/api/v1/broadcast/notices").json()["notices"][0]["headline"] == text


def test_the_atom_feed_has_what_rfc_4287_requires(town: World, published: Make) -> None:
    notice = published()
    answer = Client().get(reverse("broadcast:atom"))
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(answer.content)
    assert feed.tag == "{http://www.w3.org/2005/Atom}feed"
    for element in (feed, feed.find("a:entry", ATOM)):
        assert element is not None
        for required in ("id", "title", "updated"):
            assert len(element.findall(f"a:{required}", ATOM)) == 1, required
    entry_id = feed.findtext("a:entry/a:id", namespaces=ATOM)
    assert entry_id == f"http://testserver/annonces/{notice.ref}/"
    assert feed.findtext("a:author/a:name", namespaces=ATOM) == "Vernay-sur-Loire"
    updated = feed.findtext("a:updated", namespaces=ATOM)
    assert updated is not None
    assert datetime.fromisoformat(updated).tzinfo is not None
    assert feed.find("a:link[@rel='self']", ATOM) is not None


def test_a_reader_that_has_the_feed_is_told_so(agent: Actor, published: Make) -> None:
    client, notice = Client(), published()
    for view in ("broadcast:atom", "broadcast:json"):
        first = client.get(reverse(view))
        again = client.get(reverse(view), headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        dated = client.get(reverse(view), headers={"If-Modified-Since": first["Last-Modified"]})
        assert dated.status_code == 304
    before = client.get(reverse("broadcast:atom"))["ETag"]
    actions.end(agent, notice)
    after = client.get(reverse("broadcast:atom"), headers={"If-None-Match": before})
    assert after.status_code == 200
    assert after["ETag"] != before


def test_a_feed_for_one_street(town: World, published: Make) -> None:
    published(title="Tanneurs seuls")
    published(title="Tout le monde", streets=[])
    url, client = reverse("broadcast:atom"), Client()
    foch = client.get(url + "?rue=quai-foch").content.decode()
    assert "Tout le monde" in foch
    assert "Tanneurs seuls" not in foch
    assert "Tanneurs seuls" in client.get(url + "?rue=rue-des-tanneurs").content.decode()
    assert client.get(url + "?rue=nulle-part").status_code == 404


def test_a_resident_chooses_a_street_without_account(published: Make) -> None:
    published(title="Tanneurs seuls")
    client, url = Client(), reverse("broadcast:choose_street")
    answer = client.post(url, {"street": "Quai FOCH"})
    assert answer.status_code == 302
    assert client.cookies["beffroi_rue"].value == "quai-foch"
    page = client.get(reverse("broadcast:notices")).content.decode()
    assert page.index("Rien en ce moment pour quai Foch") < page.index("Tanneurs seuls")
    unknown = client.post(url, {"street": "boulevard des Rêves"})
    assert unknown.status_code == 422
    assert "n’est pas connue" in unknown.content.decode()
    client.post(url, {"street": ""})
    assert client.cookies["beffroi_rue"].value == ""


def test_a_page_of_the_notice_says_how_long_it_took(published: Make) -> None:
    notice, client = published(), Client()
    version = notice.versions.get(version=notice.version)
    assert version.delivered_at is None
    client.get(reverse("broadcast:notices_live"))
    version.refresh_from_db()
    first = version.delivered_at
    assert first is not None
    client.get(reverse("broadcast:notice_live", kwargs={"ref": notice.ref}))
    version.refresh_from_db()
    assert version.delivered_at == first
    version.accepted_at = version.at + timedelta(milliseconds=12)
    version.save()
    page = client.get(reverse("broadcast:notice", kwargs={"ref": notice.ref})).content.decode()
    assert "12\u00a0ms" in page


def test_the_api_uses_the_words_of_cap(published: Make) -> None:
    ends = datetime(2027, 3, 28, 2, 30, tzinfo=UTC)
    notice = published(ends_at=ends)
    [found] = Client().get("/api/v1/broadcast/notices?street=rue-des-tanneurs").json()["notices"]
    assert (found["category"], found["severity"], found["urgency"], found["certainty"]) == (
        "Infra", "Severe", "Immediate", "Observed",
    )  # fmt: skip
    assert found["expires"] == "2027-03-28T04:30:00+02:00"
    assert found["identifier"] == notice.ref
    answer = Client().get("/api/v1/broadcast/notices?street=nulle-part")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def form(**changes: object) -> dict[str, object]:
    return {
        "title": "Travaux quai Foch",
        "body": "La rue ferme samedi.",
        "domain": "roads",
        "severity": "2",
        "street": "",
        **changes,
    }


def test_an_agent_writes_reviews_and_publishes_without_javascript(
    town: World, client_for: Callable[..., Client]
) -> None:
    client = client_for("agent")
    foch = town.streets["quai-foch"].pk  # type: ignore[attr-defined]
    added = client.post(reverse("broadcast:write"), form(street="quai foch", add="1"))
    assert f'value="{foch}" ' in added.content.decode()
    assert not Notice.objects.exists()
    answer = client.post(reverse("broadcast:write"), form(chosen=[foch]), follow=True)
    notice = Notice.objects.get()
    assert [street.name for street in notice.streets.all()] == ["quai Foch"]
    page = answer.content.decode()
    assert "Publier maintenant" in page
    client.post(
        reverse("broadcast:publish", kwargs={"ref": notice.ref}), {"version": notice.version}
    )
    client.post(
        reverse("broadcast:publish", kwargs={"ref": notice.ref}), {"version": notice.version}
    )
    notice.refresh_from_db()
    assert notice.state == State.PUBLISHED
    client.post(reverse("broadcast:end", kwargs={"ref": notice.ref}), {"reason": "Rue rouverte."})
    notice.refresh_from_db()
    assert (notice.state, notice.ending) == (State.ENDED, "Rue rouverte.")


def test_a_street_is_never_guessed(town: World, client_for: Callable[..., Client]) -> None:
    client = client_for("agent")
    unknown = client.post(reverse("broadcast:write"), form(street="boulevard des Rêves"))
    assert unknown.status_code == 422
    assert "Aucune rue ne porte ce nom" in unknown.content.decode()
    close = client.post(reverse("broadcast:write"), form(street="rue des Taneurs"))
    assert close.status_code == 422
    assert "rue des Tanneurs" in close.content.decode()
    assert not Notice.objects.exists()


def test_long_sentences_are_pointed_out_and_do_not_block(client_for: Callable[..., Client]) -> None:
    body = " ".join(["mot"] * 25) + ". Le SIAEP répare."
    client = client_for("agent")
    page = client.post(reverse("broadcast:write"), form(body=body), follow=True).content.decode()
    assert "25 mots" in page
    assert "SIAEP" in page
    assert "Publier maintenant" in page


def test_a_text_changed_meanwhile_is_not_overwritten(
    town: World, agent: Actor, client_for: Callable[..., Client], proposed: Make
) -> None:
    notice = proposed()
    actions.edit(agent, notice, content(town, title="Version de Karim"), notice.version)
    url = reverse("broadcast:edit", kwargs={"ref": notice.ref})
    answer = client_for("head").post(url, form(title="La mienne", version=notice.version))
    assert answer.status_code == 422
    assert "entre-temps" in answer.content.decode()
    notice.refresh_from_db()
    assert notice.title == "Version de Karim"


@pytest.mark.parametrize(
    ("local", "accepted"),
    [
        ("2027-03-28T02:30", False),  # skipped: clocks go from 2 to 3
        ("2027-03-28T03:30", True),
        ("2027-10-31T02:30", False),  # happens twice
        ("2027-10-31T03:30", True),
    ],
)
def test_hours_that_the_clock_change_skips_or_doubles_are_asked_again(
    client_for: Callable[..., Client], local: str, accepted: bool
) -> None:
    answer = client_for("agent").post(reverse("broadcast:write"), form(ends_at=local))
    assert answer.status_code == (302 if accepted else 422)
    if accepted:
        ends = Notice.objects.get().ends_at
        assert ends is not None
        assert ends.astimezone(timezone.get_default_timezone()).strftime("%Y-%m-%dT%H:%M") == local


def test_local_times_on_both_clock_changes(published: Make) -> None:
    published(title="Mars", starts_at=datetime(2026, 3, 29, 1, 30, tzinfo=UTC))
    published(title="Octobre", starts_at=datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    found = {
        n["headline"]: n["onset"]
        for n in Client().get("/api/v1/broadcast/notices").json()["notices"]
    }
    assert found == {"Mars": "2026-03-29T03:30:00+02:00", "Octobre": "2026-10-25T02:30:00+01:00"}


@pytest.mark.parametrize("role", ["resident", "partner", "anonymous", "admin"])
def test_the_composer_is_closed_to_others(
    client_for: Callable[..., Client], proposed: Make, role: str
) -> None:
    notice = proposed()
    client = client_for(role)
    expected = 302 if role == "anonymous" else 403
    for view, arguments in [("desk", {}), ("write", {}), ("desk_notice", {"ref": notice.ref})]:
        assert client.get(reverse(f"broadcast:{view}", kwargs=arguments)).status_code == expected
    for view in ("publish", "end", "cancel"):
        path = reverse(f"broadcast:{view}", kwargs={"ref": notice.ref})
        assert client.post(path).status_code == expected
    notice.refresh_from_db()
    assert notice.state == State.PROPOSED


def test_an_agent_of_another_authority_finds_nothing(
    town: World, client_for: Callable[..., Client], proposed: Make
) -> None:
    notice = proposed()
    client = client_for("agent", town.other)
    paths = [
        reverse(f"broadcast:{view}", kwargs={"ref": notice.ref})
        for view in ("desk_notice", "edit", "publish")
    ]
    assert client.get(f"/a/saint-clair{paths[0]}").status_code == 404
    assert client.get(f"/a/saint-clair{paths[1]}").status_code == 404
    assert client.post(f"/a/saint-clair{paths[2]}").status_code == 404
    assert client.get(paths[0]).status_code == 403, (
        "in the other commune this account is a resident"
    )


def test_a_proposal_is_on_the_desk(
    proposed: Make, client_for: Callable[..., Client], agent: Actor
) -> None:
    from beffroi.accessible.information.broadcast.announcing import proposed_work

    notice = proposed()
    [item] = proposed_work(agent)
    assert (item.ref, item.severity) == (notice.ref, 3)
    assert client_for("agent").get(item.url).status_code == 200


def test_queries_do_not_grow_with_the_notices(
    published: Make, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for number in range(12):
        published(title=f"Annonce {number}")
    client = Client()
    client.get(reverse("broadcast:notices"))
    with django_assert_max_num_queries(9):  # type: ignore[attr-defined]
        client.get(reverse("broadcast:notices"))
    with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
        client.get(reverse("broadcast:atom"))

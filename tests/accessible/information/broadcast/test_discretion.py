"""What is being prepared concerns agents: the public hub says nothing of it before publication."""

from beffroi.accessible.information.broadcast import actions
from beffroi.base.outbox.models import Announcement


def test_a_notice_is_told_to_everybody_only_once_it_is_published(town, actor):
    content = actions.Content("Coupure d’eau", "Rue des Tanneurs.", 2, "water")
    notice = actions.propose(actor("agent"), town.commune, content)
    actions.cancel(actor("agent"), actions.propose(actor("agent"), town.commune, content))
    assert not Announcement.objects.filter(private=False).exists()
    assert Announcement.objects.exists()

    actions.publish(actor("head"), notice)
    told = Announcement.objects.filter(private=False)
    assert {topic for one in told for topic in one.topics} == {f"/notices/{town.commune.slug}"}
    desk = f"/desk/{town.commune.slug}"
    assert any(desk in one.topics for one in Announcement.objects.filter(private=True))

import pytest
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from tests.conftest import PASSWORD

LOGIN = "/connexion/"


def sign_in(client, email, password=PASSWORD, **more):
    return client.post(LOGIN, {"username": email, "password": password, **more})


def test_an_agent_arrives_at_the_desk_and_a_resident_at_his_own_matters(town, client_for):
    client = client_for()
    assert sign_in(client, "AGENT@vernay.example").url == reverse("people:after_login")
    assert client.get(reverse("people:after_login")).url == reverse("desk:home")
    client = client_for()
    sign_in(client, "resident@vernay.example")
    assert client.get(reverse("people:after_login")).url == reverse("people:procedures")


def test_a_wrong_password_says_so_and_an_unknown_account_says_the_same(town, client_for):
    wrong = sign_in(client_for(), "agent@vernay.example", "wrong")
    unknown = sign_in(client_for(), "nobody@vernay.example", "wrong")
    assert wrong.status_code == unknown.status_code == 422
    text = "ne vont pas ensemble"
    assert text in wrong.content.decode()
    assert text in unknown.content.decode()


def test_one_password_tried_on_every_name_is_stopped(town, client_for):
    client = client_for()

    def status(number):
        name = {"username": f"n{number}@vernay.example"}  # refused before any hashing
        return client.post(LOGIN, name, REMOTE_ADDR="203.0.113.20").status_code

    statuses = [status(number) for number in range(101)]
    assert set(statuses[:100]) == {422}
    assert statuses[100] == 429


def test_guessing_is_stopped_and_the_right_password_too_until_the_delay_is_over(town, client_for):
    client = client_for()
    statuses = [sign_in(client, "agent@vernay.example", f"wrong{n}").status_code for n in range(8)]
    assert statuses[0] == 422
    assert statuses[-1] == 429
    locked = sign_in(client, "agent@vernay.example")
    assert locked.status_code == 429
    assert locked["Retry-After"] == "900"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_site(town, client_for, target):
    assert sign_in(client_for(), "agent@vernay.example", next=target).url == reverse(
        "people:after_login"
    )


def test_a_code_generator_stands_between_the_password_and_the_desk(town, client_for):
    account = town.accounts["agent"]
    device = TOTPDevice.objects.create(user=account, name="totp", confirmed=True)
    client = client_for()
    assert sign_in(client, "agent@vernay.example").url == reverse("people:code")
    assert (
        client.get(reverse("people:account")).status_code == 302
    )  # nobody, until the code is given
    assert client.post(reverse("people:code"), {"code": "12345"}).status_code == 422
    TOTPDevice.objects.update(throttling_failure_count=0)
    code = f"{totp(device.bin_key, device.step, device.t0, device.digits):06d}"
    assert client.post(reverse("people:code"), {"code": code}).status_code == 302
    assert client.get(reverse("people:account")).status_code == 200


def test_a_second_factor_is_set_up_by_proving_a_code(town, client_for):
    client = client_for("agent")
    page = client.get(reverse("people:second_factor")).content.decode()
    assert "data:image/svg+xml" in page
    device = TOTPDevice.objects.get(user=town.accounts["agent"], confirmed=False)
    assert client.post(reverse("people:second_factor"), {"code": "000000"}).status_code == 422
    TOTPDevice.objects.update(throttling_failure_count=0)
    device.refresh_from_db()
    code = f"{totp(device.bin_key, device.step, device.t0, device.digits):06d}"
    assert client.post(reverse("people:second_factor"), {"code": code}).status_code == 302
    assert TOTPDevice.objects.filter(user=town.accounts["agent"], confirmed=True).count() == 1


def test_a_second_factor_is_stopped_by_one_of_its_codes_only(town, client_for):
    account = town.accounts["agent"]
    device = TOTPDevice.objects.create(user=account, name="totp", confirmed=True)
    client = client_for()
    sign_in(client, "agent@vernay.example")
    code = f"{totp(device.bin_key, device.step, device.t0, device.digits):06d}"
    client.post(reverse("people:code"), {"code": code})
    stop = reverse("people:second_factor")
    for wrong in ({}, {"code": "000000"}, {"remove": "1"}, {"code": code}):  # each code serves once
        assert client.post(stop, wrong).status_code == 422
    assert TOTPDevice.objects.filter(user=account, confirmed=True).exists()
    TOTPDevice.objects.update(throttling_failure_count=0, last_t=-1)
    device.refresh_from_db()
    code = f"{totp(device.bin_key, device.step, device.t0, device.digits):06d}"
    assert client.post(stop, {"code": code}).status_code == 302
    assert not TOTPDevice.objects.filter(user=account).exists()


def test_signing_out_ends_the_session(town, client_for):
    client = client_for("agent")
    assert client.get(reverse("people:logout")).status_code == 405
    client.post(reverse("people:logout"))
    assert client.get(reverse("people:account")).status_code == 302

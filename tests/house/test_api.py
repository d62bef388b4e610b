"""The whole API against generated requests: no 5xx, no status and no body that is not documented."""

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi import checks as openapi
from tests import samples

from beffroi.project.wsgi import application

CASES_PER_OPERATION = 40
CHECKS = [
    schemathesis.checks.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_schema_conformance,
]


def refusals(operation, headers):
    """What is wrong with the answers to generated requests of one operation."""
    wrong = []

    @given(case=operation.as_strategy())
    @settings(
        max_examples=CASES_PER_OPERATION,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    def send(case):
        case.headers.update(headers)
        response = case.call(app=application)
        for check in CHECKS:
            try:
                case.validate_response(response, checks=[check])
            except AssertionError as failure:
                wrong.append(
                    f"{case.method} {case.path}: {response.status_code} {check.__name__}: {failure}"[
                        :600
                    ]
                )
            except BaseExceptionGroup as failures:
                wrong.extend(
                    f"{case.method} {case.path}: {response.status_code} {f}"[:600]
                    for f in failures.exceptions
                )

    send()
    return wrong


@pytest.mark.walk
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("caller", ["anonymous", "administrator"])
def test_no_generated_request_breaks_a_route(transactional_db, town, caller):
    samples.plant(town)
    headers = {}
    if caller == "administrator":
        from beffroi.base.access.models import ApiKey, digest_of

        ApiKey.objects.create(
            authority=town.commune, name="SIG", digest=digest_of("key"), role="admin"
        )
        headers = {"Authorization": "Bearer key"}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    wrong = []
    for operation in schema.get_all_operations():
        wrong += refusals(operation.ok(), headers)[:3]
    assert not wrong, "\n".join(wrong)


def test_an_unknown_route_is_a_problem_document(town):
    missing = Client().get("/api/v1/nothing/")
    assert missing.status_code == 404
    assert missing["Content-Type"] == "application/problem+json"

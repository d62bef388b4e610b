"""The whole API against generated requests: no 5xx, no status that is not documented."""

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, settings

from beffroi.project.wsgi import application


@pytest.fixture
def schema(town, client_for):
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


lazy = schemathesis.pytest.from_fixture("schema")


@pytest.mark.django_db
@lazy.parametrize()
@settings(
    max_examples=25, derandomize=True, deadline=None, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_no_generated_request_breaks_a_route(case):
    response = case.call()
    case.validate_response(
        response,
        checks=[
            schemathesis.checks.not_a_server_error,
            schemathesis.specs.openapi.checks.status_code_conformance,
            schemathesis.specs.openapi.checks.content_type_conformance,
            schemathesis.specs.openapi.checks.response_schema_conformance,
        ],
    )


def test_an_unknown_route_and_a_wrong_key_are_problem_documents(town):
    missing = Client().get("/api/v1/nothing/")
    assert missing.status_code == 404
    assert missing["Content-Type"] == "application/problem+json"

"""Cognito's odd ways: updates that reset, attributes that stay, protected pools, secrets, triggers of others' pools."""

from __future__ import annotations

from typing import Any

import pytest

from stateroom.cloud.aws.cognito import UserPoolHandler
from stateroom.cloud.aws.cognito_children import UserPoolClientHandler, UserPoolIdentityProviderHandler
from stateroom.cloud.aws.cognito_identity import IdentityPoolRolesHandler
from stateroom.cloud.aws.custom_pool import PoolTriggersHandler
from stateroom.cloud.provider import Owner, ResourceData
from stateroom.cloud.session import open_aws
from stateroom.errors import CloudError
from stateroom.model.values import Secret
from tests.cloud.bench import OWNER, Bench
from tests.cloud.sent import Recorder
from tests.cloud.test_custom import function
from tests.support.emulators import Emulator

POOL = "AWS::Cognito::UserPool"
PLAN = {"Name": "plan", "AttributeDataType": "String", "Mutable": True}
SINCE = {"Name": "since", "AttributeDataType": "Number", "NumberAttributeConstraints": {"MinValue": 1}}
UPDATE = "UpdateUserPool"
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:"


@pytest.fixture
def pool(emulator: Emulator) -> Bench:
    return Bench(UserPoolHandler, emulator.endpoint_url, {"UserPoolName": "people", "Schema": [PLAN]})


def described(emulator: Emulator, pool: str) -> dict[str, Any]:
    answer: dict[str, Any] = emulator.client("cognito-idp").describe_user_pool(UserPoolId=pool)["UserPool"]
    return answer


def sent(recorder: Recorder, operation: str) -> dict[str, Any]:
    assert recorder.invalid == []
    return dict(recorder.calls)[operation]


def updated(there: dict[str, Any], inputs: dict[str, Any], *changed: str) -> Recorder:
    """An update of a pool where DescribeUserPool answers `there`; botocore validates the shapes."""

    class Described(UserPoolHandler):
        settable = UserPoolHandler.settable

        def answer(self, resource: ResourceData, *, even_leaving: bool = False) -> Any:
            return there

    recorder = Recorder(there=True)
    handler = Described(recorder)  # type: ignore[arg-type]
    for _ in handler.update(ResourceData("eu-west-1_1", inputs, {}, frozenset(changed), OWNER)):
        pass
    return recorder


def test_an_update_of_a_pool_keeps_what_it_does_not_write(pool: Bench, emulator: Emulator) -> None:
    """UpdateUserPool resets what it is not told: the trigger of another service would be gone."""
    pool.create()
    cognito = emulator.client("cognito-idp")
    cognito.update_user_pool(UserPoolId=pool.id, LambdaConfig={"PreSignUp": f"{ARN}theirs"}, UserPoolTags=OURS_TAGS)
    pool.change(Policies={"PasswordPolicy": {"MinimumLength": "14"}})

    there = described(emulator, pool.id)
    assert there["LambdaConfig"] == {"PreSignUp": f"{ARN}theirs"}
    assert there["Policies"]["PasswordPolicy"]["MinimumLength"] == 14
    assert there["UserPoolTags"] == OURS_TAGS


OURS_TAGS = {"stateroom:service": "shop", "stateroom:stage": "dev", "stateroom:resource": "Thing"}


def test_an_update_says_nothing_twice() -> None:
    """DescribeUserPool has messages and days under two names each, and UpdateUserPool wants them to agree."""
    template = {"EmailMessage": "old {####}", "EmailSubject": "old", "DefaultEmailOption": "CONFIRM_WITH_CODE"}
    there = {
        "Name": "people",
        "EmailVerificationMessage": "old {####}",
        "EmailVerificationSubject": "old",
        "VerificationMessageTemplate": template,
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True, "UnusedAccountValidityDays": 7},
        "Policies": {"PasswordPolicy": {"MinimumLength": 8, "TemporaryPasswordValidityDays": 7}},
        "UserPoolTags": {"team": "blue", "aws:cloudformation:stack-name": "theirs"},
    }
    plain = sent(updated(there, {"EmailVerificationMessage": "new {####}"}, "EmailVerificationMessage"), UPDATE)
    assert plain["EmailVerificationMessage"] == "new {####}"
    assert plain["VerificationMessageTemplate"] == {"EmailSubject": "old", "DefaultEmailOption": "CONFIRM_WITH_CODE"}
    assert plain["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert plain["UserPoolTags"] == {"team": "blue"}  # AWS takes none of its own, and keeps them

    name = "VerificationMessageTemplate"
    templated = sent(updated(there, {name: {"EmailMessage": "new {####}"}}, name), UPDATE)
    assert templated["VerificationMessageTemplate"] == {"EmailMessage": "new {####}"}
    assert not templated.keys() & {"EmailVerificationMessage", "EmailVerificationSubject"}

    days = {"AdminCreateUserConfig": {"UnusedAccountValidityDays": "3"}}
    older = sent(updated(there, days, "AdminCreateUserConfig"), UPDATE)
    assert older["AdminCreateUserConfig"] == {"UnusedAccountValidityDays": 3}
    assert older["Policies"] == {"PasswordPolicy": {"MinimumLength": 8}}


def test_attributes_are_only_added(pool: Bench, emulator: Emulator) -> None:
    pool.create()
    assert [item["Name"] for item in pool.change(Schema=[PLAN, SINCE])["Schema"]] == ["plan", "since"]
    before = described(emulator, pool.id)
    with pytest.raises(CloudError, match=r"attributes of user pool .* cannot be removed: plan") as caught:
        pool.change(Schema=[SINCE], Policies={"PasswordPolicy": {"MinimumLength": 20}})
    assert caught.value.refused
    with pytest.raises(CloudError, match="cannot be changed: since"):
        pool.change(Schema=[PLAN, {**SINCE, "AttributeDataType": "String"}])
    assert described(emulator, pool.id) == before


def test_a_protected_pool_is_not_deleted_and_the_error_says_what_to_do(pool: Bench, emulator: Emulator) -> None:
    pool.inputs["DeletionProtection"] = "ACTIVE"
    pool.create()
    with pytest.raises(CloudError, match="is protected against deletion") as caught:
        pool.delete()
    assert caught.value.refused
    assert "DeletionProtection: INACTIVE" in caught.value.todo
    assert pool.exists()

    pool.change(DeletionProtection=None)
    for _ in range(2):
        pool.delete()
    assert not pool.exists()


def test_second_factors_are_written_by_their_own_call(emulator: Emulator) -> None:
    inputs = {"UserPoolName": "people", "MfaConfiguration": "OPTIONAL", "EnabledMfas": ["SOFTWARE_TOKEN_MFA"]}
    pool = Bench(UserPoolHandler, emulator.endpoint_url, inputs)
    made = pool.create()
    assert (made["MfaConfiguration"], made["EnabledMfas"]) == ("OPTIONAL", ["SOFTWARE_TOKEN_MFA"])

    changed = pool.change(MfaConfiguration=None, EnabledMfas=None)
    assert (changed["MfaConfiguration"], changed.get("EnabledMfas")) == ("OFF", None)


def test_every_second_factor_has_its_shape() -> None:
    """Shapes that botocore validates: the emulators know fewer factors."""
    inputs = {
        "MfaConfiguration": "ON",
        "EnabledMfas": ["SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP"],
        "SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms", "ExternalId": "people"},
        "WebAuthnUserVerification": "required",
    }
    assert sent(updated({"Name": "people"}, inputs, *inputs), "SetUserPoolMfaConfig") == {
        "UserPoolId": "eu-west-1_1",
        "MfaConfiguration": "ON",
        "SmsMfaConfiguration": {"SmsConfiguration": inputs["SmsConfiguration"]},
        "SoftwareTokenMfaConfiguration": {"Enabled": True},
        "EmailMfaConfiguration": {},
        "WebAuthnConfiguration": {"UserVerification": "required"},
    }


def test_what_aws_adds_to_a_pool_that_is_taken_over_is_no_difference() -> None:
    """The answer is put together from AWS's API reference of DescribeUserPool and its defaults."""
    standard = [
        {"Name": name, "AttributeDataType": "String", "Mutable": name != "sub", "Required": name == "sub"}
        for name in ("sub", "name", "email", "phone_number", "updated_at")
    ]
    own = {**PLAN, "Name": "custom:plan", "DeveloperOnlyAttribute": False, "Required": False}
    answer = {
        "Id": "eu-west-1_1",
        "Name": "people",
        "Arn": "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_1",
        "Policies": {
            "PasswordPolicy": {
                "MinimumLength": 12,
                **dict.fromkeys(("RequireUppercase", "RequireLowercase", "RequireNumbers", "RequireSymbols"), True),
                "TemporaryPasswordValidityDays": 7,
            },
            "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]},
        },
        "DeletionProtection": "INACTIVE",
        "LambdaConfig": {"PreSignUp": f"{ARN}shop-pay"},
        "SchemaAttributes": [*standard, {**own, "StringAttributeConstraints": {}}],
        "AutoVerifiedAttributes": ["email"],
        "UsernameAttributes": ["email"],
        "UsernameConfiguration": {"CaseSensitive": False},
        "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_CODE"},
        "MfaConfiguration": "OFF",
        "EstimatedNumberOfUsers": 3,
        "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False, "UnusedAccountValidityDays": 7},
        "AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}]},
        "UserPoolTier": "ESSENTIALS",
        "UserPoolTags": {"team": "blue"},
        "Mfa": {"MfaConfiguration": "OFF"},
    }
    declared = {
        "UserPoolName": "people",
        "Policies": {"PasswordPolicy": {"MinimumLength": "12"}},
        "LambdaConfig": {"PreSignUp": f"{ARN}shop-pay"},
        "Schema": [{"Name": "email", "Required": False, "Mutable": True}, PLAN],
        "AutoVerifiedAttributes": ["email"],
        "UsernameAttributes": ["email"],
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False},
        "UserPoolTags": {"team": "blue"},
    }
    provider = open_aws(region="eu-west-1", profile=None, endpoint_url="http://127.0.0.1:1", artifacts=lambda _: b"")
    live = UserPoolHandler(Recorder(there=True)).model(  # type: ignore[arg-type]
        ResourceData("eu-west-1_1", declared), answer
    )
    live["UserPoolTags"] = answer["UserPoolTags"]
    assert provider.as_declared(POOL, declared, live) == provider.canonical(POOL, declared)
    live["Policies"]["PasswordPolicy"]["MinimumLength"] = 6  # and what somebody changed is one
    assert provider.as_declared(POOL, declared, live) != provider.canonical(POOL, declared)


def test_the_secrets_of_clients_and_providers_are_secrets(pool: Bench, emulator: Emulator) -> None:
    pool.create()
    client = {"UserPoolId": pool.id, "ClientName": "till", "GenerateSecret": True}
    made = Bench(UserPoolClientHandler, emulator.endpoint_url, client).create()
    secret = made["ClientSecret"]
    assert isinstance(secret, Secret)
    assert len(secret.reveal()) > 20
    assert secret.reveal() not in repr(made)

    details = {"client_id": "us", "client_secret": "hush", "authorize_scopes": "openid", "oidc_issuer": "https://a.b"}
    inputs = {"UserPoolId": pool.id, "ProviderName": "work", "ProviderType": "OIDC", "ProviderDetails": details}
    provider = Bench(UserPoolIdentityProviderHandler, emulator.endpoint_url, inputs)
    assert "hush" not in repr(provider.create())
    described = emulator.client("cognito-idp").describe_identity_provider(UserPoolId=pool.id, ProviderName="work")
    assert described["IdentityProvider"]["ProviderDetails"]["client_secret"] == "hush"


def test_a_second_client_of_a_name_is_refused(pool: Bench, emulator: Emulator) -> None:
    pool.create()
    emulator.client("cognito-idp").create_user_pool_client(UserPoolId=pool.id, ClientName="till")
    provider = open_aws(region="eu-west-1", profile=None, endpoint_url=emulator.endpoint_url, artifacts=lambda _: b"")
    inputs = {"UserPoolId": pool.id, "ClientName": "till"}
    with pytest.raises(CloudError, match="a AWS::Cognito::UserPoolClient named till exists already"):
        list(provider.create("AWS::Cognito::UserPoolClient", inputs, OWNER))


def test_mappings_stand_under_the_names_of_their_providers() -> None:
    """Shapes that botocore validates."""
    recorder = Recorder(there=True)
    handler = IdentityPoolRolesHandler(recorder)  # type: ignore[arg-type]
    provider = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_1:app"
    mappings = {"people": {"IdentityProvider": provider, "Type": "Token", "AmbiguousRoleResolution": "Deny"}}
    inputs = {"IdentityPoolId": "eu-west-1:1", "RoleMappings": mappings}
    list(handler.update(ResourceData("eu-west-1:1", inputs, {}, frozenset({"RoleMappings"}), OWNER)))
    there = {provider: {"Type": "Token", "AmbiguousRoleResolution": "Deny"}}

    assert sent(recorder, "SetIdentityPoolRoles") == {
        "IdentityPoolId": "eu-west-1:1",
        "Roles": {},
        "RoleMappings": there,
    }
    read = handler.model(ResourceData("eu-west-1:1", inputs), {"RoleMappings": there})
    assert read["RoleMappings"] == mappings


@pytest.fixture
def triggers(emulator: Emulator) -> Bench:
    function(emulator, "shop-dev-greet")
    emulator.client("cognito-idp").create_user_pool(
        PoolName="theirs", Policies={"PasswordPolicy": {"MinimumLength": 17}}, AutoVerifiedAttributes=["email"]
    )
    configs = [{"Trigger": "PostConfirmation"}, {"Trigger": "PreTokenGeneration", "LambdaVersion": "V2_0"}]
    inputs = {"UserPoolName": "theirs", "FunctionName": "shop-dev-greet", "UserPoolConfigs": configs}
    return Bench(PoolTriggersHandler, emulator.endpoint_url, inputs)


def called(triggers: Bench, emulator: Emulator) -> dict[str, Any]:
    return dict(described(emulator, triggers.id.split("/")[0]).get("LambdaConfig") or {})


def test_an_existing_pool_calls_the_function(triggers: Bench, emulator: Emulator) -> None:
    assert triggers.create() == triggers.inputs
    assert triggers.find() == triggers.id
    there = described(emulator, triggers.id.split("/")[0])
    assert there["Policies"]["PasswordPolicy"]["MinimumLength"] == 17
    assert there["AutoVerifiedAttributes"] == ["email"]

    sender = {"Trigger": "CustomEmailSender", "LambdaVersion": "V1_0", "KMSKeyID": "arn:aws:kms:eu-west-1:1:key/a"}
    assert triggers.change(UserPoolConfigs=[sender])["UserPoolConfigs"] == [sender]
    assert called(triggers, emulator).keys() == {"CustomEmailSender", "KMSKeyID"}
    for _ in range(2):
        triggers.delete()
    assert called(triggers, emulator) == {}
    assert not triggers.exists()


def test_what_the_pool_calls_for_others_is_kept(triggers: Bench, emulator: Emulator) -> None:
    other = function(emulator, "other")
    pool = emulator.client("cognito-idp").list_user_pools(MaxResults=5)["UserPools"][0]["Id"]
    emulator.client("cognito-idp").update_user_pool(UserPoolId=pool, LambdaConfig={"PreSignUp": other})
    triggers.create()
    assert called(triggers, emulator)["PreSignUp"] == other

    before = called(triggers, emulator)
    with pytest.raises(CloudError, match=r"PreSignUp of user pool .* calls other already") as caught:
        triggers.change(UserPoolConfigs=[{"Trigger": "PreSignUp"}])
    assert caught.value.refused
    assert called(triggers, emulator) == before
    triggers.delete()
    assert called(triggers, emulator) == {"PreSignUp": other}


def test_a_trigger_moves_between_functions_of_one_state(triggers: Bench, emulator: Emulator) -> None:
    triggers.create()
    arn = function(emulator, "shop-dev-welcome")
    old = emulator.client("lambda").get_function_configuration(FunctionName="shop-dev-greet")["FunctionArn"]
    emulator.client("lambda").tag_resource(Resource=old, Tags=OURS_TAGS)
    inputs = {
        **triggers.inputs,
        "FunctionName": "shop-dev-welcome",
        "UserPoolConfigs": [{"Trigger": "PostConfirmation"}],
    }
    moved = Bench(PoolTriggersHandler, emulator.endpoint_url, inputs)
    moved.create(Owner("shop", "dev", "Moved"))
    triggers.delete()  # the old one's own are gone, the moved one stays
    assert called(moved, emulator) == {"PostConfirmation": arn}

    function(emulator, "shop-dev-hail")
    changed = moved.change(FunctionName="shop-dev-hail")
    assert changed["FunctionName"] == "shop-dev-hail"
    assert called(moved, emulator)["PostConfirmation"].endswith(":shop-dev-hail")


def test_a_pool_that_is_not_there_or_there_twice_is_refused(triggers: Bench, emulator: Emulator) -> None:
    emulator.client("cognito-idp").create_user_pool(PoolName="theirs")
    with pytest.raises(CloudError, match="there are 2 user pools named theirs"):
        triggers.create()
    triggers.inputs["UserPoolName"] = "nobody's"
    with pytest.raises(CloudError, match="there is no user pool named nobody's"):
        triggers.create()

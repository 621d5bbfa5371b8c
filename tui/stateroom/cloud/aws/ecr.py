"""Handler of AWS::ECR::Repository with its policies."""

from __future__ import annotations

from typing import Any, Final

from stateroom.cloud.aws.calls import none_if_missing
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import CAMEL, DOCUMENT, Form
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.listing import Listing
from stateroom.cloud.aws.declared.setting import Setting
from stateroom.cloud.aws.declared.tagging import Tagging
from stateroom.cloud.aws.handler_base import HandlerFactory
from stateroom.cloud.aws.shapes import from_json, to_json
from stateroom.cloud.provider import ResourceData

_LIFECYCLE: Final = Form(
    lambda value: to_json(value.get("LifecyclePolicyText", "")), lambda text: {"LifecyclePolicyText": from_json(text)}
)


_FILTER_NAMES: Final = {
    "ImageTagMutabilityExclusionFilterType": "filterType",
    "ImageTagMutabilityExclusionFilterValue": "filter",
}
_FILTERS: Final = Form(
    lambda items: [{_FILTER_NAMES[key]: value for key, value in item.items()} for item in items],
    lambda items: [{name: item[key] for name, key in _FILTER_NAMES.items()} for item in items],
)


class RepositoryHandler(DeclaredHandler):
    """Repository of images. Ref is its name. One with images is deleted only if EmptyOnDelete says so."""

    type = "AWS::ECR::Repository"
    service = "ecr"
    unsettable = frozenset({"LifecyclePolicy.RegistryId"})
    camel = True
    ref = "{RepositoryName}"
    address = {"repositoryName": "{id}"}
    creating = ApiCall("create_repository", {"repositoryName": "{RepositoryName}"})
    reading = Listing(
        ApiCall("describe_repositories", {"repositoryNames": ["{id}"]}, answer="repositories"),
        "{answer[repositoryName]}",
    )
    updating = {
        "mutability": ApiCall("put_image_tag_mutability", whole=True),
        "scanning": ApiCall("put_image_scanning_configuration"),
    }
    deleting = ApiCall("delete_repository", {"force": "{EmptyOnDelete}"})
    missing = ("RepositoryNotFoundException", "LifecyclePolicyNotFoundException", "RepositoryPolicyNotFoundException")
    exists = ("RepositoryAlreadyExistsException",)
    tagging = Tagging(
        "tag_resource",
        "untag_resource",
        ApiCall("list_tags_for_resource"),
        address={"resourceArn": "arn:{partition}:ecr:{region}:{account}:repository/{id}"},
        style="list",
        argument="tags",
        keys="tagKeys",
        at_create="tags",
    )
    settings = {
        "EmptyOnDelete": Setting(at_create=False, fixed=True),
        "EncryptionConfiguration": Setting(CAMEL),
        "ImageScanningConfiguration": Setting(CAMEL, {"scanOnPush": False}, group="scanning"),
        "ImageTagMutability": Setting(unset="MUTABLE", group="mutability"),
        "ImageTagMutabilityExclusionFilters": Setting(_FILTERS, group="mutability"),
        "LifecyclePolicy": Setting(
            _LIFECYCLE,
            name="lifecyclePolicyText",
            at_create=False,
            write=ApiCall("put_lifecycle_policy"),
            clear=ApiCall("delete_lifecycle_policy"),
        ),
        "RepositoryPolicyText": Setting(
            DOCUMENT,
            name="policyText",
            at_create=False,
            write=ApiCall("set_repository_policy"),
            clear=ApiCall("delete_repository_policy"),
        ),
    }
    attributes = {
        "RepositoryName": "{id}",
        "RepositoryUri": "{answer[repositoryUri]}",
        "Arn": "{answer[repositoryArn]}",
    }

    def answer(self, resource: ResourceData, *, even_leaving: bool = False) -> Any:
        """Return the repository with its two policies."""
        found, api = super().answer(resource, even_leaving=even_leaving), self._clients("ecr")
        if found is None:
            return None
        for ask in (api.get_lifecycle_policy, api.get_repository_policy):
            found = {**found, **(none_if_missing(lambda it=ask: it(repositoryName=resource.id), *self.missing) or {})}  # type: ignore[misc]
        return found


HANDLERS: tuple[HandlerFactory, ...] = (RepositoryHandler,)

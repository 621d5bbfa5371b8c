"""Export a compiled service as the CloudFormation template that the framework would deploy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.compile_options import CompileOptions
from stateroom.config.compiler import compilation_of
from stateroom.config.document.intrinsics import SERVICE_OUTPUT, calls_in, intrinsic, service_output_parts
from stateroom.config.naming import alphanumeric
from stateroom.config.project import Project
from stateroom.model.resource import Resource
from stateroom.model.values import Secret, Value

_BUCKET: Final = "ServerlessDeploymentBucket"


def compile_document(project: Project, name: str, settings: CompileOptions) -> Mapping[str, Value]:
    """Return a service's template; conditions, mappings and parameters stay, secrets are `***`.

    Packages are named by their SHA-256, in the bucket that the parameter `ServerlessDeploymentBucket` names unless
    `provider.deploymentBucket` does. Outputs of other services of the project become parameters.

    Raises:
        ConfigError: something in its files cannot be right.
    """
    return document(compilation_of(project, name, settings))


def document(build: Compilation) -> dict[str, Value]:
    """Return the template of a build."""
    writer = _Writer(build)
    resources = {name: writer.resource(resource) for name, resource in build.resources.items()}
    outputs = {name: writer.output(name) for name in build.outputs}
    sections = {name: writer.value(value) for name, value in build.sections.items()}
    parameters = {**(sections.pop("Parameters", None) or {}), **writer.parameters}
    described = sections.pop("Description", None)
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": described or "The AWS CloudFormation template for this Serverless application",
        **({"Parameters": parameters} if parameters else {}),
        **sections,
        "Resources": resources,
        **({"Outputs": outputs} if outputs else {}),
    }


class _Writer:
    """Converter of values to template form; collects the parameters that they need."""

    def __init__(self, build: Compilation) -> None:
        self._build = build
        self.parameters: dict[str, Value] = {}

    def resource(self, resource: Resource) -> dict[str, Value]:
        """Return a resource with its attributes."""
        written: dict[str, Value] = {"Type": resource.type}
        properties = self.value(resource.properties)
        if properties:
            written["Properties"] = properties
        if resource.depends_on:
            written["DependsOn"] = list(dict.fromkeys(resource.depends_on))
        return {**written, **self.value(self._build.attributes.get(resource.logical_id, {}))}

    def output(self, name: str) -> dict[str, Value]:
        """Return an output with its export and condition."""
        output = self._build.outputs[name]
        described = {"Description": output.description} if output.description else {}
        own = self._build.output_attributes.get(name, {})
        return {**described, "Value": self.value(output.value), **self.value(own)}

    def value(self, value: Value) -> Value:
        """Return a value without stateroom's extensions."""
        if isinstance(value, Secret):
            return "***"
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value if item is not None]
        if not isinstance(value, Mapping):
            return value
        if intrinsic(value) == SERVICE_OUTPUT:
            return self._service_output(value[SERVICE_OUTPUT])
        if set(value) == {"ArtifactSha256"}:
            return self._artifact(str(value["ArtifactSha256"]))
        return {key: self.value(item) for key, item in value.items() if item is not None}

    def _service_output(self, argument: Value) -> Value:
        service, output = service_output_parts(argument)
        name = f"{alphanumeric(service)}{alphanumeric(output)}"
        self.parameters[name] = {"Type": "String", "Description": f"The output {output} of {service}"}
        return {"Ref": name}

    def _artifact(self, sha256: str) -> Value:
        service = self._build.service
        bucket = service.lookup("provider", "deploymentBucket")
        bucket = bucket.get("name") if isinstance(bucket, Mapping) else bucket
        if not bucket:
            self.parameters[_BUCKET] = {"Type": "String", "Description": "The bucket that holds the packages"}
            bucket = {"Ref": _BUCKET}
        prefix = service.lookup("provider", "deploymentPrefix")
        prefix = "serverless" if prefix is None else prefix
        return {"S3Bucket": bucket, "S3Key": f"{prefix}/{service.app}/{service.stage}/{sha256}.zip"}


def other_services(build: Compilation) -> frozenset[str]:
    """Return the services that own the outputs which this one needs."""
    values = [resource.properties for resource in build.resources.values()]
    values += [output.value for output in build.outputs.values()]
    return frozenset(
        service_output_parts(argument)[0]
        for value in values
        for name, argument in calls_in(value)
        if name == SERVICE_OUTPUT
    )

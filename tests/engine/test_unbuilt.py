"""Packages that are not built: taken to be as recorded, and all that refers to them stays as it is."""

from __future__ import annotations

from stateroom.engine.records.unbuilt import as_recorded
from stateroom.model.resource import NOT_BUILT, Output, Record, Resource, Template

OLD, NEW = "a" * 43, "b" * 43
FUNCTION, VERSION, LAYER = "AWS::Lambda::Function", "AWS::Lambda::Version", "AWS::Lambda::LayerVersion"
CODE = {"ArtifactSha256": "f" * 64}


def template(**more: Resource) -> Template:
    made = {
        "FnLambdaFunction": Resource(
            "FnLambdaFunction", FUNCTION, {"Code": {"ArtifactSha256": NOT_BUILT}, "MemorySize": 128}
        ),
        f"FnLambdaVersion{NEW}": Resource(
            f"FnLambdaVersion{NEW}", VERSION, {"FunctionName": {"Ref": "FnLambdaFunction"}}, ("FnLambdaFunction",), True
        ),
        "Alias": Resource(
            "Alias",
            "AWS::Lambda::Alias",
            {"FunctionVersion": {"Fn::GetAtt": [f"FnLambdaVersion{NEW}", "Version"]}},
            (f"FnLambdaVersion{NEW}",),
        ),
        **more,
    }
    outputs = {"Arn": Output({"Ref": f"FnLambdaVersion{NEW}"})}
    places = {f"FnLambdaVersion{NEW}": "FnLambdaVersion"}
    return Template("s", "s", "dev", "x", made, outputs, not_built="not built: why", placeholders=places)


def record(name: str, kind: str, **inputs: object) -> Record:
    return Record(name, kind, name, inputs, {}, dependencies=("FnLambdaFunction",) if kind == VERSION else ())


RECORDS = {
    "FnLambdaFunction": record("FnLambdaFunction", FUNCTION, Code=CODE, MemorySize=128),
    f"FnLambdaVersion{OLD}": record(f"FnLambdaVersion{OLD}", VERSION, FunctionName="fn", CodeSha256="x"),
}


def test_code_and_version_are_as_recorded_and_what_refers_to_them_follows() -> None:
    found = as_recorded(template(), RECORDS)
    resources = found.template.resources
    assert found.not_built == {"FnLambdaFunction", f"FnLambdaVersion{OLD}"}
    assert resources["FnLambdaFunction"].properties == {"Code": CODE, "MemorySize": 128}
    assert resources[f"FnLambdaVersion{OLD}"].properties == {"FunctionName": "fn", "CodeSha256": "x"}
    assert resources["Alias"].properties == {"FunctionVersion": {"Fn::GetAtt": [f"FnLambdaVersion{OLD}", "Version"]}}
    assert resources["Alias"].depends_on == (f"FnLambdaVersion{OLD}",)
    assert found.template.outputs["Arn"].value == {"Ref": f"FnLambdaVersion{OLD}"}


def test_what_was_never_recorded_is_new_without_a_hash_in_its_name() -> None:
    found = as_recorded(template(), {})
    assert set(found.template.resources) == {"FnLambdaFunction", "FnLambdaVersion", "Alias"}
    assert found.not_built == {"FnLambdaFunction", "FnLambdaVersion"}


def test_a_function_that_was_an_image_has_changed() -> None:
    image = {**RECORDS, "FnLambdaFunction": record("FnLambdaFunction", FUNCTION, Code={"ImageUri": "x"})}
    properties = as_recorded(template(), image).template.resources["FnLambdaFunction"].properties
    assert properties["Code"] == {"ArtifactSha256": NOT_BUILT}


def test_a_layer_is_as_recorded_too() -> None:
    layer = Resource("ALambdaLayer", LAYER, {"Content": {"ArtifactSha256": NOT_BUILT}, "LayerName": "a"})
    records = {"ALambdaLayer": record("ALambdaLayer", LAYER, Content=CODE, LayerName="a")}
    found = as_recorded(template(ALambdaLayer=layer), records)
    assert found.template.resources["ALambdaLayer"].properties == {"Content": CODE, "LayerName": "a"}
    assert "ALambdaLayer" in found.not_built


def test_a_template_with_all_its_packages_is_left_alone() -> None:
    whole = Template("s", "s", "dev", "x", {})
    assert as_recorded(whole, RECORDS).template is whole

"""Packages that the user builds: what is missing is said, and a handler is looked for in them, in each language."""

from __future__ import annotations

import zipfile
from dataclasses import replace

import pytest

from stateroom.config.compiler import compile_service
from stateroom.model.resource import NOT_BUILT, Template
from tests.config.bench import Bench, properties


def head(runtime: str) -> str:
    return f"service: shop\nprovider: {{name: aws, runtime: {runtime}}}\n"


def given(bench: Bench, name: str, *files: str) -> None:
    (bench.root / name).parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(bench.root / name, "w") as archive:
        for file in files:
            archive.writestr(file, "x")


def looked_at(bench: Bench, main: str) -> Template:
    """The service as status and diff compile it."""
    bench.write("serverless.yml", main)
    return compile_service(bench.open(), "shop", replace(bench.settings(), sources=False))


@pytest.mark.parametrize(
    ("runtime", "handler", "file"),
    [
        ("nodejs20.x", "src/h.run", "src/h.js"),
        ("nodejs20.x", "src/h.run", "src/h.mjs"),
        ("nodejs20.x", "src/h.run", "src/h.cjs"),
        ("python3.12", "src.h.run", "src/h.py"),
        ("ruby3.3", "h.run", "h.rb"),
        ("java21", "org.example.H::run", "org/example/H.class"),
        ("java21", "org.example.H", "lib/all.jar"),
        ("dotnet8", "Shop::Shop.H::Run", "Shop.dll"),
        ("provided.al2023", "anything", "bootstrap"),
        ("go1.x", "main", "main"),
    ],
)
def test_a_handler_is_looked_for_in_the_package(bench: Bench, runtime: str, handler: str, file: str) -> None:
    function = f"functions: {{f: {{handler: '{handler}', package: {{artifact: dist/f.zip}}}}}}\n"
    given(bench, "dist/f.zip", file)
    assert bench.compile(head(runtime) + function).resources["FLambdaFunction"]
    given(bench, "dist/f.zip", "other.txt")
    error = bench.refused(head(runtime) + function)
    assert "is not in dist/f.zip" in error.what
    assert "functions.f.handler" in error.what


@pytest.mark.parametrize("runtime", ["java21", "provided.al2", "dotnet8"])
def test_sources_of_a_compiled_language_are_no_package(bench: Bench, runtime: str) -> None:
    bench.write("src/Main.txt", "source")
    error = bench.refused(head(runtime) + "functions: {f: {handler: a.B}}\n")
    assert "is not in the package" in error.what
    assert "package.artifact" in error.todo


def test_a_bootstrap_of_the_service_is_a_package(bench: Bench) -> None:
    bench.write("bootstrap", "#!/bin/sh\n")
    assert bench.compile(head("provided.al2023") + "functions: {f: {handler: x}}\n").resources["FLambdaFunction"]


@pytest.mark.parametrize(
    "main",
    [
        "package: {artifact: dist/gone.zip}\nfunctions: {f: {handler: h.run}}\n",
        "functions: {f: {handler: h.run, package: {artifact: dist/gone.zip}}}\n",
        "layers: {common: {package: {artifact: dist/gone.zip}}}\n",
        "layers: {common: {path: dist/gone.zip}}\n",
    ],
    ids=["service", "function", "layer", "directory of a layer"],
)
def test_what_is_not_built_yet_is_said(bench: Bench, main: str) -> None:
    template = looked_at(bench, head("python3.12") + main)
    assert template.not_built == "not built: build it first"
    assert "dist/gone.zip" in template.warnings[0]
    (code,) = [
        item.properties.get("Code") or item.properties.get("Content")
        for item in template.resources.values()
        if item.type in ("AWS::Lambda::Function", "AWS::Lambda::LayerVersion")
    ]
    assert code == {"ArtifactSha256": NOT_BUILT}
    error = bench.refused(head("python3.12") + main)
    assert error.where is not None
    assert "build it first" in error.todo


def test_a_file_that_is_no_zip_is_not_deployed(bench: Bench) -> None:
    bench.write("f.zip", "not one")
    error = bench.refused(head("python3.12") + "functions: {f: {handler: h.run, package: {artifact: f.zip}}}\n")
    assert "f.zip is not a zip" in error.what


def test_a_function_of_its_own_is_not_taken_for_the_service_s_package(bench: Bench) -> None:
    given(bench, "all.zip", "h.py")
    main = "package: {artifact: all.zip}\nfunctions: {f: {handler: gone.run, package: {individually: true}}}\n"
    assert "gone.py does not exist" in bench.refused(head("python3.12") + main).what


def test_a_layer_may_have_what_a_package_lacks(bench: Bench) -> None:
    layers = "layers: ['arn:aws:lambda:eu-west-1:123456789012:layer:runtime:1']"
    template = bench.compile(head("provided.al2023") + f"functions: {{f: {{handler: x, {layers}}}}}\n")
    assert "bootstrap is not in the package: one of its layers must have it" in template.warnings[0]
    assert properties(template, "FLambdaFunction")["Runtime"] == "provided.al2023"

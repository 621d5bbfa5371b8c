"""Handlers in TypeScript are built with the project's own esbuild, where it is installed and trusted."""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from stateroom.config.compiler import compile_service
from stateroom.errors import ConfigError, TrustError
from stateroom.model.resource import NOT_BUILT, Template
from stateroom.model.values import Secret
from stateroom.programs.access import ProgramAccess
from tests.config.bench import Bench, properties
from tests.support.esbuild import EsbuildStandIn, install

pytestmark = pytest.mark.emulator

HEAD = """
service: shop
provider: {name: aws, runtime: nodejs20.x}
"""
PLUGIN = HEAD + "plugins: [serverless-esbuild]\n"
ONE = "functions: {f: {handler: src/h.handler}}\n"


@pytest.fixture
def shop(bench: Bench) -> Bench:
    bench.write("src/h.ts", 'import { greet } from "./greet"\nexport const handler = greet\n')
    bench.write("src/greet.ts", "export const greet = 1\n")
    bench.write("package.json", "{}")
    return bench


@pytest.fixture
def esbuild(shop: Bench) -> EsbuildStandIn:
    return EsbuildStandIn(shop.root)


def contents(template: Template, logical_id: str = "FLambdaFunction") -> dict[str, str]:
    artifact = template.artifacts[properties(template, logical_id)["Code"]["ArtifactSha256"]]
    with zipfile.ZipFile(artifact.path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def custom(text: str) -> str:
    return f"{PLUGIN}custom: {{esbuild: {text}}}\n"


def looked_at(bench: Bench, *, allowed: bool, install: bool = True) -> Template:
    """The service as status and diff compile it."""
    access = ProgramAccess(bench.root, lambda _use: "" if allowed else "`stateroom trust` allows esbuild to run")
    project = bench.open()
    settings = replace(bench.settings(), sources=False, programs=access, install=install)
    return compile_service(project, "shop", settings)


@pytest.mark.parametrize("main", [HEAD, PLUGIN], ids=["version 4", "plugin"])
def test_a_handler_is_built_to_the_file_that_lambda_loads(shop: Bench, esbuild: EsbuildStandIn, main: str) -> None:
    found = contents(shop.compile(main + ONE))
    assert "src/h.js" in found
    assert "greet = 1" in found["src/h.js"], "what it imports is in the bundle"
    assert not any(name.endswith(".ts") for name in found)
    (run,) = esbuild.runs
    assert {"--bundle", "--platform=node", "--target=node20"} <= set(run["arguments"])


def test_an_unchanged_project_starts_nothing(shop: Bench, esbuild: EsbuildStandIn) -> None:
    first = shop.compile(PLUGIN + ONE)
    assert shop.compile(PLUGIN + ONE).artifacts.keys() == first.artifacts.keys()
    (shop.root / "src/greet.ts").touch()
    assert shop.compile(PLUGIN + ONE).artifacts.keys() == first.artifacts.keys()
    assert len(esbuild.runs) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("src/greet.ts", "export const greet = 2\n"),
        ("src/greet.js", "a file beside it, which may be preferred\n"),
        ("tsconfig.json", '{"compilerOptions": {"target": "es5"}}'),
        ("package.json", '{"type": "commonjs"}'),
        ("node_modules/.package-lock.json", "{}"),
    ],
)
def test_what_may_change_the_output_builds_again(shop: Bench, esbuild: EsbuildStandIn, name: str, text: str) -> None:
    shop.compile(PLUGIN + ONE)
    shop.write(name, text)
    shop.compile(PLUGIN + ONE)
    assert len(esbuild.runs) == 2


def test_a_file_that_tsconfig_extends_counts_too(shop: Bench, esbuild: EsbuildStandIn) -> None:
    shop.write("tsconfig.json", '{"extends": ["./base"] /* ours */}')
    shop.write("base.json", "{}")
    shop.compile(PLUGIN + ONE)
    shop.write("base.json", '{"compilerOptions": {}}')
    shop.compile(PLUGIN + ONE)
    assert len(esbuild.runs) == 2


def test_other_options_build_again(shop: Bench, esbuild: EsbuildStandIn) -> None:
    shop.compile(PLUGIN + ONE)
    shop.compile(custom("{minify: true}") + ONE)
    assert "--minify" in esbuild.runs[1]["arguments"]


def test_a_damaged_output_is_built_again(shop: Bench, esbuild: EsbuildStandIn) -> None:
    shop.compile(PLUGIN + ONE)
    (output,) = (shop.root / ".stateroom").rglob("output/src/h.js")
    output.write_text("something else")
    assert contents(shop.compile(PLUGIN + ONE))["src/h.js"] != "something else"
    assert len(esbuild.runs) == 2


def test_another_place_gives_the_same_bytes(shop: Bench, esbuild: EsbuildStandIn, tmp_path: Path) -> None:
    main = custom("{sourcemap: true}") + ONE
    first = shop.compile(main)
    other = Bench(tmp_path / "some" / "where" / "else")
    shutil.copytree(shop.root, other.root, ignore=shutil.ignore_patterns(".stateroom"))
    second = other.compile(main)
    assert second.artifacts.keys() == first.artifacts.keys()
    assert json.loads(contents(second)["src/h.js.map"])["sources"] == ["../../../src/h.ts"]


def test_it_runs_in_the_service_without_secrets(shop: Bench, esbuild: EsbuildStandIn) -> None:
    shop.environment |= {"AWS_SECRET_ACCESS_KEY": "hush", "NODE_OPTIONS": "--require ./evil.js", "HOME": "/home/ana"}
    shop.compile(PLUGIN + ONE)
    (run,) = esbuild.runs
    assert run["cwd"] == str(shop.root.resolve())
    assert not {"AWS_SECRET_ACCESS_KEY", "NODE_OPTIONS"} & set(run["environment"])


def test_without_trust_readers_say_so_and_a_deploy_refuses(shop: Bench, esbuild: EsbuildStandIn) -> None:
    shop.write("serverless.yml", PLUGIN + ONE)
    template = looked_at(shop, allowed=False)
    assert properties(template, "FLambdaFunction")["Code"] == {"ArtifactSha256": NOT_BUILT}
    assert template.not_built == "not built: `stateroom trust` allows esbuild to run"
    assert "src/h.ts is not built yet" in template.warnings[0]
    settings = replace(shop.settings(), programs=ProgramAccess(shop.root))
    with pytest.raises(TrustError, match="esbuild would do"):
        compile_service(shop.open(), "shop", settings)
    assert not esbuild.runs


def test_what_was_built_before_needs_no_trust(shop: Bench, esbuild: EsbuildStandIn) -> None:
    built = shop.compile(PLUGIN + ONE)
    assert looked_at(shop, allowed=False).artifacts.keys() == built.artifacts.keys()
    assert len(esbuild.runs) == 1


def test_trust_is_for_config_lock_file_and_the_program_itself(shop: Bench, esbuild: EsbuildStandIn) -> None:
    shop.write("package-lock.json", "{}")
    shop.write("serverless.yml", PLUGIN + ONE)
    access = ProgramAccess(shop.root)
    template = compile_service(shop.open(), "shop", replace(shop.settings(), sources=False, programs=access))
    assert template.not_built
    ((use, _),) = access.wanted.items()
    assert use.purpose == "build src/h.ts of shop"
    shown = {file.relative_to(shop.root.resolve()).as_posix() for file in use.files}
    own = {"node_modules/esbuild/package.json", "node_modules/esbuild/bin/esbuild"}
    assert shown == {"serverless.yml", "package.json", "package-lock.json", *own}


@pytest.mark.parametrize("main", [HEAD, PLUGIN], ids=["version 4", "plugin"])
def test_without_esbuild_a_deploy_says_what_to_run(shop: Bench, main: str) -> None:
    error = shop.refused(main + ONE)
    assert "src/h.ts needs a build" in error.what
    assert "npm install --save-dev esbuild" in error.todo
    assert "npm install" in looked_at(shop, allowed=True).not_built


def test_esbuild_is_found_further_up(bench: Bench, tmp_path: Path) -> None:
    esbuild = EsbuildStandIn(tmp_path)
    bench.write("src/h.ts", "export const handler = 1\n")
    assert "src/h.js" in contents(bench.compile(HEAD + ONE))
    assert len(esbuild.runs) == 1


def test_functions_share_one_package_and_one_run(shop: Bench, esbuild: EsbuildStandIn) -> None:
    shop.write("src/g.ts", "export const handler = 2\n")
    template = shop.compile(PLUGIN + "functions: {f: {handler: src/h.handler}, g: {handler: ./src/g.handler}}\n")
    assert set(contents(template)) == {"src/h.js", "src/g.js"}
    assert len(template.artifacts) == len(esbuild.runs) == 1


def test_individually_each_has_its_own(shop: Bench, esbuild: EsbuildStandIn) -> None:
    shop.write("src/g.ts", "export const handler = 2\n")
    shop.write("static/page.html", "hi")
    more = "g: {handler: src/g.handler, package: {patterns: [static/**]}}"
    template = shop.compile(
        PLUGIN + f"package: {{individually: true}}\nfunctions: {{f: {{handler: src/h.handler}}, {more}}}\n"
    )
    assert set(contents(template)) == {"src/h.js"}
    assert set(contents(template, "GLambdaFunction")) == {"src/g.js", "static/page.html"}


def test_only_what_patterns_name_is_beside_the_bundles(shop: Bench, esbuild: EsbuildStandIn) -> None:
    shop.write("static/page.html", "hi")
    shop.write("static/draft.html", "hi")
    template = shop.compile(PLUGIN + "package: {patterns: [static/**, '!static/draft.html']}\n" + ONE)
    assert set(contents(template)) == {"src/h.js", "static/page.html"}


def test_what_stays_outside_of_the_bundle_is_packaged_with_all_that_it_needs(
    shop: Bench, esbuild: EsbuildStandIn
) -> None:
    shop.write("src/h.ts", 'import a from "a"\nimport fs from "node:fs"\nexport const handler = a\n')
    install(shop.root, "a", needs={"b": "^1", "c": "^2"})
    install(shop.root, "b", needs={"c": "^1"})
    install(shop.root, "c", version="2.0.0")
    install(shop.root / "node_modules/b", "c", version="1.0.0")
    install(shop.root, "unrelated")
    found = contents(shop.compile(custom("{external: [a]}") + ONE))
    assert {name for name in found if name.endswith("index.js")} == {
        "node_modules/a/index.js",
        "node_modules/b/index.js",
        "node_modules/b/node_modules/c/index.js",
        "node_modules/c/index.js",
    }
    assert "2.0.0" in found["node_modules/c/index.js"]


def test_links_of_a_workspace_are_followed(shop: Bench, esbuild: EsbuildStandIn, tmp_path: Path) -> None:
    shop.write("src/h.ts", 'import a from "a"\nexport const handler = a\n')
    install(tmp_path / "store/a", "a", needs={"b": "1"})
    install(tmp_path / "store/a", "b")
    (shop.root / "node_modules/a").symlink_to(tmp_path / "store/a/node_modules/a")
    found = contents(shop.compile(custom("{external: [a]}") + ONE))
    assert {"node_modules/a/index.js", "node_modules/b/index.js"} <= set(found)


@pytest.mark.parametrize(
    ("source", "options", "said"),
    [
        ('import a from "a"\n', "{external: [a]}", "run npm install a"),
        ('import sdk from "aws-sdk"\n', "{}", "run npm install aws-sdk"),
        ('import sdk from "a"\n', "{exclude: [a]}", "run npm install a"),
        ("export const handler = 1\n", "{format: esm}", "outputFileExtension: .mjs"),
        ('import sdk from "./other"\n', "{bundle: false}", "bundle: true"),
    ],
)
def test_no_package_is_made_that_fails_at_its_first_call(
    shop: Bench, esbuild: EsbuildStandIn, source: str, options: str, said: str
) -> None:
    shop.write("src/h.ts", source)
    shop.write("src/other.ts", "")
    error = shop.refused(custom(options) + ONE)
    assert "first call" in error.why
    assert said in error.todo


def test_what_the_runtime_or_a_layer_has_is_left_out(shop: Bench, esbuild: EsbuildStandIn) -> None:
    shop.write("src/h.ts", 'import s3 from "@aws-sdk/client-s3"\nexport const handler = s3\n')
    assert set(contents(shop.compile(HEAD + ONE))) == {"src/h.js", "src/h.js.map"}
    shop.write("src/h.ts", 'import a from "a"\nexport const handler = a\n')
    layer = "layers: ['arn:aws:lambda:eu-west-1:123456789012:layer:a:1']"
    template = shop.compile(custom("{external: [a]}") + f"functions: {{f: {{handler: src/h.handler, {layer}}}}}\n")
    assert "imports a, which is neither in the package" in template.warnings[0]


def test_a_pattern_for_what_the_runtime_has_packages_nothing(shop: Bench, esbuild: EsbuildStandIn) -> None:
    shop.write("src/h.ts", 'import s3 from "@aws-sdk/client-s3"\nexport const handler = s3\n')
    install(shop.root, "@aws-sdk/client-s3")
    assert set(contents(shop.compile(custom("{external: ['@aws-sdk/*']}") + ONE))) == {"src/h.js"}
    found = contents(shop.compile(custom("{external: ['@aws-sdk/client-s3']}") + ONE))
    assert "node_modules/@aws-sdk/client-s3/index.js" in found


def test_keys_of_a_build_are_known(shop: Bench, esbuild: EsbuildStandIn) -> None:
    assert shop.compile(HEAD + "build: {esbuild: {minify: true}}\n" + ONE).warnings == ()
    assert shop.compile(HEAD + "build: esbuild\n" + ONE).warnings == ()
    keyed = "functions: {f: {handler: src/h.handler, esbuildEntrypoint: src/h.handler, skipEsbuild: false}}\n"
    assert shop.compile(PLUGIN + keyed).warnings == ()


def test_a_package_that_is_required_on_the_way_is_only_a_warning(shop: Bench, esbuild: EsbuildStandIn) -> None:
    shop.write("src/h.ts", 'try { require("pg-native") } catch {}\n')
    assert "pg-native" in shop.compile(custom("{external: [pg-native]}") + ONE).warnings[0]


def test_half_an_installation_is_said(shop: Bench, esbuild: EsbuildStandIn) -> None:
    shop.write("src/h.ts", 'import a from "a"\nexport const handler = a\n')
    install(shop.root, "a", needs={"gone": "1"})
    assert "a requires gone" in shop.refused(custom("{external: [a]}") + ONE).why


def test_modules_get_their_extension(shop: Bench, esbuild: EsbuildStandIn) -> None:
    found = contents(shop.compile(custom("{format: esm, outputFileExtension: .mjs}") + ONE))
    assert set(found) == {"src/h.mjs"}
    assert "--out-extension:.js=.mjs" in esbuild.runs[0]["arguments"]
    error = shop.refused(custom("{format: cjs, outputFileExtension: .mjs}") + ONE)
    assert "no file of that format" in error.what


def test_version_4_makes_modules_of_a_package_of_modules(shop: Bench, esbuild: EsbuildStandIn) -> None:
    shop.write("package.json", '{"type": "module", "devDependencies": {"x": "1"}}')
    found = contents(shop.compile(HEAD + ONE))
    assert json.loads(found["package.json"]) == {"type": "module"}
    assert "--format=esm" in esbuild.runs[0]["arguments"]


def test_version_4_switches_source_maps_on(shop: Bench, esbuild: EsbuildStandIn) -> None:
    def variables(main: str, function: str = ONE) -> object:
        return properties(shop.compile(main + function), "FLambdaFunction").get("Environment")

    assert variables(HEAD) == {"Variables": {"NODE_OPTIONS": "--enable-source-maps"}}
    own = "functions: {f: {handler: src/h.handler, environment: {NODE_OPTIONS: -x}}}\n"
    assert variables(HEAD, own) == {"Variables": {"NODE_OPTIONS": "-x --enable-source-maps"}}
    assert variables(HEAD + "build: {esbuild: {sourcemap: false}}\n") is None
    assert variables(HEAD + "build: {esbuild: {sourcemap: {type: inline, setNodeOptions: false}}}\n") is None
    assert variables(PLUGIN) is None


def test_version_4_leaves_javascript_alone_unless_told(shop: Bench, esbuild: EsbuildStandIn) -> None:
    shop.write("src/h.js", "exports.handler = 1\n")
    assert "src/h.ts" in contents(shop.compile(HEAD + ONE)), "packaged as it is, the .js file counts"
    assert not esbuild.runs
    assert "src/h.ts" not in contents(shop.compile(HEAD + "build: {esbuild: {bundle: true}}\n" + ONE))
    assert len(esbuild.runs) == 1
    assert "src/h.ts" not in contents(shop.compile(HEAD + "build: {esbuild: {}}\n" + ONE))


def test_a_build_that_is_switched_off_leaves_the_handler_missing(shop: Bench, esbuild: EsbuildStandIn) -> None:
    assert "needs a build" in shop.refused(HEAD + "build: {esbuild: false}\n" + ONE).what
    skipped = "functions: {f: {handler: src/h.handler, skipEsbuild: true}}\n"
    assert "needs a build" in shop.refused(PLUGIN + skipped).what
    assert not esbuild.runs


@pytest.mark.parametrize(
    ("key", "value"),
    [("plugins", "./plugins.js"), ("config", "./esbuild.config.js"), ("packagerOptions", "{scripts: [x]}")],
)
def test_options_that_are_programs_are_refused(shop: Bench, esbuild: EsbuildStandIn, key: str, value: str) -> None:
    error = shop.refused(custom(f"{{{key}: {value}}}") + ONE)
    assert f"custom.esbuild.{key}" in error.what
    assert not esbuild.runs


def test_an_option_that_esbuild_does_not_have_is_named(shop: Bench, esbuild: EsbuildStandIn) -> None:
    error = shop.refused(custom("{minfy: true}") + ONE)
    assert "custom.esbuild.minfy" in error.what
    assert "minify" in error.todo


def test_options_reach_esbuild_as_it_names_them(shop: Bench, esbuild: EsbuildStandIn) -> None:
    options = """{sourcemap: inline, keepNames: true, treeShaking: false, target: [node18, es2020], minifySyntax: true,
        define: {'process.env.A': '"b"', FLAG: true}, loader: {.html: text}, banner: {js: '// hi'}, inject: [a.ts],
        mainFields: [module, main], tsconfig: tsconfig.json, drop: [console], concurrency: 2, packager: pnpm,
        jsxFactory: h, logLevel: debug}"""
    shop.compile(custom(options) + ONE)
    (run,) = esbuild.runs
    assert {
        *("--sourcemap=inline", "--keep-names", "--tree-shaking=false", "--target=node18,es2020", "--minify-syntax"),
        *('--define:process.env.A="b"', "--define:FLAG=true", "--loader:.html=text", "--banner:js=// hi"),
        *("--inject:a.ts", "--main-fields=module,main", "--tsconfig=tsconfig.json", "--drop:console"),
        *("--jsx-factory=h", "--external:aws-sdk", "--log-level=error"),
    } <= set(run["arguments"])
    assert not [text for text in run["arguments"] if "concurrency" in text or "packager" in text or "debug" in text]


def test_a_secret_becomes_no_part_of_the_code(shop: Bench, esbuild: EsbuildStandIn) -> None:
    from stateroom.config.packaging.bundling.options import OptionError, arguments

    with pytest.raises(OptionError, match="secret"):
        arguments({"define": {"KEY": Secret("hush")}})


def test_an_error_has_the_file_and_the_line(shop: Bench, esbuild: EsbuildStandIn) -> None:
    shop.write("src/greet.ts", "a\nb\nSYNTAX ERROR\n")
    error = shop.refused(PLUGIN + ONE)
    assert error.why == 'Expected ";" but found "ERROR"'
    assert error.where is not None
    assert (error.where.file.name, error.where.line) == ("greet.ts", 3)


@pytest.mark.parametrize("plugin", ["serverless-webpack", "serverless-bundle", "serverless-plugin-typescript"])
def test_other_bundlers_are_served_where_esbuild_is_installed(shop: Bench, plugin: str) -> None:
    shop.write("src/j.js", "exports.handler = 1\n")
    both = HEAD + f"plugins: [{plugin}]\nfunctions: {{f: {{handler: src/h.handler}}, j: {{handler: src/j.handler}}}}\n"
    assert "src/h.ts needs a build" in shop.refused(both).what
    esbuild = EsbuildStandIn(shop.root)
    template = shop.compile(both)
    assert set(contents(template)) == {"src/h.js", "src/j.js"}
    assert len(esbuild.runs) == 1
    assert any(plugin in warning for warning in template.warnings)


def test_javascript_of_other_bundlers_is_packaged_as_it_is_without_esbuild(shop: Bench) -> None:
    shop.write("src/h.js", "exports.handler = 1\n")
    (shop.root / "src/h.ts").unlink()
    template = shop.compile(HEAD + "plugins: [serverless-webpack]\n" + ONE)
    assert "src/greet.ts" in contents(template)
    assert "serverless-webpack" in template.warnings[0]


def test_a_package_of_the_user_comes_before_a_build(shop: Bench, esbuild: EsbuildStandIn) -> None:
    with zipfile.ZipFile(shop.root / "mine.zip", "w") as archive:
        archive.writestr("src/h.js", "exports.handler = 1")
    template = shop.compile(PLUGIN + "package: {artifact: mine.zip}\n" + ONE)
    assert set(contents(template)) == {"src/h.js"}
    assert not esbuild.runs


def test_builds_are_errors_only(shop: Bench) -> None:
    """A program that ends badly without a word says at least its last line."""
    esbuild = EsbuildStandIn(shop.root)
    esbuild.program.write_text("#!/bin/sh\necho env: node: not found >&2\nexit 127\n")
    with pytest.raises(ConfigError) as caught:
        shop.compile(PLUGIN + ONE)
    assert "install node" in caught.value.todo

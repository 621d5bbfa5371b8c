"""`${…}`: what each source answers, fallbacks, nesting, and errors that say where."""

from __future__ import annotations

import pytest

from stateroom.model.values import Value
from tests.config.bench import HEAD, Bench, properties

CUSTOM = """
custom:
  n: 5
  flag: false
  empty: ''
  nothing: null
  base: name
  name: BASE
  list: [a, b]
  map: {x: 1}
  chain: ${self:custom.name}
"""


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("${self:custom.n}", 5),
        ("a-${self:custom.n}-b", "a-5-b"),
        ("x${self:custom.flag}", "xfalse"),
        ("x-${self:custom.list}", "x-a,b"),
        ("${self:custom.list.1}", "b"),
        ("${self:custom.list[0]}", "a"),
        ("${self:custom.map}", {"x": 1}),
        ("${self:custom.flag, 1}", False),
        ("${self:custom.empty, 'd'}", ""),
        ("${self:custom.chain}", "BASE"),
        ("${self:custom.${self:custom.base}}", "BASE"),
        ('${self:custom.${self:custom.nokey, "base"}}', "name"),
        ("${self:custom.map.${self:custom.empty}, 'd'}", "d"),
        ("${self:service}", "shop"),
        ("${env:NOPE, 5}", 5),
        ("${env:NOPE, true}", True),
        ("${env:NOPE, 'a, b'}", "a, b"),
        ("${env:NOPE, opt:nope, 'last'}", "last"),
        ("${env:NOPE, ${self:custom.name}}", "BASE"),
        ("${env:EMPTY, 'd'}", ""),
        ("${env:HERE}", "there"),
        ("${opt:color}", "red"),
        ("${opt:stage, self:provider.stage}", "dev"),
        ("${sls:stage}", "dev"),
        ("${param:given}", "P"),
        ("${strToBool(${self:custom.n, 'x'}), 'no'}", None),
        ("${strToBool('true')}", True),
        ("${file(nope.yml), 'x'}", "x"),
        ("${file(data.yml):a.b.1.c}", "deep"),
        ("${file(./data.yml):own}", "BASE"),
        ("${file(data.json):k}", [1, 2]),
        ("${file(note.txt)}", "hello\n"),
        ("${file(data.${sls:stage}.yml):k, 'none'}", "none"),
        ("${file(data.tfstate):outputs.0}", "q"),
        ("${env:NOPE, 'of ${self:custom.name}'}", "of BASE"),
        ("${env:NOPE, '${self:custom.map}'}", {"x": 1}),
        ("${env:NOPE, '{a}, }'}", "{a}, }"),
        ("${env:NOPE, 007}", 7),
        ("${env:NOPE, 2.0}-${env:NOPE, 0.000001}", "2-0.000001"),
        ("\\${self:custom.name}-\\\\${self:custom.name}", "${self:custom.name}-\\BASE"),
        ("${${self:custom.name}.Arn}", "${BASE.Arn}"),
        ("echo ${HOME:-${self:custom.n}} ${#list[@]}", "echo ${HOME:-5} ${#list[@]}"),
        ("${:} ${$x} $.a States.Format('{}', $.x)", "${:} ${$x} $.a States.Format('{}', $.x)"),
        ("${AWS::Region}", "${AWS::Region}"),
        ("${Queue.Arn}", "${Queue.Arn}"),
        ("${aws:accountId}", {"Ref": "AWS::AccountId"}),
        ("${aws:region}", "us-east-1"),
        ("a-${aws:accountId}-b", {"Fn::Join": ["", ["a-", {"Ref": "AWS::AccountId"}, "-b"]]}),
    ],
)
def test_an_expression_comes_to(bench: Bench, expression: str, value: Value) -> None:
    bench.environment = {"EMPTY": "", "HERE": "there"}
    bench.options = {"color": "red"}
    bench.params = {"given": "P"}
    bench.write("data.yml", "a: {b: [0, {c: deep}]}\nown: ${self:custom.name}\n")
    bench.write("data.json", '{"k": [1, 2]}')
    bench.write("data.tfstate", '{"outputs": ["q"]}')
    bench.write("note.txt", "hello\n")
    if value is None:
        bench.write("serverless.yml", f'{HEAD}{CUSTOM}resources: {{Outputs: {{it: {{Value: "{expression}"}}}}}}')
        assert "neither true nor false" in bench.refused().what
        return
    result = bench.custom(expression, CUSTOM)
    assert (result, type(result)) == (value, type(value))


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("${env:NOPE}", "has no value"),
        ("${self:custom.nothing}", "has no value"),
        ("${env:NOPE, dev}", "neither source:address nor a quoted text"),
        ("${foo:bar}", "unknown variable source foo"),
        ("${evn:BAR}", "unknown variable source evn"),
        ("${vault:a/b}", "the variable source vault needs Vault"),
        ("x-${self:custom.map}", "puts a map into a string"),
        ("${self:custom.loop}", "refers to itself"),
        ("${file(code.js)}", "is a program"),
        ("${file(broken.yml):a}", "not valid YAML"),
        ("${env:A", "is not closed"),
    ],
)
def test_an_expression_that_cannot_be_right_says_where(bench: Bench, expression: str, says: str) -> None:
    bench.write("code.js", "")
    bench.write("broken.yml", "a: [")
    text = f"{HEAD}\nresources:\n  Outputs:\n    it:\n      Value: {expression!r}\n{CUSTOM}"
    error = bench.refused(
        text.replace("  n: 5\n", "  n: 5\n  loop: ${self:custom.loop2}\n  loop2: ${self:custom.loop}\n")
    )
    assert says in error.what
    assert error.where is not None
    assert error.where.line > 1 or error.where.file.name == "broken.yml"


def test_a_cycle_names_its_places(bench: Bench) -> None:
    error = bench.refused(f"{HEAD}\ncustom:\n  a: ${{self:custom.b}}\n  b: x-${{self:custom.a}}\n")
    assert error.why == "custom.a → custom.b → custom.a"


def test_variables_that_double_without_end_are_refused(bench: Bench) -> None:
    lines = ["  a0: xxxxxxxxxx"] + [f"  a{n}: ${{self:custom.a{n - 1}}}${{self:custom.a{n - 1}}}" for n in range(1, 60)]
    assert "without end" in bench.refused(HEAD + "custom:\n" + "\n".join(lines)).what


def test_lists_that_double_without_end_are_refused(bench: Bench) -> None:
    lines = ["  a0: [x]"] + [
        f"  a{n}: ['${{self:custom.a{n - 1}}}', '${{self:custom.a{n - 1}}}']" for n in range(1, 40)
    ]
    assert "multiply without end" in bench.refused(HEAD + "custom:\n" + "\n".join(lines)).what


def test_an_error_inside_an_included_file_names_that_file(bench: Bench) -> None:
    bench.write("functions.yml", "create:\n  handler: app.create\n  timeot: 3\n")
    error = bench.refused(f"{HEAD}functions: ${{file(functions.yml)}}")
    assert error.where is not None
    assert (error.where.file.name, error.where.line) == ("functions.yml", 3)
    assert "functions.create.timeot" in error.what
    assert "timeout" in error.todo


def test_env_files_complete_the_environment(bench: Bench) -> None:
    bench.environment = {"REAL": "real"}
    bench.write(".env", "REAL=file\nBOTH=plain\nQUOTED=\"a b\\n\" # note\nexport SINGLE='x$y'\nBARE = v # note\n")
    bench.write(".env.dev", "BOTH=stage\n")
    value = bench.custom('"${env:REAL}|${env:BOTH}|${env:QUOTED}|${env:SINGLE}|${env:BARE}"')
    assert value == "real|stage|a b\n|x$y|v"


def test_env_files_can_be_switched_off(bench: Bench) -> None:
    bench.write(".env", "A=1\n")
    assert bench.custom("${env:A, 'none'}", "useDotenv: false") == "none"


def test_parameters_are_the_stages_own_before_the_defaults(bench: Bench) -> None:
    params = """
    params:
      default: {a: default-a, b: default-b, c: default-c}
      dev: {a: dev-a}
      prod: {a: "${env:ONLY_IN_PROD}"}
    """
    bench.params = {"c": "given-c"}
    assert bench.custom('"${param:a} ${param:b} ${param:c}"', params) == "dev-a default-b given-c"


def test_the_stage_is_the_callers_then_the_options_then_the_documents(bench: Bench) -> None:
    text = HEAD.replace("name: aws", "name: aws, stage: \"${opt:stage, 'staging'}\"") + "resources: {}\n"
    assert bench.compile(text).stage == "staging"
    assert bench.compile(text, stage="prod").stage == "prod"
    bench.options = {"stage": "qa"}
    assert bench.compile(text).stage == "qa"


def test_a_variable_inside_fn_sub_that_only_the_cloud_knows_becomes_its_variable(bench: Bench) -> None:
    value = bench.custom("!Sub 'arn-${AWS::Region}-${aws:accountId}'")
    assert value == {"Fn::Sub": ["arn-${AWS::Region}-${Value1}", {"Value1": {"Ref": "AWS::AccountId"}}]}


def test_values_keep_their_type_on_the_way_into_properties(bench: Bench) -> None:
    template = bench.compile(
        HEAD + "custom: {size: 512}\nfunctions: {create: {handler: app.create, memorySize: '${self:custom.size}'}}"
    )
    assert properties(template, "CreateLambdaFunction")["MemorySize"] == 512


@pytest.mark.parametrize(("block", "kind"), [("[{default: {x: 1}}]", "a list"), ("text", "not a map")])
@pytest.mark.parametrize("key", ["params", "stages"])
def test_parameters_that_are_no_map_of_stages_are_named_with_their_line(
    bench: Bench, key: str, block: str, kind: str
) -> None:
    """A list of them would be read by nobody (case `report-sls-11349`)."""
    text = f"{HEAD}\n{key}: {block}\nresources: {{Outputs: {{it: {{Value: '${{param:x}}'}}}}}}\n"
    error = bench.refused(text)
    assert error.what == f"{key}: it is {kind}, and must be a map of stages"
    assert error.where is not None
    assert error.where.line == 5
    assert "{default: {x: …}}" in error.todo

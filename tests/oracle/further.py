"""Further expressions for the variable oracle: numbers, texts, files, and what looks like a variable and is none."""

from __future__ import annotations

VALUES = r"""
${self:custom.big}
${self:custom.negative}
${self:custom.exponent}
${self:custom.whole}
${self:custom.small}
${self:custom.hex}
${self:custom.octal}
${self:custom.zeros}
${self:custom.underscored}
${self:custom.dotted}
${self:custom.version}
${self:custom.unicode}
${self:custom.lines}
${self:custom.folded}
${self:custom.spaces}
${self:custom.escaped}
${self:custom.backslash}
${self:custom.percent}
${self:custom.hash}
${self:custom.braces}
${self:custom.dollar}
${self:custom.template}
${self:custom.deep.a.b.c.d.0.e}
${self:custom.deep.a.b.c.d.1.1.0}
${self:custom.deep.a.b}
${self:custom.keyed.a-b}
${self:custom.keyed.a_b}
${self:custom.keyed.1}
${self:custom.keyed.ä}
${self:custom.keyed.a b}
${self:custom.keyed.a.b, 'no'}
${self:custom.map.${self:custom.empty}, 'no'}
${self:custom.ofvars}
${self:custom.ofvars.list}
${self:custom.ofvars.list.1}
${self:custom.ofvars.inner.y}
${self:custom.sub}
${self:custom.join}
${self:custom.tagged}
${self:custom.path}
${self:custom.context}
${self:custom.format}
${self:custom.jsonata}
${self:custom.velocity}
${self:custom.shell}
${self:custom.mustache}
${self:custom.emptymap}
${self:custom.emptylist}
${self:custom.alias}
${self:custom.merged}
${self:custom.nullish, 'was null'}
${self:custom.nulltext}
${self:custom.truetext}
${self:custom.numbertext}
${self:custom.ref1}
${self:custom.ref2.y.z}
${self:custom.ref3.b.2.c}
${self:custom.${self:custom.parts.one}.${self:custom.parts.two}}
${self:custom.${self:custom.stagekey}.${sls:stage}}
x-${self:custom.big}-${self:custom.negative}
x-${self:custom.exponent}
x-${self:custom.whole}
x-${self:custom.small}
x-${self:custom.hex}
${self:custom.unicode}-${self:custom.unicode}
a ${self:custom.lines} b
${self:custom.folded}/${self:custom.text}
${self:custom.spaces}.
${self:custom.nokey, 2.0}
${self:custom.nokey, 1e3}
${self:custom.nokey, 007}
${self:custom.nokey, "tab\tx"}
${self:custom.nokey, 'a\tb'}
${self:custom.nokey, 'grün'}
${self:custom.nokey, "it's"}
${self:custom.nokey, 'say "x"'}
${self:custom.nokey, 'a:b'}
${self:custom.nokey, 'a.b/c(d)'}
${self:custom.nokey, '${self:custom.text}'}
${self:custom.nokey, "${self:custom.text}"}
${self:custom.nokey, ''}${self:custom.text}
${self:custom.nokey, '}'}
${self:custom.nokey, '{x}'}
${self:custom.nokey, "a\"b"}
${self:custom.nokey, self:custom.nokey2, env:NOPE, opt:nope, 5}
${self:custom.nokey,self:custom.text}
${self:custom.nokey , self:custom.text}
${self:custom.nokey, self:custom.map}
${self:custom.nokey, self:custom.emptymap}
${self:custom.nokey, file(files/data.yml):whole}
${self:custom.nokey, file(files/data.yml):nope, 'none'}
${self:custom.nokey, param:colour}
${self:custom.nokey, sls:stage}
${self:custom.nokey, strToBool('true')}
${self:custom.nokey, "multi word"}
${env:HERE}-${env:NUMBER}
${env:NUMBER, 5}
${env:JSON, 'x'}
${env:NOPE, ""}
${env:NOPE, '  '}
${env:HERE, self:custom.nokey}
${env:here, 'lower'}
${env:FROM_FILE}-${env:SINGLE}
${env}
${opt}
${opt:aws-profile, 'none'}
${opt:verbose, false}
${opt:nope, self:custom.list}
${opt:nope, 3}
${opt:nope, true}
${opt:nope, null}
${sls:stage, 'x'}
${param:colour}-${param:size}
${param:flag}-x
${param:list.0, 'no'}
${param:deep}/${param:only}
${param:none, 'fallback'}
${file(files/more.yml):n}
${file(files/more.yml):f}
${file(files/more.yml):b}
${file(files/more.yml):z, 'null'}
${file(files/more.yml):list}
${file(files/more.yml):list.0.k}
${file(files/more.yml):list.1}
${file(files/more.yml):lines}
${file(files/more.yml):stage.${sls:stage}}
${file(files/more.yml):stage.${opt:stage, 'prod'}}
${file(files/more.yml):self}
${file(files/more.yml):sub}
${file(files/more.yml):chained}
${file(files/more.yml):opt}
${file(files/more.yml):env}
${file(files/more.yml):1}
${file(files/more.yml):a.b, 'no'}
${file(files/more.yml)}
${file(files/chain.yml)}
${file(files/chain.yml):whole.z.1}
${file(files/unicode.yml):ключ}
${file(files/unicode.yml):emoji}
${file(files/table.json):a.b}
${file(files/table.json):a.b.1}
${file(files/table.json):a.b.2}
${file(files/table.json):a.b.3, 'null'}
${file(files/table.json):a.b.9, 'gone'}
${file(files/table.json):empty}
${file(files/array.json):0}
${file(files/array.json):1.x}
${file(files/array.json)}
${file(files/terraform.tfstate):outputs.q.value}
${file(files/terraform.tfstate):outputs.l.value.1}
${file(files/terraform.tfstate)}
${file(files/scalar.yml)}
${file(files/number.yml)}
${file(files/true.yml)}
${file(files/two words.yml):x}
${file(files/dotted.name.yml):x}
${file(files/sub/inner.yml):x}
${file(files/sub/inner.yml):y}
${file(files/sub/../other.yml):value}
${file(./files/./other.yml):value}
${file(files/lines.txt)}
${file(files/script.sh)}
${file(files/yaml.yaml):x}
${file(files/comment.yml), 'empty'}
${file(files/upper.YML), 'x'}
${file('files/other.yml'):value, 'quoted'}
${file("files/other.yml"):value, 'quoted'}
${file(files/other.yml):}
${file(files/other.yml):value.x, 'deeper'}
${file(files/data.yml):a.b.2.c}-${file(files/data.yml):stage}
${file(${self:custom.nokey, 'files/other.yml'}):value}
${file(files/${self:custom.nokey, 'other'}.yml):${self:custom.nokey, 'value'}}
${self}
${self:custom.list.-1, 'no'}
${self:custom/text, 'no'}
${self:custom.constructor, 'no'}
${self:custom.map.toString, 'no'}
${self:custom.__proto__, 'no'}
${self:provider}
${self:provider.name}-${self:service}
${self:provider.runtime}
${self:provider.nope, 'no'}
${self:functions, 'no'}
${self:resources, 'no'}
${self:params.dev.colour, 'no'}
${self:frameworkVersion}
${self:custom.yes}${self:custom.no}
${self:custom.zero}-${self:custom.empty, 'e'}-
${strToBool(true)}
${strToBool('True')}
${strToBool(1)}
${strToBool(${self:custom.truetext})}
x-${strToBool('true')}
${AWS::StackName}
${AWS::Partition}:${self:custom.n}
${Thing.Arn}-${AWS::Region}
${stageVariables.x}
${context.requestId}
${!Literal}
${!self:custom.text}
${Thing}${self:custom.text}
${aws:region}
${x}
${x.y}
${x-y}
${x_y}
${X}
${1}
${}
${ }
${:}
${.}
${$.a}
${$x}
${{x}}
\${self:custom.text}
self:custom.text}
${self:custom.text}}
{${self:custom.text}}
{{${self:custom.text}}}
${${self:custom.text}}
#{AWS::Region}-${self:custom.text}
$.a.${self:custom.text}
$$.Execution.Id
States.Format('{}', $.x)
{% $states.input.${self:custom.text} %}
#set($x = ${self:custom.n}) ${x} $input.path('$.a')
echo ${HOME} ${self:custom.text} $PATH
echo ${HOME:-none}
echo ${#list[@]} ${var%%.*}
echo ${VAR:+x}
http://${self:custom.text}:${self:custom.n}/${AWS::Region}?x=${env:NUMBER}
arn:aws:sns:${self:provider.region}:${AWS::AccountId}:t-${sls:stage}
${self:custom.text},${self:custom.n}
(${self:custom.text})
"${self:custom.text}"
'${self:custom.text}'
${self:custom.text}${AWS::Region}${self:custom.text}
${self:custom.n}${self:custom.n}
${self: custom.text}
${SELF:custom.text}
""".strip().splitlines()

REFUSED = r"""
${self:custom.nokey, x-${self:custom.text}}
${self:custom.nokey, {}}
${self:custom.nokey, [1, 2]}
${self:custom.nokey, {"a": 1}}
${self:custom.nokey,}
${self:custom.text,}
${env:}
${opt:region}
${sls:}
${param:}
${file(files/list2.yml)}
${file(files/list2.yml):1.1}
${file(files/list2.yml):2.x}
${file(), 'nothing'}
${file:files/other.yml, 'x'}
${self:}
${self:custom}x
${strToBool('yes'), 'no'}
${strToBool()}
${strToBool('')}
${strToBool(${env:NUMBER}), 'no'}
${aws:username}
${aws:PrincipalTag/x}
${transfer:UserName}
${saml:aud}
${x:y}
${self:custom.text
${self:custom.${self:custom.base
${self:custom.text | upper}
${self:custom.text + 'x'}
${git:branch, 'nogit'}
${git:sha1, 'nogit'}
${ssm:/x, 'f'}
${cf:stack.Out, 'f'}
${s3:bucket/key, 'f'}
${output:x.y, 'f'}
${terraform:x, 'f'}
""".strip().splitlines()

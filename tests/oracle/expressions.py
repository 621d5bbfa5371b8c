"""Expressions for the variable oracle: what the framework makes of them is the measure, errors included."""

from __future__ import annotations

ENVIRONMENT = {"HERE": "there", "EMPTY": "", "NUMBER": "7", "NAME": "text", "STAGE": "dev", "JSON": '{"a": 1}'}

VALUES = """
${self:custom.text}
${self:custom.n}
${self:custom.float}
${self:custom.zero}
${self:custom.yes}
${self:custom.no}
${self:custom.empty}
${self:custom.list}
${self:custom.list.0}
${self:custom.list.2}
${self:custom.maps.1.name}
${self:custom.map}
${self:custom.map.x}
${self:custom.map.y.z}
${self:custom.chain}
${self:custom.date}
${self:custom.quoted}
${self:custom.comma}
${self:custom.json}
${self:service}
${self:provider.stage}
${self:provider.region}
${self:provider.memorySize}
${self:custom.region}
${self:custom.${self:custom.base}}
${self:custom.${sls:stage}.kind}
${self:custom.stages.${sls:stage}}
${self:custom.stages.${opt:stage, 'prod'}}
${self:custom.stages.nope, 'other'}
${self:custom.${self:custom.nokey, 'base'}}
${self:custom.${env:NAME}}
${self:custom.nokey, self:custom.text}
${self:custom.nokey, self:custom.nokey2, 'end'}
${self:custom.nokey, null}
${self:custom.nokey, ''}
${self:custom.nothing, 'x'}
${self:custom.empty, 'x'}
${self:custom.zero, 'x'}
${self:custom.no, 'x'}
${self:custom.list.9, 'none'}
a-${self:custom.text}-b
a-${self:custom.n}-b
a-${self:custom.float}
a-${self:custom.yes}-${self:custom.no}
${self:custom.text}${self:custom.n}
${self:custom.text}/${self:custom.list.0}/${sls:stage}
a-${self:custom.empty}-b
${self:custom.list}-x
${env:HERE}
${env:EMPTY}
${env:EMPTY, 'x'}
${env:NUMBER}
${env:JSON}
${env:NOPE, 5}
${env:NOPE, 1.5}
${env:NOPE, -3}
${env:NOPE, true}
${env:NOPE, false}
${env:NOPE, null}
${env:NOPE, 'x'}
${env:NOPE, "x"}
${env:NOPE, ''}
${env:NOPE, 'it is'}
${env:NOPE, 'a, b'}
${env:NOPE, "a, b"}
${env:NOPE, "it's"}
${env:NOPE, env:HERE}
${env:NOPE, env:NOPE2, env:HERE}
${env:NOPE, self:custom.list}
${env:NOPE, opt:nope, 'last'}
${env:FROM_FILE}
${env:FROM_STAGE}
${env:QUOTED}
${env:SINGLE}
${env:COMMENTED}
${env:EXPORTED}
${env:EMPTY_IN_FILE, 'x'}
${env:${self:custom.nokey, 'HERE'}}
${opt:stage, 'none'}
${opt:stage, self:provider.stage}
${opt:region, 'none'}
${opt:nope, self:custom.text}
${sls:stage}
x-${sls:stage}-y
${param:colour}
${param:size}
${param:only}
${param:flag}
${param:deep}
${param:list}
${param:nope, 'x'}
${param:colour, 'x'}
a-${param:size}-b
${file(files/data.yml):a.b.2.c}
${file(./files/data.yml):own}
${file(files/data.yml):stage}
${file(files/data.yml):whole}
${file(files/data.yml):ref}
${file(files/data.yml):other}
${file(files/data.yml):nope, 'x'}
${file(files/data.yml):none, 'x'}
${file(files/data.json):k.1.x}
${file(files/data.json):text}
${file(files/data.json)}
${file(files/list.yml)}
${file(files/list.yml):1}
${file(files/note.txt)}
${file(files/nope.yml), 'x'}
${file(files/nope.yml):a, 'x'}
${file(files/${sls:stage}.yml):kind}
${file(files/${opt:stage, 'dev'}.yml):kind}
${file(files/nope.yml), file(files/list.yml)}
${strToBool('true')}
${strToBool('false')}
${strToBool('1')}
${strToBool('0')}
${strToBool('TRUE')}
${strToBool(${self:custom.yes})}
${strToBool(${env:NOPE, 'false'})}
${strToBool(${self:custom.zero})}
${AWS::Region}
${AWS::AccountId}
${Thing}
${Thing.Arn}
a-${AWS::Region}-${self:custom.text}
${Thing.Arn}/${sls:stage}
$ {self:custom.text}
$self:custom.text
{self:custom.text}
${self:custom.text }
${self:custom.nokey,'x'}
${self:custom.nokey ,  'x'}
""".strip().splitlines()

REFUSED = """
${env:NOPE}
${self:custom.nokey}
${self:custom.nothing}
${self:custom.missing}
${self:custom.loop}
${self:custom.itself}
${self:custom.map.y.nope}
${opt:nope}
${param:nope}
${param:none}
${file(files/nope.yml)}
${file(files/data.yml):nope}
${env:NOPE, dev}
${env:NOPE, env:NOPE2}
${env:NOPE, 'x}
${foo:bar}
${foo(bar)}
${evn:HERE}
${strToBool('yes')}
${strToBool('2')}
${sls:nope}
${aws:nope}
a-${self:custom.map}-b
${self:custom.${self:custom.nokey}}
${file(files/data.yml):a.b.${self:custom.nokey}}
${self:custom.nothing}-x
""".strip().splitlines()

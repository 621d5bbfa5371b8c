"""Velocity request templates of a method with `integration: lambda`.

Their text is part of what the framework promises to functions, so it is copied to the letter (source:
`api-gateway/lib/method/integration.js` of the Serverless Framework, MIT); people's own templates (`request.template`)
replace them by content type.
"""

from __future__ import annotations

from typing import Final

# Where the event's maps come from, in the order in which the event has them.
_MAPS: Final = (
    ("enhancedAuthContext", "$context.authorizer"),
    ("headers", "$input.params().header"),
    ("query", "$input.params().querystring"),
    ("path", "$input.params().path"),
    ("identity", "$context.identity"),
    ("stageVariables", "$stageVariables"),
)
# A map as JSON. Apostrophes must not be escaped in JSON, which escapeJavaScript does.
_LOOP: Final = r"""
  #define( $loop )
    {
    #foreach($key in $map.keySet())
        #set( $k = $util.escapeJavaScript($key) )
        #set( $v = $util.escapeJavaScript($map.get($key)).replaceAll("\\'", "'") )
        "$k":
          "$v"
          #if( $foreach.hasNext ) , #end
    #end
    }
  #end
"""
_FORM: Final = r"""
    #define( $body )
      {
      #foreach( $token in $input.path('$').split('&') )
        #set( $keyVal = $token.split('=') )
        #set( $keyValSize = $keyVal.size() )
        #if( $keyValSize >= 1 )
          #set( $key = $util.escapeJavaScript($util.urlDecode($keyVal[0])) )
          #if( $keyValSize >= 2 )
            #set($val = $util.escapeJavaScript($util.urlDecode($keyVal[1])).replaceAll("\\'","'"))
          #else
            #set( $val = '' )
          #end
          "$key": "$val"#if($foreach.hasNext),#end
        #end
      #end
      }
    #end
"""
_JSON: Final = """
    #set( $body = $input.json("$") )
"""


def request_templates(claims: tuple[object, ...]) -> dict[str, str]:
    """Return a template for each content type. `claims` are the user pool claims other than `sub`."""
    event = _event(claims)
    return {
        "application/json": f"{_JSON}\n    {event}\n  ",
        "application/x-www-form-urlencoded": f"{_FORM}\n    {event}\n  ",
    }


def _event(claims: tuple[object, ...]) -> str:
    maps = "".join(f'\n    #set( $map = {source} )\n    "{name}": $loop,\n' for name, source in _MAPS)
    return f"""{_LOOP}
  {{
    "body": $body,
    "method": "$context.httpMethod",
    "principalId": "$context.authorizer.principalId",
    "stage": "$context.stage",

    "cognitoPoolClaims" : {{
       {"".join(f"{_claim(str(claim))}," for claim in claims)}
       "sub": "$context.authorizer.claims.sub"
    }},
{maps}
    "requestPath": "$context.resourcePath"
  }}
"""


def _claim(claim: str) -> str:
    """Name a claim's key: `custom:team` is `team`."""
    prefix, colon, name = claim.partition(":")
    if colon:
        return f'"{name}": "$context.authorizer.claims[\'{claim}\']"'
    return f'"{prefix}": "$context.authorizer.claims.{prefix}"'

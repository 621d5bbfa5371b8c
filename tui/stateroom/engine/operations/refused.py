"""Plan of a service whose config cannot be compiled: refused, so that the plans of the others are there to be read."""

from __future__ import annotations

from stateroom.errors import ConfigError
from stateroom.model.plan import Action, ServicePlan, Step
from stateroom.model.problems.problem import Problem


def refused_service(service: str, stage: str, error: ConfigError) -> ServicePlan:
    """Return the plan with the error, its file and line; nothing of the whole plan runs then."""
    what = "; ".join(filter(None, (error.what, error.why)))
    ways = "; ".join(filter(None, (error.todo, "or leave this service out: --service names the others")))
    file = error.where.file.name if error.where else "config"
    problem = Problem(what, ways, where=error.where)
    place = f"{error.where}: " if error.where else ""
    step = Step(
        f"{service}/{file}", service, file, "config", Action.REFUSE, reason=f"{place}{what}", problems=(problem,)
    )
    return ServicePlan(service, (step,), stage=stage)

"""What other rooms may use of insights."""

from __future__ import annotations

from .models import Insight, InsightState, Rule
from .queries import live_insights
from .rule_actions import activate, draft_rule

__all__ = ["Insight", "InsightState", "Rule", "activate", "draft_rule", "live_insights"]

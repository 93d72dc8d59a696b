"""Schedules side by side on the same rats."""

from eaesim.analysis.schedule.comparison import run_schedules, schedule
from eaesim.analysis.schedule.plan import SchedulePlan, plan_schedules
from eaesim.analysis.schedule.result import Schedules

__all__ = ["SchedulePlan", "Schedules", "plan_schedules", "run_schedules", "schedule"]

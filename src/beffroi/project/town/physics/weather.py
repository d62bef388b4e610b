"""Weather of the middle Loire valley: seasons, days, depressions, rain, wind, river, sun."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from beffroi.project.town.physics.chance import Floats, Seconds, smooth
from beffroi.project.town.physics.disturbances import HEAT, Disturbance, active
from beffroi.project.town.physics.rhythm import DAY, HOUR

MEAN_TEMPERATURE = 12.3
SEASONAL_SWING = 7.8
YEAR = 365.2425 * DAY
COLDEST_DAY = 18.0  # days after 1 January
OUTSIDE = "weather"


@dataclass(frozen=True)
class Weather:
    """One value per instant."""

    temperature: Floats  # °C
    humidity: Floats  # %
    rain: Floats  # mm/h
    wind: Floats  # m/s
    river: Floats  # m, on the town's gauge


def seasonal_temperature(seconds: Seconds) -> Floats:
    """Mean temperature of the season, °C."""
    phase = 2.0 * np.pi * (np.asarray(seconds) / YEAR - COLDEST_DAY / 365.2425)
    return np.asarray(MEAN_TEMPERATURE - SEASONAL_SWING * np.cos(phase))


def weather(seconds: Seconds, seed: int, disturbances: Iterable[Disturbance] = ()) -> Weather:
    """The weather at each instant; a `heat` disturbance on "weather" is a heatwave."""
    seconds = np.asarray(seconds, dtype=np.float64)
    wetness = smooth(seed, "weather/depression", seconds, 2.2 * DAY)
    cloud = 1.0 / (1.0 + np.exp(-1.4 * wetness))
    solar_hour = (seconds / HOUR) % 24.0  # the town is within a few minutes of Greenwich
    swing = (2.2 + 3.6 * (1.0 - cloud)) * np.cos(2.0 * np.pi * (solar_hour - 14.6) / 24.0)
    temperature = (
        seasonal_temperature(seconds)
        + swing
        + 2.9 * smooth(seed, "weather/air-mass", seconds, 3.4 * DAY)
        + 0.35 * smooth(seed, "weather/gusts", seconds, 0.6 * HOUR)
        + active(disturbances, HEAT, OUTSIDE, seconds, ramp=2 * HOUR)
    )
    shower = smooth(seed, "weather/showers", seconds, 0.9 * HOUR)
    rain = np.maximum(0.0, wetness - 0.75) * np.maximum(0.0, shower + 0.2) * 1.1
    humidity = np.clip(78.0 + 9.0 * wetness - 2.6 * swing, 25.0, 100.0)
    wind = np.abs(3.1 + 1.5 * wetness + 0.9 * smooth(seed, "weather/wind", seconds, 0.7 * HOUR))
    flood = smooth(seed, "river/flood", seconds, 9.0 * DAY)
    season = 0.55 * np.cos(2.0 * np.pi * (seconds / YEAR - 0.08))
    river = 1.25 + season + 0.38 * flood + 0.004 * smooth(seed, "river/waves", seconds, 600.0)
    return Weather(temperature, humidity, rain, wind, np.maximum(river, 0.12))


def sun_height(seconds: Seconds, latitude: float, longitude: float) -> Floats:
    """Height of the sun above the horizon in degrees (Spencer's series, about 0.3° exact)."""
    seconds = np.asarray(seconds, dtype=np.float64)
    days = seconds / DAY
    angle = 2.0 * np.pi * ((days - 0.5) / 365.2425 % 1.0)
    declination = (
        0.006918
        - 0.399912 * np.cos(angle)
        + 0.070257 * np.sin(angle)
        - 0.006758 * np.cos(2 * angle)
        + 0.000907 * np.sin(2 * angle)
        - 0.002697 * np.cos(3 * angle)
        + 0.00148 * np.sin(3 * angle)
    )
    equation_minutes = 229.18 * (
        0.000075
        + 0.001868 * np.cos(angle)
        - 0.032077 * np.sin(angle)
        - 0.014615 * np.cos(2 * angle)
        - 0.040849 * np.sin(2 * angle)
    )
    solar = (days % 1.0) * 24.0 + longitude / 15.0 + equation_minutes / 60.0
    hour_angle = np.pi * (solar - 12.0) / 12.0
    phi = np.radians(latitude)
    sine = np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.cos(
        hour_angle
    )
    return np.asarray(np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0))))

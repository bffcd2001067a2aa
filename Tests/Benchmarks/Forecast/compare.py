#!/usr/bin/env python3
"""Compares Frontdesk's forecast of arrivals with others on the same days.

    python3 -m venv venv && venv/bin/pip install --require-hashes -r deploy/requirements/forecast.txt
    swift build -c release --product ForecastBenchmark
    venv/bin/python Tests/Benchmarks/Forecast/compare.py .build/release/ForecastBenchmark [--recorded FILE.csv …]

Every method forecasts seven days by half hour from the days before, four times in a row (28 held-out days), with intervals of 90 %. The
synthetic days come from the recipes below, seeded; a recorded series is a CSV file with the columns `time` (ISO 8601, local) and `count`,
by hour or half hour, which stays where it is.
"""

import argparse
import csv
import datetime
import subprocess
import sys
import time

import numpy
import pandas
from statsforecast import StatsForecast
from statsforecast.models import MSTL, AutoETS, SeasonalNaive

PERIODS = 48
HELD_OUT_BLOCKS = 4
BLOCK = 7
LEVEL = 90


# MARK: Recipes


class Series:
    """Counts by day and half hour, with what is known about the calendar."""

    def __init__(self, name, first, counts, holidays=(), makeup=(), events=(), per_hour=False, rates=None):
        self.name, self.first, self.counts = name, first, counts
        self.holidays, self.makeup, self.events, self.per_hour = list(holidays), list(makeup), list(events), per_hour
        self.rates = rates

    def day(self, index):
        return self.first + datetime.timedelta(days=index)


def course(opens, closes, peaks):
    """The course of a day: bumps between opening and closing, nearly nothing outside."""
    hours = numpy.arange(PERIODS) / 2 + 0.25
    shape = sum(height * numpy.exp(-(((hours - at) / width) ** 2) / 2) for at, width, height in peaks)
    shape = numpy.where((hours >= opens) & (hours < closes), shape + 0.15, 0.01)
    return shape / shape.sum()


def synthetic(name, seed, days, per_day, *, opens=8, closes=22, trend=0.0, day_cv=0.08, slot_cv=0.1, weekend=0.6,
              holidays=True, double11=False, outliers=0.0, shift=None, end=datetime.date(2026, 6, 28)):
    """Counts are Poisson with a rate of level × trend × weekday × day's chance × course × half hour's chance; both chances are gamma."""
    random = numpy.random.default_rng(seed)
    first = end - datetime.timedelta(days=days - 1)
    working = course(opens, closes, [(10.5, 1.3, 1.0), (15.0, 1.8, 0.8), (20.0, 1.2, 0.5)])
    resting = course(opens, closes, [(11.5, 2.0, 0.8), (16.0, 2.5, 0.8), (21.0, 1.2, 0.9)])
    weekday = numpy.array([1.18, 1.08, 1.02, 1.0, 0.98, weekend, weekend * 0.9])
    off, made_up, events = set(), set(), []
    if holidays:
        for year in range(first.year, end.year + 1):
            for month, day, length in [(1, 1, 3), (5, 1, 5), (6, 19, 3), (10, 1, 7)]:
                off |= {datetime.date(year, month, day) + datetime.timedelta(days=d) for d in range(length)}
            made_up |= {d for d in [datetime.date(2025, 9, 28), datetime.date(2026, 5, 9), datetime.date(2026, 4, 26)]}
    if double11:
        for year in range(first.year, end.year + 1):
            events.append(("double-11", datetime.date(year, 11, 10), datetime.date(year, 11, 13)))
    boost = [1.4, 3.2, 2.1, 1.5]
    counts = numpy.zeros((days, PERIODS))
    known = numpy.zeros((days, PERIODS))
    level = 1.0
    for index in range(days):
        date = first + datetime.timedelta(days=index)
        level *= numpy.exp(random.normal(trend, 0.004))
        if shift and index == days - shift[0]:
            level *= shift[1]
        if date in off:
            factor, shape = 0.45, resting
        elif date in made_up:
            factor, shape = weekday[(date.weekday() + 1) % 7 if date.weekday() == 6 else 4], working
        else:
            factor, shape = weekday[date.weekday()], working if date.weekday() < 5 else resting
        for _, start, stop in events:
            if start <= date <= stop:
                factor *= boost[(date - start).days]
        known[index] = per_day * level * factor * shape
        chance = random.gamma(1 / day_cv**2, day_cv**2)
        if date in off:
            chance *= random.gamma(25, 1 / 25)
        counts[index] = random.poisson(known[index] * chance * random.gamma(1 / slot_cv**2, slot_cv**2, PERIODS))
        if random.random() < outliers:
            if random.random() < 0.5:
                counts[index, random.integers(16, 40)] *= 12
            else:
                counts[index] = 0
    return Series(name, first, counts.astype(int), off, made_up, events, rates=known)


def recipes():
    yield synthetic("steady, 2000 a day, 1 year", 1, 365, 2000)
    yield synthetic("growing 0.2 % a day, 800 a day", 2, 300, 800, trend=0.002)
    yield synthetic("small, 40 a day", 3, 300, 40, day_cv=0.15)
    yield synthetic("small, 6 a day", 4, 300, 6)
    yield synthetic("outliers and outages, 1200 a day", 5, 300, 1200, outliers=0.04)
    yield synthetic("step of 1.5 ten weeks ago, 600 a day", 6, 300, 600, shift=(70, 1.5))
    yield synthetic("very uneven days, 500 a day", 7, 300, 500, day_cv=0.25, slot_cv=0.3)
    yield synthetic("eight weeks only, 900 a day", 8, 56, 900, holidays=False)
    yield synthetic("National Day and make-up day", 9, 700, 1500, end=datetime.date(2025, 10, 12))
    yield synthetic("Double 11, seen once before", 10, 700, 1500, double11=True, end=datetime.date(2025, 11, 23))


def recorded(path):
    with open(path, newline="") as file:
        rows = [(datetime.datetime.fromisoformat(row["time"]), float(row["count"])) for row in csv.DictReader(file)]
    per_hour = all(moment.minute == 0 for moment, _ in rows)
    days = sorted({moment.date() for moment, _ in rows})
    first = days[0]
    counts = numpy.zeros(((days[-1] - first).days + 1, PERIODS), dtype=int)
    for moment, count in rows:
        day, half = (moment.date() - first).days, moment.hour * 2 + moment.minute // 30
        counts[day, half] += int(count) - int(count) // 2 if per_hour else int(count)
        if per_hour:
            counts[day, half + 1] += int(count) // 2
    return Series(path.split("/")[-1], first, counts, per_hour=per_hour)


# MARK: Methods


def ours(program, series):
    lines = [f"holiday,{day}" for day in sorted(series.holidays)]
    lines += [f"makeup,{day}" for day in sorted(series.makeup)]
    lines += [f"event,{name},{start},{stop}" for name, start, stop in series.events]
    for index, day in enumerate(series.counts):
        lines.append(f"counts,q,{series.day(index)}," + ",".join(str(count) for count in day))
    lines += [f"origin,q,{series.day(origin)}" for origin in origins(series)]
    output = subprocess.run([program], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True).stdout
    rows = numpy.array([[float(field) for field in line.split(",")[3:]] for line in output.splitlines()])
    return rows[:, 0], rows[:, 1], rows[:, 2]


def perfect(series):
    """What whoever knows the recipe would forecast: the rest is chance. Without intervals."""
    means = numpy.concatenate([series.rates[origin : origin + BLOCK].ravel() for origin in origins(series)])
    return means, None, None


def origins(series):
    days = len(series.counts)
    return [days - BLOCK * (HELD_OUT_BLOCKS - block) for block in range(HELD_OUT_BLOCKS)]


def theirs(model, series, weeks):
    """Fits to the last weeks before each origin, by half hour, as one series."""
    means, lows, highs = [], [], []
    for origin in origins(series):
        values = series.counts[max(0, origin - weeks * 7) : origin].astype(float).ravel()
        frame = pandas.DataFrame({"unique_id": "q", "ds": numpy.arange(len(values)), "y": values})
        forecast = StatsForecast(models=[model], freq=1).forecast(df=frame, h=BLOCK * PERIODS, level=[LEVEL])
        name = [column for column in forecast.columns if column not in ("unique_id", "ds") and "-" not in column][0]
        means.append(forecast[name].clip(lower=0))
        lows.append(forecast[f"{name}-lo-{LEVEL}"].clip(lower=0))
        highs.append(forecast[f"{name}-hi-{LEVEL}"].clip(lower=0))
    return tuple(numpy.concatenate(part) for part in (means, lows, highs))


def prophet(series, weeks):
    from prophet import Prophet

    means, lows, highs = [], [], []
    for origin in origins(series):
        begin = max(0, origin - weeks * 7)
        times = pandas.date_range(series.day(begin), periods=(origin - begin) * PERIODS, freq="30min")
        special = [(str(day), "holiday") for day in series.holidays]
        special += [(str(day), "makeup") for day in series.makeup]
        for name, start, stop in series.events:
            for offset in range((stop - start).days + 1):
                special.append((str(start + datetime.timedelta(days=offset)), f"{name}-{offset}"))
        holidays = pandas.DataFrame(special, columns=["ds", "holiday"]) if special else None
        if holidays is not None:
            holidays["ds"] = pandas.to_datetime(holidays["ds"])
        model = Prophet(interval_width=LEVEL / 100, holidays=holidays, seasonality_mode="multiplicative",
                        daily_seasonality=12, weekly_seasonality=False, yearly_seasonality=False, uncertainty_samples=300)
        model.add_seasonality("week", period=7, fourier_order=40)
        model.fit(pandas.DataFrame({"ds": times, "y": series.counts[begin:origin].ravel()}))
        future = pandas.DataFrame({"ds": pandas.date_range(series.day(origin), periods=BLOCK * PERIODS, freq="30min")})
        forecast = model.predict(future)
        for part, column in ((means, "yhat"), (lows, "yhat_lower"), (highs, "yhat_upper")):
            part.append(forecast[column].clip(lower=0))
    return tuple(numpy.concatenate(part) for part in (means, lows, highs))


# MARK: The table


def usual(series, origin):
    """The mean of each half hour of the week over the eight weeks before an origin."""
    weeks = min(8, origin // BLOCK)
    return series.counts[origin - weeks * BLOCK : origin].reshape(weeks, -1).mean(axis=0)


def score(series, forecast):
    mean, low, high = forecast
    actual = numpy.concatenate([series.counts[origin : origin + BLOCK].ravel() for origin in origins(series)])
    if series.per_hour:
        # Forecast by half hour, counted by hour: compared by hour, without intervals.
        actual, mean = (values.reshape(-1, 2).sum(axis=1) for values in (actual, mean))
        return numpy.abs(mean - actual).sum() / actual.sum(), (mean - actual).sum() / actual.sum(), None, None
    if low is None:
        return numpy.abs(mean - actual).sum() / actual.sum(), (mean - actual).sum() / actual.sum(), None, None
    inside = (actual >= numpy.floor(low)) & (actual <= numpy.ceil(high))
    busy = numpy.concatenate([usual(series, origin) for origin in origins(series)]) >= 1
    return (numpy.abs(mean - actual).sum() / actual.sum(), (mean - actual).sum() / actual.sum(), inside.mean(),
            inside[busy].mean() if busy.any() else None)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--recorded", nargs="*", default=[])
    parser.add_argument("--only", default="")
    parser.add_argument("--ours-only", action="store_true")
    parser.add_argument("--prophet", action="store_true")
    options = parser.parse_args()
    methods = {"Frontdesk": lambda series: ours(options.program, series)}
    if not options.ours_only:
        week = BLOCK * PERIODS
        methods["seasonal naive"] = lambda series: theirs(SeasonalNaive(season_length=week), series, 12)
        methods["MSTL + AutoETS"] = lambda series: theirs(
            MSTL(season_length=[PERIODS, week], trend_forecaster=AutoETS(model="ZZN")), series, 12)
    if options.prophet:
        methods["Prophet"] = lambda series: prophet(series, 104)
    print("| days | method | WAPE | bias | in the 90 % interval | of busy half hours | s |")
    print("|---|---|---|---|---|---|---|")
    for series in [*recipes(), *(recorded(path) for path in options.recorded)]:
        if options.only not in series.name:
            continue
        known = {"perfect knowledge": perfect} if series.rates is not None else {}
        for name, method in {**methods, **known}.items():
            began = time.monotonic()
            error, bias, covered, busy = score(series, method(series))
            seconds = time.monotonic() - began
            shares = [f"{100 * value:.0f} %" if value is not None else "–" for value in (covered, busy)]
            print(f"| {series.name} | {name} | {100 * error:.1f} % | {100 * bias:+.1f} % | {shares[0]} | {shares[1]} | {seconds:.1f} |")
            sys.stdout.flush()


if __name__ == "__main__":
    main()

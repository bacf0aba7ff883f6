"""How loggers begin a line: time, level, thread, logger name. Nothing secret, nothing after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.accuracy.draw import CLASSES, LEVELS

if TYPE_CHECKING:
    from benchmarks.accuracy.draw import Scene


def prefix(scene: Scene) -> str:
    """The start of a log line as one of 22 loggers writes it, with its trailing space; sometimes empty."""
    when, level = scene.when(), scene.pick(*LEVELS)
    iso = when.strftime("%Y-%m-%dT%H:%M:%S")
    day = when.strftime("%Y-%m-%d %H:%M:%S")
    millis = f"{when.microsecond // 1000:03d}"
    syslog = when.strftime("%b %d %H:%M:%S")
    logger, service, pid = scene.pick(*CLASSES), scene.service(), scene.number(2, 65000)
    styles = (
        "",
        f"{iso}Z ",
        f"{iso}.{millis}Z {level} ",
        f"{iso}.{when.microsecond:06d}+00:00 [{level.lower()}] ",
        f"{day},{millis} - {service.replace('-', '.')} - {level} - ",
        f"{day},{millis} {level} [main] {logger}: ",
        f"{day}.{millis}  {level} {pid} --- [nio-8080-exec-{scene.number(1, 9)}] {logger} : ",
        f"{day} UTC [{pid}] LOG:  ",
        f"{when.strftime('%Y/%m/%d %H:%M:%S')} [{level.lower()}] {pid}#0: *{scene.number(1, 9999)} ",
        f"{when.strftime('%Y/%m/%d %H:%M:%S')} main.go:{scene.number(10, 900)}: ",
        f"{syslog} {service} {service}[{pid}]: ",
        f"<{scene.number(8, 190)}>{syslog} {scene.host()} {service}: ",
        f"<{scene.number(8, 190)}>1 {iso}.{millis}Z {scene.host()} {service} {pid} - - ",
        f"[{when.strftime('%a %b %d %H:%M:%S.%f %Y')}] [core:{level.lower()}] [pid {pid}] ",
        f"[{day}] production.{level}: ",
        f"{level[0]}{when.strftime('%m%d %H:%M:%S.%f')} {pid:7d} server.go:{scene.number(10, 900)}] ",
        f"{level[0]}, [{iso}.{when.microsecond:06d} #{pid}]  {level} -- : ",
        f"{when.strftime('%m-%d %H:%M:%S')}.{millis} {pid:5d} {pid:5d} {level[0]} {service}: ",
        f"{iso}.{when.microsecond:06d}000Z stdout F ",
        f"{iso}.{millis}Z\t{scene.uuid()}\t{level}\t",
        f"{level}:{service.replace('-', '_')}:",
        f"time={iso}Z level={level.lower()} msg=",
    )
    # the empty one and plain ISO are what most containers print
    return scene.rng.choices(styles, weights=[3, 3, *[1] * (len(styles) - 2)])[0]

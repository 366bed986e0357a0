"""The rooms at the root install as heliograph.<room>; app/root is heliograph itself."""

from setuptools import find_packages, setup

ROOMS = ["app", "components", "datasources", "alerting", "storage"]

packages = ["heliograph"] + [
    f"heliograph.{name}"
    for room in ROOMS
    for name in [room, *(f"{room}.{sub}" for sub in find_packages(room))]
    if name != "app.root"
]

setup(
    packages=packages,
    package_dir={"heliograph": "app/root", **{f"heliograph.{room}": room for room in ROOMS}},
)

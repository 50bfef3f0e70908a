"""The built wheel is whole: it runs where there is no checkout, and brings its data along."""

import os
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    target = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


def run_python(installed, folder, *arguments):
    """Run Python in ``folder`` with the unpacked wheel and the third parties, nothing else.

    Without ``site`` (-S) nobody reads the .pth file that puts the checkout on the path.
    """
    paths = [str(installed), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    return subprocess.run(
        [sys.executable, "-S", "-W", "default", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "utf-8"},
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )


@pytest.mark.slow
def test_wheel_holds_every_file_of_the_packages(wheel):
    in_tree = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }
    with zipfile.ZipFile(wheel) as archive:
        in_wheel = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert any(name.endswith(".yaml") for name in in_tree)
    assert in_wheel == in_tree


@pytest.mark.slow
def test_packages_come_from_the_wheel(installed, tmp_path):
    code = f"import {', '.join(PACKAGES)}\nfor p in ({', '.join(PACKAGES)}): print(p.__file__)"
    done = run_python(installed, tmp_path, "-c", code)
    assert done.returncode == 0, done.stderr
    for package, file in zip(PACKAGES, done.stdout.splitlines(), strict=True):
        assert Path(file).resolve() == (installed / package / "__init__.py").resolve()


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["list"], ["run", "--cfg", "job"]], ids=" ".join)
def test_command_runs_from_the_wheel(installed, tmp_path, arguments):
    done = run_python(installed, tmp_path, "-m", "experiments.main", *arguments)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert not list(tmp_path.iterdir()), "asking must not write"


@pytest.mark.slow
def test_configs_are_found_in_the_wheel(installed, tmp_path):
    done = run_python(installed, tmp_path, "-m", "experiments.main", "run", "--info", "searchpath")
    assert done.returncode == 0, done.stderr
    assert "pkg://configs" in done.stdout + done.stderr


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_say_that_they_are_typed(package):
    assert (ROOT / package / "py.typed").is_file()


def test_lock_names_only_the_public_index():
    """A lock made behind a mirror works only there: lock again with no index set."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    sources = [package["source"] for package in lock["package"] if package["name"] != "bancassim"]
    assert {tuple(source.items()) for source in sources} == {
        (("registry", "https://pypi.org/simple"),)
    }
    urls = [
        file["url"]
        for package in lock["package"]
        for file in [package.get("sdist"), *package.get("wheels", [])]
        if file
    ]
    assert all(url.startswith("https://files.pythonhosted.org/packages/") for url in urls)


def test_lock_is_up_to_date():
    """``uv sync --frozen`` would pass over a requirement that was never locked."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    (own,) = [package for package in lock["package"] if package["name"] == "bancassim"]
    project = PYPROJECT["project"]
    assert own["version"] == project["version"]
    assert own["metadata"].get("requires-dist", []) == locked_form(
        {"": project["dependencies"], **project["optional-dependencies"]}
    )
    groups = PYPROJECT["dependency-groups"]
    assert own["metadata"]["requires-dev"] == {
        group: locked_form({"": requirements}) for group, requirements in groups.items()
    }


def locked_form(requirements_by_extra):
    """Requirements as uv.lock writes them."""
    rows = []
    for extra, requirements in requirements_by_extra.items():
        for requirement in map(Requirement, requirements):
            row = {"name": canonicalize_name(requirement.name)}
            if requirement.extras:
                row["extras"] = sorted(requirement.extras)
            if extra:
                row["marker"] = f"extra == '{extra}'"
            if requirement.specifier:
                parts = sorted(requirement.specifier, key=lambda part: Version(part.version))
                row["specifier"] = ",".join(map(str, parts))
            rows.append(row)
    return sorted(rows, key=lambda row: row["name"])

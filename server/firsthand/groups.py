"""The commands about what is kept: `keys`, `cache`, `data`, `config` and `learned`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from firsthand.terminal import FOLDER, JSON, faults, in_a_folder


@click.group()
def keys() -> None:
    """Keep the keys of models in the system's keyring; no file of Firsthand's holds one.

    Example: firsthand keys set mistral
    """


@keys.command("set")
@click.argument("name")
def keys_set(name: str) -> None:
    """Ask for a key, without showing it, and keep it under a name.

    Example: firsthand keys set mistral
    """
    from firsthand import keys as ring

    secret = click.prompt(f"The key for {name}", hide_input=True, prompt_suffix=": ", err=True)
    with faults():
        click.echo(ring.put(name, secret))


@keys.command("list")
def keys_list() -> None:
    """Print which configured models have their key, and where it is looked for; never a key.

    Example: firsthand keys list
    """
    from firsthand import keys as ring

    with faults():
        click.echo(ring.listed())


@keys.command("remove")
@click.argument("name")
def keys_remove(name: str) -> None:
    """Forget the key of a name.

    Example: firsthand keys remove mistral
    """
    from firsthand import keys as ring

    with faults():
        click.echo(ring.remove(name))


@click.group()
def cache() -> None:
    """Look at the completions and indexes that were kept, or forget them.

    Example: firsthand cache size
    """


@cache.command("size")
@JSON
def cache_size(as_json: bool) -> None:
    """Print how much is kept.

    Example: firsthand cache size
    """
    from firsthand import housekeeping

    with faults():
        kept = housekeeping.size()
    click.echo(json.dumps(kept.to_json()) if as_json else kept.sentence)


@cache.command("clear")
def cache_clear() -> None:
    """Forget every kept completion and every index; both are made again when needed.

    Example: firsthand cache clear
    """
    from firsthand import housekeeping

    with faults():
        click.echo(housekeeping.clear())


@click.command()
@FOLDER
@click.option("--reset", is_flag=True, help="Forget all of it, in every folder.")
@JSON
def learned(folder: Path, reset: bool, as_json: bool) -> None:
    """Print what was learned of how you work, which decides how readily texts are shown.

    Example: firsthand learned --reset
    """
    from firsthand import learning

    with faults():
        if reset:
            said = learning.forget()
            click.echo(json.dumps({"schema": 1, "forgotten": True}) if as_json else said)
            return
        found = learning.told(folder)
    click.echo(json.dumps(found.to_json()) if as_json else found.sentences)


@click.group()
def data() -> None:
    """Handle all that Firsthand keeps on this machine.

    Example: firsthand data wipe
    """


@data.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), callback=in_a_folder)
def data_export(file: Path) -> None:
    """Write the ledger, and who wrote what, to a file of one JSON object a line.

    Example: firsthand data export firsthand.jsonl
    """
    from firsthand import exporting

    with faults():
        click.echo(exporting.export(file))


@data.command("wipe")
@click.option("--yes", is_flag=True, help="Do not ask.")
def data_wipe(yes: bool) -> None:
    """Remove the cache, the indexes and what was learned, the ledger and the log.

    The configuration and the keyring stay. What was spent is forgotten as well, so that the caps
    begin anew.

    Example: firsthand data wipe --yes
    """
    from firsthand import housekeeping

    if not yes:
        click.confirm("Remove all that Firsthand learned and recorded?", abort=True, err=True)
    with faults():
        click.echo(housekeeping.wipe())


@click.group()
def config() -> None:
    """Look at the configuration.

    Example: firsthand config show
    """


@config.command("path")
def config_path() -> None:
    """Print where the configuration file is, or would be.

    Example: firsthand config path
    """
    from firsthand import paths

    with faults():
        click.echo(paths.config_file())


@config.command("schema")
def config_schema() -> None:
    """Print the JSON schema of the configuration file.

    Example: firsthand config schema > firsthand.schema.json
    """
    from firsthand.settings import schema

    click.echo(schema.text(schema.schema()), nl=False)


@config.command("show")
@FOLDER
def config_show(folder: Path) -> None:
    """Print the settings in force in a folder, and where each comes from.

    What is wrong with them is said as well, and makes the exit status 1.

    Example: firsthand config show ~/src/project
    """
    from firsthand import paths, settings
    from firsthand.settings import show

    with faults():
        loaded = settings.load(paths.config_file(), folder=folder, named=paths.config_named())
    click.echo(show.show(loaded), nl=False)
    for fault in loaded.faults:
        click.echo(str(fault), err=True)
    sys.exit(1 if loaded.faults else 0)
